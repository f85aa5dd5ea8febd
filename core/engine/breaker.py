"""A circuit breaker: a model that keeps failing is left alone for a while."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.context import PARIS
from core.engine.errors import BreakerOpen, EngineBusy, EngineError, EngineUnavailable

FAILURES_ALLOWED = 5
FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 300.0


@dataclass
class Breaker:
    """Opens after `FAILURES_ALLOWED` outages in a row; each failed probe doubles the pause.

    Once the pause is over, one call goes through: its success closes the breaker.
    """

    monotonic: Callable[[], float] = time.monotonic
    _failures: int = 0
    _pause_s: float = FIRST_PAUSE_S
    _closed_until: float | None = None
    _is_probing: bool = False
    _reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether a call would be refused now."""
        return self._closed_until is not None and (
            self._is_probing or self.monotonic() < self._closed_until
        )

    def enter(self) -> None:
        """Let a call through. Raises `BreakerOpen`."""
        if self._closed_until is None:
            return
        if self.is_open:
            raise BreakerOpen(self._find_reopening(), self._reason)
        self._is_probing = True

    def leave(self, error: BaseException | None) -> None:
        """What became of a call that went through; one that was given up proves nothing."""
        if error is None or (isinstance(error, EngineError) and not _is_outage(error)):
            self._failures, self._pause_s = 0, FIRST_PAUSE_S
            self._closed_until, self._is_probing = None, False
        elif isinstance(error, EngineError):
            self._record_outage(error)
        else:
            self._is_probing = False

    def _record_outage(self, error: EngineError) -> None:
        self._failures += 1
        self._reason = error.message
        if self._is_probing:
            self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
        if self._is_probing or self._failures >= FAILURES_ALLOWED:
            self._closed_until, self._is_probing = self.monotonic() + self._pause_s, False

    def _find_reopening(self) -> dt.datetime:
        remaining = max(0.0, (self._closed_until or 0.0) - self.monotonic())
        return dt.datetime.now(PARIS) + dt.timedelta(seconds=remaining)


@dataclass
class Breakers:
    """One breaker per server and model."""

    monotonic: Callable[[], float] = time.monotonic
    _breakers: dict[str, Breaker] = field(default_factory=dict[str, Breaker])

    def of(self, key: str) -> Breaker:
        """The breaker of this server and model."""
        return self._breakers.setdefault(key, Breaker(self.monotonic))


def _is_outage(error: EngineError) -> bool:
    """A wait for a place says nothing of the server."""
    return isinstance(error, EngineUnavailable) and not isinstance(error, EngineBusy)
