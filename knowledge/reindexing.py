"""Versions whose index is missing or of another model, and their text as it was cut."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from psycopg.rows import DictRow

from core.context import Identity
from core.database import Database
from knowledge.models import DraftChunk, DraftSection, DraftSentence, DraftVersion

LIST_STALE = """
SELECT v.id, d.code, coalesce(v.title, d.title) AS title
FROM document_versions v
JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
LEFT JOIN index_versions i ON i.tenant_id = v.tenant_id AND i.version_id = v.id
WHERE v.tenant_id = %(tenant)s AND NOT v.is_withheld AND i.model IS DISTINCT FROM %(model)s
    AND EXISTS (SELECT FROM chunks c WHERE c.tenant_id = v.tenant_id AND c.version_id = v.id)
ORDER BY v.status <> 'in_force', v.created_at DESC
"""
LIST_PASSAGES = """
SELECT x.id AS section_id, x.level, x.heading, x.path, c.id, c.kind, c.text, c.token_count,
    s.starts, s.ends, s.pages, s.boxes
FROM chunks c
JOIN sections x ON x.tenant_id = c.tenant_id AND x.id = c.section_id
CROSS JOIN LATERAL (
    SELECT array_agg(n.start_at ORDER BY n.ordinal) AS starts,
        array_agg(n.end_at ORDER BY n.ordinal) AS ends,
        array_agg(n.page ORDER BY n.ordinal) AS pages,
        jsonb_agg(n.box ORDER BY n.ordinal) AS boxes
    FROM sentences n WHERE n.tenant_id = c.tenant_id AND n.chunk_id = c.id
) AS s
WHERE c.tenant_id = %s AND c.version_id = %s
ORDER BY c.ordinal
"""


@dataclass(frozen=True)
class StaleVersion:
    """A version to index again."""

    id: UUID
    code: str
    title: str


@dataclass(frozen=True)
class StoredText:
    """A version's text as it is stored; `chunk_ids` in the order of the draft's chunks."""

    draft: DraftVersion
    chunk_ids: tuple[int, ...]


async def list_stale(database: Database, identity: Identity, model: str) -> list[StaleVersion]:
    """Versions not indexed by `model`, those in force first, then the latest."""
    values = {"tenant": identity.tenant_id, "model": model}
    async with database.transaction(identity, "knowledge_writer") as connection:
        rows = await (await connection.execute(LIST_STALE, values)).fetchall()
    return [StaleVersion(row["id"], row["code"], row["title"]) for row in rows]


async def read_text(database: Database, identity: Identity, version: StaleVersion) -> StoredText:
    """The stored sections, passages and sentences of a version."""
    async with database.transaction(identity, "knowledge_writer") as connection:
        cursor = await connection.execute(LIST_PASSAGES, (identity.tenant_id, version.id))
        rows = await cursor.fetchall()
    sections = [
        DraftSection(
            found[0]["level"],
            found[0]["heading"],
            found[0]["path"],
            tuple(_read_chunk(row) for row in found),
        )
        for _, group in groupby(rows, key=lambda row: row["section_id"])
        if (found := list(group))
    ]
    draft = DraftVersion(version.title, tuple(sections))
    return StoredText(draft, tuple(int(row["id"]) for row in rows))


def _read_chunk(row: DictRow) -> DraftChunk:
    columns = [row[name] or () for name in ("starts", "ends", "pages", "boxes")]
    sentences = tuple(
        DraftSentence(start, end, page, tuple(box) if box else None)
        for start, end, page, box in zip(*columns, strict=True)
    )
    return DraftChunk(row["kind"], row["text"], row["token_count"], sentences)
