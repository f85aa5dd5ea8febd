"""A second look at the sentences most likely to answer, each read whole in its context.

Searching a firm's passages must be quick; an answer quotes few sentences, and can afford this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from knowledge.answerability import MOST_ODDS, leave_day_out
from knowledge.found import Passage, SearchResult
from knowledge.indexing import join_titles, place_text
from knowledge.passage_embedder import PassageEmbedder, Vectors, get_passage_embedder

# Sentences read, the best by their words, and how much their likeness and their odds count.
READ = 8
LIKENESS_WEIGHT, ODDS_WEIGHT = 2.8, 0.02
THREADS = 2

Place = tuple[int, int]


class SentenceReader(Protocol):
    """Reads a question with sentences: the logarithm of the odds that each answers."""

    def score(self, question: str, sentences: Sequence[str]) -> Vectors:
        """One number by sentence, each given under its titles: shape (len(sentences),)."""
        ...


async def read_closely(
    result: SearchResult,
    embedder: PassageEmbedder | None = None,
    reader: SentenceReader | None = None,
) -> SearchResult:
    """`result` with its sentences weighed by their likeness to the question, and read with it.

    Those read are given their odds; the others are taken for as far from the question as the
    farthest of those read.
    """
    places = _list_best(result)
    if not places:
        return result
    model = embedder or get_passage_embedder()
    texts = [_place_text(result.passages[p], s) for p, s in places]
    asked = leave_day_out(result.question.text)
    read = await asyncio.gather(
        *(
            asyncio.to_thread(_read, model, reader or _find_reader(), asked, texts[first::THREADS])
            for first in range(THREADS)
        )
    )
    likeness, odds = np.empty(len(texts)), np.empty(len(texts))
    for first, (vectors, scores) in enumerate(read):
        likeness[first::THREADS] = vectors @ result.vector
        odds[first::THREADS] = np.clip(scores, -MOST_ODDS, MOST_ODDS)
    added = LIKENESS_WEIGHT * (likeness - model.unrelated) + ODDS_WEIGHT * odds
    given = {
        place: (gain, chance)
        for place, gain, chance in zip(places, added.tolist(), odds.tolist(), strict=True)
    }
    passages = tuple(
        _weigh(passage, place, given, float(added.min()))
        for place, passage in enumerate(result.passages)
    )
    return replace(result, passages=passages)


def _find_reader() -> SentenceReader:
    from knowledge.cross_encoder import get_cross_encoder

    return get_cross_encoder()


def _read(
    model: PassageEmbedder, reader: SentenceReader, asked: str, texts: Sequence[str]
) -> tuple[Vectors, Vectors]:
    return model.encode(texts), reader.score(asked, texts)


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


def _weigh(
    passage: Passage, place: int, given: Mapping[Place, tuple[float, float]], least: float
) -> Passage:
    sentences = tuple(
        replace(
            sentence,
            score=max(0.0, sentence.score + given.get((place, number), (least,))[0]),
            odds=given[place, number][1] if (place, number) in given else None,
        )
        for number, sentence in enumerate(passage.sentences)
    )
    return replace(passage, sentences=sentences)
