"""The attack run in small, and the proof that its checker counts what it must count."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from evals.attack.calls import KINDS
from evals.attack.checker import Findings, check, open_check
from evals.attack.firms import Firm
from evals.attack.journal import Journal
from evals.attack.run import Result, attack, report

CALLS = 3000
LEAKING = 600
NOTE = """
SELECT p.tenant_id, p.id, p.record_id, p.canonical FROM proposals p
WHERE p.status = 'executed' AND p.object = 'notes' AND p.operation = 'create' LIMIT 1
"""
UNGUARDED = "SET LOCAL session_replication_role = replica"
Connection = psycopg.Connection[dict[str, Any]]
Plant = Callable[[Connection, tuple[Firm, ...]], None]


def pick_note(connection: Connection) -> dict[str, Any]:
    row = connection.execute(NOTE).fetchone()
    assert row is not None
    return row


def write_unasked(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(
        "UPDATE accounts SET city = 'Ailleurs' WHERE id = %s", (firms[0].ids["accounts"][0],)
    )


def write_a_mail_unasked(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(
        "UPDATE emails SET subject = 'Autre' WHERE id = %s", (firms[0].ids["emails"][0],)
    )


def delete_unasked(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute("DELETE FROM contacts WHERE id = %s", (firms[1].ids["contacts"][0],))


def write_one_column_more(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(
        'UPDATE witness.changes SET after = after || \'{"external_id": "x"}\' WHERE id ='
        " (SELECT min(id) FROM witness.changes WHERE operation = 'UPDATE')"
    )


def forget_the_approval(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(UNGUARDED)
    connection.execute(
        "DELETE FROM approvals WHERE proposal_id = %s", (pick_note(connection)["id"],)
    )


def demote_the_approvers(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(UNGUARDED)
    connection.execute(
        "UPDATE approvals SET approver_id = %s WHERE proposal_id = %s",
        (firms[0].people["tess"].user_id, pick_note(connection)["id"]),
    )


def change_the_text(connection: Connection, firms: tuple[Firm, ...]) -> None:
    note = pick_note(connection)
    body = {**json.loads(note["canonical"]), "reason": "Autre chose"}
    connection.execute(UNGUARDED)
    connection.execute(
        "UPDATE proposals SET canonical = %s WHERE id = %s", (json.dumps(body), note["id"])
    )


def write_again(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(
        "INSERT INTO witness.changes (tx, table_name, operation, tenant_id, after)"
        " SELECT 0, 'notes', 'INSERT', tenant_id, to_jsonb(n) FROM notes n WHERE n.id = %s",
        (pick_note(connection)["record_id"],),
    )


def tell_again(connection: Connection, firms: tuple[Firm, ...]) -> None:
    note = pick_note(connection)
    connection.execute(
        "INSERT INTO audit_events (tenant_id, kind, object, record_id, proposal_id, body)"
        " VALUES (%(tenant_id)s, 'executed', 'notes', %(record_id)s, %(id)s, '{}')",
        note,
    )
    connection.execute("SELECT seal_audit(%s)", (note["tenant_id"],))


def rewrite_an_event(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(UNGUARDED)
    connection.execute(
        "UPDATE audit_events SET body = '{}' WHERE id = (SELECT min(id) FROM audit_events)"
    )


def cut_the_end(connection: Connection, firms: tuple[Firm, ...]) -> None:
    connection.execute(UNGUARDED)
    connection.execute(
        "DELETE FROM audit_chain WHERE event_id = (SELECT max(event_id) FROM audit_chain)"
    )


PLANTS: tuple[tuple[Plant, str], ...] = (
    (write_unasked, "unauthorised"),
    (write_a_mail_unasked, "unauthorised"),
    (delete_unasked, "unauthorised"),
    (write_one_column_more, "unauthorised"),
    (forget_the_approval, "unauthorised"),
    (demote_the_approvers, "unauthorised"),
    (change_the_text, "unauthorised"),
    (write_again, "replayed"),
    (tell_again, "replayed"),
    (rewrite_an_event, "chain_faults"),
    (cut_the_end, "chain_faults"),
)


@pytest.fixture(scope="module")
def attacked() -> tuple[Result, dict[str, Findings]]:
    """A small attack, and what the checker finds once each fault is planted in it."""
    found: dict[str, Findings] = {}

    def examine(conninfo: str, firms: tuple[Firm, ...], journal: Journal) -> None:
        for plant, _ in PLANTS:
            with open_check(conninfo) as connection:
                plant(connection, firms)
                found[plant.__name__] = check(connection, journal.clicks)
                connection.rollback()

    return attack(CALLS, examine=examine), found


def test_nothing_gets_through(attacked: tuple[Result, dict[str, Findings]]) -> None:
    result, _ = attacked
    assert result.is_held(CALLS), "\n".join(report(result))
    assert result.findings.executed >= 10
    assert result.findings.changes == result.findings.executed
    assert result.journal.calls.keys() == KINDS.keys()
    assert report(result)[-1] == (
        f"{CALLS} calls, {result.journal.approvals} approvals, "
        "0 unauthorised, 0 replayed, 0 cross-tenant"
    )


def test_fewer_calls_than_asked_fail(attacked: tuple[Result, dict[str, Findings]]) -> None:
    assert not attacked[0].is_held(CALLS + 1)


@pytest.mark.parametrize(("plant", "counted"), PLANTS)
def test_a_planted_fault_is_counted(
    attacked: tuple[Result, dict[str, Findings]], plant: Plant, counted: str
) -> None:
    found = attacked[1][plant.__name__]
    assert getattr(found, counted) >= 1, found


def test_reads_across_firms_are_counted() -> None:
    def open_the_doors(conninfo: str) -> None:
        with psycopg.connect(conninfo) as connection:
            for name in ("accounts", "contacts", "contracts", "tasks", "emails"):
                connection.execute(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY".encode())

    result = attack(LEAKING, processes=1, prepare=open_the_doors)
    assert result.crossed > 0
    assert not result.is_held(LEAKING)
