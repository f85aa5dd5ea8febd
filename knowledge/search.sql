SELECT *
FROM search_passages(
    query_terms => %(terms)s::text[],
    query_identifiers => %(identifiers)s::text[],
    query_vector => %(vector)s::halfvec,
    query_model => %(model)s,
    wanted_kinds => %(kinds)s::text[],
    wanted_standards => %(standards)s::text[],
    wanted_codes => %(codes)s::text[],
    wanted_statuses => %(statuses)s::text[],
    valid_on => %(valid_on)s,
    in_history => %(in_history)s,
    lexical_depth => %(lexical_depth)s,
    near_depth => %(near_depth)s,
    result_depth => %(result_depth)s,
    title_factor => %(title_weight)s,
    dense_factor => %(dense_weight)s,
    identifier_factor => %(identifier_weight)s
)
