-- The two native records, the fifteen business objects, their nineteen relations and what
-- surrounds them. Every table: id, tenant_id, version, timestamps, external_id. Foreign keys
-- carry the tenant, so that no row can point into another firm.

CREATE TABLE accounts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    parent_account_id uuid,
    name text NOT NULL,
    siren text CHECK (siren ~ '^\d{9}$'),
    siret text CHECK (siret ~ '^\d{14}$'),
    naf text CHECK (naf ~ '^\d{2}\.\d{2}[A-Z]$'),
    segment text NOT NULL CHECK (segment IN (
        'local_authority', 'industry', 'services', 'health', 'property_manager')),
    status text NOT NULL CHECK (status IN ('prospect', 'client', 'at_risk', 'former')),
    address text,
    postal_code text,
    city text,
    region text,
    annual_revenue_eur numeric(14, 2),
    cac_eur numeric(12, 2),
    cost_to_serve_eur numeric(12, 2),
    lifetime_value_eur numeric(14, 2),
    client_since_on date,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, parent_account_id) REFERENCES accounts (tenant_id, id)
);

CREATE TABLE contacts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    account_id uuid NOT NULL,
    name text NOT NULL,
    role text,
    email text,
    phone text,
    language text NOT NULL DEFAULT 'fr',
    consent boolean NOT NULL DEFAULT false,
    consent_on date,
    consent_origin text,
    preferred_channel text CHECK (preferred_channel IN ('email', 'phone', 'teams', 'letter')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

CREATE TABLE market_watch (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    source text NOT NULL CHECK (source IN ('boamp', 'ted', 'cre', 'press')),
    source_reference text,
    title text NOT NULL,
    url text,
    published_on date NOT NULL,
    summary text,
    relevance int CHECK (relevance BETWEEN 0 AND 100),
    status text NOT NULL CHECK (status IN ('new', 'kept', 'dismissed', 'converted')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, source, source_reference)
);

CREATE TABLE tenders (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid,
    market_watch_id uuid,
    reference text NOT NULL,
    boamp_id text,
    title text NOT NULL,
    buyer text NOT NULL,
    cpv_codes text[] NOT NULL DEFAULT '{}',
    procedure text CHECK (procedure IN (
        'open', 'restricted', 'adapted', 'negotiated', 'framework_call', 'private')),
    published_on date,
    submission_deadline timestamptz,
    questions_deadline timestamptz,
    estimated_value_eur numeric(14, 2),
    volume_mwh numeric(14, 3),
    energy text CHECK (energy IN ('electricity', 'gas', 'both')),
    status text NOT NULL CHECK (status IN (
        'detected', 'qualifying', 'go', 'no_go', 'submitted', 'won', 'lost', 'cancelled')),
    score int CHECK (score BETWEEN 0 AND 100),
    verdict text CHECK (verdict IN ('GO', 'GO_SOUS_RESERVE', 'NO_GO')),
    verdict_reason text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, reference),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, market_watch_id) REFERENCES market_watch (tenant_id, id)
);

CREATE TABLE tender_lots (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    tender_id uuid NOT NULL,
    number int NOT NULL CHECK (number > 0),
    title text NOT NULL,
    energy text CHECK (energy IN ('electricity', 'gas')),
    volume_mwh numeric(14, 3),
    delivery_point_count int,
    estimated_value_eur numeric(14, 2),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, tender_id, number),
    FOREIGN KEY (tenant_id, tender_id) REFERENCES tenders (tenant_id, id)
);

CREATE TABLE tender_criteria (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    tender_id uuid NOT NULL,
    lot_id uuid,
    name text NOT NULL,
    weight_pct numeric(5, 2) NOT NULL CHECK (weight_pct BETWEEN 0 AND 100),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, tender_id) REFERENCES tenders (tenant_id, id),
    FOREIGN KEY (tenant_id, lot_id) REFERENCES tender_lots (tenant_id, id)
);

CREATE TABLE competitors (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('supplier', 'broker')),
    strengths text,
    weaknesses text,
    typical_price_eur_per_mwh numeric(10, 3),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id)
);

CREATE TABLE tender_competitors (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    tender_id uuid NOT NULL,
    competitor_id uuid NOT NULL,
    outcome text CHECK (outcome IN ('won', 'lost', 'withdrawn', 'unknown')),
    price_eur_per_mwh numeric(10, 3),
    PRIMARY KEY (tenant_id, tender_id, competitor_id),
    FOREIGN KEY (tenant_id, tender_id) REFERENCES tenders (tenant_id, id),
    FOREIGN KEY (tenant_id, competitor_id) REFERENCES competitors (tenant_id, id)
);

CREATE TABLE contracts (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    tender_id uuid,
    reference text NOT NULL,
    supplier text NOT NULL,
    energy text NOT NULL CHECK (energy IN ('electricity', 'gas')),
    price_type text NOT NULL CHECK (price_type IN ('fixed', 'indexed', 'click', 'block_spot')),
    price_eur_per_mwh numeric(10, 3),
    annual_volume_mwh numeric(14, 3),
    annual_amount_eur numeric(14, 2),
    start_on date NOT NULL,
    end_on date NOT NULL CHECK (end_on > start_on),
    notice_days int CHECK (notice_days >= 0),
    tacit_renewal boolean NOT NULL DEFAULT false,
    tolerance_band_pct numeric(5, 2),
    green_share_pct numeric(5, 2) CHECK (green_share_pct BETWEEN 0 AND 100),
    status text NOT NULL CHECK (status IN ('draft', 'active', 'ending', 'ended', 'terminated')),
    risk_score int CHECK (risk_score BETWEEN 0 AND 100),
    risk_factors text[] NOT NULL DEFAULT '{}',
    notice_deadline_on date GENERATED ALWAYS AS (end_on - notice_days) STORED,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, reference),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, tender_id) REFERENCES tenders (tenant_id, id)
);

CREATE TABLE amendments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    contract_id uuid NOT NULL,
    number int NOT NULL CHECK (number > 0),
    signed_on date,
    effective_on date,
    kind text NOT NULL CHECK (kind IN ('scope', 'price', 'duration', 'power')),
    summary text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, contract_id, number),
    FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id)
);

CREATE TABLE sites (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    account_id uuid NOT NULL,
    name text NOT NULL,
    address text,
    postal_code text,
    commune text,
    insee_code text CHECK (insee_code ~ '^(\d{2}|2[AB])\d{3}$'),
    latitude numeric(9, 6),
    longitude numeric(9, 6),
    surface_m2 int,
    activity text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

CREATE TABLE delivery_points (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    site_id uuid NOT NULL,
    energy text NOT NULL CHECK (energy IN ('electricity', 'gas')),
    code text NOT NULL,
    segment text NOT NULL CHECK (segment IN (
        'C1', 'C2', 'C3', 'C4', 'C5', 'T1', 'T2', 'T3', 'T4')),
    grid_operator text NOT NULL,
    fta text,
    subscribed_power_kva jsonb,
    highest_subscribed_kva numeric(10, 1) GENERATED ALWAYS AS (greatest(
        (subscribed_power_kva ->> 'P')::numeric, (subscribed_power_kva ->> 'HPH')::numeric,
        (subscribed_power_kva ->> 'HCH')::numeric, (subscribed_power_kva ->> 'HPE')::numeric,
        (subscribed_power_kva ->> 'HCE')::numeric, (subscribed_power_kva ->> 'BASE')::numeric,
        (subscribed_power_kva ->> 'HP')::numeric, (subscribed_power_kva ->> 'HC')::numeric
    )) STORED,
    max_power_kva numeric(10, 1),
    annual_consumption_mwh numeric(14, 3),
    car_kwh numeric(14, 0),
    data_consent boolean NOT NULL DEFAULT false,
    data_consent_expires_on date,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, energy, code),
    CHECK (
        (energy = 'electricity' AND code ~ '^\d{14}$')
        OR (energy = 'gas' AND code ~ '^(\d{14}|GI\d{6})$')
    ),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

CREATE TABLE contract_delivery_points (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    contract_id uuid NOT NULL,
    delivery_point_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date,
    PRIMARY KEY (tenant_id, contract_id, delivery_point_id, from_on),
    FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES delivery_points (tenant_id, id)
);

CREATE TABLE non_conformities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    opened_by_id uuid,
    account_id uuid NOT NULL,
    contract_id uuid,
    reference text NOT NULL,
    detected_on date NOT NULL,
    source text NOT NULL CHECK (source IN ('email', 'call', 'audit', 'internal')),
    family text NOT NULL CHECK (family IN (
        'billing', 'metering', 'contract', 'switching', 'outage', 'price', 'delay', 'privacy',
        'broker')),
    severity text NOT NULL CHECK (severity IN ('minor', 'major')),
    requirement text NOT NULL,
    evidence text,
    containment text,
    root_cause text,
    corrective_action text,
    due_on date,
    effectiveness_check_on date,
    effectiveness_criterion text,
    status text NOT NULL CHECK (status IN (
        'draft', 'open', 'analysing', 'acting', 'checking', 'closed')),
    closed_on date,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, reference),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, opened_by_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id)
);

CREATE TABLE incidents (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    delivery_point_id uuid NOT NULL,
    contract_id uuid,
    kind text NOT NULL CHECK (kind IN ('outage', 'voltage', 'meter', 'data')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz CHECK (ended_at >= started_at),
    impact text,
    status text NOT NULL CHECK (status IN ('open', 'monitoring', 'resolved')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES delivery_points (tenant_id, id),
    FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id)
);

CREATE TABLE grid_requests (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    delivery_point_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'connection', 'power_change', 'meter_visit', 'data_access', 'complaint')),
    operator_reference text,
    sent_on date,
    due_on date,
    status text NOT NULL CHECK (status IN (
        'draft', 'sent', 'accepted', 'scheduled', 'done', 'refused')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, delivery_point_id) REFERENCES delivery_points (tenant_id, id)
);

CREATE TABLE flexibility_opportunities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    site_id uuid,
    mechanism text NOT NULL CHECK (mechanism IN (
        'nebef', 'capacity', 'system_services', 'load_shifting')),
    power_kw numeric(10, 1),
    yearly_value_eur numeric(12, 2),
    status text NOT NULL CHECK (status IN (
        'identified', 'studying', 'proposed', 'signed', 'abandoned')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

CREATE TABLE ppa_projects (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('on_site', 'off_site_physical', 'virtual')),
    technology text NOT NULL CHECK (technology IN ('solar', 'wind', 'hydro', 'biomass')),
    capacity_mw numeric(8, 3),
    volume_mwh numeric(14, 3),
    price_eur_per_mwh numeric(10, 3),
    duration_years int,
    producer text,
    status text NOT NULL CHECK (status IN (
        'identified', 'studying', 'negotiating', 'signed', 'abandoned')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

CREATE TABLE efficiency_opportunities (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid NOT NULL,
    site_id uuid,
    action text NOT NULL,
    cee_sheet_code text,
    investment_eur numeric(12, 2),
    savings_mwh numeric(12, 3),
    savings_eur numeric(12, 2),
    payback_years numeric(5, 1),
    cee_mwhcumac numeric(14, 1),
    status text NOT NULL CHECK (status IN (
        'identified', 'studying', 'proposed', 'signed', 'done', 'abandoned')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, site_id) REFERENCES sites (tenant_id, id)
);

CREATE TABLE kb_articles (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    title text NOT NULL,
    standard text CHECK (standard IN ('ISO 9001', 'ISO 14001', 'ISO 50001')),
    clause text,
    kind text NOT NULL CHECK (kind IN ('procedure', 'instruction', 'record', 'guide')),
    document_version text NOT NULL,
    status text NOT NULL CHECK (status IN (
        'draft', 'in_review', 'in_force', 'superseded', 'withdrawn')),
    valid_from date,
    valid_to date,
    review_due_on date,
    body text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE document_templates (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    name text NOT NULL,
    kind text NOT NULL CHECK (kind IN (
        'technical_memo', 'offer', 'email', 'minutes', 'letter')),
    target_segment text CHECK (target_segment IN (
        'local_authority', 'industry', 'services', 'health', 'property_manager')),
    language text NOT NULL DEFAULT 'fr',
    document_version text NOT NULL,
    status text NOT NULL CHECK (status IN (
        'draft', 'in_review', 'in_force', 'superseded', 'withdrawn')),
    body text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id)
);

CREATE TABLE email_threads (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    account_id uuid,
    subject text NOT NULL,
    last_message_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

CREATE TABLE emails (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    thread_id uuid NOT NULL,
    contact_id uuid,
    internet_message_id text NOT NULL,
    direction text NOT NULL CHECK (direction IN ('in', 'out')),
    from_address text NOT NULL,
    to_addresses text[] NOT NULL DEFAULT '{}',
    sent_at timestamptz NOT NULL,
    subject text NOT NULL,
    body_text text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    UNIQUE (tenant_id, internet_message_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES email_threads (tenant_id, id),
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id)
);

CREATE TABLE attachments (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    email_id uuid NOT NULL,
    file_name text NOT NULL,
    media_type text NOT NULL,
    size_bytes int NOT NULL,
    sha256 text NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, email_id) REFERENCES emails (tenant_id, id)
);

CREATE TABLE meetings (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid,
    title text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    location text,
    attendees text[] NOT NULL DEFAULT '{}',
    summary text,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id)
);

CREATE TABLE tasks (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    version int NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    external_id text,
    owner_id uuid,
    account_id uuid,
    contract_id uuid,
    tender_id uuid,
    non_conformity_id uuid,
    title text NOT NULL,
    due_on date,
    source text NOT NULL CHECK (source IN ('manual', 'email', 'meeting', 'tender', 'system')),
    status text NOT NULL CHECK (status IN ('open', 'done', 'cancelled')),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, external_id),
    FOREIGN KEY (tenant_id, owner_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, account_id) REFERENCES accounts (tenant_id, id),
    FOREIGN KEY (tenant_id, contract_id) REFERENCES contracts (tenant_id, id),
    FOREIGN KEY (tenant_id, tender_id) REFERENCES tenders (tenant_id, id),
    FOREIGN KEY (tenant_id, non_conformity_id) REFERENCES non_conformities (tenant_id, id)
);

CREATE INDEX ON contacts (tenant_id, account_id);
CREATE INDEX ON contracts (tenant_id, account_id);
CREATE INDEX ON contracts (tenant_id, end_on);
CREATE INDEX ON sites (tenant_id, account_id);
CREATE INDEX ON delivery_points (tenant_id, site_id);
CREATE INDEX ON contract_delivery_points (tenant_id, delivery_point_id);
CREATE INDEX ON tenders (tenant_id, account_id);
CREATE INDEX ON tenders (tenant_id, submission_deadline);
CREATE INDEX ON tender_criteria (tenant_id, tender_id);
CREATE INDEX ON non_conformities (tenant_id, account_id);
CREATE INDEX ON incidents (tenant_id, delivery_point_id);
CREATE INDEX ON grid_requests (tenant_id, delivery_point_id);
CREATE INDEX ON flexibility_opportunities (tenant_id, account_id);
CREATE INDEX ON ppa_projects (tenant_id, account_id);
CREATE INDEX ON efficiency_opportunities (tenant_id, account_id);
CREATE INDEX ON email_threads (tenant_id, account_id);
CREATE INDEX ON emails (tenant_id, thread_id);
CREATE INDEX ON attachments (tenant_id, email_id);
CREATE INDEX ON meetings (tenant_id, account_id);
CREATE INDEX ON tasks (tenant_id, account_id);

DO $$
DECLARE
    guarded text;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'accounts', 'contacts', 'market_watch', 'tenders', 'tender_lots', 'tender_criteria',
        'competitors', 'tender_competitors', 'contracts', 'amendments', 'sites',
        'delivery_points', 'contract_delivery_points', 'non_conformities', 'incidents',
        'grid_requests', 'flexibility_opportunities', 'ppa_projects',
        'efficiency_opportunities', 'kb_articles', 'document_templates', 'email_threads',
        'emails', 'attachments', 'meetings', 'tasks'
    ] LOOP
        CALL security.guard_business_table(guarded::regclass);
    END LOOP;
END
$$;
