"""Batches under accounts: one row per entry at half price, nothing sent over budget."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest

from core.context import Identity
from core.database import Database
from core.engine.batches import MessageBatches
from core.engine.errors import BudgetExhausted, EngineRefusedKey
from core.engine.gate import Gate
from core.engine.metered_batches import MeteredBatches
from core.engine.metering import Metering
from core.engine.protocol import Message, Request, Text, Usage
from core.engine.routing import Routing
from core.ledger.calls import Ledger
from core.ledger.prices import load_prices
from tests.doubles.messages_api import MessagesApi, Reply
from tests.integration.engines import MODELS, REQUEST, MakeEngine
from tests.integration.test_ledger import rows

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")

ENTRIES: dict[str, Request] = {
    name: replace(REQUEST, record=name, messages=(Message("user", (Text(f"Notez {name}."),)),))
    for name in ("ao-1", "ao-2")
}


def build(database: Database, identity: Identity, make_engine: MakeEngine, **limits: str):
    engine = make_engine()
    ledger = Ledger(database, load_prices(), limits)
    metering = Metering(engine, ledger, Routing(MODELS), "double", Gate(8, 8, 5.0))
    return MeteredBatches(MessageBatches(engine), metering, identity)


async def test_each_entry_of_a_batch_has_its_row_at_half_price(
    database: Database, identity: Identity, conninfo: str, messages_api: MessagesApi,
    make_engine: MakeEngine,
) -> None:  # fmt: skip
    messages_api.respond(lambda _: Reply("Bien"))
    run = uuid4()
    sent = await build(database, identity, make_engine).submit(run, ENTRIES)
    assert {row["outcome"] for row in rows(conninfo, identity)} == {"running"}
    later = build(database, identity, make_engine)
    await later.batches.wait(sent.id, pause=0.01)
    for _ in range(2):
        answers = [a async for a in later.read_answers(run, sent.id, ENTRIES)]
    assert len(answers) == 2
    found = rows(conninfo, identity)
    assert sorted(row["record"] for row in found) == ["ao-1", "ao-2"]
    assert {(row["outcome"], row["is_batch"]) for row in found} == {("ok", True)}
    for row in found:
        usage = Usage(row["input_tokens"], row["output_tokens"], row["cache_read_tokens"],
                      row["cache_write_tokens"])  # fmt: skip
        whole = load_prices().price(row["model"], usage, row["started_at"].date()).eur
        assert abs(row["cost_eur"] - whole / 2) <= Decimal("0.000001")
        assert row["cost_eur"] > 0
    assert {row["reserved_eur"] for row in rows(conninfo, identity, "model_spending")} == {0}


async def test_a_batch_over_budget_is_not_sent(
    database: Database, identity: Identity, conninfo: str, messages_api: MessagesApi,
    make_engine: MakeEngine,
) -> None:  # fmt: skip
    batches = build(database, identity, make_engine, tenant_day="0.01")
    with pytest.raises(BudgetExhausted):
        await batches.submit(uuid4(), ENTRIES)
    assert messages_api.requests == []
    assert {row["outcome"] for row in rows(conninfo, identity)} == {"budget"}
    assert {row["cost_eur"] for row in rows(conninfo, identity)} == {0}


async def test_a_batch_that_is_refused_gives_back_what_was_held(
    database: Database, identity: Identity, conninfo: str, messages_api: MessagesApi,
    make_engine: MakeEngine,
) -> None:  # fmt: skip
    messages_api.fail(401)
    with pytest.raises(EngineRefusedKey):
        await build(database, identity, make_engine).submit(uuid4(), ENTRIES)
    assert {row["outcome"] for row in rows(conninfo, identity)} == {"refused_key"}
    assert {row["reserved_eur"] for row in rows(conninfo, identity, "model_spending")} == {0}
