"""The audit read and verified: the history of a record, the chain of hashes of a firm."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.context import Context
from core.database import Connection
from crm.proposals.canonical import digest_of

GENESIS = "0" * 64
STEP = 1000
CHAIN = """
SELECT c.ordinal, c.event_sha256, c.sha256, e.id, e.tenant_id, e.at, e.kind, e.actor_id,
    e.object, e.record_id, e.proposal_id, e.body, e.erased_in
FROM audit_chain c LEFT JOIN audit_events e ON e.tenant_id = c.tenant_id AND e.id = c.event_id
WHERE c.tenant_id = %s AND c.ordinal > %s AND c.ordinal <= %s ORDER BY c.ordinal LIMIT %s
"""
LINKS = """
SELECT ordinal, event_sha256, sha256 FROM audit_chain
WHERE tenant_id = %s AND ordinal > %s AND ordinal <= %s ORDER BY ordinal
"""
HEAD = "SELECT ordinal, sha256 FROM audit_heads WHERE tenant_id = %s"
UNSEALED = """
SELECT count(*) AS waiting FROM audit_events e WHERE e.tenant_id = %s
    AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.tenant_id = e.tenant_id AND c.event_id = e.id)
"""
EXECUTIONS = """
SELECT e.id, e.proposal_id, e.body, p.canonical, p.erased_in FROM audit_events e
LEFT JOIN proposals p ON p.tenant_id = e.tenant_id AND p.id = e.proposal_id
WHERE e.tenant_id = %s AND e.kind = 'executed' AND e.id > %s ORDER BY e.id LIMIT %s
"""
HISTORY = """
SELECT e.id, e.at, e.kind, e.actor_id, u.full_name AS actor_name, e.object, e.record_id,
    e.proposal_id, e.body, c.ordinal, c.sha256
FROM audit_events e
LEFT JOIN users u ON u.tenant_id = e.tenant_id AND u.id = e.actor_id
LEFT JOIN audit_chain c ON c.tenant_id = e.tenant_id AND c.event_id = e.id
WHERE (%(record)s::uuid IS NOT NULL AND (e.record_id = %(record)s OR e.proposal_id = %(record)s))
ORDER BY e.id
"""


@dataclass(frozen=True)
class Verification:
    """What the verification of a firm's chain found; `fault` is None when all is well.

    `head` is the last hash: noted elsewhere, it shows later that nothing was cut off the end.
    """

    events: int
    waiting: int
    head: str
    fault: str | None


@dataclass(frozen=True)
class HistoryEvent:
    """One event of a record's life. `sha256` is None until it is chained."""

    at: dt.datetime
    kind: str
    actor_name: str | None
    proposal_id: UUID | None
    body: Mapping[str, Any]
    ordinal: int | None
    sha256: str | None


async def list_history(context: Context, record_id: UUID) -> tuple[HistoryEvent, ...]:
    """Everything that was proposed, approved, refused and done about a record, in order."""
    async with context.database.transaction(context.identity) as connection:
        cursor = await connection.execute(HISTORY, {"record": record_id})
        rows = await cursor.fetchall()
    return tuple(
        HistoryEvent(row["at"], row["kind"], row["actor_name"], row["proposal_id"],
                     json.loads(row["body"]), row["ordinal"], row["sha256"])
        for row in rows
    )  # fmt: skip


async def verify_chain(context: Context, expected_head: str | None = None) -> Verification:
    """Recompute the whole chain of the context's firm, outside the database.

    `expected_head`, a hash noted earlier, must still be a link of the chain.
    """
    tenant_id = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        stored = await (await connection.execute(HEAD, (tenant_id,))).fetchone()
        last = (stored["ordinal"], stored["sha256"]) if stored else (0, GENESIS)
        walk = _Walk(expected_head)
        fault = await _follow(walk, connection, tenant_id, last[0])
        if fault is None and last != (walk.ordinal, walk.head):
            fault = "La fin de la chaîne a été retirée ou remplacée."
        if fault is None and not walk.erased <= walk.declared:
            fault = "Un événement a été vidé sans qu’un effacement scellé le déclare."
        fault = fault or await _check_executions(connection, tenant_id, walk.declared_proposals)
        row = await (await connection.execute(UNSEALED, (tenant_id,))).fetchone()
    if fault is None and expected_head not in (None, GENESIS) and not walk.is_met:
        fault = "L’empreinte notée n’est plus dans la chaîne : des événements ont été retirés."
    return Verification(walk.ordinal, row["waiting"] if row else 0, walk.head, fault)


@dataclass
class _Walk:
    """Where the verification stands, and what the erasures met on the way declare.

    An erased event keeps its hash, which the chain covers; its words are gone. It counts only
    if an erasure that is itself sealed names it.
    """

    expected: str | None
    ordinal: int = 0
    head: str = GENESIS
    is_met: bool = False
    erased: set[int] = field(default_factory=set[int])
    declared: set[int] = field(default_factory=set[int])
    declared_proposals: set[str] = field(default_factory=set[str])

    def step(self, row: Mapping[str, Any]) -> str | None:
        """Take the next link; the fault, if it has one."""
        self.ordinal += 1
        if row["id"] is None or row["ordinal"] != self.ordinal:
            return f"L’événement n° {self.ordinal} manque."
        event_hash = hash_event(row)
        if row["erased_in"] is not None:
            self.erased.add(row["id"])
            event_hash = row["event_sha256"]
        elif row["kind"] == "erased":
            body = json.loads(row["body"])
            self.declared |= set(body["events"])
            self.declared_proposals |= set(body["proposals"])
        self.head = hash_link(self.head, self.ordinal, event_hash)
        if event_hash != row["event_sha256"] or self.head != row["sha256"]:
            return f"L’événement n° {self.ordinal} a été modifié."
        self.is_met = self.is_met or self.head == self.expected
        return None


async def _follow(walk: _Walk, connection: Connection, tenant_id: UUID, last: int) -> str | None:
    while True:
        cursor = await connection.execute(CHAIN, (tenant_id, walk.ordinal, last, STEP))
        rows = await cursor.fetchall()
        for row in rows:
            fault = walk.step(row)
            if fault is not None:
                return fault
        if len(rows) < STEP:
            return None


async def _check_executions(
    connection: Connection, tenant_id: UUID, erased: Set[str]
) -> str | None:
    """Each executed proposal must still read as the audit says, unless a sealed erasure took it."""
    last = 0
    while True:
        cursor = await connection.execute(
            EXECUTIONS,
            (tenant_id, last, STEP),
        )
        rows = await cursor.fetchall()
        for row in rows:
            last = row["id"]
            digest = json.loads(row["body"]).get("digest")
            if row["erased_in"] is not None and str(row["proposal_id"]) in erased:
                continue
            if row["canonical"] is not None and digest_of(row["canonical"]) != digest:
                return f"La proposition {row['proposal_id']} a été modifiée après coup."
        if len(rows) < STEP:
            return None


async def check_sealed(connection: Connection, event: Mapping[str, Any]) -> str | None:
    """The fault of one sealed event, its columns given with those of its link and `before`.

    Its own hash, then its link and the STEP that follow, up to the chain's end when it is so
    near: the words of the other events are not needed, nor is the right to see them.
    """
    tenant_id, place = event["tenant_id"], event["ordinal"] - 1
    if hash_event(event) != event["event_sha256"]:
        return "L’événement qui scelle cette preuve a été modifié."
    head = event["before"] or GENESIS
    reach = place + 1 + STEP
    cursor = await connection.execute(LINKS, (tenant_id, place, reach))
    async for link in cursor:
        place += 1
        head = hash_link(head, place, link["event_sha256"])
        if link["ordinal"] != place or link["sha256"] != head:
            return f"La chaîne du journal est rompue à l’événement n° {place}."
    stored = await (await connection.execute(HEAD, (tenant_id,))).fetchone()
    if place < reach and (stored is None or (stored["ordinal"], stored["sha256"]) != (place, head)):
        return "La fin de la chaîne du journal a été retirée ou remplacée."
    return None


def hash_link(head: str, ordinal: int, event_sha256: str) -> str:
    """The hash of a link: the one before, its place, its event."""
    return _sha256(f"{head}\n{ordinal}\n{event_sha256}")


def hash_event(row: Mapping[str, Any]) -> str:
    """The hash of an event's columns, as `security.event_text` writes them."""
    micros = round(row["at"].timestamp() * 1_000_000)
    parts = [
        row["tenant_id"], row["id"], micros, row["kind"], row["actor_id"] or "-",
        row["object"] or "-", row["record_id"] or "-", row["proposal_id"] or "-", row["body"],
    ]  # fmt: skip
    return _sha256("\n".join(str(part) for part in parts))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
