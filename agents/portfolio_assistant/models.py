"""What the assistant gives back: an answer, its proofs, and the events on the way to it."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from agents.triage.acts import MailAct
from tools.cards import Card

Status = Literal["answered", "uncertain", "clarification", "unanswered", "refused", "failed"]
"""`uncertain` quotes what comes nearest, to be checked: nothing is asserted."""


class Model(BaseModel):
    """Frozen, with no field unknown to its declaration."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentCitation(Model):
    """A sentence of a stored document, word for word."""

    kind: Literal["document"] = "document"
    number: int
    document_id: UUID
    version_id: UUID
    code: str
    title: str
    version_label: str
    status: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    section: str
    page: int
    quote: str
    chunk_id: int
    start: int
    end: int


class RecordCitation(Model):
    """Rows of the CRM: which ones, by which query, when."""

    kind: Literal["records"] = "records"
    number: int
    label: str
    tool: str
    tool_run_id: UUID
    record_ids: tuple[UUID, ...]
    total_rows: int
    query: str
    executed_at: dt.datetime


Citation = Annotated[DocumentCitation | RecordCitation, Field(discriminator="kind")]


class Column(Model):
    """A column of a displayed table."""

    name: str
    label: str
    is_numeric: bool


class Table(Model):
    """Rows rendered by code from a tool run; cells are already written in French.

    `totals` sums the columns that add up over all the rows; the other cells are empty. `run_id` is
    the run that gave the rows, `object` what they are records of, empty for figures.
    """

    number: int
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    totals: tuple[str, ...] = ()
    total_rows: int
    run_id: UUID | None = None
    object: str = ""


class Answer(Model):
    """A finished answer. `text` is Markdown with `[n]` markers naming the citations.

    `proposals` are the cards of the changes this turn proposed, as they were then; `outcomes`
    those of earlier proposals settled since the user's last turn; `mail_acts` what may be done of
    the mails it tells of. `fallback_reason` says why rules answered where a model was asked.
    `is_drawn` when a chart was asked for: its tables are drawn where they can be.
    """

    turn_id: UUID
    conversation_id: UUID
    question: str
    status: Status
    text: str
    citations: tuple[Citation, ...] = ()
    tables: tuple[Table, ...] = ()
    suggestions: tuple[str, ...] = ()
    proposals: tuple[Card, ...] = ()
    outcomes: tuple[Card, ...] = ()
    mail_acts: tuple[MailAct, ...] = ()
    engine: str
    is_model: bool
    fallback_reason: str | None = None
    removed_citations: int = 0
    unproved_numbers: int = 0
    is_drawn: bool = False
    duration_ms: int


class StepStarted(Model):
    """A tool begins; `label` is what a broker reads («Recherche des contrats»)."""

    type: Literal["step_started"] = "step_started"
    step_id: str
    tool: str
    label: str


class StepFinished(Model):
    """A tool ended; `summary` is one French line («12 contrats trouvés»)."""

    type: Literal["step_finished"] = "step_finished"
    step_id: str
    tool: str
    label: str
    summary: str
    is_error: bool
    duration_ms: int


class TextDelta(Model):
    """A piece of the answer's prose, as it is written, before verification."""

    type: Literal["text_delta"] = "text_delta"
    text: str


class AnswerReady(Model):
    """The verified answer: it replaces whatever was streamed."""

    type: Literal["answer"] = "answer"
    answer: Answer


AssistantEvent = StepStarted | StepFinished | TextDelta | AnswerReady
