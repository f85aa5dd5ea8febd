CREATE SCHEMA public;

COMMENT ON SCHEMA public IS 'standard public schema';

CREATE SCHEMA security;

CREATE FUNCTION public.current_roles() RETURNS text[]
    LANGUAGE sql STABLE
    AS $$
    SELECT coalesce(string_to_array(nullif(security.identity_part(3), ''), ','), '{}')
$$;

CREATE FUNCTION public.current_tenant_id() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT security.identity_part(1)::uuid $$;

CREATE FUNCTION public.current_user_id() RETURNS uuid
    LANGUAGE sql STABLE
    AS $$ SELECT security.identity_part(2)::uuid $$;

CREATE FUNCTION public.search_passages(query_terms text[], query_identifiers text[], query_vector public.halfvec, query_model text, wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean, lexical_depth integer, near_depth integer, result_depth integer, title_factor double precision, dense_factor double precision, identifier_factor double precision) RETURNS TABLE(chunk_id bigint, document_id uuid, version_id uuid, code text, title text, version_label text, status text, valid_from date, valid_to date, section_path text, kind text, body text, score double precision, lexical double precision, dense double precision, starts integer[], ends integer[], pages integer[], boxes jsonb, sentence_dense double precision[], term_weights double precision[])
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public', 'pg_temp'
    SET plan_cache_mode TO 'force_generic_plan'
    SET enable_seqscan TO 'off'
    SET enable_sort TO 'off'
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

CREATE FUNCTION security.find_login(login_email text) RETURNS TABLE(tenant_id uuid, tenant_slug text, tenant_name text, user_id uuid, email text, full_name text, roles text[], password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    AS $$
    SELECT t.id, t.slug, t.name, u.id, u.email, u.full_name, u.roles, p.password_hash
    FROM public.users u
    JOIN public.tenants t ON t.id = u.tenant_id
    JOIN security.passwords p ON p.user_id = u.id
    WHERE u.email = lower(login_email) AND u.is_active
$$;

CREATE PROCEDURE security.guard_business_table(IN guarded regclass)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s USING (tenant_id = (SELECT current_tenant_id()))', guarded
    );
    EXECUTE format('GRANT SELECT ON %s TO assistant_read, sql_reader, change_executor', guarded);
    EXECUTE format('GRANT INSERT, UPDATE ON %s TO change_executor', guarded);
END
$$;

CREATE FUNCTION security.identity_part(part integer) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    token text := current_setting('voltaire.identity', true);
    fields text[];
    signed text;
    key security.identity_key;
BEGIN
    IF token IS NULL OR token = '' THEN
        RETURN NULL;
    END IF;
    fields := string_to_array(token, '|');
    IF array_length(fields, 1) IS DISTINCT FROM 5 THEN
        RETURN NULL;
    END IF;
    signed := array_to_string(fields[1:4], '|');
    SELECT * INTO key FROM security.identity_key;
    IF NOT FOUND
        OR encode(
            sha256(key.outer_pad || sha256(key.inner_pad || convert_to(signed, 'UTF8'))), 'hex'
        ) <> fields[5]
        OR fields[4]::bigint < extract(epoch FROM clock_timestamp())
    THEN
        RETURN NULL;
    END IF;
    RETURN fields[part];
END
$$;

CREATE TABLE public.accounts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    parent_account_id uuid,
    name text NOT NULL,
    siren text,
    siret text,
    naf text,
    segment text NOT NULL,
    status text NOT NULL,
    address text,
    postal_code text,
    city text,
    region text,
    annual_revenue_eur numeric(14,2),
    cac_eur numeric(12,2),
    cost_to_serve_eur numeric(12,2),
    lifetime_value_eur numeric(14,2),
    client_since_on date,
    CONSTRAINT accounts_naf_check CHECK ((naf ~ '^\d{2}\.\d{2}[A-Z]$'::text)),
    CONSTRAINT accounts_segment_check CHECK ((segment = ANY (ARRAY['local_authority'::text, 'industry'::text, 'services'::text, 'health'::text, 'property_manager'::text]))),
    CONSTRAINT accounts_siren_check CHECK ((siren ~ '^\d{9}$'::text)),
    CONSTRAINT accounts_siret_check CHECK ((siret ~ '^\d{14}$'::text)),
    CONSTRAINT accounts_status_check CHECK ((status = ANY (ARRAY['prospect'::text, 'client'::text, 'at_risk'::text, 'former'::text])))
);

CREATE TABLE public.amendments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    contract_id uuid NOT NULL,
    number integer NOT NULL,
    signed_on date,
    effective_on date,
    kind text NOT NULL,
    summary text,
    CONSTRAINT amendments_kind_check CHECK ((kind = ANY (ARRAY['scope'::text, 'price'::text, 'duration'::text, 'power'::text]))),
    CONSTRAINT amendments_number_check CHECK ((number > 0))
);

CREATE TABLE public.attachments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    email_id uuid NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    size_bytes integer NOT NULL,
    sha256 text NOT NULL
);

CREATE TABLE public.chunk_identifiers (
    tenant_id uuid NOT NULL,
    identifier text NOT NULL,
    chunk_id bigint NOT NULL,
    version_key integer NOT NULL
);

CREATE TABLE public.chunks (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    section_id bigint NOT NULL,
    ordinal integer NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    token_count integer NOT NULL,
    CONSTRAINT chunks_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'table'::text]))),
    CONSTRAINT chunks_text_check CHECK ((text <> ''::text)),
    CONSTRAINT chunks_token_count_check CHECK ((token_count > 0))
);

ALTER TABLE public.chunks ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.chunks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.competitors (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    name text NOT NULL,
    kind text NOT NULL,
    strengths text,
    weaknesses text,
    typical_price_eur_per_mwh numeric(10,3),
    CONSTRAINT competitors_kind_check CHECK ((kind = ANY (ARRAY['supplier'::text, 'broker'::text])))
);

CREATE TABLE public.contacts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid NOT NULL,
    name text NOT NULL,
    role text,
    email text,
    phone text,
    language text DEFAULT 'fr'::text NOT NULL,
    consent boolean DEFAULT false NOT NULL,
    consent_on date,
    consent_origin text,
    preferred_channel text,
    CONSTRAINT contacts_preferred_channel_check CHECK ((preferred_channel = ANY (ARRAY['email'::text, 'phone'::text, 'teams'::text, 'letter'::text])))
);

CREATE TABLE public.contract_delivery_points (
    tenant_id uuid NOT NULL,
    contract_id uuid NOT NULL,
    delivery_point_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date
);

CREATE TABLE public.contracts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    tender_id uuid,
    reference text NOT NULL,
    supplier text NOT NULL,
    energy text NOT NULL,
    price_type text NOT NULL,
    price_eur_per_mwh numeric(10,3),
    annual_volume_mwh numeric(14,3),
    annual_amount_eur numeric(14,2),
    start_on date NOT NULL,
    end_on date NOT NULL,
    notice_days integer,
    tacit_renewal boolean DEFAULT false NOT NULL,
    tolerance_band_pct numeric(5,2),
    green_share_pct numeric(5,2),
    status text NOT NULL,
    risk_score integer,
    risk_factors text[] DEFAULT '{}'::text[] NOT NULL,
    notice_deadline_on date GENERATED ALWAYS AS ((end_on - notice_days)) STORED,
    CONSTRAINT contracts_check CHECK ((end_on > start_on)),
    CONSTRAINT contracts_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text]))),
    CONSTRAINT contracts_green_share_pct_check CHECK (((green_share_pct >= (0)::numeric) AND (green_share_pct <= (100)::numeric))),
    CONSTRAINT contracts_notice_days_check CHECK ((notice_days >= 0)),
    CONSTRAINT contracts_price_type_check CHECK ((price_type = ANY (ARRAY['fixed'::text, 'indexed'::text, 'click'::text, 'block_spot'::text]))),
    CONSTRAINT contracts_risk_score_check CHECK (((risk_score >= 0) AND (risk_score <= 100))),
    CONSTRAINT contracts_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'active'::text, 'ending'::text, 'ended'::text, 'terminated'::text])))
);

CREATE TABLE public.conversations (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    surface text NOT NULL,
    title text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT conversations_surface_check CHECK ((surface = ANY (ARRAY['chat'::text, 'api'::text, 'cli'::text])))
);

CREATE TABLE public.delivery_points (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    site_id uuid NOT NULL,
    energy text NOT NULL,
    code text NOT NULL,
    segment text NOT NULL,
    grid_operator text NOT NULL,
    fta text,
    subscribed_power_kva jsonb,
    highest_subscribed_kva numeric(10,1) GENERATED ALWAYS AS (GREATEST(((subscribed_power_kva ->> 'P'::text))::numeric, ((subscribed_power_kva ->> 'HPH'::text))::numeric, ((subscribed_power_kva ->> 'HCH'::text))::numeric, ((subscribed_power_kva ->> 'HPE'::text))::numeric, ((subscribed_power_kva ->> 'HCE'::text))::numeric, ((subscribed_power_kva ->> 'BASE'::text))::numeric, ((subscribed_power_kva ->> 'HP'::text))::numeric, ((subscribed_power_kva ->> 'HC'::text))::numeric)) STORED,
    max_power_kva numeric(10,1),
    annual_consumption_mwh numeric(14,3),
    car_kwh numeric(14,0),
    data_consent boolean DEFAULT false NOT NULL,
    data_consent_expires_on date,
    CONSTRAINT delivery_points_check CHECK ((((energy = 'electricity'::text) AND (code ~ '^\d{14}$'::text)) OR ((energy = 'gas'::text) AND (code ~ '^(\d{14}|GI\d{6})$'::text)))),
    CONSTRAINT delivery_points_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text]))),
    CONSTRAINT delivery_points_segment_check CHECK ((segment = ANY (ARRAY['C1'::text, 'C2'::text, 'C3'::text, 'C4'::text, 'C5'::text, 'T1'::text, 'T2'::text, 'T3'::text, 'T4'::text])))
);

CREATE TABLE public.document_files (
    tenant_id uuid NOT NULL,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT document_files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);
ALTER TABLE ONLY public.document_files ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE TABLE public.document_templates (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    name text NOT NULL,
    kind text NOT NULL,
    target_segment text,
    language text DEFAULT 'fr'::text NOT NULL,
    document_version text NOT NULL,
    status text NOT NULL,
    body text NOT NULL,
    CONSTRAINT document_templates_kind_check CHECK ((kind = ANY (ARRAY['technical_memo'::text, 'offer'::text, 'email'::text, 'minutes'::text, 'letter'::text]))),
    CONSTRAINT document_templates_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_force'::text, 'superseded'::text, 'withdrawn'::text]))),
    CONSTRAINT document_templates_target_segment_check CHECK ((target_segment = ANY (ARRAY['local_authority'::text, 'industry'::text, 'services'::text, 'health'::text, 'property_manager'::text])))
);

CREATE TABLE public.document_versions (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    document_id uuid NOT NULL,
    label text NOT NULL,
    status text NOT NULL,
    valid_from date,
    valid_to date,
    review_due_on date,
    source text,
    source_path text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    page_count integer NOT NULL,
    ocr_pages integer[] DEFAULT '{}'::integer[] NOT NULL,
    CONSTRAINT document_versions_page_count_check CHECK ((page_count > 0)),
    CONSTRAINT document_versions_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_force'::text, 'superseded'::text, 'withdrawn'::text])))
);

CREATE TABLE public.documents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    code text NOT NULL,
    title text NOT NULL,
    kind text NOT NULL,
    standards text[] DEFAULT '{}'::text[] NOT NULL,
    clause text,
    owner_id uuid,
    access text[] DEFAULT ARRAY['all'::text] NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT documents_access_check CHECK (((cardinality(access) > 0) AND (access <@ ARRAY['all'::text, 'reader'::text, 'sales'::text, 'quality'::text, 'director'::text, 'admin'::text]))),
    CONSTRAINT documents_kind_check CHECK ((kind = ANY (ARRAY['manual'::text, 'procedure'::text, 'instruction'::text, 'record'::text, 'guide'::text, 'template'::text, 'tender'::text, 'regulation'::text, 'market'::text, 'memo'::text, 'other'::text])))
);

CREATE TABLE public.efficiency_opportunities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    site_id uuid,
    action text NOT NULL,
    cee_sheet_code text,
    investment_eur numeric(12,2),
    savings_mwh numeric(12,3),
    savings_eur numeric(12,2),
    payback_years numeric(5,1),
    cee_mwhcumac numeric(14,1),
    status text NOT NULL,
    CONSTRAINT efficiency_opportunities_status_check CHECK ((status = ANY (ARRAY['identified'::text, 'studying'::text, 'proposed'::text, 'signed'::text, 'done'::text, 'abandoned'::text])))
);

CREATE TABLE public.email_threads (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid,
    subject text NOT NULL,
    last_message_at timestamp with time zone
);

CREATE TABLE public.emails (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    thread_id uuid NOT NULL,
    contact_id uuid,
    internet_message_id text NOT NULL,
    direction text NOT NULL,
    from_address text NOT NULL,
    to_addresses text[] DEFAULT '{}'::text[] NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    CONSTRAINT emails_direction_check CHECK ((direction = ANY (ARRAY['in'::text, 'out'::text])))
);

CREATE TABLE public.feedback (
    tenant_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    user_id uuid NOT NULL,
    value integer NOT NULL,
    comment text,
    given_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT feedback_value_check CHECK ((value = ANY (ARRAY['-1'::integer, 1])))
);

CREATE TABLE public.firm_profiles (
    tenant_id uuid NOT NULL,
    profile jsonb NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.flexibility_opportunities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    site_id uuid,
    mechanism text NOT NULL,
    power_kw numeric(10,1),
    yearly_value_eur numeric(12,2),
    status text NOT NULL,
    CONSTRAINT flexibility_opportunities_mechanism_check CHECK ((mechanism = ANY (ARRAY['nebef'::text, 'capacity'::text, 'system_services'::text, 'load_shifting'::text]))),
    CONSTRAINT flexibility_opportunities_status_check CHECK ((status = ANY (ARRAY['identified'::text, 'studying'::text, 'proposed'::text, 'signed'::text, 'abandoned'::text])))
);

CREATE TABLE public.grid_requests (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    delivery_point_id uuid NOT NULL,
    kind text NOT NULL,
    operator_reference text,
    sent_on date,
    due_on date,
    status text NOT NULL,
    CONSTRAINT grid_requests_kind_check CHECK ((kind = ANY (ARRAY['connection'::text, 'power_change'::text, 'meter_visit'::text, 'data_access'::text, 'complaint'::text]))),
    CONSTRAINT grid_requests_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'sent'::text, 'accepted'::text, 'scheduled'::text, 'done'::text, 'refused'::text])))
);

CREATE TABLE public.incidents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    delivery_point_id uuid NOT NULL,
    contract_id uuid,
    kind text NOT NULL,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    impact text,
    status text NOT NULL,
    CONSTRAINT incidents_check CHECK ((ended_at >= started_at)),
    CONSTRAINT incidents_kind_check CHECK ((kind = ANY (ARRAY['outage'::text, 'voltage'::text, 'meter'::text, 'data'::text]))),
    CONSTRAINT incidents_status_check CHECK ((status = ANY (ARRAY['open'::text, 'monitoring'::text, 'resolved'::text])))
);

CREATE TABLE public.index_versions (
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    key integer NOT NULL,
    model text NOT NULL,
    chunk_count integer NOT NULL,
    term_total bigint NOT NULL,
    title_term_total bigint NOT NULL,
    CONSTRAINT index_versions_chunk_count_check CHECK ((chunk_count >= 0))
);

ALTER TABLE public.index_versions ALTER COLUMN key ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.index_versions_key_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.ingestion_files (
    tenant_id uuid NOT NULL,
    source_root text NOT NULL,
    source_path text NOT NULL,
    sha256 text,
    size_bytes bigint NOT NULL,
    state text NOT NULL,
    message text,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT ingestion_files_state_check CHECK ((state = ANY (ARRAY['indexed'::text, 'failed'::text, 'removed'::text])))
);

CREATE TABLE public.kb_articles (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    title text NOT NULL,
    standard text,
    clause text,
    kind text NOT NULL,
    document_version text NOT NULL,
    status text NOT NULL,
    valid_from date,
    valid_to date,
    review_due_on date,
    body text NOT NULL,
    CONSTRAINT kb_articles_kind_check CHECK ((kind = ANY (ARRAY['procedure'::text, 'instruction'::text, 'record'::text, 'guide'::text]))),
    CONSTRAINT kb_articles_standard_check CHECK ((standard = ANY (ARRAY['ISO 9001'::text, 'ISO 14001'::text, 'ISO 50001'::text]))),
    CONSTRAINT kb_articles_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'in_review'::text, 'in_force'::text, 'superseded'::text, 'withdrawn'::text])))
);

CREATE TABLE public.market_watch (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    source text NOT NULL,
    source_reference text,
    title text NOT NULL,
    url text,
    published_on date NOT NULL,
    summary text,
    relevance integer,
    status text NOT NULL,
    CONSTRAINT market_watch_relevance_check CHECK (((relevance >= 0) AND (relevance <= 100))),
    CONSTRAINT market_watch_source_check CHECK ((source = ANY (ARRAY['boamp'::text, 'ted'::text, 'cre'::text, 'press'::text]))),
    CONSTRAINT market_watch_status_check CHECK ((status = ANY (ARRAY['new'::text, 'kept'::text, 'dismissed'::text, 'converted'::text])))
);

CREATE TABLE public.meetings (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid,
    title text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    location text,
    attendees text[] DEFAULT '{}'::text[] NOT NULL,
    summary text
);

CREATE TABLE public.non_conformities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    opened_by_id uuid,
    account_id uuid NOT NULL,
    contract_id uuid,
    reference text NOT NULL,
    detected_on date NOT NULL,
    source text NOT NULL,
    family text NOT NULL,
    severity text NOT NULL,
    requirement text NOT NULL,
    evidence text,
    containment text,
    root_cause text,
    corrective_action text,
    due_on date,
    effectiveness_check_on date,
    effectiveness_criterion text,
    status text NOT NULL,
    closed_on date,
    CONSTRAINT non_conformities_family_check CHECK ((family = ANY (ARRAY['billing'::text, 'metering'::text, 'contract'::text, 'switching'::text, 'outage'::text, 'price'::text, 'delay'::text, 'privacy'::text, 'broker'::text]))),
    CONSTRAINT non_conformities_severity_check CHECK ((severity = ANY (ARRAY['minor'::text, 'major'::text]))),
    CONSTRAINT non_conformities_source_check CHECK ((source = ANY (ARRAY['email'::text, 'call'::text, 'audit'::text, 'internal'::text]))),
    CONSTRAINT non_conformities_status_check CHECK ((status = ANY (ARRAY['draft'::text, 'open'::text, 'analysing'::text, 'acting'::text, 'checking'::text, 'closed'::text])))
);

CREATE TABLE public.passage_signatures (
    tenant_id uuid NOT NULL,
    version_key integer NOT NULL,
    chunk_id bigint NOT NULL,
    signature bit(512) NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0.05');

CREATE TABLE public.postings (
    tenant_id uuid NOT NULL,
    term text NOT NULL,
    chunk_id bigint NOT NULL,
    version_key integer NOT NULL,
    frequency smallint NOT NULL,
    length smallint NOT NULL,
    title_frequency smallint NOT NULL,
    title_length smallint NOT NULL
)
WITH (autovacuum_vacuum_insert_scale_factor='0.05');

CREATE TABLE public.ppa_projects (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    technology text NOT NULL,
    capacity_mw numeric(8,3),
    volume_mwh numeric(14,3),
    price_eur_per_mwh numeric(10,3),
    duration_years integer,
    producer text,
    status text NOT NULL,
    CONSTRAINT ppa_projects_kind_check CHECK ((kind = ANY (ARRAY['on_site'::text, 'off_site_physical'::text, 'virtual'::text]))),
    CONSTRAINT ppa_projects_status_check CHECK ((status = ANY (ARRAY['identified'::text, 'studying'::text, 'negotiating'::text, 'signed'::text, 'abandoned'::text]))),
    CONSTRAINT ppa_projects_technology_check CHECK ((technology = ANY (ARRAY['solar'::text, 'wind'::text, 'hydro'::text, 'biomass'::text])))
);

CREATE TABLE public.sections (
    id bigint NOT NULL,
    tenant_id uuid NOT NULL,
    version_id uuid NOT NULL,
    ordinal integer NOT NULL,
    level integer NOT NULL,
    heading text NOT NULL,
    path text NOT NULL,
    CONSTRAINT sections_level_check CHECK ((level >= 0))
);

ALTER TABLE public.sections ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sections_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sentence_vectors (
    tenant_id uuid NOT NULL,
    version_key integer NOT NULL,
    chunk_id bigint NOT NULL,
    ordinal smallint NOT NULL,
    embedding public.halfvec NOT NULL
);
ALTER TABLE ONLY public.sentence_vectors ALTER COLUMN embedding SET STORAGE PLAIN;

CREATE TABLE public.sentences (
    tenant_id uuid NOT NULL,
    chunk_id bigint NOT NULL,
    ordinal integer NOT NULL,
    start_at integer NOT NULL,
    end_at integer NOT NULL,
    page integer NOT NULL,
    box real[],
    CONSTRAINT sentences_box_check CHECK ((cardinality(box) = 4)),
    CONSTRAINT sentences_check CHECK ((end_at > start_at)),
    CONSTRAINT sentences_page_check CHECK ((page > 0)),
    CONSTRAINT sentences_start_at_check CHECK ((start_at >= 0))
);

CREATE TABLE public.sites (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    account_id uuid NOT NULL,
    name text NOT NULL,
    address text,
    postal_code text,
    commune text,
    insee_code text,
    latitude numeric(9,6),
    longitude numeric(9,6),
    surface_m2 integer,
    activity text,
    CONSTRAINT sites_insee_code_check CHECK ((insee_code ~ '^(\d{2}|2[AB])\d{3}$'::text))
);

CREATE TABLE public.tasks (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid,
    contract_id uuid,
    tender_id uuid,
    non_conformity_id uuid,
    title text NOT NULL,
    due_on date,
    source text NOT NULL,
    status text NOT NULL,
    CONSTRAINT tasks_source_check CHECK ((source = ANY (ARRAY['manual'::text, 'email'::text, 'meeting'::text, 'tender'::text, 'system'::text]))),
    CONSTRAINT tasks_status_check CHECK ((status = ANY (ARRAY['open'::text, 'done'::text, 'cancelled'::text])))
);

CREATE TABLE public.tenants (
    id uuid NOT NULL,
    slug text NOT NULL,
    name text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT tenants_slug_check CHECK ((slug ~ '^[a-z0-9-]{2,40}$'::text))
);

CREATE TABLE public.tender_analyses (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    label text NOT NULL,
    status text NOT NULL,
    progress text,
    verdict text,
    score numeric(4,1),
    digest text,
    analysis jsonb,
    error text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT tender_analyses_status_check CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.tender_competitors (
    tenant_id uuid NOT NULL,
    tender_id uuid NOT NULL,
    competitor_id uuid NOT NULL,
    outcome text,
    price_eur_per_mwh numeric(10,3),
    CONSTRAINT tender_competitors_outcome_check CHECK ((outcome = ANY (ARRAY['won'::text, 'lost'::text, 'withdrawn'::text, 'unknown'::text])))
);

CREATE TABLE public.tender_criteria (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    tender_id uuid NOT NULL,
    lot_id uuid,
    name text NOT NULL,
    weight_pct numeric(5,2) NOT NULL,
    CONSTRAINT tender_criteria_weight_pct_check CHECK (((weight_pct >= (0)::numeric) AND (weight_pct <= (100)::numeric)))
);

CREATE TABLE public.tender_files (
    tenant_id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    path text NOT NULL,
    sha256 text NOT NULL,
    media_type text NOT NULL,
    content bytea NOT NULL
);

CREATE TABLE public.tender_grids (
    tenant_id uuid NOT NULL,
    grid jsonb NOT NULL,
    updated_by uuid NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.tender_lots (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    tender_id uuid NOT NULL,
    number integer NOT NULL,
    title text NOT NULL,
    energy text,
    volume_mwh numeric(14,3),
    delivery_point_count integer,
    estimated_value_eur numeric(14,2),
    CONSTRAINT tender_lots_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text]))),
    CONSTRAINT tender_lots_number_check CHECK ((number > 0))
);

CREATE TABLE public.tenders (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    external_id text,
    owner_id uuid,
    account_id uuid,
    market_watch_id uuid,
    reference text NOT NULL,
    boamp_id text,
    title text NOT NULL,
    buyer text NOT NULL,
    cpv_codes text[] DEFAULT '{}'::text[] NOT NULL,
    procedure text,
    published_on date,
    submission_deadline timestamp with time zone,
    questions_deadline timestamp with time zone,
    estimated_value_eur numeric(14,2),
    volume_mwh numeric(14,3),
    energy text,
    status text NOT NULL,
    score integer,
    verdict text,
    verdict_reason text,
    CONSTRAINT tenders_energy_check CHECK ((energy = ANY (ARRAY['electricity'::text, 'gas'::text, 'both'::text]))),
    CONSTRAINT tenders_procedure_check CHECK ((procedure = ANY (ARRAY['open'::text, 'restricted'::text, 'adapted'::text, 'negotiated'::text, 'framework_call'::text, 'private'::text]))),
    CONSTRAINT tenders_score_check CHECK (((score >= 0) AND (score <= 100))),
    CONSTRAINT tenders_status_check CHECK ((status = ANY (ARRAY['detected'::text, 'qualifying'::text, 'go'::text, 'no_go'::text, 'submitted'::text, 'won'::text, 'lost'::text, 'cancelled'::text]))),
    CONSTRAINT tenders_verdict_check CHECK ((verdict = ANY (ARRAY['GO'::text, 'GO_SOUS_RESERVE'::text, 'NO_GO'::text])))
);

CREATE TABLE public.tool_runs (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    turn_id uuid NOT NULL,
    ordinal integer NOT NULL,
    tool_use_id text NOT NULL,
    tool text NOT NULL,
    arguments jsonb NOT NULL,
    result jsonb NOT NULL,
    started_at timestamp with time zone NOT NULL,
    duration_ms integer NOT NULL
);

CREATE TABLE public.turns (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    user_id uuid NOT NULL,
    conversation_id uuid NOT NULL,
    ordinal integer NOT NULL,
    question text NOT NULL,
    status text NOT NULL,
    answer jsonb,
    engine text,
    prompt_sha256 text,
    asked_at timestamp with time zone DEFAULT now() NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT turns_status_check CHECK ((status = ANY (ARRAY['running'::text, 'answered'::text, 'clarification'::text, 'unanswered'::text, 'refused'::text, 'failed'::text])))
);

CREATE TABLE public.users (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL,
    email text NOT NULL,
    full_name text NOT NULL,
    job_title text,
    roles text[] NOT NULL,
    is_active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT users_email_check CHECK ((email = lower(email))),
    CONSTRAINT users_roles_check CHECK (((cardinality(roles) > 0) AND (roles <@ ARRAY['reader'::text, 'sales'::text, 'quality'::text, 'director'::text, 'admin'::text])))
);

CREATE TABLE security.identity_key (
    only_row boolean DEFAULT true NOT NULL,
    inner_pad bytea NOT NULL,
    outer_pad bytea NOT NULL,
    CONSTRAINT identity_key_inner_pad_check CHECK ((length(inner_pad) = 64)),
    CONSTRAINT identity_key_only_row_check CHECK (only_row),
    CONSTRAINT identity_key_outer_pad_check CHECK ((length(outer_pad) = 64))
);

CREATE TABLE security.passwords (
    user_id uuid NOT NULL,
    password_hash text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_contract_id_number_key UNIQUE (tenant_id, contract_id, number);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.chunk_identifiers
    ADD CONSTRAINT chunk_identifiers_pkey PRIMARY KEY (tenant_id, identifier, chunk_id) INCLUDE (version_key);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_version_id_ordinal_key UNIQUE (tenant_id, version_id, ordinal);

ALTER TABLE ONLY public.competitors
    ADD CONSTRAINT competitors_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.competitors
    ADD CONSTRAINT competitors_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_pkey PRIMARY KEY (tenant_id, contract_id, delivery_point_id, from_on);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_reference_key UNIQUE (tenant_id, reference);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_energy_code_key UNIQUE (tenant_id, energy, code);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.document_files
    ADD CONSTRAINT document_files_pkey PRIMARY KEY (tenant_id, sha256);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_document_id_label_key UNIQUE (tenant_id, document_id, label);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_tenant_id_code_key UNIQUE (tenant_id, code);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_internet_message_id_key UNIQUE (tenant_id, internet_message_id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_pkey PRIMARY KEY (tenant_id, turn_id, user_id);

ALTER TABLE ONLY public.firm_profiles
    ADD CONSTRAINT firm_profiles_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.index_versions
    ADD CONSTRAINT index_versions_pkey PRIMARY KEY (tenant_id, version_id);

ALTER TABLE ONLY public.index_versions
    ADD CONSTRAINT index_versions_tenant_id_key_key UNIQUE (tenant_id, key);

ALTER TABLE ONLY public.ingestion_files
    ADD CONSTRAINT ingestion_files_pkey PRIMARY KEY (tenant_id, source_root, source_path);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_tenant_id_source_source_reference_key UNIQUE (tenant_id, source, source_reference);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_reference_key UNIQUE (tenant_id, reference);

ALTER TABLE ONLY public.passage_signatures
    ADD CONSTRAINT passage_signatures_pkey PRIMARY KEY (tenant_id, version_key, chunk_id) INCLUDE (signature);

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_pkey PRIMARY KEY (tenant_id, term, chunk_id) INCLUDE (version_key, frequency, length, title_frequency, title_length);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_tenant_id_version_id_ordinal_key UNIQUE (tenant_id, version_id, ordinal);

ALTER TABLE ONLY public.sentence_vectors
    ADD CONSTRAINT sentence_vectors_pkey PRIMARY KEY (tenant_id, version_key, chunk_id, ordinal);

ALTER TABLE ONLY public.sentences
    ADD CONSTRAINT sentences_pkey PRIMARY KEY (tenant_id, chunk_id, ordinal);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tenants
    ADD CONSTRAINT tenants_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.tender_analyses
    ADD CONSTRAINT tender_analyses_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_pkey PRIMARY KEY (tenant_id, tender_id, competitor_id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tender_files
    ADD CONSTRAINT tender_files_pkey PRIMARY KEY (tenant_id, analysis_id, path);

ALTER TABLE ONLY public.tender_grids
    ADD CONSTRAINT tender_grids_pkey PRIMARY KEY (tenant_id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_tender_id_number_key UNIQUE (tenant_id, tender_id, number);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_external_id_key UNIQUE (tenant_id, external_id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_reference_key UNIQUE (tenant_id, reference);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_turn_id_ordinal_key UNIQUE (tenant_id, turn_id, ordinal);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_conversation_id_ordinal_key UNIQUE (tenant_id, conversation_id, ordinal);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_id_key UNIQUE (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (tenant_id, id);

ALTER TABLE ONLY security.identity_key
    ADD CONSTRAINT identity_key_pkey PRIMARY KEY (only_row);

ALTER TABLE ONLY security.passwords
    ADD CONSTRAINT passwords_pkey PRIMARY KEY (user_id);

CREATE INDEX attachments_tenant_id_email_id_idx ON public.attachments USING btree (tenant_id, email_id);

CREATE INDEX chunk_identifiers_tenant_id_version_key_idx ON public.chunk_identifiers USING btree (tenant_id, version_key);

CREATE INDEX chunks_tenant_id_section_id_idx ON public.chunks USING btree (tenant_id, section_id);

CREATE INDEX contacts_tenant_id_account_id_idx ON public.contacts USING btree (tenant_id, account_id);

CREATE INDEX contract_delivery_points_tenant_id_delivery_point_id_idx ON public.contract_delivery_points USING btree (tenant_id, delivery_point_id);

CREATE INDEX contracts_tenant_id_account_id_idx ON public.contracts USING btree (tenant_id, account_id);

CREATE INDEX contracts_tenant_id_end_on_idx ON public.contracts USING btree (tenant_id, end_on);

CREATE INDEX conversations_tenant_id_user_id_updated_at_idx ON public.conversations USING btree (tenant_id, user_id, updated_at DESC);

CREATE INDEX delivery_points_tenant_id_site_id_idx ON public.delivery_points USING btree (tenant_id, site_id);

CREATE INDEX document_versions_tenant_id_source_path_idx ON public.document_versions USING btree (tenant_id, source_path);

CREATE INDEX efficiency_opportunities_tenant_id_account_id_idx ON public.efficiency_opportunities USING btree (tenant_id, account_id);

CREATE INDEX email_threads_tenant_id_account_id_idx ON public.email_threads USING btree (tenant_id, account_id);

CREATE INDEX emails_tenant_id_thread_id_idx ON public.emails USING btree (tenant_id, thread_id);

CREATE INDEX flexibility_opportunities_tenant_id_account_id_idx ON public.flexibility_opportunities USING btree (tenant_id, account_id);

CREATE INDEX grid_requests_tenant_id_delivery_point_id_idx ON public.grid_requests USING btree (tenant_id, delivery_point_id);

CREATE INDEX incidents_tenant_id_delivery_point_id_idx ON public.incidents USING btree (tenant_id, delivery_point_id);

CREATE INDEX meetings_tenant_id_account_id_idx ON public.meetings USING btree (tenant_id, account_id);

CREATE INDEX non_conformities_tenant_id_account_id_idx ON public.non_conformities USING btree (tenant_id, account_id);

CREATE INDEX postings_tenant_id_version_key_idx ON public.postings USING btree (tenant_id, version_key);

CREATE INDEX ppa_projects_tenant_id_account_id_idx ON public.ppa_projects USING btree (tenant_id, account_id);

CREATE INDEX sites_tenant_id_account_id_idx ON public.sites USING btree (tenant_id, account_id);

CREATE INDEX tasks_tenant_id_account_id_idx ON public.tasks USING btree (tenant_id, account_id);

CREATE INDEX tender_analyses_tenant_id_created_at_idx ON public.tender_analyses USING btree (tenant_id, created_at DESC);

CREATE INDEX tender_criteria_tenant_id_tender_id_idx ON public.tender_criteria USING btree (tenant_id, tender_id);

CREATE INDEX tenders_tenant_id_account_id_idx ON public.tenders USING btree (tenant_id, account_id);

CREATE INDEX tenders_tenant_id_submission_deadline_idx ON public.tenders USING btree (tenant_id, submission_deadline);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT accounts_tenant_id_parent_account_id_fkey FOREIGN KEY (tenant_id, parent_account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.amendments
    ADD CONSTRAINT amendments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_tenant_id_email_id_fkey FOREIGN KEY (tenant_id, email_id) REFERENCES public.emails(tenant_id, id);

ALTER TABLE ONLY public.attachments
    ADD CONSTRAINT attachments_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.chunk_identifiers
    ADD CONSTRAINT chunk_identifiers_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_section_id_fkey FOREIGN KEY (tenant_id, section_id) REFERENCES public.sections(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chunks
    ADD CONSTRAINT chunks_tenant_id_version_id_fkey FOREIGN KEY (tenant_id, version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.competitors
    ADD CONSTRAINT competitors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_tenant_id_delivery_point_id_fkey FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES public.delivery_points(tenant_id, id);

ALTER TABLE ONLY public.contract_delivery_points
    ADD CONSTRAINT contract_delivery_points_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.contracts
    ADD CONSTRAINT contracts_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT conversations_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.delivery_points
    ADD CONSTRAINT delivery_points_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, id);

ALTER TABLE ONLY public.document_files
    ADD CONSTRAINT document_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_templates
    ADD CONSTRAINT document_templates_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_document_id_fkey FOREIGN KEY (tenant_id, document_id) REFERENCES public.documents(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.document_versions
    ADD CONSTRAINT document_versions_tenant_id_sha256_fkey FOREIGN KEY (tenant_id, sha256) REFERENCES public.document_files(tenant_id, sha256);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.efficiency_opportunities
    ADD CONSTRAINT efficiency_opportunities_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.email_threads
    ADD CONSTRAINT email_threads_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_contact_id_fkey FOREIGN KEY (tenant_id, contact_id) REFERENCES public.contacts(tenant_id, id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.emails
    ADD CONSTRAINT emails_tenant_id_thread_id_fkey FOREIGN KEY (tenant_id, thread_id) REFERENCES public.email_threads(tenant_id, id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_turn_id_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES public.turns(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.feedback
    ADD CONSTRAINT feedback_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.firm_profiles
    ADD CONSTRAINT firm_profiles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.firm_profiles
    ADD CONSTRAINT firm_profiles_tenant_id_updated_by_fkey FOREIGN KEY (tenant_id, updated_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.flexibility_opportunities
    ADD CONSTRAINT flexibility_opportunities_tenant_id_site_id_fkey FOREIGN KEY (tenant_id, site_id) REFERENCES public.sites(tenant_id, id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_delivery_point_id_fkey FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES public.delivery_points(tenant_id, id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.grid_requests
    ADD CONSTRAINT grid_requests_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_delivery_point_id_fkey FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES public.delivery_points(tenant_id, id);

ALTER TABLE ONLY public.incidents
    ADD CONSTRAINT incidents_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.index_versions
    ADD CONSTRAINT index_versions_tenant_id_version_id_fkey FOREIGN KEY (tenant_id, version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ingestion_files
    ADD CONSTRAINT ingestion_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.kb_articles
    ADD CONSTRAINT kb_articles_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.market_watch
    ADD CONSTRAINT market_watch_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.meetings
    ADD CONSTRAINT meetings_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_opened_by_id_fkey FOREIGN KEY (tenant_id, opened_by_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.non_conformities
    ADD CONSTRAINT non_conformities_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.passage_signatures
    ADD CONSTRAINT passage_signatures_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.postings
    ADD CONSTRAINT postings_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.ppa_projects
    ADD CONSTRAINT ppa_projects_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sections
    ADD CONSTRAINT sections_tenant_id_version_id_fkey FOREIGN KEY (tenant_id, version_id) REFERENCES public.document_versions(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sentence_vectors
    ADD CONSTRAINT sentence_vectors_tenant_id_version_key_fkey FOREIGN KEY (tenant_id, version_key) REFERENCES public.index_versions(tenant_id, key) ON DELETE CASCADE;

ALTER TABLE ONLY public.sentences
    ADD CONSTRAINT sentences_tenant_id_chunk_id_fkey FOREIGN KEY (tenant_id, chunk_id) REFERENCES public.chunks(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sentences
    ADD CONSTRAINT sentences_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.sites
    ADD CONSTRAINT sites_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_contract_id_fkey FOREIGN KEY (tenant_id, contract_id) REFERENCES public.contracts(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_non_conformity_id_fkey FOREIGN KEY (tenant_id, non_conformity_id) REFERENCES public.non_conformities(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tasks
    ADD CONSTRAINT tasks_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tender_analyses
    ADD CONSTRAINT tender_analyses_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_analyses
    ADD CONSTRAINT tender_analyses_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_tenant_id_competitor_id_fkey FOREIGN KEY (tenant_id, competitor_id) REFERENCES public.competitors(tenant_id, id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_competitors
    ADD CONSTRAINT tender_competitors_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_lot_id_fkey FOREIGN KEY (tenant_id, lot_id) REFERENCES public.tender_lots(tenant_id, id);

ALTER TABLE ONLY public.tender_criteria
    ADD CONSTRAINT tender_criteria_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tender_files
    ADD CONSTRAINT tender_files_tenant_id_analysis_id_fkey FOREIGN KEY (tenant_id, analysis_id) REFERENCES public.tender_analyses(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tender_files
    ADD CONSTRAINT tender_files_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_grids
    ADD CONSTRAINT tender_grids_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_grids
    ADD CONSTRAINT tender_grids_tenant_id_updated_by_fkey FOREIGN KEY (tenant_id, updated_by) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tender_lots
    ADD CONSTRAINT tender_lots_tenant_id_tender_id_fkey FOREIGN KEY (tenant_id, tender_id) REFERENCES public.tenders(tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_account_id_fkey FOREIGN KEY (tenant_id, account_id) REFERENCES public.accounts(tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_market_watch_id_fkey FOREIGN KEY (tenant_id, market_watch_id) REFERENCES public.market_watch(tenant_id, id);

ALTER TABLE ONLY public.tenders
    ADD CONSTRAINT tenders_tenant_id_owner_id_fkey FOREIGN KEY (tenant_id, owner_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_turn_id_fkey FOREIGN KEY (tenant_id, turn_id) REFERENCES public.turns(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tool_runs
    ADD CONSTRAINT tool_runs_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_conversation_id_fkey FOREIGN KEY (tenant_id, conversation_id) REFERENCES public.conversations(tenant_id, id) ON DELETE CASCADE;

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_tenant_id_user_id_fkey FOREIGN KEY (tenant_id, user_id) REFERENCES public.users(tenant_id, id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES public.tenants(id);

ALTER TABLE ONLY security.passwords
    ADD CONSTRAINT passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE public.accounts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.amendments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.attachments ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chunk_identifiers ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.chunks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.competitors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contacts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contract_delivery_points ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.contracts ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.delivery_points ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_templates ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.document_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.documents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.efficiency_opportunities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.email_threads ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.emails ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.feedback ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.firm_profiles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.flexibility_opportunities ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.grid_requests ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.incidents ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.index_versions ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ingestion_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.kb_articles ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.market_watch ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.meetings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.non_conformities ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_firm ON public.firm_profiles TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_firm ON public.tender_analyses TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_firm ON public.tender_files TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_firm ON public.tender_grids TO assistant_read USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id))) WITH CHECK ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_rows ON public.conversations TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.feedback TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.tool_runs TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_rows ON public.turns TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (user_id = ( SELECT public.current_user_id() AS current_user_id))));

CREATE POLICY own_tenant ON public.accounts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.amendments USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.attachments USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.competitors USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.contacts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.contract_delivery_points USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.contracts USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.delivery_points USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.document_templates USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.efficiency_opportunities USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.email_threads USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.emails USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.flexibility_opportunities USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.grid_requests USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.incidents USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.kb_articles USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.market_watch USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.meetings USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.non_conformities USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.ppa_projects USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.sites USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tasks USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tenants USING ((id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tender_competitors USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tender_criteria USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tender_lots USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.tenders USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY own_tenant ON public.users USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

ALTER TABLE public.passage_signatures ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.postings ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.ppa_projects ENABLE ROW LEVEL SECURITY;

CREATE POLICY reader ON public.chunks FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (version_id IN ( SELECT document_versions.id
   FROM public.document_versions))));

CREATE POLICY reader ON public.document_files FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (sha256 IN ( SELECT document_versions.sha256
   FROM public.document_versions))));

CREATE POLICY reader ON public.document_versions FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (document_id IN ( SELECT documents.id
   FROM public.documents)) AND ((status <> ALL (ARRAY['draft'::text, 'in_review'::text])) OR (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text]))));

CREATE POLICY reader ON public.documents FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (('all'::text = ANY (access)) OR (access && ( SELECT public.current_roles() AS current_roles)))));

CREATE POLICY reader ON public.ingestion_files FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (( SELECT public.current_roles() AS current_roles) && ARRAY['quality'::text, 'director'::text, 'admin'::text])));

CREATE POLICY reader ON public.sections FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (version_id IN ( SELECT document_versions.id
   FROM public.document_versions))));

CREATE POLICY reader ON public.sentences FOR SELECT TO assistant_read USING (((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)) AND (EXISTS ( SELECT
   FROM public.chunks c
  WHERE ((c.tenant_id = sentences.tenant_id) AND (c.id = sentences.chunk_id))))));

ALTER TABLE public.sections ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sentence_vectors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sentences ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.sites ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tasks ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenants ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_analyses ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_competitors ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_criteria ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_files ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_grids ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tender_lots ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tenders ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.tool_runs ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.turns ENABLE ROW LEVEL SECURITY;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

CREATE POLICY writer ON public.chunk_identifiers TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.chunks TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.document_files TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.document_versions TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.documents TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.index_versions TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.ingestion_files TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.passage_signatures TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.postings TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.sections TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.sentence_vectors TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

CREATE POLICY writer ON public.sentences TO knowledge_writer USING ((tenant_id = ( SELECT public.current_tenant_id() AS current_tenant_id)));

GRANT ALL ON SCHEMA public TO migrator;

GRANT USAGE ON SCHEMA security TO assistant_read;
GRANT USAGE ON SCHEMA security TO sql_reader;
GRANT USAGE ON SCHEMA security TO change_executor;
GRANT USAGE ON SCHEMA security TO knowledge_writer;
GRANT USAGE ON SCHEMA security TO gatekeeper;

REVOKE ALL ON FUNCTION public.search_passages(query_terms text[], query_identifiers text[], query_vector public.halfvec, query_model text, wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean, lexical_depth integer, near_depth integer, result_depth integer, title_factor double precision, dense_factor double precision, identifier_factor double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION public.search_passages(query_terms text[], query_identifiers text[], query_vector public.halfvec, query_model text, wanted_kinds text[], wanted_standards text[], wanted_codes text[], wanted_statuses text[], valid_on date, in_history boolean, lexical_depth integer, near_depth integer, result_depth integer, title_factor double precision, dense_factor double precision, identifier_factor double precision) TO assistant_read;

REVOKE ALL ON FUNCTION security.find_login(login_email text) FROM PUBLIC;
GRANT ALL ON FUNCTION security.find_login(login_email text) TO gatekeeper;

REVOKE ALL ON PROCEDURE security.guard_business_table(IN guarded regclass) FROM PUBLIC;

GRANT SELECT ON TABLE public.accounts TO assistant_read;
GRANT SELECT ON TABLE public.accounts TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.accounts TO change_executor;

GRANT SELECT ON TABLE public.amendments TO assistant_read;
GRANT SELECT ON TABLE public.amendments TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.amendments TO change_executor;

GRANT SELECT ON TABLE public.attachments TO assistant_read;
GRANT SELECT ON TABLE public.attachments TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.attachments TO change_executor;

GRANT SELECT,INSERT,DELETE ON TABLE public.chunk_identifiers TO knowledge_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chunks TO knowledge_writer;
GRANT SELECT ON TABLE public.chunks TO assistant_read;

GRANT SELECT ON TABLE public.competitors TO assistant_read;
GRANT SELECT ON TABLE public.competitors TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.competitors TO change_executor;

GRANT SELECT ON TABLE public.contacts TO assistant_read;
GRANT SELECT ON TABLE public.contacts TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contacts TO change_executor;

GRANT SELECT ON TABLE public.contract_delivery_points TO assistant_read;
GRANT SELECT ON TABLE public.contract_delivery_points TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contract_delivery_points TO change_executor;

GRANT SELECT ON TABLE public.contracts TO assistant_read;
GRANT SELECT ON TABLE public.contracts TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.contracts TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.conversations TO assistant_read;

GRANT SELECT ON TABLE public.delivery_points TO assistant_read;
GRANT SELECT ON TABLE public.delivery_points TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.delivery_points TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_files TO knowledge_writer;
GRANT SELECT ON TABLE public.document_files TO assistant_read;

GRANT SELECT ON TABLE public.document_templates TO assistant_read;
GRANT SELECT ON TABLE public.document_templates TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.document_templates TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.document_versions TO knowledge_writer;
GRANT SELECT ON TABLE public.document_versions TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.documents TO knowledge_writer;
GRANT SELECT ON TABLE public.documents TO assistant_read;

GRANT SELECT ON TABLE public.efficiency_opportunities TO assistant_read;
GRANT SELECT ON TABLE public.efficiency_opportunities TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.efficiency_opportunities TO change_executor;

GRANT SELECT ON TABLE public.email_threads TO assistant_read;
GRANT SELECT ON TABLE public.email_threads TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.email_threads TO change_executor;

GRANT SELECT ON TABLE public.emails TO assistant_read;
GRANT SELECT ON TABLE public.emails TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.emails TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feedback TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.firm_profiles TO assistant_read;

GRANT SELECT ON TABLE public.flexibility_opportunities TO assistant_read;
GRANT SELECT ON TABLE public.flexibility_opportunities TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.flexibility_opportunities TO change_executor;

GRANT SELECT ON TABLE public.grid_requests TO assistant_read;
GRANT SELECT ON TABLE public.grid_requests TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.grid_requests TO change_executor;

GRANT SELECT ON TABLE public.incidents TO assistant_read;
GRANT SELECT ON TABLE public.incidents TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.incidents TO change_executor;

GRANT SELECT,INSERT,DELETE ON TABLE public.index_versions TO knowledge_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ingestion_files TO knowledge_writer;
GRANT SELECT ON TABLE public.ingestion_files TO assistant_read;

GRANT SELECT ON TABLE public.kb_articles TO assistant_read;
GRANT SELECT ON TABLE public.kb_articles TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.kb_articles TO change_executor;

GRANT SELECT ON TABLE public.market_watch TO assistant_read;
GRANT SELECT ON TABLE public.market_watch TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.market_watch TO change_executor;

GRANT SELECT ON TABLE public.meetings TO assistant_read;
GRANT SELECT ON TABLE public.meetings TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.meetings TO change_executor;

GRANT SELECT ON TABLE public.non_conformities TO assistant_read;
GRANT SELECT ON TABLE public.non_conformities TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.non_conformities TO change_executor;

GRANT SELECT,INSERT,DELETE ON TABLE public.passage_signatures TO knowledge_writer;

GRANT SELECT,INSERT,DELETE ON TABLE public.postings TO knowledge_writer;

GRANT SELECT ON TABLE public.ppa_projects TO assistant_read;
GRANT SELECT ON TABLE public.ppa_projects TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.ppa_projects TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sections TO knowledge_writer;
GRANT SELECT ON TABLE public.sections TO assistant_read;

GRANT SELECT,INSERT,DELETE ON TABLE public.sentence_vectors TO knowledge_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sentences TO knowledge_writer;
GRANT SELECT ON TABLE public.sentences TO assistant_read;

GRANT SELECT ON TABLE public.sites TO assistant_read;
GRANT SELECT ON TABLE public.sites TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.sites TO change_executor;

GRANT SELECT ON TABLE public.tasks TO assistant_read;
GRANT SELECT ON TABLE public.tasks TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tasks TO change_executor;

GRANT SELECT ON TABLE public.tenants TO assistant_read;
GRANT SELECT ON TABLE public.tenants TO sql_reader;
GRANT SELECT ON TABLE public.tenants TO change_executor;
GRANT SELECT ON TABLE public.tenants TO knowledge_writer;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender_analyses TO assistant_read;

GRANT SELECT ON TABLE public.tender_competitors TO assistant_read;
GRANT SELECT ON TABLE public.tender_competitors TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tender_competitors TO change_executor;

GRANT SELECT ON TABLE public.tender_criteria TO assistant_read;
GRANT SELECT ON TABLE public.tender_criteria TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tender_criteria TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender_files TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tender_grids TO assistant_read;

GRANT SELECT ON TABLE public.tender_lots TO assistant_read;
GRANT SELECT ON TABLE public.tender_lots TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tender_lots TO change_executor;

GRANT SELECT ON TABLE public.tenders TO assistant_read;
GRANT SELECT ON TABLE public.tenders TO sql_reader;
GRANT SELECT,INSERT,UPDATE ON TABLE public.tenders TO change_executor;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tool_runs TO assistant_read;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.turns TO assistant_read;

GRANT SELECT ON TABLE public.users TO assistant_read;
GRANT SELECT ON TABLE public.users TO sql_reader;
GRANT SELECT ON TABLE public.users TO change_executor;
GRANT SELECT ON TABLE public.users TO knowledge_writer;
