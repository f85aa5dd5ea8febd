"""One file brought to its place: found unchanged, told anew, or read and written."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from core.context import Identity
from core.database import Database
from ingest.errors import UnreadableFile, name_os_error
from ingest.placing import name_document
from ingest.preparation import Reading, Workshop
from ingest.reading import TIME_LIMIT_S
from ingest.register import Entry
from ingest.report import IngestionReport, Remark
from ingest.storage import (
    WRITER,
    Placement,
    SourceFile,
    hash_file,
    keep_decided,
    record_outcome,
    update_records,
    write_prepared,
)
from knowledge.documents import (
    DocumentRecord,
    StoredVersion,
    VersionRecord,
    list_user_ids,
    list_versions,
)
from knowledge.ingested_files import (
    ForeignVersion,
    IngestedFile,
    list_erased,
    list_files,
    list_foreign_versions,
)


@dataclass(frozen=True)
class Limits:
    """Bounds of one ingestion."""

    size_mb: int
    time_s: float = TIME_LIMIT_S


@dataclass(frozen=True)
class Known:
    """What the base holds before the run."""

    versions: Mapping[tuple[str, str], StoredVersion]
    ledger: Mapping[str, IngestedFile]
    users: Mapping[str, UUID]
    erased: frozenset[str]
    foreign: Mapping[UUID, ForeignVersion]

    def find_former(self, path: str, sha256: str) -> StoredVersion | None:
        """What the same bytes at the same path were, under another code or version maybe."""
        return next(
            (
                each
                for each in self.versions.values()
                if (each.version.source_path, each.sha256) == (path, sha256)
                and each.id not in self.foreign
            ),
            None,
        )


@dataclass
class Run:
    database: Database
    identity: Identity
    workshop: Workshop
    limits: Limits
    report: IngestionReport


async def load_known(database: Database, identity: Identity, root: str) -> Known:
    tenant = identity.tenant_id
    async with database.transaction(identity, WRITER) as connection:
        versions = await list_versions(connection, tenant)
        ledger = await list_files(connection, tenant, root)
        users = await list_user_ids(connection, tenant)
        erased = await list_erased(connection, tenant)
        paths = [each.version.source_path for each in versions]
        foreign = await list_foreign_versions(connection, tenant, root, paths)
    return Known(
        {(each.document.code, each.version.label): each for each in versions},
        {row.source_path: row for row in ledger},
        users,
        erased,
        foreign,
    )


async def place_file(
    file: SourceFile, entry: Entry, leading: Entry, users: Mapping[str, UUID], limits: Limits
) -> Placement:
    from ingest.readers.file_types import detect_type

    try:
        await asyncio.to_thread(detect_type, file.location, size_limit_mb=limits.size_mb)
        sha256 = await asyncio.to_thread(hash_file, file.location)
    except OSError as error:
        raise UnreadableFile(
            f"Le fichier n’a pas pu être ouvert ({name_os_error(error)}). Donnez à Voltaire le "
            "droit de le lire, puis relancez l’ingestion."
        ) from error
    document = DocumentRecord(
        entry.code,
        leading.title or "",
        leading.kind,
        leading.standards,
        leading.clause,
        users.get((leading.owner or "").lower()),
        leading.access,
        leading.tags,
        leading.must_read,
    )
    version = VersionRecord(
        entry.version,
        file.path,
        entry.status,
        entry.valid_from,
        entry.valid_to,
        entry.review_due_on,
        entry.source,
        entry.title,
    )
    return Placement(file, sha256, document, version)


async def bring_up_to_date(
    run: Run, placement: Placement, stored: StoredVersion | None, row: IngestedFile | None
) -> None:
    path = placement.file.path
    placement = keep_decided(placement, stored)
    if stored is None or not _has_same_content(placement, stored):
        await read_and_write(run, placement)
        run.report.indexed.append(path)
    elif _has_same_records(placement, stored):
        if row is None or row.state != "indexed" or row.sha256 != placement.sha256:
            ledger = placement.file.ledger("indexed", placement.sha256)
            await record_outcome(run.database, run.identity, ledger)
        run.report.unchanged.append(path)
    else:
        await update_records(run.database, run.identity, placement, stored)
        run.report.updated.append(path)


def _has_same_content(placement: Placement, stored: StoredVersion) -> bool:
    title = placement.document.title
    is_same = stored.sha256 == placement.sha256 and title in ("", stored.document.title)
    return is_same and not stored.is_withheld


def _has_same_records(placement: Placement, stored: StoredVersion) -> bool:
    given, held = placement.document, stored.document
    document = replace(
        given,
        title=held.title,
        owner_id=given.owner_id or held.owner_id,
        must_read=held.must_read if given.must_read is None else given.must_read,
    )
    version = replace(placement.version, title=placement.version.title or stored.version.title)
    return document == held and version == stored.version


async def read_and_write(run: Run, placement: Placement) -> UUID:
    reading = Reading(
        placement.file.location,
        placement.document.code,
        placement.document.title or placement.version.title,
        name_document(placement.file.name or placement.file.path),
        run.limits.size_mb,
        run.limits.time_s,
    )
    prepared = await run.workshop.prepare(reading)
    if prepared.parsed.notice:
        run.report.notices.append(Remark(placement.file.path, prepared.parsed.notice))
    return await write_prepared(run.database, run.identity, placement, prepared)
