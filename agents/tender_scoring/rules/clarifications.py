"""What to clear up before answering, and the question to put to the buyer."""

from __future__ import annotations

from collections.abc import Iterator

from agents.tender_scoring.evidence import Piece
from agents.tender_scoring.facts import Facts
from agents.tender_scoring.findings import Anomaly, Clarification, Contradiction, MissingPiece
from agents.tender_scoring.rules.naming import NAMES
from agents.tender_scoring.verdicts import LotVerdict
from core.formats import NBSP

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
        yield Clarification(
            key=f"contradiction-{number}", subject=each.label, evidence=each.sides,
            question=f"{each.text or each.label} Pouvez-vous préciser ce qui s’applique{NBSP}?",
        )  # fmt: skip


def _missing(found: tuple[MissingPiece, ...]) -> Iterator[Clarification]:
    for piece in found:
        yield Clarification(
            key=f"missing-{piece.kind}", subject=f"Pièce manquante{NBSP}: {piece.label}",
            evidence=piece.evidence, question=_ask_piece(piece),
        )  # fmt: skip


def _ask_piece(piece: MissingPiece) -> str:
    if piece.kind == "notice":
        return ("L’avis de marché n’est pas joint au dossier. Pouvez-vous nous indiquer sa référence "
                f"de publication ou son adresse{NBSP}?")  # fmt: skip
    name = NAMES.get(piece.kind, f"la pièce «{NBSP}{piece.label}{NBSP}»")
    if not piece.evidence:
        return (f"Le dossier ne contient pas {name}, dont son étude dépend. Pouvez-vous mettre "
                f"cette pièce en ligne{NBSP}?")  # fmt: skip
    return (f"Le dossier annonce {name} ({piece.evidence[0].label}), mais ne contient pas cette "
            f"pièce. Pouvez-vous la mettre en ligne{NBSP}?")  # fmt: skip


def _unreadable(pieces: tuple[Piece, ...]) -> Iterator[Clarification]:
    for piece in pieces:
        if piece.status == "unreadable":
            yield Clarification(
                key=f"unreadable-{piece.path}",
                subject=f"Pièce illisible{NBSP}: {piece.name}",
                question=f"Le fichier «{NBSP}{piece.name}{NBSP}» ne peut pas être ouvert. "
                         "Pouvez-vous en remettre une copie lisible, ou communiquer son mot de "
                         "passe\u00a0?",
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
                question=f"Pouvez-vous préciser {label}{NBSP}?",
            )  # fmt: skip


def _unknown_gates(best: LotVerdict | None) -> Iterator[Clarification]:
    for gate in best.gates if best else ():
        if gate.status == "unknown":
            yield Clarification(key=f"gate-{gate.key}", subject=gate.explanation, question=None,
                                evidence=gate.evidence)  # fmt: skip
