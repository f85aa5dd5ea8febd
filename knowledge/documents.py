"""Rows of the knowledge base: documents, versions, original files, passages."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any, Literal, LiteralString
from uuid import UUID, uuid4

import numpy as np

from core.database import Connection
from core.errors import NotFound
from knowledge.models import DraftVersion
from knowledge.wire import encode_numbers

DocumentKind = Literal[
    "manual",
    "procedure",
    "instruction",
    "record",
    "guide",
    "template",
    "tender",
    "regulation",
    "market",
    "memo",
    "other",
]
VersionStatus = Literal["draft", "in_review", "in_force", "superseded", "withdrawn"]
AccessRole = Literal["all", "reader", "sales", "quality", "director", "admin"]


@dataclass(frozen=True)
class DocumentRecord:
    """What all versions of a document share; `code` names it within the firm.

    `must_read` are the roles that acknowledge its reading; None, like an absent owner, leaves
    what the base holds.
    """

    code: str
    title: str
    kind: DocumentKind = "other"
    standards: tuple[str, ...] = ()
    clause: str | None = None
    owner_id: UUID | None = None
    access: tuple[AccessRole, ...] = ("all",)
    tags: tuple[str, ...] = ()
    must_read: tuple[AccessRole, ...] | None = None


@dataclass(frozen=True)
class VersionRecord:
    """What the register says of one version; `source_path` is its file's place.

    Without a title of its own it has that of its document.
    """

    label: str
    source_path: str
    status: VersionStatus = "in_force"
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    review_due_on: dt.date | None = None
    source: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class OriginalFile:
    """The bytes a version was read from and what reading told of them."""

    sha256: str
    content: bytes
    media_type: str
    page_count: int = 1
    ocr_pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class StoredVersion:
    """A version as stored, with its document.

    Decided when a person approved its status; its review date is decided apart. Withheld, it is
    shown to nobody and out of the index.
    """

    id: UUID
    document_id: UUID
    sha256: str
    document: DocumentRecord
    version: VersionRecord
    is_decided: bool = False
    is_review_decided: bool = False
    is_withheld: bool = False


@dataclass(frozen=True)
class ServedFile:
    """An original file ready to be served."""

    name: str
    media_type: str
    content: bytes


# Held to the end of the transaction: two ingestions of a firm write one after the other.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('knowledge ' || %s::text, 0))"

VERSION_COLUMNS = """
SELECT v.id, v.document_id, v.sha256, v.label, v.status, v.valid_from, v.valid_to,
    v.review_due_on, v.source, v.source_path, d.code, d.title, d.kind, d.standards, d.clause,
    d.owner_id, d.access, d.tags, d.must_read, v.decided_at,
    v.review_decided_at, v.is_withheld, v.title AS own_title
"""
WITH_DOCUMENT = """
JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
ORDER BY d.code, v.created_at, v.label
"""
LIST_VERSIONS = (
    VERSION_COLUMNS
    + "FROM (SELECT * FROM document_versions WHERE tenant_id = %(tenant_id)s) v"
    + WITH_DOCUMENT
)
# Apart from the join: with no statistics yet, it visits every version for every document.
FIND_VERSIONS = (
    """
WITH v AS MATERIALIZED (
    SELECT * FROM document_versions
    WHERE tenant_id = %(tenant_id)s AND (source_path = %(source_path)s OR document_id = (
        SELECT id FROM documents WHERE tenant_id = %(tenant_id)s AND code = %(code)s)))
"""
    + VERSION_COLUMNS
    + "FROM v"
    + WITH_DOCUMENT
)
SAVE_DOCUMENT = """
INSERT INTO documents AS d (id, tenant_id, code, title, kind, standards, clause, owner_id,
    access, tags, must_read)
VALUES (%(id)s, %(tenant_id)s, %(code)s, %(title)s, %(kind)s, %(standards)s, %(clause)s,
    %(owner_id)s, %(access)s, %(tags)s, coalesce(%(must_read)s::text[], '{}'))
ON CONFLICT (tenant_id, code) DO UPDATE SET title = excluded.title, kind = excluded.kind,
    standards = excluded.standards, clause = excluded.clause,
    owner_id = coalesce(excluded.owner_id, d.owner_id), access = excluded.access,
    tags = excluded.tags, must_read = coalesce(%(must_read)s::text[], d.must_read),
    is_withheld = false
RETURNING d.id
"""
SAVE_FILE = """
INSERT INTO document_files (tenant_id, sha256, content) VALUES (%s, %s, %s)
ON CONFLICT (tenant_id, sha256) DO NOTHING
"""
SAVE_VERSION = """
INSERT INTO document_versions AS v (id, tenant_id, document_id, label, status, valid_from,
    valid_to, review_due_on, source, title, source_path, sha256, media_type, page_count, ocr_pages)
VALUES (%(id)s, %(tenant_id)s, %(document_id)s, %(label)s, %(status)s, %(valid_from)s,
    %(valid_to)s, %(review_due_on)s, %(source)s, %(title)s, %(source_path)s, %(sha256)s,
    %(media_type)s, %(page_count)s, %(ocr_pages)s)
ON CONFLICT (tenant_id, document_id, label) DO UPDATE SET status = excluded.status,
    valid_from = excluded.valid_from, valid_to = excluded.valid_to,
    review_due_on = excluded.review_due_on, source = excluded.source, title = excluded.title,
    source_path = excluded.source_path, sha256 = excluded.sha256,
    media_type = excluded.media_type, page_count = excluded.page_count,
    ocr_pages = excluded.ocr_pages, is_withheld = false,
    text_changed_on = CASE
        WHEN v.sha256 = excluded.sha256 THEN v.text_changed_on
        ELSE (clock_timestamp() AT TIME ZONE 'Europe/Paris')::date
    END,
    decided_at = CASE
        WHEN v.sha256 = excluded.sha256 OR (v.status, excluded.status) = ('withdrawn', 'withdrawn')
        THEN v.decided_at
    END,
    review_decided_at = CASE WHEN v.sha256 = excluded.sha256 THEN v.review_decided_at END
RETURNING v.id
"""
UPDATE_VERSION = """
UPDATE document_versions SET status = %(status)s, valid_from = %(valid_from)s,
    valid_to = %(valid_to)s, review_due_on = %(review_due_on)s, source = %(source)s,
    title = %(title)s, source_path = %(source_path)s
WHERE tenant_id = %(tenant_id)s AND id = %(id)s
"""
CHANGE_STATUS = """
UPDATE document_versions SET status = %(status)s WHERE tenant_id = %(tenant_id)s AND id = %(id)s
RETURNING document_id
"""
SUPERSEDE_OTHERS = """
UPDATE document_versions SET status = 'superseded',
    valid_to = coalesce(valid_to, %(on)s::date - 1)
WHERE tenant_id = %(tenant_id)s AND document_id = %(document_id)s AND id <> %(id)s
    AND status = 'in_force'
"""
WITHHOLD_VERSIONS = """
UPDATE document_versions SET is_withheld = true
WHERE tenant_id = %(tenant)s AND id = ANY (%(ids)s) AND NOT is_withheld
"""
WITHHOLD_DOCUMENTS = """
UPDATE documents d SET is_withheld = true WHERE d.tenant_id = %(tenant)s AND NOT d.is_withheld
    AND NOT EXISTS (SELECT FROM document_versions v
        WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id AND NOT v.is_withheld)
"""
REMOVE_INDEXES = (
    "DELETE FROM index_versions WHERE tenant_id = %(tenant)s AND version_id = ANY (%(ids)s)"
)
MOVE_VERSION = """
UPDATE document_versions SET document_id = %(document_id)s, label = %(label)s
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""
REMOVE_VERSIONS = "DELETE FROM document_versions WHERE tenant_id = %s AND id = ANY (%s)"
REMOVE_EMPTY_DOCUMENTS = """
DELETE FROM documents d WHERE d.tenant_id = %(tenant_id)s AND NOT EXISTS (
    SELECT FROM document_versions v WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id)
"""
REMOVE_ORPHAN_FILES = """
DELETE FROM document_files f WHERE f.tenant_id = %(tenant_id)s AND NOT EXISTS (
    SELECT FROM document_versions v WHERE v.tenant_id = f.tenant_id AND v.sha256 = f.sha256)
"""
REMOVE_SECTIONS = "DELETE FROM sections WHERE tenant_id = %s AND version_id = %s"
INSERT_SECTIONS = """
INSERT INTO sections (tenant_id, version_id, ordinal, level, heading, path)
SELECT %s, %s, s.ordinal, s.level, s.heading, s.path
FROM jsonb_to_recordset(%s::jsonb) AS s (ordinal int, level int, heading text, path text)
RETURNING id, ordinal
"""
INSERT_CHUNKS = """
INSERT INTO chunks (tenant_id, version_id, section_id, ordinal, kind, text, token_count)
SELECT %s, %s, c.section_id, c.ordinal, c.kind, c.text, c.token_count
FROM jsonb_to_recordset(%s::jsonb)
    AS c (section_id bigint, ordinal int, kind text, text text, token_count int)
RETURNING id, ordinal
"""
INSERT_SENTENCES = """
INSERT INTO sentences (tenant_id, chunk_id, ordinal, start_at, end_at, page, box)
SELECT %s, s.chunk_id, s.ordinal, s.start_at, s.end_at, s.page,
    CASE WHEN s.x0 <> 'NaN' THEN ARRAY[s.x0, s.top, s.x1, s.bottom] END
FROM unnest(%b::bigint[], %b::int[], %b::int[], %b::int[], %b::int[], %b::real[], %b::real[],
    %b::real[], %b::real[]) AS s (chunk_id, ordinal, start_at, end_at, page, x0, top, x1, bottom)
"""
SENTENCE_TYPES = ("i8", *("i4",) * 4, *("f4",) * 4)
NO_BOX = (float("nan"),) * 4
GET_FILE = """
SELECT v.source_path, v.media_type, f.content
FROM document_versions v
JOIN document_files f ON f.tenant_id = v.tenant_id AND f.sha256 = v.sha256
WHERE v.tenant_id = %s AND v.id = %s
"""
LIST_USER_IDS = "SELECT email, id FROM users WHERE tenant_id = %s"


async def lock_knowledge(connection: Connection, tenant_id: UUID) -> None:
    """Wait for any other writer of the firm's knowledge base, until the transaction ends."""
    await connection.execute(LOCK, (tenant_id,))


async def list_versions(connection: Connection, tenant_id: UUID) -> list[StoredVersion]:
    """Every version of the firm, by code then age."""
    cursor = await connection.execute(LIST_VERSIONS, {"tenant_id": tenant_id})
    return [_to_stored(row) for row in await cursor.fetchall()]


async def find_versions(
    connection: Connection, tenant_id: UUID, source_path: str, code: str
) -> list[StoredVersion]:
    """The versions read at `source_path` and those of the document `code`, by code then age."""
    values = {"tenant_id": tenant_id, "source_path": source_path, "code": code}
    cursor = await connection.execute(FIND_VERSIONS, values)
    return [_to_stored(row) for row in await cursor.fetchall()]


def _to_stored(row: dict[str, Any]) -> StoredVersion:
    document = DocumentRecord(
        row["code"],
        row["title"],
        row["kind"],
        tuple(row["standards"]),
        row["clause"],
        row["owner_id"],
        tuple(row["access"]),
        tuple(row["tags"]),
        tuple(row["must_read"]),
    )
    version = VersionRecord(
        row["label"],
        row["source_path"],
        row["status"],
        row["valid_from"],
        row["valid_to"],
        row["review_due_on"],
        row["source"],
        row["own_title"],
    )
    return StoredVersion(row["id"], row["document_id"], row["sha256"], document, version,
                         row["decided_at"] is not None,
                         row["review_decided_at"] is not None,
                         row["is_withheld"])  # fmt: skip


async def save_document(connection: Connection, tenant_id: UUID, record: DocumentRecord) -> UUID:
    """Insert the document of that code, or bring it to `record`; returns its id."""
    values = {
        **asdict(record),
        "standards": list(record.standards),
        "access": list(record.access),
        "tags": list(record.tags),
        "must_read": None if record.must_read is None else list(record.must_read),
    }
    return await _insert(connection, SAVE_DOCUMENT, {**values, "tenant_id": tenant_id})


async def save_version(
    connection: Connection,
    tenant_id: UUID,
    document_id: UUID,
    record: VersionRecord,
    original: OriginalFile,
) -> UUID:
    """Insert the version of that label with its file, or bring it to them; returns its id."""
    await connection.execute(SAVE_FILE, (tenant_id, original.sha256, original.content))
    values = {
        **asdict(record),
        "tenant_id": tenant_id,
        "document_id": document_id,
        "sha256": original.sha256,
        "media_type": original.media_type,
        "page_count": original.page_count,
        "ocr_pages": list(original.ocr_pages),
    }
    return await _insert(connection, SAVE_VERSION, values)


async def _insert(connection: Connection, statement: LiteralString, values: dict[str, Any]) -> UUID:
    cursor = await connection.execute(statement, {**values, "id": uuid4()})
    row = await cursor.fetchone()
    if row is None:
        raise LookupError("the insertion returned no row")
    return row["id"]


async def update_version(
    connection: Connection, tenant_id: UUID, version_id: UUID, record: VersionRecord
) -> None:
    """Bring a version's status, dates and origin to `record`; its content stays."""
    values = {**asdict(record), "tenant_id": tenant_id, "id": version_id}
    await connection.execute(UPDATE_VERSION, values)


async def write_draft(
    connection: Connection, tenant_id: UUID, version_id: UUID, draft: DraftVersion
) -> list[int]:
    """Replace a version's sections, chunks and sentences; chunk ids in the draft's order."""
    await connection.execute(REMOVE_SECTIONS, (tenant_id, version_id))
    rows = [
        {"ordinal": place, "level": each.level, "heading": each.heading, "path": each.path}
        for place, each in enumerate(draft.sections)
    ]
    section_ids = await _insert_rows(connection, INSERT_SECTIONS, tenant_id, version_id, rows)
    placed = [
        (section_id, chunk)
        for section_id, section in zip(section_ids, draft.sections, strict=True)
        for chunk in section.chunks
    ]
    rows = [
        {
            "section_id": section_id,
            "ordinal": place,
            "kind": chunk.kind,
            "text": chunk.text,
            "token_count": chunk.token_count,
        }
        for place, (section_id, chunk) in enumerate(placed)
    ]
    chunk_ids = await _insert_rows(connection, INSERT_CHUNKS, tenant_id, version_id, rows)
    sentences = [
        (chunk_id, place, sentence.start, sentence.end, sentence.page, *(sentence.box or NO_BOX))
        for chunk_id, (_, chunk) in zip(chunk_ids, placed, strict=True)
        for place, sentence in enumerate(chunk.sentences)
    ]
    columns = zip(*sentences, strict=True) if sentences else ((),) * len(SENTENCE_TYPES)
    arrays = [
        encode_numbers(np.array(column, kind))
        for column, kind in zip(columns, SENTENCE_TYPES, strict=True)
    ]
    await connection.execute(INSERT_SENTENCES, (tenant_id, *arrays))
    return chunk_ids


async def _insert_rows(
    connection: Connection,
    statement: LiteralString,
    tenant_id: UUID,
    version_id: UUID,
    rows: Sequence[dict[str, Any]],
) -> list[int]:
    cursor = await connection.execute(statement, (tenant_id, version_id, json.dumps(rows)))
    returned = sorted(await cursor.fetchall(), key=lambda row: row["ordinal"])
    return [int(row["id"]) for row in returned]


async def change_status(
    connection: Connection,
    tenant_id: UUID,
    version_id: UUID,
    status: VersionStatus,
    *,
    on: dt.date,
) -> None:
    """Set a version's status; one put in force supersedes, from `on`, the one that was.

    Raises NotFound when the firm has no such version.
    """
    values = {"tenant_id": tenant_id, "id": version_id, "status": status}
    cursor = await connection.execute(CHANGE_STATUS, values)
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("Cette version de document n’existe pas ou n’existe plus.")
    if status == "in_force":
        await supersede_others(connection, tenant_id, row["document_id"], version_id, on=on)


async def supersede_others(
    connection: Connection,
    tenant_id: UUID,
    document_id: UUID,
    version_id: UUID,
    *,
    on: dt.date | None,
) -> None:
    """Mark the document's other versions in force as superseded, valid up to the eve of `on`."""
    values = {
        "tenant_id": tenant_id,
        "document_id": document_id,
        "id": version_id,
        "on": on,
    }
    await connection.execute(SUPERSEDE_OTHERS, values)


async def withhold_versions(
    connection: Connection, tenant_id: UUID, version_ids: Sequence[UUID]
) -> None:
    """Show versions to nobody, until they are read again; documents left with none go with them."""
    values = {"tenant": tenant_id, "ids": list(version_ids)}
    await connection.execute(WITHHOLD_VERSIONS, values)
    await connection.execute(REMOVE_INDEXES, values)
    await connection.execute(WITHHOLD_DOCUMENTS, values)


async def move_version(
    connection: Connection, tenant_id: UUID, version_id: UUID, document_id: UUID, label: str
) -> None:
    """Make a version one of another document, or of another label; all else stays."""
    values = {"tenant": tenant_id, "id": version_id, "document_id": document_id, "label": label}
    await connection.execute(MOVE_VERSION, values)


async def remove_versions(
    connection: Connection, tenant_id: UUID, version_ids: Sequence[UUID]
) -> None:
    """Delete versions with all that was drawn from them, and documents and files left empty."""
    await connection.execute(REMOVE_VERSIONS, (tenant_id, list(version_ids)))
    await remove_leftovers(connection, tenant_id)


async def remove_leftovers(connection: Connection, tenant_id: UUID) -> None:
    """Delete documents without version and original files no version refers to."""
    await connection.execute(REMOVE_EMPTY_DOCUMENTS, {"tenant_id": tenant_id})
    await connection.execute(REMOVE_ORPHAN_FILES, {"tenant_id": tenant_id})


async def get_file(connection: Connection, tenant_id: UUID, version_id: UUID) -> ServedFile:
    """The original file of a version the reader may see; raises NotFound otherwise."""
    cursor = await connection.execute(GET_FILE, (tenant_id, version_id))
    row = await cursor.fetchone()
    if row is None:
        raise NotFound("Ce document n’existe pas ou ne vous est pas accessible.")
    name = PurePosixPath(row["source_path"]).name
    return ServedFile(name, row["media_type"], bytes(row["content"]))


async def list_user_ids(connection: Connection, tenant_id: UUID) -> dict[str, UUID]:
    """The firm's users by e-mail address, to resolve owners of documents."""
    cursor = await connection.execute(LIST_USER_IDS, (tenant_id,))
    return {row["email"]: row["id"] for row in await cursor.fetchall()}
