"""Free SQL for questions no typed read answers: one SELECT, read-only, bounded.

Three independent guards: the statement is parsed and only known tables and functions pass; it
runs under `sql_reader`, which holds nothing but SELECT; the transaction is read-only, under
row-level security, with a time-out and a cap on rows.
"""

from __future__ import annotations

from uuid import UUID

import psycopg
import sqlglot
from psycopg import sql as psql
from sqlglot import exp
from sqlglot.errors import SqlglotError

from core.context import Context
from core.errors import InvalidInput
from crm.objects import OBJECTS
from crm.query_parts import OutputColumn
from tools.outputs import Rows, to_cell

MAX_SQL_CHARS = 4000
ALLOWED_FUNCTIONS = frozenset(
    """
    count sum avg min max round abs ceil floor coalesce nullif greatest least lower upper trim
    length substring concat left right replace unaccent date_trunc extract date_part to_char age
    now current_date make_date cast array_agg string_agg stddev variance median percentile_cont
    percentile_disc row_number rank dense_rank lag lead first_value last_value ntile cardinality
    array_length any in exists case and or not between sign power sqrt mod to_date tstodate
    timestamp_trunc time_to_str str_to_date str_position split_part regexp_like regexp_i_like
    current_timestamp group_concat if array all logical_or logical_and trunc array_size
    array_contains_all array_overlaps array_to_string concat_ws mode initcap starts_with
    percent_rank cume_dist nth_value
    """.split()
)
ALLOWED_TYPES = frozenset(
    """
    text varchar char smallint int bigint decimal float double date time timestamp timestamptz
    interval boolean uuid array
    """.split()
)
FORBIDDEN = (
    exp.Insert, exp.Update, exp.Delete, exp.Create, exp.Drop, exp.Alter, exp.Command, exp.Copy,
    exp.Into, exp.Lock, exp.Set, exp.Merge, exp.Grant, exp.TruncateTable, exp.Transaction,
)  # fmt: skip


def check_statement(text: str) -> str:
    """The statement as it may run; InvalidInput says in French why it may not."""
    if len(text) > MAX_SQL_CHARS:
        raise InvalidInput(f"Requête trop longue : {MAX_SQL_CHARS} caractères au plus.")
    try:
        statements = [s for s in sqlglot.parse(text, read="postgres") if s is not None]
        if len(statements) != 1 or not isinstance(statements[0], exp.Query):
            raise InvalidInput("Une seule requête SELECT est admise.")
        _check_tree(statements[0])
        return statements[0].sql(dialect="postgres")
    except (SqlglotError, RecursionError) as error:
        raise InvalidInput("Requête SQL illisible : vérifiez sa syntaxe.") from error


def _check_tree(statement: exp.Query) -> None:
    if any(statement.find(kind) for kind in FORBIDDEN):
        raise InvalidInput("Seule la lecture est admise : SELECT, sans verrou ni INTO.")
    _check_tables(statement)
    _check_calls(statement)
    _check_casts(statement)


def _check_tables(statement: exp.Query) -> None:
    local = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
    for table in statement.find_all(exp.Table):
        if table.db or table.catalog or isinstance(table.this, exp.Func):
            raise InvalidInput(f"La source « {table.sql()} » n’est pas accessible.")
        if table.name.lower() not in OBJECTS and table.name.lower() not in local:
            raise InvalidInput(f"La table « {table.name} » n’existe pas ou n’est pas accessible.")


def _check_calls(statement: exp.Query) -> None:
    for call in statement.find_all(exp.Func):
        name = call.name if isinstance(call, exp.Anonymous) else call.sql_name()
        if str(name).lower() not in ALLOWED_FUNCTIONS:
            raise InvalidInput(f"La fonction « {str(name).lower()} » n’est pas admise.")


def _check_casts(statement: exp.Query) -> None:
    for cast in statement.find_all(exp.Cast):
        kind = cast.to.this
        name = str(kind.value if isinstance(kind, exp.DType) else kind)
        if name.lower() not in ALLOWED_TYPES:
            raise InvalidInput(f"Le type « {name.lower()} » n’est pas admis.")


async def query_sql(context: Context, text: str, *, timeout_ms: int, row_limit: int) -> Rows:
    """Run one checked SELECT for the context's user; at most `row_limit` rows come back."""
    statement = check_statement(text)
    wrapped = f"SELECT * FROM ({statement}) AS answer LIMIT {row_limit + 1}"
    try:
        async with context.database.transaction(context.identity, "sql_reader") as connection:
            await connection.execute("SET TRANSACTION READ ONLY")
            await connection.execute(
                psql.SQL("SET LOCAL statement_timeout = {}").format(psql.Literal(timeout_ms))
            )
            cursor = await connection.execute(wrapped.encode())
            rows = await cursor.fetchall()
            described = cursor.description or []
    except psycopg.errors.QueryCanceled as error:
        raise InvalidInput(
            "La requête a dépassé le temps permis : restreignez-la par des conditions."
        ) from error
    except psycopg.DatabaseError as error:
        detail = str(error).splitlines()[0]
        raise InvalidInput(f"La base refuse cette requête : {detail}") from error
    names = [column.name for column in described]
    return Rows(
        label="Requête SQL",
        columns=tuple(OutputColumn(name=n, label=n, kind=_kind(rows, n)) for n in names),
        rows=tuple({n: to_cell(row[n]) for n in names} for row in rows[:row_limit]),
        record_ids=tuple(row["id"] for row in rows[:row_limit] if isinstance(row.get("id"), UUID)),
        total_rows=len(rows),
        query=statement,
        executed_at=context.clock(),
    )


def _kind(rows: list[dict[str, object]], name: str) -> str:
    import datetime as dt
    from decimal import Decimal

    value = next((row[name] for row in rows if row[name] is not None), None)
    if isinstance(value, dt.datetime):
        return "instant"
    if isinstance(value, dt.date):
        return "date"
    return "decimal" if isinstance(value, Decimal | int | float) else "text"
