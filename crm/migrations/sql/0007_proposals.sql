-- Guarded writes: a model proposes, a person approves that very text, a separate role commits it.
-- No role of the product may write a business row: only commit_proposal can, and only what an
-- approval binds by its digest.

CREATE TABLE notes (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    author_id uuid,
    account_id uuid NOT NULL,
    contract_id uuid,
    tender_id uuid,
    non_conformity_id uuid,
    body text NOT NULL CHECK (body <> ''),
    written_on date NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, author_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    FOREIGN KEY (tenant_id, tender_id) REFERENCES tenders (tenant_id, id),
    FOREIGN KEY (tenant_id, non_conformity_id) REFERENCES non_conformities (tenant_id, id)
);
CREATE INDEX ON notes (tenant_id, account_id);

-- The text of an answer, once approved; the draft in the mailbox is made from it by the outbox.
CREATE TABLE reply_drafts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    account_id uuid,
    email_id uuid NOT NULL,
    to_addresses text[] NOT NULL CHECK (cardinality(to_addresses) > 0),
    cc_addresses text[] NOT NULL DEFAULT '{}',
    subject text NOT NULL,
    body_text text NOT NULL CHECK (body_text <> ''),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, email_id) REFERENCES emails (tenant_id, id)
);
CREATE INDEX ON reply_drafts (tenant_id, email_id);

-- The guards of a business table, without any right to write it.
CREATE OR REPLACE PROCEDURE security.guard_business_table(guarded regclass)
    LANGUAGE plpgsql AS $$
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
CALL security.guard_business_table('notes');
CALL security.guard_business_table('reply_drafts');

-- Each change of a row makes a new version of it, whoever changes it.
CREATE FUNCTION security.count_version() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

DO $$
DECLARE
    guarded regclass;
BEGIN
    FOR guarded IN
        SELECT c.oid FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
            AND has_table_privilege('change_executor', c.oid, 'SELECT')
            AND c.relname NOT IN ('tenants', 'users')
    LOOP
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON %s FROM change_executor', guarded);
        EXECUTE format('GRANT SELECT ON %s TO change_approver', guarded);
        IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = guarded AND attname = 'version'
                AND NOT attisdropped) THEN
            EXECUTE format(
                'CREATE TRIGGER count_version BEFORE UPDATE ON %s
                 FOR EACH ROW EXECUTE FUNCTION security.count_version()', guarded);
        END IF;
    END LOOP;
    FOREACH guarded IN ARRAY ARRAY[
        'email_threads', 'emails', 'attachments', 'meetings', 'market_watch']::regclass[]
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %s TO sync_writer', guarded);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA security TO change_approver, sync_writer;
GRANT SELECT ON tenants, users TO change_approver, sync_writer;
-- Synchronisation attaches a message or a meeting to whom it concerns.
GRANT SELECT ON accounts, contacts TO sync_writer;

-- What a proposal may touch. A column of the record's identity or life is never one of them.
CREATE TABLE security.writable_objects (
    name text PRIMARY KEY,
    has_id boolean NOT NULL DEFAULT true
);
INSERT INTO security.writable_objects (name, has_id) VALUES
    ('accounts', true), ('contacts', true), ('tenders', true), ('tender_lots', true),
    ('tender_criteria', true), ('competitors', true), ('contracts', true), ('amendments', true),
    ('sites', true), ('delivery_points', true), ('non_conformities', true), ('incidents', true),
    ('grid_requests', true), ('flexibility_opportunities', true), ('ppa_projects', true),
    ('efficiency_opportunities', true), ('kb_articles', true), ('document_templates', true),
    ('market_watch', true), ('meetings', true), ('tasks', true), ('notes', true),
    ('reply_drafts', true), ('tender_competitors', false), ('contract_delivery_points', false);

-- `canonical` is the whole change as JSON; its SHA-256 is what an approval binds. The other
-- columns repeat it for lists: nothing is executed from them.
CREATE TABLE proposals (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    ordinal bigint GENERATED ALWAYS AS IDENTITY,
    key text CHECK (length(key) BETWEEN 1 AND 400),
    canonical text NOT NULL CHECK (octet_length(canonical) <= 262144),
    digest text NOT NULL CHECK (digest ~ '^[0-9a-f]{64}$'),
    nonce uuid NOT NULL,
    proposer_id uuid NOT NULL,
    operation text NOT NULL CHECK (operation IN ('create', 'update', 'link', 'remove')),
    object text NOT NULL,
    record_id uuid,
    account_id uuid,
    origin text NOT NULL,
    is_tainted boolean NOT NULL,
    status text NOT NULL DEFAULT 'pending' CHECK (status IN (
        'pending', 'approved', 'executed', 'rejected', 'expired', 'conflict', 'failed',
        'superseded')),
    status_reason text,
    status_by uuid,
    successor_id uuid,
    result jsonb,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    settled_at timestamptz,
    told_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, key),
    UNIQUE (tenant_id, nonce),
    FOREIGN KEY (tenant_id, proposer_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON proposals (tenant_id, ordinal DESC) WHERE status = 'pending';
CREATE INDEX ON proposals (tenant_id, ordinal) WHERE status = 'approved';
CREATE INDEX ON proposals (tenant_id, proposer_id, created_at);
CREATE INDEX ON proposals (tenant_id, object, record_id);

-- One act of a person (or of the firm's policy) on one proposal. `needed` is how many persons
-- the policy asked for then. A batch's digest covers all its lines: removing, adding or
-- changing one of them undoes the whole batch.
CREATE TABLE approvals (
    id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    proposal_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('person', 'policy')),
    approver_id uuid,
    digest text NOT NULL,
    needed int NOT NULL CHECK (needed BETWEEN 1 AND 2),
    batch_id uuid NOT NULL,
    batch_digest text NOT NULL,
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE NULLS NOT DISTINCT (tenant_id, proposal_id, approver_id),
    CHECK ((kind = 'policy') = (approver_id IS NULL)),
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES proposals (tenant_id, id),
    FOREIGN KEY (tenant_id, approver_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON approvals (tenant_id, batch_id);
CREATE INDEX ON approvals (tenant_id, approver_id, decided_at);

CREATE TABLE consumed_nonces (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    nonce uuid NOT NULL,
    consumed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, nonce)
);

-- Effects outside the database, due once their change is committed. `key` lets the other side
-- recognise an effect already made; a doubtful one is looked for there before any repetition.
CREATE TABLE outbox (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    proposal_id uuid NOT NULL,
    kind text NOT NULL,
    key text NOT NULL,
    payload jsonb NOT NULL,
    state text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'doubtful', 'done', 'failed')),
    attempts int NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz,
    lease uuid,
    outside_id text,
    message text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, kind, key),
    FOREIGN KEY (tenant_id, proposal_id) REFERENCES proposals (tenant_id, id)
);
CREATE INDEX ON outbox (next_at) WHERE state IN ('due', 'doubtful');

CREATE FUNCTION security.freeze_proposal() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.tenant_id, OLD.key, OLD.canonical, OLD.digest, OLD.nonce, OLD.proposer_id,
        OLD.operation, OLD.object, OLD.record_id, OLD.account_id, OLD.origin, OLD.is_tainted,
        OLD.created_at, OLD.expires_at)
        IS DISTINCT FROM
       (NEW.id, NEW.tenant_id, NEW.key, NEW.canonical, NEW.digest, NEW.nonce, NEW.proposer_id,
        NEW.operation, NEW.object, NEW.record_id, NEW.account_id, NEW.origin, NEW.is_tainted,
        NEW.created_at, NEW.expires_at)
    THEN
        RAISE insufficient_privilege USING MESSAGE = 'a proposal does not change';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER freeze_proposal BEFORE UPDATE ON proposals
    FOR EACH ROW EXECUTE FUNCTION security.freeze_proposal();

-- Rows that only ever arrive. The schema's owner may erase a whole firm, by naming it.
CREATE FUNCTION security.keep_forever() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_has_role(session_user, 'migrator', 'MEMBER')
        AND OLD.tenant_id::text = ANY (
            string_to_array(current_setting('voltaire.erased_tenants', true), ','))
    THEN
        RETURN OLD;
    END IF;
    RAISE insufficient_privilege USING MESSAGE = TG_TABLE_NAME || ' is append-only';
END
$$;
CREATE TRIGGER keep_forever BEFORE UPDATE OR DELETE ON approvals
    FOR EACH ROW EXECUTE FUNCTION security.keep_forever();
CREATE TRIGGER keep_forever BEFORE UPDATE OR DELETE ON consumed_nonces
    FOR EACH ROW EXECUTE FUNCTION security.keep_forever();
CREATE TRIGGER keep_forever BEFORE DELETE ON proposals
    FOR EACH ROW EXECUTE FUNCTION security.keep_forever();

-- A proposal is seen by who proposed it and by those who may approve.
ALTER TABLE proposals ENABLE ROW LEVEL SECURITY;
ALTER TABLE approvals ENABLE ROW LEVEL SECURITY;
ALTER TABLE consumed_nonces ENABLE ROW LEVEL SECURITY;
ALTER TABLE outbox ENABLE ROW LEVEL SECURITY;
CREATE POLICY concerned ON proposals FOR SELECT TO assistant_read, change_approver USING (
    tenant_id = (SELECT current_tenant_id())
    AND (proposer_id = (SELECT current_user_id())
        OR (SELECT current_roles()) && ARRAY['sales', 'quality', 'director'])
);
CREATE POLICY own_tenant ON proposals FOR SELECT TO change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY concerned ON approvals FOR SELECT TO assistant_read, change_approver USING (
    tenant_id = (SELECT current_tenant_id())
    AND EXISTS (SELECT FROM proposals p
        WHERE p.tenant_id = approvals.tenant_id AND p.id = approvals.proposal_id)
);
CREATE POLICY own_tenant ON approvals FOR SELECT TO change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY concerned ON outbox FOR SELECT TO assistant_read, change_approver USING (
    tenant_id = (SELECT current_tenant_id())
    AND EXISTS (SELECT FROM proposals p
        WHERE p.tenant_id = outbox.tenant_id AND p.id = outbox.proposal_id)
);
CREATE POLICY own_tenant ON outbox FOR SELECT TO change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT ON proposals, approvals, outbox TO assistant_read, change_approver, change_executor;
