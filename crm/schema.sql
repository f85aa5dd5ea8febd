CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE SCHEMA security;

CREATE FUNCTION public.apply_retention(kept text, before timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    tenant uuid := current_tenant_id();
    erasure uuid := gen_random_uuid();
    affected bigint := 0;
    others bigint;
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
            GET DIAGNOSTICS affected = ROW_COUNT;
            DELETE FROM feedback f WHERE f.tenant_id = tenant AND f.given_at < before
                AND f.review = 'dismissed';
        WHEN 'removed_files' THEN
            DELETE FROM ingestion_files f WHERE f.tenant_id = tenant AND f.seen_at < before
                AND f.state = 'removed';
        ELSE RAISE invalid_parameter_value USING MESSAGE = 'not a kind of data with a period';
    END CASE;
    GET DIAGNOSTICS others = ROW_COUNT;
    affected := affected + others;
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

CREATE FUNCTION public.approve_proposals(ids uuid[], digests text[], needed integer[], shown_digest text, by_policy boolean DEFAULT false, hourly integer DEFAULT NULL::integer) RETURNS TABLE(proposal_id uuid, status text)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := current_tenant_id();
    person uuid := CASE WHEN by_policy THEN NULL ELSE current_user_id() END;
    batch uuid := gen_random_uuid();
    p proposals;
    line int;
    given int;
    known int;
BEGIN
    IF tenant IS NULL OR NOT (by_policy OR current_roles() && ARRAY['sales', 'quality', 'director'])
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'this identity may not approve';
    END IF;
    IF cardinality(ids) NOT BETWEEN 1 AND 200 OR cardinality(ids) <> cardinality(digests)
        OR cardinality(ids) <> cardinality(needed)
        OR security.digest_of(security.batch_text(ids, digests)) IS DISTINCT FROM shown_digest
    THEN
        RAISE check_violation USING MESSAGE = 'batch';
    END IF;
    IF (SELECT count(DISTINCT coalesce(x.account_id::text, '-')) FROM proposals x
        WHERE x.tenant_id = tenant AND x.id = ANY (ids)) > 1
    THEN
        RAISE check_violation USING MESSAGE = 'accounts';
    END IF;
    -- The same click again changes nothing and tells what became of the first.
    PERFORM FROM proposals x WHERE x.tenant_id = tenant AND x.id = ANY (ids) ORDER BY x.id
    FOR UPDATE;
    SELECT count(*) INTO known FROM approvals a JOIN unnest(ids, digests) AS l (id, digest)
        ON a.proposal_id = l.id AND a.digest = l.digest
    WHERE a.tenant_id = tenant AND a.approver_id IS NOT DISTINCT FROM person;
    IF known = cardinality(ids) THEN
        RETURN QUERY SELECT x.id, x.status FROM proposals x
            WHERE x.tenant_id = tenant AND x.id = ANY (ids);
        RETURN;
    END IF;
    IF hourly IS NOT NULL AND hourly < cardinality(ids) + (SELECT count(*) FROM (
        SELECT FROM approvals a WHERE a.tenant_id = tenant AND a.approver_id = person
            AND a.decided_at > now() - interval '1 hour' LIMIT hourly) AS recent)
    THEN
        RAISE check_violation USING MESSAGE = 'quantity';
    END IF;
    FOR p IN
        SELECT x.* FROM proposals x WHERE x.tenant_id = tenant AND x.id = ANY (ids) ORDER BY x.id
    LOOP
        line := array_position(ids, p.id);
        IF p.status <> 'pending' OR p.digest <> digests[line] OR p.expires_at <= clock_timestamp()
            OR (by_policy AND p.is_tainted)
        THEN
            RAISE check_violation USING MESSAGE = 'line', DETAIL = p.id::text;
        END IF;
        INSERT INTO approvals (tenant_id, proposal_id, kind, approver_id, digest, needed, batch_id,
            batch_digest)
        VALUES (tenant, p.id, CASE WHEN by_policy THEN 'policy' ELSE 'person' END, person,
            p.digest, needed[line], batch, shown_digest);
        SELECT count(*) INTO given FROM approvals a
        WHERE a.tenant_id = tenant AND a.proposal_id = p.id;
        status := CASE WHEN given >= needed[line] THEN 'approved' ELSE 'pending' END;
        UPDATE proposals x SET status = CASE WHEN given >= needed[line] THEN 'approved'
            ELSE x.status END
        WHERE x.tenant_id = tenant AND x.id = p.id;
        PERFORM security.add_event(tenant, 'approved', person, p.object, p.record_id, p.id,
            jsonb_build_object('digest', p.digest, 'batch', batch, 'needed', needed[line],
                'given', given, 'by_policy', by_policy));
        proposal_id := p.id;
        RETURN NEXT;
    END LOOP;
    IF (SELECT count(*) FROM proposals x WHERE x.tenant_id = tenant AND x.id = ANY (ids))
        <> cardinality(ids)
    THEN
        RAISE check_violation USING MESSAGE = 'unknown';
    END IF;
    PERFORM pg_notify('changes', tenant::text);
END
$$;

CREATE TABLE public.proposals (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    ordinal bigint NOT NULL,
    key text,
    canonical text NOT NULL,
    digest text NOT NULL,
    nonce uuid NOT NULL,
    proposer_id uuid NOT NULL,
    operation text NOT NULL,
    object text NOT NULL,
    record_id uuid,
    account_id uuid,
    origin text NOT NULL,
    is_tainted boolean NOT NULL,
    status text DEFAULT 'pending'::text NOT NULL,
    status_reason text,
    status_by uuid,
    successor_id uuid,
    result jsonb,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    told_at timestamp with time zone,
    erased_in uuid,
    CONSTRAINT proposals_canonical_check CHECK ((octet_length(canonical) <= 262144)),
    CONSTRAINT proposals_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT proposals_key_check CHECK (((length(key) >= 1) AND (length(key) <= 400))),
    CONSTRAINT proposals_operation_check CHECK ((operation = ANY (ARRAY['create'::text, 'update'::text, 'link'::text, 'remove'::text]))),
    CONSTRAINT proposals_status_check CHECK ((status = ANY (ARRAY['pending'::text, 'approved'::text, 'executed'::text, 'rejected'::text, 'expired'::text, 'conflict'::text, 'failed'::text, 'superseded'::text])))
);

CREATE FUNCTION public.claim_proposals(most integer) RETURNS SETOF public.proposals
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT * FROM proposals WHERE tenant_id = current_tenant_id() AND status = 'approved'
    ORDER BY ordinal LIMIT most FOR UPDATE SKIP LOCKED
$$;

CREATE FUNCTION public.commit_proposal(committed uuid, seen_digest text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    tenant uuid := current_tenant_id();
    p proposals;
    body jsonb;
    computed text;
    count_of record;
    written jsonb;
    problem text;
BEGIN
    SELECT * INTO p FROM proposals x WHERE x.tenant_id = tenant AND x.id = committed FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'unknown');
    END IF;
    IF p.status = 'executed' THEN
        RETURN jsonb_build_object('outcome', 'already', 'detail', p.result);
    END IF;
    IF p.status <> 'approved' THEN
        RETURN jsonb_build_object('outcome', 'refused', 'reason', 'status');
    END IF;
    computed := security.digest_of(p.canonical);
    IF computed <> p.digest OR computed IS DISTINCT FROM seen_digest THEN
        RETURN security.settle_proposal(p, 'failed', 'digest', NULL);
    END IF;
    body := p.canonical::jsonb;
    IF (body ->> 'expires')::timestamptz <= clock_timestamp() THEN
        RETURN security.settle_proposal(p, 'expired', NULL, NULL);
    END IF;
    SELECT * INTO count_of FROM security.count_approvals(p, computed);
    IF count_of.given < count_of.needed THEN
        RETURN security.settle_proposal(p, 'failed', 'approvals', NULL);
    END IF;
    INSERT INTO consumed_nonces (tenant_id, nonce) VALUES (tenant, (body ->> 'nonce')::uuid)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN security.settle_proposal(p, 'failed', 'nonce', NULL);
    END IF;
    BEGIN
        written := security.write_row(p, body);
    EXCEPTION
        WHEN integrity_constraint_violation OR data_exception OR insufficient_privilege
            OR undefined_column OR generated_always THEN
        GET STACKED DIAGNOSTICS problem = CONSTRAINT_NAME;
        RETURN security.settle_proposal(p, 'failed', 'row',
            jsonb_build_object('state', SQLSTATE, 'constraint', problem));
    END;
    IF written ? 'conflict' THEN
        RETURN security.settle_proposal(p, 'conflict', 'version', written - 'conflict');
    END IF;
    IF body ->> 'effect' IS NOT NULL THEN
        INSERT INTO outbox (id, tenant_id, proposal_id, kind, key, payload)
        VALUES (gen_random_uuid(), tenant, p.id, body ->> 'effect', computed,
            jsonb_build_object('object', body -> 'object', 'record', body -> 'record',
                'operation', body -> 'operation', 'fields', body -> 'fields'));
    END IF;
    RETURN security.settle_proposal(p, 'executed', NULL, written || jsonb_build_object(
        'operation', body -> 'operation', 'fields', body -> 'fields',
        'why', body -> 'reason', 'undoes', body -> 'undoes'));
END
$$;

CREATE FUNCTION public.commit_proposals(ids uuid[], digests text[]) RETURNS TABLE(id uuid, result jsonb)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    FOR line IN 1 .. coalesce(cardinality(ids), 0) LOOP
        id := ids[line];
        result := commit_proposal(ids[line], digests[line]);
        RETURN NEXT;
    END LOOP;
END
$$;

CREATE FUNCTION public.current_roles() RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(string_to_array(nullif(security.identity_part(3), ''), ','), '{}')
$$;

CREATE FUNCTION public.current_tenant_id() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT security.identity_part(1)::uuid $$;

CREATE FUNCTION public.current_user_id() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT security.identity_part(2)::uuid $$;

CREATE FUNCTION public.erase_document(erasure uuid, erased_code text) RETURNS TABLE(kind text, affected bigint)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.erase_person(erasure uuid, pattern text) RETURNS TABLE(kind text, affected bigint)
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

CREATE FUNCTION public.expire_proposals() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    p proposals;
    expired int := 0;
BEGIN
    FOR p IN
        SELECT * FROM proposals x WHERE x.tenant_id = current_tenant_id()
            AND x.status = 'pending' AND x.expires_at <= clock_timestamp()
        LIMIT 500 FOR UPDATE SKIP LOCKED
    LOOP
        PERFORM security.settle_proposal(p, 'expired', NULL, NULL);
        expired := expired + 1;
    END LOOP;
    RETURN expired;
END
$$;

CREATE FUNCTION public.fail_proposal(failed uuid, why text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    p proposals;
BEGIN
    SELECT * INTO p FROM proposals x
    WHERE x.tenant_id = current_tenant_id() AND x.id = failed AND x.status = 'approved' FOR UPDATE;
    IF NOT FOUND THEN
        RETURN jsonb_build_object('outcome', 'refused', 'reason', 'status');
    END IF;
    RETURN security.settle_proposal(p, 'failed', left(why, 2000), NULL);
END
$$;

CREATE FUNCTION public.find_traces(pattern text) RETURNS TABLE(place text, hits bigint)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION public.find_uncompared_state(today date) RETURNS xid8
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT k.changed_in FROM knowledge_states k
    WHERE k.tenant_id = current_tenant_id() AND (k.changed_in IS DISTINCT FROM k.compared_in
        OR EXISTS (
            SELECT FROM document_versions v
            WHERE v.tenant_id = k.tenant_id AND v.status = 'in_force'
                AND (v.valid_from > k.compared_on AND v.valid_from <= today
                    OR v.valid_to >= k.compared_on AND v.valid_to < today)))
$$;

CREATE FUNCTION public.forget_unused_words() RETURNS bigint
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$ SELECT security.forget_words(current_tenant_id()) $$;

CREATE TABLE public.outbox (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    next_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    leased_until timestamp with time zone,
    lease uuid,
    outside_id text,
    message text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT outbox_state_check CHECK ((state = ANY (ARRAY['due'::text, 'doubtful'::text, 'done'::text, 'failed'::text])))
);

CREATE FUNCTION public.lease_effects(kinds text[], most integer, seconds integer) RETURNS SETOF public.outbox
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    UPDATE outbox o SET lease = gen_random_uuid(), attempts = attempts + 1,
        leased_until = clock_timestamp() + make_interval(secs => seconds),
        state = CASE WHEN o.lease IS NOT NULL THEN 'doubtful' ELSE o.state END
    WHERE (o.tenant_id, o.id) IN (
        SELECT d.tenant_id, d.id FROM outbox d
        WHERE d.state IN ('due', 'doubtful') AND d.next_at <= clock_timestamp()
            AND coalesce(d.leased_until, '-infinity') <= clock_timestamp()
            AND d.kind = ANY (kinds)
        ORDER BY d.next_at LIMIT most FOR UPDATE SKIP LOCKED)
    RETURNING o.*
$$;

CREATE FUNCTION public.list_own_addresses(pattern text) RETURNS SETOF text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.mark_told(ids uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    UPDATE proposals SET told_at = clock_timestamp()
    WHERE tenant_id = current_tenant_id() AND proposer_id = current_user_id() AND id = ANY (ids)
        AND told_at IS NULL AND settled_at IS NOT NULL
$$;

CREATE FUNCTION public.mirror_row(mirrored text, record uuid, outside uuid, vals jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    tenant uuid := current_tenant_id();
    names text;
    affected int;
BEGIN
    IF NOT EXISTS (SELECT FROM twenty_connections c WHERE c.tenant_id = tenant AND c.is_enabled)
        OR EXISTS (SELECT FROM jsonb_object_keys(vals) k WHERE NOT EXISTS (
            SELECT FROM security.mirrored_columns m WHERE m.object = mirrored AND m.name = k))
        OR vals = '{}'
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'not what the mirror writes';
    END IF;
    SELECT string_agg(quote_ident(k), ', ' ORDER BY k) INTO names FROM jsonb_object_keys(vals) k;
    EXECUTE format(
        'UPDATE %1$I SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1))
         WHERE tenant_id = $2 AND id = $3', mirrored, names)
    USING vals, tenant, record;
    GET DIAGNOSTICS affected = ROW_COUNT;
    IF affected = 0 THEN
        EXECUTE format(
            'INSERT INTO %1$I (tenant_id, id, external_id, %2$s)
             SELECT $2, $3, $4::text, %2$s FROM jsonb_populate_record(NULL::%1$I, $1)',
            mirrored, names)
        USING vals, tenant, record, outside;
    END IF;
END
$_$;

CREATE FUNCTION public.note_compared(state xid8, today date) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    UPDATE knowledge_states SET compared_in = state, compared_on = today
    WHERE tenant_id = current_tenant_id()
$$;

CREATE FUNCTION public.read_passages(proof text, chosen_ids bigint[], chosen_keys integer[], chosen_lexical real[], chosen_named real[], query_vector public.halfvec, query_model text, wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean, result_depth integer, dense_factor double precision, unrelated double precision, reference_factor double precision) RETURNS TABLE(state text, chunk_id bigint, document_id uuid, version_id uuid, code text, title text, version_label text, status text, valid_from date, valid_to date, section_path text, kind text, body text, score double precision, lexical double precision, dense double precision, content bytea, words text)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    AS $$
#variable_conflict use_column
DECLARE
    tenant uuid;
    reader_roles text[];
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    tenant := current_tenant_id();
    reader_roles := current_roles();
    RETURN QUERY
    WITH findable AS MATERIALIZED (
        SELECT f.*, f.model = query_model AS is_embedded
        FROM security.list_findable(
            tenant, reader_roles, wanted_kinds, wanted_standards, wanted_codes, wanted_statuses,
            valid_on, in_history) AS f
        WHERE f.key = ANY (chosen_keys)
    ),
    best AS MATERIALIZED (
        SELECT c.id, f.*, c.lexical::float8,
            coalesce(near.likeness - unrelated, 0) AS dense,
            c.lexical + dense_factor * coalesce(near.likeness - unrelated, 0)
                + reference_factor * c.named AS score
        FROM unnest(chosen_ids, chosen_keys, chosen_lexical, chosen_named)
            AS c (id, key, lexical, named)
        JOIN findable f ON f.key = c.key
        LEFT JOIN LATERAL (
            SELECT -(v.embedding <#> query_vector) AS likeness
            FROM passage_vectors v
            WHERE f.is_embedded AND v.tenant_id = tenant AND v.version_key = c.key
                AND v.chunk_id = c.id
        ) AS near ON true
        ORDER BY score DESC, c.id
        LIMIT result_depth
    )
    SELECT t.changed_in::text, b.id, b.document_id, b.version_id, b.code, b.title,
        b.version_label, b.status, b.valid_from, b.valid_to, x.path, c.kind, c.text, b.score,
        b.lexical, b.dense, w.content, w.words
    FROM (SELECT (SELECT k.changed_in FROM knowledge_states k WHERE k.tenant_id = tenant)) AS t
    LEFT JOIN (
        best b
        JOIN chunks c ON c.tenant_id = tenant AND c.id = b.id
        JOIN sections x ON x.tenant_id = tenant AND x.id = c.section_id
        JOIN passage_texts w
            ON w.tenant_id = tenant AND w.version_key = b.key AND w.chunk_id = b.id
    ) ON true
    ORDER BY b.score DESC, b.id;
END
$$;

CREATE FUNCTION public.read_word_vectors(proof text, wanted_model text, wanted_words text[]) RETURNS bytea
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    tenant uuid;
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    tenant := current_tenant_id();
    RETURN (
        SELECT string_agg(int8send(v.hash) || v.signature, '') FROM word_vectors v
        WHERE v.tenant_id = tenant AND v.model = wanted_model AND v.word = ANY (wanted_words));
END
$$;

CREATE FUNCTION public.record_gap(gap_id uuid, gap_fingerprint text, gap_question text, gap_missing text[], gap_nearest text[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    INSERT INTO knowledge_gaps AS g
        (id, tenant_id, fingerprint, question, missing, nearest, asked_by)
    SELECT gap_id, current_tenant_id(), gap_fingerprint, left(gap_question, 2000), gap_missing,
        gap_nearest, current_user_id()
    WHERE current_tenant_id() IS NOT NULL AND current_user_id() IS NOT NULL
    ON CONFLICT (tenant_id, fingerprint) DO UPDATE SET repeats = g.repeats + 1,
        last_asked_at = now(), missing = excluded.missing, nearest = excluded.nearest,
        status = CASE WHEN g.status = 'closed' THEN 'open' ELSE g.status END
$$;

CREATE FUNCTION public.record_proof(proved uuid, proof text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    tenant uuid := current_tenant_id();
    person uuid := current_user_id();
    hash text := security.digest_of(proof);
BEGIN
    IF tenant IS NULL OR NOT EXISTS (SELECT FROM turns t
        WHERE t.tenant_id = tenant AND t.id = proved AND t.user_id = person)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'a proof is of one''s own turn';
    END IF;
    INSERT INTO answer_proofs (tenant_id, turn_id, user_id, canonical, sha256)
    VALUES (tenant, proved, person, proof, hash) ON CONFLICT DO NOTHING;
    IF FOUND THEN
        PERFORM security.add_event(tenant, 'answered', person, 'turns', proved, NULL,
            jsonb_build_object('sha256', hash));
    END IF;
END
$$;

CREATE FUNCTION public.record_refusal(refused_object text, record uuid, proposal uuid, body jsonb) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF current_tenant_id() IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'no identity';
    END IF;
    IF octet_length(body::text) > 8192 THEN
        RAISE program_limit_exceeded USING MESSAGE = 'a refusal is told in 8 kB';
    END IF;
    PERFORM security.add_event(current_tenant_id(), 'refused', current_user_id(),
        left(refused_object, 80), record, proposal, body);
END
$$;

CREATE FUNCTION public.reject_proposal(rejected uuid, seen_digest text, why text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    tenant uuid := current_tenant_id();
    p proposals;
BEGIN
    SELECT * INTO p FROM proposals x WHERE x.tenant_id = tenant AND x.id = rejected FOR UPDATE;
    IF NOT FOUND OR p.status NOT IN ('pending', 'approved') OR p.digest <> seen_digest
        OR NOT (p.proposer_id = current_user_id()
            OR current_roles() && ARRAY['sales', 'quality', 'director'])
    THEN
        RETURN false;
    END IF;
    UPDATE proposals x SET status = 'rejected', status_reason = left(why, 2000),
        status_by = current_user_id(), settled_at = clock_timestamp()
    WHERE x.tenant_id = tenant AND x.id = rejected;
    PERFORM security.add_event(tenant, 'rejected', current_user_id(), p.object, p.record_id, p.id,
        jsonb_build_object('digest', p.digest, 'reason', left(why, 2000)));
    RETURN true;
END
$$;

CREATE FUNCTION public.retry_effect(proposal uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    o outbox;
BEGIN
    IF NOT coalesce(current_roles() && ARRAY['sales', 'quality', 'director'], false) THEN
        RAISE insufficient_privilege USING MESSAGE = 'this identity may not approve';
    END IF;
    UPDATE outbox x SET state = 'doubtful', attempts = 0, next_at = clock_timestamp()
    WHERE x.tenant_id = current_tenant_id() AND x.proposal_id = proposal AND x.state = 'failed'
    RETURNING * INTO o;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM security.add_event(o.tenant_id, 'effect_retried', current_user_id(),
        o.payload ->> 'object', (o.payload ->> 'record')::uuid, o.proposal_id,
        jsonb_build_object('kind', o.kind, 'key', o.key));
    RETURN true;
END
$$;

CREATE FUNCTION public.seal_audit(sealed_tenant uuid) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    head audit_heads;
    event audit_events;
    sealed bigint[] := '{}';
    hashes text[] := '{}';
    chained text[] := '{}';
BEGIN
    INSERT INTO audit_heads (tenant_id, ordinal, sha256) VALUES (sealed_tenant, 0, repeat('0', 64))
    ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM audit_heads WHERE tenant_id = sealed_tenant FOR UPDATE;
    FOR event IN
        SELECT e.* FROM audit_unsealed u
        JOIN audit_events e ON e.tenant_id = u.tenant_id AND e.id = u.event_id
        WHERE u.tenant_id = sealed_tenant
        ORDER BY u.event_id
    LOOP
        sealed := array_append(sealed, event.id);
        hashes := array_append(hashes,
            encode(sha256(convert_to(security.event_text(event), 'UTF8')), 'hex'));
        head.sha256 := encode(sha256(convert_to(head.sha256 || E'\n'
            || (head.ordinal + cardinality(sealed))::text || E'\n'
            || hashes[cardinality(sealed)], 'UTF8')), 'hex');
        chained := array_append(chained, head.sha256);
    END LOOP;
    IF sealed = '{}' THEN
        RETURN 0;
    END IF;
    INSERT INTO audit_chain (tenant_id, ordinal, event_id, event_sha256, sha256)
    SELECT sealed_tenant, head.ordinal + line.place, line.event, line.hash, line.chained
    FROM unnest(sealed, hashes, chained) WITH ORDINALITY AS line (event, hash, chained, place);
    DELETE FROM audit_unsealed WHERE tenant_id = sealed_tenant AND event_id = ANY (sealed);
    UPDATE audit_heads SET ordinal = head.ordinal + cardinality(sealed), sha256 = head.sha256
    WHERE tenant_id = sealed_tenant;
    RETURN cardinality(sealed);
END
$$;

CREATE FUNCTION public.search_scope(wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean) RETURNS TABLE(state xid8, keys integer[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT search_state(), coalesce((
        SELECT array_agg(f.key) FROM security.list_findable(
            current_tenant_id(), current_roles(), wanted_kinds, wanted_standards, wanted_codes,
            wanted_statuses, valid_on, in_history) AS f
    ), '{}')
$$;

CREATE FUNCTION public.search_state() RETURNS xid8
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT changed_in FROM knowledge_states WHERE tenant_id = current_tenant_id()
$$;

CREATE FUNCTION public.settle_effect(settled uuid, held uuid, outcome text, found_id text, why text, wait_seconds integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    o outbox;
BEGIN
    UPDATE outbox x SET state = outcome, outside_id = coalesce(found_id, x.outside_id),
        message = why, lease = NULL, leased_until = NULL,
        next_at = clock_timestamp() + make_interval(secs => wait_seconds)
    WHERE x.id = settled AND x.lease = held AND x.state IN ('due', 'doubtful')
    RETURNING * INTO o;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    IF outcome <> 'due' THEN
        PERFORM security.add_event(o.tenant_id, 'effect_' || outcome, NULL,
            o.payload ->> 'object', (o.payload ->> 'record')::uuid, o.proposal_id,
            jsonb_build_object('kind', o.kind, 'key', o.key, 'outside_id', o.outside_id,
                'message', why, 'attempts', o.attempts));
    END IF;
    RETURN true;
END
$$;

CREATE FUNCTION public.submit_proposal(proposed text, wish_key text, replaced uuid DEFAULT NULL::uuid, hourly integer DEFAULT NULL::integer) RETURNS TABLE(proposal_id uuid, is_new boolean)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    tenant uuid := current_tenant_id();
    person uuid := current_user_id();
    body jsonb;
    new_id uuid;
BEGIN
    IF tenant IS NULL OR person IS NULL
        OR NOT current_roles() && ARRAY['sales', 'quality', 'director']
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'this identity may not propose';
    END IF;
    IF octet_length(proposed) > 262144 THEN
        RAISE program_limit_exceeded USING MESSAGE = 'a proposal holds 256 kB at most';
    END IF;
    SELECT p.id INTO proposal_id FROM proposals p
    WHERE p.tenant_id = tenant AND p.key = wish_key;
    IF FOUND THEN
        is_new := false;
        RETURN NEXT;
        RETURN;
    END IF;
    IF hourly IS NOT NULL AND hourly <= (SELECT count(*) FROM (
        SELECT FROM proposals p WHERE p.tenant_id = tenant AND p.proposer_id = person
            AND p.created_at > now() - interval '1 hour' LIMIT hourly) AS recent)
    THEN
        RAISE check_violation USING MESSAGE = 'quantity';
    END IF;
    body := proposed::jsonb;
    IF body ->> 'tenant' IS DISTINCT FROM tenant::text
        OR body ->> 'proposer' IS DISTINCT FROM person::text
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'a proposal speaks for its own author';
    END IF;
    IF NOT EXISTS (SELECT FROM security.writable_objects w WHERE w.name = body ->> 'object') THEN
        RAISE check_violation USING MESSAGE = 'not an object that changes';
    END IF;
    IF (body ->> 'expires')::timestamptz NOT BETWEEN clock_timestamp()
        AND clock_timestamp() + interval '366 days'
    THEN
        RAISE check_violation USING MESSAGE = 'a proposal lives a year at most';
    END IF;
    new_id := (body ->> 'id')::uuid;
    INSERT INTO proposals (id, tenant_id, key, canonical, digest, nonce, proposer_id, operation,
        object, record_id, account_id, origin, is_tainted, expires_at)
    VALUES (new_id, tenant, wish_key, proposed, security.digest_of(proposed),
        (body ->> 'nonce')::uuid, person, body ->> 'operation', body ->> 'object',
        (body ->> 'record')::uuid, (body ->> 'account')::uuid,
        coalesce(body #>> '{origin,name}', ''), coalesce((body ->> 'tainted')::boolean, true),
        (body ->> 'expires')::timestamptz)
    ON CONFLICT ON CONSTRAINT proposals_tenant_id_key_key DO NOTHING;
    IF NOT FOUND THEN
        SELECT p.id, false INTO proposal_id, is_new FROM proposals p
        WHERE p.tenant_id = tenant AND p.key = wish_key;
        RETURN NEXT;
        RETURN;
    END IF;
    PERFORM security.add_event(tenant, 'proposed', person, body ->> 'object',
        (body ->> 'record')::uuid, new_id, jsonb_build_object(
            'digest', security.digest_of(proposed), 'operation', body -> 'operation',
            'reason', body -> 'reason', 'origin', body -> 'origin', 'tainted', body -> 'tainted',
            'evidence', body -> 'evidence', 'replaces', replaced));
    IF replaced IS NOT NULL THEN
        UPDATE proposals p SET status = 'superseded', successor_id = new_id,
            settled_at = clock_timestamp()
        WHERE p.tenant_id = tenant AND p.id = replaced AND p.status = 'pending'
            AND (p.proposer_id = person OR current_roles() && ARRAY['sales','quality','director']);
        IF FOUND THEN
            PERFORM security.add_event(tenant, 'superseded', person, body ->> 'object',
                (body ->> 'record')::uuid, replaced, jsonb_build_object('successor', new_id));
        END IF;
    END IF;
    proposal_id := new_id;
    is_new := true;
    RETURN NEXT;
END
$$;

CREATE FUNCTION public.succeed_proposal(stale uuid, proposed text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    p proposals;
    body jsonb := proposed::jsonb;
    new_id uuid := (body ->> 'id')::uuid;
BEGIN
    SELECT * INTO p FROM proposals x WHERE x.tenant_id = current_tenant_id() AND x.id = stale
        AND x.status = 'conflict' AND x.successor_id IS NULL FOR UPDATE;
    IF NOT FOUND
        OR (p.tenant_id::text, p.proposer_id::text, p.operation, p.object, p.record_id::text)
            IS DISTINCT FROM
           (body ->> 'tenant', body ->> 'proposer', body ->> 'operation', body ->> 'object',
            body ->> 'record')
    THEN
        RETURN NULL;
    END IF;
    INSERT INTO proposals (id, tenant_id, key, canonical, digest, nonce, proposer_id, operation,
        object, record_id, account_id, origin, is_tainted, expires_at)
    VALUES (new_id, p.tenant_id, NULL, proposed, security.digest_of(proposed),
        (body ->> 'nonce')::uuid, p.proposer_id, p.operation, p.object, p.record_id,
        (body ->> 'account')::uuid, p.origin, p.is_tainted, (body ->> 'expires')::timestamptz);
    UPDATE proposals x SET successor_id = new_id WHERE x.tenant_id = p.tenant_id AND x.id = stale;
    PERFORM security.add_event(p.tenant_id, 'proposed', p.proposer_id, p.object, p.record_id,
        new_id, jsonb_build_object('digest', security.digest_of(proposed), 'replaces', stale,
            'operation', body -> 'operation', 'reason', body -> 'reason',
            'origin', body -> 'origin', 'tainted', body -> 'tainted'));
    RETURN new_id;
END
$$;

CREATE FUNCTION public.tenants_with_work() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT tenant_id FROM proposals WHERE status = 'approved'
    UNION SELECT tenant_id FROM audit_unsealed
    UNION SELECT tenant_id FROM proposals WHERE status = 'pending' AND expires_at <= now()
$$;

CREATE FUNCTION public.unsealed_tenants() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT DISTINCT tenant_id FROM audit_unsealed
$$;

CREATE FUNCTION security.add_event(event_tenant uuid, event_kind text, actor uuid, event_object text, record uuid, proposal uuid, body jsonb) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    INSERT INTO audit_events (tenant_id, kind, actor_id, object, record_id, proposal_id, body)
    VALUES (event_tenant, event_kind, actor, event_object, record, proposal, body::text)
$$;

CREATE FUNCTION security.batch_text(ids uuid[], digests text[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT string_agg(line.id::text || ':' || line.digest, E'\n' ORDER BY line.id::text)
    FROM unnest(ids, digests) AS line (id, digest)
$$;

CREATE FUNCTION security.begin_erasure(erasure uuid) RETURNS uuid
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION security.check_undo(p public.proposals, body jsonb) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM proposals made
        WHERE made.tenant_id = p.tenant_id AND made.id = (body ->> 'undoes')::uuid
            AND made.status = 'executed' AND made.operation IN ('create', 'link')
            AND made.object = body ->> 'object'
            AND made.record_id IS NOT DISTINCT FROM (body ->> 'record')::uuid)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'only an undoing removes';
    END IF;
END
$$;

CREATE PROCEDURE security.close_lost_calls(IN of_tenant uuid, IN at timestamp with time zone)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    counted jsonb;
BEGIN
    WITH lost AS (
        UPDATE model_calls
        SET outcome = 'interrupted', cost_eur = reserved_eur, is_estimated = true,
            is_fallback = true
        WHERE tenant_id = of_tenant AND outcome = 'running'
            AND started_at < at - CASE WHEN is_batch THEN interval '48 hours'
                                       ELSE interval '1 hour' END
        RETURNING *
    )
    SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'use_case', use_case,
        'at', started_at, 'spent', reserved_eur, 'reserved', -reserved_eur))
    INTO counted FROM lost;
    IF counted IS NOT NULL THEN
        CALL security.count_spending(of_tenant, counted);
    END IF;
END
$$;

CREATE FUNCTION security.close_model_calls(calls jsonb, at timestamp with time zone, warned_share numeric, defaults jsonb) RETURNS TABLE(call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
    of_tenant uuid;
    identified jsonb := security.identify_calls(calls);
    closed jsonb;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR of_tenant IN SELECT * FROM security.lock_spending(identified) LOOP
        WITH done AS (
            UPDATE model_calls m
            SET model = c.model, input_tokens = c.input, cache_read_tokens = c.read,
                cache_write_tokens = c.write, output_tokens = c.output,
                is_estimated = c.is_estimated, cost_eur = c.eur, is_priced = c.is_priced,
                outcome = c.outcome, is_fallback = c.is_fallback,
                first_token_ms = c.first_token_ms, duration_ms = c.duration_ms
            FROM jsonb_to_recordset(identified) AS c (
                id uuid, tenant_id uuid, user_id uuid, model text, input int, read int, write int,
                output int, is_estimated boolean, eur numeric, is_priced boolean, outcome text,
                is_fallback boolean, first_token_ms int, duration_ms int)
            WHERE m.tenant_id = of_tenant AND c.tenant_id = of_tenant AND m.user_id = c.user_id
                AND m.id = c.id AND m.outcome = 'running'
            RETURNING m.id, m.user_id, m.use_case, m.started_at, m.cost_eur, m.reserved_eur
        )
        SELECT jsonb_agg(jsonb_build_object('id', id, 'user_id', user_id, 'use_case', use_case,
            'at', started_at, 'spent', cost_eur, 'reserved', -reserved_eur))
        INTO closed FROM done;
        CONTINUE WHEN closed IS NULL;
        CALL security.count_spending(of_tenant, closed);
        RETURN QUERY
        WITH kinds AS (
            SELECT DISTINCT ON (c.user_id, c.use_case,
                    date_trunc('day', c.at AT TIME ZONE 'Europe/Paris'))
                c.id, c.user_id, c.use_case, c.at
            FROM jsonb_to_recordset(closed) AS c (
                id uuid, user_id uuid, use_case text, at timestamptz)
        ), near AS (
            SELECT DISTINCT ON (b.scope, b.period, b.starts_on)
                k.id, b.scope, b.period, b.starts_on, b.spent_eur, b.limit_eur
            FROM kinds k CROSS JOIN LATERAL security.list_call_budgets(
                of_tenant, k.user_id, k.use_case, k.at, defaults) AS b
            WHERE b.limit_eur > 0 AND b.spent_eur >= warned_share * b.limit_eur
        ), warned AS (
            INSERT INTO budget_warnings AS w
            SELECT of_tenant, n.scope, n.period, n.starts_on, n.spent_eur, n.limit_eur, at
            FROM near n
            ON CONFLICT DO NOTHING
            RETURNING w.scope, w.period, w.starts_on, w.spent_eur, w.limit_eur
        )
        SELECT n.id, w.scope, w.period, w.spent_eur, w.limit_eur
        FROM warned w JOIN near n USING (scope, period, starts_on);
    END LOOP;
END
$$;

CREATE FUNCTION security.column_values(fields jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE
        WHEN jsonb_typeof(value -> 'after') = 'object'
            THEN to_jsonb((value #>> '{after,eur_cents}')::numeric / 100)
        ELSE value -> 'after' END), '{}')
    FROM jsonb_each(fields)
$$;

CREATE FUNCTION security.count_approvals(p public.proposals, computed text) RETURNS TABLE(given integer, needed integer)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT CASE WHEN n.persons > 1 AND EXISTS (
            SELECT FROM approvals a WHERE a.tenant_id = p.tenant_id AND a.proposal_id = p.id
                AND a.kind = 'policy')
        THEN c.given - 1 ELSE c.given END,
        greatest(c.needed, n.persons)
    FROM security.count_given(p, computed) c, security.count_persons_needed(p) AS n (persons)
$$;

CREATE FUNCTION security.count_given(p public.proposals, computed text) RETURNS TABLE(given integer, needed integer)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
    SELECT count(DISTINCT coalesce(a.approver_id::text, 'policy'))::int, coalesce(max(a.needed), 2)
    FROM approvals a
    LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.approver_id
    WHERE a.tenant_id = p.tenant_id AND a.proposal_id = p.id
        AND a.digest = computed
        AND CASE a.kind WHEN 'policy' THEN NOT p.is_tainted
            ELSE u.is_active AND u.roles && ARRAY['sales', 'quality', 'director'] END
        AND a.batch_digest = (
            SELECT security.digest_of(security.batch_text(
                array_agg(b.proposal_id), array_agg(b.digest)))
            FROM approvals b WHERE b.tenant_id = a.tenant_id AND b.batch_id = a.batch_id)
$$;

CREATE FUNCTION security.count_persons_needed(p public.proposals) RETURNS integer
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    fields jsonb := p.canonical::jsonb -> 'fields';
    w security.writable_objects;
    amount numeric;
    stake numeric := 0;
    threshold bigint;
BEGIN
    SELECT * INTO w FROM security.writable_objects x WHERE x.name = p.object;
    SELECT coalesce(max(abs((side #>> '{eur_cents}')::numeric)), 0) INTO amount
    FROM jsonb_each(fields) f, LATERAL (VALUES (f.value -> 'before'), (f.value -> 'after')) v (side)
    WHERE jsonb_typeof(side) = 'object';
    IF fields ?| w.weighty AND w.stake IS NOT NULL THEN
        EXECUTE format('SELECT 100 * abs(coalesce(%I, 0)) FROM %I WHERE tenant_id = $1 AND id = $2',
            w.stake, w.name)
        INTO stake USING p.tenant_id, p.record_id;
    END IF;
    SELECT t.cents INTO threshold FROM security.second_approval_thresholds t
    WHERE t.tenant_id = p.tenant_id AND t.object = p.object;
    RETURN CASE WHEN greatest(amount, coalesce(stake, 0)) >= coalesce(threshold, 5000000)
        THEN 2 ELSE 1 END;
END
$_$;

CREATE PROCEDURE security.count_spending(IN of_tenant uuid, IN counted jsonb)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    INSERT INTO model_spending AS x
        (tenant_id, scope, period, starts_on, spent_eur, reserved_eur)
    SELECT of_tenant, s.scope, p.period,
           date_trunc(p.period, c.at AT TIME ZONE 'Europe/Paris')::date,
           sum(c.spent), sum(c.reserved)
    FROM jsonb_to_recordset(counted) AS c (
        user_id uuid, use_case text, at timestamptz, spent numeric, reserved numeric)
    CROSS JOIN LATERAL (
        VALUES ('tenant'), ('user:' || c.user_id), ('use_case:' || c.use_case)) AS s (scope)
    CROSS JOIN (VALUES ('day'), ('month')) AS p (period)
    GROUP BY 2, 3, 4
    ORDER BY 2, 3, 4
    ON CONFLICT (tenant_id, scope, period, starts_on) DO UPDATE
    SET spent_eur = x.spent_eur + excluded.spent_eur,
        reserved_eur = x.reserved_eur + excluded.reserved_eur
$$;

CREATE FUNCTION security.count_version() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE FUNCTION security.digest_of(canonical text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT encode(sha256(convert_to(canonical, 'UTF8')), 'hex')
$$;

CREATE FUNCTION security.end_former_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date;
    starts date := coalesce(NEW.valid_from, today);
BEGIN
    UPDATE document_versions v SET
        valid_to = least(coalesce(v.valid_to, 'infinity'), starts - 1),
        status = CASE
            WHEN starts <= today OR v.valid_from >= starts THEN 'superseded' ELSE v.status
        END
    WHERE v.tenant_id = NEW.tenant_id AND v.document_id = NEW.document_id AND v.id <> NEW.id
        AND v.status = 'in_force' AND coalesce(v.valid_from, '-infinity') <= starts;
    UPDATE document_versions v SET valid_to = least(coalesce(v.valid_to, 'infinity'), later.eve)
    FROM (SELECT min(o.valid_from) - 1 AS eve FROM document_versions o
        WHERE o.tenant_id = NEW.tenant_id AND o.document_id = NEW.document_id AND o.id <> NEW.id
            AND o.status = 'in_force' AND o.valid_from > starts
            AND o.valid_from <= coalesce(o.valid_to, 'infinity')) AS later
    WHERE v.tenant_id = NEW.tenant_id AND v.id = NEW.id
        AND later.eve < coalesce(v.valid_to, 'infinity');
    RETURN NULL;
END
$$;

CREATE FUNCTION security.end_session(wanted uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    UPDATE security.sessions SET ended_at = clock_timestamp()
    WHERE id = wanted AND ended_at IS NULL
$$;

CREATE FUNCTION security.end_sessions(owner uuid, kept uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    UPDATE security.sessions s SET ended_at = clock_timestamp()
    FROM public.users u
    WHERE s.user_id = owner AND u.id = owner AND u.tenant_id = public.current_tenant_id()
        AND s.id IS DISTINCT FROM kept AND s.ended_at IS NULL
        AND (owner = public.current_user_id() OR 'admin' = ANY (public.current_roles()))
$$;

CREATE FUNCTION security.erase_checkpoints(tenant uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
$_$;

CREATE FUNCTION security.erase_jobs(tenant uuid, named text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'jobs', 'pg_temp'
    AS $$
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

CREATE FUNCTION security.erase_versions(tenant uuid, erasure uuid, gone uuid[]) RETURNS TABLE(kind text, affected bigint)
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

CREATE TABLE public.audit_events (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    kind text NOT NULL,
    actor_id uuid,
    object text,
    record_id uuid,
    proposal_id uuid,
    body text NOT NULL,
    erased_in uuid,
    CONSTRAINT audit_events_body_check CHECK ((octet_length(body) <= 524288)),
    CONSTRAINT audit_events_kind_check CHECK ((kind = ANY (ARRAY['proposed'::text, 'approved'::text, 'rejected'::text, 'executed'::text, 'conflict'::text, 'failed'::text, 'expired'::text, 'superseded'::text, 'refused'::text, 'effect_done'::text, 'effect_doubtful'::text, 'effect_failed'::text, 'effect_retried'::text, 'answered'::text, 'erased'::text])))
);

CREATE FUNCTION security.event_text(event public.audit_events) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT concat_ws(E'\n', event.tenant_id::text, event.id::text,
        (extract(epoch FROM event.at) * 1000000)::bigint::text, event.kind,
        coalesce(event.actor_id::text, '-'), coalesce(event.object, '-'),
        coalesce(event.record_id::text, '-'), coalesce(event.proposal_id::text, '-'), event.body)
$$;

CREATE FUNCTION security.find_account(wanted uuid) RETURNS TABLE(tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[], must_change boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT t.id, t.name, u.id, u.email, u.full_name, u.roles, coalesce(p.must_change, false)
    FROM public.users u
    JOIN public.tenants t ON t.id = u.tenant_id
    LEFT JOIN security.passwords p ON p.user_id = u.id
    WHERE u.id = wanted AND u.is_active
$$;

CREATE FUNCTION security.find_directory_account(wanted_issuer text, wanted_subject text) RETURNS TABLE(tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[])
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT a.tenant_id, a.tenant_name, a.user_id, a.email, a.full_name, a.roles
    FROM security.directory_accounts d, LATERAL security.find_account(d.user_id) a
    WHERE d.issuer = wanted_issuer AND d.subject = wanted_subject
$$;

CREATE FUNCTION security.find_exhausted(of_tenant uuid, calls jsonb, at timestamp with time zone, defaults jsonb) RETURNS TABLE(call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    call record;
    held jsonb := '{}';
    budgets jsonb := '{}';
    kind text;
    total numeric;
BEGIN
    -- Where all of them together leave room in every budget, none is stopped.
    SELECT sum(c.eur) INTO total FROM jsonb_to_recordset(calls) AS c (tenant_id uuid, eur numeric)
    WHERE c.tenant_id = of_tenant;
    IF NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT c.user_id, c.use_case
            FROM jsonb_to_recordset(calls) AS c (tenant_id uuid, user_id uuid, use_case text)
            WHERE c.tenant_id = of_tenant) AS k
        CROSS JOIN LATERAL security.list_call_budgets(
            of_tenant, k.user_id, k.use_case, at, defaults) AS b
        WHERE b.spent_eur + b.reserved_eur + total >= b.limit_eur)
    THEN
        RETURN;
    END IF;
    FOR call IN
        SELECT c.* FROM jsonb_to_recordset(calls) AS c (
            id uuid, tenant_id uuid, user_id uuid, use_case text, eur numeric)
        WHERE c.tenant_id = of_tenant
    LOOP
        kind := call.user_id || ' ' || call.use_case;
        IF NOT budgets ? kind THEN
            budgets := budgets || jsonb_build_object(kind, (
                SELECT coalesce(jsonb_agg(to_jsonb(b.*)), '[]')
                FROM security.list_call_budgets(
                    of_tenant, call.user_id, call.use_case, at, defaults) AS b
                WHERE b.limit_eur IS NOT NULL));
        END IF;
        call_id := NULL;
        SELECT call.id, b.scope, b.period, b.spent_eur + b.reserved_eur + h.eur, b.limit_eur
        INTO call_id, scope, period, spent_eur, limit_eur
        FROM jsonb_to_recordset(budgets -> kind) AS b (
            scope text, period text, limit_eur numeric, spent_eur numeric, reserved_eur numeric)
        CROSS JOIN LATERAL (
            SELECT coalesce((held ->> (b.scope || ' ' || b.period))::numeric, 0) AS eur) AS h
        WHERE b.spent_eur + b.reserved_eur + h.eur >= b.limit_eur
        ORDER BY b.period DESC, b.scope LIMIT 1;
        IF call_id IS NOT NULL THEN
            RETURN NEXT;
        ELSIF budgets -> kind <> '[]' THEN
            SELECT held || jsonb_object_agg(b.name,
                coalesce((held ->> b.name)::numeric, 0) + call.eur)
            INTO held
            FROM (SELECT (v ->> 'scope') || ' ' || (v ->> 'period') AS name
                FROM jsonb_array_elements(budgets -> kind) AS v) AS b;
        END IF;
    END LOOP;
END
$$;

CREATE FUNCTION security.find_firm(wanted_slug text) RETURNS TABLE(id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT t.id, t.name FROM public.tenants t
    WHERE t.slug = wanted_slug OR (wanted_slug IS NULL AND (SELECT count(*) FROM public.tenants) = 1)
$$;

CREATE FUNCTION security.find_key(wanted uuid, presented bytea) RETURNS TABLE(tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[], scopes text[])
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
BEGIN
    UPDATE security.api_keys SET last_used_at = clock_timestamp()
    WHERE id = wanted AND secret_sha256 = presented AND revoked_at IS NULL
        AND coalesce(last_used_at, '-infinity') < clock_timestamp() - interval '5 minutes';
    RETURN QUERY
        SELECT a.tenant_id, a.tenant_name, a.user_id, a.email, a.full_name, a.roles, k.scopes
        FROM security.api_keys k, LATERAL security.find_account(k.user_id) a
        WHERE k.id = wanted AND k.secret_sha256 = presented AND k.revoked_at IS NULL
            AND k.expires_at > clock_timestamp();
END
$$;

CREATE FUNCTION security.find_login(login_email text) RETURNS TABLE(tenant_id uuid, tenant_slug text, tenant_name text, user_id uuid, email text, full_name text, roles text[], password_hash text, must_change boolean)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT t.id, t.slug, t.name, u.id, u.email, u.full_name, u.roles, p.password_hash,
        coalesce(p.must_change, false)
    FROM public.users u
    JOIN public.tenants t ON t.id = u.tenant_id
    LEFT JOIN security.passwords p ON p.user_id = u.id
    WHERE u.email = lower(login_email) AND u.is_active
$$;

CREATE FUNCTION security.find_session(wanted uuid, idle interval) RETURNS TABLE(tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[], must_change boolean, method text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT a.tenant_id, a.tenant_name, a.user_id, a.email, a.full_name, a.roles,
        a.must_change AND s.method = 'password', s.method
    FROM security.sessions s, LATERAL security.find_account(s.user_id) a
    WHERE s.id = wanted AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
        AND s.renewed_at + idle > clock_timestamp()
$$;

CREATE FUNCTION security.forget_words(tenant uuid) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    affected bigint;
BEGIN
    DELETE FROM word_vectors v WHERE v.tenant_id = tenant AND NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT held.word
            FROM passage_texts p, unnest(string_to_array(p.words, ' ')) AS held (word)
            WHERE p.tenant_id = tenant
        ) AS used WHERE used.word = v.word);
    GET DIAGNOSTICS affected = ROW_COUNT;
    RETURN affected;
END
$$;

CREATE FUNCTION security.freeze_proposal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE PROCEDURE security.guard_business_table(IN guarded regclass)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s USING (tenant_id = (SELECT current_tenant_id()))', guarded
    );
    EXECUTE format(
        'GRANT SELECT ON %s TO assistant_read, sql_reader, change_executor, change_approver',
        guarded);
END
$$;

CREATE FUNCTION security.identify_calls(calls jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    proved text;
    people jsonb := '{}';
    former text := current_setting('voltaire.identity', true);
BEGIN
    FOR proved IN SELECT DISTINCT c ->> 'proof' FROM jsonb_array_elements(calls) AS c LOOP
        PERFORM set_config('voltaire.identity', proved, true);
        IF current_user_id() IS NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'no identity';
        END IF;
        people := people || jsonb_build_object(proved, jsonb_build_object(
            'tenant_id', current_tenant_id(), 'user_id', current_user_id()));
    END LOOP;
    PERFORM set_config('voltaire.identity', coalesce(former, ''), true);
    RETURN (SELECT jsonb_agg(c.value - 'proof' || (people -> (c.value ->> 'proof'))
            ORDER BY c.ordinality)
        FROM jsonb_array_elements(calls) WITH ORDINALITY AS c);
END
$$;

CREATE FUNCTION security.identity_part(part integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    token text := current_setting('voltaire.identity', true);
    fields text[];
    signed text;
    key security.identity_key;
BEGIN
    IF token IS NULL OR token = '' THEN
        RETURN NULL;
    END IF;
    fields := string_to_array(token, '|');
    IF array_length(fields, 1) IS DISTINCT FROM 5 THEN
        RETURN NULL;
    END IF;
    signed := array_to_string(fields[1:4], '|');
    SELECT * INTO key FROM security.identity_key;
    IF NOT FOUND
        OR encode(
            sha256(key.outer_pad || sha256(key.inner_pad || convert_to(signed, 'UTF8'))), 'hex'
        ) <> fields[5]
        OR fields[4]::bigint < extract(epoch FROM clock_timestamp())
    THEN
        RETURN NULL;
    END IF;
    RETURN fields[part];
END
$$;

CREATE FUNCTION security.is_erasing(tenant uuid) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT current_user = (SELECT tableowner FROM pg_catalog.pg_tables
            WHERE schemaname = 'public' AND tablename = 'erasures')
        AND current_setting('voltaire.erasing', true) IS NOT DISTINCT FROM tenant::text
$$;

CREATE FUNCTION security.keep_forever() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION security.list_call_budgets(of_tenant uuid, of_user uuid, of_use_case text, at timestamp with time zone, defaults jsonb) RETURNS TABLE(scope text, period text, starts_on date, limit_eur numeric, spent_eur numeric, reserved_eur numeric)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT s.scope, p.period, p.starts_on,
           coalesce(named.limit_eur, ruled.limit_eur,
                    (defaults ->> (s.kind || '_' || p.period))::numeric),
           coalesce(x.spent_eur, 0), coalesce(x.reserved_eur, 0)
    FROM (VALUES ('tenant', 'tenant'),
                 ('user', 'user:' || of_user),
                 ('use_case', 'use_case:' || of_use_case)) AS s (kind, scope)
    CROSS JOIN (
        SELECT v.period, date_trunc(v.period, at AT TIME ZONE 'Europe/Paris')::date
        FROM (VALUES ('day'), ('month')) AS v (period)
    ) AS p (period, starts_on)
    LEFT JOIN budgets named ON named.tenant_id = of_tenant AND named.scope = s.scope
        AND named.period = p.period
    LEFT JOIN budgets ruled ON ruled.tenant_id = of_tenant AND ruled.scope = s.kind
        AND ruled.period = p.period
    LEFT JOIN model_spending x ON x.tenant_id = of_tenant AND x.scope = s.scope
        AND x.period = p.period AND x.starts_on = p.starts_on
$$;

CREATE FUNCTION security.list_findable(tenant uuid, reader_roles text[], wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean) RETURNS TABLE(key integer, model text, version_id uuid, document_id uuid, code text, title text, version_label text, status text, valid_from date, valid_to date)
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

CREATE FUNCTION security.list_worded_columns() RETURNS TABLE(place regclass, name text, kind text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT c.oid::regclass, a.attname::text, format_type(a.atttypid, NULL)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = ''
    WHERE c.relnamespace IN ('public'::regnamespace, 'security'::regnamespace)
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'jsonb')
        AND EXISTS (SELECT FROM pg_attribute t
            WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped)
        AND c.relname NOT IN ('erasures', 'word_vectors')
    ORDER BY 1, 2
$$;

CREATE FUNCTION security.lock_spending(calls jsonb) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
DECLARE
    of_tenant uuid;
BEGIN
    FOR of_tenant IN
        SELECT DISTINCT c.tenant_id FROM jsonb_to_recordset(calls) AS c (tenant_id uuid) ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('model spending ' || of_tenant, 0));
        RETURN NEXT of_tenant;
    END LOOP;
END
$$;

CREATE FUNCTION security.mark_decision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION security.mark_knowledge() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    changed uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
BEGIN
    INSERT INTO knowledge_states AS s (tenant_id, changed_in)
    VALUES (changed, pg_current_xact_id())
    ON CONFLICT (tenant_id) DO UPDATE SET changed_in = excluded.changed_in
    WHERE s.changed_in <> excluded.changed_in;
    RETURN NULL;
END
$$;

CREATE FUNCTION security.mark_model_fallback(call_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    UPDATE model_calls SET is_fallback = true
    WHERE tenant_id = current_tenant_id() AND user_id = current_user_id() AND id = call_id
$$;

CREATE FUNCTION security.mask(given text, pattern text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT string_agg(line.kept || coalesce(repeat('█', length(
        regexp_replace(line.found, '\\+(?:[nrtbf]|u[0-9a-f]{4})', ' ', 'gi'))), ''), ''
        ORDER BY line.place)
    FROM unnest(
        regexp_split_to_array(given, pattern, 'i'),
        ARRAY(SELECT m[1] FROM regexp_matches(given, '(' || pattern || ')', 'gi') AS m)
    ) WITH ORDINALITY AS line (kept, found, place)
$$;

CREATE FUNCTION security.mask_column(tenant uuid, erasure uuid, place regclass, name text, kind text, pattern text) RETURNS bigint
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
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
$_$;

CREATE TABLE public.contacts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid NOT NULL,
    name text NOT NULL,
    role text,
    email text,
    phone text,
    language text DEFAULT 'fr'::text NOT NULL,
    consent boolean DEFAULT false NOT NULL,
    consent_on date,
    consent_origin text,
    preferred_channel text,
    CONSTRAINT contacts_preferred_channel_check CHECK ((preferred_channel = ANY (ARRAY['email'::text, 'phone'::text, 'teams'::text, 'letter'::text])))
);

CREATE FUNCTION security.name_contact(contact public.contacts) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT concat_ws(E'\n', contact.name, contact.email, contact.phone)
$$;

CREATE FUNCTION security.name_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    SELECT d.code || ', version ' || NEW.label INTO NEW.designation FROM documents d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id;
    RETURN NEW;
END
$$;

CREATE FUNCTION security.open_model_calls(calls jsonb, at timestamp with time zone, defaults jsonb) RETURNS TABLE(call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
#variable_conflict use_column
DECLARE
    of_tenant uuid;
    identified jsonb := security.identify_calls(calls);
    stopped jsonb;
    counted jsonb;
BEGIN
    FOR of_tenant IN SELECT * FROM security.lock_spending(identified) LOOP
        CALL security.close_lost_calls(of_tenant, at);
        SELECT coalesce(jsonb_agg(to_jsonb(x.*)), '[]') INTO stopped
        FROM security.find_exhausted(of_tenant, identified, at, defaults) AS x;
        WITH opened AS (
            INSERT INTO model_calls (id, tenant_id, user_id, use_case, record, tier, model,
                prompt_sha256, is_batch, reserved_eur, outcome, is_fallback, started_at,
                duration_ms)
            SELECT c.id, of_tenant, c.user_id, c.use_case, c.record, c.tier, c.model, c.prompt,
                c.is_batch, CASE WHEN s.is_stopped THEN 0 ELSE c.eur END,
                CASE WHEN s.is_stopped THEN 'budget' ELSE 'running' END, s.is_stopped, at,
                CASE WHEN s.is_stopped THEN 0 END
            FROM jsonb_to_recordset(identified) AS c (
                id uuid, tenant_id uuid, user_id uuid, use_case text, record text, tier text,
                model text, prompt text, is_batch boolean, eur numeric)
            CROSS JOIN LATERAL (SELECT stopped @> jsonb_build_array(
                jsonb_build_object('call_id', c.id)) AS is_stopped) AS s
            WHERE c.tenant_id = of_tenant
            RETURNING user_id, use_case, reserved_eur
        )
        SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'use_case', use_case, 'at', at,
            'spent', 0, 'reserved', reserved_eur))
        INTO counted FROM opened WHERE reserved_eur > 0;
        IF counted IS NOT NULL THEN
            CALL security.count_spending(of_tenant, counted);
        END IF;
        RETURN QUERY SELECT x.* FROM jsonb_to_recordset(stopped) AS x (
            call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric);
    END LOOP;
END
$$;

CREATE FUNCTION security.queue_mirror() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    fields jsonb := NEW.canonical::jsonb -> 'fields';
    known twenty_records;
BEGIN
    IF NOT EXISTS (SELECT FROM twenty_connections c
            WHERE c.tenant_id = NEW.tenant_id AND c.is_enabled)
        OR NOT EXISTS (SELECT FROM security.mirrored_columns m WHERE m.object = NEW.object
            AND (fields ? m.name OR NEW.operation = 'remove'))
    THEN
        RETURN NULL;
    END IF;
    IF NEW.operation = 'create' THEN
        INSERT INTO twenty_records (tenant_id, object, twenty_id, record_id, state)
        VALUES (NEW.tenant_id, NEW.object, NEW.record_id, NEW.record_id, 'awaited');
    END IF;
    SELECT * INTO known FROM twenty_records r WHERE r.tenant_id = NEW.tenant_id
        AND r.object = NEW.object AND r.record_id = NEW.record_id AND r.state <> 'gone';
    IF FOUND THEN
        INSERT INTO outbox (id, tenant_id, proposal_id, kind, key, payload)
        VALUES (gen_random_uuid(), NEW.tenant_id, NEW.id, 'twenty', NEW.digest,
            jsonb_build_object('object', NEW.object, 'record', NEW.record_id,
                'operation', NEW.operation, 'fields', fields, 'twenty_id', known.twenty_id,
                'known_at', known.outside_updated_at));
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION security.queue_seal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO audit_unsealed (tenant_id, event_id) VALUES (NEW.tenant_id, NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION security.reduce_address(given text) RETURNS text
    LANGUAGE sql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT CASE WHEN given LIKE '%@%' THEN lower(given)
        ELSE right(regexp_replace(given, '\D', '', 'g'), 9) END
$$;

CREATE FUNCTION security.remove_link(p public.proposals, body jsonb, vals jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    made_fields jsonb;
    conditions text;
    removed int;
BEGIN
    PERFORM security.check_undo(p, body);
    SELECT security.column_values(made.canonical::jsonb -> 'fields') INTO made_fields
    FROM proposals made
    WHERE made.tenant_id = p.tenant_id AND made.id = (body ->> 'undoes')::uuid;
    SELECT string_agg(format('t.%1$I IS NOT DISTINCT FROM r.%1$I', k), ' AND ') INTO conditions
    FROM jsonb_object_keys(made_fields) k;
    EXECUTE format(
        'DELETE FROM %1$I t USING jsonb_populate_record(NULL::%1$I, $1) r
         WHERE t.tenant_id = $2 AND %2$s', body ->> 'object', conditions)
    USING made_fields, p.tenant_id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed <> 1 THEN
        RETURN jsonb_build_object('conflict', true, 'current', NULL);
    END IF;
    RETURN jsonb_build_object('version', NULL);
END
$_$;

CREATE FUNCTION security.renew_session(wanted uuid, presented bytea, next_secret bytea, idle interval) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    found_session security.sessions;
BEGIN
    SELECT * INTO found_session FROM security.sessions WHERE id = wanted FOR UPDATE;
    IF NOT FOUND OR found_session.ended_at IS NOT NULL
        OR found_session.expires_at <= clock_timestamp()
        OR found_session.renewed_at + idle <= clock_timestamp()
    THEN
        RETURN false;
    END IF;
    IF found_session.refresh_sha256 = presented THEN
        UPDATE security.sessions SET spent_sha256 = presented, refresh_sha256 = next_secret,
            renewed_at = clock_timestamp() WHERE id = wanted;
        RETURN true;
    END IF;
    IF found_session.spent_sha256 = presented THEN
        UPDATE security.sessions SET ended_at = clock_timestamp() WHERE id = wanted;
    END IF;
    RETURN false;
END
$$;

CREATE FUNCTION security.set_password(owner uuid, new_hash text, temporary boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.users u
        WHERE u.id = owner AND u.tenant_id = public.current_tenant_id()
            AND (owner = public.current_user_id() OR 'admin' = ANY (public.current_roles())))
    THEN
        RETURN false;
    END IF;
    INSERT INTO security.passwords (user_id, password_hash, must_change)
    VALUES (owner, new_hash, temporary)
    ON CONFLICT (user_id) DO UPDATE
    SET password_hash = EXCLUDED.password_hash, must_change = EXCLUDED.must_change,
        updated_at = now();
    RETURN true;
END
$$;

CREATE FUNCTION security.settle_proposal(p public.proposals, outcome text, why text, detail jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
BEGIN
    UPDATE proposals x SET status = outcome, status_reason = why, settled_at = clock_timestamp(),
        result = detail
    WHERE x.tenant_id = p.tenant_id AND x.id = p.id;
    PERFORM security.add_event(p.tenant_id, outcome, NULL, p.object, p.record_id, p.id,
        coalesce(detail, '{}') || jsonb_build_object('digest', p.digest, 'reason', why));
    RETURN jsonb_build_object('outcome', outcome, 'reason', why, 'detail', detail);
END
$$;

CREATE FUNCTION security.write_row(p public.proposals, body jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $_$
DECLARE
    vals jsonb := security.column_values(body -> 'fields');
    has_id boolean;
    names text;
    found_row jsonb;
    written jsonb;
    made int;
BEGIN
    SELECT w.has_id INTO has_id FROM security.writable_objects w WHERE w.name = body ->> 'object';
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'not an object that changes';
    END IF;
    IF vals ?| ARRAY['id', 'tenant_id', 'version', 'created_at', 'updated_at', 'external_id'] THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a field that changes';
    END IF;
    SELECT string_agg(quote_ident(k), ', ' ORDER BY k) INTO names FROM jsonb_object_keys(vals) k;
    IF body ->> 'operation' IN ('create', 'link') THEN
        vals := vals || jsonb_build_object('tenant_id', p.tenant_id);
        names := names || ', tenant_id';
        IF has_id THEN
            vals := vals || jsonb_build_object('id', body -> 'record');
            names := names || ', id';
        END IF;
        EXECUTE format(
            'INSERT INTO %1$I (%2$s) SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1)
             RETURNING to_jsonb(%1$I.*)', body ->> 'object', names)
        INTO written USING vals;
        RETURN jsonb_build_object('version', written -> 'version');
    END IF;
    IF body ->> 'operation' = 'remove' AND NOT has_id THEN
        RETURN security.remove_link(p, body, vals);
    END IF;
    EXECUTE format('SELECT to_jsonb(t.*) FROM %I t WHERE tenant_id = $1 AND id = $2 FOR UPDATE',
        body ->> 'object')
    INTO found_row USING p.tenant_id, (body ->> 'record')::uuid;
    IF found_row IS NULL THEN
        RETURN jsonb_build_object('conflict', true, 'current', NULL);
    END IF;
    IF (found_row -> 'version') IS DISTINCT FROM (body -> 'version') THEN
        RETURN jsonb_build_object('conflict', true, 'version', found_row -> 'version',
            'current', (SELECT jsonb_object_agg(k, found_row -> k)
                FROM jsonb_object_keys(body -> 'fields') k));
    END IF;
    IF body ->> 'operation' = 'remove' THEN
        PERFORM security.check_undo(p, body);
        EXECUTE format('DELETE FROM %I WHERE tenant_id = $1 AND id = $2', body ->> 'object')
        USING p.tenant_id, (body ->> 'record')::uuid;
        RETURN jsonb_build_object('version', NULL);
    END IF;
    EXECUTE format(
        'UPDATE %1$I SET (%2$s) = (SELECT %2$s FROM jsonb_populate_record(NULL::%1$I, $1))
         WHERE tenant_id = $2 AND id = $3 RETURNING version', body ->> 'object',
        names)
    INTO made USING vals, p.tenant_id, (body ->> 'record')::uuid;
    RETURN jsonb_build_object('version', made);
END
$_$;

CREATE TABLE public.accounts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    parent_account_id uuid,
    name text NOT NULL,
    siren text,
    siret text,
    naf text,
    segment text NOT NULL,
    status text NOT NULL,
    address text,
    postal_code text,
    city text,
    region text,
    annual_revenue_eur numeric(14,2),
    cac_eur numeric(12,2),
    cost_to_serve_eur numeric(12,2),
    lifetime_value_eur numeric(14,2),
    client_since_on date,
    CONSTRAINT accounts_naf_check CHECK ((naf ~ '^\d{2}\.\d{2}[A-Z]$'::text)),
    CONSTRAINT accounts_segment_check CHECK ((segment = ANY (ARRAY['local_authority'::text, 'industry'::text, 'services'::text, 'health'::text, 'property_manager'::text]))),
    CONSTRAINT accounts_siren_check CHECK ((siren ~ '^\d{9}$'::text)),
    CONSTRAINT accounts_siret_check CHECK ((siret ~ '^\d{14}$'::text)),
    CONSTRAINT accounts_status_check CHECK ((status = ANY (ARRAY['prospect'::text, 'client'::text, 'at_risk'::text, 'former'::text])))
);

CREATE TABLE public.amendments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    contract_id uuid NOT NULL,
    number integer NOT NULL,
    signed_on date,
    effective_on date,
    kind text NOT NULL,
    summary text,
    CONSTRAINT amendments_kind_check CHECK ((kind = ANY (ARRAY['scope'::text, 'price'::text, 'duration'::text, 'power'::text]))),
    CONSTRAINT amendments_number_check CHECK ((number > 0))
);

CREATE TABLE public.answer_proofs (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    user_id uuid NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    canonical text NOT NULL,
    sha256 text NOT NULL,
    erased_in uuid,
    CONSTRAINT answer_proofs_canonical_check CHECK ((octet_length(canonical) <= 67108864)),
    CONSTRAINT answer_proofs_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE public.approvals (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    kind text NOT NULL,
    approver_id uuid,
    digest text NOT NULL,
    needed integer NOT NULL,
    batch_id uuid NOT NULL,
    batch_digest text NOT NULL,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT approvals_check CHECK (((kind = 'policy'::text) = (approver_id IS NULL))),
    CONSTRAINT approvals_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'policy'::text]))),
    CONSTRAINT approvals_needed_check CHECK (((needed >= 1) AND (needed <= 2)))
);

ALTER TABLE public.approvals ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.approvals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.attachments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    email_id uuid NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 text NOT NULL
);

CREATE TABLE public.audit_chain (
    tenant_id uuid NOT NULL,
    ordinal bigint NOT NULL,
    event_id bigint NOT NULL,
    event_sha256 text NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT audit_chain_ordinal_check CHECK ((ordinal > 0))
);

ALTER TABLE public.audit_events ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.audit_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.audit_heads (
    tenant_id uuid NOT NULL,
    ordinal bigint NOT NULL,
    sha256 text NOT NULL
);

CREATE TABLE public.audit_unsealed (
    tenant_id uuid NOT NULL,
    event_id bigint NOT NULL
);

CREATE TABLE public.budget_warnings (
    tenant_id uuid NOT NULL,
    scope text NOT NULL,
    period text NOT NULL,
    starts_on date NOT NULL,
    spent_eur numeric(14,6) NOT NULL,
    limit_eur numeric(14,6) NOT NULL,
    warned_at timestamp with time zone NOT NULL,
    CONSTRAINT budget_warnings_period_check CHECK ((period = ANY (ARRAY['day'::text, 'month'::text])))
);

CREATE TABLE public.budgets (
    tenant_id uuid NOT NULL,
    scope text NOT NULL,
    period text NOT NULL,
    limit_eur numeric(12,2) NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT budgets_limit_eur_check CHECK ((limit_eur >= (0)::numeric)),
    CONSTRAINT budgets_period_check CHECK ((period = ANY (ARRAY['day'::text, 'month'::text]))),
    CONSTRAINT budgets_scope_check CHECK ((scope ~ '^(tenant|user|use_case|user:[0-9a-f-]{36}|use_case:[a-z_]+)$'::text))
);

CREATE TABLE public.chunks (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    section_id bigint NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    token_count integer NOT NULL,
    CONSTRAINT chunks_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'table'::text]))),
    CONSTRAINT chunks_text_check CHECK ((text <> ''::text)),
    CONSTRAINT chunks_token_count_check CHECK ((token_count > 0))
);

ALTER TABLE public.chunks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chunks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.competitors (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    name text NOT NULL,
    kind text NOT NULL,
    strengths text,
    weaknesses text,
    typical_price_eur_per_mwh numeric(10,3),
    CONSTRAINT competitors_kind_check CHECK ((kind = ANY (ARRAY['supplier'::text, 'broker'::text])))
);

CREATE TABLE public.consumed_nonces (
    tenant_id uuid NOT NULL,
    nonce uuid NOT NULL,
    consumed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.contract_delivery_points (
    tenant_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    delivery_point_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date
);

CREATE TABLE public.contracts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    tender_id uuid,
    reference text NOT NULL,
    supplier text NOT NULL,
    energy text NOT NULL,
    price_type text NOT NULL,
    price_eur_per_mwh numeric(10,3),
    annual_volume_mwh numeric(14,3),
    annual_amount_eur numeric(14,2),
    start_on date NOT NULL,
    end_on date NOT NULL,
    notice_days integer,
    tacit_renewal boolean DEFAULT false NOT NULL,
    tolerance_band_pct numeric(5,2),
    green_share_pct numeric(5,2),
    status text NOT NULL,
    risk_score integer,
    risk_factors text[] DEFAULT '{}'::text[] NOT NULL,
    notice_deadline_on date GENERATED ALWAYS AS ((end_on - notice_days)) STORED,
    CONSTRAINT contracts_check CHECK ((end_on > start_on)),
    CONSTRAINT contracts_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text]))),
    CONSTRAINT contracts_green_share_pct_check CHECK (((green_share_pct >= (0)::numeric) AND (green_share_pct <= (100)::numeric))),
    CONSTRAINT contracts_notice_days_check CHECK ((notice_days >= 0)),
    CONSTRAINT contracts_price_type_check CHECK ((price_type = ANY (ARRAY['fixed'::text, 'indexed'::text, 'click'::text, 'block_spot'::text]))),
    CONSTRAINT contracts_risk_score_check CHECK (((risk_score >= 0) AND (risk_score <= 100))),
    CONSTRAINT contracts_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'ending'::text, 'ended'::text, 'terminated'::text])))
);

CREATE TABLE public.contradictions (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    fingerprint text NOT NULL,
    kind text NOT NULL,
    left_version_id uuid NOT NULL,
    left_sentence text NOT NULL,
    left_value text NOT NULL,
    right_version_id uuid NOT NULL,
    right_sentence text NOT NULL,
    right_value text NOT NULL,
    score real NOT NULL,
    status text DEFAULT 'proposed'::text NOT NULL,
    found_at timestamp with time zone DEFAULT now() NOT NULL,
    reviewed_by uuid,
    reviewed_at timestamp with time zone,
    CONSTRAINT contradictions_kind_check CHECK ((kind = ANY (ARRAY['date'::text, 'amount'::text, 'duration'::text, 'duty'::text]))),
    CONSTRAINT contradictions_status_check CHECK ((status = ANY (ARRAY['proposed'::text, 'confirmed'::text, 'dismissed'::text])))
);

CREATE TABLE public.conversation_cards (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    kind text NOT NULL,
    request text NOT NULL,
    reference jsonb NOT NULL,
    shown_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT conversation_cards_kind_check CHECK ((kind ~ '^[a-z_]{2,40}$'::text))
);

CREATE TABLE public.conversations (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    surface text NOT NULL,
    title text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT conversations_surface_check CHECK ((surface = ANY (ARRAY['chat'::text, 'api'::text, 'cli'::text, 'mcp'::text])))
);

CREATE TABLE public.delivery_points (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    site_id uuid NOT NULL,
    energy text NOT NULL,
    code text NOT NULL,
    segment text NOT NULL,
    grid_operator text NOT NULL,
    fta text,
    subscribed_power_kva jsonb,
    highest_subscribed_kva numeric(10,1) GENERATED ALWAYS AS (GREATEST(((subscribed_power_kva ->> 'P'::text))::numeric, ((subscribed_power_kva ->> 'HPH'::text))::numeric, ((subscribed_power_kva ->> 'HCH'::text))::numeric, ((subscribed_power_kva ->> 'HPE'::text))::numeric, ((subscribed_power_kva ->> 'HCE'::text))::numeric, ((subscribed_power_kva ->> 'BASE'::text))::numeric, ((subscribed_power_kva ->> 'HP'::text))::numeric, ((subscribed_power_kva ->> 'HC'::text))::numeric)) STORED,
    max_power_kva numeric(10,1),
    annual_consumption_mwh numeric(14,3),
    car_kwh numeric(14,0),
    data_consent boolean DEFAULT false NOT NULL,
    data_consent_expires_on date,
    CONSTRAINT delivery_points_check CHECK ((((energy = 'electricity'::text) AND (code ~ '^\d{14}$'::text)) OR ((energy = 'gas'::text) AND (code ~ '^(\d{14}|GI\d{6})$'::text)))),
    CONSTRAINT delivery_points_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text]))),
    CONSTRAINT delivery_points_segment_check CHECK ((segment = ANY (ARRAY['C1'::text, 'C2'::text, 'C3'::text, 'C4'::text, 'C5'::text, 'T1'::text, 'T2'::text, 'T3'::text, 'T4'::text])))
);

CREATE TABLE public.document_files (
    tenant_id uuid NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT document_files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE ONLY public.document_files ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE public.document_readings (
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    user_id uuid NOT NULL,
    code text NOT NULL,
    label text NOT NULL,
    sha256 text NOT NULL,
    read_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.document_templates (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    name text NOT NULL,
    kind text NOT NULL,
    target_segment text,
    language text DEFAULT 'fr'::text NOT NULL,
    document_version text NOT NULL,
    status text NOT NULL,
    body text NOT NULL,
    CONSTRAINT document_templates_kind_check CHECK ((kind = ANY (ARRAY['technical_memo'::text, 'offer'::text, 'email'::text, 'minutes'::text, 'letter'::text]))),
    CONSTRAINT document_templates_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_force'::text, 'superseded'::text, 'withdrawn'::text]))),
    CONSTRAINT document_templates_target_segment_check CHECK ((target_segment = ANY (ARRAY['local_authority'::text, 'industry'::text, 'services'::text, 'health'::text, 'property_manager'::text])))
);

CREATE TABLE public.document_versions (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    document_id uuid NOT NULL,
    label text NOT NULL,
    status text NOT NULL,
    valid_from date,
    valid_to date,
    review_due_on date,
    source text,
    source_path text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    page_count integer NOT NULL,
    ocr_pages integer[] DEFAULT '{}'::integer[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    decided_at timestamp with time zone,
    designation text NOT NULL,
    review_decided_at timestamp with time zone,
    is_withheld boolean DEFAULT false NOT NULL,
    title text,
    text_changed_on date,
    CONSTRAINT document_versions_page_count_check CHECK ((page_count > 0)),
    CONSTRAINT document_versions_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_force'::text, 'superseded'::text, 'withdrawn'::text])))
);

CREATE TABLE public.documents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    code text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    standards text[] DEFAULT '{}'::text[] NOT NULL,
    clause text,
    owner_id uuid,
    access text[] DEFAULT ARRAY['all'::text] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    must_read text[] DEFAULT '{}'::text[] NOT NULL,
    is_withheld boolean DEFAULT false NOT NULL,
    CONSTRAINT documents_access_check CHECK (((cardinality(access) > 0) AND (access <@ ARRAY['all'::text, 'reader'::text, 'sales'::text, 'quality'::text, 'director'::text, 'admin'::text]))),
    CONSTRAINT documents_kind_check CHECK ((kind = ANY (ARRAY['manual'::text, 'procedure'::text, 'instruction'::text, 'record'::text, 'guide'::text, 'template'::text, 'tender'::text, 'regulation'::text, 'market'::text, 'memo'::text, 'other'::text]))),
    CONSTRAINT documents_must_read_check CHECK ((must_read <@ ARRAY['all'::text, 'reader'::text, 'sales'::text, 'quality'::text, 'director'::text, 'admin'::text]))
);

CREATE TABLE public.efficiency_opportunities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    site_id uuid,
    action text NOT NULL,
    cee_sheet_code text,
    investment_eur numeric(12,2),
    savings_mwh numeric(12,3),
    savings_eur numeric(12,2),
    payback_years numeric(5,1),
    cee_mwhcumac numeric(14,1),
    status text NOT NULL,
    CONSTRAINT efficiency_opportunities_status_check CHECK ((status = ANY (ARRAY['identified'::text, 'studying'::text, 'proposed'::text, 'signed'::text, 'done'::text, 'abandoned'::text])))
);

CREATE TABLE public.email_threads (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid,
    subject text NOT NULL,
    last_message_at timestamp with time zone
);

CREATE TABLE public.emails (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    thread_id uuid NOT NULL,
    contact_id uuid,
    internet_message_id text NOT NULL,
    direction text NOT NULL,
    from_address text NOT NULL,
    to_addresses text[] DEFAULT '{}'::text[] NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    CONSTRAINT emails_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);

CREATE TABLE public.erased_files (
    tenant_id uuid NOT NULL,
    sha256 text NOT NULL,
    erasure_id uuid NOT NULL
);

CREATE TABLE public.erasures (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    asked_by uuid,
    asked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    preview_digest text,
    done_at timestamp with time zone,
    certificate text,
    signature text,
    CONSTRAINT erasures_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'document'::text, 'retention'::text])))
);

CREATE TABLE public.feedback (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    user_id uuid NOT NULL,
    value integer NOT NULL,
    comment text,
    given_at timestamp with time zone DEFAULT now() NOT NULL,
    question text DEFAULT ''::text NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    sentences jsonb DEFAULT '[]'::jsonb NOT NULL,
    review text DEFAULT 'pending'::text NOT NULL,
    reviewed_by uuid,
    reviewed_at timestamp with time zone,
    CONSTRAINT feedback_review_check CHECK ((review = ANY (ARRAY['pending'::text, 'kept'::text, 'dismissed'::text]))),
    CONSTRAINT feedback_value_check CHECK ((value = ANY (ARRAY['-1'::integer, 1])))
);

CREATE TABLE public.firm_profiles (
    tenant_id uuid NOT NULL,
    profile jsonb NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.flexibility_opportunities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    site_id uuid,
    mechanism text NOT NULL,
    power_kw numeric(10,1),
    yearly_value_eur numeric(12,2),
    status text NOT NULL,
    CONSTRAINT flexibility_opportunities_mechanism_check CHECK ((mechanism = ANY (ARRAY['nebef'::text, 'capacity'::text, 'system_services'::text, 'load_shifting'::text]))),
    CONSTRAINT flexibility_opportunities_status_check CHECK ((status = ANY (ARRAY['identified'::text, 'studying'::text, 'proposed'::text, 'signed'::text, 'abandoned'::text])))
);

CREATE TABLE public.grid_requests (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    delivery_point_id uuid NOT NULL,
    kind text NOT NULL,
    operator_reference text,
    sent_on date,
    due_on date,
    status text NOT NULL,
    CONSTRAINT grid_requests_kind_check CHECK ((kind = ANY (ARRAY['connection'::text, 'power_change'::text, 'meter_visit'::text, 'data_access'::text, 'complaint'::text]))),
    CONSTRAINT grid_requests_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'accepted'::text, 'scheduled'::text, 'done'::text, 'refused'::text])))
);

CREATE TABLE public.incidents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    delivery_point_id uuid NOT NULL,
    contract_id uuid,
    kind text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    impact text,
    status text NOT NULL,
    CONSTRAINT incidents_check CHECK ((ended_at >= started_at)),
    CONSTRAINT incidents_kind_check CHECK ((kind = ANY (ARRAY['outage'::text, 'voltage'::text, 'meter'::text, 'data'::text]))),
    CONSTRAINT incidents_status_check CHECK ((status = ANY (ARRAY['open'::text, 'monitoring'::text, 'resolved'::text])))
);

CREATE TABLE public.index_versions (
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    key integer NOT NULL,
    model text NOT NULL,
    chunk_count integer NOT NULL,
    term_total bigint NOT NULL,
    title_term_total bigint NOT NULL,
    CONSTRAINT index_versions_chunk_count_check CHECK ((chunk_count >= 0))
);

ALTER TABLE public.index_versions ALTER COLUMN key ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.index_versions_key_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ingestion_files (
    tenant_id uuid NOT NULL,
    source_root text NOT NULL,
    source_path text NOT NULL,
    sha256 text,
    size_bytes bigint NOT NULL,
    state text NOT NULL,
    message text,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ingestion_files_state_check CHECK ((state = ANY (ARRAY['indexed'::text, 'failed'::text, 'removed'::text])))
);

CREATE TABLE public.ingestion_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    source_root text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    ended_at timestamp with time zone,
    indexed integer DEFAULT 0 NOT NULL,
    updated integer DEFAULT 0 NOT NULL,
    unchanged integer DEFAULT 0 NOT NULL,
    removed integer DEFAULT 0 NOT NULL,
    failed integer DEFAULT 0 NOT NULL,
    message text
);

CREATE TABLE public.kb_articles (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    title text NOT NULL,
    standard text,
    clause text,
    kind text NOT NULL,
    document_version text NOT NULL,
    status text NOT NULL,
    valid_from date,
    valid_to date,
    review_due_on date,
    body text NOT NULL,
    CONSTRAINT kb_articles_kind_check CHECK ((kind = ANY (ARRAY['procedure'::text, 'instruction'::text, 'record'::text, 'guide'::text]))),
    CONSTRAINT kb_articles_standard_check CHECK ((standard = ANY (ARRAY['ISO 9001'::text, 'ISO 14001'::text, 'ISO 50001'::text]))),
    CONSTRAINT kb_articles_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_force'::text, 'superseded'::text, 'withdrawn'::text])))
);

CREATE TABLE public.knowledge_gaps (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    fingerprint text NOT NULL,
    question text NOT NULL,
    missing text[] DEFAULT '{}'::text[] NOT NULL,
    nearest text[] DEFAULT '{}'::text[] NOT NULL,
    asked_by uuid NOT NULL,
    first_asked_at timestamp with time zone DEFAULT now() NOT NULL,
    last_asked_at timestamp with time zone DEFAULT now() NOT NULL,
    repeats integer DEFAULT 1 NOT NULL,
    owner_id uuid,
    status text DEFAULT 'open'::text NOT NULL,
    proposal_id uuid,
    CONSTRAINT knowledge_gaps_repeats_check CHECK ((repeats > 0)),
    CONSTRAINT knowledge_gaps_status_check CHECK ((status = ANY (ARRAY['open'::text, 'drafted'::text, 'closed'::text, 'dismissed'::text])))
);

CREATE TABLE public.knowledge_states (
    tenant_id uuid NOT NULL,
    changed_in xid8 NOT NULL,
    compared_in xid8,
    compared_on date
);

CREATE TABLE public.libraries (
    tenant_id uuid NOT NULL,
    drive_id text NOT NULL,
    cursor text,
    reconciled_at timestamp with time zone
);

CREATE TABLE public.library_items (
    tenant_id uuid NOT NULL,
    drive_id text NOT NULL,
    item_id text NOT NULL,
    parent_id text,
    name text NOT NULL,
    is_folder boolean NOT NULL,
    size bigint DEFAULT 0 NOT NULL,
    content_tag text,
    held_tag text,
    erased_tag text
);

CREATE TABLE public.mail_draft_edits (
    tenant_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    drafted_sha256 text NOT NULL,
    user_id uuid,
    place text NOT NULL,
    distance integer NOT NULL,
    words integer NOT NULL,
    edited_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    greeting text,
    closing text,
    language text,
    CONSTRAINT mail_draft_edits_closing_check CHECK (((length(closing) >= 1) AND (length(closing) <= 80))),
    CONSTRAINT mail_draft_edits_distance_check CHECK ((distance >= 0)),
    CONSTRAINT mail_draft_edits_greeting_check CHECK (((length(greeting) >= 1) AND (length(greeting) <= 80))),
    CONSTRAINT mail_draft_edits_language_check CHECK ((length(language) = 2)),
    CONSTRAINT mail_draft_edits_place_check CHECK ((place = ANY (ARRAY['voltaire'::text, 'mailbox'::text]))),
    CONSTRAINT mail_draft_edits_words_check CHECK ((words >= 0))
);

CREATE TABLE public.mail_drafts (
    tenant_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    mailbox text NOT NULL,
    in_reply_to text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    to_addresses text[] NOT NULL,
    cc_addresses text[] DEFAULT '{}'::text[] NOT NULL,
    written_sha256 text,
    outside_id text,
    state text DEFAULT 'ready'::text NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    placed_body text,
    CONSTRAINT mail_drafts_state_check CHECK ((state = ANY (ARRAY['ready'::text, 'placed'::text, 'edited'::text, 'approved'::text])))
);

CREATE TABLE public.mail_feedback (
    tenant_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    user_id uuid NOT NULL,
    value integer NOT NULL,
    comment text,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT mail_feedback_value_check CHECK ((value = ANY (ARRAY['-1'::integer, 1])))
);

CREATE TABLE public.mail_messages (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    mailbox text NOT NULL,
    internet_message_id text NOT NULL,
    outside_id text,
    email_id uuid NOT NULL,
    reference_ids text[] DEFAULT '{}'::text[] NOT NULL,
    content bytea NOT NULL,
    added_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE ONLY public.mail_messages ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE public.mail_poison (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    mailbox text NOT NULL,
    name text NOT NULL,
    step text NOT NULL,
    message text NOT NULL,
    content bytea,
    thread_id uuid,
    attempts integer DEFAULT 1 NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT mail_poison_state_check CHECK ((state = ANY (ARRAY['open'::text, 'replayed'::text])))
);

CREATE TABLE public.mail_reviews (
    tenant_id uuid NOT NULL,
    key text NOT NULL,
    thread_id uuid NOT NULL,
    due_on date NOT NULL,
    reasons text[] DEFAULT '{}'::text[] NOT NULL,
    decision text,
    decided_by uuid,
    decided_at timestamp with time zone,
    CONSTRAINT mail_reviews_decision_check CHECK ((decision = ANY (ARRAY['oui'::text, 'non'::text])))
);

CREATE TABLE public.mail_sources (
    tenant_id uuid NOT NULL,
    mailbox text NOT NULL,
    kind text NOT NULL,
    cursors jsonb DEFAULT '{}'::jsonb NOT NULL,
    subscription_id text,
    subscription_expires_at timestamp with time zone,
    client_state text,
    checked_at timestamp with time zone,
    message text,
    CONSTRAINT mail_sources_kind_check CHECK ((kind = ANY (ARRAY['graph'::text, 'folder'::text, 'mbox'::text, 'imap'::text])))
);

CREATE TABLE public.mail_triage (
    tenant_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    messages_key text NOT NULL,
    mailbox text DEFAULT ''::text NOT NULL,
    steps jsonb DEFAULT '{}'::jsonb NOT NULL,
    account_id uuid,
    category text,
    urgency integer,
    non_conformity text,
    severity text,
    last_message_at timestamp with time zone,
    is_done boolean DEFAULT false NOT NULL,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT mail_triage_non_conformity_check CHECK ((non_conformity = ANY (ARRAY['oui'::text, 'incertain'::text, 'non'::text]))),
    CONSTRAINT mail_triage_severity_check CHECK ((severity = ANY (ARRAY['minor'::text, 'major'::text]))),
    CONSTRAINT mail_triage_urgency_check CHECK (((urgency >= 1) AND (urgency <= 3)))
);

CREATE TABLE public.market_watch (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    source text NOT NULL,
    source_reference text,
    title text NOT NULL,
    url text,
    published_on date NOT NULL,
    summary text,
    relevance integer,
    status text NOT NULL,
    CONSTRAINT market_watch_relevance_check CHECK (((relevance >= 0) AND (relevance <= 100))),
    CONSTRAINT market_watch_source_check CHECK ((source = ANY (ARRAY['boamp'::text, 'ted'::text, 'cre'::text, 'press'::text]))),
    CONSTRAINT market_watch_status_check CHECK ((status = ANY (ARRAY['new'::text, 'kept'::text, 'dismissed'::text, 'converted'::text])))
);

CREATE TABLE public.meeting_cues (
    tenant_id uuid NOT NULL,
    transcript_id uuid NOT NULL,
    ordinal integer NOT NULL,
    cue_id text NOT NULL,
    speaker text,
    is_external boolean DEFAULT false NOT NULL,
    starts_ms bigint,
    ends_ms bigint,
    start_at integer NOT NULL,
    end_at integer NOT NULL,
    CONSTRAINT meeting_cues_check CHECK ((end_at >= start_at))
);

CREATE TABLE public.meeting_minutes (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    transcript_id uuid NOT NULL,
    version integer NOT NULL,
    status text NOT NULL,
    result jsonb,
    failure text,
    engine text,
    is_model boolean,
    prompt_sha256 text,
    fallback_reason text,
    written_by uuid NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT meeting_minutes_check CHECK (((status = 'ready'::text) = (result IS NOT NULL))),
    CONSTRAINT meeting_minutes_status_check CHECK ((status = ANY (ARRAY['running'::text, 'ready'::text, 'failed'::text]))),
    CONSTRAINT meeting_minutes_version_check CHECK ((version > 0))
);

CREATE TABLE public.meeting_transcripts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    meeting_id uuid,
    account_id uuid,
    origin text NOT NULL,
    external_id text,
    file_name text NOT NULL,
    format text NOT NULL,
    sha256 text NOT NULL,
    body text NOT NULL,
    invitation jsonb NOT NULL,
    remarks text[] DEFAULT '{}'::text[] NOT NULL,
    unread integer DEFAULT 0 NOT NULL,
    received_by uuid,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT meeting_transcripts_format_check CHECK ((format = ANY (ARRAY['vtt'::text, 'srt'::text, 'docx'::text, 'text'::text, 'audio'::text]))),
    CONSTRAINT meeting_transcripts_origin_check CHECK ((origin = ANY (ARRAY['file'::text, 'graph'::text, 'audio'::text]))),
    CONSTRAINT meeting_transcripts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT meeting_transcripts_unread_check CHECK ((unread >= 0))
);

CREATE TABLE public.meetings (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid,
    title text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    location text,
    attendees text[] DEFAULT '{}'::text[] NOT NULL,
    summary text
);

CREATE TABLE public.model_calls (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    use_case text NOT NULL,
    record text,
    tier text NOT NULL,
    model text NOT NULL,
    prompt_sha256 text NOT NULL,
    is_batch boolean DEFAULT false NOT NULL,
    input_tokens integer DEFAULT 0 NOT NULL,
    cache_read_tokens integer DEFAULT 0 NOT NULL,
    cache_write_tokens integer DEFAULT 0 NOT NULL,
    output_tokens integer DEFAULT 0 NOT NULL,
    is_estimated boolean DEFAULT false NOT NULL,
    reserved_eur numeric(14,6) DEFAULT 0 NOT NULL,
    cost_eur numeric(14,6) DEFAULT 0 NOT NULL,
    is_priced boolean DEFAULT true NOT NULL,
    outcome text NOT NULL,
    is_fallback boolean DEFAULT false NOT NULL,
    started_at timestamp with time zone NOT NULL,
    first_token_ms integer,
    duration_ms integer,
    CONSTRAINT model_calls_outcome_check CHECK ((outcome = ANY (ARRAY['running'::text, 'ok'::text, 'max_tokens'::text, 'refusal'::text, 'cancelled'::text, 'interrupted'::text, 'budget'::text, 'breaker_open'::text, 'busy'::text, 'timeout'::text, 'unavailable'::text, 'rate_limited'::text, 'refused_key'::text, 'bad_request'::text, 'error'::text]))),
    CONSTRAINT model_calls_tier_check CHECK ((tier = ANY (ARRAY['fast'::text, 'balanced'::text, 'deep'::text])))
);

CREATE TABLE public.model_spending (
    tenant_id uuid NOT NULL,
    scope text NOT NULL,
    period text NOT NULL,
    starts_on date NOT NULL,
    spent_eur numeric(14,6) DEFAULT 0 NOT NULL,
    reserved_eur numeric(14,6) DEFAULT 0 NOT NULL,
    CONSTRAINT model_spending_period_check CHECK ((period = ANY (ARRAY['day'::text, 'month'::text])))
);

CREATE TABLE public.non_conformities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    opened_by_id uuid,
    account_id uuid NOT NULL,
    contract_id uuid,
    reference text NOT NULL,
    detected_on date NOT NULL,
    source text NOT NULL,
    family text NOT NULL,
    severity text NOT NULL,
    requirement text NOT NULL,
    evidence text,
    containment text,
    root_cause text,
    corrective_action text,
    due_on date,
    effectiveness_check_on date,
    effectiveness_criterion text,
    status text NOT NULL,
    closed_on date,
    CONSTRAINT non_conformities_family_check CHECK ((family = ANY (ARRAY['billing'::text, 'metering'::text, 'contract'::text, 'switching'::text, 'outage'::text, 'price'::text, 'delay'::text, 'privacy'::text, 'broker'::text]))),
    CONSTRAINT non_conformities_severity_check CHECK ((severity = ANY (ARRAY['minor'::text, 'major'::text]))),
    CONSTRAINT non_conformities_source_check CHECK ((source = ANY (ARRAY['email'::text, 'call'::text, 'audit'::text, 'internal'::text]))),
    CONSTRAINT non_conformities_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'open'::text, 'analysing'::text, 'acting'::text, 'checking'::text, 'closed'::text])))
);

CREATE TABLE public.notes (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    author_id uuid,
    account_id uuid NOT NULL,
    contract_id uuid,
    tender_id uuid,
    non_conformity_id uuid,
    body text NOT NULL,
    written_on date NOT NULL,
    CONSTRAINT notes_body_check CHECK ((body <> ''::text))
);

CREATE TABLE public.packed_indexes (
    tenant_id uuid NOT NULL,
    version_key integer NOT NULL,
    content bytea NOT NULL
);
ALTER TABLE ONLY public.packed_indexes ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE public.passage_texts (
    tenant_id uuid NOT NULL,
    version_key integer NOT NULL,
    chunk_id bigint NOT NULL,
    content bytea NOT NULL,
    words text NOT NULL
)
WITH (toast_tuple_target='8160');
ALTER TABLE ONLY public.passage_texts ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE public.passage_vectors (
    tenant_id uuid NOT NULL,
    version_key integer NOT NULL,
    chunk_id bigint NOT NULL,
    embedding public.halfvec NOT NULL
);
ALTER TABLE ONLY public.passage_vectors ALTER COLUMN embedding SET STORAGE PLAIN;

CREATE TABLE public.ppa_projects (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    technology text NOT NULL,
    capacity_mw numeric(8,3),
    volume_mwh numeric(14,3),
    price_eur_per_mwh numeric(10,3),
    duration_years integer,
    producer text,
    status text NOT NULL,
    CONSTRAINT ppa_projects_kind_check CHECK ((kind = ANY (ARRAY['on_site'::text, 'off_site_physical'::text, 'virtual'::text]))),
    CONSTRAINT ppa_projects_status_check CHECK ((status = ANY (ARRAY['identified'::text, 'studying'::text, 'negotiating'::text, 'signed'::text, 'abandoned'::text]))),
    CONSTRAINT ppa_projects_technology_check CHECK ((technology = ANY (ARRAY['solar'::text, 'wind'::text, 'hydro'::text, 'biomass'::text])))
);

ALTER TABLE public.proposals ALTER COLUMN ordinal ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.proposals_ordinal_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reply_drafts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid,
    email_id uuid NOT NULL,
    to_addresses text[] NOT NULL,
    cc_addresses text[] DEFAULT '{}'::text[] NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    CONSTRAINT reply_drafts_body_text_check CHECK ((body_text <> ''::text)),
    CONSTRAINT reply_drafts_to_addresses_check CHECK ((cardinality(to_addresses) > 0))
);

CREATE TABLE public.sections (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    ordinal integer NOT NULL,
    level integer NOT NULL,
    heading text NOT NULL,
    path text NOT NULL,
    CONSTRAINT sections_level_check CHECK ((level >= 0))
);

ALTER TABLE public.sections ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sentences (
    tenant_id uuid NOT NULL,
    chunk_id bigint NOT NULL,
    ordinal integer NOT NULL,
    start_at integer NOT NULL,
    end_at integer NOT NULL,
    page integer NOT NULL,
    box real[],
    CONSTRAINT sentences_box_check CHECK ((cardinality(box) = 4)),
    CONSTRAINT sentences_check CHECK ((end_at > start_at)),
    CONSTRAINT sentences_page_check CHECK ((page > 0)),
    CONSTRAINT sentences_start_at_check CHECK ((start_at >= 0))
);

CREATE TABLE public.sites (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid NOT NULL,
    name text NOT NULL,
    address text,
    postal_code text,
    commune text,
    insee_code text,
    latitude numeric(9,6),
    longitude numeric(9,6),
    surface_m2 integer,
    activity text,
    CONSTRAINT sites_insee_code_check CHECK ((insee_code ~ '^(\d{2}|2[AB])\d{3}$'::text))
);

CREATE TABLE public.tasks (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid,
    contract_id uuid,
    tender_id uuid,
    non_conformity_id uuid,
    title text NOT NULL,
    due_on date,
    source text NOT NULL,
    status text NOT NULL,
    CONSTRAINT tasks_source_check CHECK ((source = ANY (ARRAY['manual'::text, 'email'::text, 'meeting'::text, 'tender'::text, 'system'::text]))),
    CONSTRAINT tasks_status_check CHECK ((status = ANY (ARRAY['open'::text, 'done'::text, 'cancelled'::text])))
);

CREATE TABLE public.tenants (
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z0-9-]{2,40}$'::text))
);

CREATE TABLE public.tender_analyses (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    label text NOT NULL,
    status text NOT NULL,
    progress text,
    verdict text,
    score numeric(4,1),
    digest text,
    analysis jsonb,
    error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT tender_analyses_status_check CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.tender_competitors (
    tenant_id uuid NOT NULL,
    tender_id uuid NOT NULL,
    competitor_id uuid NOT NULL,
    outcome text,
    price_eur_per_mwh numeric(10,3),
    CONSTRAINT tender_competitors_outcome_check CHECK ((outcome = ANY (ARRAY['won'::text, 'lost'::text, 'withdrawn'::text, 'unknown'::text])))
);

CREATE TABLE public.tender_criteria (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    tender_id uuid NOT NULL,
    lot_id uuid,
    name text NOT NULL,
    weight_pct numeric(5,2) NOT NULL,
    CONSTRAINT tender_criteria_weight_pct_check CHECK (((weight_pct >= (0)::numeric) AND (weight_pct <= (100)::numeric)))
);

CREATE TABLE public.tender_files (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL
);

CREATE TABLE public.tender_grids (
    tenant_id uuid NOT NULL,
    grid jsonb NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.tender_lots (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    tender_id uuid NOT NULL,
    number integer NOT NULL,
    title text NOT NULL,
    energy text,
    volume_mwh numeric(14,3),
    delivery_point_count integer,
    estimated_value_eur numeric(14,2),
    CONSTRAINT tender_lots_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text]))),
    CONSTRAINT tender_lots_number_check CHECK ((number > 0))
);

CREATE TABLE public.tenders (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid,
    market_watch_id uuid,
    reference text NOT NULL,
    boamp_id text,
    title text NOT NULL,
    buyer text NOT NULL,
    cpv_codes text[] DEFAULT '{}'::text[] NOT NULL,
    procedure text,
    published_on date,
    submission_deadline timestamp with time zone,
    questions_deadline timestamp with time zone,
    estimated_value_eur numeric(14,2),
    volume_mwh numeric(14,3),
    energy text,
    status text NOT NULL,
    score integer,
    verdict text,
    verdict_reason text,
    CONSTRAINT tenders_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text, 'both'::text]))),
    CONSTRAINT tenders_procedure_check CHECK ((procedure = ANY (ARRAY['open'::text, 'restricted'::text, 'adapted'::text, 'negotiated'::text, 'framework_call'::text, 'private'::text]))),
    CONSTRAINT tenders_score_check CHECK (((score >= 0) AND (score <= 100))),
    CONSTRAINT tenders_status_check CHECK ((status = ANY (ARRAY['detected'::text, 'qualifying'::text, 'go'::text, 'no_go'::text, 'submitted'::text, 'won'::text, 'lost'::text, 'cancelled'::text]))),
    CONSTRAINT tenders_verdict_check CHECK ((verdict = ANY (ARRAY['GO'::text, 'GO_SOUS_RESERVE'::text, 'NO_GO'::text])))
);

CREATE TABLE public.tool_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    ordinal integer NOT NULL,
    tool_use_id text NOT NULL,
    tool text NOT NULL,
    arguments jsonb NOT NULL,
    result jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    duration_ms integer NOT NULL
);

CREATE TABLE public.transcript_arrivals (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    organizer_id text NOT NULL,
    meeting_id text NOT NULL,
    graph_id text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    message text,
    announced_at timestamp with time zone DEFAULT now() NOT NULL,
    tried_at timestamp with time zone,
    CONSTRAINT transcript_arrivals_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT transcript_arrivals_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'done'::text, 'poison'::text])))
);

CREATE TABLE public.turns (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    ordinal integer NOT NULL,
    question text NOT NULL,
    status text NOT NULL,
    answer jsonb,
    engine text,
    prompt_sha256 text,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT turns_status_check CHECK ((status = ANY (ARRAY['running'::text, 'answered'::text, 'uncertain'::text, 'clarification'::text, 'unanswered'::text, 'refused'::text, 'failed'::text])))
);

CREATE TABLE public.twenty_arrivals (
    tenant_id uuid NOT NULL,
    object text NOT NULL,
    twenty_id uuid NOT NULL,
    announced_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.twenty_connections (
    tenant_id uuid NOT NULL,
    base_url text NOT NULL,
    is_enabled boolean DEFAULT true NOT NULL,
    cursors jsonb DEFAULT '{}'::jsonb NOT NULL,
    read_at timestamp with time zone,
    reconciled_at timestamp with time zone,
    message text
);

CREATE TABLE public.twenty_notifications (
    tenant_id uuid NOT NULL,
    nonce text NOT NULL,
    signature text NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.twenty_records (
    tenant_id uuid NOT NULL,
    object text NOT NULL,
    twenty_id uuid NOT NULL,
    record_id uuid,
    state text NOT NULL,
    outside_updated_at timestamp with time zone,
    changed_at timestamp with time zone,
    seen jsonb DEFAULT '{}'::jsonb NOT NULL,
    sent jsonb DEFAULT '{}'::jsonb NOT NULL,
    message text,
    noted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT twenty_records_state_check CHECK ((state = ANY (ARRAY['awaited'::text, 'mirrored'::text, 'refused'::text, 'gone'::text])))
);

CREATE TABLE public.users (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    email text NOT NULL,
    full_name text NOT NULL,
    job_title text,
    roles text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_check CHECK ((email = lower(email))),
    CONSTRAINT users_roles_check CHECK (((cardinality(roles) > 0) AND (roles <@ ARRAY['reader'::text, 'sales'::text, 'quality'::text, 'director'::text, 'admin'::text])))
);

CREATE TABLE public.watch_filters (
    tenant_id uuid NOT NULL,
    cpv_prefixes text[] NOT NULL,
    keywords text[] NOT NULL,
    excluded_words text[] DEFAULT '{}'::text[] NOT NULL,
    regions text[] DEFAULT '{}'::text[] NOT NULL,
    remote_regions text[] DEFAULT '{}'::text[] NOT NULL,
    updated_by uuid,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.watch_notices (
    tenant_id uuid NOT NULL,
    source text NOT NULL,
    notice_id text NOT NULL,
    market_watch_id uuid NOT NULL,
    kind text NOT NULL,
    fingerprint text NOT NULL,
    buyer text,
    departments text[] DEFAULT '{}'::text[] NOT NULL,
    cpv_codes text[] DEFAULT '{}'::text[] NOT NULL,
    energy text,
    deadline timestamp with time zone,
    estimated_value_eur numeric(14,2),
    notice jsonb NOT NULL,
    prescore jsonb NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT watch_notices_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text, 'both'::text]))),
    CONSTRAINT watch_notices_estimated_value_eur_check CHECK ((estimated_value_eur >= (0)::numeric)),
    CONSTRAINT watch_notices_kind_check CHECK ((kind = ANY (ARRAY['contract'::text, 'award'::text, 'information'::text, 'correction'::text, 'cancellation'::text, 'modification'::text]))),
    CONSTRAINT watch_notices_source_check CHECK ((source = ANY (ARRAY['boamp'::text, 'ted'::text])))
);

CREATE TABLE public.watch_requests (
    tenant_id uuid NOT NULL,
    market_watch_id uuid NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamp with time zone DEFAULT now() NOT NULL,
    file_sha256 text,
    arrived_at timestamp with time zone
);

CREATE TABLE public.watch_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    started_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    since date NOT NULL,
    seen integer DEFAULT 0 NOT NULL,
    added integer DEFAULT 0 NOT NULL,
    updated integer DEFAULT 0 NOT NULL,
    set_aside integer DEFAULT 0 NOT NULL,
    unreadable integer DEFAULT 0 NOT NULL,
    failure text
);

CREATE TABLE public.word_vectors (
    tenant_id uuid NOT NULL,
    model text NOT NULL,
    word text NOT NULL,
    hash bigint NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT word_vectors_signature_check CHECK ((octet_length(signature) = 64))
);
ALTER TABLE ONLY public.word_vectors ALTER COLUMN signature SET STORAGE PLAIN;

CREATE TABLE security.api_keys (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    secret_sha256 bytea NOT NULL,
    scopes text[] NOT NULL,
    created_by uuid NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_by uuid,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 80))),
    CONSTRAINT api_keys_scopes_check CHECK (((cardinality(scopes) > 0) AND (scopes <@ ARRAY['read'::text, 'propose'::text]))),
    CONSTRAINT api_keys_secret_sha256_check CHECK ((length(secret_sha256) = 32))
);

CREATE TABLE security.directory_accounts (
    issuer text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    linked_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE security.identity_key (
    only_row boolean DEFAULT true NOT NULL,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    CONSTRAINT identity_key_inner_pad_check CHECK ((length(inner_pad) = 64)),
    CONSTRAINT identity_key_only_row_check CHECK (only_row),
    CONSTRAINT identity_key_outer_pad_check CHECK ((length(outer_pad) = 64))
);

CREATE TABLE security.mirrored_columns (
    object text NOT NULL,
    name text NOT NULL
);

CREATE TABLE security.once_requests (
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_sha256 bytea NOT NULL,
    begun_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    status integer,
    headers jsonb,
    body bytea,
    CONSTRAINT once_requests_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
    CONSTRAINT once_requests_request_sha256_check CHECK ((length(request_sha256) = 32))
);

CREATE TABLE security.passwords (
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    must_change boolean DEFAULT false NOT NULL
);

CREATE TABLE security.second_approval_thresholds (
    tenant_id uuid NOT NULL,
    object text NOT NULL,
    cents bigint NOT NULL,
    CONSTRAINT second_approval_thresholds_cents_check CHECK ((cents >= 0))
);

CREATE TABLE security.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    method text NOT NULL,
    refresh_sha256 bytea NOT NULL,
    spent_sha256 bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    renewed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT sessions_method_check CHECK ((method = ANY (ARRAY['password'::text, 'directory'::text]))),
    CONSTRAINT sessions_refresh_sha256_check CHECK ((length(refresh_sha256) = 32))
);

CREATE TABLE security.writable_objects (
    name text NOT NULL,
    has_id boolean DEFAULT true NOT NULL,
    stake text,
    weighty text[] DEFAULT '{}'::text[] NOT NULL
);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_contract_id_number_key UNIQUE (tenant_id, contract_id, number);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.answer_proofs
    ADD CONSTRAINT answer_proofs_pkey PRIMARY KEY (tenant_id, turn_id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_proposal_id_approver_id_key UNIQUE NULLS NOT DISTINCT (tenant_id, proposal_id, approver_id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_pkey PRIMARY KEY (tenant_id, ordinal);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_tenant_id_event_id_key UNIQUE (tenant_id, event_id);

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.audit_heads
    ADD CONSTRAINT audit_heads_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.audit_unsealed
    ADD CONSTRAINT audit_unsealed_pkey PRIMARY KEY (tenant_id, event_id);

ALTER TABLE ONLY public.budget_warnings
    ADD CONSTRAINT budget_warnings_pkey PRIMARY KEY (tenant_id, scope, period, starts_on);

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (tenant_id, scope, period);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_version_id_ordinal_key UNIQUE (tenant_id, version_id, ordinal);

ALTER TABLE ONLY public.competitors
    ADD CONSTRAINT competitors_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.competitors
    ADD CONSTRAINT competitors_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.consumed_nonces
    ADD CONSTRAINT consumed_nonces_pkey PRIMARY KEY (tenant_id, nonce);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_pkey PRIMARY KEY (tenant_id, contract_id, delivery_point_id, from_on);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_reference_key UNIQUE (tenant_id, reference);

ALTER TABLE ONLY public.contradictions
    ADD CONSTRAINT contradictions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contradictions
    ADD CONSTRAINT contradictions_tenant_id_fingerprint_key UNIQUE (tenant_id, fingerprint);

ALTER TABLE ONLY public.conversation_cards
    ADD CONSTRAINT conversation_cards_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_energy_code_key UNIQUE (tenant_id, energy, code);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.document_files
    ADD CONSTRAINT document_files_pkey PRIMARY KEY (tenant_id, sha256);

ALTER TABLE ONLY public.document_readings
    ADD CONSTRAINT document_readings_pkey PRIMARY KEY (tenant_id, version_id, user_id, sha256);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_document_id_label_key UNIQUE (tenant_id, document_id, label);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_tenant_id_code_key UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_internet_message_id_key UNIQUE (tenant_id, internet_message_id);

ALTER TABLE ONLY public.erased_files
    ADD CONSTRAINT erased_files_pkey PRIMARY KEY (tenant_id, sha256);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (tenant_id, turn_id, user_id);

ALTER TABLE ONLY public.firm_profiles
    ADD CONSTRAINT firm_profiles_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.index_versions
    ADD CONSTRAINT index_versions_pkey PRIMARY KEY (tenant_id, version_id);

ALTER TABLE ONLY public.index_versions
    ADD CONSTRAINT index_versions_tenant_id_key_key UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.ingestion_files
    ADD CONSTRAINT ingestion_files_pkey PRIMARY KEY (tenant_id, source_root, source_path);

ALTER TABLE ONLY public.ingestion_runs
    ADD CONSTRAINT ingestion_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.knowledge_gaps
    ADD CONSTRAINT knowledge_gaps_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.knowledge_gaps
    ADD CONSTRAINT knowledge_gaps_tenant_id_fingerprint_key UNIQUE (tenant_id, fingerprint);

ALTER TABLE ONLY public.knowledge_states
    ADD CONSTRAINT knowledge_states_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.libraries
    ADD CONSTRAINT libraries_pkey PRIMARY KEY (tenant_id, drive_id);

ALTER TABLE ONLY public.library_items
    ADD CONSTRAINT library_items_pkey PRIMARY KEY (tenant_id, drive_id, item_id);

ALTER TABLE ONLY public.mail_draft_edits
    ADD CONSTRAINT mail_draft_edits_pkey PRIMARY KEY (tenant_id, thread_id, drafted_sha256, place);

ALTER TABLE ONLY public.mail_drafts
    ADD CONSTRAINT mail_drafts_pkey PRIMARY KEY (tenant_id, thread_id);

ALTER TABLE ONLY public.mail_feedback
    ADD CONSTRAINT mail_feedback_pkey PRIMARY KEY (tenant_id, thread_id, user_id);

ALTER TABLE ONLY public.mail_messages
    ADD CONSTRAINT mail_messages_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.mail_messages
    ADD CONSTRAINT mail_messages_tenant_id_mailbox_internet_message_id_key UNIQUE (tenant_id, mailbox, internet_message_id);

ALTER TABLE ONLY public.mail_poison
    ADD CONSTRAINT mail_poison_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.mail_reviews
    ADD CONSTRAINT mail_reviews_pkey PRIMARY KEY (tenant_id, key);

ALTER TABLE ONLY public.mail_sources
    ADD CONSTRAINT mail_sources_pkey PRIMARY KEY (tenant_id, mailbox);

ALTER TABLE ONLY public.mail_triage
    ADD CONSTRAINT mail_triage_pkey PRIMARY KEY (tenant_id, thread_id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_tenant_id_source_source_reference_key UNIQUE (tenant_id, source, source_reference);

ALTER TABLE ONLY public.meeting_cues
    ADD CONSTRAINT meeting_cues_pkey PRIMARY KEY (tenant_id, transcript_id, ordinal);

ALTER TABLE ONLY public.meeting_cues
    ADD CONSTRAINT meeting_cues_tenant_id_transcript_id_cue_id_key UNIQUE (tenant_id, transcript_id, cue_id);

ALTER TABLE ONLY public.meeting_minutes
    ADD CONSTRAINT meeting_minutes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.meeting_minutes
    ADD CONSTRAINT meeting_minutes_tenant_id_transcript_id_version_key UNIQUE (tenant_id, transcript_id, version);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_tenant_id_sha256_key UNIQUE (tenant_id, sha256);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.model_calls
    ADD CONSTRAINT model_calls_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.model_spending
    ADD CONSTRAINT model_spending_pkey PRIMARY KEY (tenant_id, scope, period, starts_on);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_reference_key UNIQUE (tenant_id, reference);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_kind_key_key UNIQUE (tenant_id, kind, key);

ALTER TABLE ONLY public.packed_indexes
    ADD CONSTRAINT packed_indexes_pkey PRIMARY KEY (tenant_id, version_key);

ALTER TABLE ONLY public.passage_texts
    ADD CONSTRAINT passage_texts_pkey PRIMARY KEY (tenant_id, version_key, chunk_id);

ALTER TABLE ONLY public.passage_vectors
    ADD CONSTRAINT passage_vectors_pkey PRIMARY KEY (tenant_id, version_key, chunk_id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_tenant_id_key_key UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_tenant_id_nonce_key UNIQUE (tenant_id, nonce);

ALTER TABLE ONLY public.reply_drafts
    ADD CONSTRAINT reply_drafts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.reply_drafts
    ADD CONSTRAINT reply_drafts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_tenant_id_version_id_ordinal_key UNIQUE (tenant_id, version_id, ordinal);

ALTER TABLE ONLY public.sentences
    ADD CONSTRAINT sentences_pkey PRIMARY KEY (tenant_id, chunk_id, ordinal);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.tender_analyses
    ADD CONSTRAINT tender_analyses_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_pkey PRIMARY KEY (tenant_id, tender_id, competitor_id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tender_files
    ADD CONSTRAINT tender_files_pkey PRIMARY KEY (tenant_id, analysis_id, path);

ALTER TABLE ONLY public.tender_grids
    ADD CONSTRAINT tender_grids_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_tender_id_number_key UNIQUE (tenant_id, tender_id, number);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_reference_key UNIQUE (tenant_id, reference);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_turn_id_ordinal_key UNIQUE (tenant_id, turn_id, ordinal);

ALTER TABLE ONLY public.transcript_arrivals
    ADD CONSTRAINT transcript_arrivals_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.transcript_arrivals
    ADD CONSTRAINT transcript_arrivals_tenant_id_organizer_id_meeting_id_graph_key UNIQUE (tenant_id, organizer_id, meeting_id, graph_id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_conversation_id_ordinal_key UNIQUE (tenant_id, conversation_id, ordinal);

ALTER TABLE ONLY public.twenty_arrivals
    ADD CONSTRAINT twenty_arrivals_pkey PRIMARY KEY (tenant_id, object, twenty_id);

ALTER TABLE ONLY public.twenty_connections
    ADD CONSTRAINT twenty_connections_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.twenty_notifications
    ADD CONSTRAINT twenty_notifications_pkey PRIMARY KEY (tenant_id, nonce);

ALTER TABLE ONLY public.twenty_notifications
    ADD CONSTRAINT twenty_notifications_tenant_id_signature_key UNIQUE (tenant_id, signature);

ALTER TABLE ONLY public.twenty_records
    ADD CONSTRAINT twenty_records_pkey PRIMARY KEY (tenant_id, object, twenty_id);

ALTER TABLE ONLY public.twenty_records
    ADD CONSTRAINT twenty_records_tenant_id_object_record_id_key UNIQUE (tenant_id, object, record_id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_id_key UNIQUE (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.watch_filters
    ADD CONSTRAINT watch_filters_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.watch_notices
    ADD CONSTRAINT watch_notices_pkey PRIMARY KEY (tenant_id, source, notice_id);

ALTER TABLE ONLY public.watch_requests
    ADD CONSTRAINT watch_requests_pkey PRIMARY KEY (tenant_id, market_watch_id);

ALTER TABLE ONLY public.watch_runs
    ADD CONSTRAINT watch_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.word_vectors
    ADD CONSTRAINT word_vectors_pkey PRIMARY KEY (tenant_id, model, word);

ALTER TABLE ONLY security.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY security.directory_accounts
    ADD CONSTRAINT directory_accounts_issuer_user_id_key UNIQUE (issuer, user_id);

ALTER TABLE ONLY security.directory_accounts
    ADD CONSTRAINT directory_accounts_pkey PRIMARY KEY (issuer, subject);

ALTER TABLE ONLY security.identity_key
    ADD CONSTRAINT identity_key_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY security.mirrored_columns
    ADD CONSTRAINT mirrored_columns_pkey PRIMARY KEY (object, name);

ALTER TABLE ONLY security.once_requests
    ADD CONSTRAINT once_requests_pkey PRIMARY KEY (tenant_id, user_id, key);

ALTER TABLE ONLY security.passwords
    ADD CONSTRAINT passwords_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY security.second_approval_thresholds
    ADD CONSTRAINT second_approval_thresholds_pkey PRIMARY KEY (tenant_id, object);

ALTER TABLE ONLY security.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY security.writable_objects
    ADD CONSTRAINT writable_objects_pkey PRIMARY KEY (name);

CREATE INDEX answer_proofs_tenant_id_made_at_idx ON public.answer_proofs USING btree (tenant_id, made_at);

CREATE INDEX approvals_tenant_id_approver_id_decided_at_idx ON public.approvals USING btree (tenant_id, approver_id, decided_at);

CREATE INDEX approvals_tenant_id_batch_id_idx ON public.approvals USING btree (tenant_id, batch_id);

CREATE INDEX attachments_tenant_id_email_id_idx ON public.attachments USING btree (tenant_id, email_id);

CREATE INDEX audit_events_tenant_id_object_record_id_id_idx ON public.audit_events USING btree (tenant_id, object, record_id, id);

CREATE INDEX audit_events_tenant_id_proposal_id_id_idx ON public.audit_events USING btree (tenant_id, proposal_id, id);

CREATE INDEX chunks_tenant_id_section_id_idx ON public.chunks USING btree (tenant_id, section_id);

CREATE INDEX contacts_tenant_id_account_id_idx ON public.contacts USING btree (tenant_id, account_id);

CREATE INDEX contract_delivery_points_tenant_id_delivery_point_id_idx ON public.contract_delivery_points USING btree (tenant_id, delivery_point_id);

CREATE INDEX contracts_tenant_id_account_id_idx ON public.contracts USING btree (tenant_id, account_id);

CREATE INDEX contracts_tenant_id_end_on_idx ON public.contracts USING btree (tenant_id, end_on);

CREATE INDEX contradictions_tenant_id_status_idx ON public.contradictions USING btree (tenant_id, status);

CREATE INDEX conversation_cards_tenant_id_conversation_id_shown_at_idx ON public.conversation_cards USING btree (tenant_id, conversation_id, shown_at);

CREATE INDEX conversations_tenant_id_user_id_updated_at_idx ON public.conversations USING btree (tenant_id, user_id, updated_at DESC);

CREATE INDEX delivery_points_tenant_id_site_id_idx ON public.delivery_points USING btree (tenant_id, site_id);

CREATE INDEX document_versions_tenant_id_source_path_idx ON public.document_versions USING btree (tenant_id, source_path);

CREATE INDEX efficiency_opportunities_tenant_id_account_id_idx ON public.efficiency_opportunities USING btree (tenant_id, account_id);

CREATE INDEX email_threads_tenant_id_account_id_idx ON public.email_threads USING btree (tenant_id, account_id);

CREATE INDEX emails_tenant_id_thread_id_idx ON public.emails USING btree (tenant_id, thread_id);

CREATE INDEX flexibility_opportunities_tenant_id_account_id_idx ON public.flexibility_opportunities USING btree (tenant_id, account_id);

CREATE INDEX grid_requests_tenant_id_delivery_point_id_idx ON public.grid_requests USING btree (tenant_id, delivery_point_id);

CREATE INDEX incidents_tenant_id_delivery_point_id_idx ON public.incidents USING btree (tenant_id, delivery_point_id);

CREATE INDEX ingestion_runs_tenant_id_source_root_started_at_idx ON public.ingestion_runs USING btree (tenant_id, source_root, started_at DESC);

CREATE INDEX knowledge_gaps_tenant_id_status_repeats_idx ON public.knowledge_gaps USING btree (tenant_id, status, repeats DESC);

CREATE INDEX mail_draft_edits_tenant_id_user_id_edited_at_idx ON public.mail_draft_edits USING btree (tenant_id, user_id, edited_at DESC);

CREATE INDEX mail_messages_reference_ids_idx ON public.mail_messages USING gin (reference_ids);

CREATE INDEX mail_messages_tenant_id_email_id_idx ON public.mail_messages USING btree (tenant_id, email_id);

CREATE INDEX mail_triage_tenant_id_last_message_at_idx ON public.mail_triage USING btree (tenant_id, last_message_at DESC);

CREATE INDEX meeting_transcripts_tenant_id_account_id_idx ON public.meeting_transcripts USING btree (tenant_id, account_id);

CREATE INDEX meeting_transcripts_tenant_id_received_at_idx ON public.meeting_transcripts USING btree (tenant_id, received_at DESC);

CREATE INDEX meetings_tenant_id_account_id_idx ON public.meetings USING btree (tenant_id, account_id);

CREATE INDEX model_calls_tenant_id_started_at_idx ON public.model_calls USING btree (tenant_id, started_at);

CREATE INDEX model_calls_tenant_id_started_at_idx1 ON public.model_calls USING btree (tenant_id, started_at) WHERE (outcome = 'running'::text);

CREATE INDEX model_calls_tenant_id_user_id_started_at_idx ON public.model_calls USING btree (tenant_id, user_id, started_at);

CREATE INDEX non_conformities_tenant_id_account_id_idx ON public.non_conformities USING btree (tenant_id, account_id);

CREATE INDEX notes_tenant_id_account_id_idx ON public.notes USING btree (tenant_id, account_id);

CREATE INDEX outbox_next_at_idx ON public.outbox USING btree (next_at) WHERE (state = ANY (ARRAY['due'::text, 'doubtful'::text]));

CREATE INDEX ppa_projects_tenant_id_account_id_idx ON public.ppa_projects USING btree (tenant_id, account_id);

CREATE INDEX proposals_tenant_id_object_record_id_idx ON public.proposals USING btree (tenant_id, object, record_id);

CREATE INDEX proposals_tenant_id_ordinal_idx ON public.proposals USING btree (tenant_id, ordinal DESC) WHERE (status = 'pending'::text);

CREATE INDEX proposals_tenant_id_ordinal_idx1 ON public.proposals USING btree (tenant_id, ordinal) WHERE (status = 'approved'::text);

CREATE INDEX proposals_tenant_id_proposer_id_created_at_idx ON public.proposals USING btree (tenant_id, proposer_id, created_at);

CREATE INDEX reply_drafts_tenant_id_email_id_idx ON public.reply_drafts USING btree (tenant_id, email_id);

CREATE INDEX sites_tenant_id_account_id_idx ON public.sites USING btree (tenant_id, account_id);

CREATE INDEX tasks_tenant_id_account_id_idx ON public.tasks USING btree (tenant_id, account_id);

CREATE INDEX tender_analyses_tenant_id_created_at_idx ON public.tender_analyses USING btree (tenant_id, created_at DESC);

CREATE INDEX tender_criteria_tenant_id_tender_id_idx ON public.tender_criteria USING btree (tenant_id, tender_id);

CREATE INDEX tenders_tenant_id_account_id_idx ON public.tenders USING btree (tenant_id, account_id);

CREATE INDEX tenders_tenant_id_submission_deadline_idx ON public.tenders USING btree (tenant_id, submission_deadline);

CREATE INDEX twenty_records_tenant_id_state_noted_at_idx ON public.twenty_records USING btree (tenant_id, state, noted_at) WHERE (state = ANY (ARRAY['refused'::text, 'gone'::text]));

CREATE INDEX watch_notices_tenant_id_deadline_idx ON public.watch_notices USING btree (tenant_id, deadline);

CREATE INDEX watch_notices_tenant_id_fingerprint_idx ON public.watch_notices USING btree (tenant_id, fingerprint);

CREATE INDEX watch_notices_tenant_id_market_watch_id_idx ON public.watch_notices USING btree (tenant_id, market_watch_id);

CREATE INDEX watch_runs_tenant_id_started_at_idx ON public.watch_runs USING btree (tenant_id, started_at DESC);

CREATE UNIQUE INDEX api_keys_tenant_id_user_id_name_idx ON security.api_keys USING btree (tenant_id, user_id, name) WHERE (revoked_at IS NULL);

CREATE INDEX once_requests_begun_at_idx ON security.once_requests USING btree (begun_at);

CREATE INDEX sessions_user_id_idx ON security.sessions USING btree (user_id);

CREATE TRIGGER count_version BEFORE UPDATE ON public.accounts FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.amendments FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.attachments FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.competitors FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.contacts FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.contracts FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.delivery_points FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.document_templates FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.document_versions FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.documents FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.efficiency_opportunities FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.email_threads FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.emails FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.flexibility_opportunities FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.grid_requests FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.incidents FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.kb_articles FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.market_watch FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.meetings FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.non_conformities FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.notes FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.ppa_projects FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.reply_drafts FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.sites FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.tasks FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.tender_criteria FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.tender_lots FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER count_version BEFORE UPDATE ON public.tenders FOR EACH ROW EXECUTE FUNCTION security.count_version();

CREATE TRIGGER end_former_versions AFTER UPDATE ON public.document_versions FOR EACH ROW WHEN (((SESSION_USER = 'change_executor'::name) AND (new.status = 'in_force'::text) AND (old.status <> 'in_force'::text))) EXECUTE FUNCTION security.end_former_versions();

CREATE TRIGGER freeze_proposal BEFORE UPDATE ON public.proposals FOR EACH ROW EXECUTE FUNCTION security.freeze_proposal();

CREATE TRIGGER keep_forever BEFORE DELETE OR UPDATE ON public.answer_proofs FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

CREATE TRIGGER keep_forever BEFORE DELETE OR UPDATE ON public.approvals FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

CREATE TRIGGER keep_forever BEFORE DELETE OR UPDATE ON public.audit_chain FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

CREATE TRIGGER keep_forever BEFORE DELETE OR UPDATE ON public.audit_events FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

CREATE TRIGGER keep_forever BEFORE DELETE OR UPDATE ON public.consumed_nonces FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

CREATE TRIGGER keep_forever BEFORE DELETE ON public.proposals FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

CREATE TRIGGER mark_decision BEFORE UPDATE ON public.document_versions FOR EACH ROW WHEN ((SESSION_USER = 'change_executor'::name)) EXECUTE FUNCTION security.mark_decision();

CREATE CONSTRAINT TRIGGER mark_knowledge AFTER INSERT OR DELETE OR UPDATE ON public.document_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION security.mark_knowledge();

CREATE CONSTRAINT TRIGGER mark_knowledge AFTER INSERT OR DELETE OR UPDATE ON public.documents DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION security.mark_knowledge();

CREATE CONSTRAINT TRIGGER mark_knowledge AFTER INSERT OR DELETE OR UPDATE ON public.index_versions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION security.mark_knowledge();

CREATE TRIGGER name_version BEFORE INSERT ON public.document_versions FOR EACH ROW EXECUTE FUNCTION security.name_version();

CREATE TRIGGER queue_mirror AFTER UPDATE OF status ON public.proposals FOR EACH ROW WHEN (((new.status = 'executed'::text) AND (old.status <> 'executed'::text))) EXECUTE FUNCTION security.queue_mirror();

CREATE TRIGGER queue_seal AFTER INSERT ON public.audit_events FOR EACH ROW EXECUTE FUNCTION security.queue_seal();

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_parent_account_id_fkey FOREIGN KEY (tenant_id, parent_account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.answer_proofs
    ADD CONSTRAINT answer_proofs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.answer_proofs
    ADD CONSTRAINT answer_proofs_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_approver_id_fkey FOREIGN KEY (tenant_id, approver_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.approvals
    ADD CONSTRAINT approvals_tenant_id_proposal_id_fkey FOREIGN KEY (tenant_id, proposal_id) REFERENCES public.proposals(tenant_id, id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_tenant_id_email_id_fkey FOREIGN KEY (tenant_id, email_id) REFERENCES public.emails(tenant_id, id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_tenant_id_event_id_fkey FOREIGN KEY (tenant_id, event_id) REFERENCES public.audit_events(tenant_id, id);

ALTER TABLE ONLY public.audit_chain
    ADD CONSTRAINT audit_chain_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.audit_events
    ADD CONSTRAINT audit_events_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.audit_heads
    ADD CONSTRAINT audit_heads_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.audit_unsealed
    ADD CONSTRAINT audit_unsealed_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.budget_warnings
    ADD CONSTRAINT budget_warnings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.budgets
    ADD CONSTRAINT budgets_tenant_id_updated_by_fkey FOREIGN KEY (tenant_id, updated_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_section_id_fkey FOREIGN KEY (tenant_id, section_id) REFERENCES public.sections(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_version_id_fkey FOREIGN KEY (tenant_id, version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.competitors
    ADD CONSTRAINT competitors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.consumed_nonces
    ADD CONSTRAINT consumed_nonces_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_tenant_id_delivery_point_id_fkey FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES public.delivery_points(tenant_id, id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.contradictions
    ADD CONSTRAINT contradictions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contradictions
    ADD CONSTRAINT contradictions_tenant_id_left_version_id_fkey FOREIGN KEY (tenant_id, left_version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.contradictions
    ADD CONSTRAINT contradictions_tenant_id_reviewed_by_fkey FOREIGN KEY (tenant_id, reviewed_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.contradictions
    ADD CONSTRAINT contradictions_tenant_id_right_version_id_fkey FOREIGN KEY (tenant_id, right_version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_cards
    ADD CONSTRAINT conversation_cards_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.conversation_cards
    ADD CONSTRAINT conversation_cards_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.conversation_cards
    ADD CONSTRAINT conversation_cards_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, id);

ALTER TABLE ONLY public.document_files
    ADD CONSTRAINT document_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_readings
    ADD CONSTRAINT document_readings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_readings
    ADD CONSTRAINT document_readings_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_document_id_fkey FOREIGN KEY (tenant_id, document_id) REFERENCES public.documents(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_sha256_fkey FOREIGN KEY (tenant_id, sha256) REFERENCES public.document_files(tenant_id, sha256);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contacts(tenant_id, id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id);

ALTER TABLE ONLY public.erased_files
    ADD CONSTRAINT erased_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_tenant_id_asked_by_fkey FOREIGN KEY (tenant_id, asked_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.erasures
    ADD CONSTRAINT erasures_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_reviewed_by_fkey FOREIGN KEY (tenant_id, reviewed_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_turn_id_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES public.turns(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.firm_profiles
    ADD CONSTRAINT firm_profiles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.firm_profiles
    ADD CONSTRAINT firm_profiles_tenant_id_updated_by_fkey FOREIGN KEY (tenant_id, updated_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_delivery_point_id_fkey FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES public.delivery_points(tenant_id, id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_delivery_point_id_fkey FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES public.delivery_points(tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.index_versions
    ADD CONSTRAINT index_versions_tenant_id_version_id_fkey FOREIGN KEY (tenant_id, version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ingestion_files
    ADD CONSTRAINT ingestion_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.ingestion_runs
    ADD CONSTRAINT ingestion_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.knowledge_gaps
    ADD CONSTRAINT knowledge_gaps_tenant_id_asked_by_fkey FOREIGN KEY (tenant_id, asked_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.knowledge_gaps
    ADD CONSTRAINT knowledge_gaps_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.knowledge_gaps
    ADD CONSTRAINT knowledge_gaps_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.libraries
    ADD CONSTRAINT libraries_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.library_items
    ADD CONSTRAINT library_items_tenant_id_drive_id_fkey FOREIGN KEY (tenant_id, drive_id) REFERENCES public.libraries(tenant_id, drive_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_draft_edits
    ADD CONSTRAINT mail_draft_edits_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_draft_edits
    ADD CONSTRAINT mail_draft_edits_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_draft_edits
    ADD CONSTRAINT mail_draft_edits_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.mail_drafts
    ADD CONSTRAINT mail_drafts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_drafts
    ADD CONSTRAINT mail_drafts_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_feedback
    ADD CONSTRAINT mail_feedback_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_feedback
    ADD CONSTRAINT mail_feedback_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_feedback
    ADD CONSTRAINT mail_feedback_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.mail_messages
    ADD CONSTRAINT mail_messages_tenant_id_email_id_fkey FOREIGN KEY (tenant_id, email_id) REFERENCES public.emails(tenant_id, id);

ALTER TABLE ONLY public.mail_messages
    ADD CONSTRAINT mail_messages_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_poison
    ADD CONSTRAINT mail_poison_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_reviews
    ADD CONSTRAINT mail_reviews_tenant_id_decided_by_fkey FOREIGN KEY (tenant_id, decided_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.mail_reviews
    ADD CONSTRAINT mail_reviews_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_reviews
    ADD CONSTRAINT mail_reviews_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.mail_sources
    ADD CONSTRAINT mail_sources_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_triage
    ADD CONSTRAINT mail_triage_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.mail_triage
    ADD CONSTRAINT mail_triage_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.mail_triage
    ADD CONSTRAINT mail_triage_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meeting_cues
    ADD CONSTRAINT meeting_cues_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meeting_cues
    ADD CONSTRAINT meeting_cues_tenant_id_transcript_id_fkey FOREIGN KEY (tenant_id, transcript_id) REFERENCES public.meeting_transcripts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.meeting_minutes
    ADD CONSTRAINT meeting_minutes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meeting_minutes
    ADD CONSTRAINT meeting_minutes_tenant_id_transcript_id_fkey FOREIGN KEY (tenant_id, transcript_id) REFERENCES public.meeting_transcripts(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.meeting_minutes
    ADD CONSTRAINT meeting_minutes_tenant_id_written_by_fkey FOREIGN KEY (tenant_id, written_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_tenant_id_meeting_id_fkey FOREIGN KEY (tenant_id, meeting_id) REFERENCES public.meetings(tenant_id, id);

ALTER TABLE ONLY public.meeting_transcripts
    ADD CONSTRAINT meeting_transcripts_tenant_id_received_by_fkey FOREIGN KEY (tenant_id, received_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.model_calls
    ADD CONSTRAINT model_calls_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.model_calls
    ADD CONSTRAINT model_calls_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.model_spending
    ADD CONSTRAINT model_spending_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_opened_by_id_fkey FOREIGN KEY (tenant_id, opened_by_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_author_id_fkey FOREIGN KEY (tenant_id, author_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_non_conformity_id_fkey FOREIGN KEY (tenant_id, non_conformity_id) REFERENCES public.non_conformities(tenant_id, id);

ALTER TABLE ONLY public.notes
    ADD CONSTRAINT notes_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_tenant_id_proposal_id_fkey FOREIGN KEY (tenant_id, proposal_id) REFERENCES public.proposals(tenant_id, id);

ALTER TABLE ONLY public.packed_indexes
    ADD CONSTRAINT packed_indexes_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.passage_texts
    ADD CONSTRAINT passage_texts_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.passage_vectors
    ADD CONSTRAINT passage_vectors_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.proposals
    ADD CONSTRAINT proposals_tenant_id_proposer_id_fkey FOREIGN KEY (tenant_id, proposer_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.reply_drafts
    ADD CONSTRAINT reply_drafts_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.reply_drafts
    ADD CONSTRAINT reply_drafts_tenant_id_email_id_fkey FOREIGN KEY (tenant_id, email_id) REFERENCES public.emails(tenant_id, id);

ALTER TABLE ONLY public.reply_drafts
    ADD CONSTRAINT reply_drafts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_tenant_id_version_id_fkey FOREIGN KEY (tenant_id, version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sentences
    ADD CONSTRAINT sentences_tenant_id_chunk_id_fkey FOREIGN KEY (tenant_id, chunk_id) REFERENCES public.chunks(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sentences
    ADD CONSTRAINT sentences_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_non_conformity_id_fkey FOREIGN KEY (tenant_id, non_conformity_id) REFERENCES public.non_conformities(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tender_analyses
    ADD CONSTRAINT tender_analyses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_analyses
    ADD CONSTRAINT tender_analyses_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_tenant_id_competitor_id_fkey FOREIGN KEY (tenant_id, competitor_id) REFERENCES public.competitors(tenant_id, id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_lot_id_fkey FOREIGN KEY (tenant_id, lot_id) REFERENCES public.tender_lots(tenant_id, id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tender_files
    ADD CONSTRAINT tender_files_tenant_id_analysis_id_fkey FOREIGN KEY (tenant_id, analysis_id) REFERENCES public.tender_analyses(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tender_files
    ADD CONSTRAINT tender_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_grids
    ADD CONSTRAINT tender_grids_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_grids
    ADD CONSTRAINT tender_grids_tenant_id_updated_by_fkey FOREIGN KEY (tenant_id, updated_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_market_watch_id_fkey FOREIGN KEY (tenant_id, market_watch_id) REFERENCES public.market_watch(tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_turn_id_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES public.turns(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.transcript_arrivals
    ADD CONSTRAINT transcript_arrivals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.twenty_arrivals
    ADD CONSTRAINT twenty_arrivals_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.twenty_connections
    ADD CONSTRAINT twenty_connections_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.twenty_notifications
    ADD CONSTRAINT twenty_notifications_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.twenty_records
    ADD CONSTRAINT twenty_records_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.watch_filters
    ADD CONSTRAINT watch_filters_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.watch_notices
    ADD CONSTRAINT watch_notices_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.watch_notices
    ADD CONSTRAINT watch_notices_tenant_id_market_watch_id_fkey FOREIGN KEY (tenant_id, market_watch_id) REFERENCES public.market_watch(tenant_id, id);

ALTER TABLE ONLY public.watch_requests
    ADD CONSTRAINT watch_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.watch_requests
    ADD CONSTRAINT watch_requests_tenant_id_market_watch_id_fkey FOREIGN KEY (tenant_id, market_watch_id) REFERENCES public.market_watch(tenant_id, id);

ALTER TABLE ONLY public.watch_requests
    ADD CONSTRAINT watch_requests_tenant_id_requested_by_fkey FOREIGN KEY (tenant_id, requested_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.watch_runs
    ADD CONSTRAINT watch_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.word_vectors
    ADD CONSTRAINT word_vectors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY security.api_keys
    ADD CONSTRAINT api_keys_tenant_id_created_by_fkey FOREIGN KEY (tenant_id, created_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY security.api_keys
    ADD CONSTRAINT api_keys_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY security.api_keys
    ADD CONSTRAINT api_keys_tenant_id_revoked_by_fkey FOREIGN KEY (tenant_id, revoked_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY security.api_keys
    ADD CONSTRAINT api_keys_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY security.directory_accounts
    ADD CONSTRAINT directory_accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY security.directory_accounts
    ADD CONSTRAINT directory_accounts_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY security.mirrored_columns
    ADD CONSTRAINT mirrored_columns_object_fkey FOREIGN KEY (object) REFERENCES security.writable_objects(name);

ALTER TABLE ONLY security.once_requests
    ADD CONSTRAINT once_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY security.once_requests
    ADD CONSTRAINT once_requests_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY security.passwords
    ADD CONSTRAINT passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY security.second_approval_thresholds
    ADD CONSTRAINT second_approval_thresholds_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id) ON DELETE CASCADE;

ALTER TABLE ONLY security.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

CREATE POLICY added_by_administrators ON public.users AS RESTRICTIVE FOR INSERT TO gatekeeper WITH CHECK (('admin'::text = ANY (( SELECT public.current_roles() AS current_roles)::text[])));

CREATE POLICY administered ON public.erasures TO gatekeeper USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ('admin'::text = ANY (( SELECT public.current_roles() AS current_roles)::text[]))));

ALTER TABLE public.amendments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.answer_proofs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.approvals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.attachments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_chain ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_heads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.audit_unsealed ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.budget_warnings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.budgets ENABLE ROW LEVEL SECURITY;

CREATE POLICY business ON public.audit_events FOR SELECT TO assistant_read, change_approver USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((actor_id = ( SELECT public.current_user_id() AS current_user_id)) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['sales'::text, 'quality'::text, 'director'::text, 'admin'::text]))));

CREATE POLICY changed_by_administrators ON public.users AS RESTRICTIVE FOR UPDATE TO gatekeeper USING (('admin'::text = ANY (( SELECT public.current_roles() AS current_roles)::text[])));

ALTER TABLE public.chunks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.competitors ENABLE ROW LEVEL SECURITY;

CREATE POLICY concerned ON public.answer_proofs FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((user_id = ( SELECT public.current_user_id() AS current_user_id)) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['director'::text]))));

CREATE POLICY concerned ON public.approvals FOR SELECT TO assistant_read, change_approver USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (EXISTS ( SELECT
   FROM public.proposals p
  WHERE ((p.tenant_id = approvals.tenant_id) AND (p.id = approvals.proposal_id))))));

CREATE POLICY concerned ON public.outbox FOR SELECT TO assistant_read, change_approver USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (EXISTS ( SELECT
   FROM public.proposals p
  WHERE ((p.tenant_id = outbox.tenant_id) AND (p.id = outbox.proposal_id))))));

CREATE POLICY concerned ON public.proposals FOR SELECT TO assistant_read, change_approver USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((proposer_id = ( SELECT public.current_user_id() AS current_user_id)) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['sales'::text, 'quality'::text, 'director'::text]))));

ALTER TABLE public.consumed_nonces ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract_delivery_points ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contracts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contradictions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversation_cards ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.delivery_points ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_readings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_templates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.efficiency_opportunities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.email_threads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.emails ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.erased_files ENABLE ROW LEVEL SECURITY;

CREATE POLICY erasures ON public.audit_events FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (kind = 'erased'::text)));

ALTER TABLE public.erasures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.feedback ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.firm_profiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.flexibility_opportunities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.grid_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.incidents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.index_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ingestion_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ingestion_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.kb_articles ENABLE ROW LEVEL SECURITY;

CREATE POLICY keeper ON public.knowledge_gaps FOR UPDATE TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text])));

ALTER TABLE public.knowledge_gaps ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.knowledge_states ENABLE ROW LEVEL SECURITY;

CREATE POLICY led ON public.budget_warnings FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['director'::text, 'admin'::text])));

CREATE POLICY led ON public.model_spending FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((( SELECT public.current_roles() AS current_roles) && ARRAY['director'::text, 'admin'::text]) OR (scope = ('user:'::text || ( SELECT public.current_user_id() AS current_user_id))))));

ALTER TABLE public.libraries ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.library_items ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_draft_edits ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_drafts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_feedback ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_poison ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_reviews ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_sources ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.mail_triage ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.market_watch ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meeting_cues ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meeting_minutes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meeting_transcripts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meetings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.model_calls ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.model_spending ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.non_conformities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_delete ON public.feedback FOR DELETE TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_firm ON public.firm_profiles TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_firm ON public.tender_analyses TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_firm ON public.tender_files TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_firm ON public.tender_grids TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_insert ON public.document_readings FOR INSERT TO assistant_read WITH CHECK (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id)) AND (version_id IN ( SELECT document_versions.id
   FROM public.document_versions))));

CREATE POLICY own_insert ON public.feedback FOR INSERT TO assistant_read WITH CHECK (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_or_led ON public.model_calls FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((user_id = ( SELECT public.current_user_id() AS current_user_id)) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['director'::text, 'admin'::text]))));

CREATE POLICY own_read ON public.feedback FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.conversation_cards TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.conversations TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.tool_runs TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.turns TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_tenant ON public.accounts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.amendments USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.approvals FOR SELECT TO change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.attachments USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.audit_chain FOR SELECT TO assistant_read, change_approver, change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.audit_events FOR SELECT TO change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.audit_heads FOR SELECT TO assistant_read, change_approver, change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.audit_unsealed FOR SELECT TO assistant_read, change_approver, change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.budgets FOR SELECT TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.competitors USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.contacts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.contract_delivery_points USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.contracts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.delivery_points USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.document_templates USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.document_versions FOR SELECT TO change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.documents FOR SELECT TO change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.efficiency_opportunities USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.email_threads USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.emails USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.flexibility_opportunities USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.grid_requests USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.incidents USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.kb_articles USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_draft_edits TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_drafts TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_feedback TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_messages TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_poison TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_reviews TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_sources TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.mail_triage TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.market_watch USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.meeting_cues USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.meeting_minutes USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.meeting_transcripts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.meetings USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.non_conformities USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.notes USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.outbox FOR SELECT TO change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.ppa_projects USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.proposals FOR SELECT TO change_executor USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.reply_drafts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.sites USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tasks USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tenants USING ((id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tender_competitors USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tender_criteria USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tender_lots USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tenders USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.transcript_arrivals USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.twenty_arrivals TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.twenty_connections TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.twenty_notifications TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.twenty_records TO assistant_read, sync_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.users USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.watch_filters USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.watch_notices USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.watch_requests USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.watch_runs USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

ALTER TABLE public.packed_indexes ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.passage_texts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.passage_vectors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ppa_projects ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.proposals ENABLE ROW LEVEL SECURITY;

CREATE POLICY reader ON public.chunks FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (version_id IN ( SELECT document_versions.id
   FROM public.document_versions))));

CREATE POLICY reader ON public.contradictions FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (left_version_id IN ( SELECT document_versions.id
   FROM public.document_versions)) AND (right_version_id IN ( SELECT document_versions.id
   FROM public.document_versions))));

CREATE POLICY reader ON public.document_files FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (sha256 IN ( SELECT document_versions.sha256
   FROM public.document_versions))));

CREATE POLICY reader ON public.document_readings FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((user_id = ( SELECT public.current_user_id() AS current_user_id)) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text]))));

CREATE POLICY reader ON public.document_versions FOR SELECT TO assistant_read, change_approver, sql_reader USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (NOT is_withheld) AND (document_id IN ( SELECT documents.id
   FROM public.documents)) AND ((status <> ALL (ARRAY['draft'::text, 'in_review'::text])) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text]))));

CREATE POLICY reader ON public.documents FOR SELECT TO assistant_read, change_approver, sql_reader USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (NOT is_withheld) AND (('all'::text = ANY (access)) OR (access && ( SELECT public.current_roles() AS current_roles)))));

CREATE POLICY reader ON public.ingestion_files FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text])));

CREATE POLICY reader ON public.ingestion_runs FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text])));

CREATE POLICY reader ON public.knowledge_gaps FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ((asked_by = ( SELECT public.current_user_id() AS current_user_id)) OR (owner_id = ( SELECT public.current_user_id() AS current_user_id)) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text]))));

CREATE POLICY reader ON public.sections FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (version_id IN ( SELECT document_versions.id
   FROM public.document_versions))));

CREATE POLICY reader ON public.sentences FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (EXISTS ( SELECT
   FROM public.chunks c
  WHERE ((c.tenant_id = sentences.tenant_id) AND (c.id = sentences.chunk_id))))));

ALTER TABLE public.reply_drafts ENABLE ROW LEVEL SECURITY;

CREATE POLICY review ON public.contradictions FOR UPDATE TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text])));

CREATE POLICY review ON public.feedback FOR UPDATE TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text])));

CREATE POLICY reviewer ON public.feedback FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text])));

ALTER TABLE public.sections ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sentences ENABLE ROW LEVEL SECURITY;

CREATE POLICY set_by_admin ON public.budgets TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['admin'::text]))) WITH CHECK (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['admin'::text]) AND (updated_by = ( SELECT public.current_user_id() AS current_user_id))));

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_analyses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_competitors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_criteria ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_grids ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_lots ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tool_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.transcript_arrivals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.turns ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.twenty_arrivals ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.twenty_connections ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.twenty_notifications ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.twenty_records ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.watch_filters ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.watch_notices ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.watch_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.watch_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.word_vectors ENABLE ROW LEVEL SECURITY;

CREATE POLICY writer ON public.chunks TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.contradictions TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.document_files TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.document_readings TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.document_versions TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.documents TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.erased_files FOR SELECT TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.index_versions TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.ingestion_files TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.ingestion_runs TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.libraries TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.library_items TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.packed_indexes TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.passage_texts TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.passage_vectors TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.sections TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.sentences TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.word_vectors TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY administered ON security.api_keys USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ('admin'::text = ANY (( SELECT public.current_roles() AS current_roles)::text[]))));

CREATE POLICY administered ON security.directory_accounts USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND ('admin'::text = ANY (( SELECT public.current_roles() AS current_roles)::text[]))));

ALTER TABLE security.api_keys ENABLE ROW LEVEL SECURITY;

ALTER TABLE security.directory_accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE security.once_requests ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON security.once_requests USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own ON security.sessions USING ((user_id = ( SELECT public.current_user_id() AS current_user_id)));

ALTER TABLE security.sessions ENABLE ROW LEVEL SECURITY;

GRANT ALL ON SCHEMA public TO migrator;

GRANT USAGE ON SCHEMA security TO assistant_read;
GRANT USAGE ON SCHEMA security TO sql_reader;
GRANT USAGE ON SCHEMA security TO change_executor;
GRANT USAGE ON SCHEMA security TO knowledge_writer;
GRANT USAGE ON SCHEMA security TO gatekeeper;
GRANT USAGE ON SCHEMA security TO ledger_writer;
GRANT USAGE ON SCHEMA security TO change_approver;
GRANT USAGE ON SCHEMA security TO sync_writer;

REVOKE ALL ON FUNCTION public.apply_retention(kept text, before timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION public.apply_retention(kept text, before timestamp with time zone) TO knowledge_writer;

REVOKE ALL ON FUNCTION public.approve_proposals(ids uuid[], digests text[], needed integer[], shown_digest text, by_policy boolean, hourly integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.approve_proposals(ids uuid[], digests text[], needed integer[], shown_digest text, by_policy boolean, hourly integer) TO change_approver;

GRANT SELECT ON TABLE public.proposals TO assistant_read;
GRANT SELECT ON TABLE public.proposals TO change_approver;
GRANT SELECT ON TABLE public.proposals TO change_executor;

REVOKE ALL ON FUNCTION public.claim_proposals(most integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.claim_proposals(most integer) TO change_executor;

REVOKE ALL ON FUNCTION public.commit_proposal(committed uuid, seen_digest text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.commit_proposal(committed uuid, seen_digest text) TO change_executor;

REVOKE ALL ON FUNCTION public.commit_proposals(ids uuid[], digests text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.commit_proposals(ids uuid[], digests text[]) TO change_executor;

REVOKE ALL ON FUNCTION public.erase_document(erasure uuid, erased_code text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erase_document(erasure uuid, erased_code text) TO gatekeeper;

REVOKE ALL ON FUNCTION public.erase_person(erasure uuid, pattern text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.erase_person(erasure uuid, pattern text) TO gatekeeper;

REVOKE ALL ON FUNCTION public.expire_proposals() FROM PUBLIC;
GRANT ALL ON FUNCTION public.expire_proposals() TO change_executor;

REVOKE ALL ON FUNCTION public.fail_proposal(failed uuid, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.fail_proposal(failed uuid, why text) TO change_executor;

REVOKE ALL ON FUNCTION public.find_traces(pattern text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_traces(pattern text) TO gatekeeper;

REVOKE ALL ON FUNCTION public.find_uncompared_state(today date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.find_uncompared_state(today date) TO knowledge_writer;

REVOKE ALL ON FUNCTION public.forget_unused_words() FROM PUBLIC;
GRANT ALL ON FUNCTION public.forget_unused_words() TO knowledge_writer;

GRANT SELECT ON TABLE public.outbox TO assistant_read;
GRANT SELECT ON TABLE public.outbox TO change_approver;
GRANT SELECT ON TABLE public.outbox TO change_executor;

REVOKE ALL ON FUNCTION public.lease_effects(kinds text[], most integer, seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.lease_effects(kinds text[], most integer, seconds integer) TO change_executor;

REVOKE ALL ON FUNCTION public.list_own_addresses(pattern text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.list_own_addresses(pattern text) TO gatekeeper;

REVOKE ALL ON FUNCTION public.mark_told(ids uuid[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mark_told(ids uuid[]) TO assistant_read;

REVOKE ALL ON FUNCTION public.mirror_row(mirrored text, record uuid, outside uuid, vals jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.mirror_row(mirrored text, record uuid, outside uuid, vals jsonb) TO sync_writer;

REVOKE ALL ON FUNCTION public.note_compared(state xid8, today date) FROM PUBLIC;
GRANT ALL ON FUNCTION public.note_compared(state xid8, today date) TO knowledge_writer;

REVOKE ALL ON FUNCTION public.read_passages(proof text, chosen_ids bigint[], chosen_keys integer[], chosen_lexical real[], chosen_named real[], query_vector public.halfvec, query_model text, wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean, result_depth integer, dense_factor double precision, unrelated double precision, reference_factor double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.read_passages(proof text, chosen_ids bigint[], chosen_keys integer[], chosen_lexical real[], chosen_named real[], query_vector public.halfvec, query_model text, wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean, result_depth integer, dense_factor double precision, unrelated double precision, reference_factor double precision) TO assistant_read;

REVOKE ALL ON FUNCTION public.read_word_vectors(proof text, wanted_model text, wanted_words text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.read_word_vectors(proof text, wanted_model text, wanted_words text[]) TO assistant_read;

REVOKE ALL ON FUNCTION public.record_gap(gap_id uuid, gap_fingerprint text, gap_question text, gap_missing text[], gap_nearest text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_gap(gap_id uuid, gap_fingerprint text, gap_question text, gap_missing text[], gap_nearest text[]) TO assistant_read;

REVOKE ALL ON FUNCTION public.record_proof(proved uuid, proof text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_proof(proved uuid, proof text) TO assistant_read;

REVOKE ALL ON FUNCTION public.record_refusal(refused_object text, record uuid, proposal uuid, body jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION public.record_refusal(refused_object text, record uuid, proposal uuid, body jsonb) TO assistant_read;
GRANT ALL ON FUNCTION public.record_refusal(refused_object text, record uuid, proposal uuid, body jsonb) TO change_approver;

REVOKE ALL ON FUNCTION public.reject_proposal(rejected uuid, seen_digest text, why text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.reject_proposal(rejected uuid, seen_digest text, why text) TO assistant_read;
GRANT ALL ON FUNCTION public.reject_proposal(rejected uuid, seen_digest text, why text) TO change_approver;

REVOKE ALL ON FUNCTION public.retry_effect(proposal uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.retry_effect(proposal uuid) TO change_approver;

REVOKE ALL ON FUNCTION public.seal_audit(sealed_tenant uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION public.seal_audit(sealed_tenant uuid) TO change_executor;

REVOKE ALL ON FUNCTION public.search_scope(wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_scope(wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean) TO assistant_read;

REVOKE ALL ON FUNCTION public.search_state() FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_state() TO knowledge_writer;

REVOKE ALL ON FUNCTION public.settle_effect(settled uuid, held uuid, outcome text, found_id text, why text, wait_seconds integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.settle_effect(settled uuid, held uuid, outcome text, found_id text, why text, wait_seconds integer) TO change_executor;

REVOKE ALL ON FUNCTION public.submit_proposal(proposed text, wish_key text, replaced uuid, hourly integer) FROM PUBLIC;
GRANT ALL ON FUNCTION public.submit_proposal(proposed text, wish_key text, replaced uuid, hourly integer) TO assistant_read;

REVOKE ALL ON FUNCTION public.succeed_proposal(stale uuid, proposed text) FROM PUBLIC;
GRANT ALL ON FUNCTION public.succeed_proposal(stale uuid, proposed text) TO change_executor;

REVOKE ALL ON FUNCTION public.tenants_with_work() FROM PUBLIC;
GRANT ALL ON FUNCTION public.tenants_with_work() TO change_executor;

REVOKE ALL ON FUNCTION public.unsealed_tenants() FROM PUBLIC;
GRANT ALL ON FUNCTION public.unsealed_tenants() TO change_executor;

REVOKE ALL ON FUNCTION security.add_event(event_tenant uuid, event_kind text, actor uuid, event_object text, record uuid, proposal uuid, body jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.batch_text(ids uuid[], digests text[]) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.begin_erasure(erasure uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.check_undo(p public.proposals, body jsonb) FROM PUBLIC;

REVOKE ALL ON PROCEDURE security.close_lost_calls(IN of_tenant uuid, IN at timestamp with time zone) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.close_model_calls(calls jsonb, at timestamp with time zone, warned_share numeric, defaults jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION security.close_model_calls(calls jsonb, at timestamp with time zone, warned_share numeric, defaults jsonb) TO ledger_writer;

REVOKE ALL ON FUNCTION security.column_values(fields jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.count_approvals(p public.proposals, computed text) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.count_given(p public.proposals, computed text) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.count_persons_needed(p public.proposals) FROM PUBLIC;

REVOKE ALL ON PROCEDURE security.count_spending(IN of_tenant uuid, IN counted jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.count_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.digest_of(canonical text) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.end_former_versions() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.end_session(wanted uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION security.end_session(wanted uuid) TO gatekeeper;

REVOKE ALL ON FUNCTION security.end_sessions(owner uuid, kept uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION security.end_sessions(owner uuid, kept uuid) TO gatekeeper;

REVOKE ALL ON FUNCTION security.erase_checkpoints(tenant uuid) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.erase_jobs(tenant uuid, named text) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.erase_versions(tenant uuid, erasure uuid, gone uuid[]) FROM PUBLIC;

GRANT SELECT ON TABLE public.audit_events TO assistant_read;
GRANT SELECT ON TABLE public.audit_events TO change_approver;
GRANT SELECT ON TABLE public.audit_events TO change_executor;

REVOKE ALL ON FUNCTION security.event_text(event public.audit_events) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.find_account(wanted uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_account(wanted uuid) TO gatekeeper;

REVOKE ALL ON FUNCTION security.find_directory_account(wanted_issuer text, wanted_subject text) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_directory_account(wanted_issuer text, wanted_subject text) TO gatekeeper;

REVOKE ALL ON FUNCTION security.find_exhausted(of_tenant uuid, calls jsonb, at timestamp with time zone, defaults jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.find_firm(wanted_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_firm(wanted_slug text) TO gatekeeper;

REVOKE ALL ON FUNCTION security.find_key(wanted uuid, presented bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_key(wanted uuid, presented bytea) TO gatekeeper;

REVOKE ALL ON FUNCTION security.find_login(login_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_login(login_email text) TO gatekeeper;

REVOKE ALL ON FUNCTION security.find_session(wanted uuid, idle interval) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_session(wanted uuid, idle interval) TO gatekeeper;

REVOKE ALL ON FUNCTION security.freeze_proposal() FROM PUBLIC;

REVOKE ALL ON PROCEDURE security.guard_business_table(IN guarded regclass) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.identify_calls(calls jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.keep_forever() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.list_call_budgets(of_tenant uuid, of_user uuid, of_use_case text, at timestamp with time zone, defaults jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.list_worded_columns() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.lock_spending(calls jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.mark_decision() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.mark_model_fallback(call_id uuid) FROM PUBLIC;
GRANT ALL ON FUNCTION security.mark_model_fallback(call_id uuid) TO ledger_writer;

REVOKE ALL ON FUNCTION security.mask(given text, pattern text) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.mask_column(tenant uuid, erasure uuid, place regclass, name text, kind text, pattern text) FROM PUBLIC;

GRANT SELECT ON TABLE public.contacts TO assistant_read;
GRANT SELECT ON TABLE public.contacts TO sql_reader;
GRANT SELECT ON TABLE public.contacts TO change_executor;
GRANT SELECT ON TABLE public.contacts TO change_approver;
GRANT SELECT ON TABLE public.contacts TO sync_writer;

REVOKE ALL ON FUNCTION security.name_contact(contact public.contacts) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.name_version() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.open_model_calls(calls jsonb, at timestamp with time zone, defaults jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION security.open_model_calls(calls jsonb, at timestamp with time zone, defaults jsonb) TO ledger_writer;

REVOKE ALL ON FUNCTION security.queue_mirror() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.queue_seal() FROM PUBLIC;

REVOKE ALL ON FUNCTION security.reduce_address(given text) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.remove_link(p public.proposals, body jsonb, vals jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.renew_session(wanted uuid, presented bytea, next_secret bytea, idle interval) FROM PUBLIC;
GRANT ALL ON FUNCTION security.renew_session(wanted uuid, presented bytea, next_secret bytea, idle interval) TO gatekeeper;

REVOKE ALL ON FUNCTION security.set_password(owner uuid, new_hash text, temporary boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION security.set_password(owner uuid, new_hash text, temporary boolean) TO gatekeeper;

REVOKE ALL ON FUNCTION security.settle_proposal(p public.proposals, outcome text, why text, detail jsonb) FROM PUBLIC;

REVOKE ALL ON FUNCTION security.write_row(p public.proposals, body jsonb) FROM PUBLIC;

GRANT SELECT ON TABLE public.accounts TO assistant_read;
GRANT SELECT ON TABLE public.accounts TO sql_reader;
GRANT SELECT ON TABLE public.accounts TO change_executor;
GRANT SELECT ON TABLE public.accounts TO change_approver;
GRANT SELECT ON TABLE public.accounts TO sync_writer;

GRANT SELECT ON TABLE public.amendments TO assistant_read;
GRANT SELECT ON TABLE public.amendments TO sql_reader;
GRANT SELECT ON TABLE public.amendments TO change_executor;
GRANT SELECT ON TABLE public.amendments TO change_approver;

GRANT SELECT ON TABLE public.answer_proofs TO assistant_read;

GRANT SELECT ON TABLE public.approvals TO assistant_read;
GRANT SELECT ON TABLE public.approvals TO change_approver;
GRANT SELECT ON TABLE public.approvals TO change_executor;

GRANT SELECT ON TABLE public.attachments TO assistant_read;
GRANT SELECT ON TABLE public.attachments TO sql_reader;
GRANT SELECT ON TABLE public.attachments TO change_executor;
GRANT SELECT ON TABLE public.attachments TO change_approver;
GRANT SELECT,INSERT,UPDATE ON TABLE public.attachments TO sync_writer;

GRANT SELECT ON TABLE public.audit_chain TO assistant_read;
GRANT SELECT ON TABLE public.audit_chain TO change_approver;
GRANT SELECT ON TABLE public.audit_chain TO change_executor;

GRANT SELECT ON TABLE public.audit_heads TO assistant_read;
GRANT SELECT ON TABLE public.audit_heads TO change_approver;
GRANT SELECT ON TABLE public.audit_heads TO change_executor;

GRANT SELECT ON TABLE public.audit_unsealed TO assistant_read;
GRANT SELECT ON TABLE public.audit_unsealed TO change_approver;
GRANT SELECT ON TABLE public.audit_unsealed TO change_executor;

GRANT SELECT ON TABLE public.budget_warnings TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.budgets TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chunks TO knowledge_writer;
GRANT SELECT ON TABLE public.chunks TO assistant_read;

GRANT SELECT ON TABLE public.competitors TO assistant_read;
GRANT SELECT ON TABLE public.competitors TO sql_reader;
GRANT SELECT ON TABLE public.competitors TO change_executor;
GRANT SELECT ON TABLE public.competitors TO change_approver;

GRANT SELECT ON TABLE public.contract_delivery_points TO assistant_read;
GRANT SELECT ON TABLE public.contract_delivery_points TO sql_reader;
GRANT SELECT ON TABLE public.contract_delivery_points TO change_executor;
GRANT SELECT ON TABLE public.contract_delivery_points TO change_approver;

GRANT SELECT ON TABLE public.contracts TO assistant_read;
GRANT SELECT ON TABLE public.contracts TO sql_reader;
GRANT SELECT ON TABLE public.contracts TO change_executor;
GRANT SELECT ON TABLE public.contracts TO change_approver;
GRANT SELECT ON TABLE public.contracts TO sync_writer;

GRANT SELECT,INSERT,DELETE ON TABLE public.contradictions TO knowledge_writer;
GRANT SELECT ON TABLE public.contradictions TO assistant_read;

GRANT UPDATE(status) ON TABLE public.contradictions TO assistant_read;

GRANT UPDATE(reviewed_by) ON TABLE public.contradictions TO assistant_read;

GRANT UPDATE(reviewed_at) ON TABLE public.contradictions TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversation_cards TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO assistant_read;

GRANT SELECT ON TABLE public.delivery_points TO assistant_read;
GRANT SELECT ON TABLE public.delivery_points TO sql_reader;
GRANT SELECT ON TABLE public.delivery_points TO change_executor;
GRANT SELECT ON TABLE public.delivery_points TO change_approver;
GRANT SELECT ON TABLE public.delivery_points TO sync_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_files TO knowledge_writer;
GRANT SELECT ON TABLE public.document_files TO assistant_read;

GRANT SELECT,INSERT ON TABLE public.document_readings TO assistant_read;
GRANT SELECT ON TABLE public.document_readings TO knowledge_writer;

GRANT UPDATE(version_id) ON TABLE public.document_readings TO knowledge_writer;

GRANT SELECT ON TABLE public.document_templates TO assistant_read;
GRANT SELECT ON TABLE public.document_templates TO sql_reader;
GRANT SELECT ON TABLE public.document_templates TO change_executor;
GRANT SELECT ON TABLE public.document_templates TO change_approver;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_versions TO knowledge_writer;
GRANT SELECT ON TABLE public.document_versions TO assistant_read;
GRANT SELECT ON TABLE public.document_versions TO sql_reader;
GRANT SELECT ON TABLE public.document_versions TO change_approver;
GRANT SELECT ON TABLE public.document_versions TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.documents TO knowledge_writer;
GRANT SELECT ON TABLE public.documents TO assistant_read;
GRANT SELECT ON TABLE public.documents TO sql_reader;
GRANT SELECT ON TABLE public.documents TO change_approver;
GRANT SELECT ON TABLE public.documents TO change_executor;

GRANT SELECT ON TABLE public.efficiency_opportunities TO assistant_read;
GRANT SELECT ON TABLE public.efficiency_opportunities TO sql_reader;
GRANT SELECT ON TABLE public.efficiency_opportunities TO change_executor;
GRANT SELECT ON TABLE public.efficiency_opportunities TO change_approver;

GRANT SELECT ON TABLE public.email_threads TO assistant_read;
GRANT SELECT ON TABLE public.email_threads TO sql_reader;
GRANT SELECT ON TABLE public.email_threads TO change_executor;
GRANT SELECT ON TABLE public.email_threads TO change_approver;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.email_threads TO sync_writer;

GRANT SELECT ON TABLE public.emails TO assistant_read;
GRANT SELECT ON TABLE public.emails TO sql_reader;
GRANT SELECT ON TABLE public.emails TO change_executor;
GRANT SELECT ON TABLE public.emails TO change_approver;
GRANT SELECT,INSERT,UPDATE ON TABLE public.emails TO sync_writer;

GRANT SELECT ON TABLE public.erased_files TO knowledge_writer;

GRANT SELECT,INSERT ON TABLE public.erasures TO gatekeeper;

GRANT UPDATE(preview_digest) ON TABLE public.erasures TO gatekeeper;

GRANT UPDATE(done_at) ON TABLE public.erasures TO gatekeeper;

GRANT UPDATE(certificate) ON TABLE public.erasures TO gatekeeper;

GRANT UPDATE(signature) ON TABLE public.erasures TO gatekeeper;

GRANT SELECT,INSERT,DELETE ON TABLE public.feedback TO assistant_read;

GRANT UPDATE(review) ON TABLE public.feedback TO assistant_read;

GRANT UPDATE(reviewed_by) ON TABLE public.feedback TO assistant_read;

GRANT UPDATE(reviewed_at) ON TABLE public.feedback TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.firm_profiles TO assistant_read;

GRANT SELECT ON TABLE public.flexibility_opportunities TO assistant_read;
GRANT SELECT ON TABLE public.flexibility_opportunities TO sql_reader;
GRANT SELECT ON TABLE public.flexibility_opportunities TO change_executor;
GRANT SELECT ON TABLE public.flexibility_opportunities TO change_approver;

GRANT SELECT ON TABLE public.grid_requests TO assistant_read;
GRANT SELECT ON TABLE public.grid_requests TO sql_reader;
GRANT SELECT ON TABLE public.grid_requests TO change_executor;
GRANT SELECT ON TABLE public.grid_requests TO change_approver;

GRANT SELECT ON TABLE public.incidents TO assistant_read;
GRANT SELECT ON TABLE public.incidents TO sql_reader;
GRANT SELECT ON TABLE public.incidents TO change_executor;
GRANT SELECT ON TABLE public.incidents TO change_approver;

GRANT SELECT,INSERT,DELETE ON TABLE public.index_versions TO knowledge_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ingestion_files TO knowledge_writer;
GRANT SELECT ON TABLE public.ingestion_files TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ingestion_runs TO knowledge_writer;
GRANT SELECT ON TABLE public.ingestion_runs TO assistant_read;

GRANT SELECT ON TABLE public.kb_articles TO assistant_read;
GRANT SELECT ON TABLE public.kb_articles TO sql_reader;
GRANT SELECT ON TABLE public.kb_articles TO change_executor;
GRANT SELECT ON TABLE public.kb_articles TO change_approver;

GRANT SELECT ON TABLE public.knowledge_gaps TO assistant_read;

GRANT UPDATE(owner_id) ON TABLE public.knowledge_gaps TO assistant_read;

GRANT UPDATE(status) ON TABLE public.knowledge_gaps TO assistant_read;

GRANT UPDATE(proposal_id) ON TABLE public.knowledge_gaps TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.libraries TO knowledge_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.library_items TO knowledge_writer;

GRANT SELECT ON TABLE public.mail_draft_edits TO assistant_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.mail_draft_edits TO sync_writer;

GRANT SELECT ON TABLE public.mail_drafts TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_drafts TO sync_writer;

GRANT SELECT ON TABLE public.mail_feedback TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_feedback TO sync_writer;

GRANT SELECT ON TABLE public.mail_messages TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_messages TO sync_writer;

GRANT SELECT ON TABLE public.mail_poison TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_poison TO sync_writer;

GRANT SELECT ON TABLE public.mail_reviews TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_reviews TO sync_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_sources TO sync_writer;

GRANT SELECT ON TABLE public.mail_triage TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.mail_triage TO sync_writer;

GRANT SELECT ON TABLE public.market_watch TO assistant_read;
GRANT SELECT ON TABLE public.market_watch TO sql_reader;
GRANT SELECT ON TABLE public.market_watch TO change_executor;
GRANT SELECT ON TABLE public.market_watch TO change_approver;
GRANT SELECT,INSERT ON TABLE public.market_watch TO sync_writer;

GRANT UPDATE(title) ON TABLE public.market_watch TO sync_writer;

GRANT UPDATE(url) ON TABLE public.market_watch TO sync_writer;

GRANT UPDATE(summary) ON TABLE public.market_watch TO sync_writer;

GRANT UPDATE(relevance) ON TABLE public.market_watch TO sync_writer;

GRANT SELECT ON TABLE public.meeting_cues TO assistant_read;
GRANT SELECT,INSERT ON TABLE public.meeting_cues TO sync_writer;

GRANT SELECT,INSERT,UPDATE ON TABLE public.meeting_minutes TO assistant_read;
GRANT SELECT ON TABLE public.meeting_minutes TO sync_writer;

GRANT SELECT ON TABLE public.meeting_transcripts TO assistant_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.meeting_transcripts TO sync_writer;

GRANT SELECT ON TABLE public.meetings TO assistant_read;
GRANT SELECT ON TABLE public.meetings TO sql_reader;
GRANT SELECT ON TABLE public.meetings TO change_executor;
GRANT SELECT ON TABLE public.meetings TO change_approver;
GRANT SELECT,INSERT,UPDATE ON TABLE public.meetings TO sync_writer;

GRANT SELECT ON TABLE public.model_calls TO assistant_read;

GRANT SELECT ON TABLE public.model_spending TO assistant_read;

GRANT SELECT ON TABLE public.non_conformities TO assistant_read;
GRANT SELECT ON TABLE public.non_conformities TO sql_reader;
GRANT SELECT ON TABLE public.non_conformities TO change_executor;
GRANT SELECT ON TABLE public.non_conformities TO change_approver;

GRANT SELECT ON TABLE public.notes TO assistant_read;
GRANT SELECT ON TABLE public.notes TO sql_reader;
GRANT SELECT ON TABLE public.notes TO change_executor;
GRANT SELECT ON TABLE public.notes TO change_approver;

GRANT SELECT,INSERT,DELETE ON TABLE public.packed_indexes TO knowledge_writer;

GRANT SELECT,INSERT,DELETE ON TABLE public.passage_texts TO knowledge_writer;

GRANT SELECT,INSERT,DELETE ON TABLE public.passage_vectors TO knowledge_writer;

GRANT SELECT ON TABLE public.ppa_projects TO assistant_read;
GRANT SELECT ON TABLE public.ppa_projects TO sql_reader;
GRANT SELECT ON TABLE public.ppa_projects TO change_executor;
GRANT SELECT ON TABLE public.ppa_projects TO change_approver;

GRANT SELECT ON TABLE public.reply_drafts TO assistant_read;
GRANT SELECT ON TABLE public.reply_drafts TO sql_reader;
GRANT SELECT ON TABLE public.reply_drafts TO change_executor;
GRANT SELECT ON TABLE public.reply_drafts TO change_approver;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sections TO knowledge_writer;
GRANT SELECT ON TABLE public.sections TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sentences TO knowledge_writer;
GRANT SELECT ON TABLE public.sentences TO assistant_read;

GRANT SELECT ON TABLE public.sites TO assistant_read;
GRANT SELECT ON TABLE public.sites TO sql_reader;
GRANT SELECT ON TABLE public.sites TO change_executor;
GRANT SELECT ON TABLE public.sites TO change_approver;
GRANT SELECT ON TABLE public.sites TO sync_writer;

GRANT SELECT ON TABLE public.tasks TO assistant_read;
GRANT SELECT ON TABLE public.tasks TO sql_reader;
GRANT SELECT ON TABLE public.tasks TO change_executor;
GRANT SELECT ON TABLE public.tasks TO change_approver;

GRANT SELECT ON TABLE public.tenants TO assistant_read;
GRANT SELECT ON TABLE public.tenants TO sql_reader;
GRANT SELECT ON TABLE public.tenants TO change_executor;
GRANT SELECT ON TABLE public.tenants TO knowledge_writer;
GRANT SELECT ON TABLE public.tenants TO change_approver;
GRANT SELECT ON TABLE public.tenants TO sync_writer;
GRANT SELECT ON TABLE public.tenants TO gatekeeper;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender_analyses TO assistant_read;

GRANT SELECT ON TABLE public.tender_competitors TO assistant_read;
GRANT SELECT ON TABLE public.tender_competitors TO sql_reader;
GRANT SELECT ON TABLE public.tender_competitors TO change_executor;
GRANT SELECT ON TABLE public.tender_competitors TO change_approver;

GRANT SELECT ON TABLE public.tender_criteria TO assistant_read;
GRANT SELECT ON TABLE public.tender_criteria TO sql_reader;
GRANT SELECT ON TABLE public.tender_criteria TO change_executor;
GRANT SELECT ON TABLE public.tender_criteria TO change_approver;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender_files TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender_grids TO assistant_read;

GRANT SELECT ON TABLE public.tender_lots TO assistant_read;
GRANT SELECT ON TABLE public.tender_lots TO sql_reader;
GRANT SELECT ON TABLE public.tender_lots TO change_executor;
GRANT SELECT ON TABLE public.tender_lots TO change_approver;

GRANT SELECT ON TABLE public.tenders TO assistant_read;
GRANT SELECT ON TABLE public.tenders TO sql_reader;
GRANT SELECT ON TABLE public.tenders TO change_executor;
GRANT SELECT ON TABLE public.tenders TO change_approver;
GRANT SELECT ON TABLE public.tenders TO sync_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tool_runs TO assistant_read;

GRANT SELECT ON TABLE public.transcript_arrivals TO assistant_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.transcript_arrivals TO sync_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.turns TO assistant_read;

GRANT SELECT ON TABLE public.twenty_arrivals TO assistant_read;
GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.twenty_arrivals TO sync_writer;

GRANT SELECT ON TABLE public.twenty_connections TO assistant_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.twenty_connections TO sync_writer;

GRANT SELECT,INSERT,DELETE ON TABLE public.twenty_notifications TO sync_writer;

GRANT SELECT ON TABLE public.twenty_records TO assistant_read;
GRANT SELECT,INSERT,UPDATE ON TABLE public.twenty_records TO sync_writer;

GRANT SELECT ON TABLE public.users TO assistant_read;
GRANT SELECT ON TABLE public.users TO sql_reader;
GRANT SELECT ON TABLE public.users TO change_executor;
GRANT SELECT ON TABLE public.users TO knowledge_writer;
GRANT SELECT ON TABLE public.users TO change_approver;
GRANT SELECT ON TABLE public.users TO sync_writer;
GRANT SELECT,INSERT ON TABLE public.users TO gatekeeper;

GRANT UPDATE(full_name) ON TABLE public.users TO gatekeeper;

GRANT UPDATE(roles) ON TABLE public.users TO gatekeeper;

GRANT UPDATE(is_active) ON TABLE public.users TO gatekeeper;

GRANT UPDATE(updated_at) ON TABLE public.users TO gatekeeper;

GRANT SELECT ON TABLE public.watch_filters TO assistant_read;
GRANT SELECT ON TABLE public.watch_filters TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.watch_filters TO sync_writer;

GRANT SELECT ON TABLE public.watch_notices TO assistant_read;
GRANT SELECT ON TABLE public.watch_notices TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.watch_notices TO sync_writer;

GRANT SELECT,INSERT ON TABLE public.watch_requests TO assistant_read;
GRANT SELECT ON TABLE public.watch_requests TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.watch_requests TO sync_writer;

GRANT SELECT ON TABLE public.watch_runs TO assistant_read;
GRANT SELECT ON TABLE public.watch_runs TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.watch_runs TO sync_writer;

GRANT SELECT,INSERT,DELETE ON TABLE public.word_vectors TO knowledge_writer;

GRANT SELECT,INSERT ON TABLE security.api_keys TO gatekeeper;

GRANT UPDATE(revoked_by) ON TABLE security.api_keys TO gatekeeper;

GRANT UPDATE(revoked_at) ON TABLE security.api_keys TO gatekeeper;

GRANT SELECT,INSERT ON TABLE security.directory_accounts TO gatekeeper;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE security.once_requests TO gatekeeper;

GRANT INSERT ON TABLE security.sessions TO gatekeeper;
