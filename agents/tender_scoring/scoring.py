"""A dossier turned into its analysis by rules alone: facts, checks, notes, verdict."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from agents.tender_scoring.evidence import Piece
from agents.tender_scoring.facts import (
    CriteriaTotal,
    Criterion,
    EnergyBlock,
    Facts,
    Lot,
    Requirement,
)
from agents.tender_scoring.findings import Anomaly, Clarification, Contradiction, MissingPiece
from agents.tender_scoring.grid import Grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.wording import name_lots
from agents.tender_scoring.profile import FirmProfile
from agents.tender_scoring.rules import clauses, identity, terms
from agents.tender_scoring.rules.anomalies import list_anomalies
from agents.tender_scoring.rules.clarifications import list_clarifications
from agents.tender_scoring.rules.contradictions import list_contradictions
from agents.tender_scoring.rules.criteria import list_totals, read_criteria
from agents.tender_scoring.rules.energy import read_energy
from agents.tender_scoring.rules.gates import Gatekeeping
from agents.tender_scoring.rules.lots import read_lots
from agents.tender_scoring.rules.missing import list_missing
from agents.tender_scoring.rules.naming import NAMES
from agents.tender_scoring.rules.notes import Circumstances, Relationship, note_lot
from agents.tender_scoring.rules.notice import Notice
from agents.tender_scoring.rules.requirement_lines import list_requirements
from agents.tender_scoring.rules.roles import read_role
from agents.tender_scoring.rules.statements import Reading
from agents.tender_scoring.rules.verdict import judge_lot, sum_up
from agents.tender_scoring.verdicts import LotVerdict, Reason
from core.engine.provenance import Provenance
from core.formats import NBSP
from ingest.tenders.dossier import Dossier, ReadPiece
from ingest.tenders.kinds import LABELS


@dataclass(frozen=True)
class Sheet:
    """What was read, before anything is judged.

    `requirements` and `doubts` are what a model's reading adds to those that rules list.
    """

    facts: Facts
    lots: tuple[Lot, ...]
    criteria: tuple[Criterion, ...]
    energy: EnergyBlock
    requirements: tuple[Requirement, ...] = ()
    doubts: tuple[Clarification, ...] = ()


@dataclass(frozen=True)
class Checks:
    """What does not agree, lacks or surprises."""

    totals: tuple[CriteriaTotal, ...]
    contradictions: tuple[Contradiction, ...]
    missing: tuple[MissingPiece, ...]
    anomalies: tuple[Anomaly, ...]


@dataclass(frozen=True)
class Judgement:
    """Against whom and when a tender is judged."""

    profile: FirmProfile
    grid: Grid
    now: dt.datetime
    relationship: Relationship = field(default_factory=Relationship)


def read_sheet(reading: Reading, notice: Notice) -> Sheet:
    """Every fact of the file, by rules."""
    renewals = terms.read_renewals(reading)
    duration = terms.read_duration(reading, renewals)
    energy = read_energy(reading)
    facts = Facts(
        buyer=identity.read_buyer(reading, notice),
        title=identity.read_title(reading, notice),
        reference=identity.read_reference(reading),
        procedure=identity.read_procedure(reading, notice),
        contract_type=identity.read_type(reading, notice),
        framework=identity.read_framework(reading),
        cpv=identity.read_cpv(reading, notice),
        deadline=terms.read_deadline(reading, notice),
        question_deadline=terms.read_question_deadline(reading),
        visit=terms.read_visits(reading),
        offer_validity=terms.read_validity(reading),
        call_off_validity=terms.read_call_off_validity(reading),
        duration=duration,
        renewals=renewals,
        variants=terms.read_variants(reading),
        price_structure=clauses.read_price(reading),
        guarantees=clauses.read_guarantees(reading),
        insurance=clauses.read_insurance(reading),
        penalties=clauses.read_penalties(reading),
        required_documents=clauses.read_documents(reading),
        eliminatory=clauses.read_eliminatory(reading),
        reserved_lots=clauses.read_reserved(reading),
        platform=clauses.read_platform(reading),
        signature=clauses.read_signature(reading),
        payment=clauses.read_payment(reading),
        location=identity.read_locations(reading, notice),
        incumbents=clauses.read_incumbents(reading),
    )
    lots = read_lots(reading, notice, duration, energy.totals)
    return Sheet(facts, lots, read_criteria(reading), energy)


def check_sheet(sheet: Sheet, reading: Reading, notice: Notice, now: dt.datetime) -> Checks:
    """Compare the pieces with one another, with the notice and with the annexe."""
    lots = [lot.number for lot in sheet.lots if lot.number is not None]
    totals = list_totals(sheet.criteria, lots)
    found = list_contradictions(
        reading, notice, sheet.criteria, totals, sheet.energy, sheet.facts.deadline
    )
    missing = list_missing(reading, notice, sheet.facts, sheet.criteria)
    anomalies = list_anomalies(reading, notice, totals, sheet.energy, sheet.facts.deadline, now)
    return Checks(totals, found, missing, anomalies)


def judge_sheet(
    sheet: Sheet, checks: Checks, reading: Reading, notice: Notice, judgement: Judgement
) -> tuple[LotVerdict, ...]:
    """Gates, notes and verdict of each lot."""
    keeping = Gatekeeping(reading, sheet.facts, judgement.profile, checks.contradictions,
                          notice.deadline, judgement.now)  # fmt: skip
    unreadable = tuple(p for p in list_pieces(reading.dossier) if p.status == "unreadable")
    given = Circumstances(sheet.facts, judgement.profile, keeping, judgement.relationship,
                          checks.missing, unreadable, checks.contradictions)  # fmt: skip
    verdicts: list[LotVerdict] = []
    for lot in sheet.lots:
        role = read_role(lot, reading, notice)
        gates = keeping.check(lot, role)
        notes = note_lot(lot, role, gates, given, judgement.grid)
        verdicts.append(judge_lot(lot.number, notes, gates, checks.missing, judgement.grid))
    return tuple(verdicts)


def compose(
    identifier: UUID, label: str, sheet: Sheet, checks: Checks, verdicts: tuple[LotVerdict, ...],
    reading: Reading, judgement: Judgement, provenance: Provenance, *, dropped: int = 0,
    summary: str | None = None, analysed_at: dt.datetime | None = None,
) -> TenderAnalysis:  # fmt: skip
    """The analysis, its parts put together and its digest computed."""
    pieces = list_pieces(reading.dossier)
    best = _best(verdicts)
    clarifications = list_clarifications(
        sheet.facts, checks.contradictions, checks.missing, pieces, checks.anomalies, best
    )
    analysis = TenderAnalysis(
        id=identifier, label=label, analysed_at=analysed_at or judgement.now,
        as_of=judgement.now, pieces=pieces, facts=sheet.facts, lots=sheet.lots,
        criteria=sheet.criteria, criteria_totals=checks.totals, energy=sheet.energy,
        requirements=(*list_requirements(sheet.facts, reading), *sheet.requirements),
        contradictions=checks.contradictions, missing_pieces=checks.missing,
        anomalies=checks.anomalies, to_clarify=(*clarifications, *sheet.doubts),
        verdict=sum_up(verdicts),
        go_lots=tuple(v.lot for v in verdicts
                      if v.lot is not None and v.verdict in ("GO", "GO_SOUS_RESERVE")),
        score=best.score if best else None, low=best.low if best else None,
        high=best.high if best else None, lot_verdicts=verdicts,
        reasons=_reasons(verdicts), reserves=_reserves(verdicts, checks, pieces),
        sensitivity=_sensitivity(verdicts), summary=summary, dropped_items=dropped,
        provenance=provenance,
    )  # fmt: skip
    return analysis.model_copy(update={"digest": digest_of(analysis)})


def digest_of(analysis: TenderAnalysis) -> str:
    """The SHA-256 of what must be equal from run to run."""
    kept = analysis.model_dump(
        mode="json", exclude={"id", "analysed_at", "provenance", "digest", "summary"}
    )
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _best(verdicts: tuple[LotVerdict, ...]) -> LotVerdict | None:
    """The lot a reader looks at first: the most favourable."""
    order = {"GO": 3, "GO_SOUS_RESERVE": 2, "NO_GO": 1, "INCOMPLETE": 0}
    return max(verdicts, key=lambda v: (order[v.verdict], v.score or 0), default=None)


def _by_text(told: Iterable[tuple[LotVerdict, str]], count: int) -> dict[str, str]:
    """Each text once, led by the lots it is about: « Lots 1 et 3 : … », « Tous les lots : … »."""
    lots: dict[str, list[int]] = {}
    for verdict, text in told:
        held = lots.setdefault(text, [])
        if verdict.lot is not None and verdict.lot not in held:
            held.append(verdict.lot)
    return {text: _lead(held, count) + text for text, held in lots.items()}


def _lead(lots: Sequence[int], count: int) -> str:
    if not lots:
        return ""
    named = name_lots(() if len(lots) == count > 1 else lots)
    return f"{named[:1].upper()}{named[1:]}{NBSP}: "


def _reasons(verdicts: tuple[LotVerdict, ...]) -> tuple[Reason, ...]:
    told = [(verdict, reason) for verdict in verdicts for reason in verdict.reasons]
    texts = _by_text(((verdict, reason.text) for verdict, reason in told), len(verdicts))
    first = {reason.text: reason for _, reason in reversed(told)}
    kept = [first[text].model_copy(update={"text": led}) for text, led in texts.items()]
    return tuple(sorted(kept, key=lambda reason: not reason.is_decisive))


def _reserves(
    verdicts: tuple[LotVerdict, ...], checks: Checks, pieces: tuple[Piece, ...]
) -> tuple[str, ...]:
    told = [(verdict, text) for verdict in verdicts for text in verdict.reserves]
    reserves = list(_by_text(told, len(verdicts)).values())
    if any(v.verdict in ("GO", "GO_SOUS_RESERVE") for v in verdicts):
        reserves += [f"obtenir {NAMES.get(m.kind, m.label)}, qui manque au dossier"
                     for m in checks.missing]  # fmt: skip
        reserves += [f"obtenir une copie lisible de «{NBSP}{p.name}{NBSP}»" for p in pieces
                     if p.status == "unreadable"]  # fmt: skip
    return tuple(f"{text[:1].upper()}{text[1:]}" for text in dict.fromkeys(reserves))


def _sensitivity(verdicts: tuple[LotVerdict, ...]) -> tuple[str, ...]:
    told = [(verdict, text) for verdict in verdicts for text in verdict.sensitivity]
    return tuple(_by_text(told, len(verdicts)).values())


def list_pieces(dossier: Dossier) -> tuple[Piece, ...]:
    """The pieces as shown, the notices among them."""
    notices = tuple(
        Piece(id=f"{n.sha256[:16]}:{n.path}", name=n.name, path=n.path, kind="notice",
              label=LABELS["notice"], sha256=n.sha256, size_bytes=n.size_bytes)
        for n in dossier.notices
    )  # fmt: skip
    return (*map(_piece, dossier.pieces), *notices)


def _piece(read: ReadPiece) -> Piece:
    return Piece(
        id=read.id, name=read.name, path=read.source.path, kind=read.kind, label=LABELS[read.kind],
        status=read.status, sha256=read.source.sha256, size_bytes=read.source.size_bytes,
        pages=read.text.pages, ocr_pages=read.text.ocr_pages, version=read.version.label,
        dated_on=read.version.dated_on, replaced_by=read.replaced_by, reason=read.reason,
    )  # fmt: skip
