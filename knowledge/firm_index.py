"""The index of a firm held in memory: what a search chooses its passages with.

A few new versions make a small segment; small ones are joined, so that adding a document costs
little and a search reads few segments.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.packing import (
    REFERENCE,
    AskedVector,
    estimate_likeness,
    guess_likeness,
    hash_term,
)
from knowledge.segments import Places, Segment, join_segments, keep_versions

# BM25: saturation of repeated words, and how much the length of a passage counts.
K1, B = 1.2, 0.75
MOST_SEGMENTS = 4
# Passages whose likeness is estimated more finely, out of those chosen by a rough one.
CONSIDERED = 512

Floats = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Scope:
    """What one search may choose among, by segment: passages, and those of the asked model."""

    found: tuple[Mask, ...]
    embedded: tuple[Mask, ...]


@dataclass(frozen=True)
class Choice:
    """Passages chosen for a question, in no order, with their scores by words and references.

    `weights` gives the inverse document frequency of each term that a text holds.
    """

    chunk_ids: NDArray[np.int64]
    keys: NDArray[np.int32]
    lexical: Floats
    named: Floats
    weights: Mapping[str, float]


@dataclass(frozen=True)
class Factors:
    """What each kind of likeness weighs beside the words of the text.

    The likeness of meaning counts from `unrelated`; a passage without a vector has that one.
    """

    title: float
    dense: float
    unrelated: float
    reference: float


@dataclass(frozen=True)
class FirmIndex:
    """The whole index of a firm, as its segments."""

    segments: tuple[Segment, ...] = ()
    _norms: dict[int, tuple[Floats, Floats]] = field(
        default_factory=dict[int, tuple[Floats, Floats]], repr=False
    )

    @cached_property
    def keys(self) -> frozenset[int]:
        """Versions held."""
        return frozenset(int(key) for segment in self.segments for key in segment.keys)

    @property
    def nbytes(self) -> int:
        """Memory held."""
        return sum(segment.nbytes for segment in self.segments)

    @cached_property
    def size(self) -> int:
        """Passages held."""
        return sum(segment.size for segment in self.segments)

    def update(self, present: Mapping[int, str], added: Sequence[Segment]) -> FirmIndex:
        """With the segments `added` and no more than the versions `present` (key → model)."""
        segments = [keep_versions(one, present) for one in (*self.segments, *added)]
        segments = [segment for segment in segments if segment.size]
        if len(segments) > MOST_SEGMENTS:
            # The largest stays apart while the others together are small beside it.
            segments.sort(key=lambda segment: -segment.size)
            small = segments[1:]
            rest = sum(segment.size for segment in small)
            if rest * 4 > segments[0].size:
                segments = [join_segments(segments, present)]
            else:
                segments = [segments[0], join_segments(small, present)]
        return FirmIndex(tuple(segments))

    def restrict(self, keys: NDArray[np.int32], model: str) -> Scope:
        """The scope of a search among the versions `keys`, its question embedded by `model`."""
        found: list[Mask] = []
        embedded: list[Mask] = []
        for segment in self.segments:
            held = np.isin(segment.keys, keys)
            same = np.array([one == model for one in segment.models], bool)
            found.append(held[segment.owners])
            embedded.append((held & same)[segment.owners])
        return Scope(tuple(found), tuple(embedded))

    def choose(
        self,
        scope: Scope,
        terms: Sequence[str],
        references: Sequence[str],
        asked: AskedVector,
        factors: Factors,
        most: int,
    ) -> Choice:
        """At most `most` passages of `scope`, best by words, titles, references and likeness.

        Statistics are those of the whole index. Likeness is read from the signs of vectors, near
        enough to choose, not to rank.
        """
        lexical, weights = self._score_terms(terms, factors.title)
        named = self._score_references(references)
        own = [
            (words + factors.reference * held).astype(np.float32)
            for words, held in zip(lexical, named, strict=True)
        ]
        totals = [
            np.where(found, words + _weigh_rough(segment, asked, embedded, factors), -np.inf)
            for segment, words, found, embedded in zip(
                self.segments, own, scope.found, scope.embedded, strict=True
            )
        ]
        best = _best(_join(totals), max(most, CONSIDERED))
        if len(best) > most:
            near = self._gather(best, lambda n, at: self._weigh_fine(n, at, scope, asked, factors))
            words = self._gather(best, lambda n, at: own[n][at])
            best = best[_best(words + near, most)]
        return Choice(
            self._gather(best, lambda n, at: self.segments[n].chunk_ids[at]).astype(np.int64),
            self._gather(best, lambda n, at: self.segments[n].list_keys(at)).astype(np.int32),
            self._gather(best, lambda n, at: lexical[n][at]),
            self._gather(best, lambda n, at: named[n][at]),
            weights,
        )

    def _gather(
        self, places: Places, read: Callable[[int, Places], NDArray[np.number]]
    ) -> NDArray[Any]:
        """What `read` gives of the passages at `places` of the whole, segment by segment."""
        if len(self.segments) == 1:
            return read(0, places)
        made: NDArray[Any] | None = None
        first = 0
        for number, segment in enumerate(self.segments):
            inside = np.flatnonzero((places >= first) & (places < first + segment.size))
            values = read(number, places[inside] - first)
            made = np.empty(len(places), values.dtype) if made is None else made
            made[inside] = values
            first += segment.size
        return np.empty(0, np.float32) if made is None else made

    def _weigh_fine(
        self, number: int, places: Places, scope: Scope, asked: AskedVector, factors: Factors
    ) -> Floats:
        """What the meaning of each passage adds; nothing for one of another model."""
        segment = self.segments[number]
        made = np.zeros(len(places), np.float32)
        read = scope.embedded[number][places]
        at = places[read]
        if len(at):
            held = segment.shared[at], segment.steps[at], segment.codes[at]
            likeness = estimate_likeness(asked, *held)
            made[read] = factors.dense * (likeness - factors.unrelated)
        return made

    def _score_terms(
        self, terms: Sequence[str], title_factor: float
    ) -> tuple[list[Floats], dict[str, float]]:
        scores = [np.zeros(segment.size, np.float32) for segment in self.segments]
        weights: dict[str, float] = {}
        for term in terms:
            places = [segment.find(hash_term(term)) for segment in self.segments]
            pairs = list(zip(self.segments, places, strict=True))
            weight = self._weigh(sum(int(np.count_nonzero(s.counts[at])) for s, at in pairs))
            titled = sum(int(np.count_nonzero(s.title_counts[at])) for s, at in pairs)
            if any(at.stop > at.start for at in places):
                weights[term] = weight
            title_weight = title_factor * self._weigh(titled) if titled else 0.0
            for number, (segment, at) in enumerate(pairs):
                if at.stop == at.start:
                    continue
                rows = segment.rows[at]
                text_norm, title_norm = self._norm(number)
                counts = segment.counts[at].astype(np.float32)
                added = weight * (K1 + 1) * counts / (counts + text_norm[rows])
                if title_weight:
                    counts = segment.title_counts[at].astype(np.float32)
                    added += title_weight * (K1 + 1) * counts / (counts + title_norm[rows])
                scores[number][rows] += added
        return scores, weights

    def _score_references(self, references: Sequence[str]) -> list[Floats]:
        scores = [np.zeros(segment.size, np.float32) for segment in self.segments]
        for reference in references:
            term = hash_term(REFERENCE + reference)
            rows = [segment.rows[segment.find(term)] for segment in self.segments]
            weight = self._weigh(sum(len(found) for found in rows))
            for score, found in zip(scores, rows, strict=True):
                score[found] += weight
        return scores

    def _weigh(self, holders: int) -> float:
        return float(np.log1p((self.size - holders + 0.5) / (holders + 0.5)))

    def _norm(self, number: int) -> tuple[Floats, Floats]:
        """What is added to a count, by passage: the longer the passage, the more."""
        if number not in self._norms:
            segment, (texts, titles) = self.segments[number], self._totals
            self._norms[number] = (
                _normalise(segment.lengths, texts / self.size),
                _normalise(segment.title_lengths, titles / self.size),
            )
        return self._norms[number]

    @cached_property
    def _totals(self) -> tuple[int, int]:
        texts, titles = zip(*(segment.totals for segment in self.segments), strict=True)
        return sum(texts), sum(titles)


def _weigh_rough(segment: Segment, asked: AskedVector, embedded: Mask, factors: Factors) -> Floats:
    if not embedded.any():
        return np.zeros(segment.size, np.float32)
    likeness = guess_likeness(asked, segment.shared, segment.scales, segment.signatures)
    return np.where(embedded, factors.dense * (likeness - factors.unrelated), 0).astype(np.float32)


def _best(totals: Floats, most: int) -> Places:
    """Places of the `most` highest totals, those out of scope left out."""
    best = np.argpartition(-totals, most)[:most] if len(totals) > most else np.arange(len(totals))
    return best[totals[best] > -np.inf]


def _normalise(lengths: NDArray[np.uint16], average: float) -> Floats:
    return (K1 * (1 - B) + K1 * B * lengths / max(average, 1)).astype(np.float32)


def _join(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.empty(0, np.float32)
