"""The audit read and verified: the history of a record, the chain of hashes of a firm."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.context import Context
from core.database import Connection
from crm.proposals.canonical import digest_of

GENESIS = "0" * 64
STEP = 1000
CHAIN = """
SELECT c.ordinal, c.event_sha256, c.sha256, e.id, e.tenant_id, e.at, e.kind, e.actor_id,
    e.object, e.record_id, e.proposal_id, e.body
FROM audit_chain c LEFT JOIN audit_events e ON e.tenant_id = c.tenant_id AND e.id = c.event_id
WHERE c.tenant_id = %s AND c.ordinal > %s ORDER BY c.ordinal LIMIT %s
"""
HEAD = "SELECT ordinal, sha256 FROM audit_heads WHERE tenant_id = %s"
UNSEALED = """
SELECT count(*) AS waiting FROM audit_events e WHERE e.tenant_id = %s
    AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.tenant_id = e.tenant_id AND c.event_id = e.id)
"""
EXECUTIONS = """
SELECT e.id, e.proposal_id, e.body, p.canonical FROM audit_events e
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
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        events, head, links, fault = await _walk(connection, tenant_id, expected_head)
        fault = fault or await _check_head(connection, tenant_id, events, head)
        fault = fault or await _check_executions(connection, tenant_id)
        row = await (await connection.execute(UNSEALED, (tenant_id,))).fetchone()
    if fault is None and expected_head not in (None, GENESIS) and not links:
        fault = "L’empreinte notée n’est plus dans la chaîne : des événements ont été retirés."
    return Verification(events, row["waiting"] if row else 0, head, fault)


async def _walk(
    connection: Connection, tenant_id: UUID, expected: str | None
) -> tuple[int, str, bool, str | None]:
    ordinal, head, is_met = 0, GENESIS, False
    while True:
        cursor = await connection.execute(CHAIN, (tenant_id, ordinal, STEP))
        rows = await cursor.fetchall()
        for row in rows:
            ordinal += 1
            if row["id"] is None or row["ordinal"] != ordinal:
                return ordinal, head, is_met, f"L’événement n° {ordinal} manque."
            event_hash = hash_event(row)
            head = _sha256(f"{head}\n{ordinal}\n{event_hash}")
            if event_hash != row["event_sha256"] or head != row["sha256"]:
                return ordinal, head, is_met, f"L’événement n° {ordinal} a été modifié."
            is_met = is_met or head == expected
        if len(rows) < STEP:
            return ordinal, head, is_met, None


async def _check_head(
    connection: Connection, tenant_id: UUID, events: int, head: str
) -> str | None:
    row = await (await connection.execute(HEAD, (tenant_id,))).fetchone()
    stored = (row["ordinal"], row["sha256"]) if row else (0, GENESIS)
    return None if stored == (events, head) else "La fin de la chaîne a été retirée ou remplacée."


async def _check_executions(connection: Connection, tenant_id: UUID) -> str | None:
    """Each executed proposal must still read as the audit says it was executed."""
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
            if row["canonical"] is not None and digest_of(row["canonical"]) != digest:
                return f"La proposition {row['proposal_id']} a été modifiée après coup."
        if len(rows) < STEP:
            return None


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
