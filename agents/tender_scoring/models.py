"""What the scoring of a tender file yields: facts with their pages, gates, score, verdict."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from core.engine.provenance import Provenance
from core.spans import Span

PieceKind = Literal[
    "rc", "cctp", "ccap", "ccp", "ae", "bpu", "dqe", "dpgf", "delivery_points", "notice",
    "corrigendum", "annex", "other",
]  # fmt: skip
PieceStatus = Literal["used", "outdated", "unreadable", "foreign", "duplicate"]
Energy = Literal["electricity", "gas", "both", "heat", "other"]
Reader = Literal["rules", "model", "notice", "both"]
GateStatus = Literal["passed", "failed", "unknown", "not_applicable"]
VerdictKind = Literal["GO", "GO_SOUS_RESERVE", "NO_GO", "INCOMPLETE"]
AnomalyKind = Literal[
    "injection", "hidden_text", "ocr", "weights", "deadline_past", "foreign_piece", "language",
    "invalid_point", "volume", "unproved", "type_mismatch",
]  # fmt: skip
Box = tuple[float, float, float, float]


class Part(BaseModel):
    """A frozen part of an analysis, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Part):
    """Where a statement stands: `span` is exact in the stored text of the piece `file`.

    `span.source_id` is the piece's id; `span.page` counts from 1, None where the format has no
    pages (DOCX, XLSX, JSON): `loc` then names the place («§12», «Synthèse!C2», a JSON key).
    `box` is in PDF points from the top left of the page. `is_ocr`: read from a scanned page.
    """

    span: Span
    file: str
    loc: str | None = None
    is_ocr: bool = False
    box: Box | None = None

    @property
    def quote(self) -> str:
        """The words themselves."""
        return self.span.quote

    @property
    def page(self) -> int | None:
        """The page, from 1."""
        return self.span.page

    @property
    def label(self) -> str:
        """The place in French: «RC.pdf, p. 4»."""
        if self.page is not None:
            return f"{self.file}, p.\u00a0{self.page}"
        return f"{self.file}, {self.loc}" if self.loc else self.file


class Piece(Part):
    """A file of the tender. `path` is its place in the archive, `name` its last part.

    `reason` says in French why a piece is not used; `replaced_by` is the id of the piece that
    makes this one outdated. `version` is as stated («version 2», «rectificatif du 9/12/2026»).
    """

    id: str
    name: str
    path: str
    kind: PieceKind
    label: str
    status: PieceStatus = "used"
    sha256: str
    size_bytes: int
    pages: int | None = None
    ocr_pages: tuple[int, ...] = ()
    version: str | None = None
    dated_on: dt.date | None = None
    replaced_by: str | None = None
    reason: str | None = None


class Fact(Part):
    """One statement of the file. `value` is what a reader sees, in French.

    The typed fields hold what code computed from the quote; those that do not apply are None.
    `lots` is empty when the statement is about every lot. `conflict` is what the other reader
    (rules or model) read elsewhere, shown with its own evidence.
    """

    key: str
    label: str
    value: str
    evidence: tuple[Evidence, ...]
    lots: tuple[int, ...] = ()
    instant: dt.datetime | None = None
    months: int | None = None
    days: int | None = None
    hours: int | None = None
    amount_eur: Decimal | None = None
    percent: Decimal | None = None
    is_allowed: bool | None = None
    is_mandatory: bool | None = None
    read_by: Reader = "rules"
    conflict: Conflict | None = None


class Conflict(Part):
    """Another reading of the same statement."""

    value: str
    read_by: Reader
    evidence: tuple[Evidence, ...]


class Subcriterion(Part):
    """A part of an award criterion; `points` is None when no weight is given to it."""

    name: str
    points: Decimal | None = None


class Criterion(Part):
    """An award criterion. `lots` is empty for every lot; `weight` is in percent or points.

    `stage` separates what is not weighed together: the offers, the selection of candidates, the
    call-offs of a framework.
    """

    name: str
    weight: Decimal | None
    lots: tuple[int, ...] = ()
    stage: Literal["offer", "candidacy", "call_off"] = "offer"
    subcriteria: tuple[Subcriterion, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class CriteriaTotal(Part):
    """The sum of the weights of one lot and stage; anything but 100 is an anomaly."""

    lot: int | None
    stage: str
    total: Decimal


class Lot(Part):
    """A lot, or the whole contract when it is not divided (`number` None)."""

    number: int | None
    title: str
    energy: Energy | None = None
    segment: str | None = None
    volume_mwh: Decimal | None = None
    sites: int | None = None
    value_eur: Decimal | None = None
    value_kind: Literal["maximum", "estimate"] | None = None
    duration_months: int | None = None
    is_reserved: bool = False
    evidence: tuple[Evidence, ...] = ()
    volume_evidence: tuple[Evidence, ...] = ()
    value_evidence: tuple[Evidence, ...] = ()


class DeliveryPoint(Part):
    """A line of the annexe of delivery points. `issues` say in French what is wrong with it."""

    code: str
    energy: Literal["electricity", "gas"]
    lot: int | None
    site: str | None
    segment: str | None
    operator: str | None
    is_eld: bool
    power_kva: Decimal | None
    volume_mwh: Decimal | None
    file: str
    loc: str
    issues: tuple[str, ...] = ()
    crm_id: UUID | None = None
    crm_account: str | None = None


class PointTotal(Part):
    """Delivery points added up by lot and energy, and what the file says of the same."""

    lot: int | None
    energy: Literal["electricity", "gas"]
    points: int
    eld_points: int
    volume_mwh: Decimal | None
    eld_volume_mwh: Decimal | None = None
    stated_points: int | None = None
    stated_volume_mwh: Decimal | None = None
    stated_evidence: tuple[Evidence, ...] = ()
    total_evidence: tuple[Evidence, ...] = ()


class EnergyBlock(Part):
    """The annexe of delivery points, checked."""

    points: tuple[DeliveryPoint, ...] = ()
    totals: tuple[PointTotal, ...] = ()
    invalid_points: int = 0
    known_points: int = 0
    eld_statement: Fact | None = None
    crm_failure: str | None = None


class Contradiction(Part):
    """Two or three places that do not agree. `prevails` only when the file itself says so."""

    field: str
    label: str
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


class Requirement(Part):
    """A line of the compliance matrix: what is asked of the candidate, and where."""

    key: str
    text: str
    category: Literal[
        "candidacy", "offer", "capacity", "eliminatory", "technical", "administrative", "price"
    ]
    lots: tuple[int, ...] = ()
    is_eliminatory: bool = False
    answer_expected: str | None = None
    evidence: tuple[Evidence, ...] = ()


class Clarification(Part):
    """A point to clear up; `question` is what to ask the buyer, None when it is for the firm."""

    key: str
    subject: str
    question: str | None
    evidence: tuple[Evidence, ...] = ()
    lots: tuple[int, ...] = ()


class Facts(Part):
    """The fact sheet. A statement that the file does not make is None or absent."""

    buyer: Fact | None = None
    title: Fact | None = None
    reference: Fact | None = None
    procedure: Fact | None = None
    contract_type: Fact | None = None
    framework: Fact | None = None
    cpv: tuple[Fact, ...] = ()
    deadline: Fact | None = None
    question_deadline: Fact | None = None
    visit: tuple[Fact, ...] = ()
    offer_validity: Fact | None = None
    call_off_validity: Fact | None = None
    duration: Fact | None = None
    renewals: Fact | None = None
    variants: tuple[Fact, ...] = ()
    price_structure: tuple[Fact, ...] = ()
    guarantees: tuple[Fact, ...] = ()
    insurance: tuple[Fact, ...] = ()
    penalties: tuple[Fact, ...] = ()
    required_documents: tuple[Fact, ...] = ()
    eliminatory: tuple[Fact, ...] = ()
    reserved_lots: tuple[Fact, ...] = ()
    platform: Fact | None = None
    signature: Fact | None = None
    payment: tuple[Fact, ...] = ()
    location: tuple[Fact, ...] = ()
    incumbents: tuple[Fact, ...] = ()


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

    `reserves` are the conditions of a GO_SOUS_RESERVE; `sensitivity` reads «NO_GO devient GO si
    …». No score is given where the file is incomplete.
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


Fact.model_rebuild()
