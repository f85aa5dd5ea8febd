-- Tenants, users, and the proof of identity on which every row-level policy rests.

CREATE SCHEMA security;

CREATE TABLE tenants (
    id uuid PRIMARY KEY,
    slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{2,40}$'),
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    email text NOT NULL CHECK (email = lower(email)),
    full_name text NOT NULL,
    job_title text,
    roles text[] NOT NULL CHECK (
        cardinality(roles) > 0
        AND roles <@ ARRAY['reader', 'sales', 'quality', 'director', 'admin']
    ),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (id),
    UNIQUE (email)
);

CREATE TABLE security.passwords (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- One row: the HMAC-SHA-256 key of identity tokens, as its two padded halves (RFC 2104).
CREATE TABLE security.identity_key (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    inner_pad bytea NOT NULL CHECK (length(inner_pad) = 64),
    outer_pad bytea NOT NULL CHECK (length(outer_pad) = 64)
);

-- The session states who it acts for in the setting voltaire.identity, as
-- «tenant|user|roles|expiry epoch|hmac». Any SQL may set that setting; only the application,
-- which holds the key, can sign it. A missing, forged or expired token yields no row at all.
CREATE FUNCTION security.identity_part(part int) RETURNS text
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
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

CREATE FUNCTION current_tenant_id() RETURNS uuid
    LANGUAGE sql STABLE AS $$ SELECT security.identity_part(1)::uuid $$;
CREATE FUNCTION current_user_id() RETURNS uuid
    LANGUAGE sql STABLE AS $$ SELECT security.identity_part(2)::uuid $$;
CREATE FUNCTION current_roles() RETURNS text[]
    LANGUAGE sql STABLE AS $$
    SELECT coalesce(string_to_array(nullif(security.identity_part(3), ''), ','), '{}')
$$;

-- Sign-in happens before any tenant is known: the only way to a password hash.
CREATE FUNCTION security.find_login(login_email text)
    RETURNS TABLE (
        tenant_id uuid, tenant_slug text, tenant_name text, user_id uuid, email text,
        full_name text, roles text[], password_hash text
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.slug, t.name, u.id, u.email, u.full_name, u.roles, p.password_hash
    FROM public.users u
    JOIN public.tenants t ON t.id = u.tenant_id
    JOIN security.passwords p ON p.user_id = u.id
    WHERE u.email = lower(login_email) AND u.is_active
$$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_tenant ON tenants USING (id = (SELECT current_tenant_id()));
CREATE POLICY own_tenant ON users USING (tenant_id = (SELECT current_tenant_id()));

-- Gives a table its guards: forced row-level security on the tenant, touch of updated_at,
-- reading for the assistant and writing for the executor.
CREATE PROCEDURE security.guard_business_table(guarded regclass)
    LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', guarded);
    EXECUTE format(
        'CREATE POLICY own_tenant ON %s USING (tenant_id = (SELECT current_tenant_id()))', guarded
    );
    EXECUTE format('GRANT SELECT ON %s TO assistant_read, sql_reader, change_executor', guarded);
    EXECUTE format('GRANT INSERT, UPDATE ON %s TO change_executor', guarded);
END
$$;

GRANT USAGE ON SCHEMA security TO assistant_read, sql_reader, change_executor, knowledge_writer,
    gatekeeper;
REVOKE ALL ON FUNCTION security.find_login(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION security.find_login(text) TO gatekeeper;
REVOKE ALL ON PROCEDURE security.guard_business_table(regclass) FROM PUBLIC;
GRANT SELECT ON tenants, users TO assistant_read, sql_reader, change_executor, knowledge_writer;
