"""The desk where every surface brings transcripts and fetches minutes. Built once per process."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from agents.meeting_synthesis import storage
from agents.meeting_synthesis.graph import synthesise
from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.output.document import Block, compose
from agents.meeting_synthesis.output.drafts import TaskBatch, draft_article, draft_tasks
from agents.meeting_synthesis.output.layouts import LAYOUTS, choose_layout
from agents.meeting_synthesis.output.mail import MailDraft, draft_mail
from agents.meeting_synthesis.records import Background, load_background
from agents.meeting_synthesis.storage import MinutesRow
from core.context import Clock, Context, Identity
from core.database import Database
from core.engine.protocol import Engine
from core.errors import DatabaseUnavailable, InvalidInput, VoltaireError
from crm.changes import ChangeDraft
from crm.proposals.canonical import Origin as ProposalOrigin
from crm.proposals.submission import Submission
from ingest.meetings.audio import read_meeting
from ingest.meetings.invitation import Invitation, guess_invitation
from ingest.meetings.store import (
    Origin,
    StoredTranscript,
    get_transcript,
    replace_invitation,
    save_transcript,
)
from ingest.meetings.transcript import Transcript
from tools.proposals import propose as submit_drafts

ORIGIN = "meeting"
UNEXPECTED = (
    "Le compte rendu n’a pas pu être établi. Réessayez\u00a0; si l’erreur persiste, prévenez votre "
    "administrateur."
)
GIVEN_UP = (
    "L’établissement du compte rendu a été interrompu plusieurs fois. La transcription est "
    "gardée\u00a0: redemandez-le, ou prévenez votre administrateur."
)
LONGEST = dt.timedelta(hours=2)
"""Minutes not written by then are given up: what stopped them so often will stop them again."""
EVERY_S = 0.5
NOT_READY = "Ce compte rendu n’est pas prêt. Attendez quelques secondes et redemandez-le."


Defer = Callable[[Identity, UUID], Awaitable[None]]


async def leave_waiting(_: Identity, __: UUID) -> None:
    """Without a queue in this process, the worker finds the open version by itself."""


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
    defer: Defer = leave_waiting

    async def receive(
        self,
        identity: Identity,
        file_name: str,
        content: bytes,
        invitation: Invitation | None = None,
        *,
        held_on: dt.date | None = None,
        origin: Origin = "file",
        external_id: str | None = None,
    ) -> UUID:
        """Keep the transcript of a file or of a recording, which takes its time.

        `held_on` is the meeting's day where no invitation is given. Raises UnreadableFile, or
        ConfigurationError without the audio option, with what to do.
        """
        transcript = await asyncio.to_thread(read_meeting, file_name, content)
        if transcript.format == "audio":
            origin = "audio"
        called = invitation or guess_from(transcript, self.clock, file_name, held_on)
        return await self.keep(identity, file_name, transcript, called, origin=origin,
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
        return await storage.open_version(self.database, identity, transcript_id)

    async def change_invitation(
        self, identity: Identity, minutes_id: UUID, invitation: Invitation | None
    ) -> UUID:
        """Ask for a new version with another invitation, or with none: the voices then stand in.

        The transcript keeps it. Raises NotFound.
        """
        row = await self.get(identity, minutes_id)
        stored = await get_transcript(self.database, identity, row.transcript_id)
        called = invitation or guess_from(stored.transcript, self.clock, stored.file_name)
        background = await load_background(self.database, identity, called, stored.file_name)
        client = background.whereabouts.account_id
        await replace_invitation(self.database, identity, stored.id, called, client)
        return await self.request(identity, stored.id)

    async def request(self, identity: Identity, transcript_id: UUID) -> UUID:
        """Open a new version, and ask the queue to write it. Raises NotFound."""
        minutes_id = await self.start(identity, transcript_id)
        await self.defer(identity, minutes_id)
        return minutes_id

    async def write(self, identity: Identity, minutes_id: UUID) -> MinutesRow:
        """Write the version opened by `start`, unless it is ended; wait where another writes it.

        A failure is stored in French, then raised. A process that dies lets go of its lock, and
        leaves the version to whoever asks for it again.
        """
        while (row := await self.get(identity, minutes_id)).status == "running":
            async with self.database.session(identity) as session:
                lock = await (await session.execute(storage.LOCK, (str(minutes_id),))).fetchone()
                if lock and lock["is_mine"]:
                    try:
                        await self._write(identity, minutes_id)
                    finally:
                        await session.execute(storage.UNLOCK, (str(minutes_id),))
                    continue
            await asyncio.sleep(EVERY_S)
        return row

    async def get(self, identity: Identity, minutes_id: UUID) -> MinutesRow:
        """A version of minutes. Raises NotFound."""
        return await storage.get_version(self.database, identity, minutes_id)

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
        return draft_mail(minutes, stored.invitation, identity.email, identity.full_name)

    async def _load(self, identity: Identity, stored: StoredTranscript) -> Background:
        return await load_background(self.database, identity, stored.invitation, str(stored.id))

    async def _write(self, identity: Identity, minutes_id: UUID) -> None:
        """Under the lock: write a version that is still open. Raises what stopped it."""
        row = await self.get(identity, minutes_id)
        if row.status != "running":
            return
        if dt.datetime.now(dt.UTC) - row.started_at > LONGEST:
            await storage.fail_version(self.database, identity, minutes_id, GIVEN_UP)
            return
        try:
            minutes = await self._synthesise(identity, row)
        except DatabaseUnavailable:
            raise
        except Exception as error:
            told = error.message if isinstance(error, VoltaireError) else UNEXPECTED
            await storage.fail_version(self.database, identity, minutes_id, told)
            raise
        await storage.finish_version(self.database, identity, minutes_id, minutes)

    async def _synthesise(self, identity: Identity, row: MinutesRow) -> Minutes:
        stored = await get_transcript(self.database, identity, row.transcript_id)
        background = await self._load(identity, stored)
        context = Context(identity, self.database, self.engine, self.clock)
        return await synthesise(
            context, stored.transcript, stored.invitation, background.records,
            f"meeting_transcripts:{stored.id}",
        )  # fmt: skip


def guess_from(
    transcript: Transcript, clock: Clock, file_name: str, held_on: dt.date | None = None
) -> Invitation:
    """The invitation that nobody gave: the voices, and the day said, or that of the file's name."""
    external = {cue.speaker for cue in transcript.cues if cue.is_external}
    voices = tuple((name, name in external) for name in transcript.speakers)
    return guess_invitation(voices, clock(), file_name, held_on)


def lay_out(minutes: Minutes, layout: str | None = None) -> list[Block]:
    """The blocks of minutes in the named layout, else the one they call for.

    Raises InvalidInput for an unknown layout.
    """
    if layout is not None and layout not in LAYOUTS:
        known = ", ".join(LAYOUTS)
        raise InvalidInput(f"Modèle inconnu\u00a0: {layout}. Modèles connus\u00a0: {known}.")
    return compose(minutes, LAYOUTS[layout] if layout else choose_layout(minutes))
