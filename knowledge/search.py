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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from psycopg.rows import DictRow

from core.context import Identity
from core.database import Database
from knowledge.embeddings import get_embedder
from knowledge.firm_index import Choice, Factors
from knowledge.found import FoundSentences, Passage, SearchResult
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
from knowledge.sentence_scores import Question
from knowledge.slots import Reranker, find_reranker
from knowledge.spoken import write_out
from knowledge.synonyms import find_equivalents
from knowledge.wire import encode_numbers, encode_vector
from knowledge.words import (
    PlacedWords,
    TextWords,
    WordVectors,
    get_word_vectors,
    hash_words,
    sign_words,
)

SEARCH = (Path(__file__).parent / "search.sql").read_bytes()
READ_WORDS = "SELECT read_word_vectors(%s, %s, %s) AS words"

QUERY_CHARS = 2_000
QUERY_TERMS = 64
QUERY_IDENTIFIERS = 32
TITLE_FACTOR, REFERENCE_FACTOR = 0.4, 3.0
HISTORY_STATUSES = ("in_force", "superseded", "withdrawn")


@dataclass(frozen=True)
class SearchDepths:
    """How many passages are weighed with their vectors, and kept for reranking."""

    weighed: int = 32
    reranked: int = 24


@dataclass(frozen=True)
class SearchFilters:
    """What to search in; an empty tuple does not restrict.

    By default a version is searched when in force and valid today. With `as_of`, the versions
    valid on that day are, whatever became of them since, and `statuses` is ignored.
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
    stand_ins: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> SearchResult:
    """The `limit` best passages for `query` among what `identity` may read.

    `stand_ins` adds to the equivalents of a term those that hold for this question alone.
    """
    started = time.perf_counter()
    model = embedder or get_passage_embedder()
    asked = write_out(_clean(query))
    analysed = analyse(asked)
    own = list(dict.fromkeys(analysed.terms))
    equivalents = find_equivalents(analysed.terms)
    for term, others in stand_ins.items():
        if term in own:
            equivalents[term] = (*equivalents.get(term, ()), *others)
    added = (other for others in equivalents.values() for other in others)
    terms = list(dict.fromkeys((*own, *added)))[:QUERY_TERMS]
    references = list_identifiers(asked)[:QUERY_IDENTIFIERS]
    vector = await embed_question(model, asked)
    wanted = _Wanted(terms, references, vector, model)
    rows, weights = await _read(database, identity, wanted, _restrict(filters, today), depths)
    texts = [read_passage_text(row["content"]) for row in rows]
    store = get_word_vectors(get_embedder().model_name)
    words = await _meet_words(database, identity, store, rows, texts, analysed.words)
    ranked = _rerank(rows, texts, score_texts(analysed, weights, texts, words, store).tolist())
    reranker = find_reranker()
    if reranker is not None and ranked:
        ranked = await asyncio.to_thread(_reorder, reranker, asked, ranked)
    question = Question(asked, {t: weights.get(t, 0.0) for t in own if rows}, equivalents)
    best = ranked[0].score if ranked else 1.0
    passages = tuple(_make_passage(one, best, question) for one in ranked[:limit])
    duration_ms = (time.perf_counter() - started) * 1000
    return SearchResult(query, passages, question, vector, duration_ms)


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
    store: WordVectors,
    rows: Sequence[DictRow],
    texts: Sequence[PassageText],
    asked: Sequence[str],
) -> PlacedWords:
    """The words of `texts`, whose vectors, and those of `asked`, are brought to memory if new."""
    placed = store.place(TextWords.of([text.words for text in texts]))
    met = dict.fromkeys(store.list_unknown(asked))
    unmet = placed.rows < 0
    for text, places in placed.words.list_holders(unmet) if unmet.any() else ():
        written = rows[text]["words"].split()
        met.update((written[place], None) for place in places.tolist())
    if not met:
        return placed
    unknown, model = list(met), get_embedder()
    parameters = (database.prove(identity), model.model_name, unknown)
    async with database.statement("assistant_read") as connection:
        found = await (await connection.execute(READ_WORDS, parameters, binary=True)).fetchone()
    if found and found["words"]:
        store.add_rows(found["words"])
    if left := store.list_unknown(unknown):
        store.add(hash_words(left), sign_words(await model.aencode(left)))
    return store.place(placed.words)


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
        sentences=FoundSentences(
            question,
            row["body"],
            ranked.text,
            f"{row['title']} {row['section_path']}",
            score / best if best else 0.0,
        ),
    )
