"""What the Messages API refuses beyond the types of its fields."""

import re
from typing import Any, get_args

import jsonschema
from anthropic.types.model import Model

from tests.doubles.messages_api.blocks import Block, Body, list_turns, walk
from tests.doubles.messages_api.options import check_options
from tests.doubles.messages_api.replies import Failure, refuse

MODELS = frozenset(get_args(get_args(Model)[0]))
PREFILL_MODELS = frozenset(m for m in MODELS if "-4-5" in m)
NAME = re.compile(r"^[a-zA-Z0-9_-]{1,128}$")
ID = re.compile(r"^[a-zA-Z0-9_-]+$")
MOST_BREAKPOINTS = 4
MISPLACED = {
    "user": {"tool_use", "thinking", "redacted_thinking"},
    "assistant": {"tool_result"},
}


def check_rules(body: Body) -> None:
    """Raise the API's refusal for the first rule that the (well-typed) body breaks."""
    check_model(body)
    check_tools(body.get("tools", []), body.get("tool_choice"))
    check_text_blocks(body)
    check_breakpoints(body)
    check_turns(body)
    check_options(body)


def check_model(body: Body) -> None:
    if body["model"] not in MODELS:
        raise Failure(404, f"model: {body['model']}")
    if body.get("max_tokens", 1) < 0:
        raise refuse("max_tokens: Input should be greater than or equal to 0")


def check_tools(tools: list[Any], choice: Any) -> None:
    for index, tool in enumerate(tools):
        if tool.get("type") in (None, "custom"):
            check_tool(tool, f"tools.{index}.custom")
    names = [tool["name"] for tool in tools if "name" in tool]
    if len(names) != len(set(names)):
        raise refuse("tools: Tool names must be unique.")
    if choice and choice["type"] in ("any", "tool") and not tools:
        raise refuse("tool_choice may only be specified while providing tools.")
    if choice and choice["type"] == "tool" and choice["name"] not in names:
        raise refuse(f"Tool '{choice['name']}' not found in provided tools")


def check_tool(tool: Any, path: str) -> None:
    if not NAME.match(tool["name"]):
        raise refuse(f"{path}.name: String should match pattern '{NAME.pattern}'")
    schema = tool["input_schema"]
    if schema.get("type") != "object":
        raise refuse(f"{path}.input_schema.type: Input should be 'object'")
    if {"oneOf", "allOf", "anyOf"} & schema.keys():
        raise refuse(
            f"{path}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the "
            "top level"
        )
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise refuse(
            f"{path}.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12"
        ) from error


def check_text_blocks(body: Body) -> None:
    for path, block in walk(body):
        if block.get("type") == "text" and not block["text"].strip():
            raise refuse(f"{path}: text content blocks must contain non-whitespace text")


def check_breakpoints(body: Body) -> None:
    marks = [block["cache_control"] for _, block in walk(body) if block.get("cache_control")]
    if body.get("cache_control"):
        marks.append(body["cache_control"])
    if len(marks) > MOST_BREAKPOINTS:
        raise refuse(
            f"A maximum of {MOST_BREAKPOINTS} blocks with cache_control may be provided. "
            f"Found {len(marks)}."
        )
    lifetimes = [mark.get("ttl", "5m") for mark in marks]
    if lifetimes != sorted(lifetimes):  # "1h" sorts before "5m"
        raise refuse("a ttl='1h' cache_control block must not come after a ttl='5m' one")


def check_turns(body: Body) -> None:
    if not body["messages"]:
        raise refuse("messages: at least one message is required")
    if body["messages"][0]["role"] != "user":
        raise refuse("messages: first message must use the user role")
    if body["messages"][-1]["role"] == "assistant" and body["model"] not in PREFILL_MODELS:
        raise refuse(
            "This model does not support assistant message prefill. "
            "The conversation must end with a user message."
        )
    turns = [turn for turn in list_turns(body) if turn[0] != "system"]
    seen: set[str] = set()
    for index, (role, blocks) in enumerate(turns):
        if not blocks:
            raise refuse(f"messages.{index}: all messages must have non-empty content")
        check_places(index, role, blocks)
        check_ids(index, blocks, seen)
        if role == "user":
            check_results(index, blocks, turns[index - 1][1] if index else [])
        else:
            check_answered(index, blocks, turns[index + 1][1] if index + 1 < len(turns) else [])


def check_places(index: int, role: str, blocks: list[Block]) -> None:
    for block in blocks:
        if block["type"] in MISPLACED[role]:
            raise refuse(
                f"messages.{index}: `{block['type']}` blocks can not be in `{role}` messages"
            )


def check_ids(index: int, blocks: list[Block], seen: set[str]) -> None:
    for block in (b for b in blocks if b["type"] == "tool_use"):
        if not ID.match(block["id"]):
            raise refuse(
                f"messages.{index}.content.tool_use.id: String should match pattern '{ID.pattern}'"
            )
        if not NAME.match(block["name"]):
            raise refuse(
                f"messages.{index}.content.tool_use.name: "
                f"String should match pattern '{NAME.pattern}'"
            )
        if block["id"] in seen:
            raise refuse(f"messages.{index}: `tool_use` ids must be unique")
        seen.add(block["id"])


def check_results(index: int, blocks: list[Block], previous: list[Block]) -> None:
    asked = {b["id"] for b in previous if b["type"] == "tool_use"}
    answered = [b["tool_use_id"] for b in blocks if b["type"] == "tool_result"]
    for tool_use_id in answered:
        if tool_use_id not in asked:
            raise refuse(
                f"messages.{index}: unexpected `tool_use_id` found in `tool_result` blocks: "
                f"{tool_use_id}. Each `tool_result` block must have a corresponding `tool_use` "
                "block in the previous message."
            )
    if len(answered) != len(set(answered)):
        raise refuse(f"messages.{index}: each tool_use must have a single result")
    kinds = [b["type"] == "tool_result" for b in blocks]
    if kinds != sorted(kinds, reverse=True):
        raise refuse(f"messages.{index}: `tool_result` blocks must come first in the content")


def check_answered(index: int, blocks: list[Block], following: list[Block]) -> None:
    asked = [b["id"] for b in blocks if b["type"] == "tool_use"]
    answered = {b["tool_use_id"] for b in following if b["type"] == "tool_result"}
    missing = [tool_use_id for tool_use_id in asked if tool_use_id not in answered]
    if missing:
        raise refuse(
            f"messages.{index}: `tool_use` ids were found without `tool_result` blocks immediately "
            f"after: {', '.join(missing)}. Each `tool_use` block must have a corresponding "
            "`tool_result` block in the next message."
        )
