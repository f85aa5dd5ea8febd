"""What raw SQL under one role, or two roles held together, cannot get from the proposals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from core.context import Context, Identity
from core.database import Database
from core.errors import NotFound
from crm.proposals.canonical import digest_batch, digest_of, write_canonical
from crm.proposals.declarations import WRITABLES
from crm.proposals.policy import parse_policy
from crm.proposals.thresholds import publish_thresholds
from tests.integration.changes import (
    approve_all,
    executing,
    make_context,
    read_proposal,
    run_sql,
    submit,
    wish,
)
from tests.integration.portfolio import Portfolio, build_portfolio
from tests.integration.test_write_guards import commit_raw
from tools.approvals import get_card, list_pending, take_outcomes

SUBMIT = "SELECT * FROM submit_proposal(%s, NULL)"
APPROVE = "SELECT * FROM approve_proposals(%s, %s, %s, %s, %s)"


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return make_context(database, identity)


async def insert_raw(context: Context, template: str, **changes: Any) -> UUID:
    """Store a proposal's text by raw SQL as the assistant's role, `changes` made to it."""
    body = json.loads(template) | {"id": str(uuid4()), "nonce": str(uuid4())} | changes
    blank = changes.pop("indent", None)
    body.pop("indent", None)
    text = json.dumps(
        body, sort_keys=True, ensure_ascii=False, indent=blank,
        separators=None if blank else (",", ":"),
    )  # fmt: skip
    await run_sql(context.database, context.identity, "assistant_read", SUBMIT, text)
    return UUID(body["id"])


async def test_a_text_put_by_raw_sql_hides_no_other_proposal(
    context: Context, portfolio: Portfolio
) -> None:
    account = str(portfolio.ids["dijon"])
    real = await submit(context, wish("notes", account_id=account, body="La vraie"))
    template = write_canonical((await read_proposal(context, real)).change)
    written = {"before": None, "after": "x"}
    raws = [
        await insert_raw(context, template, indent=1),
        await insert_raw(context, template, format="1"),
        await insert_raw(context, template, operation="create", tainted="true"),
        await insert_raw(context, template, fields={"inconnu": written}),
        await insert_raw(context, template, fields={"account_id": written}),
        await insert_raw(context, template, fields={"written_on": written}),
        await insert_raw(context, template, fields={"body": {"before": None, "after": [1, {}]}}),
        await insert_raw(context, template, fields=[]),
        await insert_raw(context, template, evidence=[{"source": 1}]),
        await insert_raw(context, template, object="tasks"),
    ]
    cards = await list_pending(context)
    assert real.proposal_id in {card.id for card in cards}
    assert {card.id for card in cards} <= {real.proposal_id, raws[-1]}
    await take_outcomes(context)
    for unreadable in (raws[0], raws[1], raws[3]):
        with pytest.raises(NotFound):
            await get_card(context, unreadable)


async def approve_alone(
    context: Context, proposal_id: UUID, digest: str, *, by_policy: bool = False
) -> None:
    """Approve through the approver's role, telling that one person is enough."""
    shown = digest_batch([(proposal_id, digest)])
    await run_sql(
        context.database, context.identity, "change_approver", APPROVE, [proposal_id], [digest],
        [1], shown, by_policy,
    )  # fmt: skip


async def test_second_approver_stake_one_person_holding_both_roles_is_not_enough(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio
) -> None:
    contract = portfolio.ids["c1"]
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE contracts SET annual_amount_eur = 80000 WHERE id = %s", (contract,)
        )
    for fields in ({"annual_amount_eur": "50000"}, {"supplier": "Autre fournisseur"}):
        wished = await submit(context, wish("contracts", contract, **fields))
        assert wished.proposal_id and wished.digest
        await approve_alone(context, wished.proposal_id, wished.digest)
        result = await commit_raw(database, context.identity, wished.proposal_id, wished.digest)
        assert (result["outcome"], result["reason"]) == ("failed", "approvals")
    small = await submit(context, wish("contracts", contract, notice_days=45))
    assert small.proposal_id and small.digest
    await approve_alone(context, small.proposal_id, small.digest)
    result = await commit_raw(database, context.identity, small.proposal_id, small.digest)
    assert result["outcome"] == "executed"


async def test_second_approver_stake_the_policy_is_not_one_of_the_two(
    database: Database, context: Context, portfolio: Portfolio
) -> None:
    wished = await submit(
        context, wish("contracts", portfolio.ids["c1"], annual_amount_eur="90000")
    )
    assert wished.proposal_id and wished.digest
    text = write_canonical((await read_proposal(context, wished)).change)
    assert digest_of(text) == wished.digest
    with psycopg.connect(database.base_conninfo, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO approvals (tenant_id, proposal_id, kind, digest, needed, batch_id,"
            " batch_digest) VALUES (%s, %s, 'policy', %s, 1, gen_random_uuid(), %s)",
            (context.identity.tenant_id, wished.proposal_id, wished.digest,
             digest_batch([(wished.proposal_id, wished.digest)])),
        )  # fmt: skip
    await approve_alone(context, wished.proposal_id, wished.digest)
    result = await commit_raw(database, context.identity, wished.proposal_id, wished.digest)
    assert (result["outcome"], result["reason"]) == ("failed", "approvals")


async def test_the_threshold_of_the_firm_replaces_the_usual_one(
    database: Database, conninfo: str, context: Context, portfolio: Portfolio, tmp_path: Path
) -> None:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT slug FROM tenants WHERE id = %s", (context.identity.tenant_id,)
        ).fetchone()
    assert row
    text = 'seuil_second_approbateur_eur: "500000"\nobjets: {notes: {toujours_deux: true}}'
    (tmp_path / f"{row[0]}.yaml").write_text(text, encoding="utf-8")
    publish_thresholds(conninfo, tmp_path)
    policy = parse_policy(text)
    large = wish("contracts", portfolio.ids["c1"], annual_amount_eur="400000")
    note = wish("notes", account_id=str(portfolio.ids["dijon"]), body="À deux")
    proposed = [await submit(context, one, policy) for one in (large, note)]
    await approve_all(context, proposed[0], policy=policy)
    assert proposed[1].proposal_id and proposed[1].digest
    await approve_alone(context, proposed[1].proposal_id, proposed[1].digest)
    async with executing(database, policy) as executor:
        await executor.run_once()
    assert (await read_proposal(context, proposed[0])).status == "executed"
    assert (await read_proposal(context, proposed[1])).status == "failed"


async def test_no_role_of_the_product_writes_the_thresholds(context: Context) -> None:
    for role in ("assistant_read", "change_approver", "sync_writer"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await run_sql(
                context.database, context.identity, role,
                "UPDATE security.second_approval_thresholds SET cents = 0",
            )  # fmt: skip


def test_the_database_knows_the_amounts_at_stake_as_they_are_declared(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        rows = connection.execute(
            "SELECT name, stake, weighty FROM security.writable_objects"
        ).fetchall()
    found = {name: (stake, frozenset(weighty)) for name, stake, weighty in rows}
    assert found == {name: (w.stake, w.weighty) for name, w in WRITABLES.items()}
