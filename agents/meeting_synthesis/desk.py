"""The desk where every surface brings transcripts and fetches minutes. Built once per process."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID, uuid4

from agents.meeting_synthesis.graph import synthesise
from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.output.document import Block, compose
from agents.meeting_synthesis.output.drafts import TaskBatch, draft_article, draft_tasks
from agents.meeting_synthesis.output.layouts import LAYOUTS, choose_layout
from agents.meeting_synthesis.output.mail import MailDraft, draft_mail
from agents.meeting_synthesis.records import Background, load_background
from core.context import Clock, Context, Identity
from core.database import Database
from core.engine.protocol import Engine
from core.errors import InvalidInput, NotFound, VoltaireError
from crm.changes import ChangeDraft
from crm.proposals.canonical import Origin as ProposalOrigin
from crm.proposals.submission import Submission
from ingest.meetings.invitation import Invitation, guess_invitation
from ingest.meetings.reading import read_transcript
from ingest.meetings.store import Origin, StoredTranscript, get_transcript, save_transcript
from ingest.meetings.transcript import Transcript
from tools.proposals import propose as submit_drafts

START = """
INSERT INTO meeting_minutes (id, tenant_id, transcript_id, version, status, written_by)
SELECT %(id)s, %(tenant)s, %(transcript)s, coalesce(max(version), 0) + 1, 'running', %(user)s
FROM meeting_minutes WHERE tenant_id = %(tenant)s AND transcript_id = %(transcript)s
"""
FINISH = """
UPDATE meeting_minutes
SET status = 'ready', result = %(result)s::jsonb, engine = %(engine)s, is_model = %(is_model)s,
    prompt_sha256 = %(prompt)s, fallback_reason = %(fallback)s, finished_at = now()
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
FAIL = """
UPDATE meeting_minutes SET status = 'failed', failure = %(failure)s, finished_at = now()
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
GET = """
SELECT id, transcript_id, version, status, result, failure FROM meeting_minutes
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
IS_WRITTEN = """
SELECT FROM meeting_minutes
WHERE tenant_id = %(tenant)s AND transcript_id = %(transcript)s AND status = 'ready' LIMIT 1
"""
ORIGIN = "meeting"
UNEXPECTED = (
    "Le compte rendu n’a pas pu être établi. Réessayez\u00a0; si l’erreur persiste, prévenez votre "
    "administrateur."
)
UNKNOWN = "Ce compte rendu n’existe pas, ou n’est pas de votre cabinet."
NOT_READY = "Ce compte rendu n’est pas prêt. Attendez quelques secondes et redemandez-le."


@dataclass(frozen=True)
class MinutesRow:
    """A version of minutes as stored."""

    id: UUID
    transcript_id: UUID
    version: int
    status: str
    minutes: Minutes | None
    failure: str | None


@dataclass(frozen=True)
class Proposals:
    """What minutes would change in the CRM, as data."""

    tasks: TaskBatch
    article: ChangeDraft | None


@dataclass(frozen=True)
class Desk:
    """Receives transcripts, writes their minutes, gives them out."""

    database: Database
    engine: Engine
    clock: Clock

    async def receive(
        self,
        identity: Identity,
        file_name: str,
        content: bytes,
        invitation: Invitation | None = None,
        *,
        origin: Origin = "file",
        external_id: str | None = None,
    ) -> UUID:
        """Keep the transcript of a file. Raises UnreadableFile with what to do."""
        transcript = await asyncio.to_thread(read_transcript, file_name, content)
        return await self.keep(identity, file_name, transcript, invitation, origin=origin,
                               external_id=external_id)  # fmt: skip

    async def keep(
        self,
        identity: Identity,
        file_name: str,
        transcript: Transcript,
        invitation: Invitation | None = None,
        *,
        origin: Origin = "file",
        external_id: str | None = None,
    ) -> UUID:
        """Keep a transcript already read."""
        called = invitation or guess_from(transcript, self.clock, file_name)
        background = await load_background(self.database, identity, called, file_name)
        return await save_transcript(
            self.database, identity, transcript, called, file_name=file_name, origin=origin,
            external_id=external_id, account_id=background.whereabouts.account_id,
        )  # fmt: skip

    async def start(self, identity: Identity, transcript_id: UUID) -> UUID:
        """Open a new version of the minutes of a transcript. Raises NotFound."""
        await get_transcript(self.database, identity, transcript_id)
        minutes_id = uuid4()
        await self._run(identity, START, {"id": minutes_id, "transcript": transcript_id,
                                          "user": identity.user_id})  # fmt: skip
        return minutes_id

    async def write(self, identity: Identity, minutes_id: UUID) -> MinutesRow:
        """Write the version opened by `start`; a failure is stored in French, then raised."""
        row = await self.get(identity, minutes_id)
        try:
            stored = await get_transcript(self.database, identity, row.transcript_id)
            background = await self._load(identity, stored)
            context = Context(identity, self.database, self.engine, self.clock)
            minutes = await synthesise(
                context, stored.transcript, stored.invitation, background.records,
                f"meeting_transcripts:{stored.id}",
            )  # fmt: skip
        except Exception as error:
            told = error.message if isinstance(error, VoltaireError) else UNEXPECTED
            await self._run(identity, FAIL, {"id": minutes_id, "failure": told})
            raise
        await self._finish(identity, minutes_id, minutes)
        return await self.get(identity, minutes_id)

    async def get(self, identity: Identity, minutes_id: UUID) -> MinutesRow:
        """A version of minutes. Raises NotFound."""
        values = {"tenant": identity.tenant_id, "id": minutes_id}
        async with self.database.transaction(identity) as connection:
            row = await (await connection.execute(GET, values)).fetchone()
        if row is None:
            raise NotFound(UNKNOWN)
        minutes = Minutes.model_validate(row["result"]) if row["result"] else None
        return MinutesRow(row["id"], row["transcript_id"], row["version"], row["status"], minutes,
                          row["failure"])  # fmt: skip

    async def is_written(self, identity: Identity, transcript_id: UUID) -> bool:
        """Tell whether a transcript has its minutes."""
        values = {"tenant": identity.tenant_id, "transcript": transcript_id}
        async with self.database.transaction(identity) as connection:
            return await (await connection.execute(IS_WRITTEN, values)).fetchone() is not None

    async def get_ready(self, identity: Identity, minutes_id: UUID) -> tuple[MinutesRow, Minutes]:
        """A version that is written. Raises NotFound, or InvalidInput while it is not."""
        row = await self.get(identity, minutes_id)
        if row.minutes is None:
            raise InvalidInput(row.failure or NOT_READY)
        return row, row.minutes

    async def propose(self, identity: Identity, minutes_id: UUID) -> Proposals:
        """The tasks and the article that these minutes call for."""
        row, minutes = await self.get_ready(identity, minutes_id)
        stored = await get_transcript(self.database, identity, row.transcript_id)
        where = (await self._load(identity, stored)).whereabouts
        return Proposals(draft_tasks(minutes, where), draft_article(minutes, where))

    async def submit(self, identity: Identity, minutes_id: UUID) -> tuple[Submission, ...]:
        """Store these tasks and this article as proposals, to be approved like any change.

        The same minutes twice make the same proposals.
        """
        _, minutes = await self.get_ready(identity, minutes_id)
        wished = await self.propose(identity, minutes_id)
        made = minutes.provenance
        origin = ProposalOrigin(ORIGIN, made.engine, made.is_model, made.prompt_sha256)
        context = Context(identity, self.database, self.engine, self.clock)
        article = (wished.article,) if wished.article else ()
        return await submit_drafts(context, (*wished.tasks.drafts, *article), origin)

    async def draft_mail(self, identity: Identity, minutes_id: UUID) -> MailDraft:
        """The mail to those invited."""
        row, minutes = await self.get_ready(identity, minutes_id)
        stored = await get_transcript(self.database, identity, row.transcript_id)
        return draft_mail(minutes, stored.invitation, identity.email)

    async def _load(self, identity: Identity, stored: StoredTranscript) -> Background:
        return await load_background(self.database, identity, stored.invitation, str(stored.id))

    async def _finish(self, identity: Identity, minutes_id: UUID, minutes: Minutes) -> None:
        made = minutes.provenance
        await self._run(identity, FINISH, {
            "id": minutes_id, "result": minutes.model_dump_json(), "engine": made.engine,
            "is_model": made.is_model, "prompt": made.prompt_sha256,
            "fallback": made.fallback_reason,
        })  # fmt: skip

    async def _run(self, identity: Identity, query: str, values: dict[str, object]) -> None:
        async with self.database.transaction(identity) as connection:
            await connection.execute(query.encode(), values | {"tenant": identity.tenant_id})


def guess_from(transcript: Transcript, clock: Clock, file_name: str) -> Invitation:
    """The invitation that nobody gave: the voices, and the day where the file's name holds one."""
    external = {cue.speaker for cue in transcript.cues if cue.is_external}
    voices = tuple((name, name in external) for name in transcript.speakers)
    return guess_invitation(voices, clock(), file_name)


def lay_out(minutes: Minutes, layout: str | None = None) -> list[Block]:
    """The blocks of minutes in the named layout, else the one they call for.

    Raises InvalidInput for an unknown layout.
    """
    if layout is not None and layout not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise InvalidInput(f"Modèle inconnu\u00a0: {layout}. Modèles connus\u00a0: {known}.")
    return compose(minutes, LAYOUTS[layout] if layout else choose_layout(minutes))
