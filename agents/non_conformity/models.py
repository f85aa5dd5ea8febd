"""What the detection of non-conformities finds in a thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.engine.provenance import Provenance
from core.spans import Span
from crm.changes import ChangeDraft

Label = Literal["oui", "incertain", "non"]
Severity = Literal["minor", "major"]
Family = Literal[
    "billing", "metering", "contract", "switching", "outage", "price", "delay", "privacy", "broker"
]
FAMILY_LABELS: dict[Family, str] = {
    "billing": "facturation", "metering": "comptage", "contract": "contrat",
    "switching": "bascule", "outage": "coupure", "price": "prix", "delay": "délai",
    "privacy": "données personnelles", "broker": "cabinet",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """A step of the life-cycle as it is proposed: containment, cause, correction, check."""

    name: Literal["containment", "root_cause", "corrective_action", "effectiveness_check"]
    text: str


@dataclass(frozen=True)
class Detection:
    """`label` «oui»: a requirement and a deviation are both told. «incertain» goes to review
    within `review_days` working days. A `is_complaint` without requirement is a réclamation.

    `evidence` is exact. `key` names the thread and incident: one record for all its mails.
    `reasons` say in French what decided; `severity_reasons` what made the severity, or what would
    make it once an uncertain case is confirmed.
    """

    label: Label
    severity: Severity | None
    family: Family | None
    requirement: str | None
    evidence: Span | None
    is_complaint: bool
    reasons: tuple[str, ...]
    severity_reasons: tuple[str, ...]
    steps: tuple[Step, ...]
    changes: tuple[ChangeDraft, ...]
    key: str
    review_days: int | None
    provenance: Provenance
    dropped: int = 0
