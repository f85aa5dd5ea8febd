"""Walks over a request's blocks, in the order in which the API reads them."""

from collections.abc import Iterator
from typing import Any

Body = dict[str, Any]
Block = dict[str, Any]


def as_blocks(content: Any) -> list[Block]:
    """A string is shorthand for one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def list_turns(body: Body) -> list[tuple[str, list[Block]]]:
    """The conversation with consecutive turns of one role merged."""
    turns: list[tuple[str, list[Block]]] = []
    for message in body["messages"]:
        blocks = as_blocks(message["content"])
        if turns and turns[-1][0] == message["role"]:
            turns[-1][1].extend(blocks)
        else:
            turns.append((message["role"], blocks))
    return turns


def walk(body: Body) -> Iterator[tuple[str, Block]]:
    """Every block with its path: tools, system, messages, and what tool results contain."""
    for index, tool in enumerate(body.get("tools", [])):
        yield f"tools.{index}", tool
    for index, block in enumerate(as_blocks(body.get("system", []))):
        yield f"system.{index}", block
    for turn, message in enumerate(body["messages"]):
        for index, block in enumerate(as_blocks(message["content"])):
            path = f"messages.{turn}.content.{index}"
            yield path, block
            if block.get("type") == "tool_result":
                for inner, nested in enumerate(as_blocks(block.get("content", []))):
                    yield f"{path}.tool_result.content.{inner}", nested
