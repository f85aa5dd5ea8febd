-- A version may have a title of its own; without one it has that of its document.
ALTER TABLE document_versions ADD COLUMN title text;

-- As before, each version under its own title.
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
            ELSE coalesce(v.valid_from, '-infinity') <= valid_on
                AND coalesce(v.valid_to, 'infinity') >= valid_on
        END
$$;

-- As before, and a name in the title of a version counts.
CREATE OR REPLACE FUNCTION public.erase_person(erasure uuid, pattern text) RETURNS TABLE(kind text, affected bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := security.begin_erasure(erasure);
    gone uuid[];
    people uuid[];
    held record;
    events bigint[];
BEGIN
    SELECT coalesce(array_agg(u.id), '{}') INTO people FROM users u
    WHERE u.tenant_id = tenant AND (u.email ~* pattern OR u.full_name ~* pattern);
    IF current_user_id() = ANY (people) THEN
        RAISE check_violation USING MESSAGE = 'self';
    END IF;
    -- A document that names them goes whole, with its file: a corrected file is read again.
    SELECT coalesce(array_agg(DISTINCT v.id), '{}') INTO gone FROM document_versions v
    JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
    WHERE v.tenant_id = tenant AND (d.title ~* pattern OR v.title ~* pattern OR d.code ~* pattern
        OR v.source_path ~* pattern
        OR EXISTS (SELECT FROM chunks c WHERE c.tenant_id = tenant AND c.version_id = v.id
            AND c.text ~* pattern)
        OR EXISTS (SELECT FROM sections s WHERE s.tenant_id = tenant AND s.version_id = v.id
            AND (s.heading ~* pattern OR s.path ~* pattern)));
    RETURN QUERY SELECT * FROM security.erase_versions(tenant, erasure, gone);
    -- Raw messages and files, whose encoding hides words: those tied to a row that names them.
    UPDATE mail_messages m SET content = ''::bytea FROM emails e
    WHERE m.tenant_id = tenant AND e.tenant_id = tenant AND e.id = m.email_id
        AND concat_ws(' ', e.from_address, array_to_string(e.to_addresses, ' '), e.subject,
            e.body_text) ~* pattern;
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'raw_mails';
    RETURN NEXT;
    UPDATE tender_files f SET content = ''::bytea FROM tender_analyses t
    WHERE f.tenant_id = tenant AND t.tenant_id = tenant AND t.id = f.analysis_id
        AND t.analysis::text ~* pattern;
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'tender_files';
    RETURN NEXT;
    DELETE FROM mail_poison p WHERE p.tenant_id = tenant AND (p.name ~* pattern
        OR encode(coalesce(p.content, ''), 'escape') ~* pattern);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'set_aside';
    RETURN NEXT;
    DELETE FROM security.once_requests o WHERE o.tenant_id = tenant;
    kind := 'checkpoints';
    affected := security.erase_checkpoints(tenant);
    RETURN NEXT;
    UPDATE contacts c SET name = 'Personne effacée', email = NULL, phone = NULL, role = NULL,
        consent_origin = NULL, preferred_channel = NULL
    WHERE c.tenant_id = tenant AND security.name_contact(c) ~* pattern;
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'contacts';
    RETURN NEXT;
    kind := 'jobs';
    affected := security.erase_jobs(tenant,
        array_to_string(array_append(people::text[], pattern), '|'));
    RETURN NEXT;
    -- A colleague's own exchanges go; what they approved stays, under an identifier alone.
    DELETE FROM conversations c WHERE c.tenant_id = tenant AND c.user_id = ANY (people);
    UPDATE proposals p SET status = 'rejected', status_reason = 'Personne effacée',
        settled_at = clock_timestamp()
    WHERE p.tenant_id = tenant AND p.status IN ('pending', 'approved')
        AND (p.canonical ~* pattern OR p.proposer_id = ANY (people));
    DELETE FROM security.passwords w WHERE w.user_id = ANY (people);
    DELETE FROM security.sessions s WHERE s.user_id = ANY (people);
    DELETE FROM security.directory_accounts a WHERE a.user_id = ANY (people);
    UPDATE security.api_keys k SET revoked_at = clock_timestamp(), revoked_by = current_user_id()
    WHERE k.user_id = ANY (people) AND k.revoked_at IS NULL;
    UPDATE users u SET full_name = 'Personne effacée', job_title = NULL, is_active = false,
        email = 'efface-' || left(u.id::text, 8) || '@invalide.example'
    WHERE u.tenant_id = tenant AND u.id = ANY (people);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'user_accounts';
    RETURN NEXT;
    FOR held IN SELECT * FROM security.list_worded_columns() LOOP
        affected := security.mask_column(
            tenant, erasure, held.place, held.name, held.kind, pattern);
        IF affected > 0 THEN
            kind := held.place::text;
            RETURN NEXT;
        END IF;
    END LOOP;
    SELECT coalesce(array_agg(e.id ORDER BY e.id), '{}') INTO events FROM audit_events e
    WHERE e.tenant_id = tenant AND e.erased_in = erasure;
    PERFORM security.add_event(tenant, 'erased', current_user_id(), NULL, erasure, NULL,
        jsonb_build_object('erasure', erasure, 'events', events, 'proposals', (
            SELECT coalesce(jsonb_agg(p.id), '[]') FROM proposals p
            WHERE p.tenant_id = tenant AND p.erased_in = erasure)));
    PERFORM seal_audit(tenant);
END
$$;

-- As before, and a version ends on the eve of the one approved for later.
CREATE OR REPLACE FUNCTION security.end_former_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date;
    starts date := coalesce(NEW.valid_from, today);
BEGIN
    UPDATE document_versions v SET
        valid_to = least(coalesce(v.valid_to, 'infinity'), greatest(v.valid_from, starts - 1)),
        status = CASE WHEN starts <= today THEN 'superseded' ELSE v.status END
    WHERE v.tenant_id = NEW.tenant_id AND v.document_id = NEW.document_id AND v.id <> NEW.id
        AND v.status = 'in_force' AND coalesce(v.valid_from, '-infinity') <= starts;
    UPDATE document_versions v SET valid_to = least(coalesce(v.valid_to, 'infinity'), later.eve)
    FROM (SELECT min(o.valid_from) - 1 AS eve FROM document_versions o
        WHERE o.tenant_id = NEW.tenant_id AND o.document_id = NEW.document_id AND o.id <> NEW.id
            AND o.status = 'in_force' AND o.valid_from > starts) AS later
    WHERE v.tenant_id = NEW.tenant_id AND v.id = NEW.id
        AND later.eve < coalesce(v.valid_to, 'infinity');
    RETURN NULL;
END
$$;
