"""Breaker, gate, retry times, prices and footprint, without a database."""

from __future__ import annotations

import asyncio
import datetime as dt
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import procrastinate
import pytest
from procrastinate.testing import InMemoryConnector

from api.worker import AskModelAgain
from core.context import PARIS
from core.engine.breaker import FIRST_PAUSE_S, Breaker
from core.engine.errors import (
    BreakerOpen,
    BudgetExhausted,
    EngineBadRequest,
    EngineBusy,
    EngineError,
    EngineRateLimited,
    EngineRefusedKey,
    EngineUnavailable,
)
from core.engine.gate import Gate
from core.engine.protocol import Usage
from core.engine.retrying import ModelAwaited, find_retry_at
from core.errors import ConfigurationError
from core.ledger.budgets import next_period
from core.ledger.footprint import load_footprint
from core.ledger.prices import Prices, load_prices

NOW = dt.datetime(2026, 11, 26, 12, tzinfo=PARIS)
NEW_YEAR = dt.datetime(2027, 1, 1, tzinfo=PARIS)
OUTAGE = EngineUnavailable("panne")


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def attempt(breaker: Breaker, error: BaseException | None) -> None:
    breaker.enter()
    breaker.leave(error)


def open_breaker(time: Time) -> Breaker:
    breaker = Breaker(time)
    for _ in range(5):
        attempt(breaker, OUTAGE)
    return breaker


def test_a_breaker_opens_after_five_outages_in_a_row_and_lets_one_probe_through() -> None:
    time = Time()
    breaker = open_breaker(time)
    with pytest.raises(BreakerOpen):
        breaker.enter()
    time.now = FIRST_PAUSE_S
    breaker.enter()
    with pytest.raises(BreakerOpen):
        breaker.enter()
    breaker.leave(None)
    attempt(breaker, None)


def test_a_failed_probe_doubles_the_pause() -> None:
    time = Time()
    breaker = open_breaker(time)
    time.now = FIRST_PAUSE_S
    attempt(breaker, OUTAGE)
    time.now += FIRST_PAUSE_S + 1
    assert breaker.is_open
    time.now += FIRST_PAUSE_S
    attempt(breaker, None)


def test_a_probe_that_is_given_up_leaves_its_place_to_another() -> None:
    time = Time()
    breaker = open_breaker(time)
    time.now = FIRST_PAUSE_S
    attempt(breaker, asyncio.CancelledError())
    attempt(breaker, None)


@pytest.mark.parametrize(
    "error", [EngineRefusedKey("x"), EngineBadRequest("x"), EngineBusy(1), None]
)
def test_what_says_nothing_of_the_server_never_opens_a_breaker(error: EngineError | None) -> None:
    breaker = Breaker(Time())
    for _ in range(20):
        attempt(breaker, error)


def test_a_success_forgets_earlier_outages() -> None:
    breaker = Breaker(Time())
    for _ in range(5):
        for _ in range(4):
            attempt(breaker, OUTAGE)
        attempt(breaker, None)


async def test_a_gate_serves_firms_in_turn_not_in_order_of_arrival() -> None:
    gate, served = Gate(1, 1, 5.0), list[str]()
    big, small = uuid4(), uuid4()

    async def call(tenant_name: str) -> None:
        async with gate.place(big if tenant_name == "big" else small):
            served.append(tenant_name)
            await asyncio.sleep(0.01)

    await asyncio.gather(*(call(n) for n in ("big", "big", "big", "big", "small", "small")))
    assert served == ["big", "big", "small", "big", "small", "big"]


async def test_a_gate_lends_its_place_again_after_impatience_and_cancellation() -> None:
    gate, tenant = Gate(1, 1, 0.05), uuid4()
    async with gate.place(tenant):
        with pytest.raises(EngineBusy):
            async with gate.place(tenant):
                pass
        waiting = asyncio.create_task(gate.place(tenant).__aenter__())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    for _ in range(3):
        async with gate.place(tenant):
            pass


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (EngineRateLimited("x", 90), NOW + dt.timedelta(seconds=90)),
        (EngineRateLimited("x"), NOW + dt.timedelta(minutes=1)),
        (EngineUnavailable("x"), NOW + dt.timedelta(minutes=5)),
        (BudgetExhausted("x", NOW + dt.timedelta(days=1)), NOW + dt.timedelta(days=1)),
        (BreakerOpen(NOW + dt.timedelta(seconds=30), "x"), NOW + dt.timedelta(seconds=30)),
        (EngineRefusedKey("x"), None),
        (EngineBadRequest("x"), None),
    ],
)
def test_a_job_waits_for_what_time_mends_and_for_nothing_else(
    error: EngineError, expected: dt.datetime | None
) -> None:
    assert find_retry_at(error, NOW) == expected


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ModelAwaited("x", dt.datetime.now(dt.UTC) + dt.timedelta(days=1)), "todo"),
        (EngineUnavailable("x"), "todo"),
        (EngineRefusedKey("x"), "failed"),
        (RuntimeError("x"), "failed"),
    ],
)
async def test_a_job_that_lacked_its_model_is_queued_again(error: Exception, status: str) -> None:
    connector = InMemoryConnector()
    app = procrastinate.App(connector=connector)

    @app.task(name="score", retry=AskModelAgain())
    async def score() -> None:
        raise error

    async with app.open_async():
        await score.defer_async()
        await app.run_worker_async(wait=False, install_signal_handlers=False)
    [job] = connector.jobs.values()
    assert job["status"] == status
    if status == "todo":
        assert job["scheduled_at"] > dt.datetime.now(dt.UTC) + dt.timedelta(minutes=4)


@pytest.mark.parametrize(
    ("period", "now", "expected"),
    [
        ("day", NOW, dt.datetime(2026, 11, 27, tzinfo=PARIS)),
        ("month", NOW, dt.datetime(2026, 12, 1, tzinfo=PARIS)),
        ("month", NEW_YEAR - dt.timedelta(hours=1), NEW_YEAR),
        ("day", dt.datetime(2026, 12, 31, 23, 30, tzinfo=dt.UTC), NEW_YEAR + dt.timedelta(days=1)),
    ],
)
def test_a_period_ends_at_midnight_in_paris(
    period: str, now: dt.datetime, expected: dt.datetime
) -> None:
    assert next_period(period, now) == expected  # type: ignore[arg-type]


# Prices


def test_a_price_is_the_one_in_force_that_day_and_for_that_length() -> None:
    prices = load_prices()
    read = Usage(cache_read_tokens=1_000_000)
    before = prices.price("claude-sonnet-5-5", read, dt.date(2026, 10, 6)).eur
    after = prices.price("claude-sonnet-5-5", read, dt.date(2026, 10, 7)).eur
    assert (before, after) == (Decimal("0.174000"), Decimal("0.087000"))
    short, long = Usage(100_000), Usage(100_001)
    day = dt.date(2026, 11, 1)
    assert prices.price("claude-haiku-5-5", short, day).eur == Decimal("0.008700")
    assert prices.price("claude-haiku-5-5", long, day).eur == Decimal("0.043500")


def test_a_batch_costs_half_and_a_dated_model_id_is_known() -> None:
    prices, usage, day = load_prices(), Usage(1000, 1000), dt.date(2026, 11, 1)
    whole = prices.price("claude-opus-5-5", usage, day)
    assert prices.price("claude-opus-5-5", usage, day, is_batch=True).eur == whole.eur / 2
    assert prices.price("claude-haiku-4-5-20251001", usage, day).is_priced
    assert not prices.price("claude-opus-5-50", usage, day).is_priced


def test_an_unknown_model_costs_as_much_as_the_dearest() -> None:
    prices, usage, day = load_prices(), Usage(1000, 1000), dt.date(2026, 11, 1)
    unknown = prices.price("un-modele-local", usage, day)
    assert unknown.eur == max(prices.price(m, usage, day).eur for m in prices.models)
    assert not unknown.is_priced


def test_a_price_file_that_does_not_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "prix.yaml").write_text("models: {x: [{since: hier}]}")
    with pytest.raises(ConfigurationError, match="prix"):
        load_prices(tmp_path / "prix.yaml")


def test_emissions_follow_the_stated_formula() -> None:
    footprint = load_footprint()
    usage = Usage(1000, 500, 10_000, 1000)
    # (500×0,6 + 2000×0,06 + 10000×0,006)/1000 = 0,48 Wh ; ×1,2 ×380/1000
    assert footprint.estimate("balanced", usage) == Decimal("0.48") * Decimal("1.2") * Decimal(
        "0.38"
    )


def test_prices_of_every_default_model_are_listed() -> None:
    from core.settings import Settings

    prices: Prices = load_prices()
    fields = Settings.model_fields
    for name in ("model_fast", "model_balanced", "model_deep"):
        assert prices.knows(fields[name].default)
