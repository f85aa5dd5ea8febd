"""What of the CRM a thread speaks of: proved, ambiguous or unknown."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from uuid import UUID

from ingest.mail.facts import Code

Certainty = Literal["certain", "ambiguous", "unknown", "invalid"]


@dataclass(frozen=True)
class Record:
    """A row of the CRM a thread may speak of; `account_id` is the client it belongs to."""

    object: str
    id: UUID
    name: str
    account_id: UUID | None = None
    code: str = ""
    email: str = ""
    account_name: str = ""


@dataclass(frozen=True)
class ContractRow:
    """The cells of a contract that replies and checks lean on."""

    id: UUID
    reference: str
    supplier: str
    energy: str
    price_eur_per_mwh: Decimal | None
    end_on: dt.date | None
    notice_days: int | None
    status: str
    tacit_renewal: bool | None = None

    @property
    def notice_limit_on(self) -> dt.date | None:
        """The last day to give notice: the end less the notice, as `notice_deadline_on` has it."""
        if self.end_on is None or self.notice_days is None:
            return None
        return self.end_on - dt.timedelta(days=self.notice_days)


@dataclass(frozen=True)
class CodeLink:
    """A code of the thread and the records that bear it (one: certain; more: to ask)."""

    code: Code
    certainty: Certainty
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class MailLinks:
    """`account` is None when unknown or ambiguous; `questions` are then put to the user, in
    French, with the candidates. `contacts` are all those of the account (allowed recipients)."""

    account: Record | None = None
    contact: Record | None = None
    account_candidates: tuple[Record, ...] = ()
    codes: tuple[CodeLink, ...] = ()
    contacts: tuple[Record, ...] = ()
    contracts: tuple[ContractRow, ...] = ()
    questions: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    own_domains: frozenset[str] = field(default=frozenset[str]())

    def find_record(self, *objects: str) -> Record | None:
        """The one record of these objects that the thread surely names, None if none or several."""
        found = {
            link.records[0].id: link.records[0]
            for link in self.codes
            if link.certainty == "certain" and link.records[0].object in objects
        }
        return next(iter(found.values())) if len(found) == 1 else None
