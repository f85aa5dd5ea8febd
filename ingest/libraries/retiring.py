"""Libraries the settings no longer name: nobody asks for their rights, so nobody reads them."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from core.context import Identity
from core.database import Database
from core.formats import NBSP
from ingest.libraries.paths import name_folder
from ingest.libraries.syncing import SOURCE
from ingest.storage import WRITER, withhold
from knowledge.ingested_files import IngestedFile, list_files, record_file
from knowledge.ingestion_runs import list_sources

RETIRED = (
    "Cette bibliothèque n’est plus dans VOLTAIRE_LIBRARIES : ses droits ne sont plus suivis. Le "
    "fichier n’est consultable par personne. Remettez-la dans les réglages, ou effacez le "
    f"document avec «{NBSP}voltaire erase{NBSP}»."
)


async def retire_libraries(
    database: Database, identity: Identity, kept: Collection[str], folder: Path
) -> list[str]:
    """Show to nobody what was read from libraries other than `kept`; returns their sources.

    What a library written otherwise in the settings also holds, unchanged, is now that one's.
    Their contents leave `folder`, where each library has its own.
    """
    tenant = identity.tenant_id
    async with database.transaction(identity, WRITER) as connection:
        sources = [one.source_root for one in await list_sources(connection, tenant)]
        left = [one for one in sources if one.startswith(SOURCE) and one not in kept]
        rows = await list_files(connection, tenant) if left else []
    served = {(row.source_path, row.sha256) for row in rows
              if row.state == "indexed" and row.source_root not in left}  # fmt: skip
    retired: list[str] = []
    for source in left:
        held = [row for row in rows if row.source_root == source and row.state != "removed"
                and row.message != RETIRED]  # fmt: skip
        if held:
            await _retire(database, identity, source, held, served)
            retired.append(source)
    await asyncio.to_thread(_remove_contents, folder, {name_folder(one) for one in kept})
    return retired


async def _retire(
    database: Database,
    identity: Identity,
    source: str,
    held: Collection[IngestedFile],
    served: Collection[tuple[str, str | None]],
) -> None:
    """Rows first: a version stands while a row tells that its source holds it."""
    lost = {row.source_path for row in held
            if row.state == "indexed" and (row.source_path, row.sha256) not in served}  # fmt: skip
    async with database.transaction(identity, WRITER) as connection:
        for row in held:
            is_lost = row.source_path in lost
            outcome = replace(
                row,
                state="failed" if is_lost else "removed",
                message=RETIRED if is_lost else None,
            )
            await record_file(connection, identity.tenant_id, outcome)
    await withhold(database, identity, source, sorted(lost))


def _remove_contents(folder: Path, kept: Collection[str]) -> None:
    """Also what an interrupted retirement left."""
    for place in folder.iterdir() if folder.is_dir() else ():
        if place.is_dir() and place.name not in kept:
            shutil.rmtree(place, ignore_errors=True)
