"""A transcript dropped in the chat: its minutes on screen, its files to download."""

from __future__ import annotations

import asyncio
from pathlib import Path
from urllib.parse import quote
from uuid import UUID

import chainlit as cl

from agents.meeting_synthesis.desk import lay_out
from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.output.markdown import Linker, write_markdown
from chat.services import get_chat_services
from chat.sessions import get_current_identity
from chat.texts import ASSISTANT_NAME
from core.errors import ConfigurationError

SUFFIXES = (".vtt", ".srt", ".docx", ".txt")
FILES = (
    "[Word](/api/minutes/{id}/document.docx) · [PDF](/api/minutes/{id}/document.pdf) · "
    "[courriel](/api/minutes/{id}/mail) · [tâches à proposer](/api/minutes/{id}/proposals)"
)


async def show_minutes(path: Path, name: str) -> None:
    """Write the minutes of a file and show them. Raises VoltaireError."""
    services = get_chat_services()
    if services.desk is None:
        raise ConfigurationError("Les comptes rendus ne sont pas activés sur cette instance.")
    identity = await get_current_identity()
    content = await asyncio.to_thread(path.read_bytes)
    async with cl.Step(name="Lecture de la transcription", type="tool", show_input=False):
        transcript_id = await services.desk.receive(identity, name, content)
        minutes_id = await services.desk.start(identity, transcript_id)
        await services.desk.write(identity, minutes_id)
    _, minutes = await services.desk.get_ready(identity, minutes_id)
    text = write_markdown(lay_out(minutes), make_link(minutes_id))
    files = FILES.format(id=minutes_id)
    await cl.Message(content=f"{files}\n\n{text}", author=ASSISTANT_NAME).send()


def make_link(minutes_id: UUID) -> Linker:
    """Links from each item to the words it rests on."""

    def link(cited: Quote) -> str:
        return f"/api/minutes/{minutes_id}/cues?cue={quote(cited.cue, safe='')}"

    return link
