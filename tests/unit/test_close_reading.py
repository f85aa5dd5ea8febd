"""The second look at sentences: which are read, in what context, and what it changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge.close_reading import (
    ANSWER_WEIGHT,
    LIKENESS_WEIGHT,
    READ,
    READ_TOGETHER,
    read_closely,
)
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

    def encode_question(self, question: str) -> Vectors:
        return np.eye(1, self.dimensions, dtype=np.float32)[0]


class Judge:
    """A reader that takes what holds `answer` for an answer, and remembers what it read."""

    def __init__(self, answer: str = "-") -> None:
        self.answer = answer
        self.asked: set[str] = set()
        self.read: list[str] = []

    def score(self, question: str, sentences: Sequence[str]) -> NDArray[np.float32]:
        self.asked.add(question)
        self.read += sentences
        return np.array([40.0 if self.answer in text else -40.0 for text in sentences], np.float32)


def make_result(
    scores: Sequence[Sequence[float]], texts: Sequence[Sequence[str]], asked: str = "q"
) -> SearchResult:
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
    return SearchResult(asked, tuple(passages), Question(asked, {}, {}), vector, 1.0)


def list_scores(result: SearchResult) -> list[list[float]]:
    return [[sentence.score for sentence in passage.sentences] for passage in result.passages]


async def test_the_likest_sentence_gains_and_is_read_under_its_titles() -> None:
    result = make_result([[0.5, 0.4], [0.45]], [["Un.", "Deux *."], ["Trois."]])
    model = Marked()
    weighed = await read_closely(result, model, Judge())
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
    (scores,) = list_scores(await read_closely(result, model, Judge()))
    assert len(model.read) == READ
    assert scores == sorted(scores, reverse=True)
    gained = 0.15 * LIKENESS_WEIGHT
    assert scores[-1] == pytest.approx(1 - (count - 1) / 100 + gained, abs=1e-5)


async def test_a_sentence_read_as_an_answer_gains_and_keeps_its_odds() -> None:
    texts = ["Un.", "Deux.", *(f"Phrase {n}." for n in range(READ))]
    result = make_result(
        [[1 - n / 100 for n in range(len(texts))]], [texts], "Qui, au 3 mai 2026 ?"
    )
    judge = Judge("Deux")
    (passage,) = (await read_closely(result, Marked(), judge)).passages
    assert [one.split() for one in judge.asked] == [["Qui,", "?"]]
    assert sorted(judge.read)[:2] == ["Manuel. 0. Partie. Deux.", "Manuel. 0. Partie. Phrase 0."]
    assert len(judge.read) == READ_TOGETHER
    first, second, *_, last = passage.sentences
    assert (first.odds, second.odds, last.odds) == (-40.0, 40.0, None)
    assert (first.score, second.score) == pytest.approx((1.0, 0.99 + ANSWER_WEIGHT), abs=1e-5)


async def test_nothing_found_is_left_as_it_is() -> None:
    empty = replace(make_result([], []), passages=())
    assert await read_closely(empty, Marked(), Judge()) is empty
