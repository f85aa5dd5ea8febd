"""Measures retrieval on public question sets, beside a BM25 library, and on exact references.

Each set goes into a temporary tenant of a real database, through the product's own indexing and
search. Sets follow BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels.tsv`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import bm25s
import Stemmer

from core.context import Identity
from core.database import Database
from core.settings import get_settings
from crm.installation import Installation, open_installation
from evals.passages import PassageFile, store_passages
from evals.tenants import temporary_tenant
from knowledge.identifiers import list_identifiers
from knowledge.search import search

CUT = 10
PASSAGES_PER_FILE = 20
DAY = dt.date(2026, 1, 1)
IDENTIFIER_QUESTIONS = 200
PUBLIC_SETS = ("piaf-1.1", "cnil-faq")


@dataclass(frozen=True)
class QuestionSet:
    """Passages and questions by id, and the ids of the passages that answer each question."""

    name: str
    passages: Mapping[str, tuple[str, str]]
    questions: Mapping[str, str]
    answers: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Figures:
    """Means over the questions of one set; times in milliseconds, embedding included."""

    questions: int
    ndcg_at_10: float
    recall_at_10: float
    p50_ms: float = 0.0
    p95_ms: float = 0.0


@dataclass(frozen=True)
class SetResult:
    """One set: the product's figures, the baseline's, and the floor the product must reach."""

    name: str
    product: Figures
    baseline: Figures | None
    floor: Figures | None = None

    @property
    def is_passed(self) -> bool:
        """Tell whether the product reaches the floor, and the baseline of the same run."""
        return all(
            self.product.ndcg_at_10 >= bar.ndcg_at_10
            and self.product.recall_at_10 >= bar.recall_at_10
            for bar in (self.floor, self.baseline)
            if bar is not None
        )


@dataclass(frozen=True)
class RetrievalResult:
    """Every set measured in one run."""

    sets: tuple[SetResult, ...] = field(default=())

    @property
    def is_passed(self) -> bool:
        """Tell whether every gate is passed."""
        return bool(self.sets) and all(one.is_passed for one in self.sets)


FLOORS = {
    "piaf-1.1": Figures(2000, 0.845, 0.935),
    "cnil-faq": Figures(496, 0.730, 0.910),
    "identifiers": Figures(IDENTIFIER_QUESTIONS, 0.0, 1.0),
}


async def run_retrieval(
    installation: Installation, *, limit_queries: int | None = None
) -> RetrievalResult:
    """Measure every public set found in the settings' folder, then exact references.

    With `limit_queries`, evenly spaced questions are asked, of the whole corpus; figures then
    differ from the full set's, so only the baseline of the same run gates.
    """
    results: list[SetResult] = []
    for name in PUBLIC_SETS:
        folder = installation.settings.eval_data / name
        if (folder / "corpus.jsonl").is_file():
            chosen = _thin(load_questions(folder), limit_queries)
            floor = FLOORS[name] if limit_queries is None else None
            results += await _measure_set(installation, chosen, floor)
    return RetrievalResult(tuple(results))


def load_questions(folder: Path) -> QuestionSet:
    """Read a set in BEIR's layout; a question without a judgement is left out."""
    passages = {
        row["_id"]: (row.get("title", ""), row["text"]) for row in _rows(folder / "corpus.jsonl")
    }
    questions = {row["_id"]: row["text"] for row in _rows(folder / "queries.jsonl")}
    answers: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        question, passage, grade = line.split("\t")
        if float(grade) > 0:
            answers.setdefault(question, set()).add(passage)
    return QuestionSet(
        folder.name,
        passages,
        {key: text for key, text in questions.items() if key in answers},
        {key: frozenset(found) for key, found in answers.items()},
    )


def _rows(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _thin(whole: QuestionSet, limit: int | None) -> QuestionSet:
    if limit is None or limit >= len(whole.questions):
        return whole
    keys = list(whole.questions)
    kept = [keys[place * len(keys) // limit] for place in range(limit)]
    return QuestionSet(
        whole.name, whole.passages, {key: whole.questions[key] for key in kept}, whole.answers
    )


async def _measure_set(
    installation: Installation, asked: QuestionSet, floor: Figures | None
) -> list[SetResult]:
    with temporary_tenant(installation.admin_conninfo) as identity:
        keys = await _store(installation.database, identity, asked)
        product = await _measure_search(installation.database, identity, asked, keys)
        exact = await _measure_identifiers(installation.database, identity, asked, keys)
    results = [SetResult(asked.name, product, measure_baseline(asked), floor)]
    if exact is not None:
        results.append(
            SetResult(f"identifiers of {asked.name}", exact, None, FLOORS["identifiers"])
        )
    return results


async def _store(database: Database, identity: Identity, asked: QuestionSet) -> dict[int, str]:
    """Index every passage; the corpus id of each chunk."""
    rows = list(asked.passages.items())
    keys: dict[int, str] = {}
    for first in range(0, len(rows), PASSAGES_PER_FILE):
        group = rows[first : first + PASSAGES_PER_FILE]
        file = PassageFile(f"{asked.name}/{first}", "", tuple(pair for _, pair in group))
        stored = await store_passages(database, identity, file)
        keys |= {chunk: key for chunk, (key, _) in zip(stored.chunk_ids, group, strict=True)}
    return keys


async def _measure_search(
    database: Database, identity: Identity, asked: QuestionSet, keys: Mapping[int, str]
) -> Figures:
    ranks: list[tuple[list[str], frozenset[str]]] = []
    times: list[float] = []
    for key, question in asked.questions.items():
        found = await search(database, identity, question, today=DAY, limit=CUT)
        ranks.append(([keys[p.chunk_id] for p in found.passages], asked.answers[key]))
        times.append(found.duration_ms)
    return _summarise(ranks, times)


async def _measure_identifiers(
    database: Database, identity: Identity, asked: QuestionSet, keys: Mapping[int, str]
) -> Figures | None:
    """Ask for references read in the passages: any passage that bears one answers it."""
    bearers: dict[str, set[str]] = {}
    for key, (title, text) in asked.passages.items():
        for identifier in list_identifiers(f"{title}\n{text}"):
            bearers.setdefault(identifier, set()).add(key)
    chosen = [name for name in sorted(bearers) if len(bearers[name]) <= CUT]
    ranks: list[tuple[list[str], frozenset[str]]] = []
    for name in chosen[:: max(1, len(chosen) // IDENTIFIER_QUESTIONS)]:
        found = await search(database, identity, f"Que dit {name} ?", today=DAY, limit=CUT)
        ranks.append(([keys[p.chunk_id] for p in found.passages], frozenset(bearers[name])))
    return _summarise(ranks, [0.0]) if ranks else None


def measure_baseline(asked: QuestionSet) -> Figures:
    """The figures of `bm25s` with its Lucene defaults, French stemmer and stop words."""
    stemmer = Stemmer.Stemmer("french")
    corpus = [f"{title} {text}".strip() for title, text in asked.passages.values()]
    keys = list(asked.passages)
    index = bm25s.BM25(method="lucene")
    index.index(
        bm25s.tokenize(corpus, stopwords="fr", stemmer=stemmer, show_progress=False),
        show_progress=False,
    )
    tokens = bm25s.tokenize(
        list(asked.questions.values()), stopwords="fr", stemmer=stemmer, show_progress=False
    )
    places, _ = index.retrieve(tokens, k=min(CUT, len(keys)), show_progress=False)
    ranks = [
        ([keys[place] for place in row], asked.answers[key])
        for row, key in zip(places, asked.questions, strict=True)
    ]
    return _summarise(ranks, [0.0])


def _summarise(
    ranks: Sequence[tuple[list[str], frozenset[str]]], times: Sequence[float]
) -> Figures:
    return Figures(
        questions=len(ranks),
        ndcg_at_10=statistics.fmean(ndcg(found, right) for found, right in ranks),
        recall_at_10=statistics.fmean(
            len(right & set(found[:CUT])) / min(len(right), CUT) for found, right in ranks
        ),
        p50_ms=statistics.median(times),
        p95_ms=sorted(times)[math.ceil(0.95 * len(times)) - 1],
    )


def ndcg(found: Sequence[str], right: frozenset[str]) -> float:
    """nDCG at 10 with equal grades."""
    gain = sum(1 / math.log2(place + 2) for place, key in enumerate(found[:CUT]) if key in right)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(CUT, len(right))))
    return gain / ideal if ideal else 0.0


def format_result(result: RetrievalResult) -> str:
    """A Markdown table of the figures."""
    lines = [
        "| ensemble | questions | nDCG@10 | rappel@10 | bm25s | p50 ms | p95 ms | seuil |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in result.sets:
        ours, theirs = one.product, one.baseline
        beside = f"{theirs.ndcg_at_10:.3f} / {theirs.recall_at_10:.3f}" if theirs else "–"
        lines.append(
            f"| {one.name} | {ours.questions} | {ours.ndcg_at_10:.3f} | {ours.recall_at_10:.3f} "
            f"| {beside} | {ours.p50_ms:.1f} | {ours.p95_ms:.1f} "
            f"| {'atteint' if one.is_passed else 'MANQUÉ'} |"
        )
    return "\n".join(lines)


async def _main() -> str:
    with open_installation(get_settings()) as installation:
        try:
            return format_result(await run_retrieval(installation))
        finally:
            await installation.database.close()


if __name__ == "__main__":
    print(asyncio.run(_main()))  # noqa: T201 - the command's output
