-- Access: sessions that can be ended, API keys, accounts of a directory, requests made once.
-- What must be read before any identity is known goes through SECURITY DEFINER functions.

ALTER TABLE security.passwords ADD must_change boolean NOT NULL DEFAULT false;

-- `refresh_sha256` renews the session once and is then replaced; seen again, it was stolen.
CREATE TABLE security.sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    method text NOT NULL CHECK (method IN ('password', 'directory')),
    refresh_sha256 bytea NOT NULL CHECK (length(refresh_sha256) = 32),
    spent_sha256 bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    renewed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX ON security.sessions (user_id);

CREATE TABLE security.api_keys (
    id uuid PRIMARY KEY,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
    scopes text[] NOT NULL CHECK (
        cardinality(scopes) > 0 AND scopes <@ ARRAY['read', 'propose']),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    last_used_at timestamptz,
    revoked_by uuid,
    revoked_at timestamptz,
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES users (tenant_id, id),
    FOREIGN KEY (tenant_id, revoked_by) REFERENCES users (tenant_id, id)
);
CREATE UNIQUE INDEX ON security.api_keys (tenant_id, user_id, name) WHERE revoked_at IS NULL;

-- The person behind a directory's subject: never found again by an address, which may change.
CREATE TABLE security.directory_accounts (
    issuer text NOT NULL,
    subject text NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    linked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (issuer, subject),
    UNIQUE (issuer, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);

-- The answer to a request sent with a key, given again to whoever repeats it.
CREATE TABLE security.once_requests (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    request_sha256 bytea NOT NULL CHECK (length(request_sha256) = 32),
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    status int,
    headers jsonb,
    body bytea,
    PRIMARY KEY (tenant_id, user_id, key),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON security.once_requests (begun_at);

ALTER TABLE security.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE security.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE security.directory_accounts ENABLE ROW LEVEL SECURITY;
ALTER TABLE security.once_requests ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON security.sessions USING (user_id = (SELECT current_user_id()));
CREATE POLICY administered ON security.api_keys USING (
    tenant_id = (SELECT current_tenant_id())
    AND 'admin' = ANY ((SELECT current_roles())::text[])
);
CREATE POLICY administered ON security.directory_accounts USING (
    tenant_id = (SELECT current_tenant_id())
    AND 'admin' = ANY ((SELECT current_roles())::text[])
);
CREATE POLICY own ON security.once_requests USING (
    tenant_id = (SELECT current_tenant_id()) AND user_id = (SELECT current_user_id())
);
GRANT INSERT ON security.sessions TO gatekeeper;
GRANT SELECT, INSERT, UPDATE (revoked_by, revoked_at) ON security.api_keys TO gatekeeper;
GRANT SELECT, INSERT ON security.directory_accounts TO gatekeeper;
GRANT SELECT, INSERT, UPDATE, DELETE ON security.once_requests TO gatekeeper;

-- Users are written in the name of an administrator, and of their own firm only.
GRANT SELECT ON tenants, users TO gatekeeper;
GRANT INSERT, UPDATE (full_name, roles, is_active, updated_at) ON users TO gatekeeper;
CREATE POLICY added_by_administrators ON users AS RESTRICTIVE FOR INSERT TO gatekeeper
    WITH CHECK ('admin' = ANY ((SELECT current_roles())::text[]));
CREATE POLICY changed_by_administrators ON users AS RESTRICTIVE FOR UPDATE TO gatekeeper
    USING ('admin' = ANY ((SELECT current_roles())::text[]));

-- Someone who signs in through a directory may have no password.
DROP FUNCTION security.find_login(text);
CREATE FUNCTION security.find_login(login_email text)
    RETURNS TABLE (
        tenant_id uuid, tenant_slug text, tenant_name text, user_id uuid, email text,
        full_name text, roles text[], password_hash text, must_change boolean
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.slug, t.name, u.id, u.email, u.full_name, u.roles, p.password_hash,
        coalesce(p.must_change, false)
    FROM public.users u
    JOIN public.tenants t ON t.id = u.tenant_id
    LEFT JOIN security.passwords p ON p.user_id = u.id
    WHERE u.email = lower(login_email) AND u.is_active
$$;

CREATE FUNCTION security.find_account(wanted uuid)
    RETURNS TABLE (
        tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[],
        must_change boolean
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.name, u.id, u.email, u.full_name, u.roles, coalesce(p.must_change, false)
    FROM public.users u
    JOIN public.tenants t ON t.id = u.tenant_id
    LEFT JOIN security.passwords p ON p.user_id = u.id
    WHERE u.id = wanted AND u.is_active
$$;

CREATE FUNCTION security.find_session(wanted uuid, idle interval)
    RETURNS TABLE (
        tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[],
        must_change boolean, method text
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a.tenant_id, a.tenant_name, a.user_id, a.email, a.full_name, a.roles,
        a.must_change AND s.method = 'password', s.method
    FROM security.sessions s, LATERAL security.find_account(s.user_id) a
    WHERE s.id = wanted AND s.ended_at IS NULL AND s.expires_at > clock_timestamp()
        AND s.renewed_at + idle > clock_timestamp()
$$;

-- Renews a session and tells whether it could: one use of each refresh secret. A secret that was
-- spent already ends the session, since two holders have it.
CREATE FUNCTION security.renew_session(
    wanted uuid, presented bytea, next_secret bytea, idle interval
) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    found_session security.sessions;
BEGIN
    SELECT * INTO found_session FROM security.sessions WHERE id = wanted FOR UPDATE;
    IF NOT FOUND OR found_session.ended_at IS NOT NULL
        OR found_session.expires_at <= clock_timestamp()
        OR found_session.renewed_at + idle <= clock_timestamp()
    THEN
        RETURN false;
    END IF;
    IF found_session.refresh_sha256 = presented THEN
        UPDATE security.sessions SET spent_sha256 = presented, refresh_sha256 = next_secret,
            renewed_at = clock_timestamp() WHERE id = wanted;
        RETURN true;
    END IF;
    IF found_session.spent_sha256 = presented THEN
        UPDATE security.sessions SET ended_at = clock_timestamp() WHERE id = wanted;
    END IF;
    RETURN false;
END
$$;

-- The session is its holder's to end: its identifier comes from a signed token.
CREATE FUNCTION security.end_session(wanted uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE security.sessions SET ended_at = clock_timestamp()
    WHERE id = wanted AND ended_at IS NULL
$$;

-- Ends what someone has open, `kept` excepted: one's own, or anybody's for an administrator.
CREATE FUNCTION security.end_sessions(owner uuid, kept uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE security.sessions s SET ended_at = clock_timestamp()
    FROM public.users u
    WHERE s.user_id = owner AND u.id = owner AND u.tenant_id = public.current_tenant_id()
        AND s.id IS DISTINCT FROM kept AND s.ended_at IS NULL
        AND (owner = public.current_user_id() OR 'admin' = ANY (public.current_roles()))
$$;

CREATE FUNCTION security.set_password(owner uuid, new_hash text, temporary boolean) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM public.users u
        WHERE u.id = owner AND u.tenant_id = public.current_tenant_id()
            AND (owner = public.current_user_id() OR 'admin' = ANY (public.current_roles())))
    THEN
        RETURN false;
    END IF;
    INSERT INTO security.passwords (user_id, password_hash, must_change)
    VALUES (owner, new_hash, temporary)
    ON CONFLICT (user_id) DO UPDATE
    SET password_hash = EXCLUDED.password_hash, must_change = EXCLUDED.must_change,
        updated_at = now();
    RETURN true;
END
$$;

-- A living key with its owner's present rights; its last use is noted to the nearest minutes.
CREATE FUNCTION security.find_key(wanted uuid, presented bytea)
    RETURNS TABLE (
        tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[],
        scopes text[]
    )
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
BEGIN
    UPDATE security.api_keys SET last_used_at = clock_timestamp()
    WHERE id = wanted AND secret_sha256 = presented AND revoked_at IS NULL
        AND coalesce(last_used_at, '-infinity') < clock_timestamp() - interval '5 minutes';
    RETURN QUERY
        SELECT a.tenant_id, a.tenant_name, a.user_id, a.email, a.full_name, a.roles, k.scopes
        FROM security.api_keys k, LATERAL security.find_account(k.user_id) a
        WHERE k.id = wanted AND k.secret_sha256 = presented AND k.revoked_at IS NULL
            AND k.expires_at > clock_timestamp();
END
$$;

CREATE FUNCTION security.find_directory_account(wanted_issuer text, wanted_subject text)
    RETURNS TABLE (
        tenant_id uuid, tenant_name text, user_id uuid, email text, full_name text, roles text[]
    )
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT a.tenant_id, a.tenant_name, a.user_id, a.email, a.full_name, a.roles
    FROM security.directory_accounts d, LATERAL security.find_account(d.user_id) a
    WHERE d.issuer = wanted_issuer AND d.subject = wanted_subject
$$;

-- The firm whose people a directory holds: the one named, or the only one.
CREATE FUNCTION security.find_firm(wanted_slug text) RETURNS TABLE (id uuid, name text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT t.id, t.name FROM public.tenants t
    WHERE t.slug = wanted_slug OR (wanted_slug IS NULL AND (SELECT count(*) FROM public.tenants) = 1)
$$;

DO $$
DECLARE
    guarded regprocedure;
BEGIN
    FOREACH guarded IN ARRAY ARRAY[
        'security.find_login(text)', 'security.find_account(uuid)',
        'security.find_session(uuid, interval)',
        'security.renew_session(uuid, bytea, bytea, interval)', 'security.end_session(uuid)',
        'security.end_sessions(uuid, uuid)', 'security.set_password(uuid, text, boolean)',
        'security.find_key(uuid, bytea)', 'security.find_directory_account(text, text)',
        'security.find_firm(text)']::regprocedure[]
    LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', guarded);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO gatekeeper', guarded);
    END LOOP;
END
$$;
