-- What an erasure reaches, and what stands after it.

-- Each match is masked where it stands, and nowhere else. In a JSON text an escape counts for
-- the one character it writes: the decoded text keeps its length.
CREATE OR REPLACE FUNCTION security.mask(given text, pattern text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT string_agg(line.kept || coalesce(repeat('█', length(
        regexp_replace(line.found, '\\+(?:[nrtbf]|u[0-9a-f]{4})', ' ', 'gi'))), ''), ''
        ORDER BY line.place)
    FROM unnest(
        regexp_split_to_array(given, pattern, 'i'),
        ARRAY(SELECT m[1] FROM regexp_matches(given, '(' || pattern || ')', 'gi') AS m)
    ) WITH ORDINALITY AS line (kept, found, place)
$$;

-- Contacts and users too: once the person's own rows are emptied, what is left of them is in the
-- words of others ("assistant of ...").
CREATE OR REPLACE FUNCTION security.list_worded_columns()
    RETURNS TABLE (place regclass, name text, kind text)
    LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
    SELECT c.oid::regclass, a.attname::text, format_type(a.atttypid, NULL)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = ''
    WHERE c.relnamespace IN ('public'::regnamespace, 'security'::regnamespace)
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'jsonb')
        AND EXISTS (SELECT FROM pg_attribute t
            WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped)
        AND c.relname <> 'erasures'
    ORDER BY 1, 2
$$;

CREATE FUNCTION security.name_contact(contact contacts) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT concat_ws(E'\n', contact.name, contact.email, contact.phone)
$$;
CREATE FUNCTION security.reduce_address(given text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN given LIKE '%@%' THEN lower(given)
        ELSE right(regexp_replace(given, '\D', '', 'g'), 9) END
$$;

-- The addresses and telephones that the rows of whom `pattern` names give to them alone: one
-- shared with somebody else (a switchboard, a common mailbox) names nobody.
CREATE FUNCTION list_own_addresses(pattern text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
BEGIN
    IF tenant IS NULL OR NOT 'admin' = ANY (current_roles()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an administrator looks everywhere';
    END IF;
    RETURN QUERY WITH held AS (
        SELECT security.name_contact(c) ~* pattern AS is_named, address FROM contacts c
        CROSS JOIN LATERAL (
            SELECT m[1] FROM regexp_matches(c.phone, '((?:\+|00)?\d[\d\s.()-]{7,}\d)', 'g') AS m
            UNION ALL SELECT c.email
        ) AS held (address)
        WHERE c.tenant_id = tenant
        UNION ALL
        SELECT u.full_name || E'\n' || u.email ~* pattern, u.email FROM users u
        WHERE u.tenant_id = tenant
    )
    SELECT DISTINCT h.address FROM held h WHERE h.is_named AND h.address <> '' AND NOT EXISTS (
        SELECT FROM held o WHERE NOT o.is_named
            AND security.reduce_address(o.address) = security.reduce_address(h.address))
    ORDER BY 1;
END
$$;

-- What was asked of the queue for whom or what `named` matches goes; a job that runs is masked.
-- A job without a firm in its arguments is of the installation's one firm.
CREATE FUNCTION security.erase_jobs(tenant uuid, named text) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, public, jobs, pg_temp AS $$
DECLARE
    removed bigint;
    masked bigint;
BEGIN
    IF named = '' THEN
        RETURN 0;
    END IF;
    DELETE FROM procrastinate_jobs j WHERE j.status <> 'doing' AND j.args::text ~* named
        AND coalesce(j.args ->> 'tenant_id', tenant::text) = tenant::text;
    GET DIAGNOSTICS removed = ROW_COUNT;
    UPDATE procrastinate_jobs j SET args = security.mask(j.args::text, named)::jsonb
    WHERE j.args::text ~* named
        AND coalesce(j.args ->> 'tenant_id', tenant::text) = tenant::text;
    GET DIAGNOSTICS masked = ROW_COUNT;
    RETURN removed + masked;
END
$$;

CREATE OR REPLACE FUNCTION erase_person(erasure uuid, pattern text)
    RETURNS TABLE (kind text, affected bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
    WHERE v.tenant_id = tenant AND (d.title ~* pattern OR d.code ~* pattern
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

CREATE OR REPLACE FUNCTION find_traces(pattern text) RETURNS TABLE (place text, hits bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
    held record;
BEGIN
    IF tenant IS NULL OR NOT 'admin' = ANY (current_roles()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an administrator looks everywhere';
    END IF;
    FOR held IN SELECT * FROM security.list_worded_columns() LOOP
        EXECUTE format('SELECT count(*) FROM %s WHERE tenant_id = $1 AND %s ~* $2', held.place,
            CASE held.kind WHEN 'text[]' THEN format('array_to_string(%I, E''\n'')', held.name)
                ELSE format('%I::text', held.name) END)
        INTO hits USING tenant, pattern;
        IF hits > 0 THEN
            place := held.place::text || '.' || held.name;
            RETURN NEXT;
        END IF;
    END LOOP;
    SELECT count(*) INTO hits FROM jobs.procrastinate_jobs j WHERE j.args::text ~* pattern
        AND coalesce(j.args ->> 'tenant_id', tenant::text) = tenant::text;
    IF hits > 0 THEN
        place := 'jobs.args';
        RETURN NEXT;
    END IF;
END
$$;

-- Erases a document, the exchanges that quoted it and the analyses that were made of it.
CREATE OR REPLACE FUNCTION erase_document(erasure uuid, erased_code text)
    RETURNS TABLE (kind text, affected bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := security.begin_erasure(erasure);
    gone uuid[];
    quoting uuid[];
    hashes text[];
    analyses uuid[];
BEGIN
    SELECT coalesce(array_agg(v.id), '{}') INTO gone FROM document_versions v
    JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
    WHERE v.tenant_id = tenant AND d.code = erased_code;
    SELECT coalesce(array_agg(DISTINCT t.id), '{}') INTO quoting FROM turns t
    LEFT JOIN tool_runs r ON r.tenant_id = t.tenant_id AND r.turn_id = t.id
    WHERE t.tenant_id = tenant AND EXISTS (SELECT FROM unnest(gone) AS g
        WHERE position(g::text IN t.answer::text) > 0 OR position(g::text IN r.result::text) > 0);
    UPDATE answer_proofs p SET canonical = '{"erased":true}', erased_in = erasure
    WHERE p.tenant_id = tenant AND (p.turn_id = ANY (quoting) OR EXISTS (
        SELECT FROM unnest(gone) AS g WHERE position(g::text IN p.canonical) > 0));
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'answer_proofs';
    RETURN NEXT;
    DELETE FROM turns t WHERE t.tenant_id = tenant AND t.id = ANY (quoting);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'turns';
    RETURN NEXT;
    -- An analysis quotes the pieces it was given: it names each by the start of its hash.
    SELECT coalesce(array_agg(DISTINCT v.sha256), '{}') INTO hashes FROM document_versions v
    WHERE v.tenant_id = tenant AND v.id = ANY (gone);
    SELECT coalesce(array_agg(t.id), '{}') INTO analyses FROM tender_analyses t
    WHERE t.tenant_id = tenant AND (
        EXISTS (SELECT FROM tender_files f
            WHERE f.tenant_id = tenant AND f.analysis_id = t.id AND f.sha256 = ANY (hashes))
        OR EXISTS (SELECT FROM unnest(hashes) AS h
            WHERE position(left(h, 16) IN t.analysis::text) > 0)
        OR EXISTS (SELECT FROM unnest(gone) AS g WHERE position(g::text IN t.analysis::text) > 0));
    DELETE FROM tender_files f WHERE f.tenant_id = tenant AND f.analysis_id = ANY (analyses);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'tender_files';
    RETURN NEXT;
    DELETE FROM tender_analyses t WHERE t.tenant_id = tenant AND t.id = ANY (analyses);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'tender_analyses';
    RETURN NEXT;
    kind := 'jobs';
    affected := security.erase_jobs(tenant,
        array_to_string(array_cat(array_cat(gone, analyses)::text[], hashes), '|'));
    RETURN NEXT;
    UPDATE knowledge_gaps g SET nearest = ARRAY(SELECT n FROM unnest(g.nearest) AS n
        WHERE NOT starts_with(n, erased_code || ' – '))
    WHERE g.tenant_id = tenant AND EXISTS (SELECT FROM unnest(g.nearest) AS n
        WHERE starts_with(n, erased_code || ' – '));
    DELETE FROM security.once_requests o WHERE o.tenant_id = tenant;
    kind := 'checkpoints';
    affected := security.erase_checkpoints(tenant);
    RETURN NEXT;
    RETURN QUERY SELECT * FROM security.erase_versions(tenant, erasure, gone);
    PERFORM security.add_event(tenant, 'erased', current_user_id(), NULL, erasure, NULL,
        jsonb_build_object('erasure', erasure, 'events', '[]'::jsonb, 'proposals', '[]'::jsonb));
    PERFORM seal_audit(tenant);
END
$$;

REVOKE ALL ON FUNCTION security.name_contact, security.reduce_address, security.erase_jobs,
    list_own_addresses FROM PUBLIC;
GRANT EXECUTE ON FUNCTION list_own_addresses TO gatekeeper;

-- An erasure names identifiers alone: any member of the firm may see that it explains what is
-- missing from their own proof.
CREATE POLICY erasures ON audit_events FOR SELECT TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id()) AND kind = 'erased');

-- A review date that was approved says nothing of the version itself: each is decided apart.
-- What was noted of review dates alone until now is put right, without aging the rows.
ALTER TABLE document_versions ADD COLUMN review_decided_at timestamptz;
ALTER TABLE document_versions DISABLE TRIGGER count_version;
UPDATE document_versions SET review_decided_at = decided_at WHERE decided_at IS NOT NULL;
UPDATE document_versions v SET decided_at = NULL
WHERE v.status <> 'superseded' AND (
    SELECT bool_and(NOT (p.canonical::jsonb -> 'fields') ?| ARRAY['status', 'valid_from', 'valid_to'])
    FROM proposals p
    WHERE p.tenant_id = v.tenant_id AND p.object = 'document_versions' AND p.record_id = v.id
        AND p.status = 'executed');
ALTER TABLE document_versions ENABLE TRIGGER count_version;
CREATE OR REPLACE FUNCTION security.mark_decision() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.status, NEW.valid_from, NEW.valid_to)
        IS DISTINCT FROM (OLD.status, OLD.valid_from, OLD.valid_to)
    THEN
        NEW.decided_at := clock_timestamp();
    END IF;
    IF NEW.review_due_on IS DISTINCT FROM OLD.review_due_on THEN
        NEW.review_decided_at := clock_timestamp();
    END IF;
    RETURN NEW;
END
$$;
