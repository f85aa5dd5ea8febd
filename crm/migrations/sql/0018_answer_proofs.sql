-- The proof of each answer: its text as it was given, sealed by its hash in the audit's chain.

ALTER TABLE audit_events DROP CONSTRAINT audit_events_kind_check;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_kind_check CHECK (kind IN (
    'proposed', 'approved', 'rejected', 'executed', 'conflict', 'failed', 'expired', 'superseded',
    'refused', 'effect_done', 'effect_doubtful', 'effect_failed', 'effect_retried', 'answered',
    'erased'));

-- `canonical` is the whole proof as JSON. It outlives its turn, which its user may delete.
CREATE TABLE answer_proofs (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    turn_id uuid NOT NULL,
    user_id uuid NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    canonical text NOT NULL CHECK (octet_length(canonical) <= 67108864),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    PRIMARY KEY (tenant_id, turn_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON answer_proofs (tenant_id, made_at);
CREATE TRIGGER keep_forever BEFORE UPDATE OR DELETE ON answer_proofs
    FOR EACH ROW EXECUTE FUNCTION security.keep_forever();
ALTER TABLE answer_proofs ENABLE ROW LEVEL SECURITY;
CREATE POLICY concerned ON answer_proofs FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (user_id = (SELECT current_user_id())
        OR (SELECT current_roles()) && ARRAY['director'])
);
GRANT SELECT ON answer_proofs TO assistant_read;

-- Keeps the proof of one's own turn, once; its hash enters the audit in the same transaction.
CREATE FUNCTION record_proof(proved uuid, proof text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION record_proof FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_proof TO assistant_read;
