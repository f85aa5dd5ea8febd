"""How well one sentence answers a question: meaning, words in context, and the kind of answer.

The weights were fitted on the project's own questions (`voltaire eval knowledge`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from knowledge.answer_kinds import AnswerKind, find_kind, gives
from knowledge.cases import fit_case
from knowledge.passage_texts import hash_prefixed
from knowledge.ranking import Weights
from knowledge.terms import list_terms

OWN_WEIGHT = 0.25
CONTEXT_WEIGHT = 0.5
PASSAGE_WEIGHT = 0.6
KIND_WEIGHT = 0.3
CASE_WEIGHT = 0.36
BARE_PENALTY = 0.4
SCALE = 1.8
FEWEST_NEW_TERMS = 3
# What is still to be filled in states nothing, however near its words are.
BLANK_PENALTY = 0.6
_BLANK_MARKS = ("{", "[", "(", "__", ".....")
_FILL_IN = r"(?:compl[ée]ter|renseigner|remplir|pr[ée]ciser|indiquer|d[ée]finir)"
_BLANK = re.compile(
    r"\{\{?\s*[^\W\d][\w.'’ -]{0,60}\}|_{3,}|\.{5,}|\[\s*_*\s*\]"
    rf"|\[[^\]]{{0,40}}\b(?i:[àa] {_FILL_IN})\b[^\]]*\]|\(\s*(?i:[àa] {_FILL_IN})\b[^)]*\)"
    r"|\[[A-ZÀ-Þ][A-ZÀ-Þ'’/° -]{2,}\]"
    r"|\[(?i:nom|pr[ée]nom|date|montant|adresse|client|signataire|r[ée]f[ée]rence)\b[^\]\d]*\]"
)


@dataclass(frozen=True)
class Question:
    """A question to score sentences against: its text, the weight and equivalents of its terms."""

    text: str
    weights: Weights
    equivalents: Mapping[str, Sequence[str]]

    @cached_property
    def _wanted(self) -> tuple[list[float], dict[int, tuple[int, ...]]]:
        """The weight of each term, and by hash, which terms a term or an equivalent meets."""
        met: dict[int, tuple[int, ...]] = {}
        for place, term in enumerate(self.weights):
            for other in {term, *self.equivalents.get(term, ())}:
                hashed = hash_prefixed(other)
                met[hashed] = (*met.get(hashed, ()), place)
        return list(self.weights.values()), met

    @cached_property
    def _total(self) -> float:
        return sum(self.weights.values()) or 1.0

    @cached_property
    def _kind(self) -> AnswerKind | None:
        return find_kind(self.text)

    def is_given(self, text: str) -> bool:
        """Tell whether `text` holds an answer of the kind that the question says it wants."""
        return self._kind is not None and gives(self._kind, self.text, text)

    def fit_case(self, text: str, titles: str) -> int:
        """1 when `text` answers for the case the question puts, -1 when it is of another one."""
        fit = fit_case(self.text, text, titles)
        answers = self._kind is None or self.is_given(text)
        return fit if fit < 0 or answers else 0

    def list_met(self, terms: Set[int]) -> set[int]:
        """The places of the question's terms found among hashed `terms`, equivalents counted."""
        met = self._wanted[1]
        return {place for term in met.keys() & terms for place in met[term]}

    def cover(self, met: Iterable[int]) -> float:
        """Share of the question's weight at the places `met`."""
        weights = self._wanted[0]
        return sum([weights[place] for place in met]) / self._total


@dataclass(frozen=True)
class SentenceContext:
    """Where a sentence stands: its document's title and section, and their hashed terms.

    `share` is its passage's score over that of the best one.
    """

    titles: str
    terms: frozenset[int]
    met: frozenset[int]
    share: float

    @classmethod
    def of(cls, question: Question, titles: str, share: float) -> SentenceContext:
        """The context under `titles`."""
        terms = _hash_terms(titles)
        return cls(titles, terms, frozenset(question.list_met(terms)), share)


@lru_cache(maxsize=4_096)
def _hash_terms(titles: str) -> frozenset[int]:
    return frozenset(map(hash_prefixed, list_terms(titles)))


def score_sentence(
    question: Question, text: str, terms: Set[int], context: SentenceContext
) -> float:
    """From 0 to about 1; `terms` are those of `text`, hashed."""
    met = question.list_met(terms)
    score = (
        OWN_WEIGHT * question.cover(met)
        + CONTEXT_WEIGHT * question.cover(met | context.met)
        + PASSAGE_WEIGHT * context.share
        + KIND_WEIGHT * question.is_given(text)
        + CASE_WEIGHT * question.fit_case(text, context.titles)
    )
    if len(terms - context.terms) < FEWEST_NEW_TERMS:
        score -= BARE_PENALTY
    if has_blanks(text):
        score -= BLANK_PENALTY
    return max(0.0, score / SCALE)


def has_blanks(text: str) -> bool:
    """Tell a template's sentence: « {client} », « [À COMPLÉTER] », « ____ »."""
    return any(mark in text for mark in _BLANK_MARKS) and _BLANK.search(text) is not None
