"""The case files: what a question of an evaluation is, checked when read."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

FOLDER = Path(__file__).parent / "cases"
TODAY = dt.date(2026, 11, 22)
"""The day at which every question is asked: references and dates of the cases hold on it."""

Loaded = TypeVar("Loaded")
Status = Literal["answered", "clarification", "unanswered", "refused"]


class CaseModel(BaseModel):
    """Frozen, with no field unknown to its declaration."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Related(CaseModel):
    """Rows of another table that point at the wanted ones by the column `link`."""

    table: str
    link: str
    where: list[tuple[Any, ...]] = []


class TruthSpec(CaseModel):
    """A function of `evals.portfolio.truths` and its parameters."""

    function: Literal[
        "count", "aggregate", "list", "values", "extremes", "groups", "share", "whether"
    ]
    table: str
    where: list[tuple[Any, ...]] = []
    within: list[tuple[Any, ...]] = []
    present: Related | None = None
    absent: Related | None = None
    show: list[str] = []
    field: str | None = None
    weight: str | None = None
    by: str | None = None
    measure: Literal["count", "sum", "mean", "weighted_mean"] = "count"
    order: Literal["asc", "desc"] = "desc"
    limit: int | None = None
    shows_figure: bool = True
    exact: bool = True
    only: bool = False
    reason: str | None = None

    @model_validator(mode="after")
    def _check(self) -> TruthSpec:
        if self.function in ("list", "values", "extremes") and not self.show:
            raise ValueError("`show` manque")
        if self.function == "groups" and self.by is None:
            raise ValueError("`by` manque")
        return self


class Silence(CaseModel):
    """An answer that must not be given: the allowed statuses and what may not be said."""

    statuses: list[Status] = ["unanswered", "refused"]
    mention: list[str] = []
    forbid: list[str] = []


class PortfolioCase(CaseModel):
    """A question, or a short conversation whose last question is scored.

    `truth` lists the defensible readings: one of them is enough (`every`: all are needed), and
    each beyond the first states its reason. The answer cites rows, unless the same fact also
    stands in a document (`documents_may_answer`).
    """

    id: str
    purpose: str
    question: str | None = None
    turns: list[str] = []
    user: str = "sarah"
    phrasing: Literal["tool", "free"]
    tags: list[str] = Field(min_length=1)
    truth: list[TruthSpec] = []
    every: bool = False
    documents_may_answer: bool = False
    silence: Silence | None = None

    @model_validator(mode="after")
    def _check(self) -> PortfolioCase:
        if (self.question is None) == (not self.turns):
            raise ValueError("une question ou des tours, pas les deux")
        if (self.silence is None) == (not self.truth):
            raise ValueError("une vérité ou un silence, pas les deux")
        if not self.every and any(spec.reason is None for spec in self.truth[1:]):
            raise ValueError("une seconde lecture donne sa raison")
        return self

    @property
    def questions(self) -> list[str]:
        """What is asked, in order."""
        return self.turns or [str(self.question)]


class Sentence(CaseModel):
    """A stored sentence: the document's code and fragments that one quote must contain."""

    document: str
    sentence: str
    also: list[str] = []


class Expectation(CaseModel):
    """The sentence to cite, or none; `others` are sentences that answer as well."""

    document: str | None = None
    sentence: str | None = None
    also: list[str] = []
    others: list[Sentence] = []
    as_of: dt.date | None = None
    unanswerable: bool = False
    forbid_documents: list[str] = []

    @model_validator(mode="after")
    def _check(self) -> Expectation:
        if self.unanswerable == (self.sentence is not None):
            raise ValueError("une phrase attendue ou `unanswerable`, pas les deux")
        if (self.sentence is None) != (self.document is None):
            raise ValueError("le document et la phrase vont ensemble")
        return self

    @property
    def sentences(self) -> list[Sentence]:
        """The sentences of which one must be cited."""
        if self.document is None or self.sentence is None:
            return []
        first = Sentence(document=self.document, sentence=self.sentence, also=self.also)
        return [first, *self.others]


class KnowledgeCase(CaseModel):
    """A question about the documents; `tags` say what it is hard by."""

    id: str
    purpose: str
    question: str
    user: str = "sarah"
    tags: list[str] = []
    expect: Expectation


def load_portfolio_cases(path: Path = FOLDER / "portfolio.yaml") -> list[PortfolioCase]:
    """The portfolio questions, in file order. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[PortfolioCase]))


def load_knowledge_cases(path: Path = FOLDER / "knowledge.yaml") -> list[KnowledgeCase]:
    """The knowledge questions, in file order. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[KnowledgeCase]))


def load_energy_cases(path: Path = FOLDER / "energy.yaml") -> list[KnowledgeCase]:
    """The energy question set, in file order. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[KnowledgeCase]))


def load_abstention_cases(path: Path = FOLDER / "abstention.yaml") -> list[KnowledgeCase]:
    """The new questions, in file order. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[KnowledgeCase]))


def load_calibration_cases(path: Path = FOLDER / "calibration.yaml") -> list[KnowledgeCase]:
    """The questions that only calibrate abstention. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[KnowledgeCase]))


def load_nearby_cases(path: Path = FOLDER / "nearby.yaml") -> list[KnowledgeCase]:
    """The questions near the documents, in file order. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[KnowledgeCase]))


def load_everyday_cases(path: Path = FOLDER / "everyday.yaml") -> list[KnowledgeCase]:
    """The questions of everyday work, in file order. Raises ValidationError on a bad file."""
    return _load(path, TypeAdapter(list[KnowledgeCase]))


def _load(path: Path, shape: TypeAdapter[Loaded]) -> Loaded:
    return shape.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
