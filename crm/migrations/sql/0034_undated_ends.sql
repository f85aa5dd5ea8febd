-- As before, but a superseded version whose end nobody knows is not said to apply on a past day.
CREATE OR REPLACE FUNCTION security.list_findable(
    tenant uuid, reader_roles text[], wanted_kinds text[], wanted_standards text[],
    wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean
) RETURNS TABLE (
    key int, model text, version_id uuid, document_id uuid, code text, title text,
    version_label text, status text, valid_from date, valid_to date
)
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
            WHEN v.status = 'superseded' AND v.valid_to IS NULL THEN false
            ELSE coalesce(v.valid_from, '-infinity') <= valid_on
                AND coalesce(v.valid_to, 'infinity') >= valid_on
        END
$$;
