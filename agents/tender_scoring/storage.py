"""Rows of tender scoring: profile, grid, received files, analyses; all within the firm."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from agents.tender_scoring.grid import Grid, load_grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.profile import FirmProfile, load_profile
from agents.tender_scoring.rules.notes import Relationship
from core.context import Identity
from core.database import Database
from core.errors import NotAllowed, NotFound
from ingest.tenders.intake import SourceFile

FIND_PROFILE = "SELECT profile FROM firm_profiles WHERE tenant_id = %s"
FIND_GRID = "SELECT grid FROM tender_grids WHERE tenant_id = %s"
PUT_PROFILE = """
INSERT INTO firm_profiles (tenant_id, profile, updated_by) VALUES (%s, %s::jsonb, %s)
ON CONFLICT (tenant_id) DO UPDATE
SET profile = excluded.profile, updated_by = excluded.updated_by, updated_at = now()
"""
PUT_GRID = """
INSERT INTO tender_grids (tenant_id, grid, updated_by) VALUES (%s, %s::jsonb, %s)
ON CONFLICT (tenant_id) DO UPDATE
SET grid = excluded.grid, updated_by = excluded.updated_by, updated_at = now()
"""
START = """
INSERT INTO tender_analyses (id, tenant_id, user_id, label, status)
VALUES (%s, %s, %s, %s, 'running')
"""
PROGRESS = "UPDATE tender_analyses SET progress = %s WHERE tenant_id = %s AND id = %s"
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
FIND_ANALYSIS = """
SELECT status, progress, error, analysis::text AS analysis
FROM tender_analyses WHERE tenant_id = %s AND id = %s
"""
LIST_ANALYSES = """
SELECT id, label, status, verdict, score, created_at
FROM tender_analyses WHERE tenant_id = %s ORDER BY created_at DESC LIMIT 100
"""
ADD_FILE = """
INSERT INTO tender_files (tenant_id, analysis_id, path, sha256, media_type, content)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING
"""
FIND_FILE = """
SELECT path, media_type, content FROM tender_files
WHERE tenant_id = %s AND analysis_id = %s AND path = %s
"""
FIND_BUYER = """
SELECT name, status FROM accounts
WHERE tenant_id = %s AND lower(name) = lower(%s) LIMIT 1
"""
FIND_POINTS = """
SELECT p.id, p.code, a.name AS account
FROM delivery_points p
JOIN sites s ON s.tenant_id = p.tenant_id AND s.id = p.site_id
JOIN accounts a ON a.tenant_id = s.tenant_id AND a.id = s.account_id
WHERE p.tenant_id = %s AND p.code = ANY(%s)
"""
MAY_EDIT = frozenset({"director", "admin"})


@dataclass(frozen=True)
class StoredAnalysis:
    """An analysis as it stands; `analysis` is None until it is done."""

    status: str
    progress: str | None
    error: str | None
    analysis: TenderAnalysis | None


@dataclass(frozen=True)
class StoredFile:
    """A file of a tender as it was received."""

    path: str
    media_type: str
    content: bytes


async def get_profile(database: Database, identity: Identity) -> FirmProfile:
    """The firm's profile, or the default one."""
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(FIND_PROFILE, (identity.tenant_id,))).fetchone()
    return FirmProfile.model_validate(row["profile"]) if row else load_profile()


async def put_profile(database: Database, identity: Identity, profile: FirmProfile) -> None:
    """Replace the firm's profile. Raises NotAllowed for who neither directs nor administers."""
    _check_editor(identity)
    text = profile.model_dump_json(by_alias=True)
    async with database.transaction(identity) as connection:
        await connection.execute(PUT_PROFILE, (identity.tenant_id, text, identity.user_id))


async def get_grid(database: Database, identity: Identity) -> Grid:
    """The firm's grid, or the default one."""
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(FIND_GRID, (identity.tenant_id,))).fetchone()
    return Grid.model_validate(row["grid"]) if row else load_grid()


async def put_grid(database: Database, identity: Identity, grid: Grid) -> None:
    """Replace the firm's grid. Raises NotAllowed for who neither directs nor administers."""
    _check_editor(identity)
    async with database.transaction(identity) as connection:
        await connection.execute(
            PUT_GRID, (identity.tenant_id, grid.model_dump_json(), identity.user_id)
        )


def _check_editor(identity: Identity) -> None:
    if not identity.roles & MAY_EDIT:
        raise NotAllowed(
            "Le profil et la grille se modifient avec le rôle direction ou administration."
        )


async def start_analysis(database: Database, identity: Identity, id_: UUID, label: str) -> None:
    """Record that an analysis runs."""
    async with database.transaction(identity) as connection:
        await connection.execute(START, (id_, identity.tenant_id, identity.user_id, label[:300]))


async def report_progress(database: Database, identity: Identity, id_: UUID, told: str) -> None:
    """Record how far an analysis is."""
    async with database.transaction(identity) as connection:
        await connection.execute(PROGRESS, (told, identity.tenant_id, id_))


async def finish_analysis(database: Database, identity: Identity, analysis: TenderAnalysis) -> None:
    """Store a finished analysis."""
    values = (analysis.model_dump_json(), analysis.verdict, analysis.score, analysis.digest)
    async with database.transaction(identity) as connection:
        await connection.execute(FINISH, (*values, identity.tenant_id, analysis.id))


async def fail_analysis(database: Database, identity: Identity, id_: UUID, message: str) -> None:
    """Store why an analysis failed."""
    async with database.transaction(identity) as connection:
        await connection.execute(FAIL, (message, identity.tenant_id, id_))


async def get_analysis(database: Database, identity: Identity, id_: UUID) -> StoredAnalysis:
    """An analysis of the firm. Raises NotFound."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(FIND_ANALYSIS, (identity.tenant_id, id_))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("Cette analyse n’existe pas, ou elle n’est pas ouverte à votre profil.")
    text = row["analysis"]
    return StoredAnalysis(
        row["status"], row["progress"], row["error"],
        TenderAnalysis.model_validate(json.loads(text)) if text else None,
    )  # fmt: skip


async def list_analyses(database: Database, identity: Identity) -> list[dict[str, object]]:
    """The firm's last analyses, the newest first."""
    async with database.transaction(identity) as connection:
        return list(
            await (await connection.execute(LIST_ANALYSES, (identity.tenant_id,))).fetchall()
        )


async def add_files(
    database: Database, identity: Identity, analysis_id: UUID, files: list[tuple[SourceFile, str]]
) -> None:
    """Keep the files of an analysis, each with its media type."""
    async with database.transaction(identity) as connection:
        for file, media_type in files:
            await connection.execute(
                ADD_FILE,
                (identity.tenant_id, analysis_id, file.path, file.sha256, media_type,
                 file.disk.read_bytes()),
            )  # fmt: skip


async def get_file(
    database: Database, identity: Identity, analysis_id: UUID, path: str
) -> StoredFile:
    """A file of an analysis. Raises NotFound."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(FIND_FILE, (identity.tenant_id, analysis_id, path))
        row = await cursor.fetchone()
    if row is None:
        raise NotFound("Ce fichier n’existe pas dans cette analyse.")
    return StoredFile(row["path"], row["media_type"], bytes(row["content"]))


async def find_relationship(
    database: Database, identity: Identity, buyer: str | None
) -> Relationship:
    """What the CRM holds of the buyer."""
    if not buyer:
        return Relationship(failed="L’acheteur n’est pas nommé.")
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(FIND_BUYER, (identity.tenant_id, buyer))
        row = await cursor.fetchone()
    if row is None:
        return Relationship(was_asked=True)
    return Relationship(row["name"], row["status"], was_asked=True)


async def find_points(
    database: Database, identity: Identity, codes: list[str]
) -> dict[str, tuple[UUID, str]]:
    """Delivery points of the CRM by code, with the account they belong to."""
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(FIND_POINTS, (identity.tenant_id, codes))).fetchall()
    return {row["code"]: (row["id"], row["account"]) for row in rows}
