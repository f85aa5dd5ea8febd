-- The first choice of a search is made in memory, from one packed row per version; the database
-- keeps the packed rows, decides who may read what, weighs the chosen passages and gives them out.
DROP FUNCTION search_passages;
DROP TABLE postings, chunk_identifiers, passage_signatures;
-- Versions are indexed again from their stored passages, by the worker or `voltaire knowledge`.
DELETE FROM index_versions;

-- Words, references, lengths and signs of a version's passages and sentences: the layout is that of
-- knowledge/packing.py. A row never changes under its key: what is read once stays right.
CREATE TABLE packed_indexes (
    tenant_id uuid NOT NULL,
    version_key int NOT NULL,
    content bytea NOT NULL,
    PRIMARY KEY (tenant_id, version_key),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
);
ALTER TABLE packed_indexes ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE packed_indexes ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON packed_indexes TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, DELETE ON packed_indexes TO knowledge_writer;

-- Each passage as ranking reads it: the spans of its sentences, its terms in their order and its
-- distinct words as hashes (knowledge/passage_texts.py); and these words themselves, a space between
-- them. Read row by row, so kept in the table's own pages.
CREATE TABLE passage_texts (
    tenant_id uuid NOT NULL,
    version_key int NOT NULL,
    chunk_id bigint NOT NULL,
    content bytea NOT NULL,
    words text NOT NULL,
    PRIMARY KEY (tenant_id, version_key, chunk_id),
    FOREIGN KEY (tenant_id, version_key)
        REFERENCES index_versions (tenant_id, key) ON DELETE CASCADE
);
ALTER TABLE passage_texts SET (toast_tuple_target = 8160);
ALTER TABLE passage_texts ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE passage_texts ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON passage_texts TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, DELETE ON passage_texts TO knowledge_writer;

-- The vectors of the firm's words, met while its documents were indexed: a search compares the
-- words of a question with them.
CREATE TABLE word_vectors (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    model text NOT NULL,
    word text NOT NULL,
    embedding halfvec NOT NULL,
    PRIMARY KEY (tenant_id, model, word)
);
ALTER TABLE word_vectors ALTER COLUMN embedding SET STORAGE PLAIN;
ALTER TABLE word_vectors ENABLE ROW LEVEL SECURITY;
CREATE POLICY writer ON word_vectors TO knowledge_writer
    USING (tenant_id = (SELECT current_tenant_id()));
GRANT SELECT, INSERT, DELETE ON word_vectors TO knowledge_writer;

-- Lets go of the vectors of words that no passage of the firm holds any more.
CREATE FUNCTION security.forget_words(tenant uuid) RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    affected bigint;
BEGIN
    DELETE FROM word_vectors v WHERE v.tenant_id = tenant AND NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT held.word
            FROM passage_texts p, unnest(string_to_array(p.words, ' ')) AS held (word)
            WHERE p.tenant_id = tenant
        ) AS used WHERE used.word = v.word);
    GET DIAGNOSTICS affected = ROW_COUNT;
    RETURN affected;
END
$$;

CREATE FUNCTION forget_unused_words() RETURNS bigint
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$ SELECT security.forget_words(current_tenant_id()) $$;

-- Single words without a passage are forgotten, not masked: two masks would be one key.
CREATE OR REPLACE FUNCTION security.list_worded_columns() RETURNS TABLE(place regclass, name text, kind text)
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT c.oid::regclass, a.attname::text, format_type(a.atttypid, NULL)
    FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        AND a.attgenerated = ''
    WHERE c.relnamespace IN ('public'::regnamespace, 'security'::regnamespace)
        AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND format_type(a.atttypid, NULL) IN ('text', 'text[]', 'jsonb')
        AND EXISTS (SELECT FROM pg_attribute t
            WHERE t.attrelid = c.oid AND t.attname = 'tenant_id' AND NOT t.attisdropped)
        AND c.relname NOT IN ('erasures', 'word_vectors')
    ORDER BY 1, 2
$$;

-- As before, and the words that only those versions held.
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
    RETURN QUERY SELECT 'vectors'::text, count(*) FROM sentence_vectors s
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

-- Which transaction last changed what a firm's searches may find: documents, versions or indexes.
CREATE TABLE knowledge_states (
    tenant_id uuid PRIMARY KEY,
    changed_in xid8 NOT NULL
);
ALTER TABLE knowledge_states ENABLE ROW LEVEL SECURITY;

-- Deferred, so that the row all writers share is locked last and for the time of a commit.
CREATE FUNCTION security.mark_knowledge() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    changed uuid := CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END;
BEGIN
    INSERT INTO knowledge_states AS s (tenant_id, changed_in)
    VALUES (changed, pg_current_xact_id())
    ON CONFLICT (tenant_id) DO UPDATE SET changed_in = excluded.changed_in
    WHERE s.changed_in <> excluded.changed_in;
    RETURN NULL;
END
$$;

DO $$
DECLARE
    watched text;
BEGIN
    FOREACH watched IN ARRAY ARRAY['documents', 'document_versions', 'index_versions'] LOOP
        EXECUTE format(
            'CREATE CONSTRAINT TRIGGER mark_knowledge AFTER INSERT OR UPDATE OR DELETE ON %I
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION security.mark_knowledge()',
            watched);
    END LOOP;
END
$$;

-- What the signed identity may find, by the filters of a search. A plain function, so that its
-- callers' plans take it in.
CREATE FUNCTION security.list_findable(
    tenant uuid, reader_roles text[], wanted_kinds text[], wanted_standards text[],
    wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean
) RETURNS TABLE (key int, model text, version_id uuid, document_id uuid)
LANGUAGE sql STABLE
AS $$
    -- Filters stand in CASE so that the planner does not multiply guesses down to one row.
    SELECT i.key, i.model, v.id, d.id
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

-- The state of a firm's knowledge; null where nothing was ever indexed.
CREATE FUNCTION search_state() RETURNS xid8
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT changed_in FROM knowledge_states WHERE tenant_id = current_tenant_id()
$$;

-- The versions a search may choose among, and the state in which that was true.
CREATE FUNCTION search_scope(
    wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[],
    valid_on date, in_history boolean
) RETURNS TABLE (state xid8, keys int[])
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT search_state(), coalesce((
        SELECT array_agg(f.key) FROM security.list_findable(
            current_tenant_id(), current_roles(), wanted_kinds, wanted_standards, wanted_codes,
            wanted_statuses, valid_on, in_history) AS f
    ), '{}')
$$;

-- The best of the chosen passages, weighed with the vectors of their sentences, and the state in
-- which that was true; one row without a passage where there is none. What the identity may not
-- find is left out, whoever chose it. The proof of who asks comes with the call, so that a search
-- is one exchange.
CREATE FUNCTION read_passages(
    proof text, chosen_ids bigint[], chosen_keys int[], chosen_lexical float4[],
    chosen_named float4[], query_vector halfvec, query_model text,
    wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[],
    valid_on date, in_history boolean,
    result_depth int, dense_factor float8, reference_factor float8
) RETURNS TABLE (
    state text, chunk_id bigint, document_id uuid, version_id uuid, code text, title text,
    version_label text, status text, valid_from date, valid_to date, section_path text, kind text,
    body text, score float8, lexical float8, dense float8,
    sentence_dense float8[], content bytea, words text
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
            coalesce(near.score, 0) AS dense,
            c.lexical + dense_factor * coalesce(near.score, 0) + reference_factor * c.named
                AS score, near.scores
        FROM unnest(chosen_ids, chosen_keys, chosen_lexical, chosen_named)
            AS c (id, key, lexical, named)
        JOIN findable f ON f.key = c.key
        CROSS JOIN LATERAL (
            SELECT max(s.score) AS score, array_agg(s.score) AS scores
            FROM (
                SELECT -(v.embedding <#> query_vector) AS score
                FROM sentence_vectors v
                WHERE f.is_embedded AND v.tenant_id = tenant AND v.version_key = c.key
                    AND v.chunk_id = c.id
                ORDER BY v.ordinal
            ) AS s
        ) AS near
        ORDER BY score DESC, c.id
        LIMIT result_depth
    )
    SELECT t.changed_in::text, b.id, b.document_id, b.version_id, d.code, d.title, v.label,
        v.status, v.valid_from, v.valid_to, x.path, c.kind, c.text, b.score, b.lexical, b.dense,
        b.scores, w.content, w.words
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

-- The vectors of those of the words that were met, for whoever may search.
CREATE FUNCTION read_word_vectors(proof text, wanted_model text, wanted_words text[])
RETURNS TABLE (word text, embedding halfvec)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
#variable_conflict use_column
DECLARE
    tenant uuid;
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    tenant := current_tenant_id();
    RETURN QUERY
    SELECT v.word, v.embedding FROM word_vectors v
    WHERE v.tenant_id = tenant AND v.model = wanted_model AND v.word = ANY (wanted_words);
END
$$;

REVOKE ALL ON FUNCTION search_scope, read_passages, read_word_vectors, search_state,
    forget_unused_words FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_scope, read_passages, read_word_vectors TO assistant_read;
GRANT EXECUTE ON FUNCTION search_state, forget_unused_words TO knowledge_writer;
