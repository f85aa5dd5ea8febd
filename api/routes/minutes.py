"""Minutes of meetings: bring a transcript, follow the work, fetch the result in any form."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, File, Form, Request, Response, UploadFile
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel

from agents.meeting_synthesis.desk import Desk, lay_out
from agents.meeting_synthesis.listing import MinutesHeading
from agents.meeting_synthesis.listing import list_minutes as list_latest
from agents.meeting_synthesis.models import Minutes, Quote
from agents.meeting_synthesis.output.markdown import Linker, escape, write_markdown
from agents.meeting_synthesis.output.pdf import write_pdf
from agents.meeting_synthesis.output.word import write_word
from api.identities import Asker, Reader
from api.paging import PageOf
from core.addresses import API
from core.context import Identity
from core.errors import ConfigurationError, NotFound
from core.formats import NBSP
from core.office import WORD_TYPE
from crm.changes import ChangeDraft
from ingest.errors import UnreadableFile
from ingest.meetings.audio import LARGEST_RECORDING, TOO_LONG, is_audio
from ingest.meetings.invitation import parse_invitation
from ingest.meetings.reading import LARGEST_BYTES, TOO_LARGE
from ingest.meetings.store import get_transcript

router = APIRouter(prefix="/minutes")

MEDIA = {"docx": WORD_TYPE, "pdf": "application/pdf", "md": "text/markdown; charset=utf-8"}
PRIVATE = {"cache-control": "private, no-store"}
AROUND = 3
Form_ = Annotated[str | None, Form()]


def get_desk(request: Request) -> Desk:
    """The desk of the running application. Raises ConfigurationError without one."""
    desk: Desk | None = request.app.state.services.desk
    if desk is None:
        raise ConfigurationError("Les comptes rendus ne sont pas activés sur cette instance.")
    return desk


DeskOf = Annotated[Desk, Depends(get_desk)]


class SubmittedProposal(BaseModel):
    """A wish that became a proposal, or why it could not, in French."""

    key: str
    proposal_id: UUID | None
    refusal: str | None


class MinutesStatus(BaseModel):
    """Where the work stands; `minutes` once it is ready."""

    id: UUID
    transcript_id: UUID
    version: int
    status: Literal["running", "ready", "failed"]
    failure: str | None = None
    minutes: Minutes | None = None


class ProposedChange(BaseModel):
    """A change that someone may approve elsewhere; nothing has been written."""

    object: str
    fields: dict[str, Any]
    reason: str
    key: str
    quotes: list[str]


class ProposedChanges(BaseModel):
    """The batch: tasks to create, actions an open task already holds, an article to review."""

    tasks: list[ProposedChange]
    already_open: list[str]
    article: ProposedChange | None


class MailOut(BaseModel):
    """The mail, not sent."""

    to: list[str]
    subject: str
    body: str
    unreachable: list[str]


@router.post("", status_code=202)
async def bring_transcript(
    identity: Asker,
    desk: DeskOf,
    file: Annotated[UploadFile, File()],
    invitation: Form_ = None,
) -> MinutesStatus:
    """Keep a transcript (.vtt, .srt, .docx, .txt, or a recording) and ask for its minutes.

    `invitation` is JSON: date, attendees (name, email), agenda, client.
    """
    name = file.filename or "transcription"
    largest, told = (LARGEST_RECORDING, TOO_LONG) if is_audio(name) else (LARGEST_BYTES, TOO_LARGE)
    content = await file.read(largest + 1)
    if len(content) > largest:
        raise UnreadableFile(told)
    called = parse_invitation(invitation) if invitation else None
    transcript_id = await desk.receive(identity, name, content, called)
    minutes_id = await desk.request(identity, transcript_id)
    return await _status(desk, identity, minutes_id)


@router.get("")
async def list_minutes(reader: Reader, desk: DeskOf, page: PageOf) -> list[MinutesHeading]:
    """The latest minutes, one version a meeting, with their actions."""
    return page.cut(await list_latest(desk.database, reader, page.reach))


@router.get("/{minutes_id}")
async def get_minutes(minutes_id: UUID, reader: Reader, desk: DeskOf) -> MinutesStatus:
    """Where the work stands, and the minutes once they are ready."""
    return await _status(desk, reader, minutes_id)


@router.post("/{minutes_id}/invitation", status_code=202)
async def change_minutes_invitation(
    minutes_id: UUID, identity: Asker, desk: DeskOf, invitation: Form_ = None
) -> MinutesStatus:
    """Ask for these minutes again with another invitation; without one, from the voices alone."""
    called = parse_invitation(invitation) if invitation else None
    return await _status(desk, identity, await desk.change_invitation(identity, minutes_id, called))


@router.get("/{minutes_id}/document.{form}")
async def get_minutes_document(
    minutes_id: UUID,
    form: Literal["docx", "pdf", "md"],
    reader: Reader,
    desk: DeskOf,
    layout: str | None = None,
) -> Response:
    """The minutes as a Word file, a PDF or Markdown."""
    _, minutes = await desk.get_ready(reader, minutes_id)
    blocks = lay_out(minutes, layout)
    content: bytes | str
    if form == "docx":
        content = await asyncio.to_thread(write_word, blocks)
    elif form == "pdf":
        content = await asyncio.to_thread(write_pdf, blocks)
    else:
        content = write_markdown(blocks, make_linker(minutes_id))
    name = quote(f"Compte rendu {minutes.starts_at:%Y-%m-%d}.{form}")
    headers = {**PRIVATE, "content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(content, media_type=MEDIA[form], headers=headers)


@router.get("/{minutes_id}/cues")
async def get_minutes_cue(
    minutes_id: UUID, cue: str, reader: Reader, desk: DeskOf
) -> PlainTextResponse:
    """A cue with those around it, as Markdown, the cited one in bold."""
    row = await desk.get(reader, minutes_id)
    stored = await get_transcript(desk.database, reader, row.transcript_id)
    place = stored.transcript.by_id.get(cue)
    if place is None:
        raise NotFound("Cette réplique n’existe pas dans la transcription.")
    lines: list[str] = []
    for other in stored.transcript.cues[max(0, place - AROUND) : place + AROUND + 1]:
        said = f"{escape(other.speaker or 'Voix inconnue')}{NBSP}: {escape(other.text)}"
        lines.append(f"**{said}**" if other.id == cue else said)
    return PlainTextResponse("\n\n".join(lines), media_type="text/markdown", headers=PRIVATE)


@router.get("/{minutes_id}/mail")
async def get_minutes_mail(minutes_id: UUID, reader: Reader, desk: DeskOf) -> MailOut:
    """The draft of the mail to those invited; it is never sent from here."""
    mail = await desk.draft_mail(reader, minutes_id)
    return MailOut(
        to=list(mail.to), subject=mail.subject, body=mail.body, unreachable=list(mail.unreachable)
    )


@router.get("/{minutes_id}/proposals")
async def get_minutes_proposals(minutes_id: UUID, reader: Reader, desk: DeskOf) -> ProposedChanges:
    """The tasks and the article these minutes call for, as proposals."""
    proposals = await desk.propose(reader, minutes_id)
    return ProposedChanges(
        tasks=[_show(draft) for draft in proposals.tasks.drafts],
        already_open=[task.title for _, task in proposals.tasks.known],
        article=_show(proposals.article) if proposals.article else None,
    )


@router.post("/{minutes_id}/proposals")
async def submit_minutes_proposals(
    minutes_id: UUID, identity: Asker, desk: DeskOf
) -> list[SubmittedProposal]:
    """Propose these tasks and this article: they wait for an approval, nothing is written."""
    return [
        SubmittedProposal(key=s.key, proposal_id=s.proposal_id, refusal=s.refusal)
        for s in await desk.submit(identity, minutes_id)
    ]


def make_linker(minutes_id: UUID) -> Linker:
    """Links to the words, for minutes shown by this instance."""

    def link(cited: Quote) -> str:
        return f"{API}/minutes/{minutes_id}/cues?cue={quote(cited.cue, safe='')}"

    return link


def _show(draft: ChangeDraft) -> ProposedChange:
    return ProposedChange(
        object=draft.object, fields=dict(draft.fields), reason=draft.reason, key=draft.key,
        quotes=[span.quote for span in draft.evidence],
    )  # fmt: skip


async def _status(desk: Desk, identity: Identity, minutes_id: UUID) -> MinutesStatus:
    row = await desk.get(identity, minutes_id)
    status: Any = row.status
    return MinutesStatus(
        id=row.id, transcript_id=row.transcript_id, version=row.version, status=status,
        failure=row.failure, minutes=row.minutes,
    )  # fmt: skip
