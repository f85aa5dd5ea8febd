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


@runtime_checkable
class Accounted(Protocol):
    """An engine that writes down its calls."""

    async def mark_fallback(self) -> None:
        """Note that rules answered after the last call, well made though it was."""
        ...


async def mark_fallback(engine: Engine) -> None:
    """Note, where accounts are kept, that rules answer in the place of this engine."""
    if isinstance(engine, Accounted):
        await engine.mark_fallback()
