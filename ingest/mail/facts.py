"""What is read in a thread's own words: dates, amounts, codes, people, requests, kind, urgency."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from core.spans import Span
from ingest.mail.date_natures import DateNature

Category = Literal[
    "non_conformite", "facturation", "technique_grd", "contrat", "demande_devis",
    "renouvellement", "document", "rendez_vous", "relance", "autre", "spam_newsletter",
    "auto_reponse", "injection",
]  # fmt: skip
CATEGORY_LABELS: dict[Category, str] = {
    "non_conformite": "Non-conformité", "facturation": "Facturation",
    "technique_grd": "Technique et gestionnaire de réseau", "contrat": "Contrat",
    "demande_devis": "Demande d’offre", "renouvellement": "Renouvellement",
    "document": "Document demandé", "rendez_vous": "Rendez-vous", "relance": "Relance",
    "autre": "Autre", "spam_newsletter": "Lettre d’information",
    "auto_reponse": "Réponse automatique",
    "injection": "Instruction suspecte",
}  # fmt: skip
CodeKind = Literal["prm", "pce", "delivery_point", "siret", "contract", "tender", "reference"]
Place = Literal["new", "subject", "signature", "quoted", "attachment"]
MailKind = Literal["person", "no_reply", "auto_reply", "list"]


@dataclass(frozen=True)
class Deadline:
    """`raw` as written, `on` as computed from the message's date; `at` when an hour is given.

    Only a «limit» is a day by which something is asked; the other dates are told as such.
    """

    raw: str
    on: dt.date
    span: Span
    place: Place
    at: dt.time | None = None
    is_relative: bool = False
    nature: DateNature = "limit"


@dataclass(frozen=True)
class Amount:
    """A quantity: `unit` is EUR, EUR/MWh, kWh, MWh, GWh, kVA, kW, MW or %."""

    raw: str
    value: Decimal
    unit: str
    span: Span
    place: Place


@dataclass(frozen=True)
class Code:
    """A reference; `value` has no blanks. `is_valid` is False when its format or key is wrong."""

    kind: CodeKind
    value: str
    span: Span
    place: Place
    is_valid: bool = True


@dataclass(frozen=True)
class Person:
    """Somebody named; `span` is None for one whom only the headers name."""

    name: str
    span: Span | None
    email: str | None = None


@dataclass(frozen=True)
class Ask:
    """Something the other side wants: a question, or a thing to do."""

    kind: Literal["question", "request"]
    span: Span


@dataclass(frozen=True)
class Anomaly:
    """Something that tries to steer or to deceive; it is reported and changes nothing else."""

    kind: Literal["instruction", "hidden_text", "bank_details", "look_alike", "reply_to"]
    message: str
    quote: str
    span: Span | None = None


@dataclass(frozen=True)
class MailFacts:
    """What a thread says, in its final state; every span is exact in its message's text.

    Deadlines, amounts and codes are those of every message; asks are the other side's alone, and
    of their latest messages. `urgency` goes from 1 to 3 (today).
    """

    category: Category
    urgency: int
    kind: MailKind
    language: str
    asks: tuple[Ask, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    amounts: tuple[Amount, ...] = ()
    codes: tuple[Code, ...] = ()
    people: tuple[Person, ...] = ()
    unit_conflicts: tuple[str, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def limits(self) -> tuple[Deadline, ...]:
        """The days by which the other side asks something in its own words, the nearest first."""
        told = [d for d in self.deadlines if d.nature == "limit" and d.place != "quoted"]
        return tuple(sorted(told, key=lambda limit: limit.on))

    @property
    def questions(self) -> tuple[Ask, ...]:
        return tuple(ask for ask in self.asks if ask.kind == "question")

    @property
    def requests(self) -> tuple[Ask, ...]:
        return tuple(ask for ask in self.asks if ask.kind == "request")
