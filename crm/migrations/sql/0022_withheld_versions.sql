-- A version whose rights are no longer known is shown to nobody, and kept: its identifier, the
-- decisions made on it and the readings acknowledged come back with its rights.

ALTER TABLE documents ADD COLUMN is_withheld boolean NOT NULL DEFAULT false;
ALTER TABLE document_versions ADD COLUMN is_withheld boolean NOT NULL DEFAULT false;
ALTER POLICY reader ON documents USING (
    tenant_id = (SELECT current_tenant_id())
    AND NOT is_withheld
    AND ('all' = ANY (access) OR access && (SELECT current_roles()))
);
ALTER POLICY reader ON document_versions USING (
    tenant_id = (SELECT current_tenant_id())
    AND NOT is_withheld
    AND document_id IN (SELECT id FROM documents)
    AND (
        status NOT IN ('draft', 'in_review')
        OR (SELECT current_roles()) && ARRAY['quality', 'director', 'admin']
    )
);

-- Under another code or label, the same bytes have been read by the same people.
CREATE POLICY writer ON document_readings TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, UPDATE (version_id) ON document_readings TO knowledge_writer;
