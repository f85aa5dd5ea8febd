"""Failed sign-ins per account: after too many, the account waits."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

FAILURES_ALLOWED = 5
LOCK_S = 300.0
ACCOUNTS_KEPT = 10_000


@dataclass
class Lockouts:
    """Counts failures in memory; an account unknown to the firm is counted like any other."""

    monotonic: Callable[[], float] = time.monotonic
    _failures: OrderedDict[str, tuple[int, float]] = field(
        default_factory=OrderedDict[str, tuple[int, float]]
    )

    def remaining_s(self, account: str) -> float:
        """Seconds `account` still has to wait; 0 when it may try."""
        count, last = self._failures.get(account, (0, 0.0))
        if count < FAILURES_ALLOWED:
            return 0.0
        return max(0.0, last + LOCK_S - self.monotonic())

    def record_failure(self, account: str) -> None:
        """Count one more failure; those older than the waiting time are forgotten."""
        now = self.monotonic()
        count, last = self._failures.pop(account, (0, now))
        self._failures[account] = (1 if now - last > LOCK_S else count + 1, now)
        while len(self._failures) > ACCOUNTS_KEPT:
            self._failures.popitem(last=False)

    def clear(self, account: str) -> None:
        """Forget the failures of `account`, which has just signed in."""
        self._failures.pop(account, None)
