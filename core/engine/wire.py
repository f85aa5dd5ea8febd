"""Our requests and answers in the terms of the Messages API, cache breakpoints included.

The API reads a prompt in the order tools, system, messages. Three breakpoints of the four
allowed: the last tool, the system prompt, the last block of the conversation. The date follows
the system prompt's breakpoint, so that a new day leaves the stable prefix untouched.
"""

import datetime
from typing import Any, NotRequired, TypedDict, cast

from anthropic.types import CacheControlEphemeralParam, MessageParam, TextBlockParam, ToolParam
from anthropic.types import Message as WireMessage
from anthropic.types import StopReason as WireStopReason
from anthropic.types import Usage as WireUsage

from core.engine.protocol import (
    Block,
    Completed,
    Message,
    Reasoning,
    Request,
    StopReason,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
    Usage,
)

BREAKPOINT = CacheControlEphemeralParam(type="ephemeral")
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
STOP_REASONS: dict[WireStopReason, StopReason] = {
    "end_turn": "end_turn",
    "stop_sequence": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "model_context_window_exceeded": "max_tokens",
    "refusal": "refusal",
}


class StreamParams(TypedDict):
    """The keyword arguments of the SDK's `messages.stream`."""

    model: str
    max_tokens: int
    system: list[TextBlockParam]
    messages: list[MessageParam]
    tools: NotRequired[list[ToolParam]]


def build_params(request: Request, model: str) -> StreamParams:
    """The SDK's arguments for this request, breakpoints placed."""
    params = StreamParams(
        model=model,
        max_tokens=request.max_tokens,
        system=_build_system(request.system, request.today),
        messages=_build_messages(request.messages),
    )
    if request.tools:
        params["tools"] = _build_tools(request.tools)
    return params


def _build_system(system: str, today: datetime.date) -> list[TextBlockParam]:
    date = f"Date du jour\u00a0: {WEEKDAYS[today.weekday()]} {today.isoformat()}."
    blocks: list[TextBlockParam] = [{"type": "text", "text": date}]
    if system.strip():
        blocks.insert(0, {"type": "text", "text": system, "cache_control": BREAKPOINT})
    return blocks


def _build_tools(tools: tuple[ToolSpec, ...]) -> list[ToolParam]:
    params: list[ToolParam] = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
        for tool in tools
    ]
    params[-1]["cache_control"] = BREAKPOINT
    return params


def _build_messages(messages: tuple[Message, ...]) -> list[MessageParam]:
    turns = [(message.role, _build_blocks(message.content)) for message in messages]
    turns = [(role, blocks) for role, blocks in turns if blocks]
    markable = [b for _, blocks in turns for b in blocks if not _is_reasoning(b)]
    if markable:
        markable[-1]["cache_control"] = BREAKPOINT
    return [cast("MessageParam", {"role": role, "content": blocks}) for role, blocks in turns]


def _build_blocks(content: tuple[Block, ...]) -> list[dict[str, Any]]:
    """The API refuses blank text blocks: they are left out."""
    return [
        _build_block(block)
        for block in content
        if not (isinstance(block, Text) and not block.text.strip())
    ]


def _build_block(block: Block) -> dict[str, Any]:
    match block:
        case Text(text):
            return {"type": "text", "text": text}
        case ToolUse(id, name, input):
            return {"type": "tool_use", "id": id, "name": name, "input": input}
        case ToolResult(tool_use_id, content, is_error):
            return {
                "type": "tool_result",
                "tool_use_id": tool_use_id,
                "content": content,
                "is_error": is_error,
            }
        case Reasoning(payload):
            return dict(payload)


def _is_reasoning(block: dict[str, Any]) -> bool:
    return block["type"] in {"thinking", "redacted_thinking"}


def parse_completed(message: WireMessage) -> Completed:
    """The end of a turn as the engine's own event.

    Raises `ValueError` on a stop reason that our requests cannot cause.
    """
    if message.stop_reason is None or message.stop_reason not in STOP_REASONS:
        raise ValueError(f"unexpected stop reason: {message.stop_reason}")
    stop_reason = STOP_REASONS[message.stop_reason]
    blocks = [_parse_block(block.to_dict(warnings=False)) for block in message.content]
    kept = tuple(
        block
        for block in blocks
        if block is not None and (stop_reason == "tool_use" or isinstance(block, Text))
    )
    return Completed(
        Message("assistant", kept), stop_reason, message.model, _parse_usage(message.usage)
    )


def _parse_block(block: dict[str, Any]) -> Block | None:
    match block:
        case {"type": "text", "text": str(text)}:
            return Text(text) if text.strip() else None
        case {"type": "tool_use", "id": str(id), "name": str(name), "input": dict()}:
            return ToolUse(id, name, block["input"])
        case {"type": "thinking" | "redacted_thinking"}:
            return Reasoning(block)
        case _:
            raise ValueError(f"unexpected block: {block.get('type')}")


def _parse_usage(usage: WireUsage) -> Usage:
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_input_tokens or 0,
        cache_write_tokens=usage.cache_creation_input_tokens or 0,
    )
