"""What the watch wishes to change in the CRM: an item's status, a tender's record."""

from __future__ import annotations

import re
from decimal import Decimal
from uuid import UUID

from core.errors import InvalidInput
from core.formats import PARIS
from core.spans import Span
from crm.changes import ChangeDraft, Value
from ingest.notices.notice import Criterion, Lot, Notice

STATUSES = ("new", "kept", "dismissed", "converted")
UNKNOWN_STATUS = "Ce statut n’existe pas. Choisissez Nouveau, Conservé, Écarté ou Converti."
NOT_A_TENDER = (
    "Cet avis n’ouvre pas de consultation\u00a0: il n’y a pas d’appel d’offres à proposer."
)
TEXT_CHARS = 300


def propose_status(item: UUID, present: str, status: str, reason: str) -> ChangeDraft:
    """The wish to move an item. Raises InvalidInput for a status that does not exist."""
    if status not in STATUSES:
        raise InvalidInput(UNKNOWN_STATUS)
    key = f"watch:{item}:status:{present}>{status}"
    why = reason.strip() or "Déplacement dans la veille"
    return ChangeDraft(
        "update", "market_watch", {"status": status}, why, key, item, is_tainted=False
    )


def propose_tender(item: UUID, notice: Notice) -> list[ChangeDraft]:
    """The tender, its lots and its criteria as the notice gives them; nothing is filled in.

    Lots and criteria name their tender by its reference (`tender_reference`), since it has no id
    yet. Raises InvalidInput where the notice is not a call.
    """
    if notice.kind not in {"contract", "information", "correction"}:
        raise InvalidInput(NOT_A_TENDER)
    reference = notice.reference or notice.id or ""
    key = f"watch:{notice.source}:{notice.id}"
    energies = {lot.energy for lot in notice.lots if lot.energy}
    fields: dict[str, Value] = {
        "market_watch_id": str(item),
        "reference": reference,
        "boamp_id": notice.id if notice.source == "boamp" else None,
        "title": notice.title or "Consultation sans objet",
        "buyer": notice.buyer or "Acheteur non indiqué",
        "cpv_codes": list(notice.all_cpv),
        "procedure": notice.procedure,
        "published_on": notice.published_on.isoformat() if notice.published_on else None,
        "submission_deadline": (
            notice.deadline.earliest.astimezone(PARIS).isoformat() if notice.deadline else None
        ),
        "questions_deadline": (
            notice.questions_deadline.earliest.isoformat() if notice.questions_deadline else None
        ),
        "estimated_value_eur": _write(notice.value),
        "energy": None if not energies else energies.pop() if len(energies) == 1 else "both",
        "status": "detected",
    }
    reason = f"Avis {notice.id} relevé par la veille"
    if notice.deadline and notice.deadline.at is None:
        reason += "\u00a0; l’heure limite n’est pas indiquée, la date est tenue pour 0 h"
    spans = _spans(notice)
    kept: dict[str, Value] = {name: value for name, value in fields.items() if value is not None}
    drafts = [ChangeDraft("create", "tenders", kept, reason, f"{key}:tender", evidence=spans)]
    if len(notice.lots) > 1 or (notice.lots and notice.lots[0].number):
        drafts += [
            _propose_lot(lot, rank, reference, key) for rank, lot in enumerate(notice.lots, 1)
        ]
    drafts += _propose_criteria(notice, reference, key)
    return drafts


def _propose_lot(lot: Lot, rank: int, reference: str, key: str) -> ChangeDraft:
    number = re.search(r"\d+", lot.number or "")
    fields: dict[str, Value] = {
        "tender_reference": reference,
        "number": int(number.group()) if number and int(number.group()) > 0 else rank,
        "title": (lot.title or f"Lot {rank}")[:TEXT_CHARS],
        "energy": lot.energy if lot.energy in {"electricity", "gas"} else None,
        "estimated_value_eur": _write(lot.value),
    }
    kept = {name: value for name, value in fields.items() if value is not None}
    return ChangeDraft("create", "tender_lots", kept, "Lot de l’avis", f"{key}:lot:{rank}")


def _propose_criteria(notice: Notice, reference: str, key: str) -> list[ChangeDraft]:
    """Criteria with a weight; those shared by every lot are proposed once."""
    per_lot = [tuple((c.name, c.weight) for c in lot.criteria) for lot in notice.lots]
    lots = notice.lots[:1] if len(set(per_lot)) == 1 else notice.lots
    return [
        _propose_criterion(criterion, reference, f"{key}:criterion:{rank}:{place}",
                           rank if len(lots) > 1 else None)
        for rank, lot in enumerate(lots, 1)
        for place, criterion in enumerate(lot.criteria, 1)
        if criterion.weight is not None and criterion.weight <= 100
    ]  # fmt: skip


def _propose_criterion(
    criterion: Criterion, reference: str, key: str, lot: int | None
) -> ChangeDraft:
    fields: dict[str, Value] = {
        "tender_reference": reference, "name": criterion.name[:TEXT_CHARS],
        "weight_pct": str(criterion.weight),
    }  # fmt: skip
    if lot is not None:
        fields["lot_number"] = lot
    return ChangeDraft("create", "tender_criteria", fields, "Critère de l’avis", key)


def _spans(notice: Notice) -> tuple[Span, ...]:
    """The proofs as evidence: the path names the place, the quote is the whole value."""
    return tuple(
        Span(f"{notice.source}:{notice.id}:{proof.path}", 0, len(proof.quote), proof.quote)
        for proof in notice.proofs.values()
        if proof.quote
    )


def _write(value: Decimal | None) -> str | None:
    return f"{value:.2f}" if value is not None else None
