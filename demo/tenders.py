"""Tenders with their lots, criteria and the competitors met."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from demo.accounts import Client
from demo.book import Book, Row
from demo.content import load_content
from demo.french import space_text
from demo.pricing import reference_price, round_cents
from demo.tender_plans import Plan, plan_tenders
from demo.verdicts import judge_tender
from demo.watch import Lead

CPV = {
    "electricity": ["09310000-5"],
    "gas": ["09123000-7"],
    "both": ["09310000-5", "09123000-7"],
    "advice": ["71314200-4", "79418000-7"],
}
TITLES = {
    "electricity": "Fourniture et acheminement d’électricité",
    "gas": "Fourniture et acheminement de gaz naturel",
    "both": "Fourniture de gaz naturel et d’électricité",
    "advice": "Assistance à l’achat et au suivi des contrats d’énergie",
}
Grid = tuple[tuple[str, int], ...]
SUPPLY_CRITERIA: tuple[Grid, ...] = (
    (("Prix", 60), ("Valeur technique", 30), ("Performance environnementale", 10)),
    (("Prix", 50), ("Valeur technique", 35), ("Critère social et environnemental", 15)),
    (("Prix", 70), ("Qualité de la facturation et des données", 20), ("Énergie verte", 10)),
)
ADVICE_CRITERIA: tuple[Grid, ...] = (
    (("Valeur technique", 60), ("Prix des prestations", 40)),
    (("Méthode et équipe", 45), ("Prix", 35), ("Indépendance du conseil", 20)),
)
LOTS = {
    "electricity": ("Points C5", "Points C4", "Points C1 à C3"),
    "gas": ("Points T1 et T2", "Points T3 et T4"),
}
FORMAL_PROCEDURES = ("open", "framework_call", "restricted", "negotiated")
ADAPTED_BELOW_EUR = 143_000
SHARES = {1: ("1",), 2: ("0.35", "0.65"), 3: ("0.15", "0.35", "0.5")}


@dataclass(frozen=True)
class Lot:
    """A share of a tender, with its volume and worth."""

    title: str
    energy: str
    volume_mwh: Decimal
    points: int
    value_eur: Decimal


def write_tenders(
    book: Book, clients: Sequence[Client], competitors: Sequence[Row], leads: Sequence[Lead]
) -> None:
    """Write the tenders of the firm's documents, then the rest of its pipeline."""
    by_key = {client.profile.key: client for client in clients}
    for entry in load_content("market")["known_tenders"]:
        _write_known_tender(book, by_key[entry["account"]], entry)
    for plan in plan_tenders(book, clients, leads):
        tender = _write_tender(book, plan)
        lots = _write_lots(book, plan, tender)
        _write_criteria(book, plan, tender, lots)
        _write_rivals(book, plan, tender, competitors)


def _write_known_tender(book: Book, client: Client, entry: dict[str, Any]) -> None:
    tender = book.add(
        "tenders",
        entry["key"],
        entry["published_on"],
        owner_id=book.person_id(entry["owner"]),
        account_id=client.account["id"],
        market_watch_id=None,
        reference=entry["reference"],
        boamp_id=entry["boamp_id"],
        title=entry["title"],
        buyer=client.account["name"],
        cpv_codes=entry["cpv"],
        procedure=entry["procedure"],
        published_on=entry["published_on"],
        submission_deadline=_read_instant(book, entry["submission_deadline"]),
        questions_deadline=_read_instant(book, entry["questions_deadline"]),
        estimated_value_eur=Decimal(entry["value"]),
        volume_mwh=None if entry["volume"] is None else Decimal(entry["volume"]),
        energy=entry["energy"],
        status=entry["status"],
        **judge_tender(entry["status"], book.random("verdict", entry["key"])),
    )
    for number, lot in enumerate(entry["lots"], 1):
        volume, value = Decimal(lot["volume"]), Decimal(lot["value"])
        _add_lot(
            book, tender, number, Lot(lot["title"], entry["energy"], volume, lot["points"], value)
        )
    grid = tuple((criterion["name"], criterion["weight"]) for criterion in entry["criteria"])
    _add_criteria(book, tender, None, grid)


def _read_instant(book: Book, text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return book.at(moment.date(), moment.hour, moment.minute)


def _write_tender(book: Book, plan: Plan) -> Row:
    random = book.random("tender", plan.key)
    number = len(book.tables["tenders"]) + 1
    estimate = _estimate(plan, random.randint(24, 48))
    is_noticed = plan.is_public and (plan.lead is None or plan.lead["source"] == "boamp")
    return book.add(
        "tenders",
        plan.key,
        plan.published_on,
        owner_id=plan.client.account["owner_id"],
        account_id=plan.client.account["id"],
        market_watch_id=plan.lead["id"] if plan.lead else None,
        reference=f"AO-{plan.published_on.year}-{number:03d}",
        boamp_id=_boamp_id(plan, number) if is_noticed else None,
        title=_title(plan),
        buyer=plan.client.account["name"],
        cpv_codes=CPV[plan.subject],
        procedure=_procedure(book, plan, estimate),
        published_on=plan.published_on,
        submission_deadline=plan.deadline,
        questions_deadline=plan.deadline - dt.timedelta(days=8),
        estimated_value_eur=estimate,
        volume_mwh=plan.volume_mwh,
        energy="both" if plan.subject == "advice" else plan.subject,
        status=plan.status,
        **judge_tender(plan.status, random),
    )


def _title(plan: Plan) -> str:
    if plan.lead is not None:
        return str(plan.lead["title"])
    return space_text(f"{TITLES[plan.subject]} – {plan.client.account['name']}")


def _boamp_id(plan: Plan, number: int) -> str:
    if plan.lead is not None:
        return str(plan.lead["source_reference"])
    return f"{plan.published_on.year % 100}-{130_000 + number * 977}"


def _estimate(plan: Plan, months: int) -> Decimal:
    """Worth of the tender in EUR: fees for advice, energy over its duration for a supply."""
    if plan.subject == "advice":
        return Decimal(int(12_000 + float(plan.volume_mwh) ** 0.5 * 420) // 100 * 100)
    energy = "electricity" if plan.subject == "both" else plan.subject
    worth = reference_price(energy, plan.deadline.date()) * plan.volume_mwh * months / 12
    return round_cents(worth // 1000 * 1000)


def _procedure(book: Book, plan: Plan, estimate: Decimal) -> str:
    """Private, adapted below the European threshold, else each formal procedure in turn."""
    if not plan.is_public:
        return "private"
    if estimate < ADAPTED_BELOW_EUR:
        return "adapted"
    formal = sum(t["procedure"] in FORMAL_PROCEDURES for t in book.tables["tenders"])
    return FORMAL_PROCEDURES[formal % len(FORMAL_PROCEDURES)]


def _write_lots(book: Book, plan: Plan, tender: Row) -> list[Row]:
    if plan.subject == "advice":
        return []
    random = book.random("lots", plan.key)
    kinds = _lot_kinds(plan)
    if plan.subject != "both":
        kinds = kinds[: random.randint(1, len(kinds))]
    lots: list[Row] = []
    for (title, energy), text in zip(kinds, SHARES[len(kinds)], strict=True):
        share = Decimal(text)
        lot = Lot(
            title if len(kinds) > 1 else "Lot unique",
            energy,
            (plan.volume_mwh * share).quantize(Decimal("0.001")),
            random.randint(1, 30),
            round_cents(tender["estimated_value_eur"] * share),
        )
        lots.append(_add_lot(book, tender, len(lots) + 1, lot))
    return lots


def _lot_kinds(plan: Plan) -> tuple[tuple[str, str], ...]:
    if plan.subject == "both":
        return (("Électricité", "electricity"), ("Gaz naturel", "gas"))
    return tuple((title, plan.subject) for title in LOTS[plan.subject])


def _add_lot(book: Book, tender: Row, number: int, lot: Lot) -> Row:
    return book.add(
        "tender_lots",
        f"{tender['reference']}/{number}",
        tender["published_on"],
        tender_id=tender["id"],
        number=number,
        title=lot.title,
        energy=lot.energy,
        volume_mwh=lot.volume_mwh,
        delivery_point_count=lot.points,
        estimated_value_eur=lot.value_eur,
    )


def _write_criteria(book: Book, plan: Plan, tender: Row, lots: Sequence[Row]) -> None:
    """Criteria of the whole tender, or of each lot for a framework call."""
    pool = ADVICE_CRITERIA if plan.subject == "advice" else SUPPLY_CRITERIA
    grid = book.random("criteria", plan.key).choice(pool)
    groups = lots if tender["procedure"] == "framework_call" and lots else [None]
    for lot in groups:
        _add_criteria(book, tender, lot, grid)


def _add_criteria(book: Book, tender: Row, lot: Row | None, grid: Grid) -> None:
    number = lot["number"] if lot else 0
    for rank, (name, weight) in enumerate(grid, 1):
        book.add(
            "tender_criteria",
            f"{tender['reference']}/{number}/{rank}",
            tender["published_on"],
            tender_id=tender["id"],
            lot_id=lot["id"] if lot else None,
            name=name,
            weight_pct=Decimal(weight),
        )


def _write_rivals(book: Book, plan: Plan, tender: Row, competitors: Sequence[Row]) -> None:
    """The competitors met: brokers on advice, suppliers on supplies; one wins what we lose."""
    if plan.status in ("detected", "cancelled"):
        return
    random = book.random("rivals", plan.key)
    kind = "broker" if plan.subject == "advice" else "supplier"
    rivals = random.sample([c for c in competitors if c["kind"] == kind], k=random.randint(2, 3))
    energy = "gas" if plan.subject == "gas" else "electricity"
    for rank, rival in enumerate(rivals):
        outcome = _rival_outcome(plan.status, rank)
        base = reference_price(energy, plan.deadline.date()) * Decimal(98 + 3 * rank) / 100
        is_priced = kind == "supplier" and outcome in ("won", "lost")
        book.link(
            "tender_competitors",
            tender_id=tender["id"],
            competitor_id=rival["id"],
            outcome=outcome,
            price_eur_per_mwh=round_cents(base) if is_priced else None,
        )


def _rival_outcome(status: str, rank: int) -> str:
    if status == "lost":
        return "won" if rank == 0 else "lost"
    if status == "won":
        return "withdrawn" if rank == 2 else "lost"
    return "unknown"
