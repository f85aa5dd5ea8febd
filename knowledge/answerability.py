"""How likely it is that found passages answer a question: a calibrated chance between 0 and 1.

A question is answered where its words, weighted by rarity, or words near them in meaning, stand
together, none left aside, in a sentence that gives the kind of answer it wants. What is measured
feeds a logistic regression whose coefficients `python -m evals.calibrate` fits and writes to
`answerability.yaml`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
import yaml
from numpy.typing import NDArray
from rapidfuzz.distance import DamerauLevenshtein

from knowledge.answer_kinds import (
    asks_how,
    asks_whether,
    asks_which,
    counts,
    find_counted,
    find_kind,
    gives,
    list_kind_terms,
)
from knowledge.details import list_unmet
from knowledge.embeddings import get_embedder
from knowledge.naming_words import list_naming_words
from knowledge.passage_texts import PREFIX_CHARS
from knowledge.ranking import analyse
from knowledge.sentence_scores import Question
from knowledge.terms import find_term, list_terms, split_words
from knowledge.words import TextWords, get_word_vectors, hash_words

Floats = NDArray[np.float64]
Level = Literal["sure", "unsure", "weak"]

COEFFICIENTS = Path(__file__).with_name("answerability.yaml")
# The kinds that have a weight of their own: what is seldom given by chance.
TOLD_KINDS = ("date", "rate")
# The kinds answered by who or where an action is: its verb counts as the words of a thing do.
DEED_KINDS = ("person", "place")
FEATURES = (
    "length", "met", "asks_which", "asks_whether",
    *(f"gives_{name}" for name in TOLD_KINDS),
    "lacks_kind", "lacks_amount", "uncounted", "weakest_noun", "lacks_deed",
    "first_odds", "best_odds",
)  # fmt: skip
UNMET = "unmet"
# The odds of what was not read, and those that count as 1.
UNREAD_ODDS, SURE_ODDS = -3.0, 5.0
MOST_ODDS = 1.5
FUZZY_SHARE = 0.8
PREFIX_SHARE = 0.6
FUZZY_CHARS = 5
LONG_CHARS = 9
# A word that comes near in meaning: from which cosine on, from which it counts most, how much.
FAR_LIKENESS, SAME_LIKENESS, NEAR_SHARE = 0.4, 0.9, 0.8
# Sentences that a counted thing is looked for in.
COUNTED_IN = 8
UNKNOWN_FACTOR = 1.15
NEAR_COVER = 0.75
# How rare a word is told missing, beside the rarest of the question.
TELLING = 0.6

# Words of conversation, which no document needs to hold.
_TALK = frozenset(
    list_terms(
        "aujourd’hui actuel actuellement maintenant exact exactement voir vois voit dire dit "
        "savoir sait vouloir veux veut pouvoir peux donner donne montrer montre arriver arrive "
        "quoi chose fais regarder regarde gens truc coup bon bonne petit petite question juste "
        "genre vraiment franchement encore certain certaine"
    )
)
_WORD = re.compile(r"[^\W_]+")
_MONTH = (
    r"janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[uû]t|septembre|octobre|novembre|d[ée]cembre"
)
# A day or a month, with the words that bring it in: « à la date du 9 septembre 2024, ».
_DAY = re.compile(
    r"(?:\b(?:à la date d[ue]|en date d[ue]|au|le|du|en|d[’'])\s*)?"
    rf"(?:\b\d{{1,2}}(?:er)?\s+(?:{_MONTH})(?:\s+\d{{4}})?|\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}"
    rf"|\b(?:{_MONTH})\s+\d{{4}})(?:\s*,)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class FoundText:
    """A found passage: its context (code, title, section), its sentences and their scores."""

    context: str
    sentences: Sequence[str]
    scores: Sequence[float]


@dataclass(frozen=True)
class Odds:
    """The log-odds that the first sentence answers, and the likeliest to, read with a question."""

    first: float = UNREAD_ODDS
    best: float = UNREAD_ODDS


@dataclass(frozen=True)
class RankedSentence:
    """A sentence, and its place among those of all passages."""

    place: int
    text: str


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
    """`bias` and a coefficient by feature, the `threshold` under which to abstain, and the one
    from which to assert (`sure`).
    """
    return yaml.safe_load(COEFFICIENTS.read_text(encoding="utf-8"))


def estimate(question: Question, found: Sequence[FoundText], odds: Odds) -> float:
    """The chance that one of the passages answers.

    0 when nothing was found, or nothing that holds the specific details of the question.
    """
    measured = measure(question, found, odds)
    if not found or measured[UNMET]:
        return 0.0
    fitted = load_coefficients()
    total = fitted["bias"] + sum(fitted[name] * measured[name] for name in FEATURES)
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def grade(assurance: float) -> Level:
    """How far an answer may go: assert (`sure`), quote what is to be checked (`unsure`), or
    abstain (`weak`).
    """
    fitted = load_coefficients()
    if assurance < fitted["threshold"]:
        return "weak"
    return "sure" if assurance >= fitted["sure"] else "unsure"


def measure(question: Question, found: Sequence[FoundText], odds: Odds) -> dict[str, float]:
    """The features of a question and of what was found for it, each between 0 and about 1.5.

    Beside them, `UNMET` is 1 when a detail of the question stands nowhere: no weight redeems it.
    """
    ranked = rank_sentences(found)
    if not ranked:
        return dict.fromkeys((*FEATURES, UNMET), 0.0)
    weights = weigh_terms(question)
    alone, titles = _meet(question, weights, found)
    weighed = np.array(list(weights.values()))
    kind = find_kind(question.text)
    kind_name = kind.name if kind is not None else None
    counted = find_counted(question.text)
    first = ranked[0]
    is_given = kind is not None and gives(kind, question.text, first.text)
    met = np.maximum(alone, titles)
    told = list_kind_terms(kind, question.text) if kind is not None and is_given else set[str]()
    shares = {
        term: 1.0 if term in told else float(share)
        for term, share in zip(weights, met[first.place], strict=True)
    }
    nouns = _list_noun_terms(question.text) & weights.keys()
    deeds = {term: weight for term, weight in weights.items() if term not in nouns}
    asks_yes_or_no = asks_whether(question.text)
    is_deed = asks_how(question.text) or asks_yes_or_no or kind_name in DEED_KINDS
    return {
        "length": min(1.0, len(weights) / 10),
        "met": float((met @ weighed).max() / (weighed.sum() or 1.0)),
        "asks_which": float(asks_which(question.text)),
        "asks_whether": float(asks_yes_or_no),
        **{f"gives_{name}": float(is_given and kind_name == name) for name in TOLD_KINDS},
        "lacks_kind": float(kind is not None and not is_given),
        "lacks_amount": float(kind_name == "amount" and not is_given),
        "uncounted": float(
            counted is not None and not any(counts(counted, s.text) for s in ranked[:COUNTED_IN])
        ),
        "weakest_noun": min((shares[noun] for noun in nouns), default=1.0),
        "lacks_deed": _lack(shares, deeds) if is_deed else 0.0,
        "first_odds": _bound(odds.first),
        "best_odds": _bound(odds.best),
        UNMET: float(bool(list_unmet_details(question, found))),
    }


def _bound(one: float) -> float:
    return max(-MOST_ODDS, min(MOST_ODDS, one / SURE_ODDS))


def rank_sentences(found: Sequence[FoundText]) -> list[RankedSentence]:
    """The sentences of all passages, the most likely to answer first."""
    sentences = [
        (score, text)
        for passage in found
        for score, text in zip(passage.scores, passage.sentences, strict=True)
    ]
    order = sorted(range(len(sentences)), key=lambda place: -sentences[place][0])
    return [RankedSentence(place, sentences[place][1]) for place in order]


def leave_day_out(question: str) -> str:
    """The question without the day it is asked as of, which no sentence needs to tell."""
    return _DAY.sub(" ", question).strip() or question


def list_unmet_details(question: Question, found: Sequence[FoundText]) -> list[str]:
    """The names, years and numbers that the question states and that what was found lacks."""
    weights = weigh_terms(question)
    texts = [" ".join((passage.context, *passage.sentences)) for passage in found]
    covers = [_cover(question, weights, _Terms.of(list_terms(text))) for text in texts]
    least = NEAR_COVER * max(covers, default=0.0)
    near = [text for text, cover in zip(texts, covers, strict=True) if cover >= least]
    return list_unmet(question.text, near, texts, question.weights, question.equivalents)


def list_missing(question: Question, found: Sequence[FoundText]) -> list[str]:
    """What the found passages lack: details of the question, then its naming words, as typed.

    A word that many documents hold says nothing by its absence: « délai ».
    """
    details = list_unmet_details(question, found)
    weights = weigh_terms(question)
    read = [_read(passage) for passage in found]
    lacking = {
        term for term in weights
        if not any(_share(question, term, context | whole) for context, whole, _ in read)
    }  # fmt: skip
    words = list_naming_words(_DAY.sub(" ", question.text))
    named = {term for detail in details for term in list_terms(detail)}
    least = TELLING * max(weights.values(), default=0.0)
    others = [
        w
        for w in words
        if (t := _first_term(w)) in lacking and t not in named and weights[t] >= least
    ]
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


def _list_noun_terms(question: str) -> set[str]:
    """The terms of the words that name something."""
    words = list_naming_words(_DAY.sub(" ", question))
    return {term for word in words for part in split_words(word) if (term := find_term(part))}


def _lack(shares: Mapping[str, float], weights: Mapping[str, float]) -> float:
    """The share of the weight of some terms that is not met."""
    total = sum(weights.values())
    return sum(w * (1 - shares[t]) for t, w in weights.items()) / total if total else 0.0


def _meet(
    question: Question, weights: Mapping[str, float], found: Sequence[FoundText]
) -> tuple[Floats, Floats]:
    """How far each term is met in each sentence, and in its title: shapes (sentences, terms).

    A term counts in part where a word of the sentence comes near it in meaning.
    """
    rows: list[list[float]] = []
    titled: list[list[float]] = []
    for passage in found:
        context = _Terms.of(list_terms(passage.context))
        shares = [_share(question, term, context) for term in weights]
        for text in passage.sentences:
            terms = _Terms.of(list_terms(text))
            rows.append([_share(question, term, terms) for term in weights])
            titled.append(shares)
    near = _liken(question.text, list(weights), [t for p in found for t in p.sentences])
    return np.maximum(np.array(rows), near), np.array(titled)


def _liken(question: str, terms: Sequence[str], sentences: Sequence[str]) -> Floats:
    """How near in meaning each sentence has a word to each term, shape (sentences, terms)."""
    typed = {find_term(word): word for word in reversed(split_words(question))}
    texts = [analyse(sentence).words for sentence in sentences]
    filled = [place for place, words in enumerate(texts) if words]
    near = np.zeros((len(texts), len(terms)))
    if filled and terms:
        embedder = get_embedder()
        store = get_word_vectors(embedder.model_name)
        asked = [typed.get(term, term) for term in terms]
        store.learn([*dict.fromkeys((*asked, *(w for words in texts for w in words)))], embedder)
        words = TextWords.of([hash_words(own) for own in texts])
        near[filled] = store.compare(asked, store.place(words))
    return NEAR_SHARE * np.clip((near - FAR_LIKENESS) / (SAME_LIKENESS - FAR_LIKENESS), 0, 1)
