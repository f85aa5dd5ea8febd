"""Loads the synthetic corpus in bulk: COPY by the administration account, triggers off."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import LiteralString
from uuid import UUID, uuid4

import numpy as np
import psycopg
from pgvector import HalfVector
from pgvector.psycopg import register_vector

from core.context import Identity
from evals.benchmarks.corpus import Pool, SyntheticChunk, make_chunk, make_name
from evals.tenants import create_tenant
from knowledge.embeddings import get_embedder
from knowledge.models import DraftChunk, DraftSentence
from knowledge.packing import PassageTerms, pack
from knowledge.passage_embedder import Vectors, find_centre, get_passage_embedder
from knowledge.passage_texts import AnalysedChunk, analyse_chunk
from knowledge.terms import list_terms
from knowledge.words import get_word_vectors, hash_words

CHUNKS_PER_DOCUMENT = 10
TABLES: tuple[LiteralString, ...] = (
    "documents", "document_versions", "sections", "chunks", "sentences", "index_versions",
    "packed_indexes", "passage_texts", "word_vectors", "passage_vectors",
)  # fmt: skip
INSERT_DOCUMENT = """
INSERT INTO documents (id, tenant_id, code, title, kind, access) VALUES (%s, %s, %s, %s, %s, %s)
"""
INSERT_VERSION = """
INSERT INTO document_versions (id, tenant_id, document_id, label, designation, status, source_path,
    sha256, media_type, page_count)
VALUES (%s, %s, %s, '1', %s, %s, 'x', %s, 'text/plain', 1)
"""
INSERT_SECTION = """
INSERT INTO sections (tenant_id, version_id, ordinal, level, heading, path)
VALUES (%s, %s, 0, 1, %s, %s) RETURNING id
"""
# The passages take numbers the sequence gives to nobody else, in a database that holds others.
RESERVE_IDS = "SELECT setval('chunks_id_seq', nextval('chunks_id_seq') + %s) - %s"
INSERT_INDEX = """
INSERT INTO index_versions (tenant_id, version_id, model, chunk_count, term_total,
    title_term_total) VALUES (%s, %s, %s, %s, %s, %s) RETURNING key
"""
COPIES: dict[LiteralString, tuple[LiteralString, tuple[str, ...]]] = {
    "chunks": (
        "id, tenant_id, version_id, section_id, ordinal, kind, text, token_count",
        ("int8", "uuid", "uuid", "int8", "int4", "text", "text", "int4"),
    ),
    "sentences": (
        "tenant_id, chunk_id, ordinal, start_at, end_at, page",
        ("uuid", "int8", "int4", "int4", "int4", "int4"),
    ),
    "packed_indexes": (
        "tenant_id, version_key, content",
        ("uuid", "int4", "bytea"),
    ),
    "passage_texts": (
        "tenant_id, version_key, chunk_id, content, words",
        ("uuid", "int4", "int8", "bytea", "text"),
    ),
    "word_vectors": (
        "tenant_id, model, word, hash, signature",
        ("uuid", "text", "text", "int8", "bytea"),
    ),
    "passage_vectors": (
        "tenant_id, version_key, chunk_id, embedding",
        ("uuid", "int4", "int8", "halfvec"),
    ),
}
Row = tuple[object, ...]
Admin = psycopg.Connection[Row]


@dataclass(frozen=True)
class _Source:
    pool: Pool
    chance: random.Random
    noise: np.random.Generator


@dataclass
class _Words:
    """The words that the firm being loaded already holds."""

    held: set[str] = field(default_factory=set[str])

    def list_rows(self, tenant: UUID, texts: Iterable[AnalysedChunk]) -> list[Row]:
        """The rows of the words that the firm does not hold yet."""
        new = list(dict.fromkeys(w for text in texts for w in text.words if w not in self.held))
        self.held.update(new)
        embedder = get_embedder()
        signatures = get_word_vectors(embedder.model_name).learn(new, embedder)
        hashes = hash_words(new).view(np.int64).tolist()
        return [
            (tenant, embedder.model_name, word, hashed, signature.tobytes())
            for word, hashed, signature in zip(new, hashes, signatures, strict=True)
        ]


@dataclass(frozen=True)
class _Place:
    tenant: UUID
    version: UUID
    section: int
    key: int


@dataclass(frozen=True)
class LoadedChunk:
    """A chunk as stored, for rivals given the same data; its vector has shape (dimensions,)."""

    tenant: UUID
    chunk_id: int
    text: str
    vector: Vectors


def load_corpus(
    admin_conninfo: str, pool: Pool, chunks: int, tenants: int, keep: int
) -> tuple[list[Identity], list[LoadedChunk]]:
    """Load `chunks` chunks in `tenants` firms; the identities, and the first `keep` chunks."""
    kept: list[LoadedChunk] = []
    identities: list[Identity] = []
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        register_vector(connection)
        connection.execute("SET session_replication_role = replica")
        next_id = _number(connection, RESERVE_IDS, (chunks, chunks))
        for _ in range(tenants):
            identities.append(create_tenant(connection))
            source = _Source(pool, random.Random(next_id), np.random.default_rng(next_id))  # noqa: S311
            count = chunks // tenants
            tenant = identities[-1].tenant_id
            for loaded in _load_tenant(connection, tenant, source, _Words(), count, next_id):
                if len(kept) < keep:
                    kept.append(loaded)
            next_id += chunks // tenants
        for table in TABLES:
            connection.execute(f"VACUUM (ANALYZE) {table}")
    return identities, kept


def _load_tenant(
    connection: Admin,
    tenant: UUID,
    source: _Source,
    words: _Words,
    chunks: int,
    first_id: int,
) -> Iterator[LoadedChunk]:
    for first in range(0, chunks, 1000):
        rows: dict[str, list[Row]] = {table: [] for table in COPIES}
        for start in range(first, min(first + 1000, chunks), CHUNKS_PER_DOCUMENT):
            made = [
                make_chunk(source.pool, source.chance, source.noise)
                for _ in range(CHUNKS_PER_DOCUMENT)
            ]
            texts = [analyse_chunk(_draft(chunk)) for chunk in made]
            terms = [Counter(text.terms) for text in texts]
            title = f"Procédure {make_name(source.chance)}"
            place = _insert_document(connection, tenant, f"DOC-{start}", title, terms)
            first_chunk = first_id + start
            rows["word_vectors"] += words.list_rows(tenant, texts)
            for offset, (chunk, text) in enumerate(zip(made, texts, strict=True)):
                _add_rows(rows, place, first_chunk + offset, offset, chunk, text)
                yield LoadedChunk(tenant, first_chunk + offset, chunk.text, chunk.vector)
            rows["packed_indexes"].append(_pack(place, first_chunk, made, terms, title))
        with connection.transaction():
            for table, (columns, types) in COPIES.items():
                _copy(connection, table, columns, types, rows[table])


def _insert_document(
    connection: Admin, tenant: UUID, code: str, title: str, terms: list[Counter[str]]
) -> _Place:
    document, version = uuid4(), uuid4()
    sha256 = hashlib.sha256(version.bytes).hexdigest()
    connection.execute(INSERT_DOCUMENT, (document, tenant, code, title, "procedure", ["all"]))
    connection.execute(INSERT_VERSION, (version, tenant, document, code, "in_force", sha256))
    section = _number(connection, INSERT_SECTION, (tenant, version, title, title))
    totals = (len(terms), sum(c.total() for c in terms), len(terms) * len(list_terms(title)))
    key = _number(
        connection, INSERT_INDEX, (tenant, version, get_passage_embedder().model_name, *totals)
    )
    return _Place(tenant, version, section, key)


def _number(connection: Admin, statement: LiteralString, parameters: Row) -> int:
    row = connection.execute(statement, parameters).fetchone()
    if row is None or not isinstance(row[0], int):
        raise LookupError("no id was returned")
    return row[0]


def _add_rows(
    rows: dict[str, list[Row]],
    place: _Place,
    chunk_id: int,
    ordinal: int,
    chunk: SyntheticChunk,
    text: AnalysedChunk,
) -> None:
    tenant, key = place.tenant, place.key
    rows["passage_texts"].append(
        (tenant, key, chunk_id, text.text.to_bytes(), " ".join(text.words))
    )
    rows["chunks"].append(
        (chunk_id, tenant, place.version, place.section, ordinal, "text", chunk.text,
         len(chunk.text) // 4)
    )  # fmt: skip
    spans = text.text.spans.T.tolist()
    for number, (start, end, page) in enumerate(spans):
        rows["sentences"].append((tenant, chunk_id, number, start, end, page))
    rows["passage_vectors"].append((tenant, key, chunk_id, HalfVector(chunk.vector)))


def _draft(chunk: SyntheticChunk) -> DraftChunk:
    sentences: list[DraftSentence] = []
    start = 0
    for sentence in chunk.sentences:
        sentences.append(DraftSentence(start, start + len(sentence), 1, None))
        start += len(sentence) + 1
    return DraftChunk("text", chunk.text, len(chunk.text) // 4, tuple(sentences))


def _pack(
    place: _Place,
    first_id: int,
    chunks: Sequence[SyntheticChunk],
    terms: Sequence[Counter[str]],
    title: str,
) -> Row:
    titles = Counter(list_terms(title))
    packed = pack(
        range(first_id, first_id + len(chunks)),
        [PassageTerms(counts, titles, ()) for counts in terms],
        np.array([chunk.vector for chunk in chunks]),
        find_centre(get_passage_embedder()),
    )
    return (place.tenant, place.key, packed.to_bytes())


def _copy(
    connection: Admin,
    table: LiteralString,
    columns: LiteralString,
    types: tuple[str, ...],
    rows: Iterable[Row],
) -> None:
    statement = f"COPY {table} ({columns}) FROM STDIN WITH (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)
