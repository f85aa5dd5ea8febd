"""Proposals, approvals and their execution, from the wish to the committed row."""

from __future__ import annotations

import pytest

from core.context import Identity
from core.database import Database
from tests.integration.changes import (
    approve_all,
    executing,
    make_context,
    read_proposal,
    read_row,
    submit,
    wish,
)
from tests.integration.portfolio import Portfolio, build_portfolio


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


async def test_a_change_goes_from_wish_to_row(
    database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    context = make_context(database, identity)
    contract = portfolio.ids["c1"]
    before = await read_row(database, identity, "contracts", contract)
    proposed = await submit(context, wish("contracts", contract, notice_days=45))
    assert (await read_row(database, identity, "contracts", contract)) == before
    assert (await approve_all(context, proposed))[0].status == "approved"
    async with executing(database) as executor:
        assert await executor.run_once() == 1
        assert await executor.run_once() == 0
    after = await read_row(database, identity, "contracts", contract)
    assert (after["notice_days"], after["version"]) == (45, before["version"] + 1)
    stored = await read_proposal(context, proposed)
    assert stored.status == "executed"
    assert stored.result and stored.result["version"] == after["version"]
