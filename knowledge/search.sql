SELECT s.state::text, p.*
FROM search_state() AS s (state)
LEFT JOIN read_passages(
    chosen_ids => %(ids)s::bigint[],
    chosen_keys => %(keys)s::int[],
    chosen_lexical => %(lexical)s::float8[],
    chosen_named => %(named)s::float8[],
    query_vector => %(vector)b::halfvec,
    query_model => %(model)s,
    wanted_kinds => %(kinds)s::text[],
    wanted_standards => %(standards)s::text[],
    wanted_codes => %(codes)s::text[],
    wanted_statuses => %(statuses)s::text[],
    valid_on => %(valid_on)s,
    in_history => %(in_history)s,
    result_depth => %(result_depth)s,
    dense_factor => %(dense_weight)s,
    identifier_factor => %(identifier_weight)s
) AS p ON true
