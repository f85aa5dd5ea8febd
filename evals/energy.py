"""Measures the energy question set: what search finds, what is cited, when the answer abstains.

This set and that of the questions near the documents fall in two halves by the hash of each
question's id. Recipes and coefficients are chosen on the first; of the held-out half only totals
are read.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.rules.planning import find_as_of
from core.context import Identity, frozen_clock
from core.database import Database
from crm.installation import Installation
from evals.asking import ask, map_in_order
from evals.case_files import (
    TODAY,
    KnowledgeCase,
    load_abstention_cases,
    load_energy_cases,
    load_everyday_cases,
    load_nearby_cases,
)
from evals.instance import sign_in
from evals.scorers import (
    RIGHT,
    Score,
    list_quotes,
    normalise_quote,
    score_knowledge,
    score_versions,
)
from evals.suites import CaseResult, Figure, SuiteResult, describe, thin
from knowledge.found import Passage
from knowledge.search import SearchFilters, search

CUT = 10
ENGINE = "moteur déterministe"
LABELS = {
    "found": "phrase attendue dans les 10 premiers passages",
    "identifier_found": "références exactes trouvées",
    "versions_right": "questions datées sans passage d’une autre période",
    "silent_right": "questions sans réponse où rien n’est affirmé",
    "not_refused": "questions à réponse non refusées",
    "asserted": "questions à réponse affirmées, sans réserve",
    "sentence_cited": "phrase attendue citée",
}
HALVES: Mapping[str, Callable[[CaseResult], bool]] = {
    "réglage": lambda case: not is_held_out(case.id),
    "à l’écart": lambda case: is_held_out(case.id),
}


def is_held_out(case_id: str) -> bool:
    """Tell whether a question belongs to the half that nothing is tuned on."""
    return hashlib.sha256(case_id.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class _Bench:
    database: Database
    assistant: Assistant
    people: Mapping[str, Identity]


async def run_energy(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Search for and ask every question of the set; figures by half, gates on both."""
    return await _run_halves("energy", load_energy_cases(), installation, thresholds, limit)


async def run_nearby(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Ask the questions near the documents, half of which these do not answer."""
    return await _run_halves("nearby", load_nearby_cases(), installation, thresholds, limit)


async def run_everyday(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Ask the questions of everyday work, written from the documents alone."""
    return await _run_halves("everyday", load_everyday_cases(), installation, thresholds, limit)


async def _run_halves(
    name: str,
    questions: Sequence[KnowledgeCase],
    installation: Installation,
    thresholds: Mapping[str, float],
    limit: int | None,
) -> SuiteResult:
    started = time.monotonic()
    cases = await _score_all(installation, thin(questions, limit))
    figures = tuple(
        _figure(f"{LABELS[score]} ({half})", score, threshold, [c for c in cases if belongs(c)])
        for score, threshold in thresholds.items()
        for half, belongs in HALVES.items()
    )
    return SuiteResult(
        name, ENGINE, figures, tuple(c for c in cases if not is_held_out(c.id)),
        seconds=time.monotonic() - started,
    )  # fmt: skip


async def run_abstention(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Ask the questions that nothing was tuned on, half of which lack a detail only."""
    started = time.monotonic()
    cases = await _score_all(installation, thin(load_abstention_cases(), limit))
    figures = tuple(
        _figure(LABELS[name], name, threshold, cases) for name, threshold in thresholds.items()
    )
    return SuiteResult("abstention", ENGINE, figures, seconds=time.monotonic() - started)


async def _score_all(
    installation: Installation, cases: Sequence[KnowledgeCase]
) -> list[CaseResult]:
    database = installation.database
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    bench = _Bench(database, assistant, await sign_in(database))

    async def score(case: KnowledgeCase) -> CaseResult:
        return await _score(bench, case)

    return await map_in_order(cases, score)


async def _score(bench: _Bench, case: KnowledgeCase) -> CaseResult:
    started = time.monotonic()
    identity = bench.people[case.user]
    scores: dict[str, Score] = {}
    if not case.expect.unanswerable:
        scores["found"] = await score_search(bench.database, identity, case)
        if "identifier" in case.tags:
            scores["identifier_found"] = scores["found"]
    asked = await ask(bench.assistant, identity, [case.question])
    answer = asked.answer
    if case.expect.unanswerable:
        scores["silent_right"] = score_knowledge(answer, case)
    else:
        refused = Score(False, f"statut {answer.status}")
        is_shown = answer.status in ("answered", "uncertain")
        scores["not_refused"] = RIGHT if is_shown else refused
        scores["asserted"] = RIGHT if answer.status == "answered" else refused
        scores["sentence_cited"] = score_knowledge(answer, case)
    if case.expect.as_of and list_quotes(answer):
        scores["versions_right"] = score_versions(answer, case)
    expected = " OU ".join(f"{s.document} : {s.sentence}" for s in case.expect.sentences)
    return CaseResult(
        case.id, case.purpose, (case.question,), tuple(case.tags), expected or "abstention",
        describe(answer), scores, time.monotonic() - started,
    )  # fmt: skip


async def score_search(database: Database, identity: Identity, case: KnowledgeCase) -> Score:
    """Right when an expected sentence stands in the first passages, as the product searches."""
    filters = SearchFilters(as_of=find_as_of(case.question, TODAY))
    found = await search(database, identity, case.question, today=TODAY, filters=filters, limit=CUT)
    if any(_holds(passage, case) for passage in found.passages):
        return RIGHT
    return Score(False, f"trouvé : {', '.join(p.code for p in found.passages)}")


def _holds(passage: Passage, case: KnowledgeCase) -> bool:
    sentences = [normalise_quote(sentence.text) for sentence in passage.sentences]
    day = case.expect.as_of
    if day is not None and not _is_valid(passage, day):
        return False
    return any(
        passage.code == expected.document
        and any(
            all(normalise_quote(part) in text for part in (expected.sentence, *expected.also))
            for text in sentences
        )
        for expected in case.expect.sentences
    )


def _is_valid(passage: Passage, day: dt.date) -> bool:
    started, ended = passage.valid_from, passage.valid_to
    return (started is None or started <= day) and (ended is None or day <= ended)


def _figure(label: str, name: str, threshold: float, cases: Sequence[CaseResult]) -> Figure:
    scores = [case.scores[name].is_right for case in cases if name in case.scores]
    return Figure(label, sum(scores) / len(scores) if scores else 0.0, len(scores), threshold)
