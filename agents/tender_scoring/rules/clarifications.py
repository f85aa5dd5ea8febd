"""What to clear up before answering, and the question to put to the buyer."""

from __future__ import annotations

from collections.abc import Iterator

from agents.tender_scoring.evidence import Piece
from agents.tender_scoring.facts import Facts
from agents.tender_scoring.findings import Anomaly, Clarification, Contradiction, MissingPiece
from agents.tender_scoring.verdicts import LotVerdict

NBSP = "\u00a0"
SOUGHT = (
    ("deadline", "la date limite de remise des offres"),
    ("offer_validity", "le délai de validité des offres"),
    ("duration", "la durée du marché"),
)


def list_clarifications(
    facts: Facts,
    contradictions: tuple[Contradiction, ...],
    missing: tuple[MissingPiece, ...],
    pieces: tuple[Piece, ...],
    anomalies: tuple[Anomaly, ...],
    best: LotVerdict | None,
) -> tuple[Clarification, ...]:
    """Contradictions, missing and unreadable pieces, scans, facts the file does not state."""
    found = (
        *_contradictions(contradictions),
        *_missing(missing),
        *_unreadable(pieces),
        *_anomalies(anomalies),
        *_unstated(facts),
        *_unknown_gates(best),
    )
    return tuple({each.key: each for each in found}.values())


def _contradictions(found: tuple[Contradiction, ...]) -> Iterator[Clarification]:
    for number, each in enumerate(found, 1):
        if each.prevails is not None:
            continue
        places = " ; ".join(f"«{NBSP}{_short(s.quote)}{NBSP}» ({s.label})" for s in each.sides[:3])
        yield Clarification(
            key=f"contradiction-{number}", subject=each.label, evidence=each.sides,
            question=f"{each.label}{NBSP}: le dossier indique {places}. Pouvez-vous préciser ce "
                     "qui s’applique ?",
        )  # fmt: skip


def _short(quote: str) -> str:
    line = " ".join(quote.split())
    return line if len(line) <= 120 else line[:119].rsplit(" ", 1)[0] + " …"


def _missing(found: tuple[MissingPiece, ...]) -> Iterator[Clarification]:
    for piece in found:
        where = f" ({piece.evidence[0].label})" if piece.evidence else ""
        announced = (f"annoncée au dossier{where}" if piece.evidence
                     else "nécessaire à l’étude du dossier")  # fmt: skip
        yield Clarification(
            key=f"missing-{piece.kind}", subject=f"Pièce manquante{NBSP}: {piece.label}",
            evidence=piece.evidence,
            question=f"La pièce «{NBSP}{piece.label}{NBSP}», {announced}, n’y figure pas. "
                     "Pouvez-vous la mettre en ligne ?",
        )  # fmt: skip


def _unreadable(pieces: tuple[Piece, ...]) -> Iterator[Clarification]:
    for piece in pieces:
        if piece.status == "unreadable":
            yield Clarification(
                key=f"unreadable-{piece.path}",
                subject=f"Pièce illisible{NBSP}: {piece.name}. {piece.reason or ''}".strip(),
                question=f"Le fichier «{NBSP}{piece.name}{NBSP}» ne peut pas être ouvert. "
                         "Pouvez-vous en remettre une copie lisible, ou communiquer son mot de "
                         "passe ?",
            )  # fmt: skip


def _anomalies(anomalies: tuple[Anomaly, ...]) -> Iterator[Clarification]:
    for number, anomaly in enumerate(anomalies, 1):
        if anomaly.kind in ("ocr", "invalid_point", "language"):
            yield Clarification(key=f"check-{number}", subject=anomaly.message, question=None,
                                evidence=anomaly.evidence)  # fmt: skip


def _unstated(facts: Facts) -> Iterator[Clarification]:
    for key, label in SOUGHT:
        if getattr(facts, key) is None:
            yield Clarification(
                key=f"unstated-{key}", subject=f"Non trouvé{NBSP}: {label}",
                question=f"Pouvez-vous préciser {label} ?",
            )  # fmt: skip


def _unknown_gates(best: LotVerdict | None) -> Iterator[Clarification]:
    for gate in best.gates if best else ():
        if gate.status == "unknown":
            yield Clarification(key=f"gate-{gate.key}", subject=gate.explanation, question=None,
                                evidence=gate.evidence)  # fmt: skip
