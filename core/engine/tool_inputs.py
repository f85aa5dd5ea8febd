"""Whether the tool arguments of a streamed turn arrived whole."""

import json

from core.engine.faults import UnreadableStream
from core.engine.protocol import Completed


class ToolInputs:
    """Follows the argument fragments: the SDK takes a truncated JSON object for a shorter one."""

    def __init__(self) -> None:
        self._text = ""
        self._whole = True

    def open(self) -> None:
        """A content block starts."""
        self._text = ""

    def extend(self, partial_json: str) -> None:
        """A fragment of the current block's arguments."""
        self._text += partial_json

    def close(self) -> None:
        """The current block ends."""
        try:
            json.loads(self._text or "{}")
        except ValueError:
            self._whole = False

    def check(self, completed: Completed) -> Completed:
        """The turn itself. Raises `UnreadableStream` if it calls a tool with broken arguments."""
        if completed.stop_reason == "tool_use" and not self._whole:
            raise UnreadableStream(started=True)
        return completed
