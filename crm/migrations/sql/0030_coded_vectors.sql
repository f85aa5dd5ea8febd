-- Packed indexes hold the numbers of vectors on four bits besides their signs, so that few passages
-- are left to weigh with their vectors: versions are indexed again from their stored passages, by
-- the worker or `voltaire reindex`.
DELETE FROM index_versions;
DROP FUNCTION read_passages;
DROP FUNCTION security.list_findable;

-- As before, with what a passage is shown under. A plain function, so that its
-- callers' plans take it in.
CREATE FUNCTION security.list_findable(
    tenant uuid, reader_roles text[], wanted_kinds text[], wanted_standards text[],
    wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean
) RETURNS TABLE (
    key int, model text, version_id uuid, document_id uuid, code text, title text,
    version_label text, status text, valid_from date, valid_to date
)
LANGUAGE sql STABLE
AS $$
    -- Filters stand in CASE so that the planner does not multiply guesses down to one row.
    SELECT i.key, i.model, v.id, d.id, d.code, d.title, v.label, v.status, v.valid_from,
        v.valid_to
    FROM public.documents d
    JOIN public.document_versions v ON v.document_id = d.id
    JOIN public.index_versions i ON i.version_id = v.id
    WHERE d.tenant_id = tenant AND v.tenant_id = tenant AND i.tenant_id = tenant
        AND CASE
            WHEN NOT d.access && (reader_roles || 'all'::text) THEN false
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
$$;

-- As before; documents and versions are read once, for their rights and for what is shown.
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
        SELECT f.*, f.model = query_model AS is_embedded
        FROM security.list_findable(
            tenant, reader_roles, wanted_kinds, wanted_standards, wanted_codes, wanted_statuses,
            valid_on, in_history) AS f
        WHERE f.key = ANY (chosen_keys)
    ),
    best AS MATERIALIZED (
        SELECT c.id, f.*, c.lexical::float8,
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
    SELECT t.changed_in::text, b.id, b.document_id, b.version_id, b.code, b.title,
        b.version_label, b.status, b.valid_from, b.valid_to, x.path, c.kind, c.text, b.score,
        b.lexical, b.dense, w.content, w.words
    FROM (SELECT (SELECT k.changed_in FROM knowledge_states k WHERE k.tenant_id = tenant)) AS t
    LEFT JOIN (
        best b
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
