"""Acts that go round the product: raw SQL under each role, forged texts and identities."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
from dataclasses import replace
from uuid import UUID, uuid4

from core.context import Identity
from core.database import Role
from crm.changes import ChangeDraft
from crm.proposals.approving import Line
from crm.proposals.canonical import Origin, write_canonical
from crm.proposals.firm import get_policy
from crm.proposals.submission import build_change
from evals.attack.crowd import Crowd, digest_lines
from evals.attack.statements import RAW_STATEMENTS
from tools import approvals

RAW_ROLES: tuple[Role, ...] = ("assistant_read", "sql_reader", "change_approver", "sync_writer",
                               "knowledge_writer", "gatekeeper", "ledger_writer",
                               "change_executor")  # fmt: skip
SUBMIT = "SELECT * FROM submit_proposal(%s, %s, NULL)"
APPROVE = "SELECT * FROM approve_proposals(%s, %s, %s, %s, %s)"
COMMIT = "SELECT commit_proposal(%s, %s) AS result"


async def approve_raw(c: Crowd, who: str, line: Line, *, by_policy: bool) -> None:
    async with c.person(who).database.transaction(c.firm.people[who], "change_approver") as db:
        await db.execute(
            APPROVE, ([line.proposal_id], [line.digest], [1], digest_lines([line]), by_policy)
        )


async def approve_by_policy_raw(c: Crowd) -> None:
    """A raw approval «by policy», which the firm's policy never gives."""
    made = await c.propose()
    if made is not None:
        line = Line(made.proposal_id, made.digest)
        await approve_raw(c, c.chance.choice(("tess", "nadia")), line, by_policy=True)


async def forge_identity(c: Crowd) -> None:
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


async def run_raw_sql(c: Crowd) -> None:
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


async def commit_raw(c: Crowd) -> None:
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


def _draft_note(c: Crowd) -> ChangeDraft:
    fields = {"account_id": str(c.firm.ids["accounts"][0]), "body": "Note"}
    return ChangeDraft("create", "notes", fields, "Essai", str(uuid4()), is_tainted=False)


async def submit_forged(c: Crowd) -> None:
    """A text of one's own under the assistant's role: another author, a used nonce, expired."""
    context = c.person("nadia")
    draft = _draft_note(c)
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


async def reuse_nonce(c: Crowd) -> None:
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


async def approve_expired(c: Crowd) -> None:
    """A proposal that lives an instant, approved after its time."""
    context = c.person("nadia")
    draft = _draft_note(c)
    async with context.database.transaction(context.identity) as db:
        policy = await get_policy(db, context.identity.tenant_id)
        change = await build_change(db, context, draft, Origin("chat"), policy)
        soon = dt.datetime.now(dt.UTC) + dt.timedelta(milliseconds=150)
        text = write_canonical(replace(change, expires_at=soon))
        await db.execute(SUBMIT, (text, draft.key))
    await asyncio.sleep(0.2)
    lines = [Line(change.id, hashlib.sha256(text.encode()).hexdigest())]
    await approvals.approve(c.person("rene"), lines, digest_lines(lines))
    c.breach("an expired proposal was approved")
