"""Energy contracts: chains of past, present and coming ones over the same delivery points."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from demo.accounts import Client
from demo.book import Book, Row
from demo.pricing import (
    FICTIONAL_SUPPLIERS,
    GREEN_SUPPLIERS,
    SUPPLIERS,
    contract_price,
    round_cents,
)
from demo.risk import assess_risk
from demo.situations import ORDINARY, SITUATIONS, Situation

ENDING_DAYS = 90
END_OFFSETS = (8, 22, 38, 52, 71, 88, 103, 130, 165, 178, 240, 300, 420, 610, 820)
NOTICES = (30, 60, 90, 90, 120, 180)
TOLERANCES = (Decimal(5), Decimal(10), Decimal(10), Decimal(15), Decimal(20))
AMENDMENTS = {
    "scope": "Ajout du point {code} au périmètre, sans changement de prix.",
    "price": "Fixation d’un clic : {price} €/MWh sur 30 % du volume restant.",
    "duration": "Prolongation de douze mois aux conditions du contrat.",
    "power": "Passage de la puissance souscrite du point {code} au palier supérieur.",
}


@dataclass(frozen=True)
class Term:
    """One contract's period and standing, and with whom it is signed."""

    start_on: dt.date
    end_on: dt.date
    status: str
    supplier: str = ""
    situation: Situation = ORDINARY


def write_contracts(book: Book, client: Client, *, disputed: bool) -> None:
    """Write every contract of `client`; `disputed` clients buy from fictional suppliers only."""
    profile = client.profile
    if profile.status == "prospect":
        return
    for energy in ("electricity", "gas"):
        points = [p for p in book.of("delivery_points", client.account) if p["energy"] == energy]
        for group, grouped in enumerate(split_points(points)):
            random = book.random("contracts", profile.key, energy, group)
            pool = FICTIONAL_SUPPLIERS if disputed else SUPPLIERS
            suppliers = random.sample(sorted(set(pool[energy])), k=2)
            key = (profile.key, energy)
            situation = ORDINARY if group else SITUATIONS.get(key, ORDINARY)
            for rank, term in enumerate(plan_terms(book, client, situation, random)):
                supplier = suppliers[rank % 2] if random.random() < 0.6 else suppliers[0]
                _write_contract(book, client, grouped, replace(term, supplier=supplier), random)


def split_points(points: Sequence[Row]) -> list[list[Row]]:
    """Small sites and large ones in contracts of their own, when a client has many."""
    if len(points) < 6:
        return [list(points)] if points else []
    small = [p for p in points if p["segment"] in ("C5", "T1", "T2")]
    large = [p for p in points if p["segment"] not in ("C5", "T1", "T2")]
    return [group for group in (large, small) if group]


def plan_terms(book: Book, client: Client, situation: Situation, random: Random) -> list[Term]:
    """The periods of a chain of contracts, oldest first; `situation` is the present one's."""
    current = _current_term(book, situation, random)
    if client.profile.status == "former":
        end = book.day(-random.randint(100, 500))
        return [Term(_years_before(end, 2), end, "ended")]
    terms = [current]
    if client.profile.client_years > 2 and random.random() < 0.65:
        before = "terminated" if client.profile.status == "at_risk" else "ended"
        end = current.start_on - dt.timedelta(days=1)
        terms.insert(0, Term(_years_before(end, random.choice((1, 2, 3))), end, before))
    if current.status == "ending" and random.random() < 0.45:
        start = current.end_on + dt.timedelta(days=1)
        end = _years_before(start, -random.choice((1, 2, 3))) - dt.timedelta(days=2)
        terms.append(Term(start, end, "draft"))
    return terms


def _current_term(book: Book, situation: Situation, random: Random) -> Term:
    end = _pick_end(book, random)
    if situation.ends_in_days is not None:
        end = book.day(situation.ends_in_days)
    usual = random.choice((1, 2, 3, 3, 4))
    years = situation.years or usual
    start = _years_before(end, years)
    while start > book.today:
        years += 1
        start = _years_before(end, years)
    status = "ending" if (end - book.today).days <= ENDING_DAYS else "active"
    return Term(start, end, status, situation=situation)


def _pick_end(book: Book, random: Random) -> dt.date:
    if random.random() < 0.45:
        end = dt.date(book.today.year + random.choice((0, 1, 1, 2, 3)), 12, 31)
    else:
        end = book.day(random.choice(END_OFFSETS) + random.randint(0, 5))
    return end if end > book.today else dt.date(end.year + 1, 12, 31)


def _years_before(end: dt.date, years: int) -> dt.date:
    """The first day of a period of `years` years that ends on `end`."""
    following = end + dt.timedelta(days=1)
    if (following.month, following.day) == (2, 29):
        following = following.replace(day=28)
    return following.replace(year=following.year - years)


def _write_contract(
    book: Book,
    client: Client,
    points: Sequence[Row],
    term: Term,
    random: Random,
) -> Row:
    energy = str(points[0]["energy"])
    number = len(book.tables["contracts"]) + 1
    contract = book.add(
        "contracts",
        f"{number:05d}",
        term.start_on - dt.timedelta(days=random.randint(25, 120)),
        owner_id=client.account["owner_id"],
        account_id=client.account["id"],
        tender_id=None,
        reference=f"CT-{term.start_on.year}-{number:04d}",
        supplier=term.supplier,
        energy=energy,
        **_price_columns(points, term, random),
        start_on=term.start_on,
        end_on=term.end_on,
        **_clause_columns(client, term, random),
        green_share_pct=_green_share(term.supplier, energy, random),
        status=term.status,
    )
    _link_points(book, contract, points, term)
    contract.update(_risk_columns(book, client, contract, points))
    _write_amendments(book, contract, points, term, random)
    return contract


def _price_columns(points: Sequence[Row], term: Term, random: Random) -> dict[str, object]:
    told = term.situation
    usual = random.choices(("fixed", "indexed", "click", "block_spot"), (60, 16, 14, 10))[0]
    price_type = told.price_type or usual
    price = contract_price(str(points[0]["energy"]), price_type, term.start_on, random)
    price = told.price_eur_per_mwh or price
    is_unpriced = term.status == "draft" and random.random() < 0.5
    volume = sum((p["annual_consumption_mwh"] for p in points), Decimal(0))
    volume = (volume * told.volume_share).quantize(Decimal("0.001"))
    return {
        "price_type": price_type,
        "price_eur_per_mwh": None if is_unpriced else price,
        "annual_volume_mwh": volume,
        "annual_amount_eur": None if is_unpriced else round_cents(price * volume),
    }


def _clause_columns(client: Client, term: Term, random: Random) -> dict[str, object]:
    told = term.situation
    notice, tolerance = random.choice(NOTICES), random.choice(TOLERANCES)
    is_tacit = client.profile.segment != "local_authority" and random.random() < 0.4
    return {
        "notice_days": notice if told.notice_days is None else told.notice_days,
        "tacit_renewal": is_tacit if told.tacit_renewal is None else told.tacit_renewal,
        "tolerance_band_pct": told.tolerance_band_pct or tolerance,
    }


def _green_share(supplier: str, energy: str, random: Random) -> Decimal:
    if energy == "gas":
        return Decimal(random.choice((0, 0, 0, 5, 10, 20)))
    if supplier in GREEN_SUPPLIERS:
        return Decimal(100)
    return Decimal(random.choice((0, 0, 0, 25, 50, 100)))


def _link_points(book: Book, contract: Row, points: Sequence[Row], term: Term) -> None:
    has_ended = term.status in ("ended", "terminated")
    for point in points:
        book.link(
            "contract_delivery_points",
            contract_id=contract["id"],
            delivery_point_id=point["id"],
            from_on=term.start_on,
            to_on=term.end_on if has_ended else None,
        )


def _risk_columns(
    book: Book, client: Client, contract: Row, points: Sequence[Row]
) -> dict[str, object]:
    real = sum((p["annual_consumption_mwh"] for p in points), Decimal(0))
    score, factors = assess_risk(
        contract, book.today, real, is_at_risk=client.profile.status == "at_risk"
    )
    return {"risk_score": score, "risk_factors": factors}


def _write_amendments(
    book: Book, contract: Row, points: Sequence[Row], term: Term, random: Random
) -> None:
    if term.status == "draft" or random.random() > 0.3:
        return
    latest = min(term.end_on, book.today)
    for number in range(1, random.choice((2, 2, 3))):
        kind = random.choice(tuple(AMENDMENTS))
        span = max(1, (latest - term.start_on).days - 31)
        effective = term.start_on + dt.timedelta(days=30 + random.randrange(span))
        signed = effective - dt.timedelta(days=random.randint(5, 25))
        price = contract["price_eur_per_mwh"]
        book.add(
            "amendments",
            f"{contract['reference']}/{number}",
            signed,
            contract_id=contract["id"],
            number=number,
            signed_on=signed,
            effective_on=effective,
            kind=kind,
            summary=AMENDMENTS[kind].format(
                code=random.choice(points)["code"], price=str(price).replace(".", ",")
            ),
        )
