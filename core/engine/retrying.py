"""When a job whose result matters should ask the model again."""

from __future__ import annotations

import datetime as dt

from core.engine.errors import EngineError, EngineRateLimited, EngineUnavailable
from core.errors import VoltaireError

AFTER_RATE_LIMIT = dt.timedelta(minutes=1)
AFTER_OUTAGE = dt.timedelta(minutes=5)


class ModelAwaited(VoltaireError):
    """A job kept its deterministic result and is to be done again with the model at `retry_at`.

    Raised by the job once that result is stored, so that nothing is lost.
    """

    def __init__(self, reason: str, retry_at: dt.datetime) -> None:
        super().__init__(reason)
        self.retry_at = retry_at


def find_retry_at(error: EngineError, now: dt.datetime) -> dt.datetime | None:
    """When the same request may succeed; None where waiting changes nothing (key, request)."""
    known: dt.datetime | None = getattr(error, "retry_at", None)
    if known is not None:
        return known
    if isinstance(error, EngineRateLimited):
        seconds = error.retry_after
        return now + (AFTER_RATE_LIMIT if seconds is None else dt.timedelta(seconds=seconds))
    return now + AFTER_OUTAGE if isinstance(error, EngineUnavailable) else None
