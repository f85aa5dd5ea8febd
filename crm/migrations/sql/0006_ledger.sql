-- What models cost: one row per call, the budgets, what was spent of them, the warnings given.
--
-- Nobody writes calls, spending and warnings but the functions below, which only the role
-- `ledger_writer` may call and which act for the signed identity alone. The role has a pool of its
-- own: a turn that holds a connection does not wait for another one to open its account.

CREATE TABLE model_calls (
    id uuid NOT NULL,
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    user_id uuid NOT NULL,
    use_case text NOT NULL,
    record text,
    tier text NOT NULL CHECK (tier IN ('fast', 'balanced', 'deep')),
    model text NOT NULL,
    prompt_sha256 text NOT NULL,
    is_batch boolean NOT NULL DEFAULT false,
    input_tokens int NOT NULL DEFAULT 0,
    cache_read_tokens int NOT NULL DEFAULT 0,
    cache_write_tokens int NOT NULL DEFAULT 0,
    output_tokens int NOT NULL DEFAULT 0,
    is_estimated boolean NOT NULL DEFAULT false,
    reserved_eur numeric(14, 6) NOT NULL DEFAULT 0,
    cost_eur numeric(14, 6) NOT NULL DEFAULT 0,
    is_priced boolean NOT NULL DEFAULT true,
    outcome text NOT NULL CHECK (outcome IN (
        'running', 'ok', 'max_tokens', 'refusal', 'cancelled', 'interrupted', 'budget',
        'breaker_open', 'busy', 'timeout', 'unavailable', 'rate_limited', 'refused_key',
        'bad_request', 'error')),
    is_fallback boolean NOT NULL DEFAULT false,
    started_at timestamptz NOT NULL,
    first_token_ms int,
    duration_ms int,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX ON model_calls (tenant_id, started_at);
CREATE INDEX ON model_calls (tenant_id, user_id, started_at);
CREATE INDEX ON model_calls (tenant_id, started_at) WHERE outcome = 'running';

-- A scope is «tenant», «user» or «use_case» (the rule for each of them), or one of them by name:
-- «user:<id>», «use_case:<name>». The named one wins.
CREATE TABLE budgets (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    scope text NOT NULL CHECK (scope ~ '^(tenant|user|use_case|user:[0-9a-f-]{36}|use_case:[a-z_]+)$'),
    period text NOT NULL CHECK (period IN ('day', 'month')),
    limit_eur numeric(12, 2) NOT NULL CHECK (limit_eur >= 0),
    updated_by uuid NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, scope, period),
    FOREIGN KEY (tenant_id, updated_by) REFERENCES users (tenant_id, id)
);

CREATE TABLE model_spending (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    scope text NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month')),
    starts_on date NOT NULL,
    spent_eur numeric(14, 6) NOT NULL DEFAULT 0,
    reserved_eur numeric(14, 6) NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, scope, period, starts_on)
);

CREATE TABLE budget_warnings (
    tenant_id uuid NOT NULL REFERENCES tenants (id),
    scope text NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month')),
    starts_on date NOT NULL,
    spent_eur numeric(14, 6) NOT NULL,
    limit_eur numeric(14, 6) NOT NULL,
    warned_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, scope, period, starts_on)
);

ALTER TABLE model_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE budgets ENABLE ROW LEVEL SECURITY;
ALTER TABLE model_spending ENABLE ROW LEVEL SECURITY;
ALTER TABLE budget_warnings ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_or_led ON model_calls FOR SELECT TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id())
           AND (user_id = (SELECT current_user_id())
                OR (SELECT current_roles()) && ARRAY['director', 'admin']));
CREATE POLICY own_tenant ON budgets FOR SELECT TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id()));
CREATE POLICY set_by_admin ON budgets TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id())
           AND (SELECT current_roles()) && ARRAY['admin'])
    WITH CHECK (tenant_id = (SELECT current_tenant_id())
                AND (SELECT current_roles()) && ARRAY['admin']
                AND updated_by = (SELECT current_user_id()));
CREATE POLICY led ON model_spending FOR SELECT TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id())
           AND ((SELECT current_roles()) && ARRAY['director', 'admin']
                OR scope = 'user:' || (SELECT current_user_id())));
CREATE POLICY led ON budget_warnings FOR SELECT TO assistant_read
    USING (tenant_id = (SELECT current_tenant_id())
           AND (SELECT current_roles()) && ARRAY['director', 'admin']);
GRANT SELECT ON model_calls, model_spending, budget_warnings TO assistant_read;
GRANT SELECT, INSERT, UPDATE, DELETE ON budgets TO assistant_read;

-- The six budgets a call counts in: what they allow, what is spent and held. `defaults` gives
-- the limits of «tenant», «user» and «use_case» by period («user_day») where no row does.
CREATE FUNCTION security.list_call_budgets(
    of_tenant uuid, of_user uuid, of_use_case text, at timestamptz, defaults jsonb
) RETURNS TABLE (
    scope text, period text, starts_on date, limit_eur numeric, spent_eur numeric,
    reserved_eur numeric
)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.scope, p.period, p.starts_on,
           coalesce(named.limit_eur, ruled.limit_eur,
                    (defaults ->> (s.kind || '_' || p.period))::numeric),
           coalesce(x.spent_eur, 0), coalesce(x.reserved_eur, 0)
    FROM (VALUES ('tenant', 'tenant'),
                 ('user', 'user:' || of_user),
                 ('use_case', 'use_case:' || of_use_case)) AS s (kind, scope)
    CROSS JOIN (
        SELECT v.period, date_trunc(v.period, at AT TIME ZONE 'Europe/Paris')::date
        FROM (VALUES ('day'), ('month')) AS v (period)
    ) AS p (period, starts_on)
    LEFT JOIN budgets named ON named.tenant_id = of_tenant AND named.scope = s.scope
        AND named.period = p.period
    LEFT JOIN budgets ruled ON ruled.tenant_id = of_tenant AND ruled.scope = s.kind
        AND ruled.period = p.period
    LEFT JOIN model_spending x ON x.tenant_id = of_tenant AND x.scope = s.scope
        AND x.period = p.period AND x.starts_on = p.starts_on
$$;

-- Adds to what a call's six budgets count; the caller holds the tenant's lock.
CREATE PROCEDURE security.count_spending(
    of_tenant uuid, of_user uuid, of_use_case text, at timestamptz, spent numeric, reserved numeric
)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO model_spending AS x
        (tenant_id, scope, period, starts_on, spent_eur, reserved_eur)
    SELECT of_tenant, b.scope, b.period, b.starts_on, spent, reserved
    FROM security.list_call_budgets(of_tenant, of_user, of_use_case, at, '{}') AS b
    ON CONFLICT (tenant_id, scope, period, starts_on) DO UPDATE
    SET spent_eur = x.spent_eur + excluded.spent_eur,
        reserved_eur = x.reserved_eur + excluded.reserved_eur
$$;

-- A call whose process died keeps the cost that was held for it.
CREATE PROCEDURE security.close_lost_calls(of_tenant uuid, at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    lost model_calls;
BEGIN
    FOR lost IN
        UPDATE model_calls
        SET outcome = 'interrupted', cost_eur = reserved_eur, is_estimated = true,
            is_fallback = true
        WHERE tenant_id = of_tenant AND outcome = 'running'
            AND started_at < at - CASE WHEN is_batch THEN interval '48 hours'
                                       ELSE interval '1 hour' END
        RETURNING *
    LOOP
        CALL security.count_spending(of_tenant, lost.user_id, lost.use_case, lost.started_at,
                                     lost.reserved_eur, -lost.reserved_eur);
    END LOOP;
END
$$;

-- The two functions below take the proof of who acts (`voltaire.identity`), so that a row costs
-- one statement and no transaction around it.

-- Opens the row of a call and holds `estimate_eur` for it. Where a budget is spent, the row says
-- so, the call must not be made, and that budget is returned; otherwise nothing is.
CREATE FUNCTION security.open_model_call(
    proof text, call_id uuid, call_use_case text, call_record text, call_tier text,
    call_model text, call_prompt text, call_is_batch boolean, estimate_eur numeric, at timestamptz, defaults jsonb
) RETURNS TABLE (scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    of_tenant uuid;
    of_user uuid;
    exhausted record;
    is_exhausted boolean;
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    of_tenant := current_tenant_id();
    of_user := current_user_id();
    PERFORM pg_advisory_xact_lock(hashtextextended('model spending ' || of_tenant, 0));
    CALL security.close_lost_calls(of_tenant, at);
    SELECT b.* INTO exhausted
    FROM security.list_call_budgets(of_tenant, of_user, call_use_case, at, defaults) AS b
    WHERE b.spent_eur + b.reserved_eur >= b.limit_eur
    ORDER BY b.period DESC, b.scope
    LIMIT 1;
    is_exhausted := FOUND;
    INSERT INTO model_calls (id, tenant_id, user_id, use_case, record, tier, model, prompt_sha256,
                             is_batch, reserved_eur, outcome, is_fallback, started_at, duration_ms)
    VALUES (call_id, of_tenant, of_user, call_use_case, call_record, call_tier, call_model,
            call_prompt, call_is_batch, CASE WHEN is_exhausted THEN 0 ELSE estimate_eur END,
            CASE WHEN is_exhausted THEN 'budget' ELSE 'running' END, is_exhausted, at,
            CASE WHEN is_exhausted THEN 0 END);
    IF is_exhausted THEN
        RETURN QUERY SELECT exhausted.scope, exhausted.period,
            exhausted.spent_eur + exhausted.reserved_eur, exhausted.limit_eur;
    ELSE
        CALL security.count_spending(of_tenant, of_user, call_use_case, at, 0, estimate_eur);
    END IF;
END
$$;

-- Writes what a call came to, gives back what was held for it, and warns once per budget and
-- period when `warned_share` of it is spent. A call that is already closed stays as it is.
CREATE FUNCTION security.close_model_call(
    proof text, call_id uuid, call_model text, call_input int, call_read int, call_write int, call_output int,
    call_is_estimated boolean, call_cost_eur numeric, call_is_priced boolean, call_outcome text,
    call_is_fallback boolean, call_first_token_ms int, call_duration_ms int, at timestamptz,
    warned_share numeric, defaults jsonb
) RETURNS TABLE (scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
    of_tenant uuid;
    closed model_calls;
BEGIN
    PERFORM set_config('voltaire.identity', proof, true);
    of_tenant := current_tenant_id();
    PERFORM pg_advisory_xact_lock(hashtextextended('model spending ' || of_tenant, 0));
    UPDATE model_calls
    SET model = call_model, input_tokens = call_input, cache_read_tokens = call_read,
        cache_write_tokens = call_write, output_tokens = call_output,
        is_estimated = call_is_estimated, cost_eur = call_cost_eur, is_priced = call_is_priced,
        outcome = call_outcome, is_fallback = call_is_fallback,
        first_token_ms = call_first_token_ms, duration_ms = call_duration_ms
    WHERE tenant_id = of_tenant AND user_id = current_user_id() AND id = call_id
        AND outcome = 'running'
    RETURNING * INTO closed;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    CALL security.count_spending(of_tenant, closed.user_id, closed.use_case, closed.started_at,
                                 closed.cost_eur, -closed.reserved_eur);
    RETURN QUERY
    INSERT INTO budget_warnings AS w
    SELECT of_tenant, b.scope, b.period, b.starts_on, b.spent_eur, b.limit_eur, at
    FROM security.list_call_budgets(
        of_tenant, closed.user_id, closed.use_case, closed.started_at, defaults) AS b
    WHERE b.limit_eur > 0 AND b.spent_eur >= warned_share * b.limit_eur
    ON CONFLICT DO NOTHING
    RETURNING w.scope, w.period, w.spent_eur, w.limit_eur;
END
$$;

-- Marks the user's call after which the deterministic engine answered all the same.
CREATE FUNCTION security.mark_model_fallback(call_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE model_calls SET is_fallback = true
    WHERE tenant_id = current_tenant_id() AND user_id = current_user_id() AND id = call_id
$$;

REVOKE ALL ON FUNCTION security.list_call_budgets(uuid, uuid, text, timestamptz, jsonb) FROM PUBLIC;
REVOKE ALL ON PROCEDURE security.count_spending(uuid, uuid, text, timestamptz, numeric, numeric)
    FROM PUBLIC;
REVOKE ALL ON PROCEDURE security.close_lost_calls(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.open_model_call(
    text, uuid, text, text, text, text, text, boolean, numeric, timestamptz, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.close_model_call(
    text, uuid, text, int, int, int, int, boolean, numeric, boolean, text, boolean, int, int,
    timestamptz, numeric, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.mark_model_fallback(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION security.open_model_call(
    text, uuid, text, text, text, text, text, boolean, numeric, timestamptz, jsonb) TO ledger_writer;
GRANT EXECUTE ON FUNCTION security.close_model_call(
    text, uuid, text, int, int, int, int, boolean, numeric, boolean, text, boolean, int, int,
    timestamptz, numeric, jsonb) TO ledger_writer;
GRANT EXECUTE ON FUNCTION security.mark_model_fallback(uuid) TO ledger_writer;
GRANT USAGE ON SCHEMA security TO ledger_writer;
