"""Things to be done one by one, done together while the one before is under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Waiting(Generic[Item, Answer]):
    """An item, and who waits for its answer."""

    item: Item
    answer: asyncio.Future[Answer]


@dataclass
class Grouper(Generic[Item, Answer]):
    """`do_all` answers each of several items; what is asked while it runs makes the next group.

    Should a group fail, each of its items is tried alone: one of them does not undo the others.
    """

    do_all: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]
    largest: int = 200
    _waiting: list[Waiting[Item, Answer]] = field(default_factory=list, repr=False)
    _worker: asyncio.Task[None] | None = field(default=None, repr=False)

    async def ask(self, item: Item) -> Answer:
        """The answer of `item`. Raises what `do_all` raises for it.

        Once asked, an item is done even if nobody waits for its answer any more.
        """
        waiting = Waiting[Item, Answer](item, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work())
        return await asyncio.shield(waiting.answer)

    async def _work(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self.largest], self._waiting[self.largest :]
            if not await self._answer(group) and len(group) > 1:
                for waiting in group:
                    await self._answer([waiting])

    async def _answer(self, group: Sequence[Waiting[Item, Answer]]) -> bool:
        """Answer them all; False when a group of several failed and nobody was told."""
        try:
            answers = await self.do_all([waiting.item for waiting in group])
        except BaseException as error:
            if len(group) > 1 and isinstance(error, Exception):
                return False
            for waiting in group:
                _tell(waiting.answer, error)
            if not isinstance(error, Exception):
                raise
            return True
        for waiting, answer in zip(group, answers, strict=True):
            if not waiting.answer.done():
                waiting.answer.set_result(answer)
        return True


def _tell(answer: asyncio.Future[Any], error: BaseException) -> None:
    if answer.done():
        return
    if isinstance(error, asyncio.CancelledError):
        answer.cancel()
    else:
        answer.set_exception(error)
        answer.exception()  # Seen, even where nobody waits any more.
