-- SharePoint and OneDrive libraries, followed by delta: where the reading stands, and what each
-- library holds. `held_tag` is that of the content on disk. Rights are read anew each time.
-- `erased_tag` is that of a content erased from the base: the item keeps no name.
CREATE TABLE libraries (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    drive_id text NOT NULL,
    cursor text,
    reconciled_at timestamptz,
    PRIMARY KEY (tenant_id, drive_id)
);
CREATE TABLE library_items (
    tenant_id uuid NOT NULL,
    drive_id text NOT NULL,
    item_id text NOT NULL,
    parent_id text,
    name text NOT NULL,
    is_folder boolean NOT NULL,
    size bigint NOT NULL DEFAULT 0,
    content_tag text,
    held_tag text,
    erased_tag text,
    PRIMARY KEY (tenant_id, drive_id, item_id),
    FOREIGN KEY (tenant_id, drive_id) REFERENCES libraries ON DELETE CASCADE
);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY['libraries', 'library_items'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY writer ON %I TO knowledge_writer
             USING (tenant_id = (SELECT current_tenant_id()))', guarded);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO knowledge_writer', guarded);
    END LOOP;
END
$$;
