-- The assistant's own state: conversations, turns, the tool runs that prove each answer.

CREATE TABLE conversations (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    surface text NOT NULL CHECK (surface IN ('chat', 'api', 'cli')),
    title text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON conversations (tenant_id, user_id, updated_at DESC);

CREATE TABLE turns (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    ordinal int NOT NULL,
    question text NOT NULL,
    status text NOT NULL CHECK (status IN (
        'running', 'answered', 'clarification', 'unanswered', 'refused', 'failed')),
    answer jsonb,
    engine text,
    prompt_sha256 text,
    asked_at timestamptz NOT NULL DEFAULT now(),
    answered_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, conversation_id, ordinal),
    FOREIGN KEY (tenant_id, conversation_id)
        REFERENCES conversations (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE tool_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    ordinal int NOT NULL,
    tool_use_id text NOT NULL,
    tool text NOT NULL,
    arguments jsonb NOT NULL,
    result jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    duration_ms int NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, turn_id, ordinal),
    FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE feedback (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    turn_id uuid NOT NULL,
    user_id uuid NOT NULL,
    value int NOT NULL CHECK (value IN (-1, 1)),
    comment text,
    given_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, turn_id, user_id),
    FOREIGN KEY (tenant_id, turn_id) REFERENCES turns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['conversations', 'turns', 'tool_runs', 'feedback'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own_rows ON %I TO assistant_read
             USING (tenant_id = (SELECT current_tenant_id())
                    AND user_id = (SELECT current_user_id()))', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO assistant_read', guarded);
    END LOOP;
END
$$;
