"""Approving in the terminal: what was read is what is approved, under the digest displayed."""

from __future__ import annotations

import pytest

from api.approving import approve_shown
from core.context import Identity
from core.database import Database
from crm.proposals.errors import StaleProposal
from tests.integration.changes import make_context, submit, wish
from tests.integration.portfolio import Portfolio, build_portfolio
from tools.approvals import edit, get_card


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


async def test_the_list_is_read_before_it_is_approved(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    made = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    number = str(made.proposal_id)
    read: list[str] = []

    def refuse(shown: list[str]) -> bool:
        read.extend(shown)
        return False

    assert await approve_shown(context, [number], None, refuse) == ["Rien n’est approuvé."]
    assert any("45\u00a0jours" in line for line in read)
    assert (await get_card(context, made.proposal_id)).status == "pending"
    (told,) = await approve_shown(context, [number], None, lambda _: True)
    assert told.startswith("Approuvée")


async def test_a_digest_displayed_earlier_approves_that_list_and_no_other(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    made = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    other = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=60))
    shown = await approve_shown(context, [str(made.proposal_id)], None, None)
    digest = shown[-1].rpartition(" ")[2]
    assert "--digest" in shown[-1]
    with pytest.raises(StaleProposal):
        await approve_shown(context, [str(other.proposal_id)], digest, None)
    assert (await get_card(context, other.proposal_id)).status == "pending"
    (told,) = await approve_shown(context, [str(made.proposal_id)], digest, None)
    assert told.startswith("Approuvée")


async def test_a_list_changed_while_it_was_read_is_not_approved(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    made = await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    shown = await approve_shown(context, [str(made.proposal_id)], None, None)
    card = await get_card(context, made.proposal_id)
    corrected = await edit(context, card.id, card.digest, {"notice_days": 30})
    with pytest.raises(StaleProposal):
        await approve_shown(context, [str(corrected.id)], shown[-1].rpartition(" ")[2], None)
