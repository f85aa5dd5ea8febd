"""Our requests and answers in the terms of the Messages API.

The stable prefix comes first: tools, system prompt, knowledge pack; then the date, so that a new
day leaves that prefix untouched; then the conversation.
"""

import datetime
from collections.abc import Iterable
from typing import Any, NotRequired, TypedDict, cast

from anthropic.types import Message as WireMessage
from anthropic.types import (
    MessageParam,
    OutputConfigParam,
    TextBlockParam,
    ThinkingConfigParam,
    ToolParam,
)
from anthropic.types import StopReason as WireStopReason
from anthropic.types import Usage as WireUsage

from core.engine.caching import place_breakpoints
from core.engine.catalog import find_family
from core.engine.citations import NO_SOURCES, Sources, read_citation
from core.engine.errors import CitationsWithSchema
from core.engine.protocol import (
    Block,
    Completed,
    Message,
    PdfPages,
    Reasoning,
    Request,
    SearchResult,
    StopReason,
    Text,
    ToolResult,
    ToolSpec,
    ToolUse,
    Usage,
)
from core.engine.routing import Choice
from core.engine.schemas import Schema, build_output_schema, describe_schema
from core.engine.sources import SourceMode, build_source, find_mode

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
    output_config: NotRequired[OutputConfigParam]
    thinking: NotRequired[ThinkingConfigParam]
    inference_geo: NotRequired[str]


def build_params(
    request: Request, choice: Choice, inference_geo: str | None = None
) -> StreamParams:
    """The SDK's arguments for this request, breakpoints placed.

    Raises `CitationsWithSchema`: the API refuses the two together.
    """
    if request.cites and request.output_schema is not None:
        raise CitationsWithSchema
    schema = _find_native_schema(request, choice)
    stable = _build_stable(request)
    params = StreamParams(
        model=choice.model,
        max_tokens=request.max_tokens + choice.thinking_room,
        system=[*stable, *_build_changing(request, native=schema is not None)],
        messages=_build_messages(request, find_mode(choice.model, cites=request.cites)),
    )
    if request.tools:
        params["tools"] = [_build_tool(tool) for tool in request.tools]
    place_breakpoints(params.get("tools", []), stable, params["messages"])
    _add_options(params, choice, schema, inference_geo)
    return params


def _find_native_schema(request: Request, choice: Choice) -> Schema | None:
    """Only Claude's models are known to follow a schema: others get it in words."""
    if request.output_schema is None or find_family(choice.model) is None:
        return None
    return build_output_schema(request.output_schema)


def _add_options(
    params: StreamParams, choice: Choice, schema: Schema | None, inference_geo: str | None
) -> None:
    output = OutputConfigParam()
    if choice.effort is not None:
        output["effort"] = choice.effort
    if schema is not None:
        output["format"] = {"type": "json_schema", "schema": schema}
    if output:
        params["output_config"] = output
    if choice.thinking is not None:
        params["thinking"] = cast("ThinkingConfigParam", {"type": choice.thinking})
    family = find_family(choice.model)
    if inference_geo is not None and family is not None and family.takes_geo:
        params["inference_geo"] = inference_geo


def _build_stable(request: Request) -> list[TextBlockParam]:
    texts = (request.system, request.knowledge or "")
    return [{"type": "text", "text": text} for text in texts if text.strip()]


def _build_changing(request: Request, *, native: bool) -> list[TextBlockParam]:
    blocks: list[TextBlockParam] = [{"type": "text", "text": _write_date(request.today)}]
    if request.output_schema is not None and not native:
        blocks.append({"type": "text", "text": describe_schema(request.output_schema)})
    return blocks


def _write_date(today: datetime.date) -> str:
    return f"Date du jour\u00a0: {WEEKDAYS[today.weekday()]} {today.isoformat()}."


def _build_tool(tool: ToolSpec) -> ToolParam:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}


def _build_messages(request: Request, mode: SourceMode) -> list[MessageParam]:
    turns = [(m.role, _build_blocks(m.content, mode)) for m in request.messages]
    return [cast("MessageParam", {"role": r, "content": blocks}) for r, blocks in turns if blocks]


def _build_blocks(content: tuple[Block, ...], mode: SourceMode) -> list[dict[str, Any]]:
    """The API refuses blank text blocks: they are left out."""
    return [
        _build_block(block, mode)
        for block in content
        if not (isinstance(block, Text) and not block.text.strip())
    ]


def _build_block(block: Block, mode: SourceMode) -> dict[str, Any]:
    match block:
        case Text():
            return {"type": "text", "text": block.text}
        case ToolUse(id, name, input):
            return {"type": "tool_use", "id": id, "name": name, "input": input}
        case ToolResult():
            return _build_tool_result(block, mode)
        case Reasoning(payload):
            return dict(payload)
        case SearchResult() | PdfPages():
            return build_source(block, mode)


def _build_tool_result(result: ToolResult, mode: SourceMode) -> dict[str, Any]:
    content: Any = result.content
    if result.found:
        said = [{"type": "text", "text": result.content}] if result.content.strip() else []
        content = [*said, *(build_source(source, mode) for source in result.found)]
    return {
        "type": "tool_result",
        "tool_use_id": result.tool_use_id,
        "content": content,
        "is_error": result.is_error,
    }


def parse_completed(
    message: WireMessage, sources: Sources = NO_SOURCES, *, is_batch: bool = False
) -> Completed:
    """The end of a turn as the engine's own event, its citations verified against `sources`.

    Raises `ValueError` on a stop reason that our requests cannot cause.
    """
    if message.stop_reason is None or message.stop_reason not in STOP_REASONS:
        raise ValueError(f"unexpected stop reason: {message.stop_reason}")
    stop_reason = STOP_REASONS[message.stop_reason]
    raw = [block.to_dict(warnings=False) for block in message.content]
    blocks = [_parse_block(block, sources) for block in raw]
    kept = tuple(
        block
        for block in blocks
        if block is not None and (stop_reason == "tool_use" or isinstance(block, Text))
    )
    return Completed(
        Message("assistant", kept),
        stop_reason,
        message.model,
        _parse_usage(message.usage, is_batch=is_batch),
        _count_given(raw) - _count_kept(kept),
    )


def _parse_block(block: dict[str, Any], sources: Sources) -> Block | None:
    match block:
        case {"type": "text", "text": str(text)}:
            found = [read_citation(raw, sources) for raw in block.get("citations") or ()]
            citations = tuple(citation for citation in found if citation is not None)
            return Text(text, citations) if text.strip() else None
        case {"type": "tool_use", "id": str(id), "name": str(name), "input": dict()}:
            return ToolUse(id, name, block["input"])
        case {"type": "thinking" | "redacted_thinking"}:
            return Reasoning(block)
        case _:
            raise ValueError(f"unexpected block: {block.get('type')}")


def _count_given(blocks: Iterable[dict[str, Any]]) -> int:
    return sum(len(block.get("citations") or ()) for block in blocks)


def _count_kept(blocks: Iterable[Block]) -> int:
    return sum(len(block.citations) for block in blocks if isinstance(block, Text))


def _parse_usage(usage: WireUsage, *, is_batch: bool) -> Usage:
    return Usage(
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_input_tokens or 0,
        cache_write_tokens=usage.cache_creation_input_tokens or 0,
        is_batch=is_batch or usage.service_tier == "batch",
    )
