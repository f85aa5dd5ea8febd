"""Puts ready-cut passages in the knowledge base, through the product's own indexing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString
from uuid import UUID, uuid4

from core.context import Identity
from core.database import Connection, Database
from knowledge.indexing import PreparedIndex, prepare_index, write_index
from knowledge.models import DraftChunk, DraftSection, DraftSentence, DraftVersion
from knowledge.passage_embedder import PassageEmbedder, get_passage_embedder
from knowledge.sentences import split_sentences

INSERT_DOCUMENT = """
INSERT INTO documents (id, tenant_id, code, title, kind, standards, access)
VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, code) DO UPDATE SET title = excluded.title
RETURNING id
"""
INSERT_FILE = """
INSERT INTO document_files (tenant_id, sha256, content) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""
INSERT_VERSION = """
INSERT INTO document_versions (id, tenant_id, document_id, label, status, valid_from, valid_to,
    source_path, sha256, media_type, page_count)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 'text/plain', 1)
"""
INSERT_SECTIONS = """
INSERT INTO sections (tenant_id, version_id, ordinal, level, heading, path)
SELECT %s, %s, s.ordinal - 1, 1, s.path, s.path
FROM unnest(%s::text[]) WITH ORDINALITY AS s (path, ordinal)
ORDER BY s.ordinal
RETURNING id
"""
INSERT_CHUNKS = """
INSERT INTO chunks (tenant_id, version_id, section_id, ordinal, kind, text, token_count)
SELECT %s, %s, c.section_id, c.ordinal - 1, 'text', c.text, c.tokens
FROM unnest(%s::bigint[], %s::text[], %s::int[])
    WITH ORDINALITY AS c (section_id, text, tokens, ordinal)
ORDER BY c.ordinal
RETURNING id
"""
INSERT_SENTENCES = """
INSERT INTO sentences (tenant_id, chunk_id, ordinal, start_at, end_at, page)
SELECT %s, s.*, 1 FROM unnest(%s::bigint[], %s::int[], %s::int[], %s::int[]) AS s
"""


@dataclass(frozen=True)
class PassageFile:
    """A document to be: each passage is a section of one chunk, under its heading.

    A second file of the same code is another version of that document.
    """

    code: str
    title: str
    passages: tuple[tuple[str, str], ...]
    kind: str = "other"
    standards: tuple[str, ...] = ()
    access: tuple[str, ...] = ("all",)
    label: str = "1"
    status: str = "in_force"
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


@dataclass(frozen=True)
class StoredFile:
    """Where a file went; `chunk_ids` in the order of its passages."""

    document_id: UUID
    version_id: UUID
    chunk_ids: tuple[int, ...]


def draft_passages(file: PassageFile) -> DraftVersion:
    """The draft of `file`, sentences cut as ingestion cuts them."""
    return DraftVersion(
        file.title,
        tuple(
            DraftSection(1, heading, heading, (_draft_chunk(text),))
            for heading, text in file.passages
        ),
    )


def _draft_chunk(text: str) -> DraftChunk:
    sentences = tuple(DraftSentence(start, end, 1, None) for start, end in split_sentences(text))
    return DraftChunk("text", text, max(1, len(text) // 4), sentences)


async def store_passages(
    database: Database,
    identity: Identity,
    file: PassageFile,
    embedder: PassageEmbedder | None = None,
) -> StoredFile:
    """Store and index `file` in the tenant of `identity`."""
    draft = draft_passages(file)
    prepared = prepare_index(draft, file.code, embedder or get_passage_embedder())
    async with database.transaction(identity, "knowledge_writer") as connection:
        return await _write(connection, identity.tenant_id, file, draft, prepared)


async def _write(
    connection: Connection,
    tenant: UUID,
    file: PassageFile,
    draft: DraftVersion,
    prepared: PreparedIndex,
) -> StoredFile:
    document, version = await _write_document(connection, tenant, file)
    chunks = [chunk for section in draft.sections for chunk in section.chunks]
    section_ids = await _list_ids(
        connection, INSERT_SECTIONS, (tenant, version, [part.path for part in draft.sections])
    )
    chunk_ids = await _list_ids(
        connection,
        INSERT_CHUNKS,
        (tenant, version, section_ids, [c.text for c in chunks], [c.token_count for c in chunks]),
    )
    rows = [
        (chunk_id, ordinal, sentence.start, sentence.end)
        for chunk_id, chunk in zip(chunk_ids, chunks, strict=True)
        for ordinal, sentence in enumerate(chunk.sentences)
    ]
    columns = [[row[place] for row in rows] for place in range(4)]
    await connection.execute(INSERT_SENTENCES, (tenant, *columns))
    await write_index(connection, tenant, version, chunk_ids, prepared)
    return StoredFile(document, version, tuple(chunk_ids))


async def _write_document(
    connection: Connection, tenant: UUID, file: PassageFile
) -> tuple[UUID, UUID]:
    document, version = uuid4(), uuid4()
    content = "\n\n".join(text for _, text in file.passages).encode()
    sha256 = hashlib.sha256(content).hexdigest()
    cursor = await connection.execute(
        INSERT_DOCUMENT,
        (document, tenant, file.code, file.title, file.kind, list(file.standards),
         list(file.access)),
    )  # fmt: skip
    row = await cursor.fetchone()
    document = row["id"] if row else document
    await connection.execute(INSERT_FILE, (tenant, sha256, content))
    await connection.execute(
        INSERT_VERSION,
        (version, tenant, document, file.label, file.status, file.valid_from, file.valid_to,
         file.code, sha256),
    )  # fmt: skip
    return document, version


async def _list_ids(
    connection: Connection, statement: LiteralString, parameters: Sequence[object]
) -> list[int]:
    rows = await (await connection.execute(statement, parameters)).fetchall()
    return [int(row["id"]) for row in rows]
