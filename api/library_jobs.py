"""The background job that reads SharePoint and OneDrive libraries."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import procrastinate

from core.context import Identity
from core.database import Database
from core.errors import VoltaireError
from core.settings import Settings

logger = logging.getLogger(__name__)
TASK = "read_libraries"
EVERY_TEN_MINUTES = "5-59/10 * * * *"


@dataclass(frozen=True)
class LibraryJobs:
    """The libraries of the settings, for `leader`'s firm; those no longer there are closed."""

    settings: Settings
    database: Database
    leader: Identity

    def register(self, app: procrastinate.App) -> None:
        """Declare the periodic job: one reading at a time."""

        @app.periodic(cron=EVERY_TEN_MINUTES)
        @app.task(name=TASK, queueing_lock=TASK, lock=TASK)
        async def read(timestamp: int) -> None:  # noqa: ARG001 - given by the queue
            from api.libraries import list_names
            from ingest.libraries.retiring import retire_libraries
            from ingest.libraries.syncing import name_source

            names = list_names(self.settings)
            if names:
                await self._read()
            kept = [name_source(name) for name in names]
            folder = self.settings.libraries_dir
            await retire_libraries(self.database, self.leader, kept, folder)

    async def _read(self) -> None:
        from api.libraries import opened_readers

        try:
            async with opened_readers(self.settings, self.database, self.leader) as readers:
                for reader in readers:
                    try:
                        await reader.sync(workers=self.settings.ingest_workers)
                    except VoltaireError as error:
                        logger.warning("%s non lue : %s", reader.source, error.message)
                    except Exception:
                        # The rights of the other libraries are still to be followed.
                        logger.exception("%s non lue", reader.source)
        except VoltaireError as error:
            logger.warning("Bibliothèques non lues : %s", error.message)
