"""Dishonest and clumsy acts through the product: each is refused, or changes nothing more."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from uuid import uuid4

import psycopg

from core.errors import VoltaireError
from crm.proposals.approving import Line
from evals.attack.crowd import HONEST, Crowd, digest_lines
from evals.attack.intrusions import (
    approve_by_policy_raw,
    approve_expired,
    approve_raw,
    commit_raw,
    forge_identity,
    reuse_nonce,
    run_raw_sql,
    submit_forged,
)
from tools import approvals
from tools.outputs import Proposed
from tools.registry import call_tool


async def act(crowd: Crowd, name: str) -> None:
    """Do what `name` says in `ACTS`, and note how it was held."""
    crowd.journal.acts[name] += 1
    try:
        await ACTS[name](crowd)
    except (VoltaireError, psycopg.Error, PermissionError) as error:
        crowd.journal.held[f"{name}: {type(error).__name__}"] += 1


async def _click_twice(c: Crowd) -> None:
    made = await c.propose()
    if made is None:
        return
    line = Line(made.proposal_id, made.digest)
    await asyncio.gather(c.click("rene", [line]), c.click("rene", [line]), return_exceptions=True)


async def _replay(c: Crowd) -> None:
    """A complete approval sent again, by who gave it or by somebody else."""
    if c.seen:
        lines = [c.chance.choice(c.seen)]
        person = c.person(c.chance.choice(("rene", "solange")))
        await approvals.approve(person, lines, digest_lines(lines))


async def _wrong_role(c: Crowd) -> None:
    made = await c.propose()
    if made is not None:
        lines = [Line(made.proposal_id, made.digest)]
        await approvals.approve(
            c.person(c.chance.choice(("tess", "ugo"))), lines, digest_lines(lines)
        )


async def _not_owner(c: Crowd) -> None:
    record = c.chance.choice(c.firm.ids["accounts"])
    other = "omar" if c.firm.owners[str(record)] == c.firm.people["nadia"].user_id else "nadia"
    made = await call_tool(
        c.person("nadia"), "propose_accounts",
        {"record_id": str(record), "fields": {"city": uuid4().hex[:8]}, "reason": "x"}, HONEST,
    )  # fmt: skip
    if isinstance(made, Proposed):
        lines = [Line(made.proposal_id, made.digest)]
        await approvals.approve(c.person(other), lines, digest_lines(lines))


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
        await approve_raw(c, "nadia", line, by_policy=False)


async def _batch(c: Crowd) -> None:
    """A list shown, another one approved: a line more, a line less, a digest of another text."""
    made = [m for m in [await c.propose() for _ in range(3)] if m is not None]
    lines = [Line(m.proposal_id, m.digest) for m in made]
    if len(lines) < 2:
        return
    shown = digest_lines(lines)
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
        await approvals.approve(c.person("rene"), lines, digest_lines(lines))


async def _foreign_approval(c: Crowd) -> None:
    """A director of the other firm approves, with the right digest."""
    made = await c.propose()
    if made is not None:
        lines = [Line(made.proposal_id, made.digest)]
        await approvals.approve(c.make(c.other.people["rene"]), lines, digest_lines(lines))


async def _edited(c: Crowd) -> None:
    """The first text approved after it was replaced."""
    made = await c.propose()
    if made is None:
        return
    await approvals.reject(c.person("rene"), made.proposal_id, made.digest, "Erreur")
    lines = [Line(made.proposal_id, made.digest)]
    await approvals.approve(c.person("rene"), lines, digest_lines(lines))


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


ACTS: Mapping[str, Callable[[Crowd], Awaitable[None]]] = {
    "double clic": _click_twice,
    "accord rejoué": _replay,
    "rôle sans droit": _wrong_role,
    "client d’un collègue": _not_owner,
    "seul au lieu de deux": _alone_for_two,
    "faux accord d’office": approve_by_policy_raw,
    "liste falsifiée": _batch,
    "empreinte fausse": _wrong_digest,
    "accord de l’autre cabinet": _foreign_approval,
    "accord après refus": _edited,
    "version périmée": _stale,
    "identité forgée": forge_identity,
    "SQL brut par rôle": run_raw_sql,
    "exécution sans accord": commit_raw,
    "proposition forgée": submit_forged,
    "nonce rejoué": reuse_nonce,
    "proposition expirée": approve_expired,
}
