"""What a search found: passages, and their sentences scored once somebody reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import overload
from uuid import UUID

from knowledge.passage_embedder import Vectors
from knowledge.passage_texts import PassageText
from knowledge.sentence_scores import Question, SentenceContext, score_sentence


@dataclass(frozen=True)
class Sentence:
    """A sentence of a passage: the span [start, end) of its text; `score` from 0 to about 1.

    `odds` are the log-odds that it answers, once it has been read beside the question.
    """

    ordinal: int
    start: int
    end: int
    text: str
    page: int
    box: tuple[float, ...] | None
    score: float
    odds: float | None = None


@dataclass(frozen=True)
class FoundSentences(Sequence[Sentence]):
    """The sentences of the passage `body`, under `titles`.

    `share` is the score of the passage over that of the best one.
    """

    question: Question
    body: str
    text: PassageText
    titles: str
    share: float

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Sentence]: ...
    def __getitem__(self, index: int | slice) -> Sentence | Sequence[Sentence]:
        """One sentence, or some."""
        return self._scored[index]

    def __len__(self) -> int:
        """How many there are."""
        return len(self.text.sizes)

    @cached_property
    def _scored(self) -> tuple[Sentence, ...]:
        return tuple(self._score())

    def _score(self) -> Iterator[Sentence]:
        context = SentenceContext.of(self.question, self.titles, self.share)
        starts, ends, pages = self.text.spans.tolist()
        for ordinal, (start, end, page, box, terms) in enumerate(
            zip(starts, ends, pages, self.text.list_boxes(), self.text.sentence_terms, strict=True)
        ):
            text = self.body[start:end]
            score = score_sentence(self.question, text, terms, context)
            yield Sentence(ordinal, start, end, text, page, box, score)


@dataclass(frozen=True)
class Passage:
    """A found chunk, with the document and version it belongs to."""

    chunk_id: int
    document_id: UUID
    version_id: UUID
    code: str
    title: str
    version_label: str
    status: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    section_path: str
    kind: str
    text: str
    score: float
    lexical: float
    dense: float
    sentences: Sequence[Sentence]


@dataclass(frozen=True)
class SearchResult:
    """Passages found for `query`, best first.

    `question` and `vector`, shape (dimensions,), are what they were weighed against.
    """

    query: str
    passages: tuple[Passage, ...]
    question: Question
    vector: Vectors
    duration_ms: float
