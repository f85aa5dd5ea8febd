"""Requests in the terms of the Messages API: breakpoints, stable prefix, what is left out."""

import datetime
import json
from dataclasses import replace
from typing import Any

import pytest
from anthropic.types import Message as WireMessage

from core.engine.protocol import Message, Reasoning, Request, Text, ToolResult, ToolSpec, ToolUse
from core.engine.routing import Choice
from core.engine.wire import build_params, parse_completed

QUESTION = Message("user", (Text("Quels contrats finissent ?"),))
TOOLS = (
    ToolSpec("find_client", "Trouve un client.", {"type": "object", "properties": {}}),
    ToolSpec("list_contracts", "Liste les contrats.", {"type": "object", "properties": {}}),
)
REQUEST = Request(
    use_case="portfolio_assistant",
    tier="balanced",
    system="Vous êtes l'assistant du courtier.",
    messages=(QUESTION,),
    tools=TOOLS,
    today=datetime.date(2026, 11, 22),
    max_tokens=500,
    prompt_sha256="0" * 64,
)
REASONING = Reasoning({"type": "thinking", "thinking": "…", "signature": "s"})


def strip_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: strip_marks(v) for k, v in value.items() if k != "cache_control"}  # type: ignore[reportUnknownVariableType]
    return [strip_marks(v) for v in value] if isinstance(value, list) else value  # type: ignore[reportUnknownVariableType]


def read(**changes: Any) -> Any:
    return json.loads(
        json.dumps(build_params(replace(REQUEST, **changes), Choice("claude-haiku-5-5")))
    )


def make_answer(stop_reason: str, *blocks: dict[str, Any]) -> WireMessage:
    usage = {"input_tokens": 3, "output_tokens": 5, "cache_read_input_tokens": 7}
    return WireMessage.model_validate(
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-5-5",
            "content": blocks,
            "stop_reason": stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }
    )


def test_breakpoints_close_the_tools_the_system_and_the_conversation() -> None:
    params = read()
    assert [("cache_control" in tool) for tool in params["tools"]] == [False, True]
    assert [("cache_control" in block) for block in params["system"]] == [True, False]
    assert "cache_control" in params["messages"][-1]["content"][-1]
    assert json.dumps(params).count("cache_control") == 3


def test_two_turns_share_the_byte_exact_prefix() -> None:
    use = ToolUse("t1", "find_client", {"query": "Dupont", "a": 1})
    answer = Message("user", (ToolResult("t1", "trouvé"),))
    longer = (QUESTION, Message("assistant", (REASONING, use)), answer)
    first, second = strip_marks(read()), strip_marks(read(messages=longer))
    for part in ("tools", "system"):
        assert json.dumps(first[part]) == json.dumps(second[part])
    assert json.dumps(second["messages"])[:-1].startswith(json.dumps(first["messages"])[:-1])


def test_another_day_leaves_the_prefix_up_to_the_system_breakpoint_untouched() -> None:
    today, tomorrow = read(), read(today=datetime.date(2026, 11, 23))
    assert today["tools"] == tomorrow["tools"]
    assert today["system"][0] == tomorrow["system"][0]
    assert today["system"][1]["text"] == "Date du jour\u00a0: dimanche 2026-11-22."
    assert tomorrow["system"][1]["text"] == "Date du jour\u00a0: lundi 2026-11-23."


def test_the_callers_blocks_are_not_modified_by_the_breakpoints() -> None:
    read(messages=(QUESTION, Message("assistant", (Text("a"), REASONING))))
    assert "cache_control" not in REASONING.payload
    assert "cache_control" not in TOOLS[-1].input_schema


def test_blank_text_and_the_messages_it_empties_are_left_out() -> None:
    messages = (QUESTION, Message("assistant", (Text(" \n"),)), Message("user", (Text("Et ?"),)))
    assert [m["role"] for m in read(messages=messages)["messages"]] == ["user", "user"]


def test_without_tools_the_field_is_absent() -> None:
    assert "tools" not in read(tools=())


def test_without_tools_only_the_system_has_a_breakpoint() -> None:
    params = read(tools=())
    assert "cache_control" in params["system"][0]
    assert json.dumps(params).count("cache_control") == 1


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("end_turn", "end_turn"),
        ("stop_sequence", "end_turn"),
        ("max_tokens", "max_tokens"),
        ("model_context_window_exceeded", "max_tokens"),
        ("refusal", "refusal"),
    ],
)
def test_tool_uses_survive_only_when_the_turn_stopped_for_them(theirs: str, ours: str) -> None:
    use = {"type": "tool_use", "id": "t1", "name": "find_client", "input": {"q": "Dup"}}
    said = {"type": "text", "text": "Je cherche", "citations": None}
    completed = parse_completed(make_answer(theirs, said, use))
    assert completed.stop_reason == ours
    assert completed.message.content == (Text("Je cherche"),)
    asked = parse_completed(make_answer("tool_use", said, use)).message
    assert asked.tool_uses == (ToolUse("t1", "find_client", {"q": "Dup"}),)


def test_usage_counts_missing_cache_figures_as_zero() -> None:
    usage = parse_completed(make_answer("end_turn")).usage
    assert (usage.input_tokens, usage.output_tokens) == (3, 5)
    assert (usage.cache_read_tokens, usage.cache_write_tokens) == (7, 0)


def test_a_stop_that_our_requests_cannot_cause_is_an_error() -> None:
    with pytest.raises(ValueError, match="pause_turn"):
        parse_completed(make_answer("pause_turn"))
