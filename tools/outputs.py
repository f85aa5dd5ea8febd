"""What a tool gives back: rows or passages, with what proves them."""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict

from core.formats import (
    MONTHS,
    format_date,
    format_instant,
    format_money,
    format_number,
    format_quantity,
)
from crm.contradictions import ReviewedPair
from crm.objects import OBJECTS
from crm.query_parts import OutputColumn

Cell = str | int | float | bool | list[str] | dict[str, Any] | None


class Output(BaseModel):
    """Frozen and strict; stored as JSON beside the turn that it proves."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Rows(Output):
    """Records or figures. Decimal numbers are kept as strings, dates in ISO 8601.

    `record_ids` follows `rows`; `totals` are the sums over all the records, not the shown ones.
    """

    kind: str = "rows"
    label: str
    object: str | None = None
    columns: tuple[OutputColumn, ...]
    rows: tuple[dict[str, Cell], ...]
    record_ids: tuple[UUID, ...] = ()
    total_rows: int
    totals: dict[str, Cell] = {}
    query: str
    executed_at: dt.datetime


class Sentence(Output):
    """A sentence of a passage, its span in the passage's text and how well it answers."""

    start: int
    end: int
    text: str
    page: int
    score: float


class Passage(Output):
    """A passage found in the knowledge base."""

    chunk_id: int
    document_id: UUID
    version_id: UUID
    code: str
    title: str
    version_label: str
    status: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    section: str
    kind: str
    score: float
    lexical: float
    dense: float
    sentences: tuple[Sentence, ...]


class Passages(Output):
    """Passages of the knowledge base, the best first.

    `assurance` is the calibrated chance, from 0 to 1, that they answer the query; under the
    threshold (`is_weak`) an answer abstains. `missing` are words of it that no passage holds;
    `reviewed`, what people concluded of pairs of sentences said to contradict each other. `note`
    says, from the register alone, why the one document searched has none for that day.
    """

    kind: str = "passages"
    label: str
    query: str
    as_of: dt.date | None
    assurance: float
    is_weak: bool
    missing: tuple[str, ...]
    passages: tuple[Passage, ...]
    reviewed: tuple[ReviewedPair, ...] = ()
    note: str = ""
    executed_at: dt.datetime


class NamedRecord(Output):
    """A record that a mention may name."""

    name: str
    record_id: UUID | None


class MentionItem(Output):
    """A stretch of the question and the records it may name."""

    kind: str
    start: int
    end: int
    text: str
    candidates: tuple[NamedRecord, ...]


class MentionList(Output):
    """What a question names."""

    kind: str = "mentions"
    label: str
    mentions: tuple[MentionItem, ...]
    unknown_codes: tuple[str, ...]


def keep_whole(text: str) -> str:
    """A text that echoes what was asked, half characters replaced: none can be written out."""
    return text.encode("utf-8", "replace").decode()


class Failure(Output):
    """A tool that could not do what was asked, and what to do about it."""

    kind: str = "failure"
    message: Annotated[str, AfterValidator(keep_whole)]


class ProposedLine(Output):
    """A field of a proposal, before and after, in French."""

    label: str
    before: str
    after: str


class Proposed(Output):
    """A change that now waits for a person (or that the firm's policy approved)."""

    kind: str = "proposed"
    label: str
    proposal_id: UUID
    digest: str
    account: str
    lines: tuple[ProposedLine, ...]
    needed: int
    is_new: bool
    is_approved: bool
    warnings: tuple[str, ...] = ()


ToolOutput = Rows | Passages | MentionList | Proposed | Failure


def to_cell(value: Any) -> Cell:
    """A database value as it is stored in JSON, without loss."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return f"{value.days} jours"
    if isinstance(value, list):
        return [str(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return value if isinstance(value, str | int | dict | None) else str(value)


def show_cell(value: Cell, column: OutputColumn) -> str:
    """A cell in French; an absent value is a dash."""
    if value is None or value == []:
        return "–"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} : {item}" for key, item in value.items())
    return _show_scalar(value, column)


def _show_scalar(value: str | int | float, column: OutputColumn) -> str:
    if column.kind == "date":
        return format_date(dt.date.fromisoformat(str(value)))
    if column.kind == "instant":
        return format_instant(dt.datetime.fromisoformat(str(value)))
    if column.kind in ("month", "quarter", "year"):
        return _show_bucket(str(value), column.kind)
    if column.kind == "enum" and column.object in OBJECTS:
        return OBJECTS[column.object].by_name[column.field].choice_label(str(value))
    return _show_number(value, column)


def _show_bucket(value: str, bucket: str) -> str:
    """« 2027-03 » → « mars 2027 », « 2027-T1 » → « T1 2027 »."""
    year, _, part = value.partition("-")
    if bucket == "month":
        return f"{MONTHS[int(part) - 1]} {year}"
    return f"{part} {year}" if bucket == "quarter" else year


def _show_number(value: Cell, column: OutputColumn) -> str:
    if column.kind in ("money", "price") or column.unit.startswith("€"):
        return format_money(Decimal(str(value)), column.unit or "€")
    if column.kind in ("energy", "power", "percent", "area", "number"):
        return format_quantity(Decimal(str(value)), column.unit)
    if column.kind == "decimal":
        return format_number(Decimal(str(value)))
    return str(value)
