"""What the steps of one thread's triage share while they run, and what they leave to be kept."""

from __future__ import annotations

import asyncio
import hashlib
import inspect
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from agents.email_summary.models import EmailSummary
from agents.non_conformity.models import Detection
from agents.reply_draft.models import ReplyDraft
from core.context import Context
from core.database import Connection
from crm.mail.messages import list_own_domains, list_thread
from crm.mail.triage import begin_triage, save_steps
from ingest.mail.errors import UnreadableMail
from ingest.mail.facts import MailFacts
from ingest.mail.isolation import MailReader, read_thread, tell_slowness
from ingest.mail.links import MailLinks
from ingest.mail.message import MailAddress, MailMessage
from ingest.mail.mime import parse_mail
from ingest.mail.thread import CleanThread

Write = Callable[[Connection], Awaitable[None]]
Result = TypeVar("Result")
TOO_LONG = (
    "Le tri de ce fil a dépassé 10\u00a0secondes\u00a0: il est mis de côté, rien n’en est perdu. "
    "Lisez-le dans votre messagerie, ou relancez-le plus tard."
)


@dataclass(frozen=True)
class Loaded:
    """The messages of a thread as they are stored, and the key that names the set."""

    key: str
    mailbox: str
    own_domains: frozenset[str]
    raws: tuple[bytes | None, ...]
    texts: tuple[MailMessage, ...]


@dataclass
class Work:
    """One thread being triaged: `steps` are the results already kept for its messages."""

    context: Context
    reader: MailReader
    thread_id: UUID
    loaded: Loaded
    steps: dict[str, Any]
    is_done: bool = False
    thread: CleanThread | None = None
    facts: MailFacts | None = None
    links: MailLinks | None = None
    summary: EmailSummary | None = None
    detection: Detection | None = None
    reply: ReplyDraft | None = None
    spent_s: float = 0.0
    _results: dict[str, Any] = field(default_factory=dict[str, Any])
    _columns: dict[str, Any] = field(default_factory=dict[str, Any])
    _writes: list[Write] = field(default_factory=list[Write])

    async def read(self) -> tuple[CleanThread, MailFacts]:
        """The cleaned thread and its facts, read once per run, in the reader's process."""
        if self.thread is None or self.facts is None:
            loaded = self.loaded
            started = time.monotonic()
            self.thread, self.facts = await self.reader.run_within(
                self.left_s, read_stored, loaded.raws, loaded.texts, loaded.own_domains
            )
            self._spend(started)
        return self.thread, self.facts

    @property
    def left_s(self) -> float:
        """What is left of the time that computing on one mail may take, in seconds."""
        return max(0.0, self.reader.limit_s - self.spent_s)

    async def compute(self, job: Coroutine[None, None, Result]) -> Result:
        """What `job` gives. With rules alone it computes without waiting for anything, and is
        given up once the mail's time is spent; a model's time is the engine's to bound.

        Raises UnreadableMail.
        """
        if self.context.engine.is_model:
            return await job
        started = time.monotonic()
        try:
            limit_s = self.left_s * tell_slowness()
            return await asyncio.wait_for(asyncio.to_thread(_drive, job), limit_s)
        except TimeoutError:
            raise UnreadableMail(TOO_LONG) from None
        finally:
            if inspect.getcoroutinestate(job) == inspect.CORO_CREATED:
                job.close()  # Its time was over before a thread took it.
            self._spend(started)

    def _spend(self, started: float) -> None:
        self.spent_s += (time.monotonic() - started) / tell_slowness()

    def keep(
        self, step: str, result: Any, columns: Mapping[str, Any] | None = None, *writes: Write
    ) -> None:
        """Have the result of a step, and the rows it means, kept at the next `save`."""
        self._results[step] = result
        self._columns |= columns or {}
        self._writes += writes

    async def save(self, *, is_done: bool = False) -> bool:
        """Keep what the steps left, in one transaction.

        False, and nothing kept, when the thread has changed since it was read: the run that its
        new message leads to starts anew.
        """
        context, tenant_id = self.context, self.context.identity.tenant_id
        async with context.database.transaction(context.identity, "sync_writer") as connection:
            is_current = await save_steps(
                connection, tenant_id, self.thread_id, self.loaded.key, self._results,
                columns=self._columns, is_done=is_done,
            )  # fmt: skip
            for write in self._writes if is_current else ():
                await write(connection)
        self._results, self._columns, self._writes = {}, {}, []
        return is_current


async def load(
    context: Context, reader: MailReader, thread_id: UUID, *, again: bool = False
) -> Work | None:
    """A thread's messages and what earlier runs found; None where it has none (joined to another).

    `again` forgets what earlier runs found.
    """
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        rows = await list_thread(connection, tenant_id, thread_id)
        if not rows:
            return None
        own = await list_own_domains(connection, tenant_id)
        loaded = _make_loaded(rows, own)
        steps, is_done = await begin_triage(
            connection, tenant_id, thread_id, key=loaded.key, mailbox=loaded.mailbox,
            last_message_at=max(row["sent_at"] for row in rows), again=again,
        )  # fmt: skip
    return Work(context, reader, thread_id, loaded, steps, is_done)


def _make_loaded(rows: Any, own: frozenset[str]) -> Loaded:
    names = "\n".join(row["internet_message_id"] for row in rows)
    mailboxes = [row["mailbox"] for row in rows if row["mailbox"]]
    return Loaded(
        hashlib.sha256(names.encode()).hexdigest(),
        mailboxes[-1] if mailboxes else "",
        own,
        tuple(bytes(r["content"]) if r["content"] is not None else None for r in rows),
        tuple(_from_row(row) for row in rows),
    )


def read_stored(
    raws: tuple[bytes | None, ...], texts: tuple[MailMessage, ...], own_domains: frozenset[str]
) -> tuple[CleanThread, MailFacts]:
    """The thread read from its messages' bytes, or from a row where only the text is held.

    Raises UnreadableMail.
    """
    parsed: list[MailMessage] = []
    for raw, text in zip(raws, texts, strict=True):
        try:
            parsed.append(text if raw is None else parse_mail(raw))
        except UnreadableMail:
            parsed.append(text)
    return read_thread(tuple(parsed), own_domains)


def _drive(job: Coroutine[None, None, Result]) -> Result:
    """The result of a coroutine that awaits nothing."""
    try:
        job.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("a computation without a model waits for nothing")


def _from_row(row: dict[str, Any]) -> MailMessage:
    return MailMessage(
        internet_message_id=row["internet_message_id"],
        subject=row["subject"],
        sender=MailAddress(row["from_address"]),
        sent_at=row["sent_at"],
        to=tuple(MailAddress(email) for email in row["to_addresses"]),
        text=row["body_text"],
    )
