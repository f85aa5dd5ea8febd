"""How well one sentence answers a question: meaning, words in context, and the kind of answer.

The weights were fitted on the project's own questions (`voltaire eval knowledge`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache

from knowledge.ranking import Weights
from knowledge.terms import fold_accents, list_terms

DENSE_WEIGHT = 0.25
OWN_WEIGHT = 0.25
CONTEXT_WEIGHT = 0.5
PASSAGE_WEIGHT = 0.6
KIND_WEIGHT = 0.2
BARE_PENALTY = 0.4
SCALE = 1.8
FEWEST_NEW_TERMS = 3

_MONTHS = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_COUNTS = "un|deux|trois|quatre|cinq|six|huit|neuf|dix|douze|quinze|vingt|trente"
_KINDS = (
    (
        re.compile(
            r"combien de (?:temps|jours|mois|ans|annees|semaines)|delai|duree|jusqu.a quand|"
            r"au bout de|tous les combien|frequence|preavis|(?:sous|en) combien"
        ),
        re.compile(rf"(?:\d+|\b(?:{_COUNTS})) ?(?:\w+ )?(?:jour|mois|ans?\b|annee|heure|semaine)"),
    ),
    (
        re.compile(r"\bquand\b|date|depuis|echeance|rendre|limite|periode"),
        re.compile(rf"\d{{1,2}}(?:er)? (?:{_MONTHS})|(?:{_MONTHS}) 20\d\d|\b20\d\d\b|\d/\d"),
    ),
    (
        re.compile(
            r"combien (?:coute|ca|c.est|vaut|on)|montant|prix|tarif|taux|cout|seuil|plafond|part\b|"
            r"pourcentage|objectif|cible|gain|euros|ponderation|compte pour|penalite|note"
        ),
        re.compile(r"€|euro|%|pour cent|points?\b"),
    ),
    (re.compile(r"combien|quel(?:le)? (?:volume|puissance|nombre|surface)|mini|maxi"),
     re.compile(r"\d")),
)  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A question to score sentences against: its text, the weight and equivalents of its terms."""

    text: str
    weights: Weights
    equivalents: Mapping[str, Sequence[str]]

    def coverage(self, terms: Set[str]) -> float:
        """Share of the question's weight found among `terms`, equivalents counted."""
        met = 0.0
        for term, weight, others in self._wanted:
            if term in terms or not others.isdisjoint(terms):
                met += weight
        return met / self._total if self._total else 0.0

    @cached_property
    def _wanted(self) -> list[tuple[str, float, frozenset[str]]]:
        others = self.equivalents
        return [(term, w, frozenset(others.get(term, ()))) for term, w in self.weights.items()]

    @cached_property
    def _total(self) -> float:
        return sum(self.weights.values())


def score_sentence(
    question: Question, text: str, context: set[str], dense: float, passage_share: float
) -> float:
    """From 0 to about 1.

    `context` holds the terms of the document's title and section, `dense` the likeness of the
    sentence, `passage_share` the passage's score over that of the best one.
    """
    terms = set(list_terms(text))
    score = (
        DENSE_WEIGHT * dense
        + OWN_WEIGHT * question.coverage(terms)
        + CONTEXT_WEIGHT * question.coverage(terms | context)
        + PASSAGE_WEIGHT * passage_share
        + KIND_WEIGHT * _is_kind(question.text, text)
    )
    if len(terms - context) < FEWEST_NEW_TERMS:
        score -= BARE_PENALTY
    return max(0.0, score / SCALE)


def _is_kind(question: str, text: str) -> float:
    """Whether a sentence holds what a question asks for: a length of time, a date, a figure."""
    wanted = _list_kinds(question)
    if not wanted:
        return 0.0
    said = fold_accents(text).lower()
    return float(any(kind.search(said) for kind in wanted))


@lru_cache(maxsize=256)
def _list_kinds(question: str) -> tuple[re.Pattern[str], ...]:
    """What holds each kind of answer that a question may want."""
    asked = fold_accents(question).lower()
    return tuple(kind for cue, kind in _KINDS if cue.search(asked))
