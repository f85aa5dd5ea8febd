SELECT * FROM read_passages(
    proof => %(proof)s,
    chosen_ids => %(ids)b::bigint[],
    chosen_keys => %(keys)b::int[],
    chosen_lexical => %(lexical)b::real[],
    chosen_named => %(named)b::real[],
    query_vector => %(vector)b::halfvec,
    query_model => %(model)s,
    wanted_kinds => %(kinds)s::text[],
    wanted_standards => %(standards)s::text[],
    wanted_codes => %(codes)s::text[],
    wanted_statuses => %(statuses)s::text[],
    valid_on => %(valid_on)s,
    in_history => %(in_history)s,
    result_depth => %(result_depth)s,
    dense_factor => %(dense_factor)s,
    unrelated => %(unrelated)s,
    reference_factor => %(reference_factor)s
)
