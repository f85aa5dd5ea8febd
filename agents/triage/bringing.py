"""Mail that a person brings themselves: stored in their mailbox, its threads triaged at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from core.context import Context
from core.errors import InvalidInput, NotAllowed
from core.roles import OPERATORS
from ingest.mail.errors import UnreadableMail
from ingest.mail.isolation import MailReader

READ_ONLY = (
    "Votre profil ne permet pas de faire analyser un courriel. Demandez-le à la direction ou à la "
    "qualité."
)
EMPTY = "Le courriel est vide. Joignez le message entier, au format .eml ou .msg."


@dataclass(frozen=True)
class Brought:
    """The thread that holds a mail; `is_done` once its triage is complete."""

    thread_id: UUID
    is_done: bool


async def store_brought(
    context: Context,
    reader: MailReader,
    raw: bytes,
    name: str,
    conversation_id: str | None = None,
) -> UUID:
    """Keep a mail of the user's mailbox, `name` being what they know it by; its thread.

    The same mail twice is one. Raises NotAllowed, InvalidInput, or UnreadableMail for one that is
    set aside.
    """
    if not context.identity.roles & OPERATORS:
        raise NotAllowed(READ_ONLY)
    if not raw.strip():
        raise InvalidInput(EMPTY)
    taken = await take_in(
        context, reader, raw, mailbox=context.identity.email, name=name,
        conversation_id=conversation_id,
    )  # fmt: skip
    if taken.thread_id is None:
        raise UnreadableMail(taken.refusal or EMPTY)
    return taken.thread_id


async def bring(
    context: Context,
    reader: MailReader,
    raw: bytes,
    name: str,
    conversation_id: str | None = None,
) -> Brought:
    """Keep a mail as `store_brought` does, and triage its thread."""
    thread_id = await store_brought(context, reader, raw, name, conversation_id)
    return Brought(thread_id, await triage_thread(context, reader, thread_id))
