"""The summary of a thread, every item with its evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from core.engine.provenance import Provenance
from core.spans import Span
from ingest.mail.facts import Amount, Anomaly, Category, Code, Deadline
from ingest.mail.thread import HiddenText

Tone = Literal["neutral", "friendly", "worried", "annoyed", "angry"]
TONE_LABELS: dict[Tone, str] = {
    "neutral": "neutre", "friendly": "cordial", "worried": "inquiet", "annoyed": "mécontent",
    "angry": "en colère",
}  # fmt: skip


@dataclass(frozen=True)
class Item:
    """A sentence of the summary and what proves it."""

    text: str
    evidence: tuple[Span, ...]


@dataclass(frozen=True)
class RecordFact:
    """What the portfolio knows of the matter, computed; `record` is «table:id»."""

    text: str
    record: str


@dataclass(frozen=True)
class EmailSummary:
    """A thread in short. `is_short`: the mail says it all, `items` would only repeat it.

    `key` names the set of messages read, so that the same set is never summarised twice.
    `dropped` counts what a model claimed and the thread did not prove. `records` are the contracts
    whose end the thread speaks of, with the last day of their notice.
    """

    key: str
    subject: str
    category: Category
    urgency: int
    is_short: bool
    request: tuple[Item, ...]
    facts: tuple[Item, ...]
    decisions: tuple[Item, ...]
    open_questions: tuple[Item, ...]
    deadlines: tuple[Deadline, ...]
    amounts: tuple[Amount, ...]
    codes: tuple[Code, ...]
    tone: Tone
    next_action: str
    new_since: dt.datetime | None
    anomalies: tuple[Anomaly, ...]
    hidden: tuple[HiddenText, ...]
    provenance: Provenance
    dropped: int = 0
    records: tuple[RecordFact, ...] = ()
