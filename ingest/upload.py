"""One document handed over by itself: read at once, under the name it came with."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from uuid import UUID

from core.context import Identity
from core.database import Database
from core.errors import InvalidInput
from core.settings import get_settings
from ingest.errors import ErasedFile, UnreadableFile
from ingest.filing import Limits, Run, load_known, place_file, read_and_write
from ingest.placing import default_entries
from ingest.preparation import Workshop
from ingest.register import Entry
from ingest.report import IngestionReport
from ingest.storage import SourceFile, record_outcome
from knowledge.documents import DocumentRecord
from knowledge.ingestion_runs import UPLOADS


async def ingest_file(
    database: Database,
    identity: Identity,
    path: Path,
    *,
    name: str | None = None,
    entry: Entry | None = None,
    document: DocumentRecord | None = None,
    limits: Limits | None = None,
    workshop: Workshop | None = None,
) -> UUID:
    """Store the single file `path`, known as `name`, and return its version's id.

    `document` is that of a known document, kept as it is, its title too. The same code and label
    deposited again replace the former content. Raises UnreadableFile.
    """
    name = Path(name or path.name).name
    limits = limits or Limits(get_settings().upload_limit_mb)
    source = entry.file if entry else f"{UPLOADS}/{name}"
    size = (await asyncio.to_thread(path.stat)).st_size
    file = SourceFile(UPLOADS, source, path, size, name)
    known = await load_known(database, identity, UPLOADS)
    entry = entry or default_entries([source])[source]
    async with nullcontext(workshop) if workshop else Workshop(1) as opened:
        run = Run(database, identity, opened, limits, IngestionReport())
        try:
            placement = await place_file(file, entry, entry, known.users, limits)
            if placement.sha256 in known.erased:
                raise ErasedFile
            if document is not None:
                version = replace(placement.version, title=None)
                placement = replace(placement, document=document, version=version)
            return await read_and_write(run, placement)
        except ErasedFile:
            raise
        except (UnreadableFile, InvalidInput) as error:
            await record_outcome(database, identity, file.ledger("failed", None, error.message))
            raise
