-- A passage has one vector, by a model that reads it whole with its title; its sentences none.
-- The layout of packed indexes changes with it: versions are indexed again from their stored
-- passages, by the worker or `voltaire reindex`.
DELETE FROM index_versions;
DROP FUNCTION read_passages;
DROP TABLE sentence_vectors;

-- Of any number of dimensions: the model of the settings decides.
CREATE TABLE passage_vectors (
    tenant_id uuid NOT NULL,
    version_key int NOT NULL,
    chunk_id bigint NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (tenant_id, version_key, chunk_id),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
);
ALTER TABLE passage_vectors ALTER COLUMN embedding SET STORAGE PLAIN;
ALTER TABLE passage_vectors ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON passage_vectors TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, DELETE ON passage_vectors TO knowledge_writer;

-- As before, with the vectors of passages.
CREATE OR REPLACE FUNCTION security.erase_versions(tenant uuid, erasure uuid, gone uuid[]) RETURNS TABLE(kind text, affected bigint)
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    AS $$
DECLARE
    hashes text[];
BEGIN
    SELECT coalesce(array_agg(DISTINCT v.sha256), '{}') INTO hashes FROM document_versions v
    WHERE v.tenant_id = tenant AND v.id = ANY (gone);
    RETURN QUERY SELECT 'chunks'::text, count(*) FROM chunks c
        WHERE c.tenant_id = tenant AND c.version_id = ANY (gone);
    RETURN QUERY SELECT 'vectors'::text, count(*) FROM passage_vectors s
        JOIN index_versions i ON i.tenant_id = s.tenant_id AND i.key = s.version_key
        WHERE i.tenant_id = tenant AND i.version_id = ANY (gone);
    INSERT INTO erased_files (tenant_id, sha256, erasure_id)
    SELECT tenant, h, erasure FROM unnest(hashes) AS h ON CONFLICT DO NOTHING;
    DELETE FROM ingestion_files f WHERE f.tenant_id = tenant AND (f.sha256 = ANY (hashes)
        OR f.source_path IN (SELECT v.source_path FROM document_versions v
            WHERE v.tenant_id = tenant AND v.id = ANY (gone)));
    DELETE FROM document_readings r WHERE r.tenant_id = tenant AND r.version_id = ANY (gone);
    DELETE FROM document_versions v WHERE v.tenant_id = tenant AND v.id = ANY (gone);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'versions';
    RETURN NEXT;
    DELETE FROM documents d WHERE d.tenant_id = tenant AND NOT EXISTS (
        SELECT FROM document_versions v WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id);
    DELETE FROM document_files f WHERE f.tenant_id = tenant AND NOT EXISTS (
        SELECT FROM document_versions v WHERE v.tenant_id = f.tenant_id AND v.sha256 = f.sha256);
    GET DIAGNOSTICS affected = ROW_COUNT;
    kind := 'files';
    RETURN NEXT;
    kind := 'words';
    affected := security.forget_words(tenant);
    RETURN NEXT;
END
$$;

-- The best of the chosen passages, weighed with their vectors, and the state in which that was true;
-- one row without a passage where there is none. Likeness counts from that of unrelated texts; a
-- passage without a vector of the asked model has none. What the identity may not
-- find is left out, whoever chose it. The proof of who asks comes with the call, so that a search
-- is one exchange.
CREATE FUNCTION read_passages(
    proof text, chosen_ids bigint[], chosen_keys int[], chosen_lexical float4[],
    chosen_named float4[], query_vector halfvec, query_model text,
    wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[],
    valid_on date, in_history boolean,
    result_depth int, dense_factor float8, unrelated float8, reference_factor float8
) RETURNS TABLE (
    state text, chunk_id bigint, document_id uuid, version_id uuid, code text, title text,
    version_label text, status text, valid_from date, valid_to date, section_path text, kind text,
    body text, score float8, lexical float8, dense float8,
    content bytea, words text
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
AS $$
#variable_conflict use_column
DECLARE
    tenant uuid;
    reader_roles text[];
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    tenant := current_tenant_id();
    reader_roles := current_roles();
    RETURN QUERY
    WITH findable AS MATERIALIZED (
        SELECT f.key, f.model = query_model AS is_embedded, f.version_id, f.document_id
        FROM security.list_findable(
            tenant, reader_roles, wanted_kinds, wanted_standards, wanted_codes, wanted_statuses,
            valid_on, in_history) AS f
        WHERE f.key = ANY (chosen_keys)
    ),
    best AS MATERIALIZED (
        SELECT c.id, f.key, f.version_id, f.document_id, c.lexical::float8,
            coalesce(near.likeness - unrelated, 0) AS dense,
            c.lexical + dense_factor * coalesce(near.likeness - unrelated, 0)
                + reference_factor * c.named AS score
        FROM unnest(chosen_ids, chosen_keys, chosen_lexical, chosen_named)
            AS c (id, key, lexical, named)
        JOIN findable f ON f.key = c.key
        LEFT JOIN LATERAL (
            SELECT -(v.embedding <#> query_vector) AS likeness
            FROM passage_vectors v
            WHERE f.is_embedded AND v.tenant_id = tenant AND v.version_key = c.key
                AND v.chunk_id = c.id
        ) AS near ON true
        ORDER BY score DESC, c.id
        LIMIT result_depth
    )
    SELECT t.changed_in::text, b.id, b.document_id, b.version_id, d.code, d.title, v.label,
        v.status, v.valid_from, v.valid_to, x.path, c.kind, c.text, b.score, b.lexical, b.dense,
        w.content, w.words
    FROM (SELECT (SELECT k.changed_in FROM knowledge_states k WHERE k.tenant_id = tenant)) AS t
    LEFT JOIN (
        best b
        JOIN document_versions v ON v.tenant_id = tenant AND v.id = b.version_id
        JOIN documents d ON d.tenant_id = tenant AND d.id = b.document_id
        JOIN chunks c ON c.tenant_id = tenant AND c.id = b.id
        JOIN sections x ON x.tenant_id = tenant AND x.id = c.section_id
        JOIN passage_texts w
            ON w.tenant_id = tenant AND w.version_key = b.key AND w.chunk_id = b.id
    ) ON true
    ORDER BY b.score DESC, b.id;
END
$$;

REVOKE ALL ON FUNCTION read_passages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_passages TO assistant_read;
