"""Engines that keep accounts: they answer in somebody's name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from core.context import Identity
    from core.engine.protocol import Engine


@runtime_checkable
class Accountable(Protocol):
    """An engine that must know for whom it works before it does."""

    def bind(self, identity: Identity) -> Engine:
        """The engine in the name of `identity`."""
        ...
