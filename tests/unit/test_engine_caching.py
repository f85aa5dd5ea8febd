"""The watch over the prompt cache: short prefixes, hit rate, alarm."""

import logging
from typing import Any

import pytest

from core.engine.caching import ALARM_AFTER, LIFETIME_S, CacheWatch, Prefix, spare_breakpoints
from core.engine.protocol import Usage

LONG = Prefix("claude-haiku-5-5", "a", 600)
SHORT = Prefix("claude-haiku-5-5", "b", 511)
HIT = Usage(input_tokens=10, cache_read_tokens=600)
MISS = Usage(input_tokens=10, cache_write_tokens=600)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def watch(clock: Clock) -> CacheWatch:
    return CacheWatch(clock)


def test_the_first_call_of_a_prefix_is_not_expected_to_hit(watch: CacheWatch) -> None:
    watch.record(LONG, MISS)
    assert watch.hit_rate is None


def test_the_rate_is_that_of_the_calls_that_should_hit(watch: CacheWatch) -> None:
    for usage in (MISS, HIT, HIT, MISS, HIT):
        watch.record(LONG, usage)
    assert watch.hit_rate == 0.75
    assert (watch.read_tokens, watch.input_tokens) == (1800, 3050)
    assert watch.warning is None


def test_a_zero_rate_raises_one_warning_without_content(
    watch: CacheWatch, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(ALARM_AFTER + 4):
        watch.record(LONG, MISS)
    assert "n’a servi à aucun des" in (watch.warning or "")
    assert [r.levelno for r in caplog.records] == [logging.WARNING]


def test_one_hit_ends_the_alarm(watch: CacheWatch) -> None:
    for usage in (*[MISS] * (ALARM_AFTER + 1), HIT):
        watch.record(LONG, usage)
    assert watch.warning is None


def test_a_prefix_out_of_its_time_is_not_expected_to_hit(watch: CacheWatch, clock: Clock) -> None:
    for _ in range(ALARM_AFTER + 2):
        watch.record(LONG, MISS)
        clock.now += LIFETIME_S + 1
    assert watch.hit_rate is None
    assert watch.warning is None


def test_a_prefix_under_the_minimum_is_reported_once(
    watch: CacheWatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    watch.record(SHORT, MISS)
    watch.record(SHORT, MISS)
    assert list(watch.too_short.values()) == [SHORT]
    assert len(caplog.records) == 1
    assert watch.hit_rate is None


def test_an_unknown_model_is_held_to_the_highest_minimum() -> None:
    assert not Prefix("mistral-small", "a", 4000).is_cacheable


def make_params(*tools: dict[str, Any]) -> dict[str, Any]:
    mark = {"cache_control": {"type": "ephemeral"}}
    system = [{"type": "text", "text": "Consigne. " * 400, **mark}, {"type": "text", "text": "J"}]
    return {"model": "claude-haiku-5-5", "system": system, "messages": [], "tools": list(tools)}


def is_marked(watch: CacheWatch, params: dict[str, Any]) -> bool:
    spare_breakpoints(params, watch)
    return "cache_control" in params["system"][0]


def test_a_prefix_is_written_only_when_it_comes_back_within_its_life(
    watch: CacheWatch, clock: Clock
) -> None:
    marked: list[bool] = []
    for pause in (LIFETIME_S + 1, LIFETIME_S + 1, LIFETIME_S - 1, LIFETIME_S - 1, LIFETIME_S + 1):
        clock.now += pause
        marked.append(is_marked(watch, make_params()))
    assert marked == [False, False, True, True, False]


def test_the_prefix_of_a_tool_loop_is_always_written(watch: CacheWatch) -> None:
    tool = {"name": "find_client", "description": "Trouve.", "input_schema": {"type": "object"}}
    assert is_marked(watch, make_params(tool))
