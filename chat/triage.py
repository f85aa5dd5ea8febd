"""The triage page of the chat: what happened in the mail since the last working day."""

from __future__ import annotations

import chainlit as cl

from agents.triage.digest import is_asked, read_digest, since_yesterday, write_digest
from chat.services import ChatServices
from chat.shown import Reference, keep_shown, replays
from chat.texts import ASSISTANT_NAME
from core.context import Context, Identity, system_clock
from core.engine.offline import OfflineEngine

__all__ = ("is_asked", "show_triage")


async def show_triage(services: ChatServices, identity: Identity, question: str) -> None:
    """Show the digest; it is made of rows alone, whatever the engine."""
    clock = getattr(services.assistant, "clock", system_clock)
    context = Context(identity, services.database, OfflineEngine({}), clock)
    digest = await read_digest(context, since_yesterday(clock()))
    text = write_digest(digest)
    await cl.Message(content=text, author=ASSISTANT_NAME).send()
    await keep_shown("digest", question, {"text": text})


@replays("digest")
async def replay_digest(identity: Identity, reference: Reference) -> str:  # noqa: ARG001
    """The digest as it was that day."""
    return str(reference["text"])
