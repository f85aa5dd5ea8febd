"""How often one may ask: per user, per address, and per address for signing in."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import ClassVar

from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem_response
from core.addresses import API, MCP
from core.errors import VoltaireError
from core.settings import Settings

KEPT = 20_000
BURST_S = 15
SIGN_IN = frozenset({"/login", f"{API}/login", f"{API}/refresh", f"{API}/password"})
TOO_OFTEN = "Trop de demandes en peu de temps. Réessayez dans {seconds}\u00a0s."


class TooManyRequests(VoltaireError):
    """The caller must wait; `retry_after_s` says how long."""

    status: ClassVar[int] = 429


@dataclass
class Allowance:
    """A steady number of requests a minute for each caller, with `BURST_S` seconds of reserve.

    Zero lifts the limit. Counted in this process.
    """

    per_minute: int
    monotonic: Callable[[], float] = time.monotonic
    _levels: OrderedDict[Hashable, tuple[float, float]] = field(
        default_factory=OrderedDict[Hashable, tuple[float, float]]
    )

    def take(self, caller: Hashable) -> float:
        """Count a request; the seconds to wait, 0 when it may pass."""
        if self.per_minute == 0:
            return 0.0
        rate, most = self.per_minute / 60, max(1.0, self.per_minute * BURST_S / 60)
        now = self.monotonic()
        level, seen = self._levels.pop(caller, (most, now))
        level = min(most, level + (now - seen) * rate)
        is_allowed = level >= 1
        self._levels[caller] = (level - 1 if is_allowed else level, now)
        if len(self._levels) > KEPT:
            self._levels.popitem(last=False)
        return 0.0 if is_allowed else (1 - level) / rate


@dataclass
class Limits:
    """The three allowances of an instance."""

    user: Allowance = field(default_factory=lambda: Allowance(0))
    address: Allowance = field(default_factory=lambda: Allowance(0))
    sign_in: Allowance = field(default_factory=lambda: Allowance(0))

    def check_user(self, user: Hashable) -> None:
        """Raises TooManyRequests."""
        wait = self.user.take(user)
        if wait:
            raise TooManyRequests(describe_wait(wait), retry_after_s=wait)


def build_limits(settings: Settings) -> Limits:
    """The allowances of the settings."""
    return Limits(
        Allowance(settings.rate_user_per_minute),
        Allowance(settings.rate_address_per_minute),
        Allowance(settings.rate_sign_in_per_minute),
    )


def describe_wait(seconds: float) -> str:
    """What to tell whoever must wait."""
    return TOO_OFTEN.format(seconds=max(1, round(seconds)))


class AddressLimit:
    """Refuses an address that asks too often, before anything is read or looked up."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self.app = app
        self.limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        wait = self._count(scope) if scope["type"] == "http" else 0.0
        if not wait:
            await self.app(scope, receive, send)
            return
        headers = {"retry-after": str(max(1, round(wait)))}
        await problem_response(429, describe_wait(wait), headers)(scope, receive, send)

    def _count(self, scope: Scope) -> float:
        address = scope["client"][0] if scope.get("client") else ""
        path: str = scope["path"]
        if path in SIGN_IN and scope["method"] == "POST":
            return self.limits.sign_in.take(address)
        is_counted = path.startswith("/api/") or path == MCP
        return self.limits.address.take(address) if is_counted else 0.0
