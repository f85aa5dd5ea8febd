-- Tender scoring: the firm's profile and grid, the files received, the analyses made of them.

CREATE TABLE firm_profiles (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    profile jsonb NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, updated_by) REFERENCES users (tenant_id, id)
);

CREATE TABLE tender_grids (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
    grid jsonb NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (tenant_id, updated_by) REFERENCES users (tenant_id, id)
);

CREATE TABLE tender_analyses (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    label text NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'done', 'failed')),
    progress text,
    verdict text,
    score numeric(4, 1),
    digest text,
    analysis jsonb,
    error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON tender_analyses (tenant_id, created_at DESC);

CREATE TABLE tender_files (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    analysis_id uuid NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (tenant_id, analysis_id, path),
    FOREIGN KEY (tenant_id, analysis_id)
        REFERENCES tender_analyses (tenant_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['firm_profiles', 'tender_grids', 'tender_analyses',
                                   'tender_files'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY own_firm ON %I TO assistant_read
             USING (tenant_id = (SELECT current_tenant_id()))
             WITH CHECK (tenant_id = (SELECT current_tenant_id()))', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO assistant_read', guarded);
    END LOOP;
END
$$;
