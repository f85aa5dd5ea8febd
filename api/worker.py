"""Background jobs on the same PostgreSQL: the documents folder is read again regularly."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from api.minutes_jobs import RESUME as RESUME_MINUTES
from api.tender_jobs import RESUME
from api.watch_jobs import WatchJobs
from core.context import PARIS, Identity
from core.database import Database
from core.engine.errors import EngineError
from core.engine.retrying import ModelAwaited, find_retry_at
from core.errors import InvalidInput
from ingest.asking import INGESTION

logger = logging.getLogger(__name__)

EVERY_TEN_MINUTES = "*/10 * * * *"


class AskModelAgain(procrastinate.BaseRetryStrategy):
    """Does a job again when the model it lacked may answer: `retry=AskModelAgain()` on a task.

    The job stores its deterministic result first, then raises `ModelAwaited`; an `EngineError`
    that it lets through counts as well. Any other failure stays one.
    """

    def __init__(self, attempts: int = 20) -> None:
        self._attempts = attempts

    def get_retry_decision(
        self, *, exception: BaseException, job: Job
    ) -> procrastinate.RetryDecision | None:
        """When to try again; None for a failure that time does not mend."""
        if job.attempts >= self._attempts:
            return None
        retry_at: dt.datetime | None = None
        if isinstance(exception, ModelAwaited):
            retry_at = exception.retry_at
        elif isinstance(exception, EngineError):
            retry_at = find_retry_at(exception, dt.datetime.now(dt.UTC))
        return procrastinate.RetryDecision(retry_at=retry_at) if retry_at else None


class Jobs(Protocol):
    """The jobs of one use case."""

    def register(self, app: procrastinate.App) -> None:
        """Declare them to the queue."""


def build_worker(
    database: Database,
    leader: Identity,
    folder: Path,
    workers: int,
    kinds: Sequence[Jobs] = (),
    watch_jobs: WatchJobs | None = None,
) -> procrastinate.App:
    """The job queue of `leader`'s firm; `workers` files are read at a time.

    The market watch runs only where `watch_jobs` are given.
    """
    connector = procrastinate.PsycopgConnector(
        conninfo=database.role_conninfo("knowledge_writer"), min_size=1, max_size=3
    )
    app = procrastinate.App(connector=connector)

    @app.periodic(cron=EVERY_TEN_MINUTES)
    @app.task(name=INGESTION, queueing_lock=INGESTION, lock=INGESTION)
    async def ingest_documents(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
        """Read what changed in the documents folder, each folder read before, and the articles."""
        from ingest.articles import ingest_articles
        from ingest.contradictions import keep_register
        from ingest.reindexing import reindex

        indexed = await reindex(database, leader)
        if indexed:
            logger.info("Versions indexées de nouveau : %s", indexed)
        await read_folders(database, leader, folder, workers)
        today = dt.datetime.now(PARIS).date()
        try:
            await ingest_articles(database, leader, today=today)
        except InvalidInput as error:
            logger.warning("Articles non lus : %s", error.message)
        await keep_register(database, leader, today=today)

    for jobs in kinds:
        jobs.register(app)
    if watch_jobs is not None:
        watch_jobs.register(app, database, leader)
    return app


async def read_folders(database: Database, leader: Identity, folder: Path, workers: int) -> None:
    """Read `folder`, where it is, and each folder read before; one that cannot be is told."""
    from ingest.folder import ingest_folder, list_folders_to_read

    for path in await list_folders_to_read(database, leader, folder):
        try:
            await ingest_folder(database, leader, path, workers=workers)
        except InvalidInput as error:
            logger.warning("Documents non lus (%s) : %s", path, error.message)
        except Exception:
            # It is noted with the reading; the other folders go on.
            logger.exception("Documents non lus (%s)", path)


async def defer_first(app: procrastinate.App) -> None:
    """Ask at once for mail (a first start shows threads triaged) and for unfinished work."""
    for name in ("read_mail", "backfill_mail", RESUME, RESUME_MINUTES):
        if name in app.tasks:
            with suppress(AlreadyEnqueued):
                await app.configure_task(name).defer_async(timestamp=0)


async def run_worker(app: procrastinate.App, *, install_signal_handlers: bool = False) -> None:
    """Take jobs until cancelled, beginning with one reading of the folder."""
    async with app.open_async():
        try:
            await app.configure_task(INGESTION).defer_async(timestamp=0)
        except AlreadyEnqueued:
            logger.info("Lecture des documents déjà demandée")
        await defer_first(app)
        await app.run_worker_async(
            name="voltaire",
            concurrency=2,
            install_signal_handlers=install_signal_handlers,
            listen_notify=True,
            delete_jobs="successful",
        )
