"""The threads and texts that mail reading is measured on, with their truths."""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from ingest.mail.message import MailAddress, MailMessage
from ingest.mail.mime import parse_mail

THREADS, QUOTES, NEGATIVES = (
    "emails-authored", ("reply-quotes", "reply-quotes-willdurand"), "melusine-emails-fr/emails.csv",
)  # fmt: skip
MOMENT = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.UTC)


class Quoted(BaseModel):
    """A labelled passage."""

    model_config = ConfigDict(extra="ignore")
    quote: str


class Limit(BaseModel):
    """A labelled deadline."""

    model_config = ConfigDict(extra="ignore")
    raw: str
    iso: dt.date


class Quantity(BaseModel):
    """A labelled amount."""

    model_config = ConfigDict(extra="ignore")
    raw: str
    value: Decimal
    unit: str


class NonConformity(BaseModel):
    """The labelled non-conformity; severity and family in French."""

    model_config = ConfigDict(extra="ignore")
    label: str
    severity: str | None = None
    family: str | None = None
    evidence_quote: str | None = None


class Inline(BaseModel):
    """A labelled answer between the lines."""

    model_config = ConfigDict(extra="ignore")
    question_quote: str
    answer_quote: str


class Injection(BaseModel):
    """A labelled attempt at steering."""

    model_config = ConfigDict(extra="ignore")
    present: bool
    payload_quote: str = ""


class ThreadTruth(BaseModel):
    """What is true of a thread (the columns that are scored)."""

    model_config = ConfigDict(extra="ignore")
    id: str
    messages: list[str]
    mailbox_owner: str
    category: str
    category_acceptable: list[str]
    urgency: int
    non_conformity: NonConformity
    requests: list[Quoted]
    questions: list[Quoted]
    deadlines: list[Limit]
    amounts: list[Quantity]
    amounts_tolerated: list[str]
    dates_tolerated: list[str]
    delivery_points: list[str]
    sirets: list[str]
    contract_refs: list[str]
    other_refs: list[str]
    new_text: list[str]
    inline_answers: list[Inline]
    should_draft: bool
    draft_must_not_contain: list[str]
    injection: Injection | None = None

    @property
    def own_domains(self) -> frozenset[str]:
        """The firm's domain."""
        return frozenset({self.mailbox_owner.rpartition("@")[2]})


@dataclass(frozen=True)
class ThreadCase:
    """A thread as received, and its truth."""

    truth: ThreadTruth
    messages: tuple[MailMessage, ...]


@dataclass(frozen=True)
class QuoteCase:
    """A text and the reply that a project's own assertions expect of it.

    `is_start`: the expected text is only how the reply begins.
    """

    id: str
    message: MailMessage
    expected: str
    is_start: bool


def load_threads(folder: Path) -> list[ThreadCase]:
    """The authored threads."""
    base = folder / THREADS
    lines = (base / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    truths = [ThreadTruth.model_validate_json(line) for line in lines if line.strip()]
    return [
        ThreadCase(truth, tuple(parse_mail((base / name).read_bytes()) for name in truth.messages))
        for truth in truths
    ]


def load_quotes(folder: Path) -> list[QuoteCase]:
    """The cases of the two quote suites."""
    cases: list[QuoteCase] = []
    for suite in QUOTES:
        for line in (folder / suite / "cases.jsonl").read_text(encoding="utf-8").splitlines():
            row: dict[str, Any] = json.loads(line)
            message = _message(row["id"], "Re: question", row["text"])
            cases.append(QuoteCase(row["id"], message, row["expected"], row["kind"] == "first"))
    return cases


def load_negatives(folder: Path) -> list[MailMessage]:
    """Insurance mails: none tells a non-conformity of the trade."""
    with (folder / NEGATIVES).open(encoding="utf-8", newline="") as file:
        return [_message(row["row"], row["header"], row["body"]) for row in csv.DictReader(file)]


def _message(name: str, subject: str, text: str) -> MailMessage:
    return MailMessage(
        f"<{name}@evaluation>", subject, MailAddress("x@autre.example"), MOMENT, text=text
    )
