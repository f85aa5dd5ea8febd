"""What search needs of a document version: worked out away from the database, then written.

`prepare_index` is pure and its result can be pickled, so that it may run in another process.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from core.database import Connection
from knowledge.chunking import PATH_SEPARATOR
from knowledge.embeddings import get_embedder
from knowledge.identifiers import list_identifiers
from knowledge.models import DraftVersion
from knowledge.packing import Hashes, PackedIndex, PassageTerms, pack
from knowledge.passage_embedder import PassageEmbedder, find_centre
from knowledge.passage_texts import analyse_chunk
from knowledge.terms import list_terms
from knowledge.wire import encode_numbers, encode_vectors
from knowledge.words import get_word_vectors, hash_words

# Words of one document whose vectors are worked out ahead of any question.
MOST_WORDS = 5_000
# How long a process remembers the words it wrote: they need not be offered again.
REMEMBERED_S = 600

HalfVectors = NDArray[np.float16]

INSERT_VERSION = """
INSERT INTO index_versions
    (tenant_id, version_id, model, chunk_count, term_total, title_term_total)
VALUES (%(tenant_id)s, %(version_id)s, %(model)s, %(chunk_count)s, %(term_total)s,
    %(title_term_total)s)
RETURNING key, 'halfvec'::regtype::oid::bigint AS vector_type
"""
INSERT_PACKED = "INSERT INTO packed_indexes (tenant_id, version_key, content) VALUES (%s, %s, %s)"
INSERT_TEXTS = """
INSERT INTO passage_texts (tenant_id, version_key, chunk_id, content, words)
SELECT %s, %s, w.* FROM unnest(%s::bigint[], %s::bytea[], %s::text[]) AS w
"""
INSERT_WORD_VECTORS = """
INSERT INTO word_vectors (tenant_id, model, word, hash, signature)
SELECT %s, %s, w.* FROM unnest(%s::text[], %b::bigint[], %s::bytea[]) AS w
ON CONFLICT DO NOTHING
"""
INSERT_VECTORS = """
INSERT INTO passage_vectors (tenant_id, version_key, chunk_id, embedding)
SELECT %s, %s, v.* FROM unnest(%b::bigint[], %b::halfvec[]) AS v
"""
DELETE_VERSION = "DELETE FROM index_versions WHERE tenant_id = %s AND version_id = %s"


@dataclass(frozen=True)
class PreparedChunk:
    """What is kept of one chunk for ranking: its text as analysed, and its words."""

    content: bytes
    words: str


@dataclass(frozen=True)
class PreparedIndex:
    """The index of one version; `chunks` in the draft's order, across sections.

    `packed` tells passages by their place among them until they are stored; `vectors` are theirs,
    by the model `model`: shape (chunks, dimensions). `words` are the distinct ones of them all,
    `signatures` those of their vectors by `word_model`: shape (words, 8).
    """

    model: str
    packed: PackedIndex
    chunks: tuple[PreparedChunk, ...]
    vectors: HalfVectors
    word_model: str
    words: tuple[str, ...]
    signatures: Hashes


def prepare_index(draft: DraftVersion, code: str, embedder: PassageEmbedder) -> PreparedIndex:
    """Terms, identifiers and vectors of every chunk of `draft`, a version of document `code`."""
    placed = [
        (chunk, join_titles(draft.title, section.path))
        for section in draft.sections
        for chunk in section.chunks
    ]
    vectors = embedder.encode([place_text(titles, chunk.text) for chunk, titles in placed])
    analysed = [analyse_chunk(chunk) for chunk, _ in placed]
    terms = [
        PassageTerms(
            dict(Counter(text.terms)),
            dict(Counter(list_terms(f"{code} {titles}"))),
            tuple(list_identifiers(f"{code}\n{titles}\n{chunk.text}")),
        )
        for text, (chunk, titles) in zip(analysed, placed, strict=True)
    ]
    word_embedder = get_embedder()
    words = list(dict.fromkeys(word for text in analysed for word in text.words))[:MOST_WORDS]
    return PreparedIndex(
        embedder.model_name,
        pack(range(len(placed)), terms, vectors, find_centre(embedder)),
        tuple(PreparedChunk(text.text.to_bytes(), " ".join(text.words)) for text in analysed),
        vectors.astype(np.float16),
        word_embedder.model_name,
        tuple(words),
        get_word_vectors(word_embedder.model_name).learn(words, word_embedder),
    )


def join_titles(title: str, path: str) -> str:
    """« Titre › Section », the title once."""
    return path if path.startswith(title) else f"{title}{PATH_SEPARATOR}{path}"


def place_text(titles: str, text: str) -> str:
    """A passage or a sentence in its context: « Titre. Section. Texte »."""
    context = titles.replace(PATH_SEPARATOR, ". ")
    return f"{context}. {text}" if context else text


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
    packed = replace(prepared.packed, chunk_ids=np.array(chunk_ids, np.int64))
    key, vector_type = await _insert_version(connection, tenant_id, version_id, prepared, packed)
    await connection.execute(INSERT_PACKED, (tenant_id, key, packed.to_bytes()))
    if not prepared.chunks:
        return
    rows = (encode_numbers(packed.chunk_ids), encode_vectors(prepared.vectors, vector_type))
    await connection.execute(INSERT_VECTORS, (tenant_id, key, *rows))
    contents = [chunk.content for chunk in prepared.chunks]
    words = [chunk.words for chunk in prepared.chunks]
    await connection.execute(INSERT_TEXTS, (tenant_id, key, list(chunk_ids), contents, words))
    await _write_words(connection, tenant_id, prepared)


async def _write_words(connection: Connection, tenant_id: UUID, prepared: PreparedIndex) -> None:
    """Write the words that this process has not written for the firm of late.

    A word undone with its transaction, or forgotten by an erasure since, is missing for as long as
    it is remembered here; a search embeds it meanwhile.
    """
    written = _recall_written(tenant_id, prepared.word_model)
    hashes = hash_words(prepared.words).view(np.int64)
    new = [place for place, hashed in enumerate(hashes.tolist()) if hashed not in written]
    if not new:
        return
    words = [prepared.words[place] for place in new]
    signatures = [prepared.signatures[place].tobytes() for place in new]
    rows = (words, encode_numbers(hashes[new]), signatures)
    await connection.execute(INSERT_WORD_VECTORS, (tenant_id, prepared.word_model, *rows))
    written.update(hashes[new].tolist())


# Since when, and the hashes of the words written, for the last firm alone.
_WRITTEN: dict[tuple[UUID, str], tuple[float, set[int]]] = {}


def _recall_written(tenant_id: UUID, model: str) -> set[int]:
    """The words written for the firm in the last `REMEMBERED_S` seconds, to be added to."""
    key, now = (tenant_id, model), time.monotonic()
    since, hashes = _WRITTEN.get(key, (now - REMEMBERED_S, set[int]()))
    if now - since >= REMEMBERED_S:
        _WRITTEN.clear()
        hashes = set[int]()
        _WRITTEN[key] = (now, hashes)
    return hashes


async def remove_index(connection: Connection, tenant_id: UUID, version_id: UUID) -> None:
    """Remove a version from search; at once for whoever searches after the commit."""
    await connection.execute(DELETE_VERSION, (tenant_id, version_id))


async def _insert_version(
    connection: Connection,
    tenant_id: UUID,
    version_id: UUID,
    prepared: PreparedIndex,
    packed: PackedIndex,
) -> tuple[int, int]:
    """The version's key, and the type of vectors in this database."""
    cursor = await connection.execute(
        INSERT_VERSION,
        {
            "tenant_id": tenant_id,
            "version_id": version_id,
            "model": prepared.model,
            "chunk_count": len(prepared.chunks),
            "term_total": int(packed.lengths.sum()),
            "title_term_total": int(packed.title_lengths.sum()),
        },
    )
    row = await cursor.fetchone()
    if row is None:
        raise LookupError(f"no key was given to version {version_id}")
    return int(row["key"]), int(row["vector_type"])
