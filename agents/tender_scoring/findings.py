"""What does not agree, lacks or surprises in a tender file, and what to clear up."""

from __future__ import annotations

from typing import Literal

from agents.tender_scoring.evidence import Evidence, Part, PieceKind

AnomalyKind = Literal[
    "injection", "hidden_text", "ocr", "weights", "deadline_past", "foreign_piece", "language",
    "invalid_point", "volume", "unproved", "type_mismatch",
]  # fmt: skip


class Contradiction(Part):
    """Two or three places that do not agree. `prevails` only when the file itself says so.

    `text` says it in a sentence, with each piece's value; `label` is its subject alone.
    """

    field: str
    label: str
    text: str = ""
    sides: tuple[Evidence, ...]
    prevails: int | None = None
    comment: str | None = None
    kept: str | None = None


class MissingPiece(Part):
    """A piece the file announces and does not hold. `blocks_score`: notice, RC or CCTP."""

    kind: PieceKind
    label: str
    evidence: tuple[Evidence, ...] = ()
    blocks_score: bool = False


class Anomaly(Part):
    """Something a reader must know; `message` is a French sentence."""

    kind: AnomalyKind
    message: str
    evidence: tuple[Evidence, ...] = ()


class Clarification(Part):
    """A point to clear up; `question` is what to ask the buyer, None when it is for the firm."""

    key: str
    subject: str
    question: str | None
    evidence: tuple[Evidence, ...] = ()
    lots: tuple[int, ...] = ()
