"""Writing what was read: one transaction per file, so that a kill leaves whole documents only."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from uuid import UUID

from core.context import Identity
from core.database import Connection, Database
from core.errors import InvalidInput
from ingest.errors import UnreadableFile
from ingest.preparation import PreparedFile
from knowledge.documents import (
    DocumentRecord,
    OriginalFile,
    StoredVersion,
    VersionRecord,
    find_versions,
    list_versions,
    lock_knowledge,
    move_version,
    remove_leftovers,
    remove_versions,
    save_document,
    save_version,
    update_version,
    withhold_versions,
    write_draft,
)
from knowledge.indexing import write_index
from knowledge.ingested_files import (
    FileState,
    ForeignVersion,
    IngestedFile,
    list_foreign_versions,
    record_file,
)

WRITER: Literal["knowledge_writer"] = "knowledge_writer"


@dataclass(frozen=True)
class SourceFile:
    """A file as found: its root, its path below it (posix), where it lies, its size.

    `name` is the one it was handed over under, where its path says another.
    """

    root: str
    path: str
    location: Path
    size: int
    name: str | None = None

    def ledger(
        self, state: FileState, sha256: str | None, message: str | None = None
    ) -> IngestedFile:
        """Its row in the ledger."""
        return IngestedFile(self.root, self.path, sha256, self.size, state, message)


@dataclass(frozen=True)
class Placement:
    """Where a file belongs: its document and its version, by the register or by default."""

    file: SourceFile
    sha256: str
    document: DocumentRecord
    version: VersionRecord


def hash_file(path: Path) -> str:
    """SHA-256 of the file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


async def write_prepared(
    database: Database, identity: Identity, placement: Placement, prepared: PreparedFile
) -> UUID:
    """Store a version with its passages, its index and its ledger row; returns its id.

    Raises UnreadableFile when the file changed since it was read, InvalidInput when another
    file already holds that code and version.
    """
    content = await asyncio.to_thread(_read_unchanged, placement)
    parsed = prepared.parsed
    original = OriginalFile(
        placement.sha256, content, parsed.media_type, parsed.page_count, parsed.ocr_pages
    )
    tenant = identity.tenant_id
    version, document = placement.version, placement.document
    if not document.title:
        read = prepared.draft.title
        version = replace(version, title=version.title or read)
        document = replace(document, title=read)
    async with database.transaction(identity, WRITER) as connection:
        await lock_knowledge(connection, tenant)
        held = await find_versions(
            connection, tenant, placement.version.source_path, placement.document.code
        )
        moved = await _clear_place(connection, tenant, placement, held) if held else None
        document_id = await save_document(connection, tenant, document)
        if moved is not None:
            await move_version(connection, tenant, moved, document_id, version.label)
        version_id = await save_version(connection, tenant, document_id, version, original)
        chunk_ids = await write_draft(connection, tenant, version_id, prepared.draft)
        await write_index(connection, tenant, version_id, chunk_ids, prepared.index)
        if held:
            await remove_leftovers(connection, tenant)
        ledger = placement.file.ledger("indexed", placement.sha256, parsed.notice)
        await record_file(connection, tenant, ledger)
    return version_id


async def update_records(
    database: Database, identity: Identity, placement: Placement, stored: StoredVersion
) -> None:
    """Bring a version's metadata to what the register says; its content stays."""
    document = replace(placement.document, title=placement.document.title or stored.document.title)
    version = replace(placement.version, title=placement.version.title or stored.version.title)
    async with database.transaction(identity, WRITER) as connection:
        await lock_knowledge(connection, identity.tenant_id)
        await save_document(connection, identity.tenant_id, document)
        await update_version(connection, identity.tenant_id, stored.id, version)
        ledger = placement.file.ledger("indexed", placement.sha256)
        await record_file(connection, identity.tenant_id, ledger)


async def record_outcome(database: Database, identity: Identity, row: IngestedFile) -> None:
    """Note a file that was refused, or found again unchanged."""
    async with database.transaction(identity, WRITER) as connection:
        await record_file(connection, identity.tenant_id, row)


async def remove_vanished(
    database: Database, identity: Identity, vanished: Sequence[IngestedFile]
) -> None:
    """Remove from the base what was read from files that are gone, at once for every reader."""
    tenant = identity.tenant_id
    async with database.transaction(identity, WRITER) as connection:
        await lock_knowledge(connection, tenant)
        paths = {row.source_path for row in vanished}
        root = vanished[0].source_root
        foreign = await list_foreign_versions(connection, tenant, root, sorted(paths))
        versions = await list_versions(connection, tenant)
        gone = [
            each.id
            for each in versions
            if each.version.source_path in paths and each.id not in foreign
        ]
        await remove_versions(connection, tenant, gone)
        for row in vanished:
            await record_file(connection, tenant, replace(row, state="removed", message=None))


async def withhold(database: Database, identity: Identity, root: str, paths: Sequence[str]) -> None:
    """Show to nobody what was read at `paths`, whose rights are no longer known; it is kept."""
    if not paths:
        return
    tenant = identity.tenant_id
    async with database.transaction(identity, WRITER) as connection:
        await lock_knowledge(connection, tenant)
        foreign = await list_foreign_versions(connection, tenant, root, paths)
        hidden = [
            each.id
            for each in await list_versions(connection, tenant)
            if each.version.source_path in paths and each.id not in foreign
        ]
        await withhold_versions(connection, tenant, hidden)


def keep_decided(placement: Placement, stored: StoredVersion | None) -> Placement:
    """What a person decided of a version stands while its file keeps the same bytes.

    A withdrawal stands whatever becomes of the file: only another decision ends it.
    """
    if stored is None:
        return placement
    held, version = stored.version, placement.version
    is_same_text = stored.sha256 == placement.sha256
    if stored.is_decided and (is_same_text or held.status == "withdrawn"):
        version = replace(
            version, status=held.status, valid_from=held.valid_from, valid_to=held.valid_to
        )
    if stored.is_review_decided and is_same_text:
        version = replace(version, review_due_on=held.review_due_on)
    return replace(placement, version=version)


def keep_former(placement: Placement, former: StoredVersion | None) -> Placement:
    """What a person decided of a file and of its document stands when its code changes."""
    if former is None:
        return placement
    given, held = placement.document, former.document
    document = replace(
        given,
        owner_id=given.owner_id or held.owner_id,
        must_read=(held.must_read or None) if given.must_read is None else given.must_read,
    )
    return replace(keep_decided(placement, former), document=document)


def find_conflict(
    placement: Placement, stored: StoredVersion | None, foreign: Mapping[UUID, ForeignVersion]
) -> str | None:
    """The refusal of a file whose code and version another file already holds.

    `foreign` are the versions read from other sources: one that still holds its file keeps it.
    """
    if stored is None:
        return None
    held = f"Le document {stored.document.code}, version {stored.version.label}, est déjà fourni"
    if stored.version.source_path != placement.version.source_path:
        return (
            f"{held} par « {stored.version.source_path} ». Donnez un autre code ou une autre "
            "version à l’un des deux fichiers dans registre.yaml."
        )
    other = foreign.get(stored.id)
    if other is None or stored.sha256 == placement.sha256 or not _is_still_there(other):
        return None
    return (
        f"{held} par un fichier de même nom d’une autre source ({other.root}). Renommez l’un des "
        "deux, ou donnez-lui un autre code ou une autre version dans le registre.yaml de sa source."
    )


def _is_still_there(version: ForeignVersion) -> bool:
    """Tell whether another source still gives its file, as far as can be seen: only of folders."""
    root = Path(version.root)
    return not root.is_absolute() or (root / version.path).exists()


def _read_unchanged(placement: Placement) -> bytes:
    try:
        content = placement.file.location.read_bytes()
    except OSError as error:
        raise UnreadableFile(
            "Le fichier a disparu pendant sa lecture. Relancez l’ingestion."
        ) from error
    if hashlib.sha256(content).hexdigest() != placement.sha256:
        raise UnreadableFile("Le fichier a changé pendant sa lecture. Relancez l’ingestion.")
    return content


async def _clear_place(
    connection: Connection, tenant: UUID, placement: Placement, stored: Sequence[StoredVersion]
) -> UUID | None:
    """Make room at the file's path and label; returns the version to bring there, if any.

    `stored` are those of that path and of that document.

    What the same path gave before goes, unless it is an earlier version of the same document
    with other bytes, which stays as history, superseded; or the same bytes under another code or
    label, which move with what was decided of them and who read them.
    """
    path, code = placement.version.source_path, placement.document.code
    same_label = next(
        (
            each
            for each in stored
            if each.document.code == code and each.version.label == placement.version.label
        ),
        None,
    )
    foreign = await list_foreign_versions(connection, tenant, placement.file.root, [path])
    conflict = find_conflict(placement, same_label, foreign)
    if conflict is not None:
        raise InvalidInput(conflict)
    former = [
        each
        for each in stored
        if each.version.source_path == path and each.id not in foreign and each is not same_label
    ]
    same_bytes = [each for each in former if each.sha256 == placement.sha256]
    moved = same_bytes[0] if same_bytes and same_label is None else None
    replaced = [
        each.id
        for each in former
        if each is not moved and (each.document.code != code or each in same_bytes)
    ]
    if replaced:
        await remove_versions(connection, tenant, replaced)
    kept = [each for each in former if each is not moved and each.id not in replaced]
    if kept and placement.version.status == "in_force":
        for each in kept:
            if each.version.status == "in_force":
                starts = placement.version.valid_from
                eve = starts - dt.timedelta(days=1) if starts else None
                record = replace(
                    each.version, status="superseded", valid_to=each.version.valid_to or eve
                )
                await update_version(connection, tenant, each.id, record)
    return moved.id if moved is not None else None
