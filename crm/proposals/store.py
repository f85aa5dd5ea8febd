"""Stored proposals, as the session's user may see them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from core.database import Connection
from core.errors import NotFound
from crm.proposals.canonical import Change, read_canonical
from crm.proposals.decision import Person
from crm.proposals.declarations import WRITABLES
from crm.proposals.errors import InvalidChange

logger = logging.getLogger(__name__)

Status = Literal[
    "pending", "approved", "executed", "rejected", "expired", "conflict", "failed", "superseded"
]
SELECT = """
SELECT p.id, p.canonical, p.digest, p.status, p.status_reason, p.successor_id, p.result,
    p.created_at, p.expires_at, p.settled_at, author.full_name AS proposer_name,
    decider.full_name AS decider_name, o.kind AS effect_kind, o.state AS effect_state,
    o.message AS effect_message
FROM proposals p
JOIN users author ON author.tenant_id = p.tenant_id AND author.id = p.proposer_id
LEFT JOIN users decider ON decider.tenant_id = p.tenant_id AND decider.id = p.status_by
LEFT JOIN outbox o ON o.tenant_id = p.tenant_id AND o.proposal_id = p.id
"""
BY_IDS = SELECT + "WHERE p.id = ANY(%s) ORDER BY p.ordinal"
PENDING = (
    SELECT
    + """
WHERE p.status = 'pending' AND p.expires_at > clock_timestamp()
    AND (%(account)s::uuid IS NULL OR p.account_id = %(account)s)
    AND (%(record)s::uuid IS NULL OR p.record_id = %(record)s)
ORDER BY p.ordinal DESC LIMIT %(limit)s
"""
)
UNTOLD = (
    SELECT
    + """
WHERE p.proposer_id = current_user_id() AND p.settled_at IS NOT NULL AND p.told_at IS NULL
    AND p.status <> 'superseded' AND p.settled_at > now() - interval '30 days'
ORDER BY p.settled_at LIMIT %s
"""
)
APPROVALS = """
SELECT a.proposal_id, a.kind, a.approver_id, a.decided_at, u.full_name, u.roles, u.is_active
FROM approvals a
LEFT JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.approver_id
WHERE a.proposal_id = ANY(%s) ORDER BY a.id
"""


@dataclass(frozen=True)
class GivenApproval:
    """An approval given: by whom (None: the firm's policy), when, with which roles today."""

    approver: Person | None
    name: str
    decided_at: dt.datetime

    @property
    def by_policy(self) -> bool:
        """Tell whether the policy itself approved."""
        return self.approver is None


@dataclass(frozen=True)
class StoredProposal:
    """A proposal and what became of it."""

    change: Change
    digest: str
    status: Status
    status_reason: str | None
    successor_id: UUID | None
    result: Mapping[str, Any] | None
    created_at: dt.datetime
    expires_at: dt.datetime
    settled_at: dt.datetime | None
    proposer_name: str
    decider_name: str | None
    effect_kind: str | None
    effect_state: str | None
    effect_message: str | None
    approvals: tuple[GivenApproval, ...]

    @property
    def id(self) -> UUID:
        """The proposal's id."""
        return self.change.id

    @property
    def approvers(self) -> tuple[Person, ...]:
        """The persons who approved, with the roles they hold now."""
        return tuple(a.approver for a in self.approvals if a.approver is not None)


async def get_proposal(connection: Connection, proposal_id: UUID) -> StoredProposal:
    """One proposal; NotFound when the user sees none with this id."""
    found = await list_by_ids(connection, [proposal_id])
    if not found:
        raise NotFound("Cette proposition n’existe pas ou ne vous concerne pas.")
    return found[0]


async def list_by_ids(connection: Connection, ids: Sequence[UUID]) -> list[StoredProposal]:
    """Those of these proposals that the user sees, the oldest first."""
    cursor = await connection.execute(BY_IDS, (list(ids),))
    given = await connection.execute(APPROVALS, (list(ids),))
    rows = await cursor.fetchall()
    return _assemble(rows, _group(await given.fetchall()))


async def list_pending(
    connection: Connection,
    *,
    account_id: UUID | None = None,
    record_id: UUID | None = None,
    limit: int = 100,
) -> list[StoredProposal]:
    """The proposals that wait, the latest first."""
    parameters = {"account": account_id, "record": record_id, "limit": limit}
    cursor = await connection.execute(PENDING, parameters)
    rows = await cursor.fetchall()
    return _assemble(rows, await read_approvals(connection, [row["id"] for row in rows]))


async def list_untold(connection: Connection, limit: int = 20) -> list[StoredProposal]:
    """The user's own proposals settled since they were last told."""
    cursor = await connection.execute(UNTOLD, (limit,))
    rows = await cursor.fetchall()
    return _assemble(rows, await read_approvals(connection, [row["id"] for row in rows]))


async def read_approvals(
    connection: Connection, ids: Sequence[UUID]
) -> dict[UUID, tuple[GivenApproval, ...]]:
    """The approvals of these proposals, those of people who left excepted."""
    if not ids:
        return {}
    cursor = await connection.execute(APPROVALS, (list(ids),))
    return _group(await cursor.fetchall())


def _group(rows: Sequence[Mapping[str, Any]]) -> dict[UUID, tuple[GivenApproval, ...]]:
    given: dict[UUID, list[GivenApproval]] = {}
    for row in rows:
        if row["kind"] == "person" and not row["is_active"]:
            continue
        given.setdefault(row["proposal_id"], []).append(_to_approval(row))
    return {proposal_id: tuple(found) for proposal_id, found in given.items()}


def _to_approval(row: Mapping[str, Any]) -> GivenApproval:
    person = None
    if row["kind"] == "person":
        person = Person(row["approver_id"], frozenset(row["roles"]))
    return GivenApproval(person, row["full_name"] or "Règles du cabinet", row["decided_at"])


def _assemble(
    rows: Sequence[Mapping[str, Any]], approvals: Mapping[UUID, tuple[GivenApproval, ...]]
) -> list[StoredProposal]:
    """The proposals of these rows. One that is not a change as this product writes it is left out:
    raw SQL under the assistant's role may have put it there, and it is never carried out."""
    read = [(row, change) for row in rows if (change := _read_change(row)) is not None]
    return [
        StoredProposal(
            change=change,
            approvals=approvals.get(row["id"], ()),
            **{k: v for k, v in row.items() if k not in ("id", "canonical")},
        )
        for row, change in read
    ]


def _read_change(row: Mapping[str, Any]) -> Change | None:
    try:
        change = read_canonical(row["canonical"])
    except InvalidChange:
        logger.warning("Proposition %s illisible : écartée", row["id"])
        return None
    declared = WRITABLES.get(change.object)
    if declared is None or not change.fields.keys() <= declared.columns.keys():
        logger.warning("Proposition %s d’une forme inconnue : écartée", row["id"])
        return None
    return change
