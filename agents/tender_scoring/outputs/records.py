"""The records an analysis wishes for: tender, lots, criteria, competitors, decision, outcome."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Literal
from uuid import UUID

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Criterion, Fact
from agents.tender_scoring.models import TenderAnalysis
from core.errors import InvalidInput
from core.formats import NBSP
from core.spans import Span
from core.words import fold
from crm.changes import ChangeDraft, Value

Decision = Literal["go", "no_go"]
Outcome = Literal["won", "lost", "cancelled"]
NO_REASON = "Dites en une phrase pourquoi\u00a0: le motif est gardé avec la décision."
NO_BUYER = "Acheteur non indiqué"
PROCEDURES = (
    ("subsequent", "framework_call"), ("negoci", "negotiated"), ("dialogue", "negotiated"),
    ("adaptee", "adapted"), ("mapa", "adapted"), ("restreint", "restricted"), ("ouvert", "open"),
)  # fmt: skip
MOST_CHARS = 300


def propose_tender(analysis: TenderAnalysis, record_id: UUID | None = None) -> list[ChangeDraft]:
    """The tender, its lots, its criteria and its known competitors; what is unknown is left out.

    With `record_id` the tender exists and is updated. Parts name their tender by its reference.
    No status: a file never fills it, a new tender is «détecté» until a person decides.
    """
    facts, key = analysis.facts, f"tender:{analysis.id}"
    reference = facts.reference.value if facts.reference else analysis.label
    fields = _keep({
        "reference": reference,
        "title": facts.title.value if facts.title else analysis.label,
        "buyer": facts.buyer.value if facts.buyer else None if record_id else NO_BUYER,
        "cpv_codes": [fact.value[:10] for fact in facts.cpv] or None,
        "procedure": _find_procedure(facts.procedure),
        "submission_deadline": _instant(facts.deadline),
        "questions_deadline": _instant(facts.question_deadline),
        "estimated_value_eur": _total([lot.value_eur for lot in analysis.lots]),
        "volume_mwh": _total([lot.volume_mwh for lot in analysis.lots]),
        "energy": _find_energy(analysis),
        "score": int(analysis.score.to_integral_value()) if analysis.score is not None else None,
        "verdict": analysis.verdict if analysis.verdict != "INCOMPLETE" else None,
        "verdict_reason": _tell_reasons(analysis),
    })  # fmt: skip
    evidence = _spans(facts.buyer, facts.title, facts.reference, facts.deadline)
    operation = "update" if record_id else "create"
    tender = ChangeDraft(operation, "tenders", fields, "Analyse du dossier de consultation",
                         f"{key}:record", record_id, evidence)  # fmt: skip
    return [tender, *_propose_lots(analysis, reference, key),
            *_propose_criteria(analysis, reference, key),
            *_propose_competitors(analysis, reference, key)]  # fmt: skip


def propose_decision(
    record_id: UUID, decision: Decision, reason: str, analysis: TenderAnalysis
) -> ChangeDraft:
    """A person's decision, with its reason. Raises InvalidInput without one."""
    why = " ".join(reason.split())
    if not why:
        raise InvalidInput(NO_REASON)
    against = decision == "go" and analysis.verdict == "NO_GO"
    note = f"{why} (contre le verdict calculé)" if against else why
    fields: dict[str, Value] = {"status": decision, "verdict_reason": note[:2000]}
    return ChangeDraft("update", "tenders", fields, why, f"tender:{record_id}:decision:{decision}",
                       record_id, is_tainted=False)  # fmt: skip


def propose_outcome(
    record_id: UUID,
    outcome: Outcome,
    *,
    winner_id: UUID | None = None,
    price_eur_per_mwh: Decimal | None = None,
) -> list[ChangeDraft]:
    """The outcome, and the winner's offer where it is known."""
    key = f"tender:{record_id}:outcome"
    drafts = [ChangeDraft("update", "tenders", {"status": outcome}, "Issue de la consultation",
                          f"{key}:{outcome}", record_id, is_tainted=False)]  # fmt: skip
    if winner_id is not None:
        fields = _keep({
            "tender_id": str(record_id), "competitor_id": str(winner_id), "outcome": "won",
            "price_eur_per_mwh": _write(price_eur_per_mwh),
        })  # fmt: skip
        drafts.append(ChangeDraft("link", "tender_competitors", fields, "Attributaire",
                                  f"{key}:winner:{winner_id}", is_tainted=False))  # fmt: skip
    return drafts


def _propose_lots(analysis: TenderAnalysis, reference: str, key: str) -> list[ChangeDraft]:
    return [
        ChangeDraft("create", "tender_lots", _keep({
            "tender_reference": reference, "number": lot.number, "title": lot.title[:MOST_CHARS],
            "energy": lot.energy if lot.energy in {"electricity", "gas"} else None,
            "volume_mwh": _write(lot.volume_mwh), "delivery_point_count": lot.sites,
            "estimated_value_eur": _write(lot.value_eur),
        }), "Lot du dossier", f"{key}:lot:{lot.number}", evidence=_places(lot.evidence))
        for lot in analysis.lots
        if lot.number is not None and lot.number > 0
    ]  # fmt: skip


def _propose_criteria(analysis: TenderAnalysis, reference: str, key: str) -> list[ChangeDraft]:
    """The weighed criteria of the offers, one draft per lot they are of."""
    return [
        _propose_criterion(criterion, lot, reference, f"{key}:criterion:{rank}:{lot or 0}")
        for rank, criterion in enumerate(analysis.criteria, 1)
        if criterion.weight is not None and criterion.stage == "offer" and criterion.weight <= 100
        for lot in criterion.lots or (None,)
    ]


def _propose_criterion(
    criterion: Criterion, lot: int | None, reference: str, key: str
) -> ChangeDraft:
    fields = _keep({
        "tender_reference": reference, "lot_number": lot, "name": criterion.name[:MOST_CHARS],
        "weight_pct": _write(criterion.weight),
    })  # fmt: skip
    evidence = _places(criterion.evidence)
    return ChangeDraft("create", "tender_criteria", fields, "Critère du dossier", key,
                       evidence=evidence)  # fmt: skip


def _propose_competitors(analysis: TenderAnalysis, reference: str, key: str) -> list[ChangeDraft]:
    """Those the file itself names as in place."""
    return [
        ChangeDraft("link", "tender_competitors", {
            "tender_reference": reference, "competitor_name": fact.value[:MOST_CHARS],
            "outcome": "unknown",
        }, f"Titulaire en place d’après le dossier{NBSP}: {fact.value}"[:MOST_CHARS],
            f"{key}:competitor:{rank}", evidence=_places(fact.evidence))
        for rank, fact in enumerate(analysis.facts.incumbents, 1)
    ]  # fmt: skip


def _find_procedure(fact: Fact | None) -> str | None:
    words = fold(fact.value) if fact else ""
    return next((procedure for word, procedure in PROCEDURES if word in words), None)


def _find_energy(analysis: TenderAnalysis) -> str | None:
    known = {lot.energy for lot in analysis.lots} & {"electricity", "gas", "both"}
    return None if not known else known.pop() if len(known) == 1 else "both"


def _tell_reasons(analysis: TenderAnalysis) -> str | None:
    decisive = [reason.text for reason in analysis.reasons if reason.is_decisive]
    told = " ".join(decisive or [reason.text for reason in analysis.reasons[:3]])
    return told[:2000] or None


def _total(values: list[Decimal | None]) -> str | None:
    """The sum, only where every lot gives its part."""
    known = [value for value in values if value is not None]
    return _write(sum(known, Decimal(0))) if known and len(known) == len(values) else None


def _instant(fact: Fact | None) -> str | None:
    return fact.instant.isoformat() if fact and fact.instant else None


def _write(value: Decimal | None) -> str | None:
    return f"{value:f}" if value is not None else None


def _keep(fields: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in fields.items() if value is not None}


def _spans(*facts: Fact | None) -> tuple[Span, ...]:
    return tuple(evidence.span for fact in facts if fact for evidence in fact.evidence)


def _places(evidence: tuple[Evidence, ...]) -> tuple[Span, ...]:
    return tuple(one.span for one in evidence)
