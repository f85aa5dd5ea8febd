"""Tender files are scored by jobs, which outlive the process that took the file."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from agents.tender_scoring.desk import Defer, TenderDesk
from agents.tender_scoring.storage import list_running
from core.context import Identity
from core.database import Database
from ingest.watch.arrivals import list_arrived_files

SCORE, RESUME = "score_tender", "resume_tenders"
EVERY_FIVE_MINUTES = "*/5 * * * *"
FIND_USER = "SELECT email, full_name, roles FROM users WHERE tenant_id = %s AND id = %s"


@dataclass
class TenderJobs:
    """The scoring jobs of `leader`'s firm; once registered, `desk` asks the queue for them."""

    desk: TenderDesk
    leader: Identity

    def register(self, app: procrastinate.App) -> None:
        """Declare the jobs. An analysis asked for twice is one job, and is done once."""
        self.desk = replace(self.desk, defer=make_defer(app))

        @app.task(name=SCORE)
        async def score_tender(tenant_id: str, user_id: str, analysis_id: str) -> None:
            identity = await get_user(self.desk.database, UUID(tenant_id), UUID(user_id))
            await self.desk.run(identity, UUID(analysis_id))

        @app.periodic(cron=EVERY_FIVE_MINUTES)
        @app.task(name=RESUME, queueing_lock=RESUME)
        async def resume_tenders(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            """Take up again what a stop of the process interrupted."""
            for running in await list_running(self.desk.database, self.leader):
                owner = Identity(self.leader.tenant_id, running.user_id, frozenset())
                await self.desk.defer(owner, running.id)

    async def score_arrival(self, identity: Identity, _: UUID, path: Path) -> None:
        """Score a file that the watch awaited."""
        await self.desk.receive(identity, await list_arrived_files(path), path.stem)


def make_defer(app: procrastinate.App) -> Defer:
    """What asks the queue of `app` for an analysis."""

    async def defer(identity: Identity, analysis_id: UUID) -> None:
        task = app.configure_task(SCORE, queueing_lock=f"{SCORE}:{analysis_id}")
        with suppress(AlreadyEnqueued):
            await task.defer_async(
                tenant_id=str(identity.tenant_id),
                user_id=str(identity.user_id),
                analysis_id=str(analysis_id),
            )

    return defer


async def get_user(database: Database, tenant_id: UUID, user_id: UUID) -> Identity:
    """The user a job works for, with their present roles."""
    bare = Identity(tenant_id, user_id, frozenset())
    async with database.transaction(bare) as connection:
        row = await (await connection.execute(FIND_USER, (tenant_id, user_id))).fetchone()
    if row is None:
        return bare
    return Identity(tenant_id, user_id, frozenset(row["roles"]), "", row["full_name"], row["email"])
