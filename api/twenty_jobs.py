"""Background work on Twenty CRM: what was announced, what changed, a full reading each night."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from core.context import Identity
from core.database import Database
from core.errors import ConfigurationError, VoltaireError
from core.settings import Settings
from ingest.clients.twenty import TwentyClient
from ingest.twenty.notifications import Announcement, take_once
from ingest.twenty.storage import find_link
from ingest.twenty.syncing import Counts, Reading

logger = logging.getLogger(__name__)
ANNOUNCED = "read_twenty_announced"
CHANGES = "read_twenty_changes"
EVERYTHING = "read_twenty_everything"
LOCK = "twenty"
EVERY_MINUTE = "* * * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
EVERY_NIGHT = "40 2 * * *"
NOT_CONFIGURED = (
    "Twenty n’est pas configuré\u00a0: renseignez VOLTAIRE_TWENTY_URL et VOLTAIRE_TWENTY_API_KEY "
    "(docs/connecteur-twenty.md)."
)


def find_client(settings: Settings) -> TwentyClient | None:
    """The client of the settings; None while the address or the key is missing."""
    address, key = settings.twenty_address, settings.twenty_api_key
    return TwentyClient(address, key) if address and key else None


@asynccontextmanager
async def opened_client(settings: Settings) -> AsyncGenerator[TwentyClient]:
    """The client of the settings, closed at the end. Raises ConfigurationError."""
    client = find_client(settings)
    if client is None:
        raise ConfigurationError(NOT_CONFIGURED)
    try:
        yield client
    finally:
        await client.close()


@dataclass(frozen=True)
class TwentyJobs:
    """The mirror of `leader`'s firm; no job where no Twenty is configured."""

    settings: Settings
    database: Database
    leader: Identity

    def register(self, app: procrastinate.App) -> None:
        """Declare the periodic jobs: one at a time reads Twenty."""
        if self.settings.twenty_address is None:
            return

        @app.periodic(cron=EVERY_MINUTE)
        @app.task(name=ANNOUNCED, queueing_lock=ANNOUNCED, lock=LOCK)
        async def read_announced(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            await self._run(lambda reading: reading.read_announced())

        @app.periodic(cron=EVERY_FIVE_MINUTES)
        @app.task(name=CHANGES, queueing_lock=CHANGES, lock=LOCK)
        async def read_changes(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            await self._run(lambda reading: reading.sync())

        @app.periodic(cron=EVERY_NIGHT)
        @app.task(name=EVERYTHING, queueing_lock=EVERYTHING, lock=LOCK)
        async def read_everything(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            await self._run(lambda reading: reading.sync(full=True))

    def follow(self, app: procrastinate.App) -> Callable[[Announcement], Awaitable[None]]:
        """What an announcement leads to: a row that outlives a restart, and the job.

        Raises NotAllowed for one that was taken before.
        """

        async def follow(announced: Announcement) -> None:
            await take_once(self.database, self.leader, announced)
            if announced.subject is not None and ANNOUNCED in app.tasks:
                with suppress(AlreadyEnqueued):
                    await app.configure_task(ANNOUNCED).defer_async(timestamp=0)

        return follow

    async def _run(self, read: Callable[[Reading], Awaitable[Counts]]) -> None:
        """One reading; a failure is noted for the status, and the next one goes on from there."""
        link = await find_link(self.database, self.leader)
        if link is None or not link.is_enabled:
            return
        async with opened_client(self.settings) as client:
            try:
                await read(Reading(self.database, self.leader, client))
            except VoltaireError as error:
                logger.warning("Twenty non lu : %s", error.message)
