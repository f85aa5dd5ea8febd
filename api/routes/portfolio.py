"""Searching the portfolio by a few words: the message extension of Teams and Outlook."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from api.identities import Reader, ServicesOf
from core.context import Context
from crm.objects import get_object
from crm.query_parts import Filter
from tools.outputs import show_cell
from tools.reads import read_list

router = APIRouter(prefix="/portfolio")
SEARCHED = ("accounts", "contracts", "sites", "delivery_points", "tenders", "non_conformities",
            "contacts")  # fmt: skip
PER_FIELD = 5
MOST = 25
WORDS = 6


class FoundRecord(BaseModel):
    """A record: its name, what it is, and a line that situates it."""

    record_id: UUID
    title: str
    kind: str
    detail: str


class FoundRecords(BaseModel):
    """The records found; `note` says so when there are none."""

    records: tuple[FoundRecord, ...]
    note: str


@router.get("/search")
async def search_portfolio(
    reader: Reader,
    services: ServicesOf,
    query: Annotated[str, Query(max_length=200, description="Nom, référence, PRM, SIRET…")] = "",
) -> FoundRecords:
    """Records of the portfolio whose name or reference has the words."""
    words = query.split()[:WORDS]
    if not words:
        return FoundRecords(records=(), note="Écrivez un nom, une référence ou un numéro.")
    found: dict[UUID, FoundRecord] = {}
    context = services.make_context(reader)
    for name in SEARCHED:
        for field in get_object(name).search:
            for record in await _find(context, name, field, words):
                found.setdefault(record.record_id, record)
    note = "" if found else f"Rien dans votre portefeuille pour « {query[:80]} »."
    return FoundRecords(records=tuple(found.values())[:MOST], note=note)


async def _find(context: Context, name: str, field: str, words: list[str]) -> list[FoundRecord]:
    declared = get_object(name)
    filters = [Filter(field=field, operator="contains", value=word) for word in words]
    rest = [column for column in declared.columns if column != declared.title]
    rows = await read_list(
        context, name, filters, [], [declared.title, *rest], None, False, PER_FIELD
    )
    kind = declared.singular[0].upper() + declared.singular[1:]
    found: list[FoundRecord] = []
    for record_id, row in zip(rows.record_ids, rows.rows, strict=True):
        title, *cells = [show_cell(row[c.name], c) for c in rows.columns]
        detail = " · ".join(cell for cell in cells if cell != "–")
        found.append(FoundRecord(record_id=record_id, title=title, kind=kind, detail=detail))
    return found
