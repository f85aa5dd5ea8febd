"""Reads a question and a sentence together, and tells how surely the one answers the other.

The passage model, its weights changed by what was learnt from questions about short texts
(`python -m evals.cross_encoder`): where a vector tells what a sentence is about, this tells whether
it gives what is asked. Too slow to search with, it reads the few sentences of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from knowledge.e5 import E5, Encoder, Floats, get_e5
from knowledge.e5_file import ModelFile, Sizes

FILE = Path(__file__).with_name("cross_encoder.npz")
LONGEST = 160
# In the file: the two factors of a matrix's change, how far its inputs go, and tensors that stand
# in for the model's own.
LEFT, RIGHT, REACH = "left", "right", "reach"


class CrossEncoder:
    """The model; safe between threads, each call on one core."""

    def __init__(self, model: E5, path: Path = FILE) -> None:
        with np.load(path) as file:
            learnt = {name: file[name].astype(np.float32) for name in file.files}
        self._model = model
        reach = {
            name.removesuffix(f".{REACH}"): values
            for name, values in learnt.items()
            if name.endswith(f".{REACH}")
        }
        self._encoder = Encoder(_Learnt(model.file, learnt), reach)
        self._sides, self._head, self._bias = learnt["sides"], learnt["head"], learnt["bias"]

    def score(self, question: str, sentences: Sequence[str]) -> Floats:
        """For each sentence, the logarithm of the odds that it answers, shape (len(sentences),).

        A sentence is given under its titles. What goes beyond 160 pieces is left out, a long
        question first, which keeps half of them.
        """
        asked = self._model.cut(question)[: LONGEST // 2]
        return np.array([self._score(asked, sentence) for sentence in sentences], np.float32)

    def _score(self, asked: Sequence[int], sentence: str) -> float:
        model = self._model
        before = [model.first, *asked, model.last]
        read = model.cut(sentence)[: LONGEST - len(before) - 2]
        after = [model.last, *read, model.last]
        embedded = model.embed(before + after)
        embedded[: len(before)] += self._sides[0]
        embedded[len(before) :] += self._sides[1]
        states = self._encoder.read(embedded)
        summed = np.concatenate([states[0], states[len(before) :].mean(axis=0)])
        return float(summed @ self._head + self._bias[0])


class _Learnt:
    """The weights of the model's file, changed by what was learnt."""

    def __init__(self, file: ModelFile, learnt: Mapping[str, Floats]) -> None:
        self._file, self._learnt = file, learnt
        self.sizes: Sizes = file.sizes

    def read_floats(self, name: str) -> Floats:
        return self._learnt[name]

    def read_matrix(self, name: str, columns: int) -> Floats:
        change = self._learnt[f"{name}.{LEFT}"] @ self._learnt[f"{name}.{RIGHT}"]
        return (self._file.read_matrix(name, columns) + change).astype(np.float32)


@lru_cache(maxsize=1)
def get_cross_encoder() -> CrossEncoder:
    """The process's model."""
    return CrossEncoder(get_e5())
