"""What a tender file states: fact sheet, lots, criteria, delivery points, requirements."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal
from uuid import UUID

from agents.tender_scoring.evidence import Evidence, Part

Energy = Literal["electricity", "gas", "both", "heat", "other"]
Reader = Literal["rules", "model", "notice", "both"]


class Fact(Part):
    """One statement of the file. `value` is what a reader sees, in French.

    The typed fields hold what code computed from the quote; those that do not apply are None.
    `lots` is empty when the statement is about every lot. `conflict` is what the other reader
    (rules or model) read elsewhere, shown with its own evidence.
    """

    key: str
    label: str
    value: str
    evidence: tuple[Evidence, ...]
    lots: tuple[int, ...] = ()
    instant: dt.datetime | None = None
    months: int | None = None
    days: int | None = None
    hours: int | None = None
    amount_eur: Decimal | None = None
    percent: Decimal | None = None
    is_allowed: bool | None = None
    is_mandatory: bool | None = None
    read_by: Reader = "rules"
    conflict: Conflict | None = None


class Conflict(Part):
    """Another reading of the same statement."""

    value: str
    read_by: Reader
    evidence: tuple[Evidence, ...]


class Facts(Part):
    """The fact sheet. A statement that the file does not make is None or absent."""

    buyer: Fact | None = None
    title: Fact | None = None
    reference: Fact | None = None
    procedure: Fact | None = None
    contract_type: Fact | None = None
    framework: Fact | None = None
    cpv: tuple[Fact, ...] = ()
    deadline: Fact | None = None
    question_deadline: Fact | None = None
    visit: tuple[Fact, ...] = ()
    offer_validity: Fact | None = None
    call_off_validity: Fact | None = None
    duration: Fact | None = None
    renewals: Fact | None = None
    variants: tuple[Fact, ...] = ()
    price_structure: tuple[Fact, ...] = ()
    guarantees: tuple[Fact, ...] = ()
    insurance: tuple[Fact, ...] = ()
    penalties: tuple[Fact, ...] = ()
    required_documents: tuple[Fact, ...] = ()
    eliminatory: tuple[Fact, ...] = ()
    reserved_lots: tuple[Fact, ...] = ()
    platform: Fact | None = None
    signature: Fact | None = None
    payment: tuple[Fact, ...] = ()
    location: tuple[Fact, ...] = ()
    incumbents: tuple[Fact, ...] = ()


class Subcriterion(Part):
    """A part of an award criterion; `points` is None when no weight is given to it."""

    name: str
    points: Decimal | None = None


class Criterion(Part):
    """An award criterion. `lots` is empty for every lot; `weight` is in percent or points.

    `stage` separates what is not weighed together: the offers, the selection of candidates, the
    call-offs of a framework.
    """

    name: str
    weight: Decimal | None
    lots: tuple[int, ...] = ()
    stage: Literal["offer", "candidacy", "call_off"] = "offer"
    subcriteria: tuple[Subcriterion, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class CriteriaTotal(Part):
    """The sum of the weights of one lot and stage; anything but 100 is an anomaly."""

    lot: int | None
    stage: str
    total: Decimal


class Lot(Part):
    """A lot, or the whole contract when it is not divided (`number` None)."""

    number: int | None
    title: str
    energy: Energy | None = None
    segment: str | None = None
    volume_mwh: Decimal | None = None
    sites: int | None = None
    value_eur: Decimal | None = None
    value_kind: Literal["maximum", "estimate"] | None = None
    duration_months: int | None = None
    is_reserved: bool = False
    evidence: tuple[Evidence, ...] = ()
    volume_evidence: tuple[Evidence, ...] = ()
    value_evidence: tuple[Evidence, ...] = ()


class Requirement(Part):
    """A line of the compliance matrix: what is asked of the candidate, and where."""

    key: str
    text: str
    category: Literal[
        "candidacy", "offer", "capacity", "eliminatory", "technical", "administrative", "price"
    ]
    lots: tuple[int, ...] = ()
    is_eliminatory: bool = False
    answer_expected: str | None = None
    evidence: tuple[Evidence, ...] = ()


class DeliveryPoint(Part):
    """A line of the annexe of delivery points. `issues` say in French what is wrong with it."""

    code: str
    energy: Literal["electricity", "gas"]
    lot: int | None
    site: str | None
    segment: str | None
    operator: str | None
    is_eld: bool
    power_kva: Decimal | None
    volume_mwh: Decimal | None
    file: str
    loc: str
    issues: tuple[str, ...] = ()
    crm_id: UUID | None = None
    crm_account: str | None = None


class PointTotal(Part):
    """Delivery points added up by lot and energy, and what the file says of the same."""

    lot: int | None
    energy: Literal["electricity", "gas"]
    points: int
    eld_points: int
    volume_mwh: Decimal | None
    eld_volume_mwh: Decimal | None = None
    stated_points: int | None = None
    stated_volume_mwh: Decimal | None = None
    stated_evidence: tuple[Evidence, ...] = ()
    total_evidence: tuple[Evidence, ...] = ()


class EnergyBlock(Part):
    """The annexe of delivery points, checked."""

    points: tuple[DeliveryPoint, ...] = ()
    totals: tuple[PointTotal, ...] = ()
    invalid_points: int = 0
    known_points: int = 0
    eld_statement: Fact | None = None
    crm_failure: str | None = None


Fact.model_rebuild()
