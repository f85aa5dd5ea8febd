-- Of the vector of a word, its signs: a firm's vocabulary is short enough to be held in memory with
-- its index. Indexes are of no model now: versions are found by their words alone until they are
-- indexed again, from their stored passages, which writes the words anew.
UPDATE index_versions SET model = '';
DROP FUNCTION read_word_vectors;
TRUNCATE word_vectors;
ALTER TABLE word_vectors DROP COLUMN embedding;
ALTER TABLE word_vectors ADD COLUMN hash bigint NOT NULL;
ALTER TABLE word_vectors ADD COLUMN signature bytea NOT NULL CHECK (octet_length(signature) = 64);
ALTER TABLE word_vectors ALTER COLUMN signature SET STORAGE PLAIN;

-- Those of the words that were met, each as its hash and its signature, for whoever may search.
CREATE FUNCTION read_word_vectors(proof text, wanted_model text, wanted_words text[])
RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    tenant uuid;
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    tenant := current_tenant_id();
    RETURN (
        SELECT string_agg(int8send(v.hash) || v.signature, '') FROM word_vectors v
        WHERE v.tenant_id = tenant AND v.model = wanted_model AND v.word = ANY (wanted_words));
END
$$;

REVOKE ALL ON FUNCTION read_word_vectors FROM PUBLIC;
GRANT EXECUTE ON FUNCTION read_word_vectors TO assistant_read;

-- Which state of the documents the register of contradictions was last made from.
ALTER TABLE knowledge_states ADD COLUMN compared_in xid8;

CREATE FUNCTION find_uncompared_state() RETURNS xid8
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT changed_in FROM knowledge_states
    WHERE tenant_id = current_tenant_id() AND changed_in IS DISTINCT FROM compared_in
$$;

CREATE FUNCTION note_compared(state xid8) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    UPDATE knowledge_states SET compared_in = state WHERE tenant_id = current_tenant_id()
$$;

REVOKE ALL ON FUNCTION find_uncompared_state, note_compared FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_uncompared_state, note_compared TO knowledge_writer;
