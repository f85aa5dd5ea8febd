"""The row of each model call: opened before it with a reservation, closed with what it came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal
from uuid import UUID

from core.context import Clock, Identity, system_clock
from core.database import Database, Role
from core.engine.pages import count_pages
from core.engine.protocol import PdfPages, Request, Usage
from core.engine.tokens import TOKENS_PER_PDF_PAGE
from core.ledger.budgets import BudgetUse, describe_exhaustion, fetch_uses
from core.ledger.prices import Prices

Outcome = Literal[
    "ok", "max_tokens", "refusal", "cancelled", "budget", "breaker_open", "busy", "timeout",
    "unavailable", "rate_limited", "refused_key", "bad_request", "error",
]  # fmt: skip
ROLE: Role = "ledger_writer"
WARNED_SHARE = Decimal("0.8")
# French text holds at least three bytes per token: an estimate by three is an upper bound.
BYTES_PER_TOKEN = 3

OPEN_CALL = """
SELECT * FROM security.open_model_call(
    %(proof)s, %(id)s, %(use_case)s, %(record)s, %(tier)s, %(model)s, %(prompt)s, %(is_batch)s,
    %(eur)s, %(at)s, %(defaults)s)
"""
CLOSE_CALL = """
SELECT * FROM security.close_model_call(
    %(proof)s, %(id)s, %(model)s, %(input)s, %(read)s, %(write)s, %(output)s, %(is_estimated)s,
    %(eur)s, %(is_priced)s, %(outcome)s, %(is_fallback)s, %(first_token_ms)s, %(duration_ms)s,
    %(at)s, %(warned_share)s, %(defaults)s)
"""
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


@dataclass(frozen=True)
class Ledger:
    """The rows, prices and limits of an installation."""

    database: Database
    prices: Prices
    limits: Mapping[str, str] = field(default_factory=dict[str, str])
    clock: Clock = system_clock

    async def open(self, identity: Identity, call: Call) -> None:
        """Open the row. Raises `BudgetExhausted`, the row then being closed."""
        now = self.clock()
        request = call.request
        async with self.database.statement(ROLE) as connection:
            exhausted = await fetch_uses(
                connection,
                OPEN_CALL,
                {
                    "proof": self.database.prove(identity), "id": call.id,
                    "use_case": request.use_case, "record": request.record,
                    "tier": request.tier, "model": call.model, "prompt": request.prompt_sha256,
                    "is_batch": call.is_batch, "eur": self._estimate(call, now), "at": now,
                },
                self.limits,
            )  # fmt: skip
        if exhausted:
            raise describe_exhaustion(exhausted[0], now)

    async def close(self, identity: Identity, call: Call, result: Result) -> list[BudgetUse]:
        """Close the row; the budgets that have just become nearly spent."""
        now = self.clock()
        cost = self.prices.price(result.model, result.usage, now.date(), is_batch=call.is_batch)
        values = {
            "proof": self.database.prove(identity), "id": call.id, "model": result.model,
            "input": result.usage.input_tokens,
            "read": result.usage.cache_read_tokens, "write": result.usage.cache_write_tokens,
            "output": result.usage.output_tokens, "is_estimated": result.is_estimated,
            "eur": cost.eur, "is_priced": cost.is_priced, "outcome": result.outcome,
            "is_fallback": result.outcome not in {"ok", "max_tokens", "cancelled"},
            "first_token_ms": result.first_token_ms, "duration_ms": result.duration_ms, "at": now,
            "warned_share": WARNED_SHARE,
        }  # fmt: skip
        async with self.database.statement(ROLE) as connection:
            return await fetch_uses(connection, CLOSE_CALL, values, self.limits)

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
