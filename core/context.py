"""Who asks, for which firm, with which means: built once at the edge, passed down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from core.engine.accounts import Accountable

if TYPE_CHECKING:
    from core.database import Database
    from core.engine.protocol import Engine

PARIS = ZoneInfo("Europe/Paris")
Clock = Callable[[], dt.datetime]


@dataclass(frozen=True)
class Identity:
    """A signed-in user of a tenant. Never taken from a model's arguments."""

    tenant_id: UUID
    user_id: UUID
    roles: frozenset[str]
    tenant_name: str = ""
    full_name: str = ""
    email: str = ""


@dataclass(frozen=True)
class Context:
    """What a request travels with."""

    identity: Identity
    database: Database
    engine: Engine
    clock: Clock

    def __post_init__(self) -> None:
        """Here engine and identity meet: whatever edge builds a context, accounts are kept."""
        if isinstance(self.engine, Accountable):
            object.__setattr__(self, "engine", self.engine.bind(self.identity))

    @property
    def today(self) -> dt.date:
        """Today's date in Paris, by the context's clock."""
        return self.clock().astimezone(PARIS).date()


def system_clock() -> dt.datetime:
    """The present instant, timezone-aware."""
    return dt.datetime.now(PARIS)


def frozen_clock(day: dt.date) -> Clock:
    """A clock stopped on `day` at 9 a.m. in Paris, for demonstrations and measurements."""
    instant = dt.datetime.combine(day, dt.time(9), PARIS)
    return lambda: instant
