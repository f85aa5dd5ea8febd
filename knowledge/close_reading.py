"""A second look at the sentences most likely to answer, each read whole in its context.

Searching a firm's passages must be quick; an answer quotes few sentences, and can afford this.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.answerability import leave_day_out
from knowledge.cross_encoder import AnswerReader, get_cross_encoder
from knowledge.found import Passage, SearchResult
from knowledge.indexing import join_titles, place_text
from knowledge.passage_embedder import PassageEmbedder, Vectors, get_passage_embedder

# Sentences read, the best by their words, and how much their likeness counts.
READ = 16
LIKENESS_WEIGHT = 3.2
# Sentences then read with the question, the best so far, and how much answering it counts.
READ_TOGETHER = 8
ANSWER_WEIGHT = 0.2
THREADS = 2

Place = tuple[int, int]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class _Reading:
    """What a close reading adds to a sentence's score, and its log-odds of answering."""

    added: float
    odds: float | None


async def read_closely(
    result: SearchResult,
    embedder: PassageEmbedder | None = None,
    reader: AnswerReader | None = None,
) -> SearchResult:
    """`result` with its sentences weighed by their likeness to the question and their answering it.

    The others are taken for as far from it as the farthest of those read; they gain nothing for
    answering, and have no odds.
    """
    places = _list_best(result)
    if not places:
        return result
    texts = [_place_text(result.passages[p], s) for p, s in places]
    model = embedder or get_passage_embedder()
    likeness = await _share(lambda part: model.encode(part) @ result.vector, texts)
    nearness = LIKENESS_WEIGHT * (likeness - model.unrelated)
    said = [result.passages[p].sentences[s].score for p, s in places]
    best = np.argsort(-(np.array(said) + nearness), kind="stable")[:READ_TOGETHER].tolist()
    judge = reader or await asyncio.to_thread(get_cross_encoder)
    asked = leave_day_out(result.question.text)
    odds = await _share(lambda part: judge.score(asked, part), [texts[at] for at in best])
    given = {
        place: _Reading(more, None) for place, more in zip(places, nearness.tolist(), strict=True)
    }
    for at, one in zip(best, odds.tolist(), strict=True):
        added = float(nearness[at]) + ANSWER_WEIGHT / (1 + math.exp(-one))
        given[places[at]] = _Reading(added, one)
    rest = _Reading(float(nearness.min()), None)
    passages = tuple(
        _weigh(passage, place, given, rest) for place, passage in enumerate(result.passages)
    )
    return replace(result, passages=passages)


def _list_best(result: SearchResult) -> list[Place]:
    """Passage and sentence of the best sentences, best first."""
    scored = [
        (-sentence.score, place, number)
        for place, passage in enumerate(result.passages)
        for number, sentence in enumerate(passage.sentences)
    ]
    return [(place, number) for _, place, number in sorted(scored)[:READ]]


def _place_text(passage: Passage, number: int) -> str:
    titles = join_titles(passage.title, passage.section_path)
    return place_text(titles, passage.sentences[number].text)


async def _share(read: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Floats:
    """What `read` gives of each text, shape (len(texts),), a part of them in each thread."""
    parts = [texts[first::THREADS] for first in range(THREADS)]
    found = np.empty(len(texts))
    given = await asyncio.gather(*(asyncio.to_thread(read, part) for part in parts))
    for first, part in enumerate(given):
        found[first::THREADS] = part
    return found


def _weigh(
    passage: Passage, place: int, given: Mapping[Place, _Reading], rest: _Reading
) -> Passage:
    sentences = tuple(
        replace(sentence, score=max(0.0, sentence.score + read.added), odds=read.odds)
        for number, sentence in enumerate(passage.sentences)
        for read in (given.get((place, number), rest),)
    )
    return replace(passage, sentences=sentences)
