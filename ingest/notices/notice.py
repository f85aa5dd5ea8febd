"""A notice as read: what it says, where it says it, and nothing that it does not say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from core.formats import PARIS

Source = Literal["boamp", "ted"]
Kind = Literal["contract", "award", "information", "correction", "cancellation", "modification"]
CriterionKind = Literal["price", "quality", "cost"]
Unit = Literal["hour", "day", "month", "year"]
Energy = Literal["electricity", "gas", "both"]
Procedure = Literal["open", "restricted", "adapted", "negotiated", "framework_call", "private"]
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Proof:
    """Where a value stands: the path of its element (or its line), and its words."""

    path: str
    quote: str


@dataclass(frozen=True)
class Moment:
    """A day, and its hour where the notice gives one; hours without offset are Paris time."""

    on: dt.date
    at: dt.time | None = None

    @property
    def instant(self) -> dt.datetime | None:
        """The aware instant, in Paris; None where the hour is not given."""
        if self.at is None:
            return None
        zone = self.at.tzinfo or PARIS
        moment = dt.datetime.combine(self.on, self.at.replace(tzinfo=None), zone)
        return moment.astimezone(PARIS)

    @property
    def earliest(self) -> dt.datetime:
        """The instant, or the beginning of the day: what a cautious reader holds to."""
        return self.instant or dt.datetime.combine(self.on, dt.time(0), PARIS)


@dataclass(frozen=True)
class Duration:
    """A count of units as written («24 months»)."""

    count: Decimal
    unit: Unit

    @property
    def months(self) -> Decimal | None:
        """In months, where the unit is an exact number of them."""
        return {"month": self.count, "year": self.count * MONTHS_PER_YEAR}.get(self.unit)


@dataclass(frozen=True)
class Criterion:
    """An award criterion; `weight` is None where not given, `weight_text` is as written."""

    name: str
    kind: CriterionKind | None
    weight: Decimal | None
    weight_text: str | None
    proof: Proof


@dataclass(frozen=True)
class Lot:
    """A lot; None and empty mean that the notice does not say.

    `are_criteria_elsewhere` tells that the notice refers to the tender documents for them.
    """

    number: str | None
    title: str | None = None
    description: str | None = None
    energy: Energy | None = None
    cpv: tuple[str, ...] = ()
    nuts: tuple[str, ...] = ()
    value: Decimal | None = None
    currency: str | None = None
    quantity: Decimal | None = None
    quantity_unit: str | None = None
    duration: Duration | None = None
    start_on: dt.date | None = None
    end_on: dt.date | None = None
    criteria: tuple[Criterion, ...] = ()
    are_criteria_elsewhere: bool = False
    is_renewable: bool | None = None
    renewal: str | None = None
    allows_variants: bool | None = None
    is_reserved: bool | None = None
    proofs: Mapping[str, Proof] = field(default_factory=dict[str, Proof])


@dataclass(frozen=True)
class Award:
    """A lot's outcome as published; a date in the far past is a placeholder and is left out."""

    lot: str | None
    winner: str | None
    amount: Decimal | None
    currency: str | None
    awarded_on: dt.date | None
    offers: int | None
    proof: Proof


@dataclass(frozen=True)
class Notice:
    """A published notice. `form` names what it was read from; `proofs` are keyed by field."""

    source: Source
    form: str
    kind: Kind
    id: str | None = None
    url: str | None = None
    buyer: str | None = None
    buyer_id: str | None = None
    reference: str | None = None
    title: str | None = None
    description: str | None = None
    nature: str | None = None
    procedure: Procedure | None = None
    cpv: str | None = None
    cpv_additional: tuple[str, ...] = ()
    value: Decimal | None = None
    currency: str | None = None
    lots: tuple[Lot, ...] = ()
    announced_lots: int | None = None
    deadline: Moment | None = None
    questions_deadline: Moment | None = None
    validity: Duration | None = None
    published_on: dt.date | None = None
    is_framework: bool | None = None
    framework: str | None = None
    visit: str | None = None
    platform_url: str | None = None
    departments: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    refers_to: tuple[str, ...] = ()
    awards: tuple[Award, ...] = ()
    doubts: tuple[str, ...] = ()
    proofs: Mapping[str, Proof] = field(default_factory=dict[str, Proof])

    @property
    def all_cpv(self) -> tuple[str, ...]:
        """Every CPV code of the notice and of its lots, without repeats."""
        codes = [self.cpv, *self.cpv_additional, *(c for lot in self.lots for c in lot.cpv)]
        return tuple(dict.fromkeys(code for code in codes if code))
