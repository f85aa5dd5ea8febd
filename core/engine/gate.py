"""A limit on the calls that run at once, shared fairly between firms."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from core.engine.errors import EngineBusy

Waiters = deque[asyncio.Future[None]]


class Gate:
    """At most `total` calls in this process and `per_tenant` for a firm; the rest wait.

    A place that falls free goes to the firm that has waited longest for its turn, so that the
    bulk work of one does not shut out the others.
    """

    def __init__(self, total: int, per_tenant: int, patience_s: float) -> None:
        self._total = total
        self._per_tenant = per_tenant
        self._patience_s = patience_s
        self._running: Counter[UUID] = Counter()
        self._waiting: OrderedDict[UUID, Waiters] = OrderedDict()

    @asynccontextmanager
    async def place(self, tenant: UUID) -> AsyncGenerator[None]:
        """Hold a place for a call of `tenant`. Raises `EngineBusy` after the patience."""
        await self._take(tenant)
        try:
            yield
        finally:
            self._running[tenant] -= 1
            self._hand_over()

    async def _take(self, tenant: UUID) -> None:
        if self._is_open_to(tenant) and tenant not in self._waiting:
            self._running[tenant] += 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant, deque()).append(turn)
        try:
            async with asyncio.timeout(self._patience_s):
                await turn
        except BaseException as error:
            self._give_up(tenant, turn)
            if isinstance(error, TimeoutError):
                raise EngineBusy(self._patience_s) from None
            raise

    def _give_up(self, tenant: UUID, turn: asyncio.Future[None]) -> None:
        """The place may have been given at the very moment its taker left."""
        if turn.done() and not turn.cancelled():
            self._running[tenant] -= 1
            self._hand_over()
            return
        waiters = self._waiting.get(tenant)
        if waiters is not None and turn in waiters:
            waiters.remove(turn)
            if not waiters:
                del self._waiting[tenant]

    def _hand_over(self) -> None:
        while (tenant := self._find_next()) is not None:
            waiters = self._waiting.pop(tenant)
            turn = waiters.popleft()
            if waiters:
                self._waiting[tenant] = waiters  # at the end: the others come first
            if not turn.done():
                self._running[tenant] += 1
                turn.set_result(None)

    def _find_next(self) -> UUID | None:
        return next((tenant for tenant in self._waiting if self._is_open_to(tenant)), None)

    def _is_open_to(self, tenant: UUID) -> bool:
        return self._running.total() < self._total and self._running[tenant] < self._per_tenant
