"""What search needs of a document version: worked out away from the database, then written.

`prepare_index` is pure and its result can be pickled, so that it may run in another process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.database import Connection
from knowledge.chunking import PATH_SEPARATOR
from knowledge.embeddings import SentenceEmbedder, Vectors, format_vector, unit
from knowledge.identifiers import list_identifiers
from knowledge.models import DraftChunk, DraftVersion
from knowledge.terms import list_terms

TITLED, ALONE, PASSAGE = 0.4, 0.3, 0.3
# The passage's own vector stands after its sentences, halved so that it is never the nearest.
WHOLE = 0.5
MAX_COUNT = 32_767

HalfVectors = NDArray[np.float16]

INSERT_VERSION = """
INSERT INTO index_versions
    (tenant_id, version_id, model, chunk_count, term_total, title_term_total)
VALUES (%(tenant_id)s, %(version_id)s, %(model)s, %(chunk_count)s, %(term_total)s,
    %(title_term_total)s)
RETURNING key
"""
INSERT_POSTINGS = """
INSERT INTO postings (tenant_id, version_key, term, chunk_id, frequency, length,
    title_frequency, title_length)
SELECT %s, %s, p.* FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::smallint[],
    %s::smallint[], %s::smallint[]) AS p
"""
INSERT_IDENTIFIERS = """
INSERT INTO chunk_identifiers (tenant_id, version_key, identifier, chunk_id)
SELECT %s, %s, i.* FROM unnest(%s::text[], %s::bigint[]) AS i
"""
INSERT_SIGNATURES = """
INSERT INTO passage_signatures (tenant_id, version_key, chunk_id, signature)
SELECT %s, %s, s.* FROM unnest(%s::bigint[], %s::bit(512)[]) AS s
"""
INSERT_SENTENCE_VECTOR = """
INSERT INTO sentence_vectors (tenant_id, version_key, chunk_id, ordinal, embedding)
VALUES (%s, %s, %s, %s, %s::halfvec)
"""
DELETE_VERSION = "DELETE FROM index_versions WHERE tenant_id = %s AND version_id = %s"


@dataclass(frozen=True)
class PreparedChunk:
    """One chunk's index: term → count in the text and in the titles above it, and vectors.

    `signature` is the signs of the passage's vector, « 1 » where positive; `sentences` has shape
    (n + 1, 512): the chunk's sentences in order, then the passage itself.
    """

    terms: dict[str, int]
    title_terms: dict[str, int]
    identifiers: tuple[str, ...]
    signature: str
    sentences: HalfVectors

    @property
    def length(self) -> int:
        """Terms of the text, repetitions counted."""
        return sum(self.terms.values())

    @property
    def title_length(self) -> int:
        """Terms of the titles, repetitions counted."""
        return sum(self.title_terms.values())


@dataclass(frozen=True)
class PreparedIndex:
    """The index of one version; `chunks` in the draft's order, across sections."""

    model: str
    chunks: tuple[PreparedChunk, ...]


def prepare_index(draft: DraftVersion, code: str, embedder: SentenceEmbedder) -> PreparedIndex:
    """Terms, identifiers and vectors of every chunk of `draft`, a version of document `code`."""
    placed = [
        (chunk, _join_titles(draft.title, section.path))
        for section in draft.sections
        for chunk in section.chunks
    ]
    vectors = _embed(placed, embedder)
    return PreparedIndex(
        embedder.model_name,
        tuple(
            _prepare_chunk(chunk, titles, code, *pair)
            for (chunk, titles), pair in zip(placed, vectors, strict=True)
        ),
    )


def _join_titles(title: str, path: str) -> str:
    return path if path.startswith(title) else f"{title}{PATH_SEPARATOR}{path}"


def _prepare_chunk(
    chunk: DraftChunk, titles: str, code: str, signature: str, sentences: HalfVectors
) -> PreparedChunk:
    return PreparedChunk(
        dict(Counter(list_terms(chunk.text))),
        dict(Counter(list_terms(f"{code} {titles}"))),
        tuple(list_identifiers(f"{code}\n{titles}\n{chunk.text}")),
        signature,
        sentences,
    )


def _embed(
    placed: Sequence[tuple[DraftChunk, str]], embedder: SentenceEmbedder
) -> list[tuple[str, HalfVectors]]:
    """Each chunk's signature and sentence vectors, from its texts alone and in their context."""
    related = [_list_texts(chunk, titles) for chunk, titles in placed]
    vectors = embedder.encode_related([text for texts in related for text in texts])
    ends = np.cumsum([len(texts) for texts in related])
    return [_combine(own) for own in np.split(vectors, ends[:-1])] if related else []


def _list_texts(chunk: DraftChunk, titles: str) -> list[str]:
    """The passage, its sentences, and its sentences after their context: « Titre. Section. »."""
    sentences = [chunk.text[s.start : s.end] for s in chunk.sentences] or [chunk.text]
    context = titles.replace(PATH_SEPARATOR, ". ")
    placed = [f"{context}. {sentence}" for sentence in sentences] if context else sentences
    return [chunk.text, *sentences, *placed]


def _combine(vectors: Vectors) -> tuple[str, HalfVectors]:
    passage, (alone, titled) = vectors[:1], np.split(vectors[1:], 2)
    whole = unit(passage)
    combined = TITLED * unit(titled) + ALONE * unit(alone) + PASSAGE * whole
    return format_signature(passage[0]), np.vstack([combined, WHOLE * whole]).astype(np.float16)


def format_signature(vector: Vectors) -> str:
    """The signs of `vector` as pgvector's `binary_quantize` gives them."""
    return "".join("1" if value > 0 else "0" for value in vector.tolist())


async def write_index(
    connection: Connection,
    tenant_id: UUID,
    version_id: UUID,
    chunk_ids: Sequence[int],
    prepared: PreparedIndex,
) -> None:
    """Write the index of a version whose chunks are stored as `chunk_ids`, in the same order.

    An index the version already has is replaced. Runs in the caller's transaction, which acts
    as `knowledge_writer` for the tenant.
    """
    await remove_index(connection, tenant_id, version_id)
    key = await _insert_version(connection, tenant_id, version_id, prepared)
    chunks = list(zip(chunk_ids, prepared.chunks, strict=True))
    await connection.execute(INSERT_POSTINGS, (tenant_id, key, *_list_postings(chunks)))
    named = [(name, chunk_id) for chunk_id, chunk in chunks for name in chunk.identifiers]
    if named:
        columns = [list(column) for column in zip(*named, strict=True)]
        await connection.execute(INSERT_IDENTIFIERS, (tenant_id, key, *columns))
    await connection.execute(
        INSERT_SIGNATURES,
        (tenant_id, key, list(chunk_ids), [chunk.signature for chunk in prepared.chunks]),
    )
    async with connection.cursor() as cursor:
        await cursor.executemany(
            INSERT_SENTENCE_VECTOR,
            [
                (tenant_id, key, chunk_id, ordinal, format_vector(vector))
                for chunk_id, chunk in chunks
                for ordinal, vector in enumerate(chunk.sentences)
            ],
        )


async def remove_index(connection: Connection, tenant_id: UUID, version_id: UUID) -> None:
    """Remove a version from search; at once for whoever searches after the commit."""
    await connection.execute(DELETE_VERSION, (tenant_id, version_id))


async def _insert_version(
    connection: Connection, tenant_id: UUID, version_id: UUID, prepared: PreparedIndex
) -> int:
    cursor = await connection.execute(
        INSERT_VERSION,
        {
            "tenant_id": tenant_id,
            "version_id": version_id,
            "model": prepared.model,
            "chunk_count": len(prepared.chunks),
            "term_total": sum(chunk.length for chunk in prepared.chunks),
            "title_term_total": sum(chunk.title_length for chunk in prepared.chunks),
        },
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"no key was given to version {version_id}")
    return int(row["key"])


def _list_postings(chunks: Sequence[tuple[int, PreparedChunk]]) -> list[list[object]]:
    """Columns term, chunk id, count, length, title count, title length; in the index's order."""
    rows = sorted(
        (
            term,
            chunk_id,
            min(chunk.terms.get(term, 0), MAX_COUNT),
            min(chunk.length, MAX_COUNT),
            min(chunk.title_terms.get(term, 0), MAX_COUNT),
            min(chunk.title_length, MAX_COUNT),
        )
        for chunk_id, chunk in chunks
        for term in chunk.terms.keys() | chunk.title_terms.keys()
    )
    return [[row[place] for row in rows] for place in range(6)]
