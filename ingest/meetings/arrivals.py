"""Transcripts announced by Microsoft Graph, from the announcement to their minutes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID, uuid4

from core.context import Identity
from core.database import Database
from core.errors import NotFound
from ingest.meetings.graph import TranscriptAddress

MOST_ATTEMPTS = 12
ANNOUNCE = """
INSERT INTO transcript_arrivals (id, tenant_id, organizer_id, meeting_id, graph_id)
VALUES (%(id)s, %(tenant)s, %(organizer)s, %(meeting)s, %(graph)s)
ON CONFLICT (tenant_id, organizer_id, meeting_id, graph_id) DO NOTHING
"""
COLUMNS = "id, organizer_id, meeting_id, graph_id, state, attempts, message, announced_at"
LIST = f"""
SELECT {COLUMNS} FROM transcript_arrivals WHERE tenant_id = %(tenant)s AND state = %(state)s
ORDER BY announced_at, id LIMIT %(limit)s
"""
SETTLE = """
UPDATE transcript_arrivals
SET attempts = attempts + 1, message = %(message)s, tried_at = now(),
    state = CASE WHEN %(state)s = 'waiting' AND attempts + 1 >= %(most)s THEN 'poison'
            ELSE %(state)s END
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
REPLAY = """
UPDATE transcript_arrivals SET state = 'waiting', attempts = 0
WHERE tenant_id = %(tenant)s AND id = %(id)s AND state = 'poison' RETURNING id
"""


@dataclass(frozen=True)
class Arrival:
    """A transcript announced; `message` says in French why it could not be read."""

    id: UUID
    address: TranscriptAddress
    state: str
    attempts: int
    message: str | None
    announced_at: dt.datetime


async def announce(database: Database, identity: Identity, address: TranscriptAddress) -> None:
    """Note that a transcript is there; once noted, it is so for good."""
    values = {
        "id": uuid4(), "tenant": identity.tenant_id, "organizer": address.user_id,
        "meeting": address.meeting_id, "graph": address.transcript_id,
    }  # fmt: skip
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(ANNOUNCE, values)


async def list_arrivals(
    database: Database, identity: Identity, state: str, limit: int = 100
) -> list[Arrival]:
    """The arrivals in `state` («waiting», «done», «poison»), the oldest first."""
    values = {"tenant": identity.tenant_id, "state": state, "limit": limit}
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST, values)).fetchall()
    return [
        Arrival(
            r["id"], TranscriptAddress(r["organizer_id"], r["meeting_id"], r["graph_id"]),
            r["state"], r["attempts"], r["message"], r["announced_at"],
        )
        for r in rows
    ]  # fmt: skip


async def settle(
    database: Database, identity: Identity, arrival_id: UUID, state: str, message: str | None = None
) -> None:
    """Note the outcome of an attempt; too many of them set the arrival aside («poison»)."""
    values = {
        "tenant": identity.tenant_id, "id": arrival_id, "state": state, "message": message,
        "most": MOST_ATTEMPTS,
    }  # fmt: skip
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(SETTLE, values)


async def put_back(database: Database, identity: Identity, arrival_id: UUID) -> None:
    """Try again one that was set aside. Raises NotFound."""
    values = {"tenant": identity.tenant_id, "id": arrival_id}
    async with database.transaction(identity, "sync_writer") as connection:
        found = await (await connection.execute(REPLAY, values)).fetchone()
    if found is None:
        raise NotFound("Cette transcription n’est pas mise de côté, ou n’est pas de votre cabinet.")
