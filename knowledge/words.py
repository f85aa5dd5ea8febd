"""Vectors of single words, kept in memory: which words of a text come near a word it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.embeddings import DIMENSIONS, SentenceEmbedder, Vectors

CAPACITY = 80_000
MOST, EPSILON = 127, 1e-9

HalfVectors = NDArray[np.float16]


class WordVectors:
    """A store of word vectors; safe between threads.

    It holds `CAPACITY` words (41 MB) as whole numbers of eight bits, and starts again once full.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, int] = {}
        self._matrix = np.zeros((CAPACITY, DIMENSIONS), dtype=np.int8)
        self._scales = np.zeros(CAPACITY, dtype=np.float32)

    def list_unknown(self, texts: Iterable[Sequence[str]]) -> list[str]:
        """The words of `texts` that the store does not hold, each once."""
        return list(dict.fromkeys(w for text in texts for w in text if w not in self._rows))

    def add(self, words: Sequence[str], vectors: HalfVectors) -> None:
        """Keep the vectors of `words`, shape (len(words), 512)."""
        with self._lock:
            self._add(words, vectors)

    def learn(self, words: Sequence[str], embedder: SentenceEmbedder) -> HalfVectors:
        """Embed and keep `words`; their vectors, shape (len(words), 512)."""
        vectors = embedder.encode_related(words).astype(np.float16)
        self.add(words, vectors)
        return vectors

    def compare(
        self, asked: Sequence[str], texts: Sequence[Sequence[str]], embedder: SentenceEmbedder
    ) -> Vectors:
        """The best cosine of each asked word with a word of each text.

        Shape (len(texts), len(asked)); no text may be without words.
        """
        sizes = np.fromiter((len(text) for text in texts), dtype=np.intp, count=len(texts))
        with self._lock:
            wanted_rows, rows = self._find(asked, texts, embedder)
            # Words recur from text to text: each is compared once.
            distinct, places = np.unique(rows, return_inverse=True)
            wanted = self._matrix[wanted_rows] * self._scales[wanted_rows, None]
            vectors, scales = self._matrix[distinct].astype(np.float32), self._scales[distinct]
        likeness = vectors @ wanted.T * scales[:, None]
        return np.maximum.reduceat(likeness[places], np.cumsum(sizes) - sizes, axis=0)

    def _find(
        self, asked: Sequence[str], texts: Sequence[Sequence[str]], embedder: SentenceEmbedder
    ) -> tuple[list[int], list[int]]:
        """The rows of the asked words, and of every word of the texts in turn."""
        get = self._rows.get
        wanted = [get(word, -1) for word in asked]
        rows = [get(word, -1) for text in texts for word in text]
        if -1 in wanted or -1 in rows:
            unknown = self.list_unknown([asked, *texts])
            if len(self._rows) + len(unknown) > CAPACITY:
                self._rows.clear()
                unknown = self.list_unknown([asked, *texts])
            self._add(unknown, embedder.encode(unknown).astype(np.float16))
            return self._find(asked, texts, embedder)
        return wanted, rows

    def _add(self, words: Sequence[str], vectors: HalfVectors) -> None:
        new = [place for place, word in enumerate(words) if word not in self._rows]
        if len(self._rows) + len(new) > CAPACITY:
            self._rows.clear()
            new = list(range(min(len(words), CAPACITY)))
        first = len(self._rows)
        kept = vectors[new].astype(np.float32)
        scales = np.maximum(np.abs(kept).max(axis=1, initial=0), EPSILON) / MOST
        self._matrix[first : first + len(new)] = np.rint(kept / scales[:, None])
        self._scales[first : first + len(new)] = scales
        self._rows.update((words[place], first + row) for row, place in enumerate(new))


_STORES: defaultdict[str, WordVectors] = defaultdict(WordVectors)


def get_word_vectors(model_name: str) -> WordVectors:
    """The process's store for the words of one model."""
    return _STORES[model_name]
