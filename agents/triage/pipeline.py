"""From a source of mail to triaged threads: everything taken in, then each thread once."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from agents.non_conformity.rules.likeness import rate_likeness
from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from core.context import Context
from core.errors import NotFound
from crm.mail.messages import list_untriaged
from crm.mail.waiting import find_poison, mark_replayed
from ingest.mail.isolation import MailReader
from ingest.sources.source import MailSource

Progress = Callable[[int, int, str], None]


@dataclass
class TriageReport:
    """What a run did: mails met, new, refused (name → reason); threads triaged or set aside."""

    mails: int = 0
    new: int = 0
    refused: dict[str, str] = field(default_factory=dict[str, str])
    threads: list[UUID] = field(default_factory=list[UUID])
    set_aside: list[UUID] = field(default_factory=list[UUID])


async def warm_up(reader: MailReader) -> None:
    """Pay at the start, once, what the first mail would wait for: reader's process, vectors."""
    await reader.run(len, b"")
    await asyncio.to_thread(rate_likeness, [""])


async def triage_source(
    context: Context,
    reader: MailReader,
    source: MailSource,
    *,
    total: int = 0,
    progress: Progress | None = None,
) -> TriageReport:
    """Take in what `source` holds, then triage the threads it touched."""
    report = TriageReport()
    touched: dict[UUID, None] = {}
    async for mail in source.read():
        taken = await take_in(
            context, reader, mail.content, mailbox=source.mailbox, name=mail.name,
            outside_id=mail.outside_id, conversation_id=mail.conversation_id,
        )  # fmt: skip
        report.mails += 1
        report.new += taken.is_new
        if taken.thread_id is None:
            report.refused[mail.name] = taken.refusal or ""
        else:
            touched[taken.thread_id] = None
        if progress is not None:
            progress(report.mails, max(total, report.mails), mail.name)
    for thread_id in touched:
        await _triage(context, reader, thread_id, report)
    return report


async def triage_waiting(
    context: Context,
    reader: MailReader,
    *,
    limit: int = 200,
    seconds: float = math.inf,
    progress: Progress | None = None,
) -> TriageReport:
    """Triage at most `limit` threads that wait for it, the latest first.

    None but the first is begun after `seconds`.
    """
    ends = time.monotonic() + seconds
    report = TriageReport()
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        waiting = await list_untriaged(connection, context.identity.tenant_id, limit)
    for rank, thread_id in enumerate(waiting, 1):
        if rank > 1 and time.monotonic() > ends:
            break
        await _triage(context, reader, thread_id, report)
        if progress is not None:
            progress(rank, len(waiting), "")
    return report


async def replay(context: Context, reader: MailReader, poison_id: UUID) -> TriageReport:
    """Try again what was set aside. Raises NotFound."""
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity, "sync_writer") as connection:
        poison = await find_poison(connection, tenant_id, poison_id)
    if poison is None:
        raise NotFound("Ce courriel n’est plus dans la file des courriels mis de côté.")
    report = TriageReport(mails=1)
    thread_id: UUID | None = poison["thread_id"]
    if thread_id is None:
        taken = await take_in(
            context, reader, bytes(poison["content"]), mailbox=poison["mailbox"],
            name=poison["name"],
        )  # fmt: skip
        if taken.thread_id is None:
            report.refused[poison["name"]] = taken.refusal or ""
            return report
        thread_id, report.new = taken.thread_id, int(taken.is_new)
    await _triage(context, reader, thread_id, report, again=True)
    if not report.set_aside:
        async with context.database.transaction(context.identity, "sync_writer") as connection:
            await mark_replayed(connection, tenant_id, poison_id)
    return report


async def _triage(
    context: Context,
    reader: MailReader,
    thread_id: UUID,
    report: TriageReport,
    *,
    again: bool = False,
) -> None:
    is_done = await triage_thread(context, reader, thread_id, again=again)
    (report.threads if is_done else report.set_aside).append(thread_id)
