-- Erasure of a person or of a document, and retention: what goes, what the chain keeps of it.
-- A masked text keeps its length, so that every span over it still holds.

ALTER TABLE audit_events ADD COLUMN erased_in uuid;
ALTER TABLE proposals ADD COLUMN erased_in uuid;
ALTER TABLE answer_proofs ADD COLUMN erased_in uuid;

-- `subject` is a keyed digest of whom or what was erased: nothing here names them.
CREATE TABLE erasures (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    kind text NOT NULL CHECK (kind IN ('person', 'document', 'retention')),
    subject text NOT NULL,
    asked_by uuid,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    preview_digest text,
    done_at timestamptz,
    certificate text,
    signature text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, asked_by) REFERENCES users (tenant_id, id)
);
-- Files that must not be read again as they are.
CREATE TABLE erased_files (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    sha256 text NOT NULL,
    erasure_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);
ALTER TABLE erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased_files ENABLE ROW LEVEL SECURITY;
CREATE POLICY administered ON erasures TO gatekeeper USING (
    tenant_id = (SELECT current_tenant_id()) AND 'admin' = ANY ((SELECT current_roles())::text[])
);
CREATE POLICY writer ON erased_files FOR SELECT TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, UPDATE (preview_digest, done_at, certificate, signature) ON erasures
    TO gatekeeper;
GRANT SELECT ON erased_files TO knowledge_writer;

-- Only the functions below, run by the schema's owner, change what is kept for ever: the setting
-- opens nothing to a role that was granted no right to write.
CREATE FUNCTION security.is_erasing(tenant uuid) RETURNS boolean
    LANGUAGE sql STABLE AS $$
    SELECT current_user = (SELECT tableowner FROM pg_catalog.pg_tables
            WHERE schemaname = 'public' AND tablename = 'erasures')
        AND current_setting('voltaire.erasing', true) IS NOT DISTINCT FROM tenant::text
$$;
CREATE OR REPLACE FUNCTION security.keep_forever() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_has_role(session_user, 'migrator', 'MEMBER')
        AND OLD.tenant_id::text = ANY (
            string_to_array(current_setting('voltaire.erased_tenants', true), ','))
    THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' AND security.is_erasing(OLD.tenant_id) THEN
        RETURN NEW;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END
$$;
CREATE OR REPLACE FUNCTION security.freeze_proposal() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.tenant_id, OLD.key, OLD.canonical, OLD.digest, OLD.nonce, OLD.proposer_id,
        OLD.operation, OLD.object, OLD.record_id, OLD.account_id, OLD.origin, OLD.is_tainted,
        OLD.created_at, OLD.expires_at)
        IS DISTINCT FROM
       (NEW.id, NEW.tenant_id, NEW.key, NEW.canonical, NEW.digest, NEW.nonce, NEW.proposer_id,
        NEW.operation, NEW.object, NEW.record_id, NEW.account_id, NEW.origin, NEW.is_tainted,
        NEW.created_at, NEW.expires_at)
        AND NOT security.is_erasing(OLD.tenant_id)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'a proposal does not change';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION security.mask(given text, pattern text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog AS $$
DECLARE
    piece text;
BEGIN
    FOR piece IN SELECT DISTINCT m[1] FROM regexp_matches(given, '(' || pattern || ')', 'gi') AS m
        ORDER BY 1 DESC
    LOOP
        given := replace(given, piece, repeat('█', length(piece)));
    END LOOP;
    RETURN given;
END
$$;

-- Every column of the firm's rows that may hold words, found in the catalogue: a table added
-- later is covered from its first day.
CREATE FUNCTION security.list_worded_columns()
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
        AND c.relname NOT IN ('erasures', 'users', 'tenants', 'contacts')
    ORDER BY 1, 2
$$;

CREATE FUNCTION security.begin_erasure(erasure uuid) RETURNS uuid
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
BEGIN
    IF tenant IS NULL OR NOT 'admin' = ANY (current_roles())
        OR NOT EXISTS (SELECT FROM erasures e WHERE e.tenant_id = tenant AND e.id = erasure
            AND e.done_at IS NULL)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an administrator erases';
    END IF;
    PERFORM set_config('voltaire.erasing', tenant::text, true);
    RETURN tenant;
END
$$;

-- Versions go with all that was drawn from them, their files too; those bytes are refused later.
CREATE FUNCTION security.erase_versions(tenant uuid, erasure uuid, gone uuid[])
    RETURNS TABLE (kind text, affected bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    hashes text[];
BEGIN
    SELECT coalesce(array_agg(DISTINCT v.sha256), '{}') INTO hashes FROM document_versions v
    WHERE v.tenant_id = tenant AND v.id = ANY (gone);
    RETURN QUERY SELECT 'chunks'::text, count(*) FROM chunks c
        WHERE c.tenant_id = tenant AND c.version_id = ANY (gone);
    RETURN QUERY SELECT 'vectors'::text, count(*) FROM sentence_vectors s
        JOIN index_versions i ON i.tenant_id = s.tenant_id AND i.key = s.version_key
        WHERE i.tenant_id = tenant AND i.version_id = ANY (gone);
    INSERT INTO erased_files (tenant_id, sha256, erasure_id)
    SELECT tenant, h, erasure FROM unnest(hashes) AS h ON CONFLICT DO NOTHING;
    DELETE FROM ingestion_files f WHERE f.tenant_id = tenant AND (f.sha256 = ANY (hashes)
        OR f.source_path IN (SELECT v.source_path FROM document_versions v
            WHERE v.tenant_id = tenant AND v.id = ANY (gone)));
    DELETE FROM document_readings r WHERE r.tenant_id = tenant AND r.version_id = ANY (gone);
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
END
$$;

-- A run's own state is of no use once it has ended: a firm's whole lot goes.
CREATE FUNCTION security.erase_checkpoints(tenant uuid) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    place text;
    removed bigint := 0;
    step bigint;
BEGIN
    FOREACH place IN ARRAY ARRAY['checkpoint_writes', 'checkpoint_blobs', 'checkpoints'] LOOP
        EXECUTE format('DELETE FROM checkpoints.%I c USING public.users u
            WHERE u.tenant_id = $1 AND split_part(c.thread_id, '':'', 1) = u.id::text', place)
        USING tenant;
        GET DIAGNOSTICS step = ROW_COUNT;
        removed := removed + step;
    END LOOP;
    RETURN removed;
END
$$;

-- Masks `pattern` in one column; what the chain or a digest covers is marked as erased.
CREATE FUNCTION security.mask_column(
    tenant uuid, erasure uuid, place regclass, name text, kind text, pattern text
) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    masked text := CASE kind
        WHEN 'text' THEN 'security.mask(%1$I, $2)'
        WHEN 'jsonb' THEN 'security.mask(%1$I::text, $2)::jsonb'
        ELSE 'ARRAY(SELECT security.mask(item, $2) FROM unnest(%1$I) AS item)' END;
    searched text := CASE kind WHEN 'text[]' THEN 'array_to_string(%1$I, E''\n'')' ELSE '%1$I::text' END;
    marked text := '';
    affected bigint;
BEGIN
    IF place IN ('public.audit_events'::regclass, 'public.proposals'::regclass,
        'public.answer_proofs'::regclass)
    THEN
        marked := ', erased_in = $3';
    END IF;
    EXECUTE format('UPDATE %s SET %I = %s%s WHERE tenant_id = $1 AND %s ~* $2',
        place, name, format(masked, name), marked, format(searched, name))
    USING tenant, pattern, erasure;
    GET DIAGNOSTICS affected = ROW_COUNT;
    RETURN affected;
END
$$;

-- Erases whom `pattern` names, everywhere in the firm. Run and rolled back, it is the preview.
-- The erasure is sealed at once: until then the chain would not explain what is missing.
CREATE FUNCTION erase_person(erasure uuid, pattern text)
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
    WHERE c.tenant_id = tenant AND concat_ws(' ', c.name, c.email) ~* pattern;
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'contacts';
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

-- Erases a document, and the exchanges that quoted it.
CREATE FUNCTION erase_document(erasure uuid, erased_code text)
    RETURNS TABLE (kind text, affected bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := security.begin_erasure(erasure);
    gone uuid[];
    quoting uuid[];
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

-- What still names them anywhere, column by column: nothing, once erased.
CREATE FUNCTION find_traces(pattern text) RETURNS TABLE (place text, hits bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
    held record;
BEGIN
    IF tenant IS NULL OR NOT 'admin' = ANY (current_roles()) THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an administrator looks everywhere';
    END IF;
    FOR held IN
        SELECT * FROM security.list_worded_columns()
        UNION ALL SELECT 'public.contacts'::regclass, n, 'text'
            FROM unnest(ARRAY['name', 'email']) AS n
        UNION ALL SELECT 'public.users'::regclass, n, 'text'
            FROM unnest(ARRAY['full_name', 'email']) AS n
    LOOP
        EXECUTE format('SELECT count(*) FROM %s WHERE tenant_id = $1 AND %s ~* $2', held.place,
            CASE held.kind WHEN 'text[]' THEN format('array_to_string(%I, E''\n'')', held.name)
                ELSE format('%I::text', held.name) END)
        INTO hits USING tenant, pattern;
        IF hits > 0 THEN
            place := held.place::text || '.' || held.name;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;

-- Removes what has outlived its period. Run by the background jobs, for their own firm.
CREATE FUNCTION apply_retention(kept text, before timestamptz) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant uuid := current_tenant_id();
    erasure uuid := gen_random_uuid();
    affected bigint := 0;
BEGIN
    IF tenant IS NULL OR before > clock_timestamp() - interval '1 day' THEN
        RAISE insufficient_privilege USING MESSAGE = 'nothing of today is removed';
    END IF;
    PERFORM set_config('voltaire.erasing', tenant::text, true);
    CASE kept
        WHEN 'conversations' THEN
            DELETE FROM conversations c WHERE c.tenant_id = tenant AND c.updated_at < before;
        WHEN 'proofs' THEN
            UPDATE answer_proofs p SET canonical = '{"erased":true}', erased_in = erasure
            WHERE p.tenant_id = tenant AND p.made_at < before AND p.erased_in IS NULL;
        WHEN 'raw_mails' THEN
            UPDATE mail_messages m SET content = ''::bytea
            WHERE m.tenant_id = tenant AND m.added_at < before AND m.content <> ''::bytea;
        WHEN 'set_aside' THEN
            DELETE FROM mail_poison p WHERE p.tenant_id = tenant AND p.seen_at < before;
        WHEN 'questions' THEN
            DELETE FROM knowledge_gaps g WHERE g.tenant_id = tenant AND g.last_asked_at < before
                AND g.status IN ('closed', 'dismissed');
        WHEN 'removed_files' THEN
            DELETE FROM ingestion_files f WHERE f.tenant_id = tenant AND f.seen_at < before
                AND f.state = 'removed';
        ELSE RAISE invalid_parameter_value USING MESSAGE = 'not a kind of data with a period';
    END CASE;
    GET DIAGNOSTICS affected = ROW_COUNT;
    IF affected > 0 THEN
        INSERT INTO erasures (id, tenant_id, kind, subject, done_at)
        VALUES (erasure, tenant, 'retention', kept, clock_timestamp());
        PERFORM security.add_event(tenant, 'erased', NULL, NULL, erasure, NULL,
            jsonb_build_object('erasure', erasure, 'retention', kept, 'before', before,
                'count', affected, 'events', '[]'::jsonb, 'proposals', '[]'::jsonb));
    END IF;
    RETURN affected;
END
$$;

REVOKE ALL ON FUNCTION security.is_erasing, security.mask, security.list_worded_columns,
    security.begin_erasure, security.erase_versions, security.erase_checkpoints,
    security.mask_column, erase_person, erase_document, find_traces, apply_retention FROM PUBLIC;
GRANT EXECUTE ON FUNCTION security.is_erasing TO PUBLIC;
GRANT EXECUTE ON FUNCTION erase_person, erase_document, find_traces TO gatekeeper;
GRANT EXECUTE ON FUNCTION apply_retention TO knowledge_writer;
