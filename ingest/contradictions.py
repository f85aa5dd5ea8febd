"""The step that keeps the register of contradictions in line with the documents in force."""

from __future__ import annotations

import asyncio
import datetime as dt
from uuid import UUID

from core.context import Identity
from core.database import Database
from crm.contradictions import FoundContradiction, save_contradictions
from knowledge.contradictions import Disagreement, find_disagreements
from knowledge.embeddings import SentenceEmbedder, get_embedder
from knowledge.statements import Statement

FIRM = "firm"
MOST_STATEMENTS = 60_000
# Of one document: beyond, it is a table, whose rows would take the place of other documents.
MOST_OF_ONE = 1_000
MOST_KEPT = 500

LIST_STATEMENTS = """
SELECT version_id, code, kind, title, path, source_path, text
FROM (
    SELECT v.id AS version_id, d.code, d.kind,
        coalesce(v.title, d.title) AS title, x.path, v.source_path,
        substr(c.text, s.start_at + 1, s.end_at - s.start_at) AS text,
        row_number() OVER (PARTITION BY v.id ORDER BY c.ordinal, s.ordinal) AS place
    FROM document_versions v
    JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
    JOIN sections x ON x.tenant_id = v.tenant_id AND x.version_id = v.id
    JOIN chunks c ON c.tenant_id = v.tenant_id AND c.version_id = v.id AND c.section_id = x.id
    JOIN sentences s ON s.tenant_id = v.tenant_id AND s.chunk_id = c.id
    WHERE v.tenant_id = %(tenant)s AND v.status = 'in_force'
        AND coalesce(v.valid_from, '-infinity') <= %(today)s
        AND coalesce(v.valid_to, 'infinity') >= %(today)s
) AS stated
WHERE place <= %(most)s
ORDER BY code, version_id, place LIMIT %(limit)s
"""
FIND_UNCOMPARED = "SELECT find_uncompared_state(%s)::text AS state"
NOTE_COMPARED = "SELECT note_compared(%s::xid8, %s)"


async def keep_register(database: Database, identity: Identity, *, today: dt.date) -> int | None:
    """Compare the documents again where they or their readers changed since; how many disagree.

    A version that came into force or ended by its date counts. None where nothing changed.
    """
    async with database.transaction(identity, "knowledge_writer") as connection:
        row = await (await connection.execute(FIND_UNCOMPARED, (today,))).fetchone()
    if row is None or row["state"] is None:
        return None
    found = await register_contradictions(database, identity, today=today)
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute(NOTE_COMPARED, (row["state"], today))
    return found


async def register_contradictions(
    database: Database,
    identity: Identity,
    *,
    today: dt.date,
    embedder: SentenceEmbedder | None = None,
) -> int:
    """Compare the sentences in force and store what disagrees; the number found.

    What people confirmed or set aside stays as they left it.
    """
    async with database.transaction(identity, "knowledge_writer") as connection:
        parameters = {
            "tenant": identity.tenant_id,
            "today": today,
            "most": MOST_OF_ONE,
            "limit": MOST_STATEMENTS,
        }
        rows = await (await connection.execute(LIST_STATEMENTS, parameters)).fetchall()
    statements = [
        Statement(
            str(row["version_id"]), row["code"], _scope(row), f"{row['title']} {row['path']}",
            row["text"],
        )
        for row in rows
    ]  # fmt: skip
    found = await asyncio.to_thread(find_disagreements, statements, embedder or get_embedder())
    async with database.transaction(identity, "knowledge_writer") as connection:
        kept = [_to_row(one) for one in found[:MOST_KEPT]]
        await save_contradictions(connection, identity.tenant_id, kept)
    return len(kept)


def _scope(row: dict[str, str]) -> str:
    """What a document may disagree with: its own tender file or market note, else the firm."""
    if row["kind"] == "tender":
        return row["source_path"].rpartition("/")[0] or row["code"]
    return row["code"] if row["kind"] == "market" else FIRM


def _to_row(one: Disagreement) -> FoundContradiction:
    return FoundContradiction(
        one.kind, UUID(one.left.key), one.left.text, one.left_value,
        UUID(one.right.key), one.right.text, one.right_value, one.score,
    )  # fmt: skip
