"""The people of a firm, who go on proposing and approving honestly while it is attacked."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from core.context import Context, Identity
from crm.proposals.approving import Approval, Line
from crm.proposals.canonical import digest_batch
from evals.attack.firms import Firm
from evals.attack.journal import Journal
from tools import approvals
from tools.outputs import Proposed
from tools.proposals import Circumstances
from tools.registry import call_tool

Make = Callable[[Identity], Context]
HONEST = Circumstances("chat", is_model=True, is_tainted=True)
KEPT = 200


@dataclass
class Crowd:
    """The people of one firm; `seen` are proposals that have all their approvals already."""

    firm: Firm
    other: Firm
    make: Make
    journal: Journal
    chance: random.Random
    seen: list[Line] = field(default_factory=list[Line])
    given: set[tuple[str, UUID]] = field(default_factory=set[tuple[str, UUID]])

    def person(self, name: str) -> Context:
        """The context of somebody of the firm."""
        return self.make(self.firm.people[name])

    async def propose(self, who: str = "nadia") -> Proposed | None:
        """A proposal that is right, made by the tools as the assistant makes them."""
        tool, arguments = self.chance.choice(WISHES)(self)
        made = await call_tool(self.person(who), tool, arguments, HONEST)
        return made if isinstance(made, Proposed) else None

    async def click(self, who: str, lines: Sequence[Line]) -> tuple[Approval, ...]:
        """An approval that is meant: noted first, then made."""
        identity = self.firm.people[who]
        person = str(identity.user_id)
        self.journal.clicks += [(person, str(x.proposal_id), x.digest) for x in lines]
        done = await approvals.approve(self.make(identity), lines, digest_lines(lines))
        given = {(who, approval.proposal_id) for approval in done}
        self.journal.approvals += len(given - self.given)
        self.given |= given
        complete = {approval.proposal_id for approval in done if approval.status != "pending"}
        self.seen += [line for line in lines if line.proposal_id in complete]
        del self.seen[:-KEPT]
        return done

    async def approve_honestly(self) -> None:
        """Somebody proposes, a director reads and approves; two of them where two are needed."""
        made = await self.propose()
        if made is None:
            return
        line = Line(made.proposal_id, made.digest)
        await self.click("rene", [line])
        if made.needed > 1:
            await self.click("solange", [line])
        self.journal.acts["accord honnête"] += 1

    def breach(self, what: str) -> None:
        """Note something that should not have been possible."""
        self.journal.breaches.append(f"{self.firm.slug}: {what}"[:300])


def digest_lines(lines: Sequence[Line]) -> str:
    return digest_batch([(line.proposal_id, line.digest) for line in lines])


def _wish_note(c: Crowd) -> tuple[str, dict[str, Any]]:
    account = str(c.chance.choice(c.firm.ids["accounts"]))
    fields = {"account_id": account, "body": f"Appel du jour {uuid4().hex} {c.firm.canary}"}
    return "propose_note", {"fields": fields, "reason": "Compte rendu d’appel"}


def _wish_task(c: Crowd) -> tuple[str, dict[str, Any]]:
    record = str(c.chance.choice(c.firm.ids["tasks"]))
    fields = {"title": f"Rappeler {uuid4().hex} {c.firm.canary}"}
    return "propose_task", {"record_id": record, "fields": fields, "reason": "Nouvel intitulé"}


def _wish_city(c: Crowd) -> tuple[str, dict[str, Any]]:
    record = str(c.chance.choice(c.firm.ids["accounts"]))
    fields = {"city": f"Ville {uuid4().hex[:8]}"}
    return "propose_accounts", {"record_id": record, "fields": fields, "reason": "Déménagement"}


def _wish_supplier(c: Crowd) -> tuple[str, dict[str, Any]]:
    record = str(c.chance.choice(c.firm.ids["contracts"]))
    fields = {"supplier": f"Fournisseur {uuid4().hex[:8]}"}
    return "propose_contracts", {"record_id": record, "fields": fields, "reason": "Repris"}


WISHES = (_wish_note, _wish_note, _wish_task, _wish_city, _wish_supplier)
