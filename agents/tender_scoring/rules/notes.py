"""Notes of the grid, 0 to 5, each from the file's words and the profile; never from a guess."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from agents.tender_scoring.evidence import Evidence, Piece
from agents.tender_scoring.facts import Facts, Lot
from agents.tender_scoring.findings import Contradiction, MissingPiece
from agents.tender_scoring.grid import Grid, GridKey
from agents.tender_scoring.profile import FirmProfile
from agents.tender_scoring.rules.gates import Gatekeeping
from agents.tender_scoring.rules.regions import find_region
from agents.tender_scoring.rules.requirements import topics_of
from agents.tender_scoring.rules.roles import LotRole
from agents.tender_scoring.verdicts import GateResult, GridNote
from core.formats import count_noun, format_money
from core.words import fold

FULL, LEAST, MIDDLE = Decimal(5), Decimal(0), Decimal("2.5")
ROLE_TOPICS = {"advice": {"purchase", "follow_up", "iso50001"}, "supply": {"supply"},
               "works": {"works", "cpe", "irve"}, "audit": {"audit"}}  # fmt: skip


@dataclass(frozen=True)
class Relationship:
    """What the CRM knows of the buyer: the account's name and status; `failed` tells why not."""

    account: str | None = None
    status: str | None = None
    failed: str | None = None
    was_asked: bool = False


@dataclass(frozen=True)
class Noted:
    """A note and its reason; None when nothing grounds it."""

    note: Decimal | None
    reason: str
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[str, ...] = ()
    spread: Decimal = Decimal(0)


@dataclass(frozen=True)
class Circumstances:
    """What notes are given from."""

    facts: Facts
    profile: FirmProfile
    keeping: Gatekeeping
    relationship: Relationship
    missing: tuple[MissingPiece, ...]
    unreadable: tuple[Piece, ...]
    contradictions: tuple[Contradiction, ...]


def note_lot(
    lot: Lot, role: LotRole, gates: tuple[GateResult, ...], given: Circumstances, grid: Grid
) -> tuple[GridNote, ...]:
    """The grid's notes for a lot, in the grid's order."""
    makers = {
        "fit": lambda: _fit(role, given),
        "relationship": lambda: _relationship(given.relationship),
        "competition": lambda: _competition(given.facts),
        "capacity": lambda: _capacity(given),
        "profitability": lambda: _profitability(lot, given.profile),
        "references": lambda: _references(role, gates, given.profile),
        "contract_risk": lambda: _risk(lot, given),
    }
    return tuple(_grid_note(key, grid, makers[key]()) for key in grid.criteria)


def _grid_note(key: GridKey, grid: Grid, noted: Noted) -> GridNote:
    criterion = grid.criteria[key]
    if noted.note is None:
        low, high = LEAST, FULL
    else:
        low = max(LEAST, noted.note - noted.spread)
        high = min(FULL, noted.note + noted.spread)
    return GridNote(
        key=key, label=criterion.label, weight=criterion.weight, note=noted.note, low=low,
        high=high, reason=noted.reason, evidence=noted.evidence[:3],
        profile_facts=tuple(fact for fact in noted.facts if fact)[:4],
    )  # fmt: skip


def _fit(role: LotRole, given: Circumstances) -> Noted:
    notes: dict[str, tuple[Decimal | None, str]] = {
        "advice": (Decimal(5), "Conseil ou assistance : cœur de métier"),
        "audit": (Decimal(3), "Audit ou étude : métier voisin"),
        "supply": (Decimal(0), "Fourniture d’énergie : hors métier"),
        "works": (Decimal(0), "Travaux ou exploitation : hors métier"),
        "maintenance": (Decimal(0), "Entretien : hors métier"),
        "other": (None, "Nature de la prestation non reconnue"),
    }
    note, reason = notes[role.role]
    place, facts = _territory(given)
    if note is not None and place == "remote":
        return Noted(max(LEAST, note - 1), f"{reason} ; territoire suivi à distance seulement.",
                     (*role.evidence, *_locations(given.facts)), facts,
                     Decimal("0.5") if note else LEAST)  # fmt: skip
    suffix = " ; territoire couvert sur place." if place == "served" else "."
    return Noted(note, reason + suffix, role.evidence, facts)


def _territory(given: Circumstances) -> tuple[str | None, tuple[str, ...]]:
    """« served », « remote » or None, by the departments of the contract."""
    regions = [find_region(fact.value) for fact in given.facts.location]
    for region in filter(None, regions):
        if any(fold(region) == fold(each) for each in given.profile.regions_served_on_site):
            return "served", (f"Région servie sur place : {region}",)
        if any(fold(region) == fold(each) for each in given.profile.regions_remote_only):
            return "remote", (f"Région suivie à distance : {region}",)
    return None, ()


def _locations(facts: Facts) -> tuple[Evidence, ...]:
    return tuple(evidence for fact in facts.location for evidence in fact.evidence)[:1]


def _relationship(known: Relationship) -> Noted:
    if known.failed or not known.was_asked:
        return Noted(None, known.failed or "Le CRM n’a pas été consulté.")
    if known.account is None:
        return Noted(Decimal(1), "L’acheteur n’est pas dans le CRM.")
    notes = {"client": Decimal(5), "prospect": Decimal(3), "at_risk": Decimal(3),
             "former": Decimal(2)}  # fmt: skip
    words = {"client": "client", "prospect": "prospect", "at_risk": "client à risque",
             "former": "ancien client"}  # fmt: skip
    status = known.status or "prospect"
    return Noted(notes.get(status, Decimal(3)), f"Acheteur connu : {words.get(status, status)}.",
                 facts=(f"CRM : {known.account}",))  # fmt: skip


def _competition(facts: Facts) -> Noted:
    for fact in facts.incumbents:
        plain = fold(fact.value)
        if re.search(r"deja designe", plain):
            return Noted(Decimal(1), "Une assistance est déjà en place.", fact.evidence)
        if re.search(r"sortant|titulaire actuel|prestataire actuel", plain):
            return Noted(Decimal(2), "Un titulaire sortant est nommé.", fact.evidence,
                         spread=Decimal(1))  # fmt: skip
    return Noted(None, "Concurrents et titulaire en place inconnus.")


def _capacity(given: Circumstances) -> Noted:
    deadline, now = given.keeping.deadline, given.keeping.now
    if deadline is None:
        return Noted(None, "Date limite inconnue.")
    days = (deadline - now).days
    steps = ((21, 5), (14, 4), (8, 3), (4, 2), (1, 1))
    note = Decimal(next((value for least, value in steps if days >= least), 0))
    evidence = given.facts.deadline.evidence if given.facts.deadline else ()
    limit = given.profile.capacity.get("reponses_AO_par_mois_max")
    facts = (f"Réponses par mois au plus : {limit}",) if limit else ()
    return Noted(note, f"{count_noun(max(days, 0), 'jour', 'jours')} avant la remise.", evidence,
                 facts, Decimal("0.5"))  # fmt: skip


def _profitability(lot: Lot, profile: FirmProfile) -> Noted:
    if lot.value_eur is None or not lot.duration_months:
        return Noted(None, "Valeur ou durée non données.")
    yearly = lot.value_eur * 12 / lot.duration_months
    turnover = profile.average_turnover
    if not turnover:
        return Noted(None, f"{format_money(round(yearly))} par an ; chiffre d’affaires du cabinet "
                     "non renseigné.", lot.value_evidence)  # fmt: skip
    share = yearly / turnover
    steps = ((Decimal("0.03"), 5), (Decimal("0.015"), 4), (Decimal("0.008"), 3),
             (Decimal("0.003"), 2))  # fmt: skip
    note = Decimal(next((value for least, value in steps if share >= least), 1))
    spread = Decimal(1) if lot.value_kind == "maximum" else Decimal("0.5")
    return Noted(note, f"{format_money(round(yearly))} par an au plus ou estimés.",
                 lot.value_evidence,
                 (f"Chiffre d’affaires moyen : {format_money(round(turnover))}",), spread)  # fmt: skip


def _references(role: LotRole, gates: tuple[GateResult, ...], profile: FirmProfile) -> Noted:
    gate = next(each for each in gates if each.key == "references")
    if gate.status == "failed":
        return Noted(Decimal(0), gate.explanation, gate.evidence, gate.profile_facts)
    if gate.reserve and gate.status == "passed":
        return Noted(Decimal(2), gate.explanation, gate.evidence, gate.profile_facts, Decimal(1))
    wanted = ROLE_TOPICS.get(role.role, set())
    held = [r.label for r in profile.references if topics_of(r.kind) & wanted]
    if not profile.references and not profile.references_absent:
        return Noted(None, "Références du cabinet non renseignées.", gate.evidence)
    note = Decimal(min(5, 1 + 2 * len(held)))
    return Noted(note, f"{count_noun(len(held), 'référence proche', 'références proches')}.",
                 gate.evidence, tuple(held))  # fmt: skip


def _risk(lot: Lot, given: Circumstances) -> Noted:
    note, reasons = Decimal(4), []
    evidence: list[Evidence] = []
    facts = given.facts
    penalties = [p for p in facts.penalties if not p.lots or lot.number in p.lots]
    if penalties and not any("plafon" in fold(p.value) for p in facts.penalties):
        note -= 1
        reasons.append("pénalités sans plafond lu")
        evidence += penalties[0].evidence
    if facts.offer_validity and (facts.offer_validity.days or 0) > 150:
        note -= 1
        reasons.append(f"offres engagées {facts.offer_validity.value}")
        evidence += facts.offer_validity.evidence
    if facts.call_off_validity and facts.call_off_validity.hours:
        note -= Decimal("0.5")
        reasons.append(f"prix à tenir {facts.call_off_validity.value}")
        evidence += facts.call_off_validity.evidence
    if given.contradictions:
        note -= Decimal("0.5")
        found = count_noun(len(given.contradictions), "contradiction", "contradictions")
        reasons.append(f"{found} dans le dossier")
    absent = len(given.missing) + len(given.unreadable)
    if absent:
        reasons.append(count_noun(absent, "pièce absente ou illisible",
                                  "pièces absentes ou illisibles"))  # fmt: skip
    told = ", ".join(reasons) or "clauses courantes"
    spread = Decimal("0.5") + min(Decimal(2), Decimal(absent))
    return Noted(max(LEAST, note), f"{told[:1].upper()}{told[1:]}.", tuple(evidence), spread=spread)
