"""The last step of ranking: how a question's words, or near ones, stand together in a text.

Every measure is a sum of the inverse document frequencies of the question's terms, so that it
adds to BM25 on the same scale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from knowledge.embeddings import SentenceEmbedder
from knowledge.terms import STOP_WORDS, find_term, split_words
from knowledge.words import get_word_vectors

# Analysed texts kept in memory, of about seven kilobytes each.
KEPT_TEXTS = 4_096
WINDOW = 20
PREFIX_CHARS = 5
NEAR_SIMILARITY = 0.5
WINDOW_WEIGHT = 0.3
PAIR_WEIGHT = 0.3
PREFIX_WEIGHT = 0.15
NEAR_WEIGHT = 1.0

Weights = Mapping[str, float]


@dataclass(frozen=True)
class AnalysedText:
    """The indexed terms of a text in order, and its distinct significant words."""

    terms: tuple[str, ...]
    words: tuple[str, ...]


@lru_cache(maxsize=KEPT_TEXTS)
def analyse(text: str) -> AnalysedText:
    """Terms and words of `text`, stop words left out."""
    words = split_words(text)
    terms = list(map(find_term, words))
    kept = dict.fromkeys(words)
    for word in STOP_WORDS & kept.keys():
        del kept[word]
    return AnalysedText(tuple(filter(None, terms)), tuple(kept))


def score_texts(
    query: AnalysedText, weights: Weights, texts: Sequence[AnalysedText], embedder: SentenceEmbedder
) -> list[float]:
    """What words add to the score of each of `texts`.

    `weights` gives the question's distinct terms, in their order, and their IDF.
    """
    near = _near_scores(query, weights, texts, embedder)
    return [
        proximity_score(weights, text.terms) + NEAR_WEIGHT * added
        for text, added in zip(texts, near, strict=True)
    ]


def proximity_score(weights: Weights, terms: Sequence[str]) -> float:
    """What the order and closeness of words adds to the score of a text made of `terms`."""
    places: dict[str, list[int]] = {}
    for place, term in enumerate(terms):
        if term in weights:
            places.setdefault(term, []).append(place)
    return (
        WINDOW_WEIGHT * _best_window(weights, places)
        + PAIR_WEIGHT * _adjacent_pairs(weights, places)
        + PREFIX_WEIGHT * _shared_prefixes(weights, terms, places)
    )


def _best_window(weights: Weights, places: Mapping[str, list[int]]) -> float:
    """Weight of the distinct terms in the best stretch of `WINDOW` terms."""
    met = sorted((place, term) for term, found in places.items() for place in found)
    inside: Counter[str] = Counter()
    best = current = 0.0
    first = 0
    for place, term in met:
        inside[term] += 1
        current += weights[term] if inside[term] == 1 else 0.0
        while met[first][0] <= place - WINDOW:
            left = met[first][1]
            inside[left] -= 1
            current -= weights[left] if inside[left] == 0 else 0.0
            first += 1
        best = max(best, current)
    return best


def _adjacent_pairs(weights: Weights, places: Mapping[str, list[int]]) -> float:
    """Weight of the question's neighbouring terms that are neighbours in the text too."""
    total = 0.0
    for left, right in pairwise(weights):
        if left in places and right in places:
            follow = {place + 1 for place in places[left]}
            around = {step for place in places[left] for step in (place - 1, place + 2)}
            share = _meets(follow, places[right], 0.5) or _meets(around, places[right], 0.25)
            total += share * (weights[left] + weights[right])
    return total


def _meets(wanted: set[int], places: Sequence[int], share: float) -> float:
    return 0.0 if wanted.isdisjoint(places) else share


def _shared_prefixes(
    weights: Weights, terms: Sequence[str], places: Mapping[str, list[int]]
) -> float:
    """Weight of the terms the text lacks but for a word that begins alike."""
    missing = [term for term in weights if term not in places and len(term) >= PREFIX_CHARS - 1]
    if not missing:
        return 0.0
    prefixes = {term[:PREFIX_CHARS] for term in terms}
    return sum(weights[term] for term in missing if term[:PREFIX_CHARS] in prefixes)


def _near_scores(
    query: AnalysedText, weights: Weights, texts: Sequence[AnalysedText], embedder: SentenceEmbedder
) -> list[float]:
    """For each text, the weight of the terms it lacks, as far as a word of it comes near."""
    asked = {find_term(word) or "": word for word in reversed(query.words)}
    terms = [term for term in weights if term in asked]
    filled = [text for text in texts if text.words]
    if not terms or not filled:
        return [0.0] * len(texts)
    store = get_word_vectors(embedder.model_name)
    nearest = store.compare(
        [asked[term] for term in terms], [text.words for text in filled], embedder
    )
    best = iter(nearest.tolist())
    return [_near_score(weights, terms, t, next(best)) if t.words else 0.0 for t in texts]


def _near_score(
    weights: Weights, terms: Sequence[str], text: AnalysedText, nearest: Sequence[float]
) -> float:
    own = set(text.terms)
    return sum(
        weights[term] * (likeness - NEAR_SIMILARITY) / (1 - NEAR_SIMILARITY)
        for term, likeness in zip(terms, nearest, strict=True)
        if likeness > NEAR_SIMILARITY and term not in own
    )
