"""Stopping in order, whichever signal asks for it; light, for the processes that serve no page."""

from __future__ import annotations

import signal
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from api.terminal import say


@contextmanager
def stoppable() -> Generator[None, None, None]:
    """Within the block, SIGTERM ends the work in order, as Ctrl-C does; the block ends quietly."""

    def end(_: int, __: FrameType | None) -> NoReturn:
        # As Ctrl-C: asyncio swallows any other interruption that falls within its callbacks.
        raise KeyboardInterrupt

    previous = signal.signal(signal.SIGTERM, end)
    try:
        yield
    except KeyboardInterrupt:
        say("\nVoltaire est arrêté.")
    finally:
        signal.signal(signal.SIGTERM, previous)
