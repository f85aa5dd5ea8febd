-- Approved drafts of replies and what people change in them; two persons above the threshold,
-- counted by the database itself.

-- «approved»: the text a person approved, which triage replaces no more than an edited one.
ALTER TABLE mail_drafts DROP CONSTRAINT mail_drafts_state_check;
ALTER TABLE mail_drafts ADD CONSTRAINT mail_drafts_state_check
    CHECK (state IN ('ready', 'placed', 'edited', 'approved'));
ALTER TABLE mail_drafts ADD COLUMN placed_body text;

-- What a person changed in a draft before using it. `distance` counts the words added, taken away
-- or replaced, out of the `words` of the longer text; `user_id` is unknown for a mailbox.
CREATE TABLE mail_draft_edits (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    thread_id uuid NOT NULL,
    drafted_sha256 text NOT NULL,
    user_id uuid,
    place text NOT NULL CHECK (place IN ('voltaire', 'mailbox')),
    distance int NOT NULL CHECK (distance >= 0),
    words int NOT NULL CHECK (words >= 0),
    edited_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id, drafted_sha256, place),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES email_threads (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
ALTER TABLE mail_draft_edits ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON mail_draft_edits TO assistant_read, sync_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT ON mail_draft_edits TO assistant_read;
GRANT SELECT, INSERT, UPDATE ON mail_draft_edits TO sync_writer;

ALTER TABLE audit_events DROP CONSTRAINT audit_events_kind_check;
ALTER TABLE audit_events ADD CONSTRAINT audit_events_kind_check CHECK (kind IN (
    'proposed', 'approved', 'rejected', 'executed', 'conflict', 'failed', 'expired', 'superseded',
    'refused', 'effect_done', 'effect_doubtful', 'effect_failed', 'effect_retried'));

-- An effect given up is tried again by someone who approves; it is looked for before it is made.
CREATE FUNCTION retry_effect(proposal uuid) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
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
REVOKE ALL ON FUNCTION retry_effect FROM PUBLIC;
GRANT EXECUTE ON FUNCTION retry_effect TO change_approver;

-- What the amount of a change is read from: the columns that put the record's own amount at stake.
ALTER TABLE security.writable_objects
    ADD COLUMN stake text, ADD COLUMN weighty text[] NOT NULL DEFAULT '{}';
UPDATE security.writable_objects SET stake = 'estimated_value_eur', weighty = '{status,verdict}'
WHERE name = 'tenders';
UPDATE security.writable_objects SET stake = 'annual_amount_eur',
    weighty = '{status,end_on,supplier,price_eur_per_mwh}'
WHERE name = 'contracts';

-- From which amount two persons approve, as the firms' policies say; written by the owner alone.
-- A firm or object without a row takes the policy's usual 50 000 €.
CREATE TABLE security.second_approval_thresholds (
    tenant_id uuid NOT NULL REFERENCES public.tenants (id) ON DELETE CASCADE,
    object text NOT NULL,
    cents bigint NOT NULL CHECK (cents >= 0),
    PRIMARY KEY (tenant_id, object)
);

CREATE FUNCTION security.count_persons_needed(p proposals) RETURNS int
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
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
$$;

-- `commit_proposal` counts through this: what the approver's process asked for is a minimum, and
-- where the amount wants two persons the policy's own approval is not one of them.
ALTER FUNCTION security.count_approvals(proposals, text) RENAME TO count_given;
CREATE FUNCTION security.count_approvals(p proposals, computed text)
    RETURNS TABLE (given int, needed int)
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN n.persons > 1 AND EXISTS (
            SELECT FROM approvals a WHERE a.tenant_id = p.tenant_id AND a.proposal_id = p.id
                AND a.kind = 'policy')
        THEN c.given - 1 ELSE c.given END,
        greatest(c.needed, n.persons)
    FROM security.count_given(p, computed) c, security.count_persons_needed(p) AS n (persons)
$$;
REVOKE ALL ON FUNCTION security.count_approvals, security.count_persons_needed FROM PUBLIC;
