"""The records a change speaks of, as the caller may see them: current row, client, owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg import sql

from core.database import Connection
from crm.objects import OBJECTS, expand_steps
from crm.proposals.canonical import Change
from crm.proposals.columns import Column
from crm.proposals.decision import Facts
from crm.proposals.declarations import WRITABLES

SELECT_ROW = sql.SQL("SELECT * FROM {} WHERE id = %s")
SELECT_ROWS = sql.SQL("SELECT * FROM {} WHERE id = ANY(%s)")
SELECT_OWNERS = "SELECT id, owner_id FROM accounts WHERE id = ANY(%s)"
SELECT_COLUMN = sql.SQL("SELECT {} AS value FROM {} WHERE id = %s")
COUNT_IDS = sql.SQL("SELECT count(*) AS found FROM {} WHERE id = ANY(%s)")
SELECT_TITLES = sql.SQL("SELECT id, {}::text AS title FROM {} WHERE id = ANY(%s)")
USER_IS_ACTIVE = "SELECT 1 FROM users WHERE id = %s AND is_active"

Row = Mapping[str, Any]


async def find_row(connection: Connection, name: str, record_id: UUID) -> Row | None:
    """The row of `name` with this id, if the session's user sees one."""
    cursor = await connection.execute(SELECT_ROW.format(sql.Identifier(name)), (record_id,))
    return await cursor.fetchone()


async def exists(connection: Connection, name: str, record_id: UUID) -> bool:
    """Tell whether the session's user sees that record."""
    statement = COUNT_IDS.format(sql.Identifier(name))
    row = await (await connection.execute(statement, ([record_id],))).fetchone()
    return bool(row and row["found"])


async def find_account_id(connection: Connection, name: str, values: Row) -> UUID | None:
    """The client that a row of `name` with these column values belongs to."""
    if name == "accounts":
        return _uuid(values.get("id"))
    declared = OBJECTS[name]
    path = declared.link_path("account")
    if path is None:
        return None
    holder, *rest = [declared, *_targets(name, path)]
    steps = expand_steps(declared, path.split("."))
    current = _uuid(values.get(holder.links[steps[0]].column))
    for target, step in zip(rest, steps[1:], strict=False):
        if current is None:
            return None
        current = await _read_column(connection, target.name, target.links[step].column, current)
    return current


async def read_facts(connection: Connection, changes: Sequence[Change]) -> dict[UUID, Facts]:
    """Owners, author and stake of each change, read now, by the change's id."""
    owners = await _read_owners(connection, {c.account_id for c in changes if c.account_id})
    rows = await _read_rows(connection, changes)
    facts: dict[UUID, Facts] = {}
    for change in changes:
        declared = WRITABLES[change.object]
        row: Row = rows.get((change.object, change.record_id), {})
        author = declared.separated[2] if declared.separated else ""
        facts[change.id] = Facts(
            account_owner_id=owners.get(change.account_id),
            record_owner_id=_uuid(row.get("owner_id")),
            author_id=_uuid(row.get(author)),
            stake_cents=_stake(declared.stake, row, change),
        )
    return facts


async def read_titles(
    connection: Connection, wanted: Mapping[str, set[UUID]]
) -> dict[tuple[str, UUID], str]:
    """What each (object, id) is called, for those the session's user sees."""
    titles: dict[tuple[str, UUID], str] = {}
    for name, ids in wanted.items():
        statement = SELECT_TITLES.format(sql.Identifier(OBJECTS[name].title), sql.Identifier(name))
        cursor = await connection.execute(statement, (list(ids),))
        for row in await cursor.fetchall():
            titles[name, row["id"]] = row["title"] or OBJECTS[name].singular
    return titles


def reference_targets(columns: Mapping[str, Column], change: Change) -> dict[str, set[UUID]]:
    """The records that a change's fields point at, before or after, by object."""
    wanted: dict[str, set[UUID]] = {}
    for name, value in change.fields.items():
        target = columns[name].target if name in columns else None
        if target is not None:
            wanted.setdefault(target, set()).update(
                UUID(str(v)) for v in (value.before, value.after) if v is not None
            )
    return wanted


async def is_active_user(connection: Connection, user_id: UUID) -> bool:
    """Tell whether that colleague still has an account."""
    return await (await connection.execute(USER_IS_ACTIVE, (user_id,))).fetchone() is not None


def _stake(column: str | None, row: Row, change: Change) -> int:
    if column is None:
        return 0
    given = change.fields.get(column)
    if given is not None and isinstance(given.after, dict):
        return given.after["eur_cents"]
    return int(Decimal(row.get(column) or 0) * 100)


def _targets(name: str, path: str) -> list[Any]:
    holder, found = OBJECTS[name], list[Any]()
    for step in expand_steps(holder, path.split(".")):
        holder = OBJECTS[holder.links[step].target]
        found.append(holder)
    return found


async def _read_owners(
    connection: Connection, accounts: set[UUID]
) -> dict[UUID | None, UUID | None]:
    if not accounts:
        return {}
    cursor = await connection.execute(SELECT_OWNERS, (list(accounts),))
    return {row["id"]: row["owner_id"] for row in await cursor.fetchall()}


async def _read_rows(
    connection: Connection, changes: Sequence[Change]
) -> dict[tuple[str, UUID | None], Row]:
    """The records that these changes touch as they are, by object and id."""
    wanted: dict[str, set[UUID]] = {}
    for change in changes:
        touches = change.operation in ("update", "remove") and OBJECTS[change.object].key == "id"
        if touches and change.record_id:
            wanted.setdefault(change.object, set()).add(change.record_id)
    found: dict[tuple[str, UUID | None], Row] = {}
    for name, ids in wanted.items():
        statement = SELECT_ROWS.format(sql.Identifier(name))
        cursor = await connection.execute(statement, (list(ids),))
        found |= {(name, row["id"]): row for row in await cursor.fetchall()}
    return found


async def _read_column(
    connection: Connection, name: str, column: str, record_id: UUID
) -> UUID | None:
    statement = SELECT_COLUMN.format(sql.Identifier(column), sql.Identifier(name))
    row = await (await connection.execute(statement, (record_id,))).fetchone()
    return None if row is None else _uuid(row["value"])


def _uuid(value: Any) -> UUID | None:
    if value is None or isinstance(value, UUID):
        return value
    return UUID(str(value))
