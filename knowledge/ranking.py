"""The last step of ranking: how a question's words, or near ones, stand together in a text.

Every measure is a sum of the inverse document frequencies of the question's terms, so that it
adds to BM25 on the same scale. All the texts of a question are measured at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.passage_texts import (
    PREFIX_CHARS,
    PassageText,
    hash_prefixed,
)
from knowledge.terms import find_term, find_terms, list_significant, split_words
from knowledge.words import PlacedWords, WordVectors

WINDOW = 20
NEAR_SIMILARITY = 0.5
WINDOW_WEIGHT = 0.3
PAIR_WEIGHT = 0.3
PREFIX_WEIGHT = 0.15
NEAR_WEIGHT = 1.0
# A place no term stands at, further than a window from any other.
NOWHERE = -10 * WINDOW

Weights = Mapping[str, float]
Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class AnalysedQuery:
    """The terms of a question in order, and its distinct significant words."""

    terms: tuple[str, ...]
    words: tuple[str, ...]


def analyse(question: str) -> AnalysedQuery:
    """Terms and words of `question`, stop words left out."""
    words = split_words(question)
    return AnalysedQuery(tuple(find_terms(words)), tuple(list_significant(words)))


def score_texts(
    query: AnalysedQuery,
    weights: Weights,
    texts: Sequence[PassageText],
    words: PlacedWords,
    store: WordVectors,
) -> Floats:
    """What words add to the score of each of `texts`, shape (len(texts),).

    `weights` gives the question's distinct terms, in their order, and their IDF. `words` are those
    of `texts` as `store` holds them; others come near none.
    """
    scores = np.zeros(len(texts))
    filled = [place for place, text in enumerate(texts) if len(text.terms)]
    if not filled or not weights:
        return scores
    own = [texts[place] for place in filled]
    values = np.fromiter(weights.values(), float, len(weights))
    met = _Meetings.of(own, [hash_prefixed(term) for term in weights])
    scores[filled] = (
        WINDOW_WEIGHT * met.best_window(values)
        + PAIR_WEIGHT * met.adjacent_pairs(values)
        + PREFIX_WEIGHT * met.shared_prefixes(values, [len(term) for term in weights])
    )
    present = np.zeros((len(texts), len(weights)), bool)
    present[filled] = met.present
    return scores + NEAR_WEIGHT * _score_near(query, weights, present, words, store)


@dataclass(frozen=True)
class _Meetings:
    """Where the k terms of a question stand in texts put end to end, of n terms in all.

    `at` has shape (n, k), `alike` too: where a term begins as the asked one does. `firsts` gives
    each text's first place, `owners` (n,) that of the text a place belongs to.
    """

    at: Mask
    alike: Mask
    firsts: NDArray[np.intp]
    owners: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[PassageText], asked: Sequence[int]) -> _Meetings:
        sizes = np.array([len(text.terms) for text in texts])
        firsts = np.cumsum(sizes) - sizes
        terms = np.concatenate([text.terms for text in texts])
        wanted = np.array(asked, np.uint64)
        starts, wanted_starts = (terms >> np.uint64(32)), (wanted >> np.uint64(32))
        return cls(
            terms[:, None] == wanted,
            starts[:, None] == wanted_starts,
            firsts,
            np.repeat(firsts, sizes),
        )

    @property
    def present(self) -> Mask:
        """Which terms each text holds, shape (texts, k)."""
        return np.logical_or.reduceat(self.at, self.firsts)

    def best_window(self, values: Floats) -> Floats:
        """Weight of the distinct terms in each text's best stretch of `WINDOW` terms."""
        places = np.arange(len(self.at))[:, None]
        last = np.maximum.accumulate(np.where(self.at, places, NOWHERE), axis=0)
        inside = (last >= self.owners[:, None]) & (last > places - WINDOW)
        return np.maximum.reduceat(inside @ values, self.firsts)

    def adjacent_pairs(self, values: Floats) -> Floats:
        """Weight of the question's neighbouring terms that are neighbours in the text too."""
        left, right = self.at[:, :-1], self.at[:, 1:]
        follow = self._meet(left, right, 1)
        around = self._meet(right, left, 1) | self._meet(left, right, 2)
        shares = np.where(follow, 0.5, np.where(around, 0.25, 0.0))
        return shares @ (values[:-1] + values[1:])

    def _meet(self, first: Mask, then: Mask, step: int) -> Mask:
        """Where the one term stands `step` places after the other, by text: (texts, k - 1)."""
        together = np.zeros_like(first)
        together[:-step] = first[:-step] & then[step:]
        together[:-step] &= (self.owners[:-step] == self.owners[step:])[:, None]
        return np.logical_or.reduceat(together, self.firsts)

    def shared_prefixes(self, values: Floats, lengths: Sequence[int]) -> Floats:
        """Weight of the terms the text lacks but for a word that begins alike."""
        long = np.array(lengths) >= PREFIX_CHARS - 1
        alike = np.logical_or.reduceat(self.alike, self.firsts) & ~self.present & long
        return alike @ values


def _score_near(
    query: AnalysedQuery, weights: Weights, present: Mask, words: PlacedWords, store: WordVectors
) -> Floats:
    """For each text, the weight of the terms it lacks, as far as a word of it comes near."""
    asked = {find_term(word) or "": word for word in reversed(query.words)}
    columns = [place for place, term in enumerate(weights) if term in asked]
    scores = np.zeros(len(present))
    filled = list(words.words.filled)
    if not columns or not filled:
        return scores
    terms = list(weights)
    nearest = store.compare([asked[terms[place]] for place in columns], words)
    shares = np.maximum(nearest - NEAR_SIMILARITY, 0) / (1 - NEAR_SIMILARITY)
    lacking = ~present[np.ix_(filled, columns)]
    values = np.array([weights[terms[place]] for place in columns])
    scores[filled] = (shares * lacking) @ values
    return scores
