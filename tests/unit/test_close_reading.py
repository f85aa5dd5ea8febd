"""The second look at sentences: which are read, in what context, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from knowledge.close_reading import LIKENESS_WEIGHT, READ, read_closely
from knowledge.found import Passage, SearchResult, Sentence
from knowledge.passage_embedder import Vectors
from knowledge.sentence_scores import Question

NOBODY = UUID(int=0)


class Marked:
    """An embedder that likes what is marked, and remembers what it read."""

    model_name, dimensions, weight, unrelated = "marked", 64, 1.0, 0.8

    def __init__(self) -> None:
        self.read: list[str] = []

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.read += texts
        made = np.zeros((len(texts), self.dimensions), np.float32)
        made[:, 0] = [0.95 if "*" in text else 0.8 for text in texts]
        return made

    def encode_question(self, question: str, *, closely: bool = False) -> Vectors:
        return np.eye(1, self.dimensions, dtype=np.float32)[0]


def make_result(scores: Sequence[Sequence[float]], texts: Sequence[Sequence[str]]) -> SearchResult:
    passages = [
        Passage(
            number, NOBODY, NOBODY, f"D-{number}", "Manuel", "1", "in_force", None, None,
            f"Manuel › {number}. Partie", "text", " ".join(said), 1.0, 1.0, 0.1,
            tuple(Sentence(n, 0, len(text), text, 1, None, score)
                  for n, (score, text) in enumerate(zip(own, said, strict=True))),
        )
        for number, (own, said) in enumerate(zip(scores, texts, strict=True))
    ]  # fmt: skip
    vector = Marked().encode_question("q")
    return SearchResult("q", tuple(passages), Question("q", {}, {}), vector, 1.0)


def list_scores(result: SearchResult) -> list[list[float]]:
    return [[sentence.score for sentence in passage.sentences] for passage in result.passages]


async def test_the_likest_sentence_gains_and_is_read_under_its_titles() -> None:
    result = make_result([[0.5, 0.4], [0.45]], [["Un.", "Deux *."], ["Trois."]])
    model = Marked()
    weighed = await read_closely(result, model)
    assert sorted(model.read) == [
        "Manuel. 0. Partie. Deux *.", "Manuel. 0. Partie. Un.", "Manuel. 1. Partie. Trois.",
    ]  # fmt: skip
    gained = 0.15 * LIKENESS_WEIGHT
    (first, second), (third,) = list_scores(weighed)
    assert (first, second, third) == pytest.approx((0.5, 0.4 + gained, 0.45), abs=1e-5)
    assert list_scores(result) == [[0.5, 0.4], [0.45]]


async def test_the_sentences_left_unread_are_taken_for_the_farthest() -> None:
    count = READ + 5
    texts = [f"Phrase {n} *." for n in range(count)]
    result = make_result([[1 - n / 100 for n in range(count)]], [texts])
    model = Marked()
    (scores,) = list_scores(await read_closely(result, model))
    assert len(model.read) == READ
    assert scores == sorted(scores, reverse=True)
    gained = 0.15 * LIKENESS_WEIGHT
    assert scores[-1] == pytest.approx(1 - (count - 1) / 100 + gained, abs=1e-5)


async def test_nothing_found_is_left_as_it_is() -> None:
    empty = replace(make_result([], []), passages=())
    assert await read_closely(empty, Marked()) is empty
