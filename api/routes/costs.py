"""What was spent on models, and the budgets."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from api.identities import Person, Reader, ServicesOf
from api.paging import PageOf
from core.context import PARIS, system_clock
from core.errors import InvalidInput
from core.ledger.budgets import list_budgets, list_warnings, set_budget
from core.ledger.costs import CostLine, Grouping, list_costs, total, write_csv

router = APIRouter()

PRIVATE = {"cache-control": "no-store"}
DAYS_SHOWN = 30
LONGEST_SPAN = dt.timedelta(days=3660)


class CostOut(BaseModel):
    """The calls of one group; amounts in euros, grams of CO2 equivalent by estimate."""

    key: str
    calls: int
    fallbacks: int
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    cost_eur: Decimal
    gco2e: Decimal
    is_estimated: bool
    is_priced: bool


class CostsOut(BaseModel):
    """The groups of a span of days, their total, and the warnings of its reader."""

    by: Grouping
    since: dt.date
    until: dt.date
    lines: list[CostOut]
    total: CostOut
    warnings: list[str]


class BudgetOut(BaseModel):
    """A limit that the firm has set."""

    scope: str
    period: str
    limit_eur: Decimal


class BudgetIn(BaseModel):
    """A limit to set."""

    model_config = ConfigDict(extra="forbid")

    scope: str = Field(max_length=80)
    period: Literal["day", "month"]
    limit_eur: Decimal = Field(ge=0, max_digits=12, decimal_places=2)


@router.get("/costs", response_model=CostsOut)
async def get_costs(
    reader: Reader,
    services: ServicesOf,
    by: Grouping = "day",
    since: dt.date | None = None,
    until: dt.date | None = None,
    form: Annotated[Literal["json", "csv"], Query(alias="format")] = "json",
) -> Response:
    """The firm's spending for a director or an administrator, their own for anyone else."""
    first, last = choose_span(since, until)
    lines = await list_costs(services.database, reader, by, first, last)
    if form == "csv":
        name = f'attachment; filename="voltaire-couts-{by}-{first}-{last}.csv"'
        return Response(
            write_csv(lines),
            media_type="text/csv; charset=utf-8",
            headers={**PRIVATE, "content-disposition": name},
        )
    warnings = await list_warnings(services.database, reader, system_clock())
    found = CostsOut(
        by=by,
        since=first,
        until=last,
        lines=[describe(line) for line in lines],
        total=describe(total(lines)),
        warnings=[warning.message for warning in warnings],
    )
    return Response(found.model_dump_json(), media_type="application/json", headers=PRIVATE)


@router.get("/budgets")
async def get_budgets(reader: Reader, services: ServicesOf, page: PageOf) -> list[BudgetOut]:
    """The limits that the firm has set; the settings hold for the others."""
    found = page.cut(await list_budgets(services.database, reader))
    return [BudgetOut(scope=b.scope, period=b.period, limit_eur=b.limit_eur) for b in found]


@router.put("/budgets", status_code=204)
async def put_budget(body: BudgetIn, identity: Person, services: ServicesOf) -> None:
    """Set a limit; administrators only."""
    await set_budget(services.database, identity, body.scope, body.period, body.limit_eur)


def choose_span(since: dt.date | None, until: dt.date | None) -> tuple[dt.date, dt.date]:
    """The first and last days asked for; by default the thirty that end today, in Paris.

    Raises InvalidInput when the days are not in order, or too far apart.
    """
    last = until or system_clock().astimezone(PARIS).date()
    days_before = min(DAYS_SHOWN, last.toordinal()) - 1
    first = since or last - dt.timedelta(days=days_before)
    if not dt.timedelta(0) <= last - first <= LONGEST_SPAN:
        raise InvalidInput(
            "La période va d’une date de début à une date de fin qui la suit, dix ans au plus tard."
        )
    return first, last


def describe(line: CostLine) -> CostOut:
    """The line as the API gives it."""
    return CostOut(
        key=line.key,
        calls=line.calls,
        fallbacks=line.fallbacks,
        input_tokens=line.usage.input_tokens,
        cache_read_tokens=line.usage.cache_read_tokens,
        cache_write_tokens=line.usage.cache_write_tokens,
        output_tokens=line.usage.output_tokens,
        cost_eur=line.cost_eur,
        gco2e=round(line.gco2e, 3),
        is_estimated=line.is_estimated,
        is_priced=line.is_priced,
    )
