"""A message already known in full, given out as the events of a stream."""

import re
from collections.abc import Iterator

from core.engine.protocol import Completed, Event, Message, Text, TextDelta, Usage

WORD_GROUP = re.compile(r"(?:\s*\S+){1,6}\s*|\s+")


def replay(message: Message, model: str) -> Iterator[Event]:
    """Yield the text by groups of words, then a `Completed` without usage."""
    for block in message.content:
        if isinstance(block, Text):
            for group in WORD_GROUP.findall(block.text):
                yield TextDelta(group)
    stop_reason = "tool_use" if message.tool_uses else "end_turn"
    yield Completed(message, stop_reason, model, Usage())
