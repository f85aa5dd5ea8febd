-- Documents of the knowledge base: document → version → section → chunk → sentence.

CREATE TABLE documents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    code text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'manual', 'procedure', 'instruction', 'record', 'guide', 'template', 'tender',
        'regulation', 'market', 'memo', 'other')),
    standards text[] NOT NULL DEFAULT '{}',
    clause text,
    owner_id uuid,
    access text[] NOT NULL DEFAULT ARRAY['all'] CHECK (
        cardinality(access) > 0
        AND access <@ ARRAY['all', 'reader', 'sales', 'quality', 'director', 'admin']
    ),
    tags text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, code),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE document_files (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    content bytea NOT NULL,
    PRIMARY KEY (tenant_id, sha256)
);
ALTER TABLE document_files ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE document_versions (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    created_at timestamptz NOT NULL DEFAULT now(),
    document_id uuid NOT NULL,
    label text NOT NULL,
    status text NOT NULL CHECK (status IN (
        'draft', 'in_review', 'in_force', 'superseded', 'withdrawn')),
    valid_from date,
    valid_to date,
    review_due_on date,
    source text,
    source_path text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    page_count int NOT NULL CHECK (page_count > 0),
    ocr_pages int[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, document_id, label),
    FOREIGN KEY (tenant_id, document_id) REFERENCES documents (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, sha256) REFERENCES document_files (tenant_id, sha256)
);
CREATE INDEX ON document_versions (tenant_id, source_path);

CREATE TABLE sections (
    id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version_id uuid NOT NULL,
    ordinal int NOT NULL,
    level int NOT NULL CHECK (level >= 0),
    heading text NOT NULL,
    path text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, version_id, ordinal),
    FOREIGN KEY (tenant_id, version_id)
        REFERENCES document_versions (tenant_id, id) ON DELETE CASCADE
);

CREATE TABLE chunks (
    id bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version_id uuid NOT NULL,
    section_id bigint NOT NULL,
    ordinal int NOT NULL,
    kind text NOT NULL CHECK (kind IN ('text', 'table')),
    text text NOT NULL CHECK (text <> ''),
    token_count int NOT NULL CHECK (token_count > 0),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, version_id, ordinal),
    FOREIGN KEY (tenant_id, version_id)
        REFERENCES document_versions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, section_id) REFERENCES sections (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX ON chunks (tenant_id, section_id);

-- A sentence is the span [start_at, end_at) of its chunk's text, in characters.
CREATE TABLE sentences (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    chunk_id bigint NOT NULL,
    ordinal int NOT NULL,
    start_at int NOT NULL CHECK (start_at >= 0),
    end_at int NOT NULL CHECK (end_at > start_at),
    page int NOT NULL CHECK (page > 0),
    box real[] CHECK (cardinality(box) = 4),
    PRIMARY KEY (tenant_id, chunk_id, ordinal),
    FOREIGN KEY (tenant_id, chunk_id) REFERENCES chunks (tenant_id, id) ON DELETE CASCADE
);

-- What ingestion met, one row per file: read, unchanged, or refused with the reason.
CREATE TABLE ingestion_files (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    source_root text NOT NULL,
    source_path text NOT NULL,
    sha256 text,
    size_bytes bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('indexed', 'failed', 'removed')),
    message text,
    seen_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, source_root, source_path)
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'documents', 'document_files', 'document_versions', 'sections', 'chunks', 'sentences',
        'ingestion_files'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY writer ON %I TO knowledge_writer
             USING (tenant_id = (SELECT current_tenant_id()))', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO knowledge_writer', guarded);
        EXECUTE format('GRANT SELECT ON %I TO assistant_read', guarded);
    END LOOP;
END
$$;

-- A reader sees a document when one of their roles is on its access list, and below it only
-- what belongs to a document they see. Drafts are for those who write and approve documents.
CREATE POLICY reader ON documents FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND ('all' = ANY (access) OR access && (SELECT current_roles()))
);
CREATE POLICY reader ON document_versions FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND document_id IN (SELECT id FROM documents)
    AND (
        status NOT IN ('draft', 'in_review')
        OR (SELECT current_roles()) && ARRAY['quality', 'director', 'admin']
    )
);
CREATE POLICY reader ON document_files FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id()) AND sha256 IN (SELECT sha256 FROM document_versions)
);
CREATE POLICY reader ON sections FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id()) AND version_id IN (SELECT id FROM document_versions)
);
CREATE POLICY reader ON chunks FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id()) AND version_id IN (SELECT id FROM document_versions)
);
CREATE POLICY reader ON sentences FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND EXISTS (
        SELECT FROM chunks c
        WHERE c.tenant_id = sentences.tenant_id AND c.id = sentences.chunk_id)
);
CREATE POLICY reader ON ingestion_files FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (SELECT current_roles()) && ARRAY['quality', 'director', 'admin']
);
