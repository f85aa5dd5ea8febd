-- Mail as it came, what triage made of each thread, what waits for a person.

CREATE TABLE mail_sources (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    mailbox text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('graph', 'folder', 'mbox', 'imap')),
    cursors jsonb NOT NULL DEFAULT '{}',
    subscription_id text,
    subscription_expires_at timestamptz,
    client_state text,
    checked_at timestamptz,
    message text,
    PRIMARY KEY (tenant_id, mailbox)
);

-- The raw message, once per mailbox; the same message in two mailboxes is one e-mail.
CREATE TABLE mail_messages (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    mailbox text NOT NULL,
    internet_message_id text NOT NULL,
    outside_id text,
    email_id uuid NOT NULL,
    reference_ids text[] NOT NULL DEFAULT '{}',
    content bytea NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, mailbox, internet_message_id),
    FOREIGN KEY (tenant_id, email_id) REFERENCES emails (tenant_id, id)
);
ALTER TABLE mail_messages ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE INDEX ON mail_messages (tenant_id, email_id);
CREATE INDEX ON mail_messages USING gin (reference_ids);

-- One row per thread. Each step leaves its result beside the key of the messages it read: a run
-- that is taken up again skips what is there for the same key.
CREATE TABLE mail_triage (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    thread_id uuid NOT NULL,
    messages_key text NOT NULL,
    mailbox text NOT NULL DEFAULT '',
    steps jsonb NOT NULL DEFAULT '{}',
    account_id uuid,
    category text,
    urgency int CHECK (urgency BETWEEN 1 AND 3),
    non_conformity text CHECK (non_conformity IN ('oui', 'incertain', 'non')),
    severity text CHECK (severity IN ('minor', 'major')),
    last_message_at timestamptz,
    is_done boolean NOT NULL DEFAULT false,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES email_threads (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);
CREATE INDEX ON mail_triage (tenant_id, last_message_at DESC);

-- `written_sha256` is the last body the assistant wrote: another one was written by a person.
CREATE TABLE mail_drafts (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    thread_id uuid NOT NULL,
    mailbox text NOT NULL,
    in_reply_to text NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    to_addresses text[] NOT NULL,
    cc_addresses text[] NOT NULL DEFAULT '{}',
    written_sha256 text,
    outside_id text,
    state text NOT NULL DEFAULT 'ready' CHECK (state IN ('ready', 'placed', 'edited')),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES email_threads (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE mail_poison (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    mailbox text NOT NULL,
    name text NOT NULL,
    step text NOT NULL,
    message text NOT NULL,
    content bytea,
    thread_id uuid,
    attempts int NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'replayed')),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE mail_reviews (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    key text NOT NULL,
    thread_id uuid NOT NULL,
    due_on date NOT NULL,
    reasons text[] NOT NULL DEFAULT '{}',
    decision text CHECK (decision IN ('oui', 'non')),
    decided_by uuid,
    decided_at timestamptz,
    PRIMARY KEY (tenant_id, key),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES email_threads (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, decided_by) REFERENCES users (tenant_id, id)
);

CREATE TABLE mail_feedback (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    thread_id uuid NOT NULL,
    user_id uuid NOT NULL,
    value int NOT NULL CHECK (value IN (-1, 1)),
    comment text,
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, thread_id, user_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES email_threads (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'mail_sources', 'mail_messages', 'mail_triage', 'mail_drafts', 'mail_poison',
        'mail_reviews', 'mail_feedback']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I TO assistant_read, sync_writer
             USING (tenant_id = (SELECT current_tenant_id()))', guarded);
        EXECUTE format('GRANT SELECT ON %I TO assistant_read', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO sync_writer', guarded);
    END LOOP;
END
$$;
REVOKE SELECT ON mail_sources FROM assistant_read;
-- Two threads found to be one: the emptied one goes.
GRANT DELETE ON email_threads TO sync_writer;
