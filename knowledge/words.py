"""Vectors of single words, kept in memory: which words of a text come near a word it lacks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.embeddings import DIMENSIONS, SentenceEmbedder, Vectors

CAPACITY = 40_000


class WordVectors:
    """A store of word vectors that embeds the words it does not know; safe between threads.

    It holds `CAPACITY` words (82 MB) and starts again once full.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._rows: dict[str, int] = {}
        self._matrix = np.zeros((CAPACITY, DIMENSIONS), dtype=np.float32)

    def compare(
        self, asked: Sequence[str], texts: Sequence[Sequence[str]], embedder: SentenceEmbedder
    ) -> Vectors:
        """The best cosine of each asked word with a word of each text.

        Shape (len(texts), len(asked)); no text may be without words.
        """
        places: dict[str, int] = {}
        for text in texts:
            for word in text:
                places.setdefault(word, len(places))
        sizes = np.fromiter((len(text) for text in texts), dtype=np.intp, count=len(texts))
        with self._lock:
            rows = self._place([*asked, *places], embedder)
            vectors = self._matrix[rows]
        likeness = vectors[len(asked) :] @ vectors[: len(asked)].T
        own = np.fromiter(
            (places[word] for text in texts for word in text), np.intp, int(sizes.sum())
        )
        return np.maximum.reduceat(likeness[own], np.cumsum(sizes) - sizes, axis=0)

    def _place(self, words: Sequence[str], embedder: SentenceEmbedder) -> NDArray[np.intp]:
        unknown = list(dict.fromkeys(word for word in words if word not in self._rows))
        if len(self._rows) + len(unknown) > CAPACITY:
            self._rows.clear()
            unknown = list(dict.fromkeys(words))
        if unknown:
            first = len(self._rows)
            self._matrix[first : first + len(unknown)] = embedder.encode(unknown)
            self._rows.update((word, first + place) for place, word in enumerate(unknown))
        return np.fromiter((self._rows[word] for word in words), dtype=np.intp, count=len(words))


_STORES: defaultdict[str, WordVectors] = defaultdict(WordVectors)


def get_word_vectors(model_name: str) -> WordVectors:
    """The process's store for the words of one model."""
    return _STORES[model_name]
