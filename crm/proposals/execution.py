"""The executor: claims approved proposals, checks everything again, commits each exactly once.

It runs in its own process, under the only role that may call `commit_proposal`. A change, its
audit and its consumed nonce are one transaction; several changes of a firm may share it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

import psycopg

from core.context import Identity
from core.database import EXECUTOR, Connection, Database
from core.errors import VoltaireError
from crm.proposals.canonical import (
    Change,
    FieldChange,
    digest_of,
    read_canonical,
    write_canonical,
)
from crm.proposals.decision import decide
from crm.proposals.declarations import WRITABLES
from crm.proposals.firm import get_policy
from crm.proposals.policy import Policy
from crm.proposals.records import find_row, read_facts
from crm.proposals.store import GivenApproval, read_approvals
from crm.proposals.values import from_row

logger = logging.getLogger(__name__)

Result = Mapping[str, Any]
"""What the database answers for one proposal: its outcome, and why."""

BATCH = 50
POLL_S = 2.0
# Approvals that follow one another this closely are carried out together, at less cost for each.
GATHER_S = 0.005
ROUNDS_EVERY_S = 0.5
NOBODY = UUID(int=0)
TENANTS = "SELECT tenants_with_work() AS tenant_id"
CLAIM = "SELECT id, object, canonical, digest FROM claim_proposals(%s)"
COMMIT = "SELECT id, result FROM commit_proposals(%s, %s)"
FAIL = "SELECT fail_proposal(%s, %s) AS result"
SUCCEED = "SELECT succeed_proposal(%s, %s) AS successor"
EXPIRE = "SELECT expire_proposals() AS expired"
SEAL = "SELECT seal_audit(%s) AS sealed"


@dataclass(frozen=True)
class Executor:
    """Works through what is approved. `policy` replaces the firms' own in measurements."""

    database: Database
    policy: Policy | None = None
    batch: int = BATCH
    counts: Counter[str] = field(default_factory=Counter[str])

    async def run(self) -> None:
        """Work until cancelled: at each approval's notice, and regularly besides."""
        while True:
            try:
                async with self.database.transaction(None, EXECUTOR):
                    pass
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen())
                    tasks.create_task(self._make_rounds())
            except* (VoltaireError, psycopg.OperationalError) as errors:
                logger.warning("Exécution en attente de la base : %s", errors.exceptions[0])
                await asyncio.sleep(POLL_S)

    async def run_once(self) -> int:
        """One pass over every firm with work; how many proposals were settled."""
        settled = 0
        for tenant_id in await self._list_tenants():
            settled += await self._work_through(tenant_id)
            await self._keep_house(tenant_id)
        return settled

    async def _list_tenants(self) -> list[UUID]:
        async with self.database.transaction(None, EXECUTOR) as connection:
            rows = await (await connection.execute(TENANTS)).fetchall()
        return [row["tenant_id"] for row in rows]

    async def _listen(self) -> None:
        conninfo = self.database.role_conninfo(EXECUTOR)
        async with await psycopg.AsyncConnection.connect(conninfo, autocommit=True) as ears:
            await ears.execute("LISTEN changes")
            while True:
                told = {UUID(notice.payload) async for notice in ears.notifies(stop_after=1)}
                await asyncio.sleep(GATHER_S)
                for tenant_id in told:
                    await self._work_through(tenant_id)

    async def _make_rounds(self) -> None:
        """Do what no notice tells of, beside what they tell: a long seal delays no change."""
        while True:
            await self.run_once()
            await asyncio.sleep(ROUNDS_EVERY_S)

    async def _work_through(self, tenant_id: UUID) -> int:
        settled = 0
        while True:
            try:
                done = await self._settle_batch(tenant_id, self.batch)
            except psycopg.errors.Error:
                logger.exception("Lot repris proposition par proposition")
                done = await self._settle_one_by_one(tenant_id)
            settled += done
            if done < self.batch:
                return settled

    async def _settle_batch(self, tenant_id: UUID, most: int, *, is_safe: bool = False) -> int:
        identity = Identity(tenant_id, NOBODY, frozenset({"executor"}))
        async with self.database.transaction(identity, EXECUTOR) as connection:
            claimed = await (await connection.execute(CLAIM, (most,))).fetchall()
            if not claimed:
                return 0
            approvals = await read_approvals(connection, [row["id"] for row in claimed])
            policy = self.policy or await get_policy(connection, tenant_id)
            await self._settle(connection, claimed, approvals, policy, is_safe=is_safe)
        return len(claimed)

    async def _keep_house(self, tenant_id: UUID) -> None:
        """Expire what nobody approved in time, and seal the audit's last events."""
        identity = Identity(tenant_id, NOBODY, frozenset({"executor"}))
        async with self.database.transaction(identity, EXECUTOR) as connection:
            await connection.execute(EXPIRE)
            await connection.execute(SEAL, (tenant_id,))

    async def _settle_one_by_one(self, tenant_id: UUID) -> int:
        done = 0
        while await self._settle_batch(tenant_id, 1, is_safe=True):
            done += 1
        return done

    async def _settle(
        self,
        connection: Connection,
        claimed: Sequence[Mapping[str, Any]],
        approvals: Mapping[UUID, tuple[GivenApproval, ...]],
        policy: Policy,
        *,
        is_safe: bool,
    ) -> None:
        if not is_safe:
            results = await settle(connection, claimed, approvals, policy)
        else:
            try:
                async with connection.transaction():
                    results = await settle(connection, claimed, approvals, policy)
            except psycopg.errors.Error as error:
                logger.exception("Proposition %s impossible à exécuter", claimed[0]["id"])
                why = f"row:{error.sqlstate}"
                results = [await _fail(connection, row["id"], why) for row in claimed]
        self.counts.update(str(result.get("outcome")) for result in results)


async def settle(
    connection: Connection,
    claimed: Sequence[Mapping[str, Any]],
    approvals: Mapping[UUID, tuple[GivenApproval, ...]],
    policy: Policy,
) -> list[Result]:
    """Check claimed proposals again and commit them in their order; what the database answers.

    Who owns a client is read before the first commit, and again after each change of a client.
    """
    results: list[Result] = []
    for together in _part(claimed):
        results += await _settle_together(connection, together, approvals, policy)
    return results


async def _settle_together(
    connection: Connection,
    claimed: Sequence[Mapping[str, Any]],
    approvals: Mapping[UUID, tuple[GivenApproval, ...]],
    policy: Policy,
) -> list[Result]:
    results: list[Result] = []
    changes: dict[UUID, tuple[Change, str]] = {}
    for row in claimed:
        change = _read(row)
        if change is None:
            results.append(await _fail(connection, row["id"], "digest"))
        else:
            changes[change.id] = (change, row["digest"])
    facts = await read_facts(connection, [change for change, _ in changes.values()])
    allowed: dict[UUID, str] = {}
    for change, digest in changes.values():
        given = approvals.get(change.id, ())
        people = [a.approver for a in given if a.approver is not None]
        by_policy = any(a.by_policy for a in given)
        decision = decide(policy, change, facts[change.id], people, by_policy=by_policy)
        if decision.verdict == "execute":
            allowed[change.id] = digest
        else:
            results.append(await _fail(connection, change.id, f"policy:{decision.reason}"))
    cursor = await connection.execute(COMMIT, (list(allowed), list(allowed.values())))
    for row in await cursor.fetchall():
        results.append(row["result"])
        if row["result"]["outcome"] == "conflict":
            await _propose_afresh(connection, changes[row["id"]][0], policy)
    return results


def _part(claimed: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """Runs of proposals that end after each change of a client, whose owner it may replace."""
    run: list[Mapping[str, Any]] = []
    for row in claimed:
        run.append(row)
        if row["object"] == "accounts":
            yield run
            run = []
    if run:
        yield run


def _read(row: Mapping[str, Any]) -> Change | None:
    """The change that a claimed row holds, if its text is the one that was approved."""
    try:
        change = read_canonical(row["canonical"])
    except VoltaireError:
        return None
    is_whole = digest_of(row["canonical"]) == row["digest"] and change.id == row["id"]
    return change if is_whole else None


async def _propose_afresh(connection: Connection, change: Change, policy: Policy) -> None:
    """The same wish over the record as it is now, for its author to be asked again."""
    if change.operation != "update" or change.record_id is None:
        return
    row = await find_row(connection, change.object, change.record_id)
    if row is None:
        return
    columns = WRITABLES[change.object].columns
    fields = {
        name: FieldChange(current, value.after)
        for name, value in change.fields.items()
        if (current := from_row(columns[name], row[name])) != value.after
    }
    if not fields:
        return
    now = dt.datetime.now(dt.UTC)
    fresh = replace(
        change,
        id=uuid4(),
        nonce=uuid4(),
        version=row["version"],
        fields=fields,
        created_at=now,
        expires_at=now + dt.timedelta(days=policy.lifetime_days),
    )
    await connection.execute(SUCCEED, (change.id, write_canonical(fresh)))


async def _fail(connection: Connection, proposal_id: UUID, why: str) -> Result:
    row = await (await connection.execute(FAIL, (proposal_id, why))).fetchone()
    return row["result"] if row else {}
