"""Background jobs on the same PostgreSQL: the documents folder is read again regularly."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import procrastinate
from procrastinate.exceptions import AlreadyEnqueued

from api.watch_jobs import WatchJobs
from core.context import Identity
from core.database import Database

logger = logging.getLogger(__name__)

INGESTION = "ingest_documents"
EVERY_TEN_MINUTES = "*/10 * * * *"


def build_worker(
    database: Database,
    leader: Identity,
    folder: Path,
    workers: int,
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
        """Read what changed in the documents folder; nothing to do where it is absent."""
        from ingest.folder import ingest_folder

        if await asyncio.to_thread(folder.is_dir):
            await ingest_folder(database, leader, folder, workers=workers)

    if watch_jobs is not None:
        watch_jobs.register(app, database, leader)
    return app


async def run_worker(app: procrastinate.App, *, install_signal_handlers: bool = False) -> None:
    """Take jobs until cancelled, beginning with one reading of the folder."""
    async with app.open_async():
        try:
            await app.configure_task(INGESTION).defer_async(timestamp=0)
        except AlreadyEnqueued:
            logger.info("Lecture des documents déjà demandée")
        await app.run_worker_async(
            name="voltaire",
            concurrency=1,
            install_signal_handlers=install_signal_handlers,
            listen_notify=True,
            delete_jobs="successful",
        )
