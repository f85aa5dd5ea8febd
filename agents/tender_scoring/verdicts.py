"""How a tender is judged: gates, notes of the grid, reasons, verdict of each lot."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from agents.tender_scoring.evidence import Evidence, Part

GateStatus = Literal["passed", "failed", "unknown", "not_applicable"]
VerdictKind = Literal["GO", "GO_SOUS_RESERVE", "NO_GO", "INCOMPLETE"]
VERDICTS: dict[VerdictKind, str] = {
    "GO": "Go",
    "GO_SOUS_RESERVE": "Go sous réserve",
    "NO_GO": "No-Go",
    "INCOMPLETE": "Dossier incomplet",
}


class GateResult(Part):
    """One condition without which the firm cannot answer, for every lot or some."""

    key: Literal[
        "deadline", "role", "visit", "certificates", "turnover", "references", "signature",
        "conflict", "reserved", "insurance",
    ]  # fmt: skip
    label: str
    status: GateStatus
    explanation: str
    lots: tuple[int, ...] = ()
    reserve: str | None = None
    evidence: tuple[Evidence, ...] = ()
    profile_facts: tuple[str, ...] = ()


class GridNote(Part):
    """A criterion of the firm's grid, noted between `low` and `high` (0 to 5).

    `note` is None when the file and the profile tell nothing: the interval is then 0 to 5.
    """

    key: str
    label: str
    weight: Decimal
    note: Decimal | None
    low: Decimal
    high: Decimal
    reason: str
    evidence: tuple[Evidence, ...] = ()
    profile_facts: tuple[str, ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Tell whether nothing grounds a note."""
        return self.note is None


class Reason(Part):
    """Why the verdict is what it is, with its pages or the profile's own words."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    profile_facts: tuple[str, ...] = ()
    is_decisive: bool = False


class LotVerdict(Part):
    """The verdict of a lot (`lot` None: the whole contract); scores are 0 to 100.

    `reserves` are the conditions of a GO_SOUS_RESERVE; `sensitivity` reads «No-Go devient Go sous
    réserve si …». No score is given where the file is incomplete.
    """

    lot: int | None
    verdict: VerdictKind
    score: Decimal | None
    low: Decimal | None
    high: Decimal | None
    notes: tuple[GridNote, ...] = ()
    gates: tuple[GateResult, ...] = ()
    reasons: tuple[Reason, ...] = ()
    reserves: tuple[str, ...] = ()
    sensitivity: tuple[str, ...] = ()
