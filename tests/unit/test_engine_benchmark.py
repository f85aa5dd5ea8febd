"""The benchmark of the engine: what it calls an overhead, and what it counts as a failure."""

import asyncio

import pytest

from evals.benchmarks.engine import Alone, Together, check, find_p95, measure_together


def test_the_overhead_alone_is_the_median_of_the_paired_differences() -> None:
    assert Alone([10.0, 50.0, 10.0], [13.0, 52.0, 11.0]).overhead == 2.0


def test_the_overhead_together_is_between_the_95th_percentiles() -> None:
    bare, wrapped = [float(n) for n in range(100)], [float(n + 7) for n in range(100)]
    assert Together(100, bare, wrapped, 0).overhead == pytest.approx(7.0)
    assert find_p95(bare) == pytest.approx(94.95)


async def test_a_call_that_fails_is_counted_and_not_timed() -> None:
    async def succeed() -> None:
        await asyncio.sleep(0)

    async def fail() -> None:
        raise ConnectionError

    found = await measure_together(succeed, fail, streams=3, rounds=2)
    assert (len(found.bare), found.wrapped, found.failures) == (6, [], 6)


def test_a_wrong_answer_is_a_failure() -> None:
    with pytest.raises(ValueError, match="not the one"):
        check("")
