"""Vectors of single words, kept in memory: which words of a text come near a word it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.embeddings import DIMENSIONS, SentenceEmbedder, Vectors
from knowledge.packing import Hashes, hash_term

CAPACITY = 80_000
MOST, EPSILON = 127, 1e-9

HalfVectors = NDArray[np.float16]
# The hashes of the words held, sorted, and the row of each.
Known = tuple[Hashes, NDArray[np.intp]]


@dataclass(frozen=True)
class TextWords:
    """The words of texts put together, each distinct one once.

    `filled` lists the texts that have words. `distinct` has shape (d,); the words of the filled
    texts, one text after another, are `distinct[places]`, each text's from `firsts` on.
    """

    filled: tuple[int, ...]
    distinct: Hashes
    places: NDArray[np.intp]
    firsts: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[Hashes]) -> TextWords:
        """The words of `texts`, hashed."""
        filled = tuple(place for place, words in enumerate(texts) if len(words))
        nothing = np.zeros(0, np.uint64)
        every = np.concatenate([nothing, *(texts[place] for place in filled)])
        distinct, places = np.unique(every, return_inverse=True)
        sizes = np.array([len(texts[place]) for place in filled], np.intp)
        return cls(filled, distinct, places, np.cumsum(sizes) - sizes)

    def list_holders(self, wanted: NDArray[np.bool_]) -> list[tuple[int, NDArray[np.intp]]]:
        """Where the `wanted` of the distinct words stand: a text, and places among its words."""
        ends = np.append(self.firsts[1:], len(self.places))
        found = wanted[self.places]
        return [
            (text, np.flatnonzero(found[first:end]))
            for text, first, end in zip(self.filled, self.firsts, ends, strict=True)
            if found[first:end].any()
        ]


class WordVectors:
    """A store of word vectors; safe between threads.

    It holds `CAPACITY` words (41 MB) as whole numbers of eight bits, by their hashes, and starts
    again once full.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: Known = (np.zeros(0, np.uint64), np.zeros(0, np.intp))
        self._matrix = np.zeros((CAPACITY, DIMENSIONS), dtype=np.int8)
        self._scales = np.zeros(CAPACITY, dtype=np.float32)

    def list_unknown(self, words: Iterable[str]) -> list[str]:
        """Those of `words` that the store does not hold, each once."""
        asked = list(dict.fromkeys(words))
        found = self._find(hash_words(asked))
        return [word for word, row in zip(asked, found, strict=True) if row < 0]

    def find_unknown(self, words: TextWords) -> NDArray[np.bool_]:
        """Which of the distinct `words` the store does not hold."""
        return self._find(words.distinct) < 0

    def add(self, words: Sequence[str], vectors: HalfVectors) -> None:
        """Keep the vectors of `words`, shape (len(words), 512)."""
        if not len(words):
            return
        with self._lock:
            hashes, first_places = np.unique(hash_words(words), return_index=True)
            new = self._find(hashes) < 0
            if len(self._known[0]) + int(new.sum()) > CAPACITY:
                self._known = (hashes[:0], first_places[:0])
                new = np.arange(len(hashes)) < CAPACITY
            held, rows = self._known
            first, added = len(held), hashes[new]
            kept = vectors[first_places[new]].astype(np.float32)
            scales = np.maximum(np.abs(kept).max(axis=1, initial=0), EPSILON) / MOST
            self._matrix[first : first + len(added)] = np.rint(kept / scales[:, None])
            self._scales[first : first + len(added)] = scales
            places = np.searchsorted(held, added)
            numbers = np.arange(first, first + len(added))
            self._known = (np.insert(held, places, added), np.insert(rows, places, numbers))

    def learn(self, words: Sequence[str], embedder: SentenceEmbedder) -> HalfVectors:
        """Embed and keep `words`; their vectors, shape (len(words), 512)."""
        vectors = embedder.encode_related(words).astype(np.float16)
        self.add(words, vectors)
        return vectors

    def meet(self, words: Iterable[str], embedder: SentenceEmbedder) -> None:
        """Embed and keep those of `words` that the store does not hold."""
        if unknown := self.list_unknown(words):
            self.add(unknown, embedder.encode(unknown).astype(np.float16))

    def compare(self, asked: Sequence[str], words: TextWords) -> Vectors:
        """The best cosine of each asked word with a word of each filled text; 0 for unknown words.

        Shape (len(words.filled), len(asked)).
        """
        with self._lock:
            wanted, rows = self._find(hash_words(asked)), self._find(words.distinct)
            vectors = self._matrix[rows].astype(np.float32)
            question = self._matrix[wanted] * self._scales[wanted, None]
            scales = np.where(rows < 0, 0, self._scales[rows])
        likeness = vectors @ np.where(wanted[:, None] < 0, 0, question).T * scales[:, None]
        return np.maximum.reduceat(likeness[words.places], words.firsts, axis=0)

    def _find(self, hashes: Hashes) -> NDArray[np.intp]:
        """The row of each word; -1 for an unknown one."""
        held, rows = self._known
        if not len(held):
            return np.full(len(hashes), -1)
        places = np.minimum(np.searchsorted(held, hashes), len(held) - 1)
        return np.where(held[places] == hashes, rows[places], -1)


def hash_words(words: Sequence[str]) -> Hashes:
    """The hash of each word, shape (len(words),)."""
    return np.array([hash_term(word) for word in words], np.uint64)


_STORES: defaultdict[str, WordVectors] = defaultdict(WordVectors)


def get_word_vectors(model_name: str) -> WordVectors:
    """The process's store for the words of one model."""
    return _STORES[model_name]
