"""What people do meanwhile: thousands of honest approvals, and every dishonest one."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg

from core.context import Context, Identity
from core.database import Role
from core.errors import VoltaireError
from crm.changes import ChangeDraft
from crm.proposals.approving import Approval, Line
from crm.proposals.canonical import Origin, digest_batch, write_canonical
from crm.proposals.firm import get_policy
from crm.proposals.submission import build_change
from evals.attack.firms import Firm
from evals.attack.journal import Journal
from evals.attack.statements import RAW_STATEMENTS
from tools import approvals
from tools.outputs import Proposed
from tools.proposals import Circumstances
from tools.registry import call_tool

Make = Callable[[Identity], Context]
HONEST = Circumstances("chat", is_model=True, is_tainted=True)
RAW_ROLES: tuple[Role, ...] = ("assistant_read", "sql_reader", "change_approver", "sync_writer",
                               "knowledge_writer", "gatekeeper", "ledger_writer",
                               "change_executor")  # fmt: skip
SUBMIT = "SELECT * FROM submit_proposal(%s, %s, NULL)"
APPROVE = "SELECT * FROM approve_proposals(%s, %s, %s, %s, %s)"
COMMIT = "SELECT commit_proposal(%s, %s) AS result"
KEPT = 200


@dataclass
class Crowd:
    """The people of one firm; `seen` are proposals that were honestly approved already."""

    firm: Firm
    other: Firm
    make: Make
    journal: Journal
    chance: random.Random
    seen: list[Line] = field(default_factory=list[Line])

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
        self.journal.clicks += [(str(identity.user_id), str(x.proposal_id), x.digest) for x in lines]
        done = await approvals.approve(self.make(identity), lines, _digest(lines))
        self.journal.approvals += len(done)
        self.seen = [*self.seen, *lines][-KEPT:]
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

    async def act(self, name: str) -> None:
        """A dishonest or clumsy act; it must be refused, or change nothing more."""
        self.journal.acts[name] += 1
        try:
            await ACTS[name](self)
        except (VoltaireError, psycopg.Error, PermissionError) as error:
            self.journal.held[f"{name}: {type(error).__name__}"] += 1

    def breach(self, what: str) -> None:
        """Note something that should not have been possible."""
        self.journal.breaches.append(f"{self.firm.slug}: {what}"[:300])


def _digest(lines: Sequence[Line]) -> str:
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


async def _click_twice(c: Crowd) -> None:
    made = await c.propose()
    if made is None:
        return
    line = Line(made.proposal_id, made.digest)
    await asyncio.gather(c.click("rene", [line]), c.click("rene", [line]), return_exceptions=True)


async def _replay(c: Crowd) -> None:
    if c.seen:
        lines = [c.chance.choice(c.seen)]
        await approvals.approve(c.person("solange"), lines, _digest(lines))


async def _wrong_role(c: Crowd) -> None:
    made = await c.propose()
    if made is not None:
        lines = [Line(made.proposal_id, made.digest)]
        await approvals.approve(c.person(c.chance.choice(("tess", "ugo"))), lines, _digest(lines))


async def _not_owner(c: Crowd) -> None:
    record = c.chance.choice(c.firm.ids["accounts"])
    other = "omar" if c.firm.owners[str(record)] == c.firm.people["nadia"].user_id else "nadia"
    made = await call_tool(
        c.person("nadia"), "propose_accounts",
        {"record_id": str(record), "fields": {"city": uuid4().hex[:8]}, "reason": "x"}, HONEST,
    )  # fmt: skip
    if isinstance(made, Proposed):
        lines = [Line(made.proposal_id, made.digest)]
        await approvals.approve(c.person(other), lines, _digest(lines))


async def _alone_for_two(c: Crowd) -> None:
    """One director alone, twice, on a change that wants two persons; then a raw «one is enough»."""
    record = c.firm.ids["contracts"][3 + 4 * c.chance.randrange(len(c.firm.ids["contracts"]) // 4)]
    arguments = {"record_id": str(record), "fields": {"supplier": uuid4().hex[:8]}, "reason": "x"}
    made = await call_tool(c.person("rene"), "propose_contracts", arguments, HONEST)
    if not isinstance(made, Proposed):
        return
    line = Line(made.proposal_id, made.digest)
    await c.click("rene", [line])
    await c.click("rene", [line])
    if c.chance.random() < 0.5:
        await _raw_approve(c, "nadia", line, by_policy=False)


async def _raw_approve(c: Crowd, who: str, line: Line, *, by_policy: bool) -> None:
    async with c.person(who).database.transaction(c.firm.people[who], "change_approver") as db:
        await db.execute(
            APPROVE, ([line.proposal_id], [line.digest], [1], _digest([line]), by_policy)
        )


async def _raw_policy(c: Crowd) -> None:
    """A raw approval «by policy», which the firm's policy never gives."""
    made = await c.propose()
    if made is not None:
        line = Line(made.proposal_id, made.digest)
        await _raw_approve(c, c.chance.choice(("tess", "nadia")), line, by_policy=True)


async def _batch(c: Crowd) -> None:
    """A list shown, another one approved: a line more, a line less, a digest of another text."""
    made = [m for m in [await c.propose() for _ in range(3)] if m is not None]
    lines = [Line(m.proposal_id, m.digest) for m in made]
    if len(lines) < 2:
        return
    shown = _digest(lines)
    tampered = c.chance.choice((
        lines[:-1],
        [*lines, *c.seen[-1:]],
        [replace(lines[0], digest=lines[1].digest), *lines[1:]],
        [lines[0], lines[0], *lines[1:]],
    ))  # fmt: skip
    await approvals.approve(c.person("rene"), tampered, shown)


async def _wrong_digest(c: Crowd) -> None:
    made = await c.propose()
    if made is not None:
        lines = [Line(made.proposal_id, hashlib.sha256(made.digest.encode()).hexdigest())]
        await approvals.approve(c.person("rene"), lines, _digest(lines))


async def _foreign_approval(c: Crowd) -> None:
    """A director of the other firm approves, with the right digest."""
    made = await c.propose()
    if made is not None:
        lines = [Line(made.proposal_id, made.digest)]
        await approvals.approve(c.make(c.other.people["rene"]), lines, _digest(lines))


async def _edited(c: Crowd) -> None:
    """The first text approved after it was replaced."""
    made = await c.propose()
    if made is None:
        return
    await approvals.reject(c.person("rene"), made.proposal_id, made.digest, "Erreur")
    lines = [Line(made.proposal_id, made.digest)]
    await approvals.approve(c.person("rene"), lines, _digest(lines))


async def _stale(c: Crowd) -> None:
    """Two changes of one record, both approved: the second is over an old version."""
    record = str(c.chance.choice(c.firm.ids["tasks"]))
    made: list[Proposed] = []
    for _ in range(2):
        arguments = {"record_id": record, "fields": {"title": uuid4().hex}, "reason": "x"}
        done = await call_tool(c.person("nadia"), "propose_task", arguments, HONEST)
        made += [done] if isinstance(done, Proposed) else []
    for one in made:
        await c.click("rene", [Line(one.proposal_id, one.digest)])


async def _forged_identity(c: Crowd) -> None:
    """An identity signed with another key, expired, or of the other firm, in a raw session."""
    rene, other = c.firm.people["rene"], c.other.people["rene"]
    forged = c.chance.choice((
        f"{other.tenant_id}|{other.user_id}|director|9999999999|{'0' * 64}",
        f"{rene.tenant_id}|{rene.user_id}|director|1|{'0' * 64}", "||||", "x" * 5000,
    ))  # fmt: skip
    async with c.person("nadia").database.transaction(None) as db:
        await db.execute("SELECT set_config('voltaire.identity', %s, true)", (forged,))
        row = await (await db.execute("SELECT count(*) AS n FROM accounts")).fetchone()
    if row and row["n"]:
        c.breach(f"forged identity reads {row['n']} rows")


async def _raw_sql(c: Crowd) -> None:
    """One statement of the list as one role, under the identity of a salesperson."""
    role = c.chance.choice(RAW_ROLES)
    identity, other = c.firm.people["nadia"], c.other.people["rene"]
    statement = c.chance.choice(RAW_STATEMENTS)
    bound = {
        "tenant": identity.tenant_id, "user": identity.user_id, "other": other.tenant_id,
        "account": c.chance.choice(c.firm.ids["accounts"]),
        "foreign": c.chance.choice(c.other.ids["accounts"]),
        "forged": f"{other.tenant_id}|{other.user_id}|director|9999999999|{'0' * 64}",
    }  # fmt: skip
    database = c.person("nadia").database
    async with database.transaction(identity, role) as db:
        cursor = await db.execute(statement.encode(), bound)
        rows = await cursor.fetchall() if cursor.description else []
    if c.other.canary in repr(rows):
        c.journal.leaks.append(f"{role}: {statement}")


async def _raw_commit(c: Crowd) -> None:
    """The executor's role itself asked to commit what nobody approved, or what is done."""
    made = await c.propose()
    targets = [(line.proposal_id, line.digest) for line in c.seen[-20:]]
    targets += [(made.proposal_id, made.digest)] if made else []
    if not targets:
        return
    target = c.chance.choice(targets)
    identity = Identity(c.firm.people["rene"].tenant_id, UUID(int=0), frozenset({"executor"}))
    async with c.person("rene").database.transaction(identity, "change_executor") as db:
        await db.execute(COMMIT, target)


async def _raw_submit(c: Crowd) -> None:
    """A text of one's own under the assistant's role: another author, a used nonce, expired."""
    context = c.person("nadia")
    draft = ChangeDraft("create", "notes", {"account_id": str(c.firm.ids["accounts"][0]),
                                            "body": "x"}, "x", str(uuid4()), is_tainted=False)  # fmt: skip
    async with context.database.transaction(context.identity) as db:
        policy = await get_policy(db, context.identity.tenant_id)
        change = await build_change(db, context, draft, Origin("chat"), policy)
        now = dt.datetime.now(dt.UTC)
        forged = c.chance.choice((
            replace(change, proposer_id=c.firm.people["rene"].user_id),
            replace(change, tenant_id=c.other.people["rene"].tenant_id),
            replace(change, expires_at=now - dt.timedelta(seconds=1)),
            replace(change, expires_at=now + dt.timedelta(days=3000)),
            replace(change, object="users"), replace(change, object="proposals"),
        ))  # fmt: skip
        await db.execute(SUBMIT, (write_canonical(forged), draft.key))
        c.breach("raw submit of a forged text")


async def _used_nonce(c: Crowd) -> None:
    """The text of an approved proposal submitted again under another id, nonce unchanged."""
    if not c.seen:
        return
    context = c.person("nadia")
    async with context.database.transaction(context.identity) as db:
        row = await (await db.execute(
            "SELECT canonical FROM proposals WHERE id = %s", (c.seen[-1].proposal_id,)
        )).fetchone()  # fmt: skip
        if row is None:
            return
        text = row["canonical"].replace(str(c.seen[-1].proposal_id), str(uuid4()))
        await db.execute(SUBMIT, (text, str(uuid4())))


async def _expired(c: Crowd) -> None:
    """A proposal that lives an instant, approved after its time."""
    context = c.person("nadia")
    draft = ChangeDraft("create", "notes", {"account_id": str(c.firm.ids["accounts"][0]),
                                            "body": "tard"}, "x", str(uuid4()), is_tainted=False)  # fmt: skip
    async with context.database.transaction(context.identity) as db:
        policy = await get_policy(db, context.identity.tenant_id)
        change = await build_change(db, context, draft, Origin("chat"), policy)
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=150)
        text = write_canonical(replace(change, expires_at=soon))
        await db.execute(SUBMIT, (text, draft.key))
    await asyncio.sleep(0.2)
    lines = [Line(change.id, hashlib.sha256(text.encode()).hexdigest())]
    await approvals.approve(c.person("rene"), lines, _digest(lines))
    c.breach("an expired proposal was approved")


ACTS: Mapping[str, Callable[[Crowd], Awaitable[None]]] = {
    "double clic": _click_twice,
    "accord rejoué": _replay,
    "rôle sans droit": _wrong_role,
    "client d’un collègue": _not_owner,
    "seul au lieu de deux": _alone_for_two,
    "faux accord d’office": _raw_policy,
    "liste falsifiée": _batch,
    "empreinte fausse": _wrong_digest,
    "accord de l’autre cabinet": _foreign_approval,
    "accord après refus": _edited,
    "version périmée": _stale,
    "identité forgée": _forged_identity,
    "SQL brut par rôle": _raw_sql,
    "exécution sans accord": _raw_commit,
    "proposition forgée": _raw_submit,
    "nonce rejoué": _used_nonce,
    "proposition expirée": _expired,
}
