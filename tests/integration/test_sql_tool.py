"""Free SQL under attack: everything but a plain SELECT of the firm's own objects is refused."""

from __future__ import annotations

import re
import time

import pytest

from core.context import Context, Identity
from core.database import Database
from core.errors import InvalidInput
from tests.conftest import make_identity
from tests.integration.portfolio import Portfolio, build_portfolio, make_context
from tools.outputs import Failure, Rows
from tools.registry import call_tool
from tools.sql import MAX_SQL_CHARS, query_sql

FRENCH = re.compile(r"[éèêàç’]|requête|table|admis")


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return make_context(database, identity)


async def query(context: Context, text: str, *, timeout_ms: int = 2000, rows: int = 200) -> Rows:
    return await query_sql(context, text, timeout_ms=timeout_ms, row_limit=rows)


ATTACKS = [
    "INSERT INTO accounts (id) VALUES (gen_random_uuid())",
    "UPDATE accounts SET name = 'x'",
    "DELETE FROM accounts",
    "MERGE INTO accounts a USING accounts b ON a.id = b.id WHEN MATCHED THEN DELETE",
    "TRUNCATE accounts",
    "DROP TABLE accounts",
    "CREATE TABLE t AS SELECT * FROM accounts",
    "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY",
    "GRANT ALL ON accounts TO PUBLIC",
    "COPY accounts TO '/tmp/x'",
    "COPY (SELECT * FROM accounts) TO PROGRAM 'sh'",
    "DO $$ BEGIN PERFORM 1; END $$",
    "CALL security.guard_business_table('accounts')",
    "SET ROLE change_executor",
    "RESET ROLE",
    "SET SESSION AUTHORIZATION migrator",
    "SET LOCAL statement_timeout = 0",
    "SHOW ALL",
    "BEGIN",
    "COMMIT",
    "LISTEN canal",
    "PREPARE p AS SELECT 1",
    "EXECUTE p",
    "EXPLAIN ANALYZE SELECT * FROM accounts",
    "VACUUM accounts",
    "LOCK TABLE accounts",
    "VALUES (1)",
    "SELECT set_config('voltaire.identity', 'x', false)",
    "SELECT pg_catalog.set_config('voltaire.identity', 'x', false)",
    "SELECT current_setting('voltaire.identity')",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT pg_ls_dir('/')",
    "SELECT pg_sleep(60)",
    "SELECT name FROM accounts WHERE pg_sleep(60) IS NULL",
    "SELECT dblink('host=x', 'SELECT 1')",
    "SELECT * FROM dblink('host=x', 'SELECT 1') AS t(a int)",
    "SELECT lo_import('/etc/passwd')",
    "SELECT lo_export(1, '/tmp/x')",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_advisory_lock(1)",
    "SELECT query_to_xml('SELECT * FROM security.passwords', true, true, '')",
    "SELECT security.identity_part(1)",
    "SELECT current_tenant_id()",
    "SELECT version()",
    "SELECT inet_server_addr()",
    "SELECT nextval('chunks_id_seq')",
    "SELECT generate_series(1, 100000000)",
    "SELECT * FROM generate_series(1, 100000000)",
    "SELECT repeat('x', 1000000000)",
    "SELECT * FROM pg_catalog.pg_roles",
    "SELECT * FROM pg_roles",
    "SELECT * FROM pg_stat_activity",
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM security.passwords",
    "SELECT * FROM security.identity_key",
    'SELECT * FROM "security"."passwords"',
    "SELECT * FROM turns",
    "SELECT * FROM conversations",
    "SELECT * FROM tenants",
    "SELECT * FROM alembic_version",
    "SELECT * FROM checkpoints.checkpoints",
    "SELECT * FROM document_files",
    "SELECT * FROM accounts, pg_shadow",
    "SELECT (SELECT rolname FROM pg_roles LIMIT 1) FROM accounts",
    "SELECT name FROM accounts UNION SELECT rolname FROM pg_roles",
    "SELECT name FROM accounts WHERE EXISTS (SELECT 1 FROM security.passwords)",
    "WITH x AS (DELETE FROM accounts RETURNING *) SELECT * FROM x",
    "WITH x AS (INSERT INTO accounts SELECT * FROM accounts RETURNING *) SELECT * FROM x",
    "WITH x AS (UPDATE accounts SET name = 'x' RETURNING *) SELECT * FROM x",
    "WITH pg_roles AS (SELECT 1) SELECT * FROM pg_catalog.pg_roles",
    "WITH a AS (WITH pg_shadow AS (SELECT 1) SELECT 1) SELECT * FROM pg_shadow",
    "SELECT * FROM (WITH pg_shadow AS (SELECT 1) SELECT * FROM pg_shadow) q, pg_shadow",
    "SELECT * INTO t FROM accounts",
    "SELECT * INTO TEMP t FROM accounts",
    "SELECT * FROM accounts FOR UPDATE",
    "SELECT * FROM accounts FOR SHARE",
    "SELECT * FROM (SELECT * FROM accounts FOR UPDATE) t",
    "SELECT 1; DELETE FROM accounts",
    "SELECT 1; SELECT 2",
    "SELECT 1 /* */; -- \n DROP TABLE accounts",
    "SELECT 1) AS answer; DELETE FROM accounts; --",
    "SELECT 1 /*! ; DELETE FROM accounts */; DELETE FROM accounts",
    "DE/**/LETE FROM accounts",
    "",
    ";",
    "-- rien",
    "bonjour",
    "SELECT FROM WHERE",
    "SELECT 'x",
    "SELECT \0 1",
    "ＳＥＬＥＣＴ * FROM accounts",
    "SELECT * FROM аccounts",
    'SELECT * FROM U&"\\0073ecurity".passwords',
    "SELECT ''::regclass FROM accounts",
    "SELECT 'security.passwords'::regclass::oid FROM accounts",
    "SELECT CAST('pg_shadow' AS regclass) FROM accounts",
    "SELECT xmlparse(document '<a/>')",
    "SELECT current_user",
    "SELECT session_user",
    "SELECT current_catalog",
    "SELECT name FROM accounts LIMIT pg_sleep(1)",
    "SELECT 'now'::name FROM accounts",
    "SELECT NULL::accounts",
    "SELECT * FROM ROWS FROM (pg_ls_dir('/')) t",
    "SELECT * FROM LATERAL pg_ls_dir('/') t",
]


@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attack_is_refused_in_french(context: Context, attack: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        await query(context, attack)
    assert FRENCH.search(refusal.value.message)


async def test_all_the_attacks_together_change_nothing_and_wait_for_nothing(
    context: Context, portfolio: Portfolio
) -> None:
    everything = "SELECT * FROM accounts ORDER BY id"
    before = await query(context, everything)
    started = time.monotonic()
    for attack in ATTACKS:
        with pytest.raises(InvalidInput):
            await query(context, attack)
    assert time.monotonic() - started < 30
    assert (await query(context, everything)).rows == before.rows
    assert before.total_rows == 4


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM accounts /* '; DELETE FROM accounts; */",
        "SELECT * FROM accounts -- ; DELETE FROM accounts",
        "SELECT * FROM accounts WHERE name <> '; DELETE FROM accounts; --'",
        "SELECT * FROM accounts;",
        "select * from ACCOUNTS",
        "TABLE accounts",
        "SELECT * FROM accounts WHERE name <> $$; DROP TABLE accounts;$$",
        "SELECT * FROM accounts WHERE name <> E'\\'; DROP TABLE accounts; --'",
    ],
)
async def test_a_harmless_disguise_reads_and_nothing_more(
    context: Context, portfolio: Portfolio, text: str
) -> None:
    assert (await query(context, text)).total_rows == 4


async def test_too_long_a_statement_is_refused_before_it_is_parsed(context: Context) -> None:
    with pytest.raises(InvalidInput, match="trop longue"):
        await query(context, "SELECT " + "1," * MAX_SQL_CHARS + "1")
    nested = "SELECT " + "(" * 1900 + "1" + ")" * 1900
    with pytest.raises(InvalidInput):
        await query(context, nested)


@pytest.mark.parametrize(
    "endless",
    [
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t",
        "SELECT count(*) FROM " + ", ".join(f"contracts c{i}" for i in range(14)),
    ],
)
async def test_an_endless_query_is_stopped_in_time(
    context: Context, portfolio: Portfolio, endless: str
) -> None:
    started = time.monotonic()
    with pytest.raises(InvalidInput, match="temps permis"):
        await query(context, endless, timeout_ms=300)
    assert time.monotonic() - started < 3


async def test_a_greedy_query_gives_no_more_rows_than_the_cap(
    context: Context, portfolio: Portfolio
) -> None:
    text = "SELECT a.reference FROM contracts a, contracts b, contracts c"
    rows = await query(context, text, rows=10)
    assert (len(rows.rows), rows.total_rows) == (10, 11)
    endless = "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT n FROM t"
    assert len((await query(context, endless, rows=10)).rows) == 10


async def test_another_firm_s_rows_cannot_be_reached(
    database: Database, conninfo: str, portfolio: Portfolio
) -> None:
    stranger = make_context(database, make_identity(conninfo, "director", "admin"))
    tenant = portfolio.identity.tenant_id
    for text in (
        "SELECT * FROM accounts",
        f"SELECT * FROM accounts WHERE tenant_id = '{tenant}'",
        f"SELECT * FROM accounts WHERE tenant_id = '{tenant}' OR true",
        f"SELECT u.email FROM users u WHERE u.tenant_id = '{tenant}'",
        "SELECT c.* FROM contracts c LEFT JOIN accounts a ON true",
    ):
        assert (await query(stranger, text)).rows == ()


LEGITIMATE = [
    (
        "SELECT a.name, count(c.id) AS n, sum(c.annual_amount_eur) AS total FROM accounts a "
        "LEFT JOIN contracts c ON c.account_id = a.id GROUP BY a.name ORDER BY a.name",
        [("Aciéries du Midi", 0, None), ("Aciéries du Rhône", 2, "549000.00"),
         ("Clinique Saint-Éloi", 2, "8000.00"), ("Métropole de Dijon", 1, "12000.50")],
    ),
    (
        "WITH live AS (SELECT * FROM contracts WHERE status IN ('active', 'ending')) "
        "SELECT supplier, row_number() OVER (ORDER BY annual_amount_eur DESC) AS rang "
        "FROM live ORDER BY rang LIMIT 2",
        [("electricite lumiere", 1), ("Gaz du Sud", 2)],
    ),
    (
        "SELECT reference FROM contracts WHERE end_on BETWEEN date '2026-11-22' "
        "AND date '2026-11-22' + interval '90 days' ORDER BY 1",
        [("CT-2024-0003",), ("CT-2025-0001",)],
    ),
    (
        "SELECT date_trunc('year', end_on)::date AS annee, count(*) FROM contracts "
        "GROUP BY 1 ORDER BY 1 LIMIT 1",
        [("2025-01-01", 1)],
    ),
    (
        "SELECT extract(year FROM end_on) AS annee, round(avg(annual_amount_eur), 2) AS moyenne "
        "FROM contracts GROUP BY 1 HAVING count(*) > 1",
        [("2027", "274500.00")],
    ),
    (
        "SELECT CASE WHEN tacit_renewal THEN 'oui' ELSE 'non' END AS tacite, count(*) "
        "FILTER (WHERE energy = 'gas') AS gaz FROM contracts GROUP BY 1 ORDER BY 1",
        [("non", 2), ("oui", 0)],
    ),
    (
        "SELECT name FROM accounts WHERE name ILIKE '%aciér%' EXCEPT "
        "SELECT name FROM accounts WHERE status = 'prospect'",
        [("Aciéries du Rhône",)],
    ),
    ("SELECT coalesce(upper(city), 'SANS') AS v FROM accounts ORDER BY 1 LIMIT 1", [("DIJON",)]),
    ("SELECT string_agg(reference, ', ' ORDER BY reference) AS r FROM tenders",
     [("AO-2026-014, AO-2026-015",)]),
    ("SELECT concat(name, ' – ', segment) AS n FROM accounts WHERE city = 'Givors'",
     [("Aciéries du Rhône – industry",)]),
    ("SELECT max(end_on) - min(end_on) AS jours FROM contracts", [(1096,)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), LEGITIMATE)
async def test_a_legitimate_question_is_answered(
    context: Context, portfolio: Portfolio, text: str, expected: list[tuple[object, ...]]
) -> None:
    rows = await query(context, text)
    assert [tuple(row.values()) for row in rows.rows] == expected


async def test_ids_of_the_rows_are_kept_as_proof(context: Context, portfolio: Portfolio) -> None:
    rows = await query(context, "SELECT id, reference FROM tenders ORDER BY reference")
    assert portfolio.names(rows.record_ids) == ["t1", "t2"]
    odd = await query(context, "SELECT reference AS id FROM tenders")
    assert odd.record_ids == ()


async def test_values_of_any_type_can_be_kept_as_proof(
    context: Context, portfolio: Portfolio
) -> None:
    rows = await query(
        context,
        "SELECT age(end_on, start_on) AS duree, end_on + time '10:00' AS instant, "
        "risk_factors, cast('NaN' AS float) AS nan, current_date - end_on AS jours "
        "FROM contracts WHERE reference = 'CT-2024-0003'",
    )
    stored = Rows.model_validate_json(rows.model_dump_json())
    assert stored == rows
    assert stored.rows[0]["duree"] == "1125 jours"
    assert stored.rows[0]["risk_factors"] == ["volume", "prix"]
    assert stored.rows[0]["nan"] == "nan"


async def test_a_database_error_is_told_in_french(context: Context, portfolio: Portfolio) -> None:
    for text in ("SELECT couleur FROM accounts", "SELECT 1 / 0 FROM accounts",
                 "SELECT name::int FROM accounts"):  # fmt: skip
        with pytest.raises(InvalidInput, match="La base refuse cette requête"):
            await query(context, text)


async def test_the_tool_answers_a_refusal_instead_of_failing(context: Context) -> None:
    output = await call_tool(context, "query_sql", {"sql": "DELETE FROM accounts"})
    assert isinstance(output, Failure)
    assert "SELECT" in output.message
