-- What an erasure reaches, and what stands after it.

-- Each match is masked where it stands, and nowhere else. In a JSON text an escape counts for
-- the one character it writes: the decoded text keeps its length.
CREATE OR REPLACE FUNCTION security.mask(given text, pattern text) RETURNS text
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
    SELECT string_agg(line.kept || coalesce(repeat('█', length(
        regexp_replace(line.found, '\\+(?:[nrtbf]|u[0-9a-f]{4})', ' ', 'gi'))), ''), ''
        ORDER BY line.place)
    FROM unnest(
        regexp_split_to_array(given, pattern, 'i'),
        ARRAY(SELECT m[1] FROM regexp_matches(given, '(' || pattern || ')', 'gi') AS m)
    ) WITH ORDINALITY AS line (kept, found, place)
$$;
