-- What the chat shows besides answers, so that a conversation reopens as it was; transcripts of
-- Teams announced by Microsoft Graph, until their minutes are written.

-- `reference` names what was shown (never its rights: it is read again as the user who reopens);
-- `request` is what the user had said or dropped.
CREATE TABLE conversation_cards (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind ~ '^[a-z_]{2,40}$'),
    request text NOT NULL,
    reference jsonb NOT NULL,
    shown_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON conversation_cards (tenant_id, conversation_id, shown_at);
ALTER TABLE conversation_cards ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON conversation_cards TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id()) AND user_id = (SELECT current_user_id()));
GRANT SELECT, INSERT, UPDATE, DELETE ON conversation_cards TO assistant_read;

-- The same announcement twice is one row. `poison` waits for a person.
CREATE TABLE transcript_arrivals (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    organizer_id text NOT NULL,
    meeting_id text NOT NULL,
    graph_id text NOT NULL,
    state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'poison')),
    attempts int NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    message text,
    announced_at timestamptz NOT NULL DEFAULT now(),
    tried_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, organizer_id, meeting_id, graph_id)
);
ALTER TABLE transcript_arrivals ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON transcript_arrivals
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT ON transcript_arrivals TO assistant_read, sync_writer;
GRANT INSERT, UPDATE ON transcript_arrivals TO sync_writer;
