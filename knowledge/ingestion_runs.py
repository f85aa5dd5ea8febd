"""Each reading of a source: when, what it met, what stopped it; and the state of each source."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass
from uuid import UUID, uuid4

from core.context import Identity
from core.database import Connection, Database

UPLOADS = "Dépôts"
"""The source that stands for the files sent one by one, which no folder holds."""
BEGIN = "INSERT INTO ingestion_runs (id, tenant_id, source_root) VALUES (%s, %s, %s)"
END = """
UPDATE ingestion_runs SET ended_at = clock_timestamp(), indexed = %(indexed)s,
    updated = %(updated)s, unchanged = %(unchanged)s, removed = %(removed)s, failed = %(failed)s,
    message = %(message)s
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
# The last reading that went to its end is kept, however old: the source's state tells its date.
FORGET = """
DELETE FROM ingestion_runs r WHERE r.tenant_id = %(tenant)s AND r.source_root = %(root)s
    AND r.started_at < now() - interval '30 days' AND r.id <> %(id)s
    AND r.id NOT IN (
        SELECT s.id FROM ingestion_runs s
        WHERE s.tenant_id = %(tenant)s AND s.source_root = %(root)s AND s.ended_at IS NOT NULL
            AND s.message IS NULL
        ORDER BY s.started_at DESC LIMIT 1)
"""
LIST_SOURCES = """
SELECT f.source_root, count(*) FILTER (WHERE f.state = 'indexed') AS indexed,
    count(*) FILTER (WHERE f.state = 'failed') AS failed,
    count(*) FILTER (WHERE f.state = 'removed') AS removed,
    last.started_at, last.ended_at, last.message, done.ended_at AS succeeded_at
FROM (
    SELECT source_root, state FROM ingestion_files WHERE tenant_id = %(tenant)s
    UNION ALL SELECT DISTINCT source_root, 'read' FROM ingestion_runs WHERE tenant_id = %(tenant)s
) f
LEFT JOIN LATERAL (
    SELECT started_at, ended_at, message FROM ingestion_runs r
    WHERE r.tenant_id = %(tenant)s AND r.source_root = f.source_root
    ORDER BY started_at DESC LIMIT 1
) last ON true
LEFT JOIN LATERAL (
    SELECT ended_at FROM ingestion_runs r
    WHERE r.tenant_id = %(tenant)s AND r.source_root = f.source_root AND r.ended_at IS NOT NULL
        AND r.message IS NULL
    ORDER BY started_at DESC LIMIT 1
) done ON true
GROUP BY f.source_root, last.started_at, last.ended_at, last.message, done.ended_at
ORDER BY f.source_root
"""
LIST_TROUBLES = """
SELECT source_root, source_path, state, size_bytes, message, seen_at FROM ingestion_files
WHERE tenant_id = %(tenant)s AND (state = 'failed' OR (state = 'indexed' AND message IS NOT NULL))
ORDER BY state DESC, seen_at DESC, source_path LIMIT %(limit)s
"""
LIST_FOLDERS = """
SELECT DISTINCT source_root FROM ingestion_runs
WHERE tenant_id = %s AND starts_with(source_root, '/') ORDER BY source_root
"""
IS_KNOWN = "SELECT 1 FROM ingestion_runs WHERE tenant_id = %s AND source_root = %s LIMIT 1"


@dataclass(frozen=True)
class RunCounts:
    """Files by outcome."""

    indexed: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    failed: int = 0


@dataclass(frozen=True)
class SourceState:
    """Where a source stands; `message` is what stopped its last reading.

    `ended_at` is None while a reading goes on, or when it was interrupted.
    """

    source_root: str
    indexed: int
    failed: int
    removed: int
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    message: str | None
    succeeded_at: dt.datetime | None


@dataclass(frozen=True)
class FileTrouble:
    """A file that was refused, or read with a remark: `message` says what to do."""

    source_root: str
    source_path: str
    state: str
    size_bytes: int
    message: str
    seen_at: dt.datetime


async def begin_run(database: Database, identity: Identity, root: str) -> UUID:
    """Note that the reading of `root` begins; returns the run's id."""
    run_id, tenant = uuid4(), identity.tenant_id
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute(BEGIN, (run_id, tenant, root))
        await connection.execute(FORGET, {"tenant": tenant, "root": root, "id": run_id})
    return run_id


async def end_run(
    database: Database,
    identity: Identity,
    run_id: UUID,
    counts: RunCounts,
    message: str | None = None,
) -> None:
    """Note what a reading met, and what stopped it."""
    values = {**asdict(counts), "message": message, "tenant": identity.tenant_id, "id": run_id}
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute(END, values)


async def was_read(database: Database, identity: Identity, root: str) -> bool:
    """Tell whether that source was ever read."""
    async with database.transaction(identity, "knowledge_writer") as connection:
        cursor = await connection.execute(IS_KNOWN, (identity.tenant_id, root))
        return await cursor.fetchone() is not None


async def list_folders(database: Database, identity: Identity) -> list[str]:
    """The folders that were read, as absolute paths; libraries and deposits are none."""
    async with database.transaction(identity, "knowledge_writer") as connection:
        cursor = await connection.execute(LIST_FOLDERS, (identity.tenant_id,))
        return [str(row["source_root"]) for row in await cursor.fetchall()]


async def list_sources(connection: Connection, tenant_id: UUID) -> list[SourceState]:
    """Every source, with its files counted by state and its last readings."""
    cursor = await connection.execute(LIST_SOURCES, {"tenant": tenant_id})
    return [SourceState(**row) for row in await cursor.fetchall()]


async def list_troubles(
    connection: Connection, tenant_id: UUID, limit: int = 200
) -> list[FileTrouble]:
    """What was refused first, then what was read with a remark."""
    cursor = await connection.execute(LIST_TROUBLES, {"tenant": tenant_id, "limit": limit})
    return [FileTrouble(**row) for row in await cursor.fetchall()]
