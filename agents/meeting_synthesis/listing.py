"""The latest minutes of a firm: one version a meeting, with what they leave to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from agents.meeting_synthesis.models import Action, Minutes
from core.context import Identity
from core.database import Database

LIST = """
SELECT * FROM (
    SELECT DISTINCT ON (m.transcript_id) m.id, m.status, m.result, m.started_at, t.file_name
    FROM meeting_minutes m
    JOIN meeting_transcripts t ON t.tenant_id = m.tenant_id AND t.id = m.transcript_id
    WHERE m.tenant_id = %(tenant)s ORDER BY m.transcript_id, m.version DESC
) latest ORDER BY started_at DESC, id LIMIT %(limit)s
"""


@dataclass(frozen=True)
class MinutesHeading:
    """Minutes in a list; `title` is the file's name until they are ready.

    `starts_at` is None while the day of the meeting is unknown.
    """

    id: UUID
    status: str
    title: str
    file_name: str
    client: str
    starts_at: dt.datetime | None
    decisions: int
    actions: tuple[Action, ...]


async def list_minutes(
    database: Database, identity: Identity, limit: int
) -> tuple[MinutesHeading, ...]:
    """The last version of the minutes of each meeting the user may see, the latest first."""
    values = {"tenant": identity.tenant_id, "limit": limit}
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST, values)).fetchall()
    return tuple(
        _head(row["id"], row["status"], row["file_name"],
              Minutes.model_validate(row["result"]) if row["result"] else None)
        for row in rows
    )  # fmt: skip


def _head(minutes_id: UUID, status: str, file_name: str, minutes: Minutes | None) -> MinutesHeading:
    if minutes is None:
        return MinutesHeading(minutes_id, status, file_name, file_name, "", None, 0, ())
    agreed = sum(decision.status == "in_force" for decision in minutes.decisions)
    return MinutesHeading(
        minutes_id, status, minutes.title, file_name, minutes.client,
        minutes.starts_at if minutes.is_date_known else None, agreed, minutes.actions,
    )  # fmt: skip
