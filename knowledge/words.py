"""Which words of a text come near a word it lacks: the vectors of words, reduced to their signs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.embeddings import DIMENSIONS, SentenceEmbedder, Vectors, get_embedder
from knowledge.packing import WORD_BITS, Hashes, hash_term, sign_vectors
from knowledge.passage_embedder import COMMON_TEXTS
from knowledge.terms import list_significant, split_words

CAPACITY = 400_000
SIGNATURE_WORDS = DIMENSIONS // WORD_BITS
# Of the squared length of a word's vector, about what all words share.
COMMON_SHARE = 0.31
# The cosine of two words, by how many of their signs differ; 0 for one that is not known.
NEVER = DIMENSIONS + 1
_COSINES = np.append(
    COMMON_SHARE + (1 - COMMON_SHARE) * np.cos(np.pi * np.arange(NEVER) / DIMENSIONS), 0
).astype(np.float32)

# A word as the database gives it.
_ROW = np.dtype([("hash", ">i8"), ("signature", "<u8", SIGNATURE_WORDS)])

# The hashes of the words held, sorted, and the row of each.
Known = tuple[Hashes, NDArray[np.intp]]


@dataclass(frozen=True)
class TextWords:
    """The words of texts, one text after another.

    `filled` lists the texts that have words; those of each stand in `every` from its place in
    `firsts` on.
    """

    filled: tuple[int, ...]
    every: Hashes
    firsts: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[Hashes]) -> TextWords:
        """The words of `texts`, hashed."""
        filled = tuple(place for place, words in enumerate(texts) if len(words))
        nothing = np.zeros(0, np.uint64)
        every = np.concatenate([nothing, *(texts[place] for place in filled)])
        sizes = np.array([len(texts[place]) for place in filled], np.intp)
        return cls(filled, every, np.cumsum(sizes) - sizes)

    def list_holders(self, wanted: NDArray[np.bool_]) -> list[tuple[int, NDArray[np.intp]]]:
        """Where the `wanted` of the words stand: a text, and places among its words."""
        ends = np.append(self.firsts[1:], len(self.every))
        return [
            (text, np.flatnonzero(wanted[first:end]))
            for text, first, end in zip(self.filled, self.firsts, ends, strict=True)
            if wanted[first:end].any()
        ]


@dataclass(frozen=True)
class PlacedWords:
    """The words of texts, and the row of each in the store; -1 for one it does not hold.

    Rows hold until the store starts again: `start` tells which one they are of.
    """

    words: TextWords
    rows: NDArray[np.intp]
    start: int


class WordVectors:
    """A store of words' signatures; safe between threads.

    A signature, shape (8,), holds the signs of what a word's vector does not share with all words.
    The store starts again once it holds `CAPACITY` words (26 MB).
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._known: Known = (np.zeros(0, np.uint64), np.zeros(0, np.intp))
        self._signatures = np.zeros((CAPACITY, SIGNATURE_WORDS), np.uint64)
        self._start = 0

    def list_unknown(self, words: Iterable[str]) -> list[str]:
        """Those of `words` that the store does not hold, each once."""
        asked = list(dict.fromkeys(words))
        found = self._find(hash_words(asked))
        return [word for word, row in zip(asked, found, strict=True) if row < 0]

    def place(self, words: TextWords) -> PlacedWords:
        """Where the store holds `words`."""
        with self._lock:
            return PlacedWords(words, self._find(words.every), self._start)

    def add(self, words: Hashes, signatures: Hashes) -> None:
        """Keep the signatures of hashed `words`, shape (len(words), 8)."""
        if not len(words):
            return
        with self._lock:
            hashes, first_places = np.unique(words, return_index=True)
            new = self._find(hashes) < 0
            if len(self._known[0]) + int(new.sum()) > CAPACITY:
                self._known = (hashes[:0], first_places[:0])
                self._start += 1
                new = np.arange(len(hashes)) < CAPACITY
            held, rows = self._known
            first, added = len(held), hashes[new]
            self._signatures[first : first + len(added)] = signatures[first_places[new]]
            places = np.searchsorted(held, added)
            numbers = np.arange(first, first + len(added))
            self._known = (np.insert(held, places, added), np.insert(rows, places, numbers))

    def add_rows(self, rows: bytes) -> None:
        """Keep words as the database gives them: hash and signature, one after another."""
        read = np.frombuffer(rows, _ROW)
        self.add(read["hash"].astype(np.int64).view(np.uint64), read["signature"])

    def learn(self, words: Sequence[str], embedder: SentenceEmbedder) -> Hashes:
        """The signatures of distinct `words`, shape (len(words), 8), new ones embedded and kept."""
        hashes = hash_words(words)
        with self._lock:
            rows = self._find(hashes)
            signatures = self._signatures[rows]
        unknown = np.flatnonzero(rows < 0).tolist()
        if unknown:
            made = sign_words(embedder.encode_related([words[place] for place in unknown]))
            signatures[unknown] = made
            self.add(hashes[unknown], made)
        return signatures

    def compare(self, asked: Sequence[str], placed: PlacedWords) -> Vectors:
        """About the best cosine of each asked word with a word of each filled text.

        Shape (len(placed.words.filled), len(asked)); 0 for unknown words. A word is at 1 from
        itself.
        """
        words, rows = placed.words, placed.rows
        with self._lock:
            if placed.start != self._start:
                rows = self._find(words.every)
            wanted = self._find(hash_words(asked))
            questions, signatures = self._signatures[wanted], self._signatures[rows]
        # One word of a signature below another, so that bits are counted along whole rows.
        pairs = signatures.T[:, None] ^ questions.T[:, :, None]
        differing = np.add.reduce(np.bitwise_count(pairs), axis=0, dtype=np.uint16)
        differing[:, rows < 0] = NEVER
        differing[wanted < 0] = NEVER
        return _COSINES[np.minimum.reduceat(differing, words.firsts, axis=1)].T

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


def sign_words(vectors: Vectors) -> Hashes:
    """The signatures of words from their vectors, shape (n, 512): shape (n, 8)."""
    return sign_vectors(vectors - _find_common())


@lru_cache(maxsize=1)
def _find_common() -> Vectors:
    """What the vectors of words share: the mean of those of everyday ones, shape (512,)."""
    words = list_significant(word for text in COMMON_TEXTS for word in split_words(text))
    return get_embedder().encode_related(words).mean(axis=0)


_STORES: defaultdict[str, WordVectors] = defaultdict(WordVectors)


def get_word_vectors(model_name: str) -> WordVectors:
    """The process's store for the words of one model."""
    return _STORES[model_name]
