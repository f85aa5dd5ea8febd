"""Vectors of single words, kept in memory: which words of a text come near a word it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import repeat
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.embeddings import DIMENSIONS, SentenceEmbedder, Vectors
from knowledge.packing import Hashes, hash_term

CAPACITY = 80_000
MOST, EPSILON = 127, 1e-9

HalfVectors = NDArray[np.float16]


class WordVectors:
    """A store of word vectors; safe between threads.

    It holds `CAPACITY` words (41 MB) as whole numbers of eight bits, by their hashes, and starts
    again once full.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[int, int] = {}
        self._matrix = np.zeros((CAPACITY, DIMENSIONS), dtype=np.int8)
        self._scales = np.zeros(CAPACITY, dtype=np.float32)

    def list_unknown(self, words: Iterable[str]) -> list[str]:
        """Those of `words` that the store does not hold, each once."""
        return [word for word in dict.fromkeys(words) if hash_term(word) not in self._rows]

    def holds(self, words: Hashes) -> bool:
        """Whether every word of these hashes is known."""
        return self._rows.keys() >= set(words.tolist())

    def add(self, words: Sequence[str], vectors: HalfVectors) -> None:
        """Keep the vectors of `words`, shape (len(words), 512)."""
        hashes = [hash_term(word) for word in words]
        with self._lock:
            new = [place for place, word in enumerate(hashes) if word not in self._rows]
            if len(self._rows) + len(new) > CAPACITY:
                self._rows.clear()
                new = list(range(min(len(words), CAPACITY)))
            first = len(self._rows)
            kept = vectors[new].astype(np.float32)
            scales = np.maximum(np.abs(kept).max(axis=1, initial=0), EPSILON) / MOST
            self._matrix[first : first + len(new)] = np.rint(kept / scales[:, None])
            self._scales[first : first + len(new)] = scales
            self._rows.update((hashes[place], first + row) for row, place in enumerate(new))

    def learn(self, words: Sequence[str], embedder: SentenceEmbedder) -> HalfVectors:
        """Embed and keep `words`; their vectors, shape (len(words), 512)."""
        vectors = embedder.encode_related(words).astype(np.float16)
        self.add(words, vectors)
        return vectors

    def compare(self, asked: Sequence[str], texts: Sequence[Hashes]) -> Vectors:
        """The best cosine of each asked word with a word of each text; 0 for unknown words.

        Shape (len(texts), len(asked)); no text may be without words.
        """
        sizes = np.fromiter((len(text) for text in texts), dtype=np.intp, count=len(texts))
        # Words recur from text to text: each is compared once.
        distinct, places = np.unique(np.concatenate(texts), return_inverse=True)
        with self._lock:
            wanted = self._find([hash_term(word) for word in asked])
            rows = self._find(distinct.tolist())
            vectors = self._matrix[rows].astype(np.float32)
            question = self._matrix[wanted] * self._scales[wanted, None]
            scales = np.where(rows < 0, 0, self._scales[rows])
        likeness = vectors @ np.where(wanted[:, None] < 0, 0, question).T * scales[:, None]
        return np.maximum.reduceat(likeness[places], np.cumsum(sizes) - sizes, axis=0)

    def _find(self, hashes: Sequence[int]) -> NDArray[np.intp]:
        return np.fromiter(map(self._rows.get, hashes, repeat(-1)), np.intp, len(hashes))


_STORES: defaultdict[str, WordVectors] = defaultdict(WordVectors)


def get_word_vectors(model_name: str) -> WordVectors:
    """The process's store for the words of one model."""
    return _STORES[model_name]
