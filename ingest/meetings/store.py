"""Transcripts kept as received, with their cues; the same bytes are one transcript."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from uuid import UUID, uuid4

from core.context import Identity
from core.database import Connection, Database
from core.errors import NotFound
from ingest.meetings.invitation import Invitation, make_invitation
from ingest.meetings.transcript import Cue, Transcript, TranscriptFormat

Origin = Literal["file", "graph", "audio"]
FIND_SAME = """
SELECT id FROM meeting_transcripts
WHERE tenant_id = %(tenant)s AND (sha256 = %(sha256)s OR external_id = %(external_id)s)
"""
INSERT_TRANSCRIPT = """
INSERT INTO meeting_transcripts (
    id, tenant_id, account_id, origin, external_id, file_name, format, sha256, body, invitation,
    remarks, unread, received_by
) VALUES (
    %(id)s, %(tenant)s, %(account_id)s, %(origin)s, %(external_id)s, %(file_name)s, %(format)s,
    %(sha256)s, %(body)s, %(invitation)s::jsonb, %(remarks)s, %(unread)s, %(user)s
)
"""
UPDATE_INVITATION = """
UPDATE meeting_transcripts
SET account_id = coalesce(%(account_id)s, account_id),
    invitation = CASE
        WHEN invitation - 'given_at' = %(invitation)s::jsonb - 'given_at' THEN invitation
        ELSE %(invitation)s::jsonb END
WHERE tenant_id = %(tenant)s AND id = %(id)s
    AND (%(is_given)s OR (invitation -> 'is_guessed')::bool)
"""
REPLACE_INVITATION = """
UPDATE meeting_transcripts SET invitation = %(invitation)s::jsonb, account_id = %(account_id)s
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
INSERT_CUE = """
INSERT INTO meeting_cues (
    tenant_id, transcript_id, ordinal, cue_id, speaker, is_external, starts_ms, ends_ms, start_at,
    end_at
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
GET_TRANSCRIPT = """
SELECT id, account_id, file_name, format, sha256, body, invitation, remarks, unread
FROM meeting_transcripts WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
LIST_CUES = """
SELECT cue_id, speaker, is_external, starts_ms, ends_ms, start_at, end_at
FROM meeting_cues WHERE tenant_id = %(tenant)s AND transcript_id = %(id)s ORDER BY ordinal
"""


@dataclass(frozen=True)
class StoredTranscript:
    """A transcript as it stands in the database."""

    id: UUID
    account_id: UUID | None
    file_name: str
    transcript: Transcript
    invitation: Invitation


async def save_transcript(
    database: Database,
    identity: Identity,
    transcript: Transcript,
    invitation: Invitation,
    *,
    file_name: str,
    origin: Origin,
    external_id: str | None = None,
    account_id: UUID | None = None,
) -> UUID:
    """Keep a transcript; one already known keeps its id, and takes the invitation if one is given.

    What was merely guessed never takes the place of an invitation; with a day, it takes the place
    of what was guessed before.
    """
    values: dict[str, Any] = {
        "id": uuid4(), "tenant": identity.tenant_id, "user": identity.user_id,
        "account_id": account_id, "origin": origin, "external_id": external_id,
        "file_name": file_name[:255], "format": transcript.format, "sha256": transcript.sha256,
        "body": transcript.text.replace("\0", ""), "invitation": _write_invitation(invitation),
        "remarks": list(transcript.remarks), "unread": transcript.unread,
        "is_given": not invitation.is_guessed,
    }  # fmt: skip
    async with database.transaction(identity, "sync_writer") as connection:
        same = await (await connection.execute(FIND_SAME, values)).fetchone()
        if same is not None:
            if not invitation.is_guessed or invitation.is_date_known:
                await connection.execute(UPDATE_INVITATION, values | {"id": same["id"]})
            return same["id"]
        await connection.execute(INSERT_TRANSCRIPT, values)
        await _insert_cues(connection, values["id"], identity, transcript)
    return values["id"]


async def replace_invitation(
    database: Database,
    identity: Identity,
    transcript_id: UUID,
    invitation: Invitation,
    account_id: UUID | None,
) -> None:
    """Put another invitation, given or guessed, beside a transcript, with its client."""
    values: dict[str, Any] = {
        "id": transcript_id, "tenant": identity.tenant_id, "account_id": account_id,
        "invitation": _write_invitation(invitation),
    }  # fmt: skip
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(REPLACE_INVITATION, values)


async def _insert_cues(
    connection: Connection, transcript_id: UUID, identity: Identity, transcript: Transcript
) -> None:
    rows = [
        (identity.tenant_id, transcript_id, ordinal, cue.id, cue.speaker, cue.is_external,
         cue.starts_ms, cue.ends_ms, cue.start, cue.end)
        for ordinal, cue in enumerate(transcript.cues)
    ]  # fmt: skip
    async with connection.cursor() as cursor:
        await cursor.executemany(INSERT_CUE, rows)


async def get_transcript(
    database: Database, identity: Identity, transcript_id: UUID
) -> StoredTranscript:
    """The transcript of this id. Raises NotFound."""
    key = {"tenant": identity.tenant_id, "id": transcript_id}
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(GET_TRANSCRIPT, key)).fetchone()
        if row is None:
            raise NotFound("Cette transcription n’existe pas, ou n’est pas de votre cabinet.")
        cues = await (await connection.execute(LIST_CUES, key)).fetchall()
    return _read(row, cues)


def _read(row: dict[str, Any], cues: list[dict[str, Any]]) -> StoredTranscript:
    kind: TranscriptFormat = row["format"]
    body: str = row["body"]
    transcript = Transcript(
        str(row["id"]), kind, body,
        tuple(
            Cue(c["cue_id"], c["speaker"], body[c["start_at"] : c["end_at"]], c["start_at"],
                c["end_at"], c["starts_ms"], c["ends_ms"], c["is_external"])
            for c in cues
        ),
        row["sha256"], tuple(row["remarks"]), row["unread"],
    )  # fmt: skip
    invitation = _read_invitation(row["invitation"])
    return StoredTranscript(row["id"], row["account_id"], row["file_name"], transcript, invitation)


def _read_invitation(data: dict[str, Any]) -> Invitation:
    given_at = data.get("given_at")
    is_known = bool(data.get("is_date_known", True))
    return replace(
        make_invitation(data),
        is_date_known=is_known,
        is_guessed=bool(data.get("is_guessed", not is_known)),
        given_at=dt.datetime.fromisoformat(given_at) if given_at else None,
    )


def _write_invitation(invitation: Invitation) -> str:
    people = [
        {**asdict(person), "external": person.is_external, "absent": person.is_absent}
        for person in invitation.attendees
    ]
    data = {
        "title": invitation.title, "date": invitation.starts_at.isoformat(),
        "type": invitation.kind, "client": invitation.client, "organizer": invitation.organizer,
        "attendees": people, "agenda": list(invitation.agenda),
        "is_date_known": invitation.is_date_known, "duration_s": invitation.duration_s,
        "is_guessed": invitation.is_guessed, "given_at": dt.datetime.now(dt.UTC).isoformat(),
    }  # fmt: skip
    return json.dumps(data, ensure_ascii=False).replace("\\u0000", "")
