"""A model that the settings ask for and that cannot be asked anything."""

from __future__ import annotations

from collections.abc import AsyncIterator

from core.engine.errors import EngineError
from core.engine.protocol import Event, Request


class UnusableEngine:
    """Fails every call with the reason found at start, so that rules answer and say why."""

    is_model = True

    def __init__(self, name: str, reason: EngineError) -> None:
        self.name = name
        self._reason = reason

    async def stream(self, request: Request) -> AsyncIterator[Event]:  # noqa: ARG002 - the protocol's
        """Raises the reason."""
        raise self._reason.with_traceback(None)
        yield  # pragma: no cover - makes this an iterator
