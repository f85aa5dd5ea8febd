"""What the steps of one thread's triage share while they run; nothing of it is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from agents.email_summary.models import EmailSummary
from agents.non_conformity.models import Detection
from core.context import Context
from crm.mail.messages import list_own_domains, list_thread
from ingest.mail.errors import UnreadableMail
from ingest.mail.facts import MailFacts
from ingest.mail.isolation import MailReader
from ingest.mail.links import MailLinks
from ingest.mail.message import MailAddress, MailMessage
from ingest.mail.mime import parse_mail
from ingest.mail.thread import CleanThread


@dataclass
class Work:
    """One thread being triaged: `steps` are the results already kept for its messages."""

    context: Context
    reader: MailReader
    thread_id: UUID
    key: str
    mailbox: str
    own_domains: frozenset[str]
    messages: tuple[MailMessage, ...]
    steps: dict[str, Any]
    thread: CleanThread | None = None
    facts: MailFacts | None = None
    links: MailLinks | None = None
    summary: EmailSummary | None = None
    detection: Detection | None = None

    async def read(self) -> tuple[CleanThread, MailFacts]:
        """The cleaned thread and its facts, read once per run."""
        if self.thread is None or self.facts is None:
            self.thread, self.facts = await self.reader.read(self.messages, self.own_domains)
        return self.thread, self.facts


@dataclass(frozen=True)
class Loaded:
    """The messages of a thread, and the key that names the set."""

    messages: tuple[MailMessage, ...]
    own_domains: frozenset[str]
    mailbox: str
    key: str


async def load(context: Context, reader: MailReader, thread_id: UUID) -> Loaded | None:
    """The messages of a thread as they came; None where it has none (joined to another)."""
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        rows = await list_thread(connection, tenant_id, thread_id)
        own = await list_own_domains(connection, tenant_id)
    if not rows:
        return None
    raws = tuple(bytes(r["content"]) if r["content"] is not None else None for r in rows)
    texts = tuple(_from_row(row) for row in rows)
    messages = await reader.run(parse_all, raws, texts)
    mailboxes = [row["mailbox"] for row in rows if row["mailbox"]]
    names = "\n".join(row["internet_message_id"] for row in rows)
    digest = hashlib.sha256(names.encode()).hexdigest()
    return Loaded(messages, own, mailboxes[-1] if mailboxes else "", digest)


def parse_all(
    raws: tuple[bytes | None, ...], texts: tuple[MailMessage, ...]
) -> tuple[MailMessage, ...]:
    """Each message from its bytes, or from its row where only the text is held."""
    parsed: list[MailMessage] = []
    for raw, text in zip(raws, texts, strict=True):
        try:
            parsed.append(text if raw is None else parse_mail(raw))
        except UnreadableMail:
            parsed.append(text)
    return tuple(parsed)


def _from_row(row: dict[str, Any]) -> MailMessage:
    return MailMessage(
        internet_message_id=row["internet_message_id"],
        subject=row["subject"],
        sender=MailAddress(row["from_address"]),
        sent_at=row["sent_at"],
        to=tuple(MailAddress(email) for email in row["to_addresses"]),
        text=row["body_text"],
    )
