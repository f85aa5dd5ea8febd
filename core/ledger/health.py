"""What the last calls tell of the model: how they ended, and how much of them came from cache."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core.context import Identity
from core.database import Database

CALLS_TO_JUDGE = 20
COUNT_OUTCOMES = """
SELECT outcome, count(*) AS calls FROM model_calls
WHERE tenant_id = %s AND started_at >= %s GROUP BY outcome
"""
SUM_PROMPTS = """
SELECT count(*) AS calls, coalesce(sum(cache_read_tokens), 0) AS read,
       coalesce(sum(input_tokens + cache_read_tokens + cache_write_tokens), 0) AS prompt
FROM model_calls WHERE tenant_id = %s AND started_at >= %s AND outcome = 'ok'
"""


@dataclass(frozen=True)
class Health:
    """Calls by outcome in the last quarter of an hour; the cache over the last day."""

    outcomes: Mapping[str, int]
    calls: int
    cache_share: float

    @property
    def is_cache_idle(self) -> bool:
        """Enough calls were made for their common prefix to have been read from cache."""
        return self.calls >= CALLS_TO_JUDGE and self.cache_share == 0.0


async def read_health(database: Database, identity: Identity, now: dt.datetime) -> Health:
    """The state of the calls that `identity` may see."""
    tenant = identity.tenant_id
    async with database.transaction(identity) as connection:
        recent = await connection.execute(COUNT_OUTCOMES, (tenant, now - dt.timedelta(minutes=15)))
        outcomes = {row["outcome"]: row["calls"] for row in await recent.fetchall()}
        day = await connection.execute(SUM_PROMPTS, (tenant, now - dt.timedelta(days=1)))
        sums = await day.fetchone()
    if sums is None or not sums["prompt"]:
        return Health(outcomes, 0, 0.0)
    return Health(outcomes, sums["calls"], float(sums["read"] / sums["prompt"]))
