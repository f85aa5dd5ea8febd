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

-- Adds to what calls' budgets count: `counted` holds, for each call, its user, use case, instant,
-- what is spent and what is held. The caller holds the tenant's lock.
CREATE PROCEDURE security.count_spending(of_tenant uuid, counted jsonb)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    INSERT INTO model_spending AS x
        (tenant_id, scope, period, starts_on, spent_eur, reserved_eur)
    SELECT of_tenant, s.scope, p.period,
           date_trunc(p.period, c.at AT TIME ZONE 'Europe/Paris')::date,
           sum(c.spent), sum(c.reserved)
    FROM jsonb_to_recordset(counted) AS c (
        user_id uuid, use_case text, at timestamptz, spent numeric, reserved numeric)
    CROSS JOIN LATERAL (
        VALUES ('tenant'), ('user:' || c.user_id), ('use_case:' || c.use_case)) AS s (scope)
    CROSS JOIN (VALUES ('day'), ('month')) AS p (period)
    GROUP BY 2, 3, 4
    ORDER BY 2, 3, 4
    ON CONFLICT (tenant_id, scope, period, starts_on) DO UPDATE
    SET spent_eur = x.spent_eur + excluded.spent_eur,
        reserved_eur = x.reserved_eur + excluded.reserved_eur
$$;

-- A call whose process died keeps the cost that was held for it.
CREATE PROCEDURE security.close_lost_calls(of_tenant uuid, at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    counted jsonb;
BEGIN
    WITH lost AS (
        UPDATE model_calls
        SET outcome = 'interrupted', cost_eur = reserved_eur, is_estimated = true,
            is_fallback = true
        WHERE tenant_id = of_tenant AND outcome = 'running'
            AND started_at < at - CASE WHEN is_batch THEN interval '48 hours'
                                       ELSE interval '1 hour' END
        RETURNING *
    )
    SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'use_case', use_case,
        'at', started_at, 'spent', reserved_eur, 'reserved', -reserved_eur))
    INTO counted FROM lost;
    IF counted IS NOT NULL THEN
        CALL security.count_spending(of_tenant, counted);
    END IF;
END
$$;

-- The functions below take the proof of who acts (`voltaire.identity`) with each call, so that
-- the calls of many people open and close together: one statement, one transaction.

-- The calls, each with the firm and the person that its proof names; refused without one.
CREATE FUNCTION security.identify_calls(calls jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    proved text;
    people jsonb := '{}';
    former text := current_setting('voltaire.identity', true);
BEGIN
    FOR proved IN SELECT DISTINCT c ->> 'proof' FROM jsonb_array_elements(calls) AS c LOOP
        PERFORM set_config('voltaire.identity', proved, true);
        IF current_user_id() IS NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'no identity';
        END IF;
        people := people || jsonb_build_object(proved, jsonb_build_object(
            'tenant_id', current_tenant_id(), 'user_id', current_user_id()));
    END LOOP;
    PERFORM set_config('voltaire.identity', coalesce(former, ''), true);
    RETURN (SELECT jsonb_agg(c.value - 'proof' || (people -> (c.value ->> 'proof'))
            ORDER BY c.ordinality)
        FROM jsonb_array_elements(calls) WITH ORDINALITY AS c);
END
$$;

-- Locks and returns the firms of some calls, always in the same order.
CREATE FUNCTION security.lock_spending(calls jsonb) RETURNS SETOF uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    of_tenant uuid;
BEGIN
    FOR of_tenant IN
        SELECT DISTINCT c.tenant_id FROM jsonb_to_recordset(calls) AS c (tenant_id uuid) ORDER BY 1
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('model spending ' || of_tenant, 0));
        RETURN NEXT of_tenant;
    END LOOP;
END
$$;

-- Of a firm's identified calls, the spent budget that stops each, if any: the calls are taken in
-- their order, each holding its estimate before the next.
CREATE FUNCTION security.find_exhausted(
    of_tenant uuid, calls jsonb, at timestamptz, defaults jsonb
) RETURNS TABLE (call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    call record;
    held jsonb := '{}';
    budgets jsonb := '{}';
    kind text;
    total numeric;
BEGIN
    -- Where all of them together leave room in every budget, none is stopped.
    SELECT sum(c.eur) INTO total FROM jsonb_to_recordset(calls) AS c (tenant_id uuid, eur numeric)
    WHERE c.tenant_id = of_tenant;
    IF NOT EXISTS (
        SELECT FROM (
            SELECT DISTINCT c.user_id, c.use_case
            FROM jsonb_to_recordset(calls) AS c (tenant_id uuid, user_id uuid, use_case text)
            WHERE c.tenant_id = of_tenant) AS k
        CROSS JOIN LATERAL security.list_call_budgets(
            of_tenant, k.user_id, k.use_case, at, defaults) AS b
        WHERE b.spent_eur + b.reserved_eur + total >= b.limit_eur)
    THEN
        RETURN;
    END IF;
    FOR call IN
        SELECT c.* FROM jsonb_to_recordset(calls) AS c (
            id uuid, tenant_id uuid, user_id uuid, use_case text, eur numeric)
        WHERE c.tenant_id = of_tenant
    LOOP
        kind := call.user_id || ' ' || call.use_case;
        IF NOT budgets ? kind THEN
            budgets := budgets || jsonb_build_object(kind, (
                SELECT coalesce(jsonb_agg(to_jsonb(b.*)), '[]')
                FROM security.list_call_budgets(
                    of_tenant, call.user_id, call.use_case, at, defaults) AS b
                WHERE b.limit_eur IS NOT NULL));
        END IF;
        call_id := NULL;
        SELECT call.id, b.scope, b.period, b.spent_eur + b.reserved_eur + h.eur, b.limit_eur
        INTO call_id, scope, period, spent_eur, limit_eur
        FROM jsonb_to_recordset(budgets -> kind) AS b (
            scope text, period text, limit_eur numeric, spent_eur numeric, reserved_eur numeric)
        CROSS JOIN LATERAL (
            SELECT coalesce((held ->> (b.scope || ' ' || b.period))::numeric, 0) AS eur) AS h
        WHERE b.spent_eur + b.reserved_eur + h.eur >= b.limit_eur
        ORDER BY b.period DESC, b.scope LIMIT 1;
        IF call_id IS NOT NULL THEN
            RETURN NEXT;
        ELSIF budgets -> kind <> '[]' THEN
            SELECT held || jsonb_object_agg(b.name,
                coalesce((held ->> b.name)::numeric, 0) + call.eur)
            INTO held
            FROM (SELECT (v ->> 'scope') || ' ' || (v ->> 'period') AS name
                FROM jsonb_array_elements(budgets -> kind) AS v) AS b;
        END IF;
    END LOOP;
END
$$;

-- Opens the row of each call and holds its estimate. Where a budget is spent, the row says so, the
-- call must not be made, and that budget is returned with its id; otherwise nothing is.
CREATE FUNCTION security.open_model_calls(calls jsonb, at timestamptz, defaults jsonb)
    RETURNS TABLE (call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
    of_tenant uuid;
    identified jsonb := security.identify_calls(calls);
    stopped jsonb;
    counted jsonb;
BEGIN
    FOR of_tenant IN SELECT * FROM security.lock_spending(identified) LOOP
        CALL security.close_lost_calls(of_tenant, at);
        SELECT coalesce(jsonb_agg(to_jsonb(x.*)), '[]') INTO stopped
        FROM security.find_exhausted(of_tenant, identified, at, defaults) AS x;
        WITH opened AS (
            INSERT INTO model_calls (id, tenant_id, user_id, use_case, record, tier, model,
                prompt_sha256, is_batch, reserved_eur, outcome, is_fallback, started_at,
                duration_ms)
            SELECT c.id, of_tenant, c.user_id, c.use_case, c.record, c.tier, c.model, c.prompt,
                c.is_batch, CASE WHEN s.is_stopped THEN 0 ELSE c.eur END,
                CASE WHEN s.is_stopped THEN 'budget' ELSE 'running' END, s.is_stopped, at,
                CASE WHEN s.is_stopped THEN 0 END
            FROM jsonb_to_recordset(identified) AS c (
                id uuid, tenant_id uuid, user_id uuid, use_case text, record text, tier text,
                model text, prompt text, is_batch boolean, eur numeric)
            CROSS JOIN LATERAL (SELECT stopped @> jsonb_build_array(
                jsonb_build_object('call_id', c.id)) AS is_stopped) AS s
            WHERE c.tenant_id = of_tenant
            RETURNING user_id, use_case, reserved_eur
        )
        SELECT jsonb_agg(jsonb_build_object('user_id', user_id, 'use_case', use_case, 'at', at,
            'spent', 0, 'reserved', reserved_eur))
        INTO counted FROM opened WHERE reserved_eur > 0;
        IF counted IS NOT NULL THEN
            CALL security.count_spending(of_tenant, counted);
        END IF;
        RETURN QUERY SELECT x.* FROM jsonb_to_recordset(stopped) AS x (
            call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric);
    END LOOP;
END
$$;

-- Writes what each call came to, gives back what was held for it, and warns once per budget and
-- period when `warned_share` of it is spent. A call that is already closed stays as it is. A close
-- is not waited for on the disk: after a crash, the call is closed later, at its estimate.
CREATE FUNCTION security.close_model_calls(
    calls jsonb, at timestamptz, warned_share numeric, defaults jsonb
) RETURNS TABLE (call_id uuid, scope text, period text, spent_eur numeric, limit_eur numeric)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
#variable_conflict use_column
DECLARE
    of_tenant uuid;
    identified jsonb := security.identify_calls(calls);
    closed jsonb;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    FOR of_tenant IN SELECT * FROM security.lock_spending(identified) LOOP
        WITH done AS (
            UPDATE model_calls m
            SET model = c.model, input_tokens = c.input, cache_read_tokens = c.read,
                cache_write_tokens = c.write, output_tokens = c.output,
                is_estimated = c.is_estimated, cost_eur = c.eur, is_priced = c.is_priced,
                outcome = c.outcome, is_fallback = c.is_fallback,
                first_token_ms = c.first_token_ms, duration_ms = c.duration_ms
            FROM jsonb_to_recordset(identified) AS c (
                id uuid, tenant_id uuid, user_id uuid, model text, input int, read int, write int,
                output int, is_estimated boolean, eur numeric, is_priced boolean, outcome text,
                is_fallback boolean, first_token_ms int, duration_ms int)
            WHERE m.tenant_id = of_tenant AND c.tenant_id = of_tenant AND m.user_id = c.user_id
                AND m.id = c.id AND m.outcome = 'running'
            RETURNING m.id, m.user_id, m.use_case, m.started_at, m.cost_eur, m.reserved_eur
        )
        SELECT jsonb_agg(jsonb_build_object('id', id, 'user_id', user_id, 'use_case', use_case,
            'at', started_at, 'spent', cost_eur, 'reserved', -reserved_eur))
        INTO closed FROM done;
        CONTINUE WHEN closed IS NULL;
        CALL security.count_spending(of_tenant, closed);
        RETURN QUERY
        WITH kinds AS (
            SELECT DISTINCT ON (c.user_id, c.use_case,
                    date_trunc('day', c.at AT TIME ZONE 'Europe/Paris'))
                c.id, c.user_id, c.use_case, c.at
            FROM jsonb_to_recordset(closed) AS c (
                id uuid, user_id uuid, use_case text, at timestamptz)
        ), near AS (
            SELECT DISTINCT ON (b.scope, b.period, b.starts_on)
                k.id, b.scope, b.period, b.starts_on, b.spent_eur, b.limit_eur
            FROM kinds k CROSS JOIN LATERAL security.list_call_budgets(
                of_tenant, k.user_id, k.use_case, k.at, defaults) AS b
            WHERE b.limit_eur > 0 AND b.spent_eur >= warned_share * b.limit_eur
        ), warned AS (
            INSERT INTO budget_warnings AS w
            SELECT of_tenant, n.scope, n.period, n.starts_on, n.spent_eur, n.limit_eur, at
            FROM near n
            ON CONFLICT DO NOTHING
            RETURNING w.scope, w.period, w.starts_on, w.spent_eur, w.limit_eur
        )
        SELECT n.id, w.scope, w.period, w.spent_eur, w.limit_eur
        FROM warned w JOIN near n USING (scope, period, starts_on);
    END LOOP;
END
$$;

-- Marks the user's call after which the deterministic engine answered all the same.
CREATE FUNCTION security.mark_model_fallback(call_id uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    UPDATE model_calls SET is_fallback = true
    WHERE tenant_id = current_tenant_id() AND user_id = current_user_id() AND id = call_id
$$;

REVOKE ALL ON FUNCTION security.list_call_budgets(uuid, uuid, text, timestamptz, jsonb) FROM PUBLIC;
REVOKE ALL ON PROCEDURE security.count_spending(uuid, jsonb) FROM PUBLIC;
REVOKE ALL ON PROCEDURE security.close_lost_calls(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.identify_calls(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.lock_spending(jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.find_exhausted(uuid, jsonb, timestamptz, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.open_model_calls(jsonb, timestamptz, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.close_model_calls(jsonb, timestamptz, numeric, jsonb) FROM PUBLIC;
REVOKE ALL ON FUNCTION security.mark_model_fallback(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION security.open_model_calls(jsonb, timestamptz, jsonb) TO ledger_writer;
GRANT EXECUTE ON FUNCTION security.close_model_calls(jsonb, timestamptz, numeric, jsonb)
    TO ledger_writer;
GRANT EXECUTE ON FUNCTION security.mark_model_fallback(uuid) TO ledger_writer;
GRANT USAGE ON SCHEMA security TO ledger_writer;
