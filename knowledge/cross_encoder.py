"""Whether a sentence answers a question: a model that reads both together.

Its first layers are those of multilingual-e5-small, its last ones were learnt on questions and the
sentences that answer them, or only come near (`scripts/question_model`, docs/decisions/0019).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from knowledge.e5 import find_file, open_words
from knowledge.e5_file import ModelFile
from knowledge.e5_graph import open_session
from knowledge.learnt_weights import LearntWeights

FILE = Path(__file__).with_name("cross_encoder.npz")
# The most pieces of words read of a question, and of a sentence under its titles.
LONGEST_QUESTION, LONGEST_SENTENCE = 47, 95

Floats = NDArray[np.float32]


class CrossEncoder:
    """The model; safe between threads, each call on one core."""

    def __init__(self) -> None:
        self._words = open_words()
        weights = LearntWeights(ModelFile(find_file()), FILE)
        self._model = open_session(weights)
        self._head = weights.read_floats("head.w")
        self._bias = float(weights.read_floats("head.b")[0])

    def score(self, question: str, sentences: Sequence[str]) -> Floats:
        """The log-odds that each sentence answers, against there being no answer: shape (n,)."""
        words = self._words
        asked = [words.first, *words.cut(question, LONGEST_QUESTION), words.last]
        return np.array([self._score(asked, one) for one in sentences], np.float32)

    def _score(self, asked: list[int], sentence: str) -> float:
        words = self._words
        told = [words.last, *words.cut(sentence, LONGEST_SENTENCE), words.last]
        (states,) = self._model.run(None, {"input": words.embed([*asked, *told])})
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
