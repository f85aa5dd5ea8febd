"""Whether a sentence answers a question: a model that reads both together.

Its first layers are those of multilingual-e5-small; the last ones were learnt on questions, the
sentences that answer them and those that only come near (`scripts/models`, docs/decisions/0019).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.e5 import open_file, open_words
from knowledge.e5_graph import open_session
from knowledge.learnt_weights import LearntWeights
from knowledge.terms import list_terms

FILE = Path(__file__).with_name("cross_encoder.npz")
# The first layer that was learnt: it also reads which words the two texts have in common.
FIRST_LEARNT = 4
# The most pieces of words read of a question, and of a sentence under its titles.
LONGEST_QUESTION, LONGEST_SENTENCE = 64, 192
# What a piece is marked as, by text: of no term, of a term of this text alone, of both texts.
MARKS = 3

Floats = NDArray[np.float32]


class AnswerReader(Protocol):
    """What reads a question and a sentence together."""

    def score(self, question: str, sentences: Sequence[str]) -> Floats:
        """The log-odds that each sentence answers, against there being no answer: shape (n,)."""
        ...


@dataclass(frozen=True)
class CutText:
    """The numbers of a text's pieces, and the term of the word that each belongs to, if any."""

    numbers: tuple[int, ...]
    terms: tuple[str | None, ...]

    def mark(self, other: CutText, first: int) -> list[int]:
        """The mark of each piece beside `other`, from `first` on."""
        shared = frozenset(other.terms)
        return [first + (term is not None) + (term is not None and term in shared)
                for term in self.terms]  # fmt: skip


def cut_text(text: str, before: int, most: int) -> CutText:
    """The first pieces of `text`, at most `most`, between the number `before` and the closing one.

    A word of several terms counts for its first.
    """
    words = open_words()
    numbers, terms = [before], list[str | None]([None])
    for word, pieces in words.pieces.cut_words(text):
        found = _find_term(word)
        numbers += pieces
        terms += [found] * len(pieces)
        if len(numbers) > most:
            break
    return CutText((*numbers[: most + 1], words.last), (*terms[: most + 1], None))


def cut_pair(question: str, sentences: Sequence[str]) -> tuple[CutText, list[CutText]]:
    """A question and sentences as the model reads them, one after the other."""
    words = open_words()
    asked = cut_text(question, words.first, LONGEST_QUESTION)
    return asked, [cut_text(one, words.last, LONGEST_SENTENCE) for one in sentences]


@lru_cache(maxsize=20_000)
def _find_term(word: str) -> str | None:
    return next(iter(list_terms(word)), None)


class CrossEncoder:
    """The model; safe between threads, each call on one core."""

    def __init__(self) -> None:
        file = open_file()
        weights = LearntWeights(file, FILE)
        self._words = open_words()
        self._model = open_session(weights, FIRST_LEARNT)
        self._marks = weights.read_floats("marks").reshape(2 * MARKS, file.sizes.width)
        self._head = weights.read_floats("head.w")
        self._bias = float(weights.read_floats("head.b")[0])

    def score(self, question: str, sentences: Sequence[str]) -> Floats:
        """The log-odds that each sentence answers, against there being no answer: shape (n,)."""
        asked, told = cut_pair(question, sentences)
        return np.array([self._score(asked, one) for one in told], np.float32)

    def _score(self, asked: CutText, told: CutText) -> float:
        marks = self._marks[[*asked.mark(told, 0), *told.mark(asked, MARKS)]]
        embedded = self._words.embed((*asked.numbers, *told.numbers))
        (states,) = self._model.run(None, {"input": embedded, "marks": marks[None]})
        read = np.asarray(states, np.float32)[0]
        return float(np.concatenate([read[0], read.mean(axis=0)]) @ self._head) + self._bias


_OPENING = Lock()


@lru_cache(maxsize=1)
def _open() -> CrossEncoder:
    return CrossEncoder()


def get_cross_encoder() -> CrossEncoder:
    """The process's model, loaded at first use in half a second."""
    with _OPENING:
        return _open()
