"""The scheduled work of the market watch; nothing leaves the installation unless it is enabled."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import httpx
import procrastinate

from core.context import Clock, Identity
from core.database import Database
from core.errors import ConfigurationError
from core.settings import Settings
from crm.watch import RunCounts
from ingest.clients.boamp import BoampClient
from ingest.watch.arrivals import Score, take_arrivals
from ingest.watch.watching import watch

logger = logging.getLogger(__name__)

WATCH = "watch_boamp"
ARRIVALS = "take_tender_files"
EVERY_MORNING = "20 6,12 * * *"
EVERY_FIVE_MINUTES = "*/5 * * * *"
DISABLED = (
    "La veille est éteinte\u00a0: rien ne sort de l’installation. Pour l’allumer, mettez "
    "VOLTAIRE_WATCH_ENABLED=true."
)


@dataclass(frozen=True)
class WatchJobs:
    """What the jobs need; `score` takes an awaited tender file that has arrived.

    Without `base_url` (the watch is off) only the folder of awaited files is looked at.
    """

    base_url: str | None
    timeout_s: float
    clock: Clock
    folder: Path
    score: Score | None = None

    def register(self, app: procrastinate.App, database: Database, leader: Identity) -> None:
        """Add the periodic jobs of `leader`'s firm to `app`."""

        @app.periodic(cron=EVERY_FIVE_MINUTES)
        @app.task(name=ARRIVALS, queueing_lock=ARRIVALS, lock=ARRIVALS)
        async def take_tender_files(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            """Look for the tender files that were awaited."""
            for arrival in await take_arrivals(database, leader, self.folder, self.score):
                logger.info("Dossier reçu : %s", arrival.path.name)

        if self.base_url is None:
            return

        @app.periodic(cron=EVERY_MORNING)
        @app.task(name=WATCH, queueing_lock=WATCH, lock=WATCH)
        async def watch_boamp(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            """Read what the BOAMP published since the last run."""
            await self.run(database, leader)

    async def run(self, database: Database, identity: Identity) -> RunCounts:
        """One run of the watch. Raises ConfigurationError where it is off."""
        if self.base_url is None:
            raise ConfigurationError(DISABLED)
        async with httpx.AsyncClient(timeout=self.timeout_s, follow_redirects=False) as http:
            return await watch(database, identity, BoampClient(http, self.base_url), self.clock)


def build_watch_jobs(settings: Settings, score: Score | None = None) -> WatchJobs:
    """The jobs these settings call for."""
    from api.services import build_clock

    return WatchJobs(
        base_url=settings.watch_base_url if settings.watch_enabled else None,
        timeout_s=settings.watch_timeout_s,
        clock=build_clock(settings),
        folder=settings.tender_files_dir,
        score=score,
    )
