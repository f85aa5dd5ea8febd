"""The morning page: what the coming days ask of a broker, from the portfolio's rows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from api.identities import Reader, ServicesOf
from core.context import Context
from crm.query_parts import Filter
from tools.outputs import Rows, show_cell
from tools.reads import read_list

router = APIRouter()
SHOWN = 8


@dataclass(frozen=True)
class Topic:
    """A list of the page: records whose `date` falls within `days` days, or is past for tasks."""

    title: str
    object: str
    date: str
    days: int
    columns: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    since: str | None = None


TOPICS = (
    Topic(
        "Préavis à envoyer sous 30 jours", "contracts", "notice_deadline_on", 30,
        ("reference", "account.name", "supplier"),
        (Filter(field="status", operator="in", value=["active", "ending"]),),
    ),
    Topic(
        "Appels d’offres à remettre sous 15 jours", "tenders", "submission_deadline", 15,
        ("reference", "title", "buyer"),
        (Filter(field="status", operator="in", value=["detected", "qualifying", "go"]),),
    ),
    Topic(
        "Tâches échues ou à faire sous 7 jours", "tasks", "due_on", 7,
        ("title", "account.name", "owner.full_name"),
        (Filter(field="status", value="open"),), since="2000-01-01",
    ),
    Topic(
        "Non-conformités à traiter sous 7 jours", "non_conformities", "due_on", 7,
        ("reference", "account.name", "severity"),
        (Filter(field="status", operator="ne", value="closed"),), since="2000-01-01",
    ),
)  # fmt: skip


class MorningLine(BaseModel):
    """A record: its name, what situates it, its date, all in French."""

    record_id: UUID
    title: str
    detail: str
    date: str


class MorningTopic(BaseModel):
    """A list and how many records it holds in all."""

    title: str
    total: int
    lines: tuple[MorningLine, ...]


@router.get("/morning")
async def get_morning(reader: Reader, services: ServicesOf) -> tuple[MorningTopic, ...]:
    """Deadlines of the coming days, the nearest first."""
    context = services.make_context(reader)
    return tuple([await _read(context, topic) for topic in TOPICS])


async def _read(context: Context, topic: Topic) -> MorningTopic:
    until = (context.today + dt.timedelta(days=topic.days)).isoformat()
    between = Filter(
        field=topic.date,
        operator="between",
        value=[topic.since or context.today.isoformat(), until],
    )
    columns = (*topic.columns, topic.date)
    rows = await read_list(
        context, topic.object, [*topic.filters, between], [], columns, topic.date, False, SHOWN
    )
    return MorningTopic(title=topic.title, total=rows.total_rows, lines=tuple(_lines(rows)))


def _lines(rows: Rows) -> list[MorningLine]:
    lines: list[MorningLine] = []
    for record_id, row in zip(rows.record_ids, rows.rows, strict=True):
        title, *details, date = [show_cell(row[c.name], c) for c in rows.columns]
        detail = " · ".join(text for text in details if text != "–")
        lines.append(MorningLine(record_id=record_id, title=title, detail=detail, date=date))
    return lines
