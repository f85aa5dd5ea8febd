-- The search index: postings, vectors and identifiers of every chunk, tenant by tenant.
-- No reading role is granted any of it: search goes through search_passages(), which applies
-- the signed identity's tenant and roles.

-- One row per indexed version. `key` stands for the version in the rows below, where a uuid
-- would double their size. Totals count terms over the version's chunks.
CREATE TABLE index_versions (
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    key int GENERATED ALWAYS AS IDENTITY,
    model text NOT NULL,
    chunk_count int NOT NULL CHECK (chunk_count >= 0),
    term_total bigint NOT NULL,
    title_term_total bigint NOT NULL,
    PRIMARY KEY (tenant_id, version_id),
    UNIQUE (tenant_id, key),
    FOREIGN KEY (tenant_id, version_id)
        REFERENCES document_versions (tenant_id, id) ON DELETE CASCADE
);

-- `title_*` speak of the document's title and the section's path. The covering key lets a
-- search read a term's postings from a few contiguous index pages.
CREATE TABLE postings (
    tenant_id uuid NOT NULL,
    term text NOT NULL,
    chunk_id bigint NOT NULL,
    version_key int NOT NULL,
    frequency smallint NOT NULL,
    length smallint NOT NULL,
    title_frequency smallint NOT NULL,
    title_length smallint NOT NULL,
    PRIMARY KEY (tenant_id, term, chunk_id)
        INCLUDE (version_key, frequency, length, title_frequency, title_length),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);
CREATE INDEX ON postings (tenant_id, version_key);

CREATE TABLE chunk_identifiers (
    tenant_id uuid NOT NULL,
    identifier text NOT NULL,
    chunk_id bigint NOT NULL,
    version_key int NOT NULL,
    PRIMARY KEY (tenant_id, identifier, chunk_id) INCLUDE (version_key),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
);
CREATE INDEX ON chunk_identifiers (tenant_id, version_key);

-- The signs of a passage's vector: enough to tell the nearest few hundred passages, in a
-- fifteenth of the room. The scan reads the covering key alone.
CREATE TABLE passage_signatures (
    tenant_id uuid NOT NULL,
    version_key int NOT NULL,
    chunk_id bigint NOT NULL,
    signature bit(512) NOT NULL,
    PRIMARY KEY (tenant_id, version_key, chunk_id) INCLUDE (signature),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
) WITH (autovacuum_vacuum_insert_scale_factor = 0.05);

-- Each holds 0.4·unit(title + sentence) + 0.3·unit(sentence) + 0.3·unit(passage): the inner
-- product with a question is then the weighted sum of the three cosines. Stored in line.
CREATE TABLE sentence_vectors (
    tenant_id uuid NOT NULL,
    version_key int NOT NULL,
    chunk_id bigint NOT NULL,
    ordinal smallint NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (tenant_id, version_key, chunk_id, ordinal),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
);
ALTER TABLE sentence_vectors ALTER COLUMN embedding SET STORAGE PLAIN;

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'index_versions', 'postings', 'chunk_identifiers', 'passage_signatures', 'sentence_vectors'
    ] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', guarded);
        EXECUTE format(
            'CREATE POLICY writer ON %I TO knowledge_writer
             USING (tenant_id = (SELECT current_tenant_id()))', guarded);
        EXECUTE format('GRANT SELECT, INSERT, DELETE ON %I TO knowledge_writer', guarded);
    END LOOP;
END
$$;

-- Candidates of a question, best first: BM25 (k1 1.2, b 0.75) on text and title, the best
-- sentence's dense score, and identifiers, summed. The dense score is exact for the best chunks
-- by words and for the `near_depth` nearest passages. Statistics are those of the tenant's whole
-- index, read with the postings themselves, so nothing has to be kept in step.
CREATE FUNCTION search_passages(
    query_terms text[], query_identifiers text[], query_vector halfvec, query_model text,
    wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[],
    valid_on date, in_history boolean,
    lexical_depth int, near_depth int, result_depth int,
    title_factor float8, dense_factor float8, identifier_factor float8
)
RETURNS TABLE (
    chunk_id bigint, document_id uuid, version_id uuid, code text, title text,
    version_label text, status text, valid_from date, valid_to date, section_path text,
    kind text, body text, score float8, lexical float8, dense float8,
    starts int[], ends int[], pages int[], boxes jsonb, sentence_dense float8[],
    term_weights float8[]
)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_sort = off
AS $$
#variable_conflict use_column
DECLARE
    tenant uuid := current_tenant_id();
    reader_roles text[] := current_roles() || 'all'::text;
BEGIN
    IF tenant IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY
    -- Filters stand in CASE so that the planner does not multiply guesses down to one row.
    WITH allowed AS MATERIALIZED (
        SELECT i.key, i.model = query_model AS is_embedded
        FROM documents d
        JOIN document_versions v ON v.document_id = d.id
        JOIN index_versions i ON i.version_id = v.id
        WHERE d.tenant_id = tenant AND v.tenant_id = tenant AND i.tenant_id = tenant
            AND CASE
                WHEN NOT d.access && reader_roles THEN false
                WHEN v.status IN ('draft', 'in_review')
                    AND NOT reader_roles && ARRAY['quality', 'director', 'admin'] THEN false
                WHEN cardinality(wanted_kinds) > 0 AND d.kind <> ALL (wanted_kinds) THEN false
                WHEN cardinality(wanted_standards) > 0
                    AND NOT d.standards && wanted_standards THEN false
                WHEN cardinality(wanted_codes) > 0 AND d.code <> ALL (wanted_codes) THEN false
                ELSE true
            END
            AND CASE
                WHEN v.status <> ALL (wanted_statuses) THEN false
                WHEN v.status <> 'in_force' AND NOT in_history THEN true
                ELSE coalesce(v.valid_from, '-infinity') <= valid_on
                    AND coalesce(v.valid_to, 'infinity') >= valid_on
            END
    ),
    totals AS MATERIALIZED (
        SELECT greatest(sum(chunk_count), 1)::float8 AS chunks,
            greatest(sum(term_total)::float8 / greatest(sum(chunk_count), 1), 1) AS length,
            greatest(sum(title_term_total)::float8 / greatest(sum(chunk_count), 1), 1)
                AS title_length
        FROM index_versions WHERE tenant_id = tenant
    ),
    weights AS MATERIALIZED (
        SELECT asked.term,
            ln(1 + (chunks - found.df + 0.5) / (found.df + 0.5)) AS weight,
            ln(1 + (chunks - found.title_df + 0.5) / (found.title_df + 0.5)) AS title_weight,
            1.2 * 0.75 / length AS norm, 1.2 * 0.75 / title_length AS title_norm
        FROM totals
        CROSS JOIN (SELECT DISTINCT term FROM unnest(query_terms) AS term) AS asked
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE p.frequency > 0) AS df,
                count(*) FILTER (WHERE p.title_frequency > 0) AS title_df
            FROM postings p WHERE p.tenant_id = tenant AND p.term = asked.term
        ) AS found
        WHERE found.df > 0 OR found.title_df > 0
    ),
    -- OFFSET 0 keeps a loop over few terms from becoming a scan of every posting.
    lexical AS MATERIALIZED (
        SELECT met.chunk_id, met.version_key, a.is_embedded, met.score
        FROM (
            SELECT h.chunk_id, h.version_key,
                sum(
                    CASE WHEN h.frequency > 0 THEN
                        2.2::float8 * w.weight * h.frequency
                            / (h.frequency + 0.3::float8 + w.norm * h.length)
                    ELSE 0 END
                    + CASE WHEN h.title_frequency > 0 THEN
                        2.2::float8 * title_factor * w.title_weight * h.title_frequency
                            / (h.title_frequency + 0.3::float8 + w.title_norm * h.title_length)
                    ELSE 0 END
                ) AS score
            FROM weights w
            CROSS JOIN LATERAL (
                SELECT p.chunk_id, p.version_key, p.frequency, p.length, p.title_frequency,
                    p.title_length
                FROM postings p WHERE p.tenant_id = tenant AND p.term = w.term
                OFFSET 0
            ) AS h
            GROUP BY h.chunk_id, h.version_key
        ) AS met
        JOIN allowed a ON a.key = met.version_key
    ),
    named AS MATERIALIZED (
        SELECT c.chunk_id, c.version_key, a.is_embedded,
            sum(ln(1 + (t.chunks - c.df + 0.5) / (c.df + 0.5))) AS score
        FROM (
            SELECT i.chunk_id, i.version_key, count(*) OVER (PARTITION BY i.identifier) AS df
            FROM chunk_identifiers i
            WHERE i.tenant_id = tenant AND i.identifier = ANY (query_identifiers)
        ) AS c
        JOIN allowed a ON a.key = c.version_key
        CROSS JOIN totals t
        GROUP BY c.chunk_id, c.version_key, a.is_embedded
    ),
    pool AS MATERIALIZED (
        (SELECT chunk_id, version_key, is_embedded FROM lexical
            ORDER BY score DESC, chunk_id LIMIT lexical_depth)
        UNION
        (SELECT chunk_id, version_key, is_embedded FROM named
            ORDER BY score DESC, chunk_id LIMIT lexical_depth)
        UNION
        (SELECT v.chunk_id, v.version_key, true
            FROM passage_signatures v
            WHERE v.tenant_id = tenant
                AND v.version_key = ANY (ARRAY(SELECT key FROM allowed WHERE is_embedded))
            ORDER BY v.signature <~> (SELECT binary_quantize(query_vector)), v.chunk_id
            LIMIT near_depth)
    ),
    dense AS MATERIALIZED (
        SELECT p.chunk_id, p.version_key, s.score, s.scores
        FROM pool p
        CROSS JOIN LATERAL (
            SELECT max(near.score) AS score, array_agg(near.score ORDER BY near.ordinal) AS scores
            FROM (
                SELECT v.ordinal, -(v.embedding <#> query_vector) AS score
                FROM sentence_vectors v
                WHERE v.tenant_id = tenant AND v.version_key = p.version_key
                    AND v.chunk_id = p.chunk_id
                ORDER BY v.ordinal
            ) AS near
        ) AS s
        WHERE p.is_embedded AND s.score IS NOT NULL
    ),
    -- Grouped rather than joined, and IS TRUE to hash the pool once: the planner cannot tell how
    -- many rows these lists hold.
    best AS MATERIALIZED (
        SELECT chunk_id, version_key, sum(lexical) AS lexical, sum(dense) AS dense,
            sum(lexical) + dense_factor * sum(dense) + identifier_factor * sum(named) AS score,
            max(scores) AS scores
        FROM (
            SELECT chunk_id, version_key, score AS lexical,
                0::float8 AS dense, 0::float8 AS named, NULL::float8[] AS scores
            FROM lexical WHERE (chunk_id IN (SELECT chunk_id FROM pool)) IS TRUE
            UNION ALL
            SELECT chunk_id, version_key, 0, score, 0, scores FROM dense
            UNION ALL
            SELECT chunk_id, version_key, 0, 0, score, NULL
            FROM named WHERE (chunk_id IN (SELECT chunk_id FROM pool)) IS TRUE
        ) AS scored
        GROUP BY chunk_id, version_key
        ORDER BY score DESC, chunk_id
        LIMIT result_depth
    )
    SELECT b.chunk_id, v.document_id, v.id, d.code, d.title, v.label, v.status,
        v.valid_from, v.valid_to, x.path, c.kind, c.text, b.score, b.lexical, b.dense,
        s.starts, s.ends, s.pages, s.boxes, b.scores,
        (SELECT array_agg(coalesce(w.weight, 0) ORDER BY q.position)
            FROM unnest(query_terms) WITH ORDINALITY AS q (term, position)
            LEFT JOIN weights w ON w.term = q.term)
    FROM best b
    JOIN index_versions i ON i.tenant_id = tenant AND i.key = b.version_key
    JOIN document_versions v ON v.tenant_id = tenant AND v.id = i.version_id
    JOIN documents d ON d.tenant_id = tenant AND d.id = v.document_id
    JOIN chunks c ON c.tenant_id = tenant AND c.id = b.chunk_id
    JOIN sections x ON x.tenant_id = tenant AND x.id = c.section_id
    CROSS JOIN LATERAL (
        SELECT array_agg(start_at) AS starts, array_agg(end_at) AS ends,
            array_agg(page) AS pages, jsonb_agg(box) AS boxes
        FROM (
            SELECT start_at, end_at, page, box FROM sentences
            WHERE tenant_id = tenant AND chunk_id = b.chunk_id
            ORDER BY ordinal
        ) AS ordered
    ) AS s
    ORDER BY b.score DESC, b.chunk_id;
END
$$;
REVOKE ALL ON FUNCTION search_passages FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_passages TO assistant_read;
