"""How likely it is that found passages answer a question: a calibrated chance between 0 and 1.

A question is answered where its words, weighted by rarity, stand together with the kind of answer
it wants. What is measured feeds a logistic regression whose coefficients
`python -m evals.calibrate` fits and writes to `answerability.yaml`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml
from rapidfuzz.distance import DamerauLevenshtein

from knowledge.details import gives_asked, list_nouns, list_unmet
from knowledge.identifiers import list_identifiers
from knowledge.sentence_scores import Question, find_wanted_kind, is_kind
from knowledge.terms import find_term, list_terms, split_words

COEFFICIENTS = Path(__file__).with_name("answerability.yaml")
FEATURES = (
    "cover", "sentence", "own", "rarest", "unknown", "dense", "typed", "untyped", "density",
    "margin", "named", "identifier", "length", "noun", "joined", "given",
    "not_given",
)  # fmt: skip
UNMET = "unmet"
FUZZY_SHARE = 0.8
PREFIX_SHARE = 0.6
PREFIX_CHARS = 5
FUZZY_CHARS = 5
LONG_CHARS = 9
CLOSE = 0.85
UNKNOWN_FACTOR = 1.15
NEAR_COVER = 0.75

# Words of conversation, which no document needs to hold.
_TALK = frozenset(
    list_terms(
        "aujourd’hui actuel actuellement maintenant exact exactement voir vois voit dire dit "
        "savoir sait vouloir veux veut pouvoir peux donner donne montrer montre arriver arrive "
        "quoi chose fais regarder regarde gens truc"
    )
)
_MONTH = (
    r"janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre"
)
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:er)?\s+(?:{_MONTH})(?:\s+\d{{4}})?|\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}"
    rf"|\b(?:{_MONTH})\s+\d{{4}}",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<![.?!»]\s)(?<!^)\b[A-ZÀ-Þ][\wÀ-ÿ’'-]+")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class FoundText:
    """A found passage: its context (code, title, section), its sentences, its scores."""

    context: str
    sentences: Sequence[str]
    score: float
    dense: float


@dataclass(frozen=True)
class _Terms:
    """The terms of a text, with what makes near ones quick to find."""

    whole: frozenset[str]
    prefixes: frozenset[str]

    @classmethod
    def of(cls, terms: Iterable[str]) -> _Terms:
        whole = frozenset(terms)
        return cls(whole, frozenset(t[:PREFIX_CHARS] for t in whole if len(t) >= PREFIX_CHARS))

    def __or__(self, other: _Terms) -> _Terms:
        return _Terms(self.whole | other.whole, self.prefixes | other.prefixes)


@lru_cache(maxsize=1)
def load_coefficients() -> Mapping[str, float]:
    """`bias` and a coefficient by feature, and the `threshold` under which to abstain."""
    return yaml.safe_load(COEFFICIENTS.read_text(encoding="utf-8"))


def estimate(question: Question, found: Sequence[FoundText]) -> float:
    """The chance that one of the passages answers.

    0 when nothing was found, or nothing that holds the specific details of the question.
    """
    measured = measure(question, found)
    if not found or measured[UNMET]:
        return 0.0
    fitted = load_coefficients()
    total = fitted["bias"] + sum(fitted[name] * measured[name] for name in FEATURES)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def is_weak(assurance: float) -> bool:
    """Tell whether an answer should abstain."""
    return assurance < load_coefficients()["threshold"]


def measure(question: Question, found: Sequence[FoundText]) -> dict[str, float]:
    """The features of a question and of what was found for it, each between about -1 and 1.

    Beside them, `UNMET` is 1 when a detail of the question stands nowhere: no weight redeems it.
    """
    if not found:
        return dict.fromkeys((*FEATURES, UNMET), 0.0)
    weights = weigh_terms(question)
    total = sum(weights.values()) or 1.0
    read = [_read(passage) for passage in found]
    covers = [_cover(question, weights, context | whole) / total for context, whole, _ in read]
    best = max(range(len(found)), key=lambda place: covers[place])
    sentences = [
        (_cover(question, weights, context | terms) / total,
         _cover(question, weights, terms) / total, text)
        for passage, (context, _, parts) in zip(found, read, strict=True)
        for text, terms in zip(passage.sentences, parts, strict=True)
    ]  # fmt: skip
    top = max(sentences, default=(0.0, 0.0, ""))
    kind = find_wanted_kind(question.text)
    near = [text for cover, _, text in sentences if cover >= CLOSE * top[0]]
    is_typed = kind is not None and any(is_kind(kind, text) for text in near)
    missing = _missing(question, weights, read[best][0] | read[best][1])
    scores = [passage.score for passage in found]
    fifth = scores[min(4, len(scores) - 1)]
    return {
        "cover": covers[best],
        "sentence": top[0],
        "own": max((own for _, own, _ in sentences), default=0.0),
        "rarest": max(missing.values(), default=0.0) / max(weights.values(), default=1.0),
        "unknown": _share_unknown(question, weights, read) / total,
        "dense": max(passage.dense for passage in found),
        "typed": float(is_typed),
        "untyped": float(kind is not None and not is_typed),
        "density": min(1.5, scores[0] / (2.2 * total + 12.0)),
        "margin": (scores[0] - fifth) / scores[0] if scores[0] > 0 else 0.0,
        "named": _share_named(question.text, found[best]),
        "identifier": _share_identifiers(question.text, found),
        "length": min(1.0, len(weights) / 10),
        **_measure_nouns(question, found, read),
        UNMET: float(bool(list_unmet_details(question, found))),
    }


def list_unmet_details(question: Question, found: Sequence[FoundText]) -> list[str]:
    """The names, years and numbers that the question states and that what was found lacks."""
    weights = weigh_terms(question)
    texts = [" ".join((passage.context, *passage.sentences)) for passage in found]
    covers = [_cover(question, weights, _Terms.of(list_terms(text))) for text in texts]
    least = NEAR_COVER * max(covers, default=0.0)
    near = [text for text, cover in zip(texts, covers, strict=True) if cover >= least]
    return list_unmet(question.text, near, texts, question.weights, question.equivalents)


def list_missing(question: Question, found: Sequence[FoundText]) -> list[str]:
    """What the found passages lack: details of the question first, then its words, as typed."""
    details = list_unmet_details(question, found)
    weights = weigh_terms(question)
    read = [_read(passage) for passage in found]
    lacking = {
        term for term in weights
        if not any(_share(question, term, context | whole) for context, whole, _ in read)
    }  # fmt: skip
    words = _WORD.findall(_DAY.sub(" ", question.text))
    named = {term for detail in details for term in list_terms(detail)}
    others = [w for w in words if (t := _first_term(w)) in lacking and t not in named]
    return list(dict.fromkeys((*details, *others)))


def weigh_terms(question: Question) -> dict[str, float]:
    """The question's terms but those of days, by rarity; a term no text holds is the rarest."""
    said = list_terms(_DAY.sub(" ", question.text))
    asked = dict.fromkeys([term for term in said if term not in _TALK] or said)
    unknown = UNKNOWN_FACTOR * max(question.weights.values(), default=1.0) or 1.0
    return {term: question.weights.get(term) or unknown for term in asked}


def _first_term(word: str) -> str | None:
    terms = [term for part in split_words(word) if (term := find_term(part)) is not None]
    return terms[0] if terms else None


def _read(passage: FoundText) -> tuple[_Terms, _Terms, list[_Terms]]:
    parts = [list_terms(sentence) for sentence in passage.sentences]
    whole = _Terms.of(term for part in parts for term in part)
    return _Terms.of(list_terms(passage.context)), whole, [_Terms.of(part) for part in parts]


def _cover(question: Question, weights: Mapping[str, float], terms: _Terms) -> float:
    return sum(weight * _share(question, term, terms) for term, weight in weights.items())


def _missing(question: Question, weights: Mapping[str, float], terms: _Terms) -> dict[str, float]:
    return {t: w * (1 - share) for t, w in weights.items()
            if (share := _share(question, t, terms)) < 1}  # fmt: skip


def _share(question: Question, term: str, terms: _Terms) -> float:
    """How far a term is met: itself or an equivalent, a spelling near it, the same beginning."""
    if term in terms.whole or any(t in terms.whole for t in question.equivalents.get(term, ())):
        return 1.0
    if len(term) >= FUZZY_CHARS and not term.isdigit():
        allowed = 2 if len(term) >= LONG_CHARS else 1
        if any(
            abs(len(other) - len(term)) <= allowed
            and other[0] == term[0]
            and DamerauLevenshtein.distance(term, other, score_cutoff=allowed) <= allowed
            for other in terms.whole
        ):
            return FUZZY_SHARE
    return PREFIX_SHARE if term[:PREFIX_CHARS] in terms.prefixes else 0.0


def _share_unknown(
    question: Question,
    weights: Mapping[str, float],
    read: Sequence[tuple[_Terms, _Terms, list[_Terms]]],
) -> float:
    """The weight of the terms that none of the passages holds."""
    return sum(
        weight for term, weight in weights.items()
        if not any(_share(question, term, context | whole) for context, whole, _ in read)
    )  # fmt: skip


def _measure_nouns(
    question: Question,
    found: Sequence[FoundText],
    read: Sequence[tuple[_Terms, _Terms, list[_Terms]]],
) -> dict[str, float]:
    """Nouns that no document holds; how far one sentence joins them and gives what is asked."""
    nouns = [term for term in list_nouns(question.text) if term not in _TALK]
    whole = [context | terms for context, terms, _ in read]
    unknown = [
        term for term in nouns
        if not question.weights.get(term) and not any(_share(question, term, t) for t in whole)
    ]  # fmt: skip
    weights = weigh_terms(question)
    aims = {t: weights.get(t, 0.0) for t in nouns} if nouns else weights
    total = sum(aims.values()) or 1.0
    joined = [
        (
            (_cover(question, aims, terms) + _cover(question, aims, context | terms)) / (2 * total),
            text,
        )
        for passage, (context, _, parts) in zip(found, read, strict=True)
        for text, terms in zip(passage.sentences, parts, strict=True)
    ]
    best = max((share for share, _ in joined), default=0.0)
    told = [gives_asked(question.text, text) for share, text in joined if share >= CLOSE * best]
    return {
        "noun": min(1.0, len(unknown) / 2),
        "joined": best,
        "given": float(any(told)),
        "not_given": float(bool(told) and None not in told and not any(told)),
    }


def _share_named(question: str, passage: FoundText) -> float:
    """Share of the names of the question, capitals inside it, that the best passage lacks."""
    names = {term for name in _NAME.findall(_DAY.sub(" ", question)) for term in list_terms(name)}
    if not names:
        return 0.0
    said = set(list_terms(" ".join((passage.context, *passage.sentences))))
    return len(names - said) / len(names)


def _share_identifiers(question: str, found: Sequence[FoundText]) -> float:
    """1 when every reference of the question is found, -1 when none is, 0 without any."""
    asked = set(list_identifiers(question))
    if not asked:
        return 0.0
    texts = "\n".join(" ".join((p.context, *p.sentences)) for p in found)
    return 2 * len(asked & set(list_identifiers(texts))) / len(asked) - 1
