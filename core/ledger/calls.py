"""The row of each model call: opened before it with a reservation, closed with what it came to."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from core.context import Clock, Identity, system_clock
from core.database import Database, Role
from core.engine.pages import count_pages
from core.engine.protocol import PdfPages, Request, Usage
from core.engine.tokens import TOKENS_PER_PDF_PAGE
from core.ledger.budgets import BudgetUse, describe_exhaustion
from core.ledger.grouping import Grouper
from core.ledger.prices import Prices

Values = Mapping[str, Any]
Outcome = Literal[
    "ok", "max_tokens", "refusal", "cancelled", "budget", "breaker_open", "busy", "timeout",
    "unavailable", "rate_limited", "refused_key", "bad_request", "error",
]  # fmt: skip
ROLE: Role = "ledger_writer"
WARNED_SHARE = Decimal("0.8")
# French text holds at least three bytes per token: an estimate by three is an upper bound.
BYTES_PER_TOKEN = 3

OPEN_CALLS = "SELECT * FROM security.open_model_calls(%s, %s, %s)"
CLOSE_CALLS = "SELECT * FROM security.close_model_calls(%s, %s, %s, %s)"
MARK_FALLBACK = "SELECT security.mark_model_fallback(%s)"


@dataclass(frozen=True)
class Call:
    """A call about to be made; `thinking_room` is added to the length of its answer."""

    id: UUID
    request: Request
    model: str
    thinking_room: int = 0
    is_batch: bool = False


@dataclass(frozen=True)
class Result:
    """What a call came to; `is_estimated` when the server did not say what it counted."""

    model: str
    usage: Usage
    outcome: Outcome
    duration_ms: int
    first_token_ms: int | None = None
    is_estimated: bool = False


@dataclass
class Ledger:
    """The rows, prices and limits of an installation.

    Calls made at the same time open, and close, together: one statement for many.
    """

    database: Database
    prices: Prices
    limits: Mapping[str, str] = field(default_factory=dict[str, str])
    clock: Clock = system_clock

    def __post_init__(self) -> None:
        """Make the two queues."""
        self._opening = Grouper[Values, list[BudgetUse]](self._open_all)
        self._closing = Grouper[Values, list[BudgetUse]](self._close_all)

    async def open(self, identity: Identity, call: Call) -> None:
        """Open the row. Raises `BudgetExhausted`, the row then being closed.

        Cancelled or not, the row is there once this ends.
        """
        request, now = call.request, self.clock()
        opening = asyncio.ensure_future(self._opening.ask({
            "proof": self.database.prove(identity), "id": str(call.id),
            "use_case": request.use_case, "record": request.record, "tier": request.tier,
            "model": call.model, "prompt": request.prompt_sha256, "is_batch": call.is_batch,
            "eur": str(self._estimate(call, now)),
        }))  # fmt: skip
        try:
            exhausted = await asyncio.shield(opening)
        except asyncio.CancelledError:
            await opening
            raise
        if exhausted:
            raise describe_exhaustion(exhausted[0], now)

    async def close(self, identity: Identity, call: Call, result: Result) -> list[BudgetUse]:
        """Close the row; the budgets that have just become nearly spent."""
        day = self.clock().date()
        cost = self.prices.price(result.model, result.usage, day, is_batch=call.is_batch)
        return await self._closing.ask({
            "proof": self.database.prove(identity), "id": str(call.id), "model": result.model,
            "input": result.usage.input_tokens,
            "read": result.usage.cache_read_tokens, "write": result.usage.cache_write_tokens,
            "output": result.usage.output_tokens, "is_estimated": result.is_estimated,
            "eur": str(cost.eur), "is_priced": cost.is_priced, "outcome": result.outcome,
            "is_fallback": result.outcome not in {"ok", "max_tokens", "cancelled"},
            "first_token_ms": result.first_token_ms, "duration_ms": result.duration_ms,
        })  # fmt: skip

    async def _open_all(self, calls: Sequence[Values]) -> list[list[BudgetUse]]:
        values = (Jsonb(list(calls)), self.clock(), Jsonb(dict(self.limits)))
        return await self._fetch(OPEN_CALLS, calls, values)

    async def _close_all(self, calls: Sequence[Values]) -> list[list[BudgetUse]]:
        values = (Jsonb(list(calls)), self.clock(), WARNED_SHARE, Jsonb(dict(self.limits)))
        return await self._fetch(CLOSE_CALLS, calls, values)

    async def _fetch(
        self, statement: LiteralString, calls: Sequence[Values], values: Sequence[object]
    ) -> list[list[BudgetUse]]:
        """The budgets that the ledger's function tells of each call."""
        told: dict[str, list[BudgetUse]] = {}
        async with self.database.statement(ROLE) as connection:
            cursor = await connection.execute(statement, values)
            async for row in cursor:
                told.setdefault(str(row.pop("call_id")), []).append(BudgetUse(**row))
        return [told.get(call["id"], []) for call in calls]

    async def mark_fallback(self, identity: Identity, call_id: UUID) -> None:
        """Note that rules answered although this call was well made."""
        async with self.database.transaction(identity, ROLE) as connection:
            await connection.execute(MARK_FALLBACK, (call_id,))

    def _estimate(self, call: Call, now: dt.datetime) -> Decimal:
        """The most this call may cost: nothing in cache, an answer of the greatest length."""
        usage = Usage(
            cache_write_tokens=estimate_input(call.request),
            output_tokens=call.request.max_tokens + call.thinking_room,
        )
        return self.prices.price(call.model, usage, now.date(), is_batch=call.is_batch).eur


def estimate_input(request: Request) -> int:
    """Tokens of a request at most, by its bytes and pages."""
    blocks = [block for message in request.messages for block in message.content]
    pages = [block for block in blocks if isinstance(block, PdfPages)]
    texts = [request.system, request.knowledge or "", *map(str, request.tools), *map(str, blocks)]
    return (
        sum(len(text.encode()) for text in texts) // BYTES_PER_TOKEN
        + sum(count_pages(block.data) for block in pages) * TOKENS_PER_PDF_PAGE
    )
