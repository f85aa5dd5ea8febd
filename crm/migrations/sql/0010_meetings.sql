-- Meeting transcripts as received, their cues, and the successive versions of their minutes.

CREATE TABLE meeting_transcripts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    meeting_id uuid,
    account_id uuid,
    origin text NOT NULL CHECK (origin IN ('file', 'graph', 'audio')),
    external_id text,
    file_name text NOT NULL,
    format text NOT NULL CHECK (format IN ('vtt', 'srt', 'docx', 'text', 'audio')),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    body text NOT NULL,
    invitation jsonb NOT NULL,
    remarks text[] NOT NULL DEFAULT '{}',
    unread int NOT NULL DEFAULT 0 CHECK (unread >= 0),
    received_by uuid,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, sha256),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, meeting_id) REFERENCES meetings (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, received_by) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON meeting_transcripts (tenant_id, received_at DESC);
CREATE INDEX ON meeting_transcripts (tenant_id, account_id);

-- A cue is body[start_at:end_at]; times in milliseconds.
CREATE TABLE meeting_cues (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    transcript_id uuid NOT NULL,
    ordinal int NOT NULL,
    cue_id text NOT NULL,
    speaker text,
    is_external boolean NOT NULL DEFAULT false,
    starts_ms bigint,
    ends_ms bigint,
    start_at int NOT NULL,
    end_at int NOT NULL CHECK (end_at >= start_at),
    PRIMARY KEY (tenant_id, transcript_id, ordinal),
    UNIQUE (tenant_id, transcript_id, cue_id),
    FOREIGN KEY (tenant_id, transcript_id)
        REFERENCES meeting_transcripts (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE meeting_minutes (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    transcript_id uuid NOT NULL,
    version int NOT NULL CHECK (version > 0),
    status text NOT NULL CHECK (status IN ('running', 'ready', 'failed')),
    result jsonb,
    failure text,
    engine text,
    is_model boolean,
    prompt_sha256 text,
    fallback_reason text,
    written_by uuid NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, transcript_id, version),
    CHECK ((status = 'ready') = (result IS NOT NULL)),
    FOREIGN KEY (tenant_id, transcript_id)
        REFERENCES meeting_transcripts (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, written_by) REFERENCES users (tenant_id, id)
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['meeting_transcripts', 'meeting_cues', 'meeting_minutes'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I USING (tenant_id = (SELECT current_tenant_id()))',
            guarded);
        EXECUTE format('GRANT SELECT ON %I TO assistant_read, sync_writer', guarded);
    END LOOP;
END
$$;
GRANT INSERT, UPDATE ON meeting_transcripts TO sync_writer;
GRANT INSERT ON meeting_cues TO sync_writer;
GRANT INSERT, UPDATE ON meeting_minutes TO assistant_read;
GRANT USAGE ON SCHEMA security TO sync_writer;
GRANT SELECT ON users, tenants TO sync_writer;
