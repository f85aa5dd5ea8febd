"""The first step of triage: a raw mail stored once, or set aside with the reason."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from uuid import UUID, uuid5

from core.context import Context
from core.database import StatementFailed, raise_if_down
from core.errors import VoltaireError
from crm.mail.messages import AttachmentRow, NewMessage, list_own_domains, store_message
from crm.mail.waiting import SetAside, set_aside
from ingest.mail.addresses import domain_of
from ingest.mail.isolation import MailReader
from ingest.mail.message import MailMessage

logger = logging.getLogger(__name__)
NOT_STORED = (
    "Ce courriel n’a pas pu être enregistré. Relancez-le avec «\u00a0voltaire triage "
    "--replay\u00a0»\u00a0; si cela se répète, transmettez le journal au support."
)
POISON = UUID("7d5b2c6e-4a51-5d0e-9a55-2f5a4f0c8e11")


@dataclass(frozen=True)
class Taken:
    """What became of a raw mail: in a thread, or set aside (`refusal` says why, in French)."""

    thread_id: UUID | None
    is_new: bool = False
    refusal: str | None = None


async def take_in(
    context: Context,
    reader: MailReader,
    raw: bytes,
    *,
    mailbox: str,
    name: str,
    outside_id: str | None = None,
    conversation_id: str | None = None,
) -> Taken:
    """Store `raw`; `name` is what a person knows it by (file name, subject).

    The same mail again changes nothing. A mail that cannot be read is set aside, once.
    """
    try:
        message, shown = await reader.parse(raw)
    except VoltaireError as error:
        await _set_aside(context, raw, mailbox, name, error.message)
        return Taken(None, refusal=error.message)
    try:
        async with context.database.transaction(context.identity, "sync_writer") as connection:
            own = await list_own_domains(connection, context.identity.tenant_id)
            new = describe(message, shown, raw, mailbox, own, outside_id, conversation_id)
            stored = await store_message(connection, context.identity.tenant_id, new)
    except StatementFailed as error:
        raise_if_down(error)
        logger.exception("Courriel %s non enregistré", name)
        await _set_aside(context, raw, mailbox, name, NOT_STORED)
        return Taken(None, refusal=NOT_STORED)
    return Taken(stored.thread_id, stored.is_new)


def describe(
    message: MailMessage,
    shown: str,
    raw: bytes,
    mailbox: str,
    own_domains: frozenset[str],
    outside_id: str | None,
    conversation_id: str | None,
) -> NewMessage:
    """The row of a message that shows the text `shown`.

    The conversation of its mailbox counts as one more reference.
    """
    answered = (message.in_reply_to,) if message.in_reply_to else ()
    conversation = (f"conversation:{mailbox}:{conversation_id}",) if conversation_id else ()
    return NewMessage(
        mailbox=mailbox,
        internet_message_id=_clean(message.internet_message_id),
        outside_id=outside_id,
        reference_ids=tuple(
            dict.fromkeys(_clean(i) for i in (*message.references, *answered, *conversation))
        ),
        direction="out" if domain_of(message.sender.email) in own_domains else "in",
        from_address=_clean(message.sender.email),
        to_addresses=tuple(_clean(a.email) for a in (*message.to, *message.cc)),
        sent_at=message.sent_at,
        subject=_clean(message.subject),
        body_text=_clean(shown),
        content=raw,
        attachments=tuple(
            AttachmentRow(
                _clean(file.file_name), _clean(file.media_type), len(file.content),
                hashlib.sha256(file.content).hexdigest(),
            )
            for file in message.attachments
        ),
    )  # fmt: skip


def _clean(text: str) -> str:
    """Without what a text column cannot hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


async def _set_aside(context: Context, raw: bytes, mailbox: str, name: str, message: str) -> None:
    tenant_id = context.identity.tenant_id
    digest = hashlib.sha256(raw).hexdigest()
    poison = SetAside(
        uuid5(POISON, f"{tenant_id}|{mailbox}|{digest}"), mailbox, name, "store", message, raw
    )
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        await set_aside(connection, tenant_id, poison)
