"""Thinking blocks, bound to the model and to the conversation that produced them."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from tests.doubles.messages_api.blocks import Body, as_blocks
from tests.doubles.messages_api.replies import refuse

THINKING = {"thinking", "redacted_thinking"}


@dataclass(frozen=True)
class Given:
    """A thinking block as it was given, and what the conversation was then."""

    block: dict[str, Any]
    conversation: str


class ReasoningLedger:
    """What was given, by the tool call it led to, and checked when it comes back."""

    def __init__(self) -> None:
        self._by_tool_use: dict[str, Given] = {}

    def next_signature(self) -> str:
        return f"signature-{len(self._by_tool_use)}"

    def keep(self, blocks: list[dict[str, Any]], body: Body) -> None:
        """Remember the thinking of an answer that calls tools."""
        thinking = next((b for b in blocks if b["type"] in THINKING), None)
        if thinking is None:
            return
        given = Given(thinking, digest_conversation(body, len(body["messages"])))
        for block in blocks:
            if block["type"] == "tool_use":
                self._by_tool_use[block["id"]] = given

    def check(self, body: Body) -> None:
        """Raise the API's refusal of a thinking block lost, altered, or moved elsewhere."""
        for index, message in enumerate(body["messages"]):
            blocks = as_blocks(message["content"])
            for block in blocks:
                given = self._by_tool_use.get(block.get("id", ""))
                if given is None:
                    continue
                if given.block not in blocks:
                    raise refuse(
                        f"messages.{index}: `thinking` blocks cannot be modified: they must remain "
                        "as they were in the original response"
                    )
                if digest_conversation(body, index) != given.conversation:
                    raise refuse(
                        f"messages.{index}: `thinking` blocks are bound to the conversation that "
                        "produced them: model, system, tools and earlier messages must not change"
                    )


def digest_conversation(body: Body, end: int) -> str:
    """The model, the system, the tools and the first `end` messages, without breakpoints."""
    parts = [body["model"], body.get("system"), body.get("tools"), body["messages"][:end]]
    return hashlib.sha256(json.dumps(strip_marks(parts)).encode()).hexdigest()


def strip_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: strip_marks(v) for k, v in value.items() if k != "cache_control"}
    return [strip_marks(v) for v in value] if isinstance(value, list) else value
