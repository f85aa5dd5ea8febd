"""The nightly job of retention: what has outlived its period is removed."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

import procrastinate

from core.context import Identity
from core.database import Database
from core.settings import Settings
from crm.retention import apply_retention, read_periods

logger = logging.getLogger(__name__)
TASK = "apply_retention"
EVERY_NIGHT = "40 3 * * *"


@dataclass(frozen=True)
class RetentionJobs:
    """The periods of `leader`'s firm, by the settings."""

    settings: Settings
    database: Database
    leader: Identity

    def register(self, app: procrastinate.App) -> None:
        """Declare the job."""

        @app.periodic(cron=EVERY_NIGHT)
        @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
        async def apply(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            now = dt.datetime.now(dt.UTC)
            removed = await apply_retention(
                self.database, self.leader, read_periods(self.settings), now
            )
            logger.info("Durées de conservation appliquées : %s", removed)
