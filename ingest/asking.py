"""Asking the running instance to read its documents again, whoever asks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Never

from core.context import Identity
from core.database import Database
from core.errors import NotAllowed
from core.roles import SUPERVISORS
from ingest.errors import FolderMissing
from knowledge.ingestion_runs import RunCounts, begin_run, end_run, was_read

INGESTION = "ingest_documents"
NOT_KEEPER = (
    "Votre rôle ne permet pas de lancer la lecture des documents. Demandez-le à la qualité, à "
    "la direction ou à votre administrateur."
)


def check_reader(identity: Identity) -> None:
    """Raise NotAllowed for who may not have documents read into the base."""
    if not identity.roles & SUPERVISORS:
        raise NotAllowed(NOT_KEEPER)


async def ask_reading(database: Database, identity: Identity, folder: Path) -> bool:
    """Queue one reading of the documents `folder`; False when one was already waiting.

    Raises NotAllowed for a simple reader or salesperson; FolderMissing when it is not there,
    which is noted as a reading that stopped where it was ever read.
    """
    import procrastinate  # takes long to load, for few to need it
    from procrastinate.exceptions import AlreadyEnqueued

    check_reader(identity)
    if not await asyncio.to_thread(folder.is_dir):
        await _refuse_missing(database, identity, await asyncio.to_thread(folder.resolve))
    connector = procrastinate.PsycopgConnector(
        conninfo=database.role_conninfo("knowledge_writer"), min_size=1, max_size=1
    )
    app = procrastinate.App(connector=connector)
    async with app.open_async():
        with suppress(AlreadyEnqueued):
            task = app.configure_task(INGESTION, queueing_lock=INGESTION, lock=INGESTION)
            await task.defer_async(timestamp=0)
            return True
    return False


async def _refuse_missing(database: Database, identity: Identity, root: Path) -> Never:
    missing = FolderMissing(root)
    if await was_read(database, identity, str(root)):
        run_id = await begin_run(database, identity, str(root))
        await end_run(database, identity, run_id, RunCounts(), missing.message)
    raise missing
