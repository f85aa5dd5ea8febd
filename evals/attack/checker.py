"""The independent check: own SQL as superuser, own digests, own table of who may approve what.

Nothing of the product's write path is imported: what is verified here is verified twice.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import DictRow, dict_row

SALES, QUALITY = frozenset({"sales", "director"}), frozenset({"quality", "director"})
ANYONE = frozenset({"sales", "quality", "director"})
APPROVERS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("non_conformities", "kb_articles", "document_templates"), QUALITY),
    **dict.fromkeys(("tasks", "notes", "incidents", "meetings", "reply_drafts"), ANYONE),
}
STAKES = {
    "contracts": ("annual_amount_eur", {"status", "end_on", "supplier", "price_eur_per_mwh"}),
    "tenders": ("estimated_value_eur", {"status", "verdict"}),
}
TWO_PERSONS_EUR = Decimal(50_000)
TOUCHED_ANYWAY = {"version", "updated_at"}
BORN_WITH = {"id", "tenant_id", "version", "created_at", "updated_at"}
OPERATIONS = {"INSERT": {"create", "link"}, "UPDATE": {"update"}, "DELETE": {"remove"}}
GENESIS = "0" * 64

CHANGES = "SELECT * FROM witness.changes ORDER BY id"
EXECUTED = """
SELECT p.tenant_id, p.id, p.canonical, p.digest, p.object, p.record_id, p.nonce, p.settled_at
FROM proposals p WHERE p.status = 'executed'
"""
APPROVALS = """
SELECT a.tenant_id, a.proposal_id, a.approver_id, a.digest, a.batch_id, a.batch_digest, a.kind,
    a.decided_at, u.roles, u.is_active
FROM approvals a LEFT JOIN users u ON u.id = a.approver_id AND u.tenant_id = a.tenant_id
"""
COUNTS = """
SELECT e.proposal_id, count(*) AS executed FROM audit_events e WHERE e.kind = 'executed'
GROUP BY e.proposal_id
"""
EVENTS = """
SELECT e.*, (extract(epoch FROM e.at) * 1000000)::bigint AS micros, c.ordinal, c.event_sha256,
    c.sha256 FROM audit_chain c JOIN audit_events e
    ON e.tenant_id = c.tenant_id AND e.id = c.event_id
WHERE c.tenant_id = %s ORDER BY c.ordinal
"""
Row = dict[str, Any]
Click = tuple[str, str, str]


@dataclass
class Findings:
    """What was found; `details` name the first faults."""

    changes: int = 0
    executed: int = 0
    unauthorised: int = 0
    replayed: int = 0
    crossed: int = 0
    chain_faults: int = 0
    events: int = 0
    details: list[str] = field(default_factory=list[str])

    def blame(self, kind: str, what: str, count: int = 1) -> None:
        """Count a fault of that kind."""
        setattr(self, kind, getattr(self, kind) + count)
        if len(self.details) < 20:
            self.details.append(f"{kind}: {what}")


def check(connection: psycopg.Connection[Row], clicks: Iterable[Click]) -> Findings:
    """Verify the whole run; `clicks` are (person, proposal, digest) that people really meant.

    `connection` is the superuser's.
    """
    found = Findings()
    executed = {row["id"]: row for row in connection.execute(EXECUTED).fetchall()}
    approvals = connection.execute(APPROVALS).fetchall()
    changes = connection.execute(CHANGES).fetchall()
    counts = connection.execute(COUNTS).fetchall()
    owners, stakes = _read_owners(connection), _read_stakes(connection)
    found.changes, found.executed = len(changes), len(executed)
    _check_approvals(found, executed, approvals, set(clicks), owners, stakes)
    _match(found, executed, changes)
    _check_once(found, executed, counts, connection)
    for row in connection.execute("SELECT id FROM tenants").fetchall():
        _check_chain(found, connection, row["id"])
    return found


def open_check(conninfo: str) -> psycopg.Connection[Row]:
    """A connection for `check`."""
    return psycopg.Connection[DictRow].connect(conninfo, row_factory=dict_row)


def _read_owners(connection: psycopg.Connection[Row]) -> dict[UUID, UUID]:
    rows = connection.execute("SELECT id, owner_id FROM accounts").fetchall()
    return {row["id"]: row["owner_id"] for row in rows}


def _read_stakes(connection: psycopg.Connection[Row]) -> dict[str, Decimal]:
    return {
        str(row["id"]): row["amount"] or Decimal(0)
        for table, (column, _) in STAKES.items()
        for row in connection.execute(
            f"SELECT id, {column} AS amount FROM {table}".encode()
        ).fetchall()
    }


def _check_approvals(
    found: Findings, executed: Mapping[UUID, Row], approvals: list[Row], clicks: set[Click],
    owners: Mapping[UUID, UUID], stakes: Mapping[str, Decimal],
) -> None:  # fmt: skip
    batches: dict[UUID, list[Row]] = defaultdict(list)
    given: dict[UUID, list[Row]] = defaultdict(list)
    for row in approvals:
        batches[row["batch_id"]].append(row)
        given[row["proposal_id"]].append(row)
    for proposal in executed.values():
        digest = hashlib.sha256(proposal["canonical"].encode()).hexdigest()
        if digest != proposal["digest"]:
            found.blame("unauthorised", f"{proposal['id']}: digest")
            continue
        body = json.loads(proposal["canonical"])
        people = [
            row
            for row in given[proposal["id"]]
            if row["digest"] == digest
            and (str(row["approver_id"]), str(proposal["id"]), digest) in clicks
            and _is_whole(batches[row["batch_id"]])
            and _may_approve(row, body, owners)
        ]
        problem = _find_problem(people, body, stakes)
        if problem:
            told = [_describe(row, digest, clicks) for row in given[proposal["id"]]]
            found.blame(
                "unauthorised", f"{proposal['id']} {body['object']}: {problem}; {', '.join(told)}"
            )
        if any(row["tenant_id"] != proposal["tenant_id"] for row in people):
            found.blame("crossed", f"{proposal['id']}: approver of another firm")
        if proposal["settled_at"] > dt.datetime.fromisoformat(body["expires"]):
            found.blame("unauthorised", f"{proposal['id']}: expired")


def _describe(row: Row, digest: str, clicks: set[Click]) -> str:
    is_meant = (str(row["approver_id"]), str(row["proposal_id"]), digest) in clicks
    meant = "meant" if is_meant else "not meant"
    return f"{row['kind']} {row['approver_id']} {row['roles']} {meant}"


def _find_problem(people: list[Row], body: Row, stakes: Mapping[str, Decimal]) -> str | None:
    persons = {row["approver_id"] for row in people}
    needed = 2 if _stake(body, stakes) >= TWO_PERSONS_EUR else 1
    if len(persons) < needed:
        return f"{len(persons)} of {needed} permitted persons"
    if needed == 2 and not any("director" in row["roles"] for row in people):
        return "no director among two"
    return None


def _is_whole(batch: list[Row]) -> bool:
    lines = sorted(f"{row['proposal_id']}:{row['digest']}" for row in batch)
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    return all(row["batch_digest"] == digest for row in batch)


def _may_approve(row: Row, body: Row, owners: Mapping[UUID, UUID]) -> bool:
    if row["kind"] != "person" or not row["is_active"]:
        return False
    roles = set(row["roles"]) & APPROVERS.get(body["object"], SALES)
    account = body["account"]
    if roles == {"sales"} and account:
        return owners.get(UUID(account)) in (None, row["approver_id"])
    return bool(roles)


def _stake(body: Row, stakes: Mapping[str, Decimal]) -> Decimal:
    amounts = [
        abs(Decimal(value["eur_cents"]) / 100)
        for change in body["fields"].values()
        for value in change.values()
        if isinstance(value, dict)
    ]
    if STAKES.get(body["object"], ("", set[str]()))[1] & body["fields"].keys():
        amounts.append(stakes.get(body["record"] or "", Decimal(0)))
    return max(amounts, default=Decimal(0))


def _match(found: Findings, executed: Mapping[UUID, Row], changes: list[Row]) -> None:
    """Each changed row with the one executed proposal that says so."""
    waiting: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for proposal in executed.values():
        body = json.loads(proposal["canonical"])
        key = (proposal["tenant_id"], body["object"], body["record"], body["version"])
        waiting[key].append({**proposal, "body": body})
    used: Counter[UUID] = Counter()
    for change in changes:
        proposal = _find_author(change, waiting, used)
        if proposal is None:
            found.blame("unauthorised", f"{change['table_name']} {change['operation']}")
            continue
        used[proposal["id"]] += 1
        if used[proposal["id"]] > 1:
            found.blame("replayed", f"{proposal['id']} wrote {used[proposal['id']]} times")
    for proposal_id in executed.keys() - used.keys():
        found.blame("unauthorised", f"{proposal_id}: executed without its row")


def _find_author(
    change: Row, waiting: Mapping[tuple[Any, ...], list[Row]], used: Counter[UUID]
) -> Row | None:
    before, after = change["before"] or {}, change["after"] or {}
    record = (after or before).get("id")
    version = before.get("version")
    key = (change["tenant_id"], change["table_name"], record, version)
    candidates = [p for p in waiting.get(key, []) if _tells(p["body"], change, before, after)]
    candidates.sort(key=lambda p: used[p["id"]])
    return candidates[0] if candidates else None


def _tells(body: Row, change: Row, before: Row, after: Row) -> bool:
    """Tell whether the proposal says exactly this change, no column more."""
    if body["operation"] not in OPERATIONS.get(change["operation"], ()):
        return False
    if change["operation"] == "DELETE":
        return body["undoes"] is not None
    touched = {name for name in after if before.get(name) != after[name]}
    if change["operation"] == "INSERT":
        touched = {n for n in after if after[n] not in (None, [], False)} - BORN_WITH
        if not touched <= body["fields"].keys():
            return False
    elif touched - TOUCHED_ANYWAY != body["fields"].keys():
        return False
    return all(_same(after.get(n), v["after"]) for n, v in body["fields"].items())


def _same(stored: Any, wished: Any) -> bool:
    if isinstance(wished, dict):
        return Decimal(str(stored)) == Decimal(wished["eur_cents"]) / 100
    if isinstance(stored, float | int) and isinstance(wished, str):
        return Decimal(str(stored)) == Decimal(wished)
    if isinstance(wished, str) and isinstance(stored, str) and "T" in wished and stored != wished:
        return _instant(stored) == _instant(wished)
    return stored == wished


def _instant(text: str) -> object:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return text


def _check_once(
    found: Findings, executed: Mapping[UUID, Row], counts: list[Row],
    connection: psycopg.Connection[Row],
) -> None:  # fmt: skip
    """One audit event and one nonce for each executed proposal."""
    events = {row["proposal_id"]: row["executed"] for row in counts}
    for proposal_id in executed.keys() | events.keys():
        times = events.get(proposal_id, 0)
        if proposal_id not in executed or times == 0:
            found.blame("unauthorised", f"{proposal_id}: {times} events, status differs")
        elif times > 1:
            found.blame("replayed", f"{proposal_id}: executed {times} times", times - 1)
    nonces = Counter(json.loads(p["canonical"])["nonce"] for p in executed.values())
    for nonce, times in nonces.items():
        if times > 1:
            found.blame("replayed", f"nonce {nonce}", times - 1)
    rows = connection.execute("SELECT nonce FROM consumed_nonces").fetchall()
    for nonce in nonces.keys() - {str(row["nonce"]) for row in rows}:
        found.blame("replayed", f"nonce {nonce} not consumed")


def _check_chain(found: Findings, connection: psycopg.Connection[Row], tenant: UUID) -> None:
    head, ordinal = GENESIS, 0
    for row in connection.execute(EVENTS, (tenant,)).fetchall():
        ordinal += 1
        parts = [row["tenant_id"], row["id"], row["micros"], row["kind"], row["actor_id"] or "-",
                 row["object"] or "-", row["record_id"] or "-", row["proposal_id"] or "-",
                 row["body"]]  # fmt: skip
        event = _sha256("\n".join(str(part) for part in parts))
        head = _sha256(f"{head}\n{ordinal}\n{event}")
        if (ordinal, event, head) != (row["ordinal"], row["event_sha256"], row["sha256"]):
            found.blame("chain_faults", f"firm {tenant}, event {ordinal}")
            return
    found.events += ordinal
    kept = connection.execute(
        "SELECT (SELECT count(*) FROM audit_events WHERE tenant_id = %(t)s) AS events,"
        " (SELECT sha256 FROM audit_heads WHERE tenant_id = %(t)s) AS head", {"t": tenant}
    ).fetchone()  # fmt: skip
    if kept and (kept["events"] != ordinal or (ordinal and kept["head"] != head)):
        found.blame("chain_faults", f"firm {tenant}: {kept['events']} events, {ordinal} chained")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
