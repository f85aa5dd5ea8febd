"""A second look at the sentences most likely to answer, each read whole in its context.

Searching a firm's passages must be quick; an answer quotes few sentences, and can afford this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from knowledge.found import Passage, SearchResult
from knowledge.indexing import join_titles, place_text
from knowledge.passage_embedder import PassageEmbedder, get_passage_embedder

# Sentences read, the best by their words, and how much their likeness counts.
READ = 16
LIKENESS_WEIGHT = 3.2
THREADS = 2

Place = tuple[int, int]


async def read_closely(
    result: SearchResult, embedder: PassageEmbedder | None = None
) -> SearchResult:
    """`result` with its sentences weighed by their likeness to the question.

    The others are taken for as far from it as the farthest of those read.
    """
    model = embedder or get_passage_embedder()
    places = _list_best(result)
    if not places:
        return result
    texts = [_place_text(result.passages[p], s) for p, s in places]
    parts = [texts[first::THREADS] for first in range(THREADS)]
    vectors = await asyncio.gather(*(asyncio.to_thread(model.encode, part) for part in parts))
    likeness = np.empty(len(texts))
    for first, part in enumerate(vectors):
        likeness[first::THREADS] = part @ result.vector
    added = LIKENESS_WEIGHT * (likeness - model.unrelated)
    given = dict(zip(places, added.tolist(), strict=True))
    passages = tuple(
        _weigh(passage, place, given, float(added.min()))
        for place, passage in enumerate(result.passages)
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


def _weigh(passage: Passage, place: int, given: Mapping[Place, float], least: float) -> Passage:
    sentences = tuple(
        replace(sentence, score=max(0.0, sentence.score + given.get((place, number), least)))
        for number, sentence in enumerate(passage.sentences)
    )
    return replace(passage, sentences=sentences)
