"""Minutes are written by jobs, which outlive the process that took the transcript."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from agents.meeting_synthesis.desk import Defer, Desk
from agents.meeting_synthesis.storage import list_running
from api.tender_jobs import get_user
from core.context import Identity
from core.errors import DatabaseUnavailable, VoltaireError

logger = logging.getLogger(__name__)
WRITE, RESUME = "write_minutes", "resume_minutes"
EVERY_FIVE_MINUTES = "*/5 * * * *"


@dataclass
class MinutesJobs:
    """The minutes of `leader`'s firm; once registered, `desk` asks the queue for them."""

    desk: Desk
    leader: Identity

    def register(self, app: procrastinate.App) -> None:
        """Declare the jobs. A version asked for twice is one job, and is written once."""
        self.desk = replace(self.desk, defer=make_defer(app))

        @app.task(name=WRITE)
        async def write_minutes(tenant_id: str, user_id: str, minutes_id: str) -> None:
            identity = await get_user(self.desk.database, UUID(tenant_id), UUID(user_id))
            try:
                await self.desk.write(identity, UUID(minutes_id))
            except DatabaseUnavailable:
                raise
            except VoltaireError as error:
                logger.warning("Compte rendu impossible : %s", error.message)

        @app.periodic(cron=EVERY_FIVE_MINUTES)
        @app.task(name=RESUME, queueing_lock=RESUME)
        async def resume_minutes(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            """Take up again what a stop of the process interrupted, here or in the chat."""
            for running in await list_running(self.desk.database, self.leader):
                owner = Identity(self.leader.tenant_id, running.written_by, frozenset())
                await self.desk.defer(owner, running.id)


def make_defer(app: procrastinate.App) -> Defer:
    """What asks the queue of `app` for a version of minutes."""

    async def defer(identity: Identity, minutes_id: UUID) -> None:
        task = app.configure_task(WRITE, queueing_lock=f"{WRITE}:{minutes_id}")
        with suppress(AlreadyEnqueued):
            await task.defer_async(
                tenant_id=str(identity.tenant_id),
                user_id=str(identity.user_id),
                minutes_id=str(minutes_id),
            )

    return defer
