"""What each model takes and refuses: thinking, effort, forced tools, formats, citations.

From the models' pages of the API's documentation, as read in November 2026.
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

from tests.doubles.messages_api.blocks import Block, Body, as_blocks, walk
from tests.doubles.messages_api.replies import refuse

ADAPTIVE_ONLY = ("claude-opus-5-5", "claude-fable-5", "claude-mythos-5")
BETWEEN_TOOLS = ("claude-sonnet-5-5",)
BUDGETED = ("claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5", "claude-opus-4-6",
            "claude-sonnet-4-6")  # fmt: skip
WITHOUT_FORCED_TOOLS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-fable-5-1",
                        "claude-mythos-5-1", "claude-fable-5-2", "claude-mythos-5-2")  # fmt: skip
WITHOUT_GEOGRAPHY = ("claude-haiku-4-5", "claude-sonnet-4-5", "claude-opus-4-5")
WITHOUT_EFFORT = ("claude-haiku-4-5", "claude-sonnet-4-5")
MOST_OUTPUT = {"claude-haiku-4-5": 64_000, "claude-sonnet-4-5": 64_000, "claude-opus-4-5": 64_000}
USUAL_MOST_OUTPUT = 128_000
SCHEMA_KEYWORDS = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
    "allOf", "$ref", "$defs", "description", "title", "format", "default", "minItems",
}  # fmt: skip


def check_options(body: Body) -> None:
    """Raise the API's refusal for the first option that the model does not take."""
    check_output_size(body)
    check_geography(body)
    check_thinking(body)
    check_effort(body)
    check_forced_tools(body)
    check_format((body.get("output_config") or {}).get("format"))
    check_citations(body)
    for path, block in walk(body):
        check_source(path, block)


def is_one_of(model: str, families: tuple[str, ...]) -> bool:
    """Whether `model` is one of these, a dated name included."""
    return any(model == f or model.startswith(f"{f}-2") for f in families)


def check_output_size(body: Body) -> None:
    most = next(
        (n for f, n in MOST_OUTPUT.items() if is_one_of(body["model"], (f,))), USUAL_MOST_OUTPUT
    )
    asked = body.get("max_tokens", 1)
    if asked > most:
        raise refuse(f"max_tokens: {asked} > {most}, which is the maximum allowed")


def check_geography(body: Body) -> None:
    place = body.get("inference_geo")
    if place is None:
        return
    if is_one_of(body["model"], WITHOUT_GEOGRAPHY):
        raise refuse("inference_geo is not supported for this model")
    if place not in {"global", "us"}:
        raise refuse("inference_geo: Input should be 'global' or 'us'")


def check_thinking(body: Body) -> None:
    thinking, model = body.get("thinking"), body["model"]
    if thinking is None:
        return
    if thinking["type"] not in list_thinking(model):
        raise refuse(
            f'"thinking.type.{thinking["type"]}" is not supported for this model. '
            'Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        )
    budget = thinking.get("budget_tokens")
    if budget is not None and not 1024 <= budget < body.get("max_tokens", budget + 1):
        raise refuse("thinking.enabled.budget_tokens: at least 1024 and less than `max_tokens`")


def list_thinking(model: str) -> set[str]:
    if is_one_of(model, ADAPTIVE_ONLY) or model.startswith(("claude-fable-", "claude-mythos-")):
        return {"adaptive"}
    if is_one_of(model, BETWEEN_TOOLS):
        return {"adaptive", "between_tools"}
    if is_one_of(model, BUDGETED):
        adaptive = {"adaptive"} if "-4-6" in model else set[str]()
        return {"enabled", "disabled"} | adaptive
    return {"adaptive", "disabled"}


def check_effort(body: Body) -> None:
    effort = (body.get("output_config") or {}).get("effort")
    if effort is None:
        return
    if is_one_of(body["model"], WITHOUT_EFFORT):
        raise refuse("This model does not support the effort parameter.")
    thinking = (body.get("thinking") or {}).get("type")
    if effort in {"xhigh", "max"} and thinking in {"between_tools", "disabled"}:
        raise refuse(f'output_config.effort: "{effort}" is not supported with thinking {thinking}')


def check_forced_tools(body: Body) -> None:
    choice = (body.get("tool_choice") or {}).get("type")
    if choice in {"any", "tool"} and is_one_of(body["model"], WITHOUT_FORCED_TOOLS):
        raise refuse(f'tool_choice: "{choice}" is not supported for this model')


def check_format(output_format: Any) -> None:
    if output_format is None:
        return
    schema = output_format["schema"]
    if schema.get("type") != "object" and "$ref" not in schema:
        raise refuse("output_config.format.schema: the root must be of type 'object'")
    for path, node in walk_schema(schema, "output_config.format.schema"):
        unknown = node.keys() - SCHEMA_KEYWORDS
        if unknown:
            raise refuse(f"{path}: property '{min(unknown)}' is not supported")
        if node.get("type") == "object" and node.get("additionalProperties") is not False:
            raise refuse(f"{path}: For 'object' type, 'additionalProperties' must be set to false")
    if is_recursive(schema):
        raise refuse("output_config.format.schema: Recursive schemas are not supported")


def walk_schema(value: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from walk_schema(element, f"{path}.{index}")
    elif isinstance(value, dict):
        yield path, value
        for name in ("properties", "$defs"):
            for key, inner in value.get(name, {}).items():
                yield from walk_schema(inner, f"{path}.{name}.{key}")
        for name in ("items", "anyOf", "allOf"):
            yield from walk_schema(value.get(name), f"{path}.{name}")


def is_recursive(schema: dict[str, Any]) -> bool:
    definitions = schema.get("$defs", {})
    links = {
        name: {str(n["$ref"]).rpartition("/")[2] for _, n in walk_schema(d, "") if "$ref" in n}
        for name, d in definitions.items()
    }
    for start, first in links.items():
        reached: set[str] = set()
        front = set(first)
        while front:
            reached |= front
            front = {n for f in front for n in links.get(f, set())} - reached
        if start in reached:
            return True
    return False


def check_citations(body: Body) -> None:
    """All or none of the sources, and never beside an output format."""
    sources = [b for _, b in walk(body) if b.get("type") in {"document", "search_result"}]
    enabled = {bool((b.get("citations") or {}).get("enabled")) for b in sources}
    if len(enabled) > 1:
        raise refuse("citations must be enabled on all or none of the documents in a request")
    if enabled == {True} and (body.get("output_config") or {}).get("format"):
        raise refuse("citations cannot be used together with output_config.format")


def check_source(path: str, block: Block) -> None:
    if block.get("type") == "search_result":
        blocks = as_blocks(block["content"])
        if not blocks:
            raise refuse(f"{path}.content: at least one text block is required")
        if any(not b["text"].strip() for b in blocks):
            raise refuse(f"{path}.content: text content blocks must contain non-whitespace text")
    source = block.get("source")
    is_base64 = isinstance(source, dict) and source["type"] == "base64"
    if block.get("type") == "document" and is_base64 and not is_pdf(source["data"]):
        raise refuse(f"{path}.source.base64: The PDF specified was not valid.")


def is_pdf(data: str) -> bool:
    try:
        return base64.b64decode(data, validate=True).startswith(b"%PDF-")
    except (binascii.Error, ValueError):
        return False
