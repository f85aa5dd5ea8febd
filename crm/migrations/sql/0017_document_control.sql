-- Documented information under control: decisions on versions, readings acknowledged, and what
-- each reading of a source met.

ALTER TABLE documents
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN must_read text[] NOT NULL DEFAULT '{}' CHECK (
        must_read <@ ARRAY['all', 'reader', 'sales', 'quality', 'director', 'admin']);

-- `decided_at` tells a version whose status and dates a person approved: its source no longer
-- sets them, unless its bytes change.
ALTER TABLE document_versions
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN updated_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN decided_at timestamptz,
    ADD COLUMN designation text;
UPDATE document_versions v SET designation = d.code || ', version ' || v.label
FROM documents d WHERE d.tenant_id = v.tenant_id AND d.id = v.document_id;
ALTER TABLE document_versions ALTER COLUMN designation SET NOT NULL;

CREATE FUNCTION security.name_version() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT d.code || ', version ' || NEW.label INTO NEW.designation FROM documents d
    WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.document_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER name_version BEFORE INSERT ON document_versions
    FOR EACH ROW EXECUTE FUNCTION security.name_version();
CREATE TRIGGER count_version BEFORE UPDATE ON document_versions
    FOR EACH ROW EXECUTE FUNCTION security.count_version();
CREATE TRIGGER count_version BEFORE UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION security.count_version();

-- Runs only for what the executor carries out: a decision is dated, and a version put in force
-- ends the one before, on the eve of its first day.
CREATE FUNCTION security.mark_decision() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    NEW.decided_at := clock_timestamp();
    RETURN NEW;
END
$$;
CREATE FUNCTION security.end_former_versions() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    today date := (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date;
    starts date := coalesce(NEW.valid_from, today);
BEGIN
    UPDATE document_versions v SET
        valid_to = least(coalesce(v.valid_to, 'infinity'), greatest(v.valid_from, starts - 1)),
        status = CASE WHEN starts <= today THEN 'superseded' ELSE v.status END
    WHERE v.tenant_id = NEW.tenant_id AND v.document_id = NEW.document_id AND v.id <> NEW.id
        AND v.status = 'in_force' AND coalesce(v.valid_from, '-infinity') <= starts;
    RETURN NULL;
END
$$;
CREATE TRIGGER mark_decision BEFORE UPDATE ON document_versions
    FOR EACH ROW WHEN (session_user = 'change_executor')
    EXECUTE FUNCTION security.mark_decision();
CREATE TRIGGER end_former_versions AFTER UPDATE ON document_versions
    FOR EACH ROW WHEN (session_user = 'change_executor' AND NEW.status = 'in_force'
        AND OLD.status <> 'in_force')
    EXECUTE FUNCTION security.end_former_versions();
REVOKE ALL ON FUNCTION security.name_version, security.mark_decision,
    security.end_former_versions FROM PUBLIC;

-- What may be read is decided alike for the SQL tool and for who approves.
ALTER POLICY reader ON documents TO assistant_read, sql_reader, change_approver;
ALTER POLICY reader ON document_versions TO assistant_read, sql_reader, change_approver;
CREATE POLICY own_tenant ON documents FOR SELECT TO change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY own_tenant ON document_versions FOR SELECT TO change_executor
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT ON documents, document_versions TO sql_reader, change_approver, change_executor;
INSERT INTO security.writable_objects (name) VALUES ('documents'), ('document_versions');

-- An acknowledgement outlives the version it speaks of: it says which text was read.
CREATE TABLE document_readings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version_id uuid NOT NULL,
    user_id uuid NOT NULL,
    code text NOT NULL,
    label text NOT NULL,
    sha256 text NOT NULL,
    read_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, version_id, user_id, sha256),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
ALTER TABLE document_readings ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON document_readings FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (user_id = (SELECT current_user_id())
        OR (SELECT current_roles()) && ARRAY['quality', 'director', 'admin'])
);
CREATE POLICY own_insert ON document_readings FOR INSERT TO assistant_read WITH CHECK (
    tenant_id = (SELECT current_tenant_id()) AND user_id = (SELECT current_user_id())
    AND version_id IN (SELECT id FROM document_versions)
);
GRANT SELECT, INSERT ON document_readings TO assistant_read;

-- One row per reading of a source. `message` is what stopped it: nothing was changed then.
CREATE TABLE ingestion_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    source_root text NOT NULL,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    indexed int NOT NULL DEFAULT 0,
    updated int NOT NULL DEFAULT 0,
    unchanged int NOT NULL DEFAULT 0,
    removed int NOT NULL DEFAULT 0,
    failed int NOT NULL DEFAULT 0,
    message text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX ON ingestion_runs (tenant_id, source_root, started_at DESC);
ALTER TABLE ingestion_runs ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON ingestion_runs TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY reader ON ingestion_runs FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (SELECT current_roles()) && ARRAY['quality', 'director', 'admin']
);
GRANT SELECT, INSERT, UPDATE, DELETE ON ingestion_runs TO knowledge_writer;
GRANT SELECT ON ingestion_runs TO assistant_read;
