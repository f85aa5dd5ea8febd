"""Asking the running instance to read its documents again, whoever asks."""

from __future__ import annotations

from contextlib import suppress

from core.context import Identity
from core.database import Database
from core.errors import NotAllowed
from core.roles import SUPERVISORS

INGESTION = "ingest_documents"
NOT_KEEPER = (
    "Votre rôle ne permet pas de relancer la lecture des documents. Demandez-le à la qualité, à "
    "la direction ou à votre administrateur."
)


async def ask_reading(database: Database, identity: Identity) -> bool:
    """Queue one reading of the documents folder; False when one was already waiting.

    Raises NotAllowed for a simple reader or salesperson.
    """
    import procrastinate  # takes long to load, for few to need it
    from procrastinate.exceptions import AlreadyEnqueued

    if not identity.roles & SUPERVISORS:
        raise NotAllowed(NOT_KEEPER)
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
