"""What the scoring of a tender file yields: facts with their pages, gates, score, verdict."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from uuid import UUID

from agents.tender_scoring.evidence import Part, Piece
from agents.tender_scoring.facts import (
    CriteriaTotal,
    Criterion,
    EnergyBlock,
    Facts,
    Lot,
    Requirement,
)
from agents.tender_scoring.findings import Anomaly, Clarification, Contradiction, MissingPiece
from agents.tender_scoring.verdicts import LotVerdict, Reason, VerdictKind
from core.engine.provenance import Provenance


class TenderAnalysis(Part):
    """The whole result for one tender file.

    `verdict` sums the lots up: NO_GO when every lot is, GO when every lot is, else
    GO_SOUS_RESERVE with `go_lots`. `digest` is the SHA-256 of everything but `id`, `analysed_at`
    and `provenance`: equal for equal files, profile, grid and day.
    """

    id: UUID
    label: str
    analysed_at: dt.datetime
    as_of: dt.datetime
    pieces: tuple[Piece, ...]
    facts: Facts
    lots: tuple[Lot, ...]
    criteria: tuple[Criterion, ...]
    criteria_totals: tuple[CriteriaTotal, ...]
    energy: EnergyBlock
    requirements: tuple[Requirement, ...]
    contradictions: tuple[Contradiction, ...]
    missing_pieces: tuple[MissingPiece, ...]
    anomalies: tuple[Anomaly, ...]
    to_clarify: tuple[Clarification, ...]
    verdict: VerdictKind
    go_lots: tuple[int, ...] = ()
    score: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    lot_verdicts: tuple[LotVerdict, ...] = ()
    reasons: tuple[Reason, ...] = ()
    reserves: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
    summary: str | None = None
    dropped_items: int = 0
    provenance: Provenance
    digest: str = ""

    @property
    def unreadable_pieces(self) -> tuple[Piece, ...]:
        """The pieces no text could be read from."""
        return tuple(piece for piece in self.pieces if piece.status == "unreadable")

    @property
    def outdated_pieces(self) -> tuple[Piece, ...]:
        """The pieces that a later version replaces."""
        return tuple(piece for piece in self.pieces if piece.status == "outdated")
