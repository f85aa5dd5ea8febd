"""The suites: which questions are asked, how their answers are scored, what is counted."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import Answer
from core.context import Identity, frozen_clock
from core.settings import get_settings
from crm.installation import Installation
from demo.firm import generate_firm
from evals.asking import Asked, ask, map_in_order
from evals.case_files import (
    TODAY,
    KnowledgeCase,
    PortfolioCase,
    load_knowledge_cases,
    load_portfolio_cases,
)
from evals.instance import sign_in
from evals.mail.measure import LABELS as MAIL_LABELS
from evals.mail.measure import find_missing, measure_mail
from evals.mail.wordings import LABELS as WORDING_LABELS
from evals.mail.wordings import describe_differences, load_wordings, read_wording
from evals.mail.wordings import measure as measure_wordings
from evals.portfolio.rows import Portfolio
from evals.portfolio.truths import Truth, evaluate
from evals.scorers import (
    Score,
    list_quotes,
    score_facts,
    score_knowledge,
    score_proofs,
    score_quotes,
    score_silence,
    score_versions,
)

Case = TypeVar("Case")
ENGINE = "moteur déterministe"
LABELS = {
    "answered_right": "réponses justes",
    "silent_right": "silences justes",
    "proved": "réponses sans nombre non prouvé",
    "sentence_cited": "phrase attendue citée",
    "quotes_exact": "citations exactes",
    "versions_right": "versions applicables",
}


@dataclass(frozen=True)
class CaseResult:
    """A scored question."""

    id: str
    purpose: str
    questions: tuple[str, ...]
    tags: tuple[str, ...]
    expected: str
    got: str
    scores: Mapping[str, Score]
    seconds: float

    @property
    def failures(self) -> dict[str, str]:
        """The reason of each failed score."""
        return {name: s.reason for name, s in self.scores.items() if not s.is_right}


@dataclass(frozen=True)
class Figure:
    """A share between 0 and 1, over `count` cases, and the least allowed."""

    label: str
    value: float
    count: int
    threshold: float

    @property
    def is_reached(self) -> bool:
        """Tell whether the bar is reached; nothing measured reaches nothing."""
        return self.count > 0 and self.value >= self.threshold


@dataclass(frozen=True)
class SuiteResult:
    """A suite's figures and questions."""

    name: str
    engine: str
    figures: tuple[Figure, ...]
    cases: tuple[CaseResult, ...] = ()
    details: str = ""
    is_skipped: bool = False
    seconds: float = field(default=0.0)

    @property
    def is_passed(self) -> bool:
        """Tell whether every figure reaches its threshold; a skipped suite fails nothing."""
        return self.is_skipped or (
            bool(self.figures) and all(figure.is_reached for figure in self.figures)
        )


async def run_portfolio(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Ask the portfolio questions; the truths come from the firm's rows."""
    started = time.monotonic()
    portfolio = Portfolio(generate_firm(TODAY))
    assistant, people = await _open(installation)

    async def score(case: PortfolioCase) -> CaseResult:
        truths = [evaluate(portfolio, spec) for spec in case.truth]
        return await _score_portfolio(assistant, people[case.user], case, truths)

    cases = await map_in_order(thin(load_portfolio_cases(), limit), score)
    return _suite("portfolio", cases, thresholds, started)


async def run_knowledge(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Ask the questions about the documents."""
    started = time.monotonic()
    assistant, people = await _open(installation)

    async def score(case: KnowledgeCase) -> CaseResult:
        return await _score_knowledge(assistant, people[case.user], case)

    cases = await map_in_order(thin(load_knowledge_cases(), limit), score)
    return _suite("knowledge", cases, thresholds, started)


async def run_retrieval_suite(
    installation: Installation, _: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure search on the public sets; its floors stand beside the measure."""
    from evals.retrieval import format_result, run_retrieval

    started = time.monotonic()
    result = await run_retrieval(installation, limit_queries=limit)
    figures = tuple(
        Figure(f"{one.name} {label}", value, one.product.questions, max(bars, default=0.0))
        for one in result.sets
        for label, value, bars in (
            ("nDCG@10", one.product.ndcg_at_10,
             [bar.ndcg_at_10 for bar in (one.floor, one.baseline) if bar]),
            ("rappel@10", one.product.recall_at_10,
             [bar.recall_at_10 for bar in (one.floor, one.baseline) if bar]),
        )
    )  # fmt: skip
    return SuiteResult(
        "retrieval", "recherche", figures, details=format_result(result),
        seconds=time.monotonic() - started,
    )  # fmt: skip


async def run_meetings(
    _: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Write the minutes of the transcripts by rules and score them against their truths."""
    from evals.meetings.run import LABELS as MEASURES
    from evals.meetings.run import format_errors, measure, value_of
    from evals.meetings.truths import load_cases

    started = time.monotonic()
    scores = await measure(thin(load_cases(), limit))
    figures = tuple(
        Figure(MEASURES[name], *value_of(scores, name), threshold)
        for name, threshold in thresholds.items()
    )
    return SuiteResult(
        "meetings", ENGINE, figures, details=format_errors(scores),
        seconds=time.monotonic() - started,
    )  # fmt: skip


async def run_email(
    _installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Read the authored threads and the quote suites with the rules; skipped without data."""
    started = time.monotonic()
    folder = get_settings().eval_data
    if missing := find_missing(folder):
        return SuiteResult("email", ENGINE, (), details=missing, is_skipped=True)
    tallies = measure_mail(folder, limit)
    figures = tuple(
        Figure(MAIL_LABELS[name], *tallies.value(name), threshold)
        for name, threshold in thresholds.items()
    )
    cases = tuple(
        CaseResult(
            name, "lecture de courriels", (), (), "vérité étiquetée", "",
            {measure: Score(False, reason[:400]) for measure, reason in failures.items()}, 0.0,
        )
        for name, failures in tallies.failures.items()
    )  # fmt: skip
    return SuiteResult("email", ENGINE, figures, cases, seconds=time.monotonic() - started)


async def run_wordings(
    _installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Read the forty mails of unseen wordings with the rules."""
    started = time.monotonic()
    reads = [read_wording(case) for case in thin(load_wordings(), limit)]
    values = measure_wordings(reads)
    figures = tuple(
        Figure(WORDING_LABELS[name], *values[name], threshold)
        for name, threshold in thresholds.items()
    )
    return SuiteResult(
        "wordings", ENGINE, figures, details=describe_differences(reads),
        seconds=time.monotonic() - started,
    )  # fmt: skip


async def run_notices_suite(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure the reading of published TED notices."""
    from evals.tenders.ted import run_notices

    return await run_notices(installation, thresholds, limit)


async def run_tenders_suite(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Judge whole tender files by rules."""
    from evals.tenders.files import run_tenders

    return await run_tenders(installation, thresholds, limit)


async def run_energy_suite(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure the energy question set, half by half."""
    from evals.energy import run_energy

    return await run_energy(installation, thresholds, limit)


async def run_abstention_suite(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure what is answered and what is not, on questions that nothing was tuned on."""
    from evals.energy import run_abstention

    return await run_abstention(installation, thresholds, limit)


async def run_nearby_suite(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure the questions near the documents, half by half."""
    from evals.energy import run_nearby

    return await run_nearby(installation, thresholds, limit)


async def run_everyday_suite(
    installation: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Measure the questions of everyday work, half by half."""
    from evals.energy import run_everyday

    return await run_everyday(installation, thresholds, limit)


async def run_contradictions_suite(
    _: Installation, thresholds: Mapping[str, float], _limit: int | None
) -> SuiteResult:
    """Look for the planted contradictions."""
    from evals.contradictions import measure_contradictions

    started = time.monotonic()
    measured = await asyncio.to_thread(measure_contradictions)
    figures = (
        Figure("contradictions plantées trouvées", measured.found, measured.planted,
               thresholds.get("found", 0.0)),
        Figure("paires d’accord laissées tranquilles", measured.left_alone, measured.agreeing,
               thresholds.get("left_alone", 0.0)),
    )  # fmt: skip
    told = [f"- manquée : {pair.left} / {pair.right}" for pair in measured.missed]
    told += [f"- fausse alerte : {pair.left} / {pair.right}" for pair in measured.alarms]
    return SuiteResult(
        "contradictions", "règles", figures, details="\n".join(told),
        seconds=time.monotonic() - started,
    )  # fmt: skip


Suite = Callable[[Installation, Mapping[str, float], int | None], Awaitable[SuiteResult]]
SUITES: Mapping[str, Suite] = {
    "portfolio": run_portfolio,
    "knowledge": run_knowledge,
    "retrieval": run_retrieval_suite,
    "meetings": run_meetings,
    "email": run_email,
    "wordings": run_wordings,
    "notices": run_notices_suite,
    "tenders": run_tenders_suite,
    "energy": run_energy_suite,
    "abstention": run_abstention_suite,
    "nearby": run_nearby_suite,
    "everyday": run_everyday_suite,
    "contradictions": run_contradictions_suite,
}


def thin(cases: Sequence[Case], limit: int | None) -> list[Case]:
    """`limit` cases evenly spaced, or all."""
    if limit is None or limit >= len(cases):
        return list(cases)
    return [cases[place * len(cases) // limit] for place in range(limit)]


async def _open(installation: Installation) -> tuple[Assistant, Mapping[str, Identity]]:
    database = installation.database
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    return assistant, await sign_in(database)


async def _score_portfolio(
    assistant: Assistant, identity: Identity, case: PortfolioCase, truths: Sequence[Truth]
) -> CaseResult:
    expected = (
        f"silence ({' ou '.join(case.silence.statuses)})"
        if case.silence
        else (" ET " if case.every else " OU ").join(t.describe() for t in truths)
    )

    def judge(asked: Asked) -> dict[str, Score]:
        proved = score_proofs(asked.answer, asked.evidence)
        if case.silence:
            known = (*case.questions, *asked.titles)
            silent = score_silence(asked.answer, known, case.silence)
            return {"silent_right": silent, "proved": proved}
        facts = score_facts(asked.answer, truths, every=case.every,
                            from_rows=not case.documents_may_answer)  # fmt: skip
        return {"answered_right": facts, "proved": proved}

    wanted = "silent_right" if case.silence else "answered_right"
    return await _judge(assistant, identity, case.questions, wanted, judge,
                        id=case.id, purpose=case.purpose, tags=tuple(case.tags),
                        expected=expected)  # fmt: skip


async def _score_knowledge(
    assistant: Assistant, identity: Identity, case: KnowledgeCase
) -> CaseResult:
    wanted = "silent_right" if case.expect.unanswerable else "sentence_cited"
    expected = (
        " OU ".join(f"{s.document} : {s.sentence}" for s in case.expect.sentences) or "abstention"
    )

    def judge(asked: Asked) -> dict[str, Score]:
        scores = {wanted: score_knowledge(asked.answer, case)}
        if list_quotes(asked.answer):
            scores["quotes_exact"] = score_quotes(asked.answer, asked.chunks)
            scores["versions_right"] = score_versions(asked.answer, case)
        return scores

    tags = ("as_of",) if case.expect.as_of else ()
    return await _judge(assistant, identity, [case.question], wanted, judge,
                        id=case.id, purpose=case.purpose, tags=tags,
                        expected=expected)  # fmt: skip


async def _judge(
    assistant: Assistant,
    identity: Identity,
    questions: Sequence[str],
    wanted: str,
    judge: Callable[[Asked], dict[str, Score]],
    *,
    id: str,  # noqa: A002 - the case's own word
    purpose: str,
    tags: tuple[str, ...],
    expected: str,
) -> CaseResult:
    """Ask and score; an error of the product is a wrong answer, told as such."""
    started = time.monotonic()
    try:
        asked = await ask(assistant, identity, questions)
        scores, got = judge(asked), describe(asked.answer)
    except Exception as error:  # an evaluation measures failures: one ends no run
        got = f"erreur : {type(error).__name__} {error}"
        scores = {wanted: Score(False, got)}
    seconds = time.monotonic() - started
    return CaseResult(id, purpose, tuple(questions), tags, expected, got, scores, seconds)


def describe(answer: Answer) -> str:
    """An answer for a report: status, text, first rows of each table, cited documents."""
    lines = [f"[{answer.status}] {answer.text}"]
    for table in answer.tables:
        lines.append(f"Tableau « {table.title} » ({table.total_rows} lignes)")
        lines += [" | ".join(row) for row in (*table.rows[:5], table.totals) if row]
    lines += [f"[{c.number}] {c.code} v{c.version_label} : {c.quote}" for c in list_quotes(answer)]
    return "\n".join(lines)


def _suite(
    name: str, cases: Sequence[CaseResult], thresholds: Mapping[str, float], started: float
) -> SuiteResult:
    figures = tuple(
        _figure(LABELS[score], threshold, (case.scores[score] for case in cases
                                           if score in case.scores))
        for score, threshold in thresholds.items()
    )  # fmt: skip
    return SuiteResult(name, ENGINE, figures, tuple(cases), seconds=time.monotonic() - started)


def _figure(label: str, threshold: float, scores: Iterable[Score]) -> Figure:
    values = [float(score.is_right) for score in scores]
    return Figure(label, statistics.fmean(values) if values else 0.0, len(values), threshold)
