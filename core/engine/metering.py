"""The metered engine: whatever answers, each call is limited, paid for and written down.

Every call of a model writes one row, whether it answers, fails, is refused for a spent budget or
is given up by its reader. The deterministic engine costs nothing and has no row: where it
answers in a model's place, the model's last row is marked as followed by a fallback.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Coroutine
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Protocol, cast
from uuid import UUID, uuid4

import psycopg

from core.context import Identity
from core.engine import errors
from core.engine.breaker import Breakers
from core.engine.gate import Gate
from core.engine.protocol import Completed, Engine, Event, Request, TextDelta, Usage
from core.engine.routing import Routing
from core.errors import VoltaireError
from core.ledger.calls import BYTES_PER_TOKEN, Call, Ledger, Outcome, Result, estimate_input

logger = logging.getLogger(__name__)

OUTCOMES: tuple[tuple[type[BaseException], Outcome], ...] = (
    (errors.BudgetExhausted, "budget"),
    (errors.BreakerOpen, "breaker_open"),
    (errors.EngineBusy, "busy"),
    (errors.EngineTimedOut, "timeout"),
    (errors.EngineUnavailable, "unavailable"),
    (errors.EngineRateLimited, "rate_limited"),
    (errors.EngineRefusedKey, "refused_key"),
    (errors.EngineBadRequest, "bad_request"),
    (errors.EngineRefusal, "refusal"),
    (GeneratorExit, "cancelled"),
    (asyncio.CancelledError, "cancelled"),
)

ERROR: Outcome = "error"


class Recorder(Protocol):
    """What exports the figures of a call."""

    def record(self, call: Call, result: Result) -> None:
        """Export them, without anything of the call's content."""
        ...


@dataclass(frozen=True)
class Patience:
    """Seconds to wait for the first event, and for the whole answer."""

    first_event_s: float = 120.0
    total_s: float = 600.0


@dataclass(frozen=True)
class Metering:
    """The engine of a process before it is known who asks: `bind` gives the one that answers."""

    inner: Engine
    ledger: Ledger
    routing: Routing
    server: str
    gate: Gate
    patience: Patience = Patience()
    breakers: Breakers = field(default_factory=Breakers)
    recorder: Recorder | None = None

    @property
    def name(self) -> str:
        """The name of the engine within."""
        return self.inner.name

    @property
    def is_model(self) -> bool:
        """Whether the engine within is a model."""
        return self.inner.is_model

    def bind(self, identity: Identity) -> MeteredEngine:
        """The engine in the name of `identity`."""
        return MeteredEngine(self, identity)

    def stream(self, request: Request) -> AsyncIterator[Event]:  # noqa: ARG002 - the protocol's
        """Refused: no account can be kept of a call that nobody makes. Raises TypeError."""
        raise TypeError("bind the engine to an identity first")


@dataclass
class MeteredEngine:
    """An engine that keeps accounts in the name of one user."""

    metering: Metering
    identity: Identity
    last_call_id: UUID | None = None

    @property
    def name(self) -> str:
        """The name of the engine within."""
        return self.metering.name

    @property
    def is_model(self) -> bool:
        """Whether the engine within is a model."""
        return self.metering.is_model

    async def stream(self, request: Request) -> AsyncGenerator[Event]:
        """The events of the engine within, and one row. Raises what it raises, and `EngineError`
        where a budget is spent, the breaker open, no place free, or the answer too late."""
        choice = self.metering.routing.choose(request.use_case, request.tier)
        call = Call(uuid4(), request, choice.model, choice.thinking_room)
        self.last_call_id = call.id
        watch = Watch(call)
        await self._open(call, watch)
        try:
            async with aclosing(self._run(call, watch)) as events:
                async for event in events:
                    watch.see(event)
                    yield event
        except BaseException as error:
            watch.error = error
            raise
        finally:
            await asyncio.shield(self._close(call, watch.sum_up()))

    async def mark_fallback(self) -> None:
        """Note that rules answered after the last call, well made though it was."""
        if self.last_call_id is not None:
            await self.metering.ledger.mark_fallback(self.identity, self.last_call_id)

    async def _run(self, call: Call, watch: Watch) -> AsyncGenerator[Event]:
        metering = self.metering
        async with metering.gate.place(self.identity.tenant_id):
            watch.started = time.monotonic()
            breaker = metering.breakers.of(f"{metering.server} {call.model}")
            breaker.enter()
            try:
                async for event in limit(metering.inner.stream(call.request), metering.patience):
                    yield event
            except BaseException as error:
                breaker.leave(error)
                raise
            breaker.leave(None)

    async def _open(self, call: Call, watch: Watch) -> None:
        try:
            await self.metering.ledger.open(self.identity, call)
        except asyncio.CancelledError as error:
            watch.error = error
            await asyncio.shield(self._close(call, watch.sum_up()))
            raise

    async def _close(self, call: Call, result: Result) -> None:
        """An account that cannot be closed is left open: a later call closes it at its estimate."""
        try:
            warnings = await self.metering.ledger.close(self.identity, call, result)
        except (psycopg.Error, VoltaireError):
            logger.exception("Appel %s : sa ligne de coût n’a pas pu être close", call.id)
            return
        for use in warnings:
            logger.warning("%s est presque épuisé (%s %%)", use.subject, use.percent)
        if self.metering.recorder is not None:
            self.metering.recorder.record(call, result)


@dataclass
class Watch:
    """What is seen of a call while it runs."""

    call: Call
    started: float = field(default_factory=time.monotonic)
    first_event: float | None = None
    written_bytes: int = 0
    completed: Completed | None = None
    error: BaseException | None = None

    def see(self, event: Event) -> None:
        """One event went by."""
        if self.first_event is None:
            self.first_event = time.monotonic()
        if isinstance(event, TextDelta):
            self.written_bytes += len(event.text.encode())
        else:
            self.completed = event

    def sum_up(self) -> Result:
        """What the call came to."""
        now, first = time.monotonic(), self.first_event
        done = self.completed
        return Result(
            model=done.model if done else self.call.model,
            usage=done.usage if done else self._estimate(),
            outcome=self._judge(),
            duration_ms=round((now - self.started) * 1000),
            first_token_ms=None if first is None else round((first - self.started) * 1000),
            is_estimated=done is None and first is not None,
        )

    def _estimate(self) -> Usage:
        """An answer that had begun is paid for; one that never came is not."""
        if self.first_event is None:
            return Usage()
        return Usage(estimate_input(self.call.request), self.written_bytes // BYTES_PER_TOKEN)

    def _judge(self) -> Outcome:
        """A reader who leaves after the end of the answer has had it all."""
        has_left = isinstance(self.error, (GeneratorExit, asyncio.CancelledError))
        if self.error is not None and not (has_left and self.completed):
            return name_outcome(self.error)
        stop = self.completed.stop_reason if self.completed else None
        if stop is None:
            return ERROR
        return "ok" if stop in {"end_turn", "tool_use"} else cast("Outcome", stop)


def name_outcome(error: BaseException) -> Outcome:
    """The outcome of a call that ended in `error`."""
    for kind, name in OUTCOMES:
        if isinstance(error, kind):
            return name
    return ERROR


async def limit(events: AsyncIterator[Event], patience: Patience) -> AsyncGenerator[Event]:
    """`events`, unless they come too late. Raises `EngineTimedOut`."""
    watchdog = Watchdog(asyncio.get_running_loop())
    deadline = watchdog.now + patience.total_s
    allowed = min(patience.first_event_s, patience.total_s)
    watchdog.set(watchdog.now + allowed)
    try:
        while True:
            try:
                event = await watchdog.wait(anext(events))
            except StopAsyncIteration:
                return
            except TimeoutError:
                raise errors.EngineTimedOut(allowed) from None
            if allowed != patience.total_s:
                allowed = patience.total_s
                watchdog.set(deadline)
            yield event
    finally:
        watchdog.stop()
        if isinstance(events, AsyncGenerator):
            await events.aclose()


class Watchdog:
    """Ends a wait that outlasts a moment: one timer for a whole stream, not one for each event."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._timer: asyncio.TimerHandle | None = None
        self._waiting: asyncio.Task[object] | None = None
        self._is_over = False

    @property
    def now(self) -> float:
        """The loop's clock, in seconds."""
        return self._loop.time()

    def set(self, moment: float) -> None:
        """End the waits at this moment of the loop's clock, rather than at the one before."""
        self.stop()
        self._timer = self._loop.call_at(moment, self._end)

    def stop(self) -> None:
        """End nothing any more."""
        if self._timer is not None:
            self._timer.cancel()

    async def wait(self, awaited: Awaitable[Event]) -> Event:
        """What `awaited` gives. Raises `TimeoutError` once the moment has come."""
        if self._is_over and isinstance(awaited, Coroutine):
            awaited.close()
        task = asyncio.current_task()
        if self._is_over or task is None:
            raise TimeoutError
        cancelling = task.cancelling()
        self._waiting = task
        try:
            return await awaited
        except asyncio.CancelledError:
            if self._is_over and task.uncancel() <= cancelling:
                raise TimeoutError from None
            raise
        finally:
            self._waiting = None

    def _end(self) -> None:
        self._is_over = True
        if self._waiting is not None:
            self._waiting.cancel()
