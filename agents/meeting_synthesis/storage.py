"""Versions of minutes as stored: opened, finished or failed, found again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid4

from agents.meeting_synthesis.models import Minutes
from core.context import Identity
from core.database import Database
from core.errors import NotFound

START = """
INSERT INTO meeting_minutes (id, tenant_id, transcript_id, version, status, written_by)
SELECT %(id)s, %(tenant)s, %(transcript)s, coalesce(max(version), 0) + 1, 'running', %(user)s
FROM meeting_minutes WHERE tenant_id = %(tenant)s AND transcript_id = %(transcript)s
"""
FINISH = """
UPDATE meeting_minutes
SET status = 'ready', result = %(result)s::jsonb, engine = %(engine)s, is_model = %(is_model)s,
    prompt_sha256 = %(prompt)s, fallback_reason = %(fallback)s, finished_at = now()
WHERE tenant_id = %(tenant)s AND id = %(id)s AND status = 'running'
"""
FAIL = """
UPDATE meeting_minutes SET status = 'failed', failure = %(failure)s, finished_at = now()
WHERE tenant_id = %(tenant)s AND id = %(id)s AND status = 'running'
"""
GET = """
SELECT id, transcript_id, version, status, result, failure, started_at FROM meeting_minutes
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
FIND_VERSION = """
SELECT id FROM meeting_minutes
WHERE tenant_id = %(tenant)s AND transcript_id = %(transcript)s AND status <> 'failed'
ORDER BY version DESC LIMIT 1
"""
LIST_RUNNING = """
SELECT id, written_by FROM meeting_minutes
WHERE tenant_id = %(tenant)s AND status = 'running' ORDER BY started_at
"""
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('minutes:' || %s, 0)) AS is_mine"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('minutes:' || %s, 0))"
UNKNOWN = "Ce compte rendu n’existe pas, ou n’est pas de votre cabinet."


@dataclass(frozen=True)
class MinutesRow:
    """A version of minutes as stored."""

    id: UUID
    transcript_id: UUID
    version: int
    status: str
    minutes: Minutes | None
    failure: str | None
    started_at: dt.datetime


@dataclass(frozen=True)
class Running:
    """A version that is not ended, and who asked for it."""

    id: UUID
    written_by: UUID


async def open_version(database: Database, identity: Identity, transcript_id: UUID) -> UUID:
    """Open the next version of a transcript's minutes."""
    minutes_id = uuid4()
    values: dict[str, object] = {
        "id": minutes_id, "transcript": transcript_id, "user": identity.user_id,
    }  # fmt: skip
    await _run(database, identity, START, values)
    return minutes_id


async def find_version(database: Database, identity: Identity, transcript_id: UUID) -> UUID | None:
    """The latest version that is written or being written."""
    values = {"tenant": identity.tenant_id, "transcript": transcript_id}
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(FIND_VERSION, values)).fetchone()
    return row["id"] if row else None


async def get_version(database: Database, identity: Identity, minutes_id: UUID) -> MinutesRow:
    """A version of minutes. Raises NotFound."""
    values = {"tenant": identity.tenant_id, "id": minutes_id}
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(GET, values)).fetchone()
    if row is None:
        raise NotFound(UNKNOWN)
    minutes = Minutes.model_validate(row["result"]) if row["result"] else None
    return MinutesRow(row["id"], row["transcript_id"], row["version"], row["status"], minutes,
                      row["failure"], row["started_at"])  # fmt: skip


async def list_running(database: Database, identity: Identity) -> list[Running]:
    """The firm's versions that are not ended, the oldest first."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_RUNNING, {"tenant": identity.tenant_id})
        return [Running(row["id"], row["written_by"]) for row in await cursor.fetchall()]


async def finish_version(
    database: Database, identity: Identity, minutes_id: UUID, minutes: Minutes
) -> None:
    """Keep what was written; a version already ended stays as it is."""
    made = minutes.provenance
    await _run(database, identity, FINISH, {
        "id": minutes_id, "result": minutes.model_dump_json(), "engine": made.engine,
        "is_model": made.is_model, "prompt": made.prompt_sha256,
        "fallback": made.fallback_reason,
    })  # fmt: skip


async def fail_version(
    database: Database, identity: Identity, minutes_id: UUID, failure: str
) -> None:
    """Keep why, in French, a version could not be written."""
    await _run(database, identity, FAIL, {"id": minutes_id, "failure": failure})


async def _run(
    database: Database, identity: Identity, query: str, values: dict[str, object]
) -> None:
    async with database.transaction(identity) as connection:
        await connection.execute(query.encode(), values | {"tenant": identity.tenant_id})
