"""Rows of tender scoring: analyses and the files they were made of; all within the firm."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from agents.tender_scoring.models import TenderAnalysis
from core.context import Identity
from core.database import Database
from core.errors import NotFound
from core.office import SHEET_TYPE, WORD_TYPE
from ingest.tenders.intake import SourceFile

START = """
INSERT INTO tender_analyses (id, tenant_id, user_id, label, status)
VALUES (%s, %s, %s, %s, 'running')
"""
PROGRESS = """
UPDATE tender_analyses SET progress = %s WHERE tenant_id = %s AND id = %s AND status = 'running'
"""
FINISH = """
UPDATE tender_analyses
SET status = 'done', analysis = %s::jsonb, verdict = %s, score = %s, digest = %s,
    progress = NULL, finished_at = now()
WHERE tenant_id = %s AND id = %s
"""
FAIL = """
UPDATE tender_analyses SET status = 'failed', error = %s, progress = NULL, finished_at = now()
WHERE tenant_id = %s AND id = %s
"""
AGAIN = """
UPDATE tender_analyses SET status = 'running', error = NULL, finished_at = NULL, created_at = now()
WHERE tenant_id = %s AND id = %s AND status = 'failed'
"""
FIND_ANALYSIS = """
SELECT id, user_id, label, status, progress, error, analysis::text AS analysis, created_at
FROM tender_analyses WHERE tenant_id = %s AND id = %s
"""
LIST_ANALYSES = """
SELECT id, label, status, verdict, score, created_at,
    analysis #>> '{facts,buyer,value}' AS buyer,
    (analysis #>> '{facts,deadline,instant}')::timestamptz AS deadline
FROM tender_analyses WHERE tenant_id = %s ORDER BY created_at DESC, id LIMIT %s
"""
LIST_RUNNING = """
SELECT id, user_id, created_at FROM tender_analyses
WHERE tenant_id = %s AND status = 'running' ORDER BY created_at
"""
WHICH = "SELECT id FROM tender_analyses WHERE tenant_id = %s AND id = ANY(%s)"
ADD_FILE = """
INSERT INTO tender_files (tenant_id, analysis_id, path, sha256, media_type, content)
VALUES (%s, %s, %s, %s, %s, %b) ON CONFLICT DO NOTHING
"""
LIST_CHECKSUMS = """
SELECT sha256 FROM tender_files WHERE tenant_id = %s AND analysis_id = %s
"""
LIST_RECEIVED = """
SELECT path FROM tender_files
WHERE tenant_id = %s AND analysis_id = %s AND path LIKE 'received/%%' ORDER BY path
"""
READ_FILE = """
SELECT content FROM tender_files WHERE tenant_id = %s AND analysis_id = %s AND path = %s
"""
FIND_PIECE = """
SELECT media_type, content FROM tender_files
WHERE tenant_id = %s AND analysis_id = %s AND sha256 = %s LIMIT 1
"""
LOCK = "SELECT pg_try_advisory_lock(hashtextextended('tender:' || %s, 0)) AS is_mine"
UNLOCK = "SELECT pg_advisory_unlock(hashtextextended('tender:' || %s, 0))"
RECEIVED = "received/"
UNKNOWN = "Cette analyse n’existe pas, ou elle n’est pas ouverte à votre profil."
UNKNOWN_PIECE = "Cette pièce n’existe pas dans cette analyse."
MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": WORD_TYPE,
    ".xlsx": SHEET_TYPE,
    ".zip": "application/zip",
}
OTHER = "application/octet-stream"
Status = Literal["running", "done", "failed"]


class Progress(BaseModel):
    """The piece being read, its rank and their number."""

    model_config = ConfigDict(frozen=True)

    name: str
    rank: int
    of: int


@dataclass(frozen=True)
class StoredAnalysis:
    """An analysis as it stands; `analysis` is None until it is done."""

    id: UUID
    user_id: UUID
    label: str
    status: Status
    progress: Progress | None
    error: str | None
    analysis: TenderAnalysis | None
    created_at: dt.datetime


@dataclass(frozen=True)
class StoredFile:
    """The bytes of a piece, as it was received."""

    media_type: str
    content: bytes


@dataclass(frozen=True)
class Running:
    """An analysis that is to be done."""

    id: UUID
    user_id: UUID
    created_at: dt.datetime


def media_type_of(name: str) -> str:
    """The media type a file is given out with, by its name; nothing that a browser would run."""
    return MEDIA_TYPES.get(Path(name).suffix.lower(), OTHER)


async def keep_received(
    database: Database, identity: Identity, id_: UUID, label: str, files: Sequence[SourceFile]
) -> None:
    """Open an analysis with the files as they were received, all of them or none."""
    async with database.transaction(identity) as connection:
        await connection.execute(START, (id_, identity.tenant_id, identity.user_id, label[:300]))
        for number, file in enumerate(files, 1):
            await connection.execute(ADD_FILE, (
                identity.tenant_id, id_, f"{RECEIVED}{number:03}/{file.path}", file.sha256,
                media_type_of(file.path), file.disk.read_bytes(),
            ))  # fmt: skip


async def write_received(
    database: Database, identity: Identity, id_: UUID, folder: Path
) -> list[Path]:
    """The received files, written below `folder` under their own names, in their order."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_RECEIVED, (identity.tenant_id, id_))).fetchall()
        written: list[Path] = []
        for row in rows:
            number, _, name = row["path"].removeprefix(RECEIVED).partition("/")
            target = folder / number / name
            target.parent.mkdir(parents=True)
            cursor = connection.cursor(binary=True)
            await cursor.execute(READ_FILE, (identity.tenant_id, id_, row["path"]))
            found = await cursor.fetchone()
            target.write_bytes(found["content"] if found else b"")
            written.append(target)
    return written


async def keep_pieces(
    database: Database, identity: Identity, id_: UUID, pieces: Iterable[SourceFile]
) -> None:
    """Keep what the archives held; bytes already there are not kept twice."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_CHECKSUMS, (identity.tenant_id, id_))
        known = {row["sha256"] for row in await cursor.fetchall()}
        for piece in pieces:
            if piece.sha256 in known:
                continue
            known.add(piece.sha256)
            await connection.execute(ADD_FILE, (
                identity.tenant_id, id_, f"{piece.sha256[:16]}:{piece.path}", piece.sha256,
                media_type_of(piece.path), piece.disk.read_bytes(),
            ))  # fmt: skip


async def get_piece(database: Database, identity: Identity, id_: UUID, sha256: str) -> StoredFile:
    """The piece with this checksum. Raises NotFound."""
    async with database.transaction(identity) as connection:
        cursor = connection.cursor(binary=True)
        await cursor.execute(FIND_PIECE, (identity.tenant_id, id_, sha256))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(UNKNOWN_PIECE)
    return StoredFile(row["media_type"], bytes(row["content"]))


async def report_progress(
    database: Database, identity: Identity, id_: UUID, progress: Progress
) -> None:
    """Record how far an analysis is."""
    async with database.transaction(identity) as connection:
        await connection.execute(PROGRESS, (progress.model_dump_json(), identity.tenant_id, id_))


async def finish_analysis(database: Database, identity: Identity, analysis: TenderAnalysis) -> None:
    """Store a finished analysis."""
    values = (analysis.model_dump_json(), analysis.verdict, analysis.score, analysis.digest)
    async with database.transaction(identity) as connection:
        await connection.execute(FINISH, (*values, identity.tenant_id, analysis.id))


async def fail_analysis(database: Database, identity: Identity, id_: UUID, message: str) -> None:
    """Store why an analysis failed."""
    async with database.transaction(identity) as connection:
        await connection.execute(FAIL, (message, identity.tenant_id, id_))


async def open_again(database: Database, identity: Identity, id_: UUID) -> None:
    """Set a failed analysis to be done again; no effect on another."""
    async with database.transaction(identity) as connection:
        await connection.execute(AGAIN, (identity.tenant_id, id_))


async def get_analysis(database: Database, identity: Identity, id_: UUID) -> StoredAnalysis:
    """An analysis of the firm. Raises NotFound."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(FIND_ANALYSIS, (identity.tenant_id, id_))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(UNKNOWN)
    told, text = row["progress"], row["analysis"]
    return StoredAnalysis(
        row["id"], row["user_id"], row["label"], row["status"],
        Progress.model_validate_json(told) if told else None, row["error"],
        TenderAnalysis.model_validate(json.loads(text)) if text else None, row["created_at"],
    )  # fmt: skip


async def list_analyses(
    database: Database, identity: Identity, limit: int
) -> list[dict[str, object]]:
    """The firm's last analyses, the newest first, without their detail."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(LIST_ANALYSES, (identity.tenant_id, limit))
        return list(await cursor.fetchall())


async def list_running(database: Database, identity: Identity) -> list[Running]:
    """The firm's analyses that are not ended, the oldest first."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_RUNNING, (identity.tenant_id,))).fetchall()
    return [Running(**row) for row in rows]


async def find_analyses(
    database: Database, identity: Identity, ids: Sequence[UUID]
) -> frozenset[UUID]:
    """Which of `ids` are analyses of the firm."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(WHICH, (identity.tenant_id, list(ids)))
        return frozenset(row["id"] for row in await cursor.fetchall())
