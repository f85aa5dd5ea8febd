-- A version that comes into force or ends by its date alone changes what may disagree: the day of
-- the last comparison is kept with the state it was made from.
ALTER TABLE knowledge_states ADD COLUMN compared_on date;
DROP FUNCTION find_uncompared_state;
DROP FUNCTION note_compared;

CREATE FUNCTION find_uncompared_state(today date) RETURNS xid8
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    SELECT k.changed_in FROM knowledge_states k
    WHERE k.tenant_id = current_tenant_id() AND (k.changed_in IS DISTINCT FROM k.compared_in
        OR EXISTS (
            SELECT FROM document_versions v
            WHERE v.tenant_id = k.tenant_id AND v.status = 'in_force'
                AND (v.valid_from > k.compared_on AND v.valid_from <= today
                    OR v.valid_to >= k.compared_on AND v.valid_to < today)))
$$;
CREATE FUNCTION note_compared(state xid8, today date) RETURNS void
LANGUAGE sql SECURITY DEFINER
SET search_path = pg_catalog, public, pg_temp
AS $$
    UPDATE knowledge_states SET compared_in = state, compared_on = today
    WHERE tenant_id = current_tenant_id()
$$;
REVOKE ALL ON FUNCTION find_uncompared_state, note_compared FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_uncompared_state, note_compared TO knowledge_writer;
