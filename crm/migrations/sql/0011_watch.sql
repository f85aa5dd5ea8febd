-- The market watch's own state: what each notice said, its pre-score, the runs, the filters.

CREATE TABLE watch_filters (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    cpv_prefixes text[] NOT NULL,
    keywords text[] NOT NULL,
    excluded_words text[] NOT NULL DEFAULT '{}',
    regions text[] NOT NULL DEFAULT '{}',
    remote_regions text[] NOT NULL DEFAULT '{}',
    updated_by uuid,
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE watch_notices (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    source text NOT NULL CHECK (source IN ('boamp', 'ted')),
    notice_id text NOT NULL,
    market_watch_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'contract', 'award', 'information', 'correction', 'cancellation', 'modification')),
    fingerprint text NOT NULL,
    buyer text,
    departments text[] NOT NULL DEFAULT '{}',
    cpv_codes text[] NOT NULL DEFAULT '{}',
    energy text CHECK (energy IN ('electricity', 'gas', 'both')),
    deadline timestamptz,
    estimated_value_eur numeric(14, 2) CHECK (estimated_value_eur >= 0),
    notice jsonb NOT NULL,
    prescore jsonb NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, source, notice_id),
    FOREIGN KEY (tenant_id, market_watch_id) REFERENCES market_watch (tenant_id, id)
);
CREATE INDEX ON watch_notices (tenant_id, market_watch_id);
CREATE INDEX ON watch_notices (tenant_id, fingerprint);
CREATE INDEX ON watch_notices (tenant_id, deadline);

-- A person asked that the tender file be scored as soon as it is there.
CREATE TABLE watch_requests (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    market_watch_id uuid NOT NULL,
    requested_by uuid NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT now(),
    file_sha256 text,
    arrived_at timestamptz,
    PRIMARY KEY (tenant_id, market_watch_id),
    FOREIGN KEY (tenant_id, market_watch_id) REFERENCES market_watch (tenant_id, id),
    FOREIGN KEY (tenant_id, requested_by) REFERENCES users (tenant_id, id)
);

CREATE TABLE watch_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    since date NOT NULL,
    seen int NOT NULL DEFAULT 0,
    added int NOT NULL DEFAULT 0,
    updated int NOT NULL DEFAULT 0,
    set_aside int NOT NULL DEFAULT 0,
    unreadable int NOT NULL DEFAULT 0,
    failure text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ON watch_runs (tenant_id, started_at DESC);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'watch_filters', 'watch_notices', 'watch_requests', 'watch_runs'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own_tenant ON %I USING (tenant_id = (SELECT current_tenant_id()))',
            guarded);
        EXECUTE format('GRANT SELECT ON %I TO assistant_read, sql_reader', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO sync_writer', guarded);
    END LOOP;
END
$$;
GRANT INSERT ON watch_requests TO assistant_read;

-- The watch brings what is published; the status stays a person's, through a proposal.
REVOKE UPDATE ON market_watch FROM sync_writer;
GRANT UPDATE (title, url, summary, relevance) ON market_watch TO sync_writer;
