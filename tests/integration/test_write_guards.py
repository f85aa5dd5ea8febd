"""Each guard of a write attacked on its own: whatever one holds back, a named test proves."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from core.context import Context, Identity
from core.database import Database
from crm.proposals.approving import Line, approve, edit, reject
from crm.proposals.canonical import digest_batch, digest_of, read_canonical, write_canonical
from crm.proposals.errors import ChangeNotAllowed, InvalidChange, StaleProposal
from crm.proposals.policy import parse_policy
from crm.proposals.submission import Submission
from crm.proposals.undoing import propose_undo
from tests.conftest import make_identity
from tests.integration.changes import (
    approve_all,
    executing,
    make_context,
    read_proposal,
    read_row,
    run_sql,
    submit,
    wish,
)
from tests.integration.portfolio import Portfolio, build_portfolio

TWO_PERSONS = parse_policy('seuil_second_approbateur_eur: "1000"')
COMMIT = "SELECT commit_proposal(%s, %s) AS result"


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return make_context(database, identity)


async def commit_raw(
    database: Database, identity: Identity, proposal_id: UUID | None, digest: str | None
) -> dict[str, Any]:
    """What the executor's role gets from the database when nothing else stands in its way."""
    async with executing(database) as executor:
        rows = await run_sql(
            executor.database, identity, "change_executor", COMMIT, proposal_id, digest
        )
    return dict(rows[0]["result"])


async def alter_as_superuser(database: Database, statement: str, *parameters: Any) -> None:
    """Change what no role of the product can: triggers off, as someone with the files could."""
    async with await psycopg.AsyncConnection.connect(database.base_conninfo) as connection:
        await connection.execute("SET session_replication_role = replica")
        await connection.execute(statement.encode(), parameters)


async def colleague(conninfo: str, identity: Identity, *roles: str) -> Identity:
    return make_identity(conninfo, *roles, tenant_id=identity.tenant_id)


async def status_of(context: Context, submission: Submission) -> tuple[str, str | None]:
    stored = await read_proposal(context, submission)
    return stored.status, stored.status_reason


async def test_digest_a_text_changed_after_its_approval_is_not_carried_out(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    contract = portfolio.ids["c1"]
    proposed = await submit(context, wish("contracts", contract, notice_days=45))
    await approve_all(context, proposed)
    stored = await read_proposal(context, proposed)
    forged = write_canonical(
        replace(
            stored.change,
            fields={"notice_days": replace(stored.change.fields["notice_days"], after=1)},
        )
    )
    await alter_as_superuser(
        database, "UPDATE proposals SET canonical = %s WHERE id = %s", forged, proposed.proposal_id
    )
    result = await commit_raw(database, context.identity, proposed.proposal_id, proposed.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "digest")
    row = await read_row(database, context.identity, "contracts", contract)
    assert row["notice_days"] not in (1, 45)


async def test_digest_an_approval_of_another_text_counts_for_nothing(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    await approve_all(context, proposed)
    assert proposed.proposal_id is not None
    other = "0" * 64
    await alter_as_superuser(
        database, "UPDATE approvals SET digest = %s, batch_digest = %s WHERE proposal_id = %s",
        other, digest_batch([(proposed.proposal_id, other)]), proposed.proposal_id,
    )  # fmt: skip
    result = await commit_raw(database, context.identity, proposed.proposal_id, proposed.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "approvals")


async def test_version_a_record_changed_since_keeps_its_values_and_is_proposed_afresh(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    contract = portfolio.ids["c1"]
    first = await submit(context, wish("contracts", contract, notice_days=45))
    second = await submit(context, wish("contracts", contract, notice_days=60))
    await approve_all(context, first)
    await approve_all(context, second)
    async with executing(database) as executor:
        await executor.run_once()
    row = await read_row(database, context.identity, "contracts", contract)
    assert row["notice_days"] == 45
    stored = await read_proposal(context, second)
    assert stored.status == "conflict"
    assert stored.result == {"version": row["version"], "current": {"notice_days": 45}}
    assert stored.successor_id is not None
    fresh = await read_proposal(context, replace(second, proposal_id=stored.successor_id))
    change = fresh.change.fields["notice_days"]
    assert (fresh.status, change.before, change.after) == ("pending", 45, 60)
    assert fresh.change.version == row["version"]


async def test_nonce_a_proposal_set_back_to_approved_is_not_carried_out_twice(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(
        context, wish("notes", account_id=str(portfolio.ids["dijon"]), body="Une seule fois")
    )
    await approve_all(context, proposed)
    async with executing(database) as executor:
        await executor.run_once()
    reset = "UPDATE proposals SET status = 'approved' WHERE id = %s"
    await alter_as_superuser(database, reset, proposed.proposal_id)
    await alter_as_superuser(database, "DELETE FROM notes")
    result = await commit_raw(database, context.identity, proposed.proposal_id, proposed.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "nonce")
    assert await run_sql(database, context.identity, "assistant_read", "SELECT 1 FROM notes") == []


async def test_role_nobody_approves_what_their_role_cannot_do(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    quality = make_context(database, await colleague(conninfo, context.identity, "quality"))
    with pytest.raises(ChangeNotAllowed, match="rôle"):
        await approve_all(quality, proposed)
    reader = make_context(database, await colleague(conninfo, context.identity, "reader"))
    with pytest.raises(ChangeNotAllowed, match="rôle"):
        await submit(reader, wish("contracts", portfolio.ids["c1"], notice_days=46))
    assert await status_of(context, proposed) == ("pending", None)


async def test_role_an_approver_who_lost_the_role_no_longer_counts(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    boss = await colleague(conninfo, context.identity, "director")
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    await approve_all(make_context(database, boss), proposed)
    await alter_as_superuser(
        database, "UPDATE users SET roles = ARRAY['reader'] WHERE id = %s", boss.user_id
    )
    result = await commit_raw(database, context.identity, proposed.proposal_id, proposed.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "approvals")


async def test_taint_untrusted_text_fills_no_recipient_status_nor_owner(
    context: Context, portfolio: Portfolio
) -> None:
    contact, contract = portfolio.ids["zoe"], portfolio.ids["c1"]
    for draft in (
        wish("contacts", contact, email="autre@exemple.fr", is_tainted=True),
        wish("contracts", contract, status="terminated", is_tainted=True),
        wish("accounts", portfolio.ids["dijon"], status="former", is_tainted=True),
        wish("kb_articles", title="T", kind="guide", body="B", status="in_force",
             is_tainted=True),
    ):  # fmt: skip
        with pytest.raises(InvalidChange, match="rempli d’après"):
            await submit(context, draft)
    allowed = await submit(
        context, wish("kb_articles", title="T", kind="guide", body="B", is_tainted=True)
    )
    assert (await read_proposal(context, allowed)).change.fields["status"].after == "draft"


async def test_expiry_an_expired_proposal_is_neither_approved_nor_carried_out(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    late = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=46))
    await approve_all(context, proposed)
    for submission in (proposed, late):
        stored = await read_proposal(context, submission)
        text = write_canonical(
            replace(stored.change, expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
        )
        await alter_as_superuser(
            database,
            "UPDATE proposals SET canonical = %s, digest = %s, expires_at = '2020-01-01' "
            "WHERE id = %s", text, digest_of(text), stored.id,
        )  # fmt: skip
        shown = digest_batch([(stored.id, digest_of(text))])
        await alter_as_superuser(
            database, "UPDATE approvals SET digest = %s, batch_digest = %s WHERE proposal_id = %s",
            digest_of(text), shown, stored.id,
        )  # fmt: skip
        if submission is late:
            with pytest.raises(StaleProposal):
                await approve(context, [Line(stored.id, digest_of(text))], shown)
        else:
            result = await commit_raw(database, context.identity, stored.id, digest_of(text))
            assert result["outcome"] == "expired"


async def test_second_approver_a_large_amount_waits_for_two_persons(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    contract = portfolio.ids["c1"]
    proposed = await submit(
        context, wish("contracts", contract, annual_amount_eur="250000.50"), TWO_PERSONS
    )
    assert (await approve_all(context, proposed, policy=TWO_PERSONS))[0].status == "pending"
    assert (await approve_all(context, proposed, policy=TWO_PERSONS))[0].status == "pending"
    async with executing(database, TWO_PERSONS) as executor:
        await executor.run_once()
        assert await status_of(context, proposed) == ("pending", None)
        boss = await colleague(conninfo, context.identity, "director")
        given = await approve_all(make_context(database, boss), proposed, policy=TWO_PERSONS)
        assert given[0].status == "approved"
        await executor.run_once()
    row = await read_row(database, context.identity, "contracts", contract)
    assert str(row["annual_amount_eur"]) == "250000.50"


async def test_second_approver_the_database_counts_the_persons_itself(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(
        context, wish("contracts", portfolio.ids["c1"], annual_amount_eur="250000"), TWO_PERSONS
    )
    await approve_all(context, proposed, policy=TWO_PERSONS)
    forced = "UPDATE proposals SET status = 'approved' WHERE id = %s"
    await alter_as_superuser(database, forced, proposed.proposal_id)
    result = await commit_raw(database, context.identity, proposed.proposal_id, proposed.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "approvals")


async def test_policy_is_checked_again_when_it_has_become_stricter(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(
        context, wish("contracts", portfolio.ids["c1"], annual_amount_eur="2500")
    )
    await approve_all(context, proposed)
    async with executing(database, TWO_PERSONS) as executor:
        await executor.run_once()
    status, reason = await status_of(context, proposed)
    assert status == "failed"
    assert reason and reason.startswith("policy:")


async def test_ownership_a_salesperson_approves_for_their_own_clients_only(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    seller = await colleague(conninfo, context.identity, "sales")
    other = await colleague(conninfo, context.identity, "sales")
    account = portfolio.ids["dijon"]
    await alter_as_superuser(
        database, "UPDATE accounts SET owner_id = %s WHERE id = %s", seller.user_id, account
    )
    proposed = await submit(context, wish("notes", account_id=str(account), body="Note"))
    with pytest.raises(ChangeNotAllowed, match="responsable"):
        await approve_all(make_context(database, other), proposed)
    assert (await approve_all(make_context(database, seller), proposed))[0].status == "approved"


async def test_quality_nobody_closes_a_non_conformity_they_opened(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    opener = await colleague(conninfo, context.identity, "quality")
    record = portfolio.ids["nc1"]
    await alter_as_superuser(
        database, "UPDATE non_conformities SET opened_by_id = %s WHERE id = %s",
        opener.user_id, record,
    )  # fmt: skip
    proposed = await submit(
        make_context(database, opener), wish("non_conformities", record, status="closed")
    )
    with pytest.raises(ChangeNotAllowed, match="ouvert"):
        await approve_all(make_context(database, opener), proposed)
    assert (await approve_all(context, proposed))[0].status == "approved"


async def test_batch_digest_a_list_other_than_the_one_shown_is_refused(
    context: Context, portfolio: Portfolio
) -> None:
    account = str(portfolio.ids["dijon"])
    first, second = [
        await submit(context, wish("notes", account_id=account, body=f"Note {n}")) for n in "12"
    ]
    assert first.proposal_id and first.digest and second.proposal_id and second.digest
    shown = digest_batch([(first.proposal_id, first.digest)])
    lines = [Line(first.proposal_id, first.digest), Line(second.proposal_id, second.digest)]
    with pytest.raises(StaleProposal, match="montrée"):
        await approve(context, lines, shown)
    with pytest.raises(psycopg.errors.CheckViolation, match="batch"):
        await run_sql(
            context.database, context.identity, "change_approver",
            "SELECT * FROM approve_proposals(%s, %s, %s, %s)",
            [first.proposal_id, second.proposal_id], [first.digest, second.digest], [1, 1], shown,
        )  # fmt: skip


async def test_batch_digest_a_line_added_to_a_batch_undoes_it(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    account = str(portfolio.ids["dijon"])
    first, second = [
        await submit(context, wish("notes", account_id=account, body=f"Note {n}")) for n in "12"
    ]
    await approve_all(context, first)
    await approve_all(context, second)
    await alter_as_superuser(
        database,
        "UPDATE approvals SET batch_id = (SELECT batch_id FROM approvals WHERE proposal_id = %s) "
        "WHERE proposal_id = %s", first.proposal_id, second.proposal_id,
    )  # fmt: skip
    result = await commit_raw(database, context.identity, first.proposal_id, first.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "approvals")


async def test_a_batch_never_spans_two_clients(context: Context, portfolio: Portfolio) -> None:
    notes = [
        await submit(context, wish("notes", account_id=str(portfolio.ids[a]), body="Note"))
        for a in ("dijon", "acier")
    ]
    with pytest.raises(StaleProposal, match="seul client"):
        await approve_all(context, *notes)


async def test_a_batch_of_ticked_lines_is_carried_out_as_one_list(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    account = str(portfolio.ids["dijon"])
    notes = [
        await submit(context, wish("notes", account_id=account, body=f"Note {n}")) for n in "123"
    ]
    given = await approve_all(context, notes[0], notes[2])
    assert {a.status for a in given} == {"approved"}
    async with executing(database) as executor:
        await executor.run_once()
    rows = await run_sql(
        database, context.identity, "assistant_read", "SELECT body FROM notes ORDER BY body"
    )
    assert [row["body"] for row in rows] == ["Note 1", "Note 3"]


async def test_rls_another_firm_sees_and_touches_no_proposal(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    stranger = make_identity(conninfo, "sales", "quality", "director", "admin")
    for table in ("proposals", "approvals", "outbox", "audit_events", "audit_chain"):
        for role in ("assistant_read", "change_approver"):
            assert await run_sql(database, stranger, role, f"SELECT 1 FROM {table}") == []
    outside = make_context(database, stranger)
    from core.errors import NotFound

    with pytest.raises(NotFound):
        await approve_all(outside, proposed)
    await approve_all(context, proposed)
    result = await commit_raw(database, stranger, proposed.proposal_id, proposed.digest)
    assert result == {"outcome": "unknown"}
    with pytest.raises(InvalidChange, match="Aucun enregistrement"):
        await submit(outside, wish("contracts", portfolio.ids["c1"], notice_days=1))


async def test_rls_a_reader_sees_their_own_proposals_only(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    reader = await colleague(conninfo, context.identity, "reader")
    for table in ("proposals", "approvals", "audit_events"):
        assert await run_sql(database, reader, "assistant_read", f"SELECT 1 FROM {table}") == []


async def test_an_edit_is_a_new_proposal_and_the_first_can_no_longer_be_approved(
    context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    assert proposed.proposal_id and proposed.digest
    edited = await edit(context, proposed.proposal_id, proposed.digest, {"notice_days": 50})
    with pytest.raises(StaleProposal):
        await approve_all(context, proposed)
    stored = await read_proposal(context, edited)
    assert stored.change.fields["notice_days"].after == 50
    first = await read_proposal(context, proposed)
    assert (first.status, first.successor_id) == ("superseded", edited.proposal_id)


async def test_a_rejection_carries_its_reason_and_is_final(
    context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    assert proposed.proposal_id and proposed.digest
    await reject(context, proposed.proposal_id, proposed.digest, "Pas maintenant")
    assert await status_of(context, proposed) == ("rejected", "Pas maintenant")
    with pytest.raises(StaleProposal):
        await approve_all(context, proposed)


async def test_undo_is_an_inverse_proposal_and_sees_later_changes(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    contract = portfolio.ids["c1"]
    before = await read_row(database, context.identity, "contracts", contract)
    proposed = await submit(context, wish("contracts", contract, notice_days=45))
    note = await submit(
        context, wish("notes", account_id=str(portfolio.ids["dijon"]), body="À retirer")
    )
    await approve_all(context, proposed)
    await approve_all(context, note)
    assert proposed.proposal_id and note.proposal_id
    async with executing(database) as executor:
        await executor.run_once()
        undone = await propose_undo(context, proposed.proposal_id)
        removed = await propose_undo(context, note.proposal_id)
        await approve_all(context, undone)
        await approve_all(context, removed)
        await executor.run_once()
    after = await read_row(database, context.identity, "contracts", contract)
    assert (after["notice_days"], after["version"]) == (
        before["notice_days"], before["version"] + 2,
    )  # fmt: skip
    assert await run_sql(database, context.identity, "assistant_read", "SELECT 1 FROM notes") == []
    with pytest.raises(StaleProposal, match="changé depuis"):
        await propose_undo(context, proposed.proposal_id)


async def test_a_proposal_cannot_name_a_column_of_identity_even_when_approved(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    proposed = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    stored = await read_proposal(context, proposed)
    body = json.loads(write_canonical(stored.change))
    body |= {"id": str(uuid4()), "nonce": str(uuid4()),
             "fields": {"external_id": {"before": None, "after": "ailleurs"}}}  # fmt: skip
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    await run_sql(
        database,
        context.identity,
        "assistant_read",
        "SELECT * FROM submit_proposal(%s, NULL)",
        text,
    )
    forged = UUID(body["id"])
    await run_sql(
        database, context.identity, "change_approver",
        "SELECT * FROM approve_proposals(%s, %s, %s, %s)", [forged], [digest_of(text)], [1],
        digest_batch([(forged, digest_of(text))]),
    )  # fmt: skip
    result = await commit_raw(database, context.identity, forged, digest_of(text))
    assert (result["outcome"], result["reason"]) == ("failed", "row")
    assert read_canonical(text).fields


async def test_two_executors_and_double_clicks_carry_out_once(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    import asyncio

    account = str(portfolio.ids["dijon"])
    notes = [
        await submit(context, wish("notes", account_id=account, body=f"N{n}")) for n in range(12)
    ]
    await asyncio.gather(*(approve_all(context, note) for note in notes for _ in range(2)))
    async with executing(database) as one, executing(database) as two:
        await asyncio.gather(one.run_once(), two.run_once(), one.run_once(), two.run_once())
    rows = await run_sql(
        database, context.identity, "assistant_read", "SELECT body, version FROM notes"
    )
    assert sorted(row["body"] for row in rows) == sorted(f"N{n}" for n in range(12))
    assert {row["version"] for row in rows} == {1}
