"""The ledger of ingestion: for each file met, whether it was read and why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal
from uuid import UUID

from core.database import Connection

FileState = Literal["indexed", "failed", "removed"]


@dataclass(frozen=True)
class IngestedFile:
    """One file of a source folder; `message` is the reason of a failure, or a remark."""

    source_root: str
    source_path: str
    sha256: str | None
    size_bytes: int
    state: FileState
    message: str | None = None


RECORD = """
INSERT INTO ingestion_files (tenant_id, source_root, source_path, sha256, size_bytes, state,
    message)
VALUES (%(tenant_id)s, %(source_root)s, %(source_path)s, %(sha256)s, %(size_bytes)s, %(state)s,
    %(message)s)
ON CONFLICT (tenant_id, source_root, source_path) DO UPDATE SET sha256 = excluded.sha256,
    size_bytes = excluded.size_bytes, state = excluded.state, message = excluded.message,
    seen_at = now()
"""
LIST = """
SELECT source_root, source_path, sha256, size_bytes, state, message
FROM ingestion_files
WHERE tenant_id = %(tenant_id)s AND (%(root)s::text IS NULL OR source_root = %(root)s)
ORDER BY source_root, source_path
"""
LIST_ERASED = "SELECT sha256 FROM erased_files WHERE tenant_id = %s"
LIST_FOREIGN = """
SELECT v.id, f.source_root AS root, v.source_path AS path FROM document_versions v
JOIN ingestion_files f ON f.tenant_id = v.tenant_id AND f.source_path = v.source_path
    AND f.sha256 = v.sha256
WHERE v.tenant_id = %s AND f.source_root <> %s AND f.state = 'indexed'
    AND v.source_path = ANY (%s)
"""


async def record_file(connection: Connection, tenant_id: UUID, file: IngestedFile) -> None:
    """Note what became of a file, in the transaction that made it so."""
    await connection.execute(RECORD, {**asdict(file), "tenant_id": tenant_id})


async def list_files(
    connection: Connection, tenant_id: UUID, root: str | None = None
) -> list[IngestedFile]:
    """Files met under `root` (None: anywhere), by path."""
    cursor = await connection.execute(LIST, {"tenant_id": tenant_id, "root": root})
    return [IngestedFile(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True)
class ForeignVersion:
    """A version read at `path` of another source, `root`."""

    id: UUID
    root: str
    path: str


async def list_foreign_versions(
    connection: Connection, tenant_id: UUID, root: str, paths: Sequence[str]
) -> dict[UUID, ForeignVersion]:
    """Versions read at one of `paths` of another root than `root`: not this root's to touch."""
    cursor = await connection.execute(LIST_FOREIGN, (tenant_id, root, list(paths)))
    return {row["id"]: ForeignVersion(**row) for row in await cursor.fetchall()}


async def list_erased(connection: Connection, tenant_id: UUID) -> frozenset[str]:
    """SHA-256 of the files that an erasure forbids to read again as they are."""
    cursor = await connection.execute(LIST_ERASED, (tenant_id,))
    return frozenset([row["sha256"] async for row in cursor])
