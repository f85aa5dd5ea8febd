"""`voltaire minutes`: the minutes of one transcript, without a running instance."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from agents.meeting_synthesis.desk import guess_from, lay_out
from agents.meeting_synthesis.graph import synthesise
from agents.meeting_synthesis.models import Minutes
from agents.meeting_synthesis.output.mail import draft_mail
from agents.meeting_synthesis.output.pdf import write_pdf
from agents.meeting_synthesis.output.plain import write_plain
from agents.meeting_synthesis.output.word import make_template, write_word
from api.services import build_clock, build_engine
from api.written import write_file
from core.context import Context, Identity
from core.database import Database
from core.errors import InvalidInput
from core.formats import NBSP
from core.secrets import Secrets
from core.settings import Settings
from ingest.meetings.audio import read_meeting
from ingest.meetings.invitation import Invitation, parse_invitation
from ingest.meetings.transcript import Transcript

NO_FILE = "Donnez la transcription à lire, par exemple\u00a0: voltaire minutes reunion.vtt."
NOBODY = Identity(UUID(int=0), UUID(int=0), frozenset({"reader"}))


@dataclass(frozen=True)
class MinutesOutputs:
    """What is asked for besides the text on screen."""

    docx: Path | None = None
    pdf: Path | None = None
    template: Path | None = None
    export_template: Path | None = None
    layout: str | None = None
    mail: bool = False
    as_json: bool = False


def write_minutes_here(
    settings: Settings, file: Path | None, metadata: Path | None, outputs: MinutesOutputs
) -> Iterator[str]:
    """Write what is asked for; the lines are for the screen. Raises VoltaireError."""
    if outputs.export_template is not None:
        write_file(outputs.export_template, make_template())
        yield f"Modèle écrit{NBSP}: {outputs.export_template}"
        if file is None:
            return
    if file is None:
        raise InvalidInput(NO_FILE)
    transcript = read_meeting(file.name, _load(file))
    invitation = (
        parse_invitation(_load(metadata))
        if metadata
        else guess_from(transcript, build_clock(settings), file.name)
    )
    minutes = asyncio.run(_synthesise(settings, transcript, invitation))
    yield from _give(minutes, invitation, outputs)


def _give(minutes: Minutes, invitation: Invitation, outputs: MinutesOutputs) -> Iterator[str]:
    blocks = lay_out(minutes, outputs.layout)
    template = _load(outputs.template) if outputs.template else None
    yield minutes.model_dump_json(indent=2) if outputs.as_json else write_plain(blocks)
    if outputs.docx is not None:
        write_file(outputs.docx, write_word(blocks, template))
        yield f"Word écrit{NBSP}: {outputs.docx}"
    if outputs.pdf is not None:
        write_file(outputs.pdf, write_pdf(blocks))
        yield f"PDF écrit{NBSP}: {outputs.pdf}"
    if outputs.mail:
        mail = draft_mail(minutes, invitation)
        yield f"À{NBSP}: {', '.join(mail.to) or 'aucune adresse connue'}"
        yield f"Objet{NBSP}: {mail.subject}\n"
        yield mail.body


async def _synthesise(
    settings: Settings, transcript: Transcript, invitation: Invitation
) -> Minutes:
    """Without the firm's database: names and figures are checked against the invitation alone."""
    unused = Database("", Secrets(bytes(32)))
    context = Context(NOBODY, unused, build_engine(settings), build_clock(settings))
    return await synthesise(context, transcript, invitation)


def _load(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InvalidInput(
            f"«{NBSP}{path}{NBSP}» est introuvable ou illisible. Vérifiez le chemin et vos droits."
        ) from error
