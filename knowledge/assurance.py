"""What a search is worth once its best sentences are read: its chance to answer, what it lacks."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from knowledge.answerability import (
    QUOTED_FIRST,
    FoundText,
    Nearness,
    estimate,
    grade,
    leave_day_out,
    leave_each_out,
    list_missing,
    measure,
    rank_sentences,
)
from knowledge.found import SearchResult
from knowledge.passage_embedder import PassageEmbedder, Vectors, get_passage_embedder


@dataclass(frozen=True)
class Assurance:
    """The chance, from 0 to 1, that the passages answer; `missing` are words that none holds."""

    chance: float
    missing: tuple[str, ...]

    @property
    def is_weak(self) -> bool:
        """Tell whether an answer should abstain."""
        return grade(self.chance) == "weak"


async def judge(result: SearchResult, embedder: PassageEmbedder | None = None) -> Assurance:
    """Judge a search whose sentences `read_closely` has weighed."""
    found = _list_found(result)
    model = embedder or get_passage_embedder()
    chance = estimate(result.question, found, await _compare(result, found, model))
    return Assurance(chance, tuple(list_missing(result.question, found)))


async def measure_result(result: SearchResult) -> dict[str, float]:
    """What calibration learns from: the features that `judge` weighs."""
    found = _list_found(result)
    nearness = await _compare(result, found, get_passage_embedder())
    return measure(result.question, found, nearness)


def _list_found(result: SearchResult) -> list[FoundText]:
    return [
        FoundText(
            f"{passage.code} {passage.title} {passage.section_path}",
            [sentence.text for sentence in passage.sentences],
            [sentence.score for sentence in passage.sentences],
        )
        for passage in result.passages
    ]


async def _compare(
    result: SearchResult, found: list[FoundText], model: PassageEmbedder
) -> Nearness:
    """The sentences quoted first, read alone, beside the question with and without each word."""
    first = [sentence.text for sentence in rank_sentences(found)[:QUOTED_FIRST]]
    if not first:
        return Nearness(0.0, 0.0)
    asked = [leave_day_out(result.question.text), *leave_each_out(result.question)]
    sentences, questions = await asyncio.gather(
        asyncio.to_thread(model.encode, first),
        asyncio.to_thread(_encode_questions, model, asked),
    )
    whole, *without = questions @ sentences[0]
    span = 1 - model.unrelated
    return Nearness(
        float((sentences @ questions[0]).max() - model.unrelated) / span,
        float(max(without, default=whole) - whole) / span,
    )


def _encode_questions(model: PassageEmbedder, questions: list[str]) -> Vectors:
    return np.array([model.encode_question(question, closely=True) for question in questions])
