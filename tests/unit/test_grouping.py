"""Items asked for one by one, answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from core.ledger.grouping import Grouper


class Doubler:
    """Doubles numbers after a pause, refuses any group that holds 13, and keeps each group."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []

    async def double(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        await asyncio.sleep(0.01)
        if 13 in items:
            raise ValueError("13")
        return [2 * item for item in items]


async def test_what_is_asked_meanwhile_is_answered_together() -> None:
    doubler = Doubler()
    grouper = Grouper(doubler.double)
    first = asyncio.create_task(grouper.ask(1))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert await asyncio.gather(first, *(grouper.ask(n) for n in range(2, 6))) == [2, 4, 6, 8, 10]
    assert doubler.groups == [[1], [2, 3, 4, 5]]


async def test_a_group_holds_no_more_than_its_largest() -> None:
    doubler = Doubler()
    grouper = Grouper(doubler.double, largest=2)
    await asyncio.gather(*(grouper.ask(n) for n in range(5)))
    assert doubler.groups == [[0, 1], [2, 3], [4]]


async def test_one_that_fails_does_not_undo_the_others() -> None:
    doubler = Doubler()
    grouper = Grouper(doubler.double)
    answers = await asyncio.gather(*(grouper.ask(n) for n in (1, 13, 3)), return_exceptions=True)
    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 6


async def test_an_item_nobody_waits_for_any_more_is_done_all_the_same() -> None:
    doubler = Doubler()
    grouper = Grouper(doubler.double)
    asked = asyncio.create_task(grouper.ask(1))
    await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await grouper.ask(2) == 4
    assert [1] in doubler.groups or [1, 2] in doubler.groups
