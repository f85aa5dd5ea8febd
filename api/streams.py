"""Events read apart from the connection that takes them away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import TypeVar

Item = TypeVar("Item")
_ENDING: set[asyncio.Task[None]] = set()


async def read_apart(events: AsyncIterator[Item]) -> AsyncGenerator[Item]:
    """The same events, read by a task of their own.

    A reader who leaves cancels that task once, so that it can still write what becomes of its
    work; a dropped connection, on the contrary, cancels every step of who serves it.
    """
    queue: asyncio.Queue[tuple[Item] | None] = asyncio.Queue()

    async def read() -> None:
        try:
            async for event in events:
                queue.put_nowait((event,))
        finally:
            queue.put_nowait(None)

    task = asyncio.create_task(read())
    _ENDING.add(task)
    task.add_done_callback(_ENDING.discard)
    try:
        while (held := await queue.get()) is not None:
            yield held[0]
        await task
    finally:
        task.cancel()
