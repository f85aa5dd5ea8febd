"""What the exchange holds so far: the question, those before it, and the tools' results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.engine.protocol import Message, Request, Text, ToolResult, ToolUse

EARLIER_QUESTIONS = 3


@dataclass(frozen=True)
class Run:
    """A tool call of this turn and what came back."""

    tool: str
    arguments: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """The mark that cites the rows of this run."""
        return str(self.result.get("repere", ""))

    @property
    def failure(self) -> str | None:
        """Why the tool could not answer, if it could not."""
        message = self.result.get("echec")
        return None if message is None else str(message)


@dataclass(frozen=True)
class Transcript:
    """The present question, the earlier ones (oldest first), the runs of this turn."""

    question: str
    earlier: tuple[str, ...]
    runs: tuple[Run, ...]

    def of(self, tool: str) -> tuple[Run, ...]:
        """The runs of one tool."""
        return tuple(run for run in self.runs if run.tool == tool)


def read_transcript(request: Request) -> Transcript:
    """Split a request's messages into questions and runs."""
    questions = [
        block.text
        for message in request.messages
        if message.role == "user"
        for block in message.content
        if isinstance(block, Text)
    ]
    start = max(i for i, m in enumerate(request.messages) if m.role == "user" and _has_text(m))
    uses: dict[str, ToolUse] = {}
    runs: list[Run] = []
    for message in request.messages[start:]:
        for block in message.content:
            if isinstance(block, ToolUse):
                uses[block.id] = block
            if isinstance(block, ToolResult) and block.tool_use_id in uses:
                use = uses[block.tool_use_id]
                runs.append(Run(use.name, use.input, json.loads(block.content)))
    return Transcript(questions[-1], tuple(questions[:-1][-EARLIER_QUESTIONS:]), tuple(runs))


def _has_text(message: Message) -> bool:
    return any(isinstance(block, Text) for block in message.content)
