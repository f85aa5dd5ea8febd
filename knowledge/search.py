"""Hybrid search of the knowledge base: words, meaning and references.

Passages are chosen in memory by their words, titles, references and the signs of their vectors,
among what the signed identity may find. The database weighs them with their vectors, leaves out
whatever the identity may not find, and gives the best, which are then reranked on how their words
stand together.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import numpy as np
from psycopg.rows import DictRow

from core.context import Identity
from core.database import Database
from knowledge.embeddings import get_embedder
from knowledge.firm_index import Choice, Factors
from knowledge.identifiers import list_identifiers
from knowledge.packing import ask_vector
from knowledge.passage_embedder import (
    PassageEmbedder,
    Vectors,
    embed_question,
    find_centre,
    get_passage_embedder,
)
from knowledge.passage_texts import PassageText, read_passage_text
from knowledge.ranking import analyse, score_texts
from knowledge.resident import Held, find_scope, hold
from knowledge.sentence_scores import Question, SentenceContext, score_sentence
from knowledge.slots import Reranker, find_reranker
from knowledge.synonyms import find_equivalents
from knowledge.wire import decode_vectors, encode_numbers, encode_vector
from knowledge.words import TextWords, get_word_vectors

SEARCH = (Path(__file__).parent / "search.sql").read_bytes()
READ_WORDS = "SELECT word, embedding FROM read_word_vectors(%s, %s, %s)"

QUERY_CHARS = 2_000
QUERY_TERMS = 64
QUERY_IDENTIFIERS = 32
TITLE_FACTOR, REFERENCE_FACTOR = 0.4, 3.0
HISTORY_STATUSES = ("in_force", "superseded")


@dataclass(frozen=True)
class SearchDepths:
    """How many passages are weighed with their vectors, and kept for reranking."""

    weighed: int = 112
    reranked: int = 24


@dataclass(frozen=True)
class SearchFilters:
    """What to search in; an empty tuple does not restrict.

    By default a version is searched when in force and valid today. With `as_of`, the versions
    valid on that day are, whether still in force or superseded since, and `statuses` is ignored.
    """

    kinds: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ("in_force",)
    as_of: dt.date | None = None


@dataclass(frozen=True)
class _Wanted:
    """What a question asks for: its terms and equivalents, references, vector and its model."""

    terms: list[str]
    references: list[str]
    vector: Vectors
    model: PassageEmbedder

    @property
    def factors(self) -> Factors:
        return Factors(TITLE_FACTOR, self.model.weight, self.model.unrelated, REFERENCE_FACTOR)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage: the span [start, end) of its text; `score` from 0 to about 1."""

    ordinal: int
    start: int
    end: int
    text: str
    page: int
    box: tuple[float, ...] | None
    score: float


@dataclass(frozen=True)
class Passage:
    """A found chunk, with the document and version it belongs to."""

    chunk_id: int
    document_id: UUID
    version_id: UUID
    code: str
    title: str
    version_label: str
    status: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    section_path: str
    kind: str
    text: str
    score: float
    lexical: float
    dense: float
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class SearchResult:
    """Passages found for `query`, best first.

    `question` and `vector`, shape (dimensions,), are what they were weighed against.
    """

    query: str
    passages: tuple[Passage, ...]
    question: Question
    vector: Vectors
    duration_ms: float


async def search(
    database: Database,
    identity: Identity,
    query: str,
    *,
    today: dt.date,
    filters: SearchFilters = SearchFilters(),
    limit: int = 8,
    embedder: PassageEmbedder | None = None,
    depths: SearchDepths = SearchDepths(),
) -> SearchResult:
    """The `limit` best passages for `query` among what `identity` may read."""
    started = time.perf_counter()
    question, vector, passages = await _find(
        database, identity, query, today, filters, limit, embedder, depths
    )
    duration_ms = (time.perf_counter() - started) * 1000
    return SearchResult(query, passages, question, vector, duration_ms)


async def _find(
    database: Database,
    identity: Identity,
    query: str,
    today: dt.date,
    filters: SearchFilters,
    limit: int,
    embedder: PassageEmbedder | None,
    depths: SearchDepths,
) -> tuple[Question, Vectors, tuple[Passage, ...]]:
    model = embedder or get_passage_embedder()
    asked = _clean(query)
    analysed = analyse(asked)
    own = list(dict.fromkeys(analysed.terms))
    equivalents = find_equivalents(analysed.terms)
    added = (other for others in equivalents.values() for other in others)
    terms = list(dict.fromkeys((*own, *added)))[:QUERY_TERMS]
    references = list_identifiers(asked)[:QUERY_IDENTIFIERS]
    vector = await embed_question(model, asked)
    wanted = _Wanted(terms, references, vector, model)
    rows, weights = await _read(database, identity, wanted, _restrict(filters, today), depths)
    texts = [read_passage_text(row["content"]) for row in rows]
    words = TextWords.of([text.words for text in texts])
    await _meet_words(database, identity, words, rows, analysed.words)
    store = get_word_vectors(get_embedder().model_name)
    ranked = _rerank(rows, texts, score_texts(analysed, weights, texts, words, store).tolist())
    reranker = find_reranker()
    if reranker is not None and ranked:
        ranked = await asyncio.to_thread(_reorder, reranker, asked, ranked)
    question = Question(asked, {t: weights.get(t, 0.0) for t in own if rows}, equivalents)
    best = ranked[0].score if ranked else 1.0
    passages = tuple(_make_passage(one, best, question) for one in ranked[:limit])
    return question, vector, passages


async def _read(
    database: Database,
    identity: Identity,
    wanted: _Wanted,
    filters: dict[str, object],
    depths: SearchDepths,
) -> tuple[list[DictRow], dict[str, float]]:
    """The best passages, best first, and the weight of each term.

    When documents or rights changed meanwhile, the choice is made again on what they are now.
    """
    held = await hold(database, identity)
    choice, rows = await _choose(database, identity, held, wanted, filters, depths)
    if rows[0]["state"] != held.state:
        held = await hold(database, identity, stale=held)
        choice, rows = await _choose(database, identity, held, wanted, filters, depths)
    weights = {term: choice.weights.get(term, 0.0) for term in wanted.terms}
    return [row for row in rows if row["chunk_id"] is not None], weights


async def _choose(
    database: Database,
    identity: Identity,
    held: Held,
    wanted: _Wanted,
    filters: dict[str, object],
    depths: SearchDepths,
) -> tuple[Choice, list[DictRow]]:
    """Passages chosen in memory, and the best of them as the database gives them."""
    scope = await find_scope(database, identity, held, filters, wanted.model.model_name)
    asked = ask_vector(wanted.vector, find_centre(wanted.model))
    choice = held.index.choose(
        scope, wanted.terms, wanted.references, asked, wanted.factors, depths.weighed
    )
    parameters = filters | _make_parameters(choice, wanted, depths)
    parameters["proof"] = database.prove(identity)
    async with database.statement("assistant_read") as connection:
        cursor = await connection.execute(SEARCH, parameters, binary=True)
        return choice, await cursor.fetchall()


def _clean(query: str) -> str:
    """`query` cut to a sensible length, without what neither UTF-8 nor PostgreSQL accepts."""
    short = query[:QUERY_CHARS].replace("\0", " ")
    return short.encode("utf-8", "replace").decode("utf-8")


def _restrict(filters: SearchFilters, today: dt.date) -> dict[str, object]:
    in_history = filters.as_of is not None
    return {
        "kinds": list(filters.kinds),
        "standards": list(filters.standards),
        "codes": list(filters.codes),
        "statuses": list(HISTORY_STATUSES if in_history else filters.statuses),
        "valid_on": filters.as_of or today,
        "in_history": in_history,
    }


def _make_parameters(choice: Choice, wanted: _Wanted, depths: SearchDepths) -> dict[str, object]:
    return {
        "ids": encode_numbers(choice.chunk_ids),
        "keys": encode_numbers(choice.keys),
        "lexical": encode_numbers(choice.lexical),
        "named": encode_numbers(choice.named),
        "vector": encode_vector(wanted.vector),
        "model": wanted.model.model_name,
        "result_depth": depths.reranked,
        "dense_factor": wanted.factors.dense,
        "unrelated": wanted.factors.unrelated,
        "reference_factor": wanted.factors.reference,
    }


async def _meet_words(
    database: Database,
    identity: Identity,
    words: TextWords,
    rows: Sequence[DictRow],
    asked: Sequence[str],
) -> None:
    """Bring to memory the vectors of words not met by this process, as indexing left them."""
    model = get_embedder()
    store = get_word_vectors(model.model_name)
    met = dict.fromkeys(store.list_unknown(asked))
    unmet = store.find_unknown(words)
    for text, places in words.list_holders(unmet) if unmet.any() else ():
        written = rows[text]["words"].split()
        met.update((written[place], None) for place in places.tolist())
    if not met:
        return
    unknown = list(met)
    parameters = (database.prove(identity), model.model_name, unknown)
    async with database.statement("assistant_read") as connection:
        found = await (await connection.execute(READ_WORDS, parameters, binary=True)).fetchall()
    if found:
        vectors = decode_vectors([row["embedding"] for row in found])
        store.add([row["word"] for row in found], vectors)
    if left := store.list_unknown(unknown):
        store.add(left, (await model.aencode(left)).astype(np.float16))


@dataclass(frozen=True)
class _Ranked:
    """A row the database gave, the passage's text as analysed, and its final score."""

    row: DictRow
    text: PassageText
    score: float


def _rerank(
    rows: Sequence[DictRow], texts: Sequence[PassageText], added: Sequence[float]
) -> list[_Ranked]:
    """Rows with their final score, best first; `added` is what words add to each."""
    scored = [
        _Ranked(row, text, row["score"] + extra)
        for row, text, extra in zip(rows, texts, added, strict=True)
    ]
    return sorted(scored, key=lambda one: (-one.score, one.row["chunk_id"]))


def _reorder(reranker: Reranker, asked: str, ranked: Sequence[_Ranked]) -> list[_Ranked]:
    """The reranker's order; the scores stay those of the recipe, which sentences are weighed by."""
    rows = [one.row for one in ranked]
    given = reranker.score(
        asked, [f"{row['title']} › {row['section_path']}\n{row['body']}" for row in rows]
    )
    places = sorted(range(len(ranked)), key=lambda place: (-given[place], place))
    scores = sorted((one.score for one in ranked), reverse=True)
    return [replace(ranked[place], score=score)
            for place, score in zip(places, scores, strict=True)]  # fmt: skip


def _make_passage(ranked: _Ranked, best: float, question: Question) -> Passage:
    row, score = ranked.row, ranked.score
    return Passage(
        chunk_id=row["chunk_id"],
        document_id=row["document_id"],
        version_id=row["version_id"],
        code=row["code"],
        title=row["title"],
        version_label=row["version_label"],
        status=row["status"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        section_path=row["section_path"],
        kind=row["kind"],
        text=row["body"],
        score=score,
        lexical=row["lexical"],
        dense=row["dense"],
        sentences=tuple(_make_sentences(ranked, score / best if best else 0.0, question)),
    )


def _make_sentences(ranked: _Ranked, share: float, question: Question) -> Iterator[Sentence]:
    row, body = ranked.row, ranked.row["body"]
    context = SentenceContext.of(question, f"{row['title']} {row['section_path']}", share)
    starts, ends, pages = ranked.text.spans.tolist()
    for ordinal, (start, end, page, box, terms) in enumerate(
        zip(starts, ends, pages, ranked.text.list_boxes(), ranked.text.sentence_terms, strict=True)
    ):
        text = body[start:end]
        score = score_sentence(question, text, terms, context)
        yield Sentence(ordinal, start, end, text, page, box, score)
