-- The audit: events that only ever arrive, and the chain of hashes that seals them in order.
-- Writers do not wait for one another: an event is chained a moment later, by the executor,
-- under the lock of its firm's chain.

CREATE TABLE audit_events (
    id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL CHECK (kind IN (
        'proposed', 'approved', 'rejected', 'executed', 'conflict', 'failed', 'expired',
        'superseded', 'refused', 'effect_done', 'effect_doubtful', 'effect_failed')),
    actor_id uuid,
    object text,
    record_id uuid,
    proposal_id uuid,
    body text NOT NULL CHECK (octet_length(body) <= 524288),
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ON audit_events (tenant_id, object, record_id, id);
CREATE INDEX ON audit_events (tenant_id, proposal_id, id);

CREATE TABLE audit_chain (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    ordinal bigint NOT NULL CHECK (ordinal > 0),
    event_id bigint NOT NULL,
    event_sha256 text NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (tenant_id, ordinal),
    UNIQUE (tenant_id, event_id),
    FOREIGN KEY (tenant_id, event_id) REFERENCES audit_events (tenant_id, id)
);
CREATE TABLE audit_heads (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    ordinal bigint NOT NULL,
    sha256 text NOT NULL
);
CREATE TABLE audit_unsealed (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    event_id bigint NOT NULL,
    PRIMARY KEY (tenant_id, event_id)
);

CREATE FUNCTION security.queue_seal() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    INSERT INTO audit_unsealed (tenant_id, event_id) VALUES (NEW.tenant_id, NEW.id);
    RETURN NULL;
END
$$;
CREATE TRIGGER queue_seal AFTER INSERT ON audit_events
    FOR EACH ROW EXECUTE FUNCTION security.queue_seal();
CREATE TRIGGER keep_forever BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION security.keep_forever();
CREATE TRIGGER keep_forever BEFORE UPDATE OR DELETE ON audit_chain
    FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

-- What of an event is hashed: its columns, one a line, the body last (it holds no line end).
CREATE FUNCTION security.event_text(event audit_events) RETURNS text
    LANGUAGE sql STABLE AS $$
    SELECT concat_ws(E'\n', event.tenant_id::text, event.id::text,
        (extract(epoch FROM event.at) * 1000000)::bigint::text, event.kind,
        coalesce(event.actor_id::text, '-'), coalesce(event.object, '-'),
        coalesce(event.record_id::text, '-'), coalesce(event.proposal_id::text, '-'), event.body)
$$;

-- Chains what waits for one firm; returns how many events were. Called by the executor.
CREATE FUNCTION seal_audit(sealed_tenant uuid) RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    head audit_heads;
    event audit_events;
    event_hash text;
    sealed int := 0;
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
        event_hash := encode(sha256(convert_to(security.event_text(event), 'UTF8')), 'hex');
        head.ordinal := head.ordinal + 1;
        head.sha256 := encode(sha256(convert_to(
            head.sha256 || E'\n' || head.ordinal::text || E'\n' || event_hash, 'UTF8')), 'hex');
        INSERT INTO audit_chain (tenant_id, ordinal, event_id, event_sha256, sha256)
        VALUES (sealed_tenant, head.ordinal, event.id, event_hash, head.sha256);
        DELETE FROM audit_unsealed WHERE tenant_id = sealed_tenant AND event_id = event.id;
        sealed := sealed + 1;
    END LOOP;
    IF sealed > 0 THEN
        UPDATE audit_heads SET ordinal = head.ordinal, sha256 = head.sha256
        WHERE tenant_id = sealed_tenant;
    END IF;
    RETURN sealed;
END
$$;

CREATE FUNCTION unsealed_tenants() RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT tenant_id FROM audit_unsealed
$$;

CREATE FUNCTION security.add_event(
    event_tenant uuid, event_kind text, actor uuid, event_object text, record uuid, proposal uuid,
    body jsonb
) RETURNS void
    LANGUAGE sql SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO audit_events (tenant_id, kind, actor_id, object, record_id, proposal_id, body)
    VALUES (event_tenant, event_kind, actor, event_object, record, proposal, body::text)
$$;

-- A request that was refused before it became anything: who asked for what, and why not.
CREATE FUNCTION record_refusal(refused_object text, record uuid, proposal uuid, body jsonb)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_chain ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_heads ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_unsealed ENABLE ROW LEVEL SECURITY;
CREATE POLICY business ON audit_events FOR SELECT TO assistant_read, change_approver USING (
    tenant_id = (SELECT current_tenant_id())
    AND (actor_id = (SELECT current_user_id())
        OR (SELECT current_roles()) && ARRAY['sales', 'quality', 'director', 'admin'])
);
CREATE POLICY own_tenant ON audit_events FOR SELECT TO change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY own_tenant ON audit_chain FOR SELECT
    TO assistant_read, change_approver, change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY own_tenant ON audit_heads FOR SELECT
    TO assistant_read, change_approver, change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY own_tenant ON audit_unsealed FOR SELECT
    TO assistant_read, change_approver, change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT ON audit_events, audit_chain, audit_heads, audit_unsealed
    TO assistant_read, change_approver, change_executor;
REVOKE ALL ON FUNCTION seal_audit, unsealed_tenants, record_refusal, security.add_event,
    security.queue_seal, security.event_text FROM PUBLIC;
GRANT EXECUTE ON FUNCTION seal_audit, unsealed_tenants TO change_executor;
GRANT EXECUTE ON FUNCTION record_refusal TO assistant_read, change_approver;
