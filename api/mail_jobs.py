"""Background work on mail: sources read, waiting threads triaged, drafts placed, daily digest."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from agents.triage.digest import read_digest, since_yesterday, write_digest
from agents.triage.pipeline import triage_source, triage_waiting, warm_up
from agents.triage.placing import place_drafts
from api.mailboxes import find_imap, list_mailboxes
from api.services import build_clock, build_engine, meter_engine
from core.addresses import API
from core.context import Context, Identity, system_clock
from core.database import Database
from core.errors import DatabaseUnavailable, VoltaireError
from core.settings import Settings
from crm.mail.sources import find_subscribed, hasten_renewal, open_source, save_error
from ingest.clients.graph import GraphMailbox
from ingest.clients.graph_transport import load_sdk
from ingest.mail.isolation import MailReader
from ingest.sources.files import open_path
from ingest.sources.graph import (
    GraphSource,
    forget_subscription,
    is_genuine,
    keep_subscribed,
)
from ingest.sources.imap import FollowedImap, ImapSource

logger = logging.getLogger(__name__)
LIVE, BULK = 10, -10
LOT_S = 10.0
EVERY_TEN_MINUTES, EVERY_HOUR, EVERY_MORNING = "*/10 * * * *", "7 * * * *", "30 7 * * 1-5"


@dataclass
class MailJobs:
    """The mail jobs of `leader`'s firm."""

    settings: Settings
    database: Database
    leader: Identity
    reader: MailReader = field(default_factory=MailReader)

    @cached_property
    def context(self) -> Context:
        """Whose behalf triage works on: proposals then wait for those who may approve."""
        settings, database = self.settings, self.database
        engine = meter_engine(build_engine(settings), database, settings)
        return Context(self.leader, database, engine, build_clock(settings))

    def register(self, app: procrastinate.App) -> None:
        """Declare the jobs: new mail before anything else, the past last and by small lots."""

        @app.periodic(cron=EVERY_TEN_MINUTES)
        @app.task(name="read_mail", queueing_lock="read_mail", lock="read_mail", priority=LIVE)
        async def read_mail(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            await self.read_sources()

        @app.periodic(cron=EVERY_HOUR)
        @app.task(
            name="backfill_mail", queueing_lock="backfill_mail", lock="backfill_mail", priority=BULK
        )
        async def backfill_mail(timestamp: int, left: int | None = None) -> None:
            left = await self.catch_up(left)
            if left:
                with suppress(AlreadyEnqueued):
                    task = app.configure_task("backfill_mail")
                    await task.defer_async(timestamp=timestamp, left=left)

        @app.periodic(cron=EVERY_MORNING)
        @app.task(name="mail_digest", queueing_lock="mail_digest", priority=LIVE)
        async def mail_digest(timestamp: int) -> str:  # noqa: ARG001 - given by the queue
            return await self.write_daily_digest()

    async def read_sources(self) -> dict[str, str]:
        """Read every source; those that failed, with the reason: they keep no other waiting."""
        failed: dict[str, str] = {}
        await warm_up(self.reader)
        for mailbox, kind, reading in self._list_readings():
            reason = await self._read(mailbox, kind, reading)
            if reason is not None:
                failed[mailbox] = reason
        return failed

    def _list_readings(self) -> Iterator[tuple[str, str, Awaitable[None]]]:
        if self.settings.mail_folder is not None:
            yield str(self.settings.mail_folder), "folder", self._read_folder()
        for mailbox in self.list_mailboxes():
            yield mailbox.user, "graph", self._read_mailbox(mailbox)
        account = find_imap(self.settings)
        if account is not None:
            yield account.mailbox, "imap", self._read_imap(account)

    async def catch_up(self, left: int | None = None) -> int:
        """Triage a lot of what waits, some seconds long; what is left of the hour's budget.

        Zero when nothing waits any more.
        """
        budget = self.settings.mail_backfill_per_hour if left is None else left
        report = await triage_waiting(self.context, self.reader, limit=budget, seconds=LOT_S)
        done = len(report.threads) + len(report.set_aside)
        return max(0, budget - done) if done else 0

    async def write_daily_digest(self) -> str:
        """The digest since the last working day."""
        context = self.context
        return write_digest(await read_digest(context, since_yesterday(context.clock())))

    def list_mailboxes(self) -> list[GraphMailbox]:
        """The Microsoft 365 mailboxes of the settings."""
        return list_mailboxes(self.settings)

    def follow(self, app: procrastinate.App) -> Callable[..., Awaitable[None]]:
        """What a notification leads to: the mailbox read again by a job, where it is genuine."""

        async def follow(subscription_id: str, state: str | None, event: str | None) -> None:
            tenant_id = self.leader.tenant_id
            async with self.database.transaction(self.leader, "sync_writer") as connection:
                row = await find_subscribed(connection, tenant_id, subscription_id)
            if row is None or not is_genuine(row["client_state"], state):
                return
            if event == "reauthorizationRequired":
                await self._hasten(row["mailbox"])
            if event == "subscriptionRemoved":
                await forget_subscription(self.database, self.leader, row["mailbox"])
            with suppress(AlreadyEnqueued):
                await app.configure_task("read_mail").defer_async(timestamp=0)

        return follow

    async def _hasten(self, mailbox: str) -> None:
        async with self.database.transaction(self.leader, "sync_writer") as connection:
            await hasten_renewal(connection, self.leader.tenant_id, mailbox)

    async def _read_folder(self) -> None:
        folder = self.settings.mail_folder
        if folder is not None:
            await triage_source(self.context, self.reader, open_path(folder))

    async def _read_imap(self, account: ImapSource) -> None:
        source = FollowedImap(account, self.database, self.leader)
        await triage_source(self.context, self.reader, source)

    async def _read_mailbox(self, mailbox: GraphMailbox) -> None:
        await asyncio.to_thread(load_sdk)
        source = GraphSource(mailbox, self.database, self.leader)
        try:
            refusal = await self._keep_subscribed(source)
            await triage_source(self.context, self.reader, source)
            await place_drafts(self.context, mailbox)
        finally:
            await mailbox.close()
        if refusal is not None:
            raise refusal

    async def _keep_subscribed(self, source: GraphSource) -> VoltaireError | None:
        """Why the mailbox cannot be watched, if so: it is read all the same, every ten minutes."""
        if not self.settings.public_url:
            return None
        address = f"{self.settings.public_url.rstrip('/')}{API}/mail/notifications"
        try:
            await keep_subscribed(source, address, system_clock())
        except VoltaireError as error:
            return error
        return None

    async def _read(self, mailbox: str, kind: str, reading: Awaitable[None]) -> str | None:
        try:
            await reading
        except DatabaseUnavailable:
            raise
        except VoltaireError as error:
            logger.warning("Boîte %s : %s", mailbox, error.message)
            tenant_id = self.leader.tenant_id
            async with self.database.transaction(self.leader, "sync_writer") as connection:
                await open_source(connection, tenant_id, mailbox, kind)
                await save_error(connection, tenant_id, mailbox, error.message)
            return error.message
        return None
