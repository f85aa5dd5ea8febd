"""Proposing, approving and carrying out changes in tests, as the product's processes do."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from crm.changes import ChangeDraft, Operation, Value
from crm.proposals.approving import Approval, Line, approve
from crm.proposals.canonical import Origin, digest_batch
from crm.proposals.execution import Executor
from crm.proposals.policy import Policy
from crm.proposals.store import StoredProposal, get_proposal
from crm.proposals.submission import Submission, propose_one

ORIGIN = Origin("test", "déterministe")
TODAY = dt.date(2026, 11, 16)


def make_context(database: Database, identity: Identity) -> Context:
    """A context of `identity` on the day of the tests."""
    return Context(identity, database, OfflineEngine({}), frozen_clock(TODAY))


def wish(
    object_name: str,
    record_id: UUID | None = None,
    operation: Operation | None = None,
    *,
    key: str | None = None,
    is_tainted: bool = False,
    **fields: Value,
) -> ChangeDraft:
    """A wish: an update of `record_id`, else a creation."""
    return ChangeDraft(
        operation=operation or ("update" if record_id else "create"),
        object=object_name,
        fields=fields,
        reason="Demandé pendant l’essai",
        key=key or str(uuid4()),
        record_id=record_id,
        is_tainted=is_tainted,
    )


async def submit(context: Context, draft: ChangeDraft, policy: Policy | None = None) -> Submission:
    """Propose one wish; errors come through."""
    return await propose_one(context, draft, ORIGIN, policy=policy)


async def approve_all(
    context: Context, *submissions: Submission, policy: Policy | None = None
) -> tuple[Approval, ...]:
    """Approve these proposals as one list, as they were shown."""
    lines = [Line(s.proposal_id, s.digest) for s in submissions if s.proposal_id and s.digest]
    shown = digest_batch([(line.proposal_id, line.digest) for line in lines])
    return await approve(context, lines, shown, policy=policy)


async def read_proposal(context: Context, submission: Submission) -> StoredProposal:
    """The proposal as it stands."""
    assert submission.proposal_id is not None
    async with context.database.transaction(context.identity) as connection:
        return await get_proposal(connection, submission.proposal_id)


async def read_row(database: Database, identity: Identity, name: str, record_id: UUID) -> Any:
    """A row as its firm sees it."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(f"SELECT * FROM {name} WHERE id = %s", (record_id,))
        return await cursor.fetchone()


async def run_sql(
    database: Database, identity: Identity | None, role: Any, statement: str, *parameters: Any
) -> list[Mapping[str, Any]]:
    """Run raw SQL as a role of the product."""
    async with database.transaction(identity, role) as connection:
        cursor = await connection.execute(statement.encode(), parameters)
        return await cursor.fetchall() if cursor.description else []


@asynccontextmanager
async def executing(database: Database, policy: Policy | None = None) -> AsyncIterator[Executor]:
    """An executor with pools of its own, as its process has."""
    own = Database(database.base_conninfo, database.secrets, may_execute=True)
    try:
        yield Executor(own, policy)
    finally:
        await own.close()
