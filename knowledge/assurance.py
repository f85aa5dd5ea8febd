"""What a search is worth once its best sentences are read: its chance to answer, what it lacks."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.answerability import FoundText, Odds, estimate, grade, list_missing, measure
from knowledge.found import SearchResult


@dataclass(frozen=True)
class Assurance:
    """The chance, from 0 to 1, that the passages answer; `missing` are words that none holds."""

    chance: float
    missing: tuple[str, ...]

    @property
    def is_weak(self) -> bool:
        """Tell whether an answer should abstain."""
        return grade(self.chance) == "weak"


def judge(result: SearchResult) -> Assurance:
    """Judge a search whose sentences `read_closely` has weighed."""
    found = _list_found(result)
    chance = estimate(result.question, found, _find_odds(result))
    return Assurance(chance, tuple(list_missing(result.question, found)))


def measure_result(result: SearchResult) -> dict[str, float]:
    """What calibration learns from: the features that `judge` weighs."""
    return measure(result.question, _list_found(result), _find_odds(result))


def _list_found(result: SearchResult) -> list[FoundText]:
    return [
        FoundText(
            f"{passage.code} {passage.title} {passage.section_path}",
            [sentence.text for sentence in passage.sentences],
            [sentence.score for sentence in passage.sentences],
        )
        for passage in result.passages
    ]


def _find_odds(result: SearchResult) -> Odds:
    """The odds of the best scored of the sentences read with the question, and the best odds."""
    scored = [
        (one.score, one.odds)
        for passage in result.passages
        for one in passage.sentences
        if one.odds is not None
    ]
    if not scored:
        return Odds()
    first = max(scored, key=lambda one: one[0])
    return Odds(first[1], max(odds for _, odds in scored))
