"""The ledger on a real database: one row per call, budgets that hold, rights on the rows."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import BaseModel

from core.context import PARIS, Context, Identity, frozen_clock
from core.database import Database
from core.engine.accounts import mark_fallback
from core.engine.errors import (
    BreakerOpen,
    BudgetExhausted,
    EngineBadRequest,
    EngineBusy,
    EngineRateLimited,
    EngineRefusal,
    EngineRefusedKey,
    EngineTimedOut,
    EngineUnavailable,
    UnusableOutput,
)
from core.engine.gate import Gate
from core.engine.metering import Metering, Patience
from core.engine.protocol import (
    Completed,
    Event,
    Message,
    Request,
    StopReason,
    Text,
    TextDelta,
    Usage,
)
from core.engine.routing import Routing
from core.engine.structured import ask_structured
from core.errors import InvalidInput, NotAllowed
from core.ledger.budgets import list_warnings, next_period, set_budget
from core.ledger.calls import Ledger
from core.ledger.costs import list_costs, total, write_csv
from core.ledger.prices import load_prices
from tests.conftest import make_identity

MODEL = "claude-sonnet-5-5"
NOON = dt.datetime(2026, 11, 26, 12, tzinfo=PARIS)
USAGE = Usage(1000, 200, 4000, 500)
COST = Decimal("0.004916")  # (1000×2 + 200×10 + 4000×0,10 + 500×2,50) / 1e6 × 0,87 €
REQUEST = Request(
    use_case="portfolio_assistant",
    tier="balanced",
    system="Consigne",
    messages=(Message("user", (Text("Combien ?"),)),),
    tools=(),
    today=NOON.date(),
    max_tokens=100,
    prompt_sha256="a" * 64,
    record="tenders:1",
)


class Model:
    """Says three words, then ends as told; `pause`: seconds before the first."""

    name = MODEL
    is_model = True

    def __init__(
        self,
        *,
        error: Exception | None = None,
        after: int = 0,
        stop: StopReason = "end_turn",
        usage: Usage = USAGE,
        pause: float = 0.0,
    ) -> None:
        self.error, self.after, self.stop = error, after, stop
        self.usage, self.pause = usage, pause
        self.calls = 0

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.calls += 1
        await asyncio.sleep(self.pause)
        for index in range(3):
            if self.error is not None and index == self.after:
                raise self.error
            yield TextDelta("mot ")
        yield Completed(Message("assistant", (Text("mot"),)), self.stop, MODEL, self.usage)
        if self.error is not None:
            raise self.error


Meter = Callable[..., Metering]


@pytest.fixture
def meter(database: Database) -> Meter:
    def build(
        model: Model,
        *,
        limits: Mapping[str, str] | None = None,
        gate: Gate | None = None,
        patience: Patience | None = None,
        now: dt.datetime = NOON,
    ) -> Metering:
        return Metering(
            model,
            Ledger(database, load_prices(), limits or {}, lambda: now),
            Routing(
                {"fast": MODEL, "balanced": MODEL, "deep": MODEL},
            ),
            server="double",
            gate=gate or Gate(64, 64, 5.0),
            patience=patience or Patience(),
        )

    return build


async def run(metering: Metering, identity: Identity, request: Request = REQUEST) -> list[Event]:
    async with aclosing(metering.bind(identity).stream(request)) as events:
        return [event async for event in events]


def rows(conninfo: str, identity: Identity, table: str = "model_calls") -> list[dict[str, Any]]:
    with psycopg.Connection[dict[str, Any]].connect(conninfo, row_factory=dict_row) as connection:
        statement = f"SELECT * FROM {table} WHERE tenant_id = %s"
        return connection.execute(statement.encode(), (identity.tenant_id,)).fetchall()


async def test_a_call_writes_one_row_with_what_it_used_and_cost(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    await run(meter(Model()), identity)
    [row] = rows(conninfo, identity)
    assert (row["user_id"], row["use_case"], row["record"], row["tier"], row["model"]) == (
        identity.user_id, "portfolio_assistant", "tenders:1", "balanced", MODEL,
    )  # fmt: skip
    assert (row["input_tokens"], row["output_tokens"]) == (1000, 200)
    assert (row["cache_read_tokens"], row["cache_write_tokens"]) == (4000, 500)
    assert (row["cost_eur"], row["is_priced"], row["is_estimated"]) == (COST, True, False)
    assert (row["outcome"], row["is_fallback"], row["prompt_sha256"]) == ("ok", False, "a" * 64)
    assert 0 <= row["first_token_ms"] <= row["duration_ms"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (EngineUnavailable("x"), "unavailable"),
        (EngineRateLimited("x"), "rate_limited"),
        (EngineRefusedKey("x"), "refused_key"),
        (EngineBadRequest("x"), "bad_request"),
        (RuntimeError("x"), "error"),
    ],
)
async def test_a_call_that_fails_costs_nothing_and_is_written_as_a_fallback(
    meter: Meter, identity: Identity, conninfo: str, error: Exception, outcome: str
) -> None:
    with pytest.raises(type(error)):
        await run(meter(Model(error=error)), identity)
    [row] = rows(conninfo, identity)
    assert (row["outcome"], row["is_fallback"], row["cost_eur"]) == (outcome, True, 0)


async def test_an_answer_cut_in_the_middle_is_paid_for_by_estimate(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    with pytest.raises(EngineUnavailable):
        await run(meter(Model(error=EngineUnavailable("coupé"), after=2)), identity)
    [row] = rows(conninfo, identity)
    assert (row["outcome"], row["is_estimated"]) == ("unavailable", True)
    assert row["cost_eur"] > 0
    assert row["output_tokens"] == len(b"mot mot ") // 3


@pytest.mark.parametrize("stop", ["refusal", "max_tokens"])
async def test_a_refusal_and_a_truncated_answer_are_counted_as_such(
    meter: Meter, identity: Identity, conninfo: str, stop: StopReason
) -> None:
    error = EngineRefusal("x") if stop == "refusal" else None
    model = Model(stop=stop, error=error, after=9)
    if error:
        with pytest.raises(EngineRefusal):
            await run(meter(model), identity)
    else:
        await run(meter(model), identity)
    [row] = rows(conninfo, identity)
    assert (row["outcome"], row["cost_eur"], row["is_fallback"]) == (stop, COST, bool(error))


async def test_a_reader_who_leaves_is_written_down_whether_he_closes_or_is_cancelled(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    stream = meter(Model()).bind(identity).stream(REQUEST)
    await anext(stream)
    await stream.aclose()
    task = asyncio.create_task(run(meter(Model(pause=60)), identity))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    found = sorted((row["outcome"], row["output_tokens"]) for row in rows(conninfo, identity))
    assert found == [("cancelled", 0), ("cancelled", 1)]


async def test_a_reader_who_leaves_after_the_end_has_had_it_all(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    stream = meter(Model()).bind(identity).stream(REQUEST)
    async for event in stream:
        if isinstance(event, Completed):
            break
    await stream.aclose()
    assert [row["outcome"] for row in rows(conninfo, identity)] == ["ok"]


async def test_rules_that_answer_after_a_well_made_call_mark_its_row(
    meter: Meter, identity: Identity, database: Database, conninfo: str
) -> None:
    context = Context(identity, database, meter(Model()), frozen_clock(NOON.date()))
    async for _ in context.engine.stream(REQUEST):
        pass
    await mark_fallback(context.engine)
    assert [(r["outcome"], r["is_fallback"]) for r in rows(conninfo, identity)] == [("ok", True)]


async def test_a_typed_answer_that_stays_unusable_marks_its_last_call_alone(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    class Fact(BaseModel):
        amount: int

    with pytest.raises(UnusableOutput):
        await ask_structured(meter(Model()).bind(identity), REQUEST, Fact)
    found = sorted(rows(conninfo, identity), key=lambda row: row["started_at"])
    assert [row["outcome"] for row in found] == ["ok", "ok"]
    assert sum(row["is_fallback"] for row in found) == 1


def test_an_engine_bound_to_nobody_makes_no_call(meter: Meter) -> None:
    with pytest.raises(TypeError):
        meter(Model()).stream(REQUEST)


# Budgets


@pytest.mark.parametrize(
    "scope", ["tenant_day", "tenant_month", "user_day", "user_month", "use_case_day",
              "use_case_month"],
)  # fmt: skip
async def test_a_spent_budget_stops_the_next_call_before_it_is_made(
    meter: Meter, identity: Identity, conninfo: str, scope: str
) -> None:
    model = Model()
    metering = meter(model, limits={scope: "0.0045"})
    await run(metering, identity)
    with pytest.raises(BudgetExhausted, match="épuisé") as caught:
        await run(metering, identity)
    assert model.calls == 1
    period = "day" if scope.endswith("day") else "month"
    assert caught.value.retry_at == next_period(period, NOON)
    assert sorted(row["outcome"] for row in rows(conninfo, identity)) == ["budget", "ok"]
    assert {row["is_fallback"] for row in rows(conninfo, identity)} == {True, False}


async def test_a_budget_opens_again_with_the_next_day(meter: Meter, identity: Identity) -> None:
    model, limits = Model(), {"tenant_day": "0.0045"}
    midnight = dt.datetime(2026, 11, 27, tzinfo=PARIS)
    await run(meter(model, limits=limits, now=midnight - dt.timedelta(seconds=1)), identity)
    await run(meter(model, limits=limits, now=midnight), identity)
    assert model.calls == 2


async def test_the_budget_of_one_user_leaves_another_s_alone(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    colleague = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    metering = meter(Model(), limits={"user_day": "0.0045"})
    await run(metering, identity)
    await run(metering, colleague)
    with pytest.raises(BudgetExhausted, match="Votre budget"):
        await run(metering, identity)


async def test_calls_at_once_overshoot_a_budget_by_no_more_than_one_call(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    model = Model(pause=0.3, usage=Usage(output_tokens=8000))
    cost = Decimal("0.0696")  # 8000 × 10 $ / 1e6 × 0,87; a little more is held while it runs
    metering = meter(model, limits={"tenant_day": "0.25"})
    done = await asyncio.gather(
        *(run(metering, identity) for _ in range(20)), return_exceptions=True
    )
    refused = [error for error in done if isinstance(error, BudgetExhausted)]
    spent = sum(row["cost_eur"] for row in rows(conninfo, identity))
    assert len(refused) + model.calls == 20
    assert 2 <= model.calls <= 4
    assert model.calls * cost == spent <= Decimal("0.25") + cost
    assert {r["reserved_eur"] for r in rows(conninfo, identity, "model_spending")} == {0}


async def test_accounts_opened_together_are_judged_one_after_the_other(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    alone = meter(Model())
    await run(alone, identity)
    held = rows(conninfo, identity)[0]["reserved_eur"]
    # Room for what is spent and three calls more: the fourth finds the budget taken.
    limit = COST + 3 * held
    model = Model(pause=0.2)
    metering = meter(model, limits={"tenant_day": str(limit)})
    ended = await asyncio.gather(
        *(run(metering, identity) for _ in range(20)), return_exceptions=True
    )
    refused = [error for error in ended if isinstance(error, BudgetExhausted)]
    assert (model.calls, len(refused)) == (3, 17)
    outcomes = [row["outcome"] for row in rows(conninfo, identity)]
    assert sorted(outcomes) == ["budget"] * 17 + ["ok"] * 4
    spent = rows(conninfo, identity, "model_spending")
    assert {row["spent_eur"] for row in spent} == {4 * COST}
    assert {row["reserved_eur"] for row in spent} == {0}


async def test_a_reader_who_leaves_before_the_account_is_open_leaves_no_open_account(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    asked = asyncio.create_task(run(meter(Model()), identity))
    await asyncio.sleep(0.001)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert [row["outcome"] for row in rows(conninfo, identity)] == ["cancelled"]


async def test_a_firm_s_own_limit_wins_over_the_settings_and_is_the_administrator_s_to_set(
    meter: Meter, identity: Identity, database: Database, conninfo: str
) -> None:
    admin = make_identity(conninfo, "admin", tenant_id=identity.tenant_id)
    metering = meter(Model(), limits={"tenant_day": "0"})
    with pytest.raises(BudgetExhausted):
        await run(metering, identity)
    with pytest.raises(NotAllowed):
        await set_budget(database, identity, "tenant", "day", Decimal(1))
    for scope, limit in (("tenant:", "1"), ("user:moi", "1"), ("tenant", "0.001"), ("user", "-1")):
        with pytest.raises(InvalidInput):
            await set_budget(database, admin, scope, "day", Decimal(limit))
    await set_budget(database, admin, "tenant", "day", Decimal(1))
    await run(metering, identity)


async def test_at_eighty_percent_the_leaders_are_warned_once(
    meter: Meter, identity: Identity, database: Database, conninfo: str
) -> None:
    seller = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    metering = meter(Model(), limits={"tenant_day": "0.0115"})
    await run(metering, seller)
    assert await list_warnings(database, identity, NOON) == []
    await run(metering, seller)
    await set_budget(
        database, make_identity(conninfo, "admin", tenant_id=identity.tenant_id),
        "tenant", "day", Decimal("0.02"),
    )  # fmt: skip
    await run(metering, seller)
    [warning] = await list_warnings(database, identity, NOON)
    assert (warning.scope, warning.period) == ("tenant", "day")
    assert "budget du jour du cabinet" in warning.message
    assert await list_warnings(database, seller, NOON) == []
    assert await list_warnings(database, identity, NOON + dt.timedelta(days=1)) == []


async def test_a_call_whose_process_died_keeps_what_was_held_for_it(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    class Dying(Ledger):
        async def close(self, *_: object) -> list[Any]:
            return []

    metering = meter(Model())
    dead = replace(metering, ledger=Dying(metering.ledger.database, load_prices(), {},
                                          lambda: NOON))  # fmt: skip
    await run(dead, identity)
    [row] = rows(conninfo, identity)
    assert row["outcome"] == "running"
    await run(meter(Model(), now=NOON + dt.timedelta(hours=2)), identity)
    lost = next(r for r in rows(conninfo, identity) if r["outcome"] == "interrupted")
    assert (lost["cost_eur"], lost["is_fallback"]) == (lost["reserved_eur"], True)
    assert lost["cost_eur"] > 0
    assert {r["reserved_eur"] for r in rows(conninfo, identity, "model_spending")} == {0}


# Protection


async def test_a_model_that_keeps_failing_is_left_alone_and_tried_again_by_one_call(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    model = Model(error=EngineUnavailable("La panne du serveur."))
    metering = meter(model)
    for _ in range(5):
        with pytest.raises(EngineUnavailable):
            await run(metering, identity)
    with pytest.raises(BreakerOpen, match="La panne du serveur"):
        await run(metering, identity)
    assert model.calls == 5
    assert sorted(r["outcome"] for r in rows(conninfo, identity))[0] == "breaker_open"


async def test_an_answer_that_does_not_come_is_given_up(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    with pytest.raises(EngineTimedOut, match="0"):
        await run(meter(Model(pause=60), patience=Patience(0.1, 10.0)), identity)
    assert [row["outcome"] for row in rows(conninfo, identity)] == ["timeout"]


async def test_a_firm_that_takes_every_place_leaves_room_for_the_others(
    meter: Meter, identity: Identity, conninfo: str
) -> None:
    other = make_identity(conninfo, "sales")
    metering = meter(Model(pause=0.3), gate=Gate(3, 2, 0.1))
    results = await asyncio.gather(
        *(run(metering, identity) for _ in range(4)), run(metering, other),
        return_exceptions=True,
    )  # fmt: skip
    assert [type(r) for r in results].count(EngineBusy) == 2
    assert isinstance(results[-1], list)
    assert [r["outcome"] for r in rows(conninfo, identity)].count("busy") == 2


# Reports and rights


async def test_costs_are_grouped_and_everyone_but_leaders_sees_only_their_own(
    meter: Meter, identity: Identity, database: Database, conninfo: str
) -> None:
    seller = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    stranger = make_identity(conninfo, "director", "admin")
    metering = meter(Model())
    await run(metering, identity)
    await run(metering, seller, replace(REQUEST, record=None, use_case="tender_scoring"))
    day = NOON.date()
    for by, keys in (
        ("day", {"2026-11-26"}),
        ("use_case", {"portfolio_assistant", "tender_scoring"}),
        ("record", {"tenders:1", "(aucun)"}),
        ("model", {MODEL}),
        ("user", {"Essai"}),
    ):
        lines = await list_costs(database, identity, by, day, day)
        assert {line.key for line in lines} == keys
        assert total(lines).cost_eur == 2 * COST
        assert total(lines).gco2e > 0
    own = await list_costs(database, seller, "use_case", day, day)
    assert [(line.key, line.calls) for line in own] == [("tender_scoring", 1)]
    assert await list_costs(database, stranger, "day", day, day) == []
    eve = day - dt.timedelta(1)
    assert await list_costs(database, identity, "day", eve, eve) == []
    text = write_csv(await list_costs(database, identity, "use_case", day, day)).decode("utf-8-sig")
    assert text.splitlines()[-1].startswith("Total;2;0;2000;8000;1000;400;0,009832;")


async def test_no_role_but_the_ledger_s_writes_the_accounts(
    meter: Meter, identity: Identity, database: Database
) -> None:
    await run(meter(Model()), identity)
    admin = replace(identity, roles=frozenset({"admin", "director"}))
    executor = replace(database, may_execute=True, _pools={})
    for role in ("assistant_read", "sql_reader", "change_executor", "knowledge_writer"):
        for statement in (
            "UPDATE model_calls SET cost_eur = 0",
            "DELETE FROM model_spending",
            "UPDATE model_spending SET spent_eur = 0",
            "SELECT security.mark_model_fallback(gen_random_uuid())",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with executor.transaction(admin, role) as connection:  # type: ignore[arg-type]
                    await connection.execute(statement.encode())
    await executor.close()
