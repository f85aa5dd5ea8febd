-- What the knowledge base does not answer, what was thought of its answers, where it contradicts
-- itself: three lists that people review.

CREATE TABLE knowledge_gaps (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    fingerprint text NOT NULL,
    question text NOT NULL,
    missing text[] NOT NULL DEFAULT '{}',
    nearest text[] NOT NULL DEFAULT '{}',
    asked_by uuid NOT NULL,
    first_asked_at timestamptz NOT NULL DEFAULT now(),
    last_asked_at timestamptz NOT NULL DEFAULT now(),
    repeats int NOT NULL DEFAULT 1 CHECK (repeats > 0),
    owner_id uuid,
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'drafted', 'closed', 'dismissed')),
    proposal_id uuid,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, fingerprint),
    FOREIGN KEY (tenant_id, asked_by) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON knowledge_gaps (tenant_id, status, repeats DESC);

-- Whoever asked sees their question; who looks after the documents sees and settles them all.
ALTER TABLE knowledge_gaps ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON knowledge_gaps FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (
        asked_by = (SELECT current_user_id())
        OR owner_id = (SELECT current_user_id())
        OR (SELECT current_roles()) && ARRAY['quality', 'director', 'admin']
    )
);
CREATE POLICY keeper ON knowledge_gaps FOR UPDATE TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (SELECT current_roles()) && ARRAY['quality', 'director']
);
GRANT SELECT ON knowledge_gaps TO assistant_read;
GRANT UPDATE (owner_id, status, proposal_id) ON knowledge_gaps TO assistant_read;

-- Counts a question asked again, whoever asked it first, without showing that row to the asker.
-- A settled question that comes back opens again, unless a person set it aside.
CREATE FUNCTION record_gap(
    gap_id uuid, gap_fingerprint text, gap_question text, gap_missing text[], gap_nearest text[]
)
RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    INSERT INTO knowledge_gaps AS g
        (id, tenant_id, fingerprint, question, missing, nearest, asked_by)
    SELECT gap_id, current_tenant_id(), gap_fingerprint, left(gap_question, 2000), gap_missing,
        gap_nearest, current_user_id()
    WHERE current_tenant_id() IS NOT NULL AND current_user_id() IS NOT NULL
    ON CONFLICT (tenant_id, fingerprint) DO UPDATE SET repeats = g.repeats + 1,
        last_asked_at = now(), missing = excluded.missing, nearest = excluded.nearest,
        status = CASE WHEN g.status = 'closed' THEN 'open' ELSE g.status END
$$;
REVOKE ALL ON FUNCTION record_gap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_gap TO assistant_read;

-- An opinion carries the question and the answer it is about: giving it shows them to who reviews.
ALTER TABLE feedback
    ADD COLUMN question text NOT NULL DEFAULT '',
    ADD COLUMN answer text NOT NULL DEFAULT '',
    ADD COLUMN sentences jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN review text NOT NULL DEFAULT 'pending'
        CHECK (review IN ('pending', 'kept', 'dismissed')),
    ADD COLUMN reviewed_by uuid,
    ADD COLUMN reviewed_at timestamptz,
    ADD FOREIGN KEY (tenant_id, reviewed_by) REFERENCES users (tenant_id, id);
DROP POLICY own_rows ON feedback;
CREATE POLICY own_read ON feedback FOR SELECT TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id()) AND user_id = (SELECT current_user_id()));
CREATE POLICY own_insert ON feedback FOR INSERT TO assistant_read
    WITH CHECK (tenant_id = (SELECT current_tenant_id()) AND user_id = (SELECT current_user_id()));
CREATE POLICY own_delete ON feedback FOR DELETE TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id()) AND user_id = (SELECT current_user_id()));
CREATE POLICY reviewer ON feedback FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (SELECT current_roles()) && ARRAY['quality', 'director']
);
CREATE POLICY review ON feedback FOR UPDATE TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (SELECT current_roles()) && ARRAY['quality', 'director']
);
REVOKE UPDATE ON feedback FROM assistant_read;
GRANT UPDATE (review, reviewed_by, reviewed_at) ON feedback TO assistant_read;

-- Two sentences in force at the same time that say different things of the same matter. The pair
-- is kept in one order, so that reading the documents again finds the same row.
CREATE TABLE contradictions (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    fingerprint text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('date', 'amount', 'duration', 'duty')),
    left_version_id uuid NOT NULL,
    left_sentence text NOT NULL,
    left_value text NOT NULL,
    right_version_id uuid NOT NULL,
    right_sentence text NOT NULL,
    right_value text NOT NULL,
    score real NOT NULL,
    status text NOT NULL DEFAULT 'proposed'
        CHECK (status IN ('proposed', 'confirmed', 'dismissed')),
    found_at timestamptz NOT NULL DEFAULT now(),
    reviewed_by uuid,
    reviewed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, fingerprint),
    FOREIGN KEY (tenant_id, left_version_id)
        REFERENCES document_versions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, right_version_id)
        REFERENCES document_versions (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, reviewed_by) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON contradictions (tenant_id, status);
ALTER TABLE contradictions ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON contradictions TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, DELETE ON contradictions TO knowledge_writer;
-- Seen by who may read both documents.
CREATE POLICY reader ON contradictions FOR SELECT TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND left_version_id IN (SELECT id FROM document_versions)
    AND right_version_id IN (SELECT id FROM document_versions)
);
CREATE POLICY review ON contradictions FOR UPDATE TO assistant_read USING (
    tenant_id = (SELECT current_tenant_id())
    AND (SELECT current_roles()) && ARRAY['quality', 'director']
);
GRANT SELECT ON contradictions TO assistant_read;
GRANT UPDATE (status, reviewed_by, reviewed_at) ON contradictions TO assistant_read;
