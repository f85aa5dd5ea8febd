"""The typed reads: mentions, lists, aggregates, one record, the 360° view of a client."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from core.context import Context, Identity
from core.database import Connection
from core.errors import NotFound
from core.words import fold
from crm.mentions import Named, find_mentions
from crm.objects import get_object
from crm.overview import ACCOUNT_OVERVIEW, OVERVIEW_COLUMNS
from crm.queries import compose_aggregate, compose_list, compose_record, render
from crm.query_parts import Bound, Filter, Grouping, Measure, OutputColumn, RelatedFilter, Statement
from tools.outputs import MentionItem, MentionList, NamedRecord, Rows, to_cell

ERRANDS = re.compile(r"\b(?:taches?|a faire|reunions?|rendez-vous|agenda)\b")


async def read_mentions(context: Context, text: str) -> MentionList:
    """What `text` names among the records the user may see."""
    asker = _find_asker(context.identity, text)
    async with context.database.transaction(context.identity) as connection:
        mentions = await find_mentions(connection, text, asker)
    return MentionList(
        label="Noms et références reconnus",
        mentions=tuple(
            MentionItem(
                kind=m.kind, start=m.start, end=m.end, text=m.text,
                candidates=tuple(
                    NamedRecord(name=c.name, record_id=c.record_id) for c in m.candidates
                ),
            )
            for m in mentions.found
        ),
        unknown_codes=mentions.unknown_codes,
    )  # fmt: skip


def _find_asker(identity: Identity, text: str) -> Named | None:
    """Who «mes» means: the person who asks, where records or errands are theirs.

    Those who sell speak of the clients they own; a director's «nos» and «mes» are the firm's.
    """
    if "sales" in identity.roles or ERRANDS.search(fold(text)):
        return Named("person", identity.full_name, identity.user_id)
    return None


async def read_list(
    context: Context,
    name: str,
    filters: Sequence[Filter],
    related: Sequence[RelatedFilter],
    columns: Sequence[str],
    order_by: str | None,
    descending: bool,
    limit: int,
) -> Rows:
    """Records meeting conditions, with their count and sums."""
    declared = get_object(name)
    statement = compose_list(name, filters, related, columns, order_by, descending, limit)
    rows = await _run(context, statement)
    first = rows[0] if rows else {}
    return Rows(
        label=declared.plural[0].upper() + declared.plural[1:],
        object=name,
        columns=statement.columns,
        rows=_cells(rows, statement.columns),
        record_ids=tuple(row["record_id"] for row in rows),
        total_rows=first.get("total_rows", 0),
        totals={c.name: to_cell(first.get(f"total_{c.name}")) for c in statement.totals},
        query=render(statement.text, statement.parameters),
        executed_at=context.clock(),
    )


async def read_aggregate(
    context: Context,
    name: str,
    measures: Sequence[Measure],
    group_by: Sequence[Grouping],
    filters: Sequence[Filter],
    related: Sequence[RelatedFilter],
    having: Sequence[Bound],
    descending: bool,
    limit: int,
) -> Rows:
    """Counts, sums, averages and extremes, by groups if any."""
    declared = get_object(name)
    statement = compose_aggregate(
        name, measures, group_by, filters, related, having, descending, limit
    )
    rows = await _run(context, statement)
    return Rows(
        label=f"Calcul sur les {declared.plural}",
        object=name,
        columns=statement.columns,
        rows=_cells(rows, statement.columns),
        total_rows=len(rows),
        query=render(statement.text, statement.parameters),
        executed_at=context.clock(),
    )


async def read_record(context: Context, name: str, record_id: UUID) -> Rows:
    """One record with all its fields; NotFound where the user sees none."""
    declared = get_object(name)
    statement = compose_record(name, record_id)
    rows = await _run(context, statement)
    if not rows:
        raise NotFound(f"Aucun enregistrement « {declared.singular} » à cet identifiant.")
    return Rows(
        label=declared.singular[0].upper() + declared.singular[1:],
        object=name,
        columns=statement.columns,
        rows=_cells(rows, statement.columns),
        record_ids=(record_id,),
        total_rows=1,
        query=render(statement.text, statement.parameters),
        executed_at=context.clock(),
    )


async def read_overview(context: Context, account_id: UUID) -> Rows:
    """The 360° view of an account."""
    parameters = {"account": account_id, "today": context.today, "now": context.clock()}
    async with context.database.transaction(context.identity) as connection:
        rows = await (await connection.execute(ACCOUNT_OVERVIEW, parameters)).fetchall()
        query = _render_overview(connection, parameters)
    if not rows:
        raise NotFound("Aucun client à cet identifiant.")
    columns = tuple(_overview_column(*declared) for declared in OVERVIEW_COLUMNS)
    return Rows(
        label=f"Vue d’ensemble de {rows[0]['name']}",
        object="accounts",
        columns=columns,
        rows=_cells(rows, columns),
        record_ids=(account_id,),
        total_rows=1,
        query=query,
        executed_at=context.clock(),
    )


async def _run(context: Context, statement: Statement) -> list[dict[str, Any]]:
    async with context.database.transaction(context.identity) as connection:
        cursor = await connection.execute(statement.text, statement.parameters)
        return await cursor.fetchall()


def _cells(
    rows: Sequence[dict[str, Any]], columns: Sequence[OutputColumn]
) -> tuple[dict[str, Any], ...]:
    return tuple({c.name: to_cell(row[c.name]) for c in columns} for row in rows)


def _overview_column(name: str, label: str, kind: str, detail: str) -> OutputColumn:
    if kind == "enum":
        holder, _, field = detail.partition(".")
        return OutputColumn(name=name, label=label, kind=kind, object=holder, field=field)
    return OutputColumn(name=name, label=label, kind=kind, unit=detail)


def _render_overview(connection: Connection, parameters: dict[str, Any]) -> str:
    from psycopg import sql

    text = ACCOUNT_OVERVIEW
    for name, value in parameters.items():
        text = text.replace(f"%({name})s", sql.Literal(value).as_string(connection))
    return text.strip()
