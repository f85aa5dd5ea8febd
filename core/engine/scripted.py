"""The engine of tests: answers prepared in advance, requests kept for assertions."""

from collections.abc import AsyncIterator, Callable, Sequence

from core.engine.protocol import Event, Message, Request
from core.engine.replay import replay

Line = Message | Callable[[Request], Message]


class ScriptExhausted(AssertionError):
    """A test asked for more turns than its script holds: no fallback may hide it."""


class ScriptedEngine:
    """Plays its lines in order; a callable line sees the request, and may raise."""

    def __init__(
        self, script: Sequence[Line], *, name: str = "scripted", is_model: bool = True
    ) -> None:
        self.name = name
        self.is_model = is_model
        self.requests: list[Request] = []
        self._script = tuple(script)

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        """Yield the next line. Raises `ScriptExhausted`."""
        self.requests.append(request)
        if len(self.requests) > len(self._script):
            raise ScriptExhausted(
                f"turn {len(self.requests)} asked of a script of {len(self._script)}"
            )
        line = self._script[len(self.requests) - 1]
        message = line if isinstance(line, Message) else line(request)
        for event in replay(message, model=self.name):
            yield event
