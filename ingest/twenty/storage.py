"""What the mirror remembers: the firm's connection, Twenty's records, what was announced."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.context import Identity
from core.database import Connection, Database

CONNECT = """
INSERT INTO twenty_connections AS c (tenant_id, base_url) VALUES (%(tenant)s, %(url)s)
ON CONFLICT (tenant_id) DO UPDATE SET base_url = %(url)s, is_enabled = true,
    cursors = CASE WHEN c.base_url = %(url)s THEN c.cursors ELSE '{}' END
"""
CONNECTION = """
SELECT base_url, is_enabled, cursors, read_at, reconciled_at, message
FROM twenty_connections WHERE tenant_id = %s
"""
KEEP_CURSOR = """
UPDATE twenty_connections
SET cursors = jsonb_set(cursors, ARRAY[%(object)s], to_jsonb(%(at)s::text))
WHERE tenant_id = %(tenant)s AND coalesce(cursors ->> %(object)s, '') < %(at)s
"""
NOTE_RUN = """
UPDATE twenty_connections SET message = %(message)s,
    read_at = CASE WHEN %(message)s::text IS NULL THEN clock_timestamp() ELSE read_at END,
    reconciled_at = CASE WHEN %(message)s::text IS NULL AND %(full)s THEN clock_timestamp()
        ELSE reconciled_at END
WHERE tenant_id = %(tenant)s
"""
COUNT = """
SELECT object, state, count(*) AS held FROM twenty_records WHERE tenant_id = %s
GROUP BY object, state ORDER BY object, state
"""
LIST = """
SELECT object, twenty_id, record_id, state, message, noted_at FROM twenty_records
WHERE tenant_id = %(tenant)s AND state = ANY(%(states)s)
ORDER BY noted_at DESC, twenty_id LIMIT %(limit)s
"""
LIST_IDS = """
SELECT twenty_id FROM twenty_records
WHERE tenant_id = %s AND object = %s AND state = ANY(%s) ORDER BY noted_at, twenty_id
"""
MARK_GONE = """
UPDATE twenty_records SET state = 'gone', message = NULL, noted_at = clock_timestamp()
WHERE tenant_id = %s AND object = %s AND twenty_id = %s AND state <> 'gone'
RETURNING 1 AS done
"""
FIND_OURS = """
SELECT record_id::text AS found FROM twenty_records
WHERE tenant_id = %s AND object = %s AND twenty_id = %s AND state <> 'gone'
"""
FIND_THEIRS = """
SELECT twenty_id::text AS found FROM twenty_records
WHERE tenant_id = %s AND object = %s AND record_id = %s AND state IN ('mirrored', 'refused')
"""
CHANGED_AT = """
SELECT state, changed_at FROM twenty_records
WHERE tenant_id = %s AND object = %s AND twenty_id = %s
"""
ANNOUNCE = """
INSERT INTO twenty_arrivals (tenant_id, object, twenty_id) VALUES (%s, %s, %s)
ON CONFLICT (tenant_id, object, twenty_id) DO UPDATE SET announced_at = clock_timestamp()
"""
ARRIVALS = """
SELECT object, twenty_id, announced_at FROM twenty_arrivals WHERE tenant_id = %s
ORDER BY announced_at, twenty_id LIMIT %s
"""
# One announced again while it was being read is read once more.
SETTLE_ARRIVAL = """
DELETE FROM twenty_arrivals
WHERE tenant_id = %s AND object = %s AND twenty_id = %s AND announced_at = %s
"""


@dataclass(frozen=True)
class TwentyLink:
    """The firm's connection: `message` says in French why the last reading failed."""

    base_url: str
    is_enabled: bool
    cursors: Mapping[str, str]
    read_at: dt.datetime | None
    reconciled_at: dt.datetime | None
    message: str | None


@dataclass(frozen=True)
class NotedRecord:
    """A record that waits for a person: `state` is «refused» or «gone», `message` says why."""

    object: str
    twenty_id: UUID
    record_id: UUID | None
    state: str
    message: str | None
    noted_at: dt.datetime


@dataclass(frozen=True)
class Arrival:
    """A record announced as changed."""

    object: str
    twenty_id: UUID
    announced_at: dt.datetime


async def connect(database: Database, identity: Identity, base_url: str) -> None:
    """Mirror Twenty at `base_url` from now on; what another one had been read to is forgotten."""
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(CONNECT, {"tenant": identity.tenant_id, "url": base_url})


async def find_link(database: Database, identity: Identity) -> TwentyLink | None:
    """The firm's connection; None when it has none."""
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(CONNECTION, (identity.tenant_id,))).fetchone()
    return None if row is None else TwentyLink(**row)


async def keep_cursor(database: Database, identity: Identity, object_name: str, at: str) -> None:
    """Note that the records changed until `at` (ISO, UTC) have been read."""
    values = {"tenant": identity.tenant_id, "object": object_name, "at": at}
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(KEEP_CURSOR, values)


async def note_run(
    database: Database, identity: Identity, message: str | None, *, is_full: bool
) -> None:
    """Note how a reading ended: `message` says why it failed."""
    values = {"tenant": identity.tenant_id, "message": message, "full": is_full}
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(NOTE_RUN, values)


async def count_records(database: Database, identity: Identity) -> dict[str, dict[str, int]]:
    """How many records of each object are in each state."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(COUNT, (identity.tenant_id,))).fetchall()
    counts: dict[str, dict[str, int]] = {}
    for row in rows:
        counts.setdefault(row["object"], {})[row["state"]] = row["held"]
    return counts


async def list_noted(
    database: Database, identity: Identity, states: Sequence[str], limit: int = 100
) -> list[NotedRecord]:
    """The records that wait for a person, the latest first."""
    values = {"tenant": identity.tenant_id, "states": list(states), "limit": limit}
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST, values)).fetchall()
    return [NotedRecord(**row) for row in rows]


async def list_ids(
    database: Database, identity: Identity, object_name: str, *states: str
) -> list[UUID]:
    """Twenty's ids of the records of an object in these states."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_IDS, (identity.tenant_id, object_name, list(states)))
        return [row["twenty_id"] for row in await cursor.fetchall()]


async def mark_gone(
    database: Database, identity: Identity, object_name: str, twenty_id: UUID
) -> bool:
    """Note that a record was deleted in Twenty; ours and its history stay. True when it is news."""
    async with database.transaction(identity, "sync_writer") as connection:
        cursor = await connection.execute(MARK_GONE, (identity.tenant_id, object_name, twenty_id))
        return await cursor.fetchone() is not None


async def list_arrivals(database: Database, identity: Identity, limit: int = 500) -> list[Arrival]:
    """The records announced and not read again yet, the oldest first."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(ARRIVALS, (identity.tenant_id, limit))).fetchall()
    return [Arrival(**row) for row in rows]


async def settle_arrival(database: Database, identity: Identity, arrival: Arrival) -> None:
    """Forget an announcement once its record was read again."""
    place = (identity.tenant_id, arrival.object, arrival.twenty_id, arrival.announced_at)
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(SETTLE_ARRIVAL, place)


async def find_parents(
    connection: Connection, tenant_id: UUID, targets: Mapping[str, tuple[str, Any]]
) -> dict[str, str | None]:
    """By column, our id of a record of Twenty; None where it is not mirrored.

    `targets` gives, by column, the object and Twenty's id.
    """
    return {
        column: await _find_linked(connection, FIND_OURS, (tenant_id, target, one))
        for column, (target, one) in targets.items()
    }


async def find_theirs(
    connection: Connection, tenant_id: UUID, targets: Mapping[str, tuple[str, Any]]
) -> dict[str, str | None]:
    """By column, Twenty's id of a record of ours; None where Twenty does not hold it."""
    return {
        column: await _find_linked(connection, FIND_THEIRS, (tenant_id, target, one))
        for column, (target, one) in targets.items()
    }


async def find_changed_at(
    database: Database, identity: Identity, object_name: str, twenty_id: UUID
) -> tuple[str, dt.datetime | None]:
    """The state of a record, and when Twenty last changed something of ours."""
    async with database.transaction(identity, "sync_writer") as connection:
        place = (identity.tenant_id, object_name, twenty_id)
        row = await (await connection.execute(CHANGED_AT, place)).fetchone()
    return ("gone", None) if row is None else (row["state"], row["changed_at"])


async def _find_linked(
    connection: Connection, query: str, place: tuple[UUID, str, Any]
) -> str | None:
    if place[2] is None:
        return None
    row = await (await connection.execute(query.encode(), place)).fetchone()
    return row["found"] if row else None
