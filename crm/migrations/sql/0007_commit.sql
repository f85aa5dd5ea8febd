-- The only ways a proposal is born, decided and carried out. Each is a function of the schema's
-- owner, granted to the one role whose act it is; the tables themselves are granted to nobody.

CREATE FUNCTION security.digest_of(canonical text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT encode(sha256(convert_to(canonical, 'UTF8')), 'hex')
$$;

-- A wish already proposed under the same key is returned as it stands, whatever became of it.
-- `hourly` is how many proposals the firm's policy lets one person make in an hour.
CREATE FUNCTION submit_proposal(
    proposed text, wish_key text, replaced uuid DEFAULT NULL, hourly int DEFAULT NULL
) RETURNS TABLE (proposal_id uuid, is_new boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

-- What a batch's digest covers: «id:digest» of each line, in the order of the ids.
CREATE FUNCTION security.batch_text(ids uuid[], digests text[]) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT string_agg(line.id::text || ':' || line.digest, E'\n' ORDER BY line.id::text)
    FROM unnest(ids, digests) AS line (id, digest)
$$;

-- One act of the signed person over the ticked lines of one client. `needed` is, per line, how
-- many persons the firm's policy wants; `hourly`, how many lines it lets one person approve in an
-- hour. Nothing is kept unless every line can be.
CREATE FUNCTION approve_proposals(
    ids uuid[], digests text[], needed int[], shown_digest text, by_policy boolean DEFAULT false,
    hourly int DEFAULT NULL
) RETURNS TABLE (proposal_id uuid, status text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

CREATE FUNCTION reject_proposal(rejected uuid, seen_digest text, why text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

-- Marks as told the outcomes that their author has now read.
CREATE FUNCTION mark_told(ids uuid[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE proposals SET told_at = clock_timestamp()
    WHERE tenant_id = current_tenant_id() AND proposer_id = current_user_id() AND id = ANY (ids)
        AND told_at IS NULL AND settled_at IS NOT NULL
$$;

CREATE FUNCTION tenants_with_work() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT tenant_id FROM proposals WHERE status = 'approved'
    UNION SELECT tenant_id FROM audit_unsealed
    UNION SELECT tenant_id FROM proposals WHERE status = 'pending' AND expires_at <= now()
$$;

-- Approved proposals of the firm of the session, locked: two executors never hold the same one.
CREATE FUNCTION claim_proposals(most int) RETURNS SETOF proposals
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT * FROM proposals WHERE tenant_id = current_tenant_id() AND status = 'approved'
    ORDER BY ordinal LIMIT most FOR UPDATE SKIP LOCKED
$$;

CREATE FUNCTION security.settle_proposal(p proposals, outcome text, why text, detail jsonb)
    RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE proposals x SET status = outcome, status_reason = why, settled_at = clock_timestamp(),
        result = detail
    WHERE x.tenant_id = p.tenant_id AND x.id = p.id;
    PERFORM security.add_event(p.tenant_id, outcome, NULL, p.object, p.record_id, p.id,
        coalesce(detail, '{}') || jsonb_build_object('digest', p.digest, 'reason', why));
    RETURN jsonb_build_object('outcome', outcome, 'reason', why, 'detail', detail);
END
$$;

-- For what the executor's own verification of the policy turns down.
CREATE FUNCTION fail_proposal(failed uuid, why text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

CREATE FUNCTION expire_proposals() RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

-- The values of a change as columns: cents become euros, the rest is cast by the table's types.
CREATE FUNCTION security.column_values(fields jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT coalesce(jsonb_object_agg(key, CASE
        WHEN jsonb_typeof(value -> 'after') = 'object'
            THEN to_jsonb((value #>> '{after,eur_cents}')::numeric / 100)
        ELSE value -> 'after' END), '{}')
    FROM jsonb_each(fields)
$$;

-- Carries out one claimed row; the caller has checked everything but the row itself.
CREATE FUNCTION security.write_row(p proposals, body jsonb) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
$$;

-- Only what a proposal created may be removed, and only by the undoing of that proposal.
CREATE FUNCTION security.check_undo(p proposals, body jsonb) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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

CREATE FUNCTION security.remove_link(p proposals, body jsonb, vals jsonb) RETURNS jsonb
    LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
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
$$;

-- How many persons really approved this very text: still in the firm, still in a role that
-- approves, each within a batch none of whose lines has changed.
CREATE FUNCTION security.count_approvals(p proposals, computed text)
    RETURNS TABLE (given int, needed int)
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
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

-- The change, its audit and its nonce, in the transaction of the caller. Every condition is
-- checked here again, on the stored row: whoever holds the executor's role cannot do less.
CREATE FUNCTION commit_proposal(committed uuid, seen_digest text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

-- Several, in the order given; what `commit_proposal` answers for each.
CREATE FUNCTION commit_proposals(ids uuid[], digests text[])
    RETURNS TABLE (id uuid, result jsonb)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    FOR line IN 1 .. coalesce(cardinality(ids), 0) LOOP
        id := ids[line];
        result := commit_proposal(ids[line], digests[line]);
        RETURN NEXT;
    END LOOP;
END
$$;

-- The same wish against the record as it now is, to be approved anew, in its author's name.
CREATE FUNCTION succeed_proposal(stale uuid, proposed text) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

-- The outbox, for the executor alone: what is due is leased, then told what became of it.
CREATE FUNCTION lease_effects(kinds text[], most int, seconds int) RETURNS SETOF outbox
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

CREATE FUNCTION settle_effect(
    settled uuid, held uuid, outcome text, found_id text, why text, wait_seconds int
) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA security FROM PUBLIC;
GRANT EXECUTE ON FUNCTION security.identity_part(int) TO PUBLIC;
REVOKE ALL ON FUNCTION submit_proposal, approve_proposals, reject_proposal, mark_told,
    tenants_with_work, claim_proposals, fail_proposal, expire_proposals, commit_proposal,
    commit_proposals, succeed_proposal, lease_effects, settle_effect FROM PUBLIC;
GRANT EXECUTE ON FUNCTION submit_proposal, mark_told TO assistant_read;
GRANT EXECUTE ON FUNCTION reject_proposal TO assistant_read, change_approver;
GRANT EXECUTE ON FUNCTION approve_proposals TO change_approver;
GRANT EXECUTE ON FUNCTION tenants_with_work, claim_proposals, fail_proposal, expire_proposals,
    commit_proposal, commit_proposals, succeed_proposal, lease_effects, settle_effect
    TO change_executor;
