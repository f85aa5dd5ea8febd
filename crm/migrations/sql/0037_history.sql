-- A version withdrawn since answers for the days when it applied. A withdrawal used to be kept as the
-- last day of a version: it is the first one when the version no longer applies. One withdrawn
-- before it ever applied, or whose end is unknown, answers for no day.
CREATE OR REPLACE FUNCTION security.list_findable(tenant uuid, reader_roles text[], wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean) RETURNS TABLE(key integer, model text, version_id uuid, document_id uuid, code text, title text, version_label text, status text, valid_from date, valid_to date)
    LANGUAGE sql STABLE
    AS $$
    -- Filters stand in CASE so that the planner does not multiply guesses down to one row.
    SELECT i.key, i.model, v.id, d.id, d.code, coalesce(v.title, d.title), v.label, v.status,
        v.valid_from, v.valid_to
    FROM public.documents d
    JOIN public.document_versions v ON v.document_id = d.id
    JOIN public.index_versions i ON i.version_id = v.id
    WHERE d.tenant_id = tenant AND v.tenant_id = tenant AND i.tenant_id = tenant
        AND CASE
            WHEN NOT d.access && (reader_roles || 'all'::text) THEN false
            WHEN v.status IN ('draft', 'in_review')
                AND NOT reader_roles && ARRAY['quality', 'director', 'admin'] THEN false
            WHEN cardinality(wanted_kinds) > 0 AND d.kind <> ALL (wanted_kinds) THEN false
            WHEN cardinality(wanted_standards) > 0
                AND NOT d.standards && wanted_standards THEN false
            WHEN cardinality(wanted_codes) > 0 AND d.code <> ALL (wanted_codes) THEN false
            ELSE true
        END
        AND CASE
            WHEN v.status <> ALL (wanted_statuses) THEN false
            WHEN v.status <> 'in_force' AND NOT in_history THEN true
            WHEN v.status IN ('superseded', 'withdrawn') AND v.valid_to IS NULL THEN false
            ELSE coalesce(v.valid_from, '-infinity') <= valid_on
                AND coalesce(v.valid_to, 'infinity') >= valid_on
        END
$$;

ALTER TABLE document_versions DISABLE TRIGGER USER;
UPDATE document_versions SET valid_to = valid_to - 1
WHERE status = 'withdrawn' AND valid_to = (decided_at AT TIME ZONE 'Europe/Paris')::date;
ALTER TABLE document_versions ENABLE TRIGGER USER;

-- The day the text of a version last changed under its number: what it said before is not kept.
ALTER TABLE document_versions ADD COLUMN text_changed_on date;

-- What was proposed of a version or of a document goes with it: nothing is left to approve.
CREATE OR REPLACE FUNCTION security.erase_versions(tenant uuid, erasure uuid, gone uuid[]) RETURNS TABLE(kind text, affected bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    hashes text[];
BEGIN
    SELECT coalesce(array_agg(DISTINCT v.sha256), '{}') INTO hashes FROM document_versions v
    WHERE v.tenant_id = tenant AND v.id = ANY (gone);
    RETURN QUERY SELECT 'chunks'::text, count(*) FROM chunks c
        WHERE c.tenant_id = tenant AND c.version_id = ANY (gone);
    RETURN QUERY SELECT 'vectors'::text, count(*) FROM passage_vectors s
        JOIN index_versions i ON i.tenant_id = s.tenant_id AND i.key = s.version_key
        WHERE i.tenant_id = tenant AND i.version_id = ANY (gone);
    INSERT INTO erased_files (tenant_id, sha256, erasure_id)
    SELECT tenant, h, erasure FROM unnest(hashes) AS h ON CONFLICT DO NOTHING;
    DELETE FROM ingestion_files f WHERE f.tenant_id = tenant AND (f.sha256 = ANY (hashes)
        OR f.source_path IN (SELECT v.source_path FROM document_versions v
            WHERE v.tenant_id = tenant AND v.id = ANY (gone)));
    DELETE FROM document_readings r WHERE r.tenant_id = tenant AND r.version_id = ANY (gone);
    UPDATE proposals p SET status = 'rejected', status_reason = 'Document effacé',
        settled_at = clock_timestamp()
    WHERE p.tenant_id = tenant AND p.status IN ('pending', 'approved') AND (
        p.object = 'document_versions' AND p.record_id = ANY (gone)
        OR p.object = 'documents' AND p.record_id IN (
            SELECT d.id FROM documents d WHERE d.tenant_id = tenant AND NOT EXISTS (
                SELECT FROM document_versions v WHERE v.tenant_id = tenant
                    AND v.document_id = d.id AND v.id <> ALL (gone))));
    DELETE FROM document_versions v WHERE v.tenant_id = tenant AND v.id = ANY (gone);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'versions';
    RETURN NEXT;
    DELETE FROM documents d WHERE d.tenant_id = tenant AND NOT EXISTS (
        SELECT FROM document_versions v WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id);
    DELETE FROM document_files f WHERE f.tenant_id = tenant AND NOT EXISTS (
        SELECT FROM document_versions v WHERE v.tenant_id = f.tenant_id AND v.sha256 = f.sha256);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'files';
    RETURN NEXT;
    kind := 'words';
    affected := security.forget_words(tenant);
    RETURN NEXT;
END
$$;
