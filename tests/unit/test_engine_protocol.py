"""The engines without network: rules, scripts, and the tool loop over them."""

import datetime
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine.errors import EngineError, EngineUnavailable, ToolLoopExhausted, UnknownUseCase
from core.engine.loop import run_tool_loop
from core.engine.offline import OfflineEngine
from core.engine.protocol import (
    Completed,
    Engine,
    Event,
    Message,
    Request,
    Text,
    TextDelta,
    ToolResult,
    ToolUse,
    Usage,
)
from core.engine.replay import replay
from core.engine.scripted import Line, ScriptedEngine, ScriptExhausted

FIND = ToolUse("t1", "find_client", {"query": "Dupont"})
COUNT = ToolUse("t2", "count_contracts", {})


def make_request(use_case: str = "portfolio_assistant") -> Request:
    return Request(
        use_case=use_case,
        tier="balanced",
        system="Vous êtes l'assistant du courtier.",
        messages=(Message("user", (Text("Combien de contrats ?"),)),),
        tools=(),
        today=datetime.date(2026, 11, 22),
        max_tokens=500,
        prompt_sha256="0" * 64,
    )


def say(*blocks: Text | ToolUse) -> Message:
    return Message("assistant", blocks)


async def collect(engine: Engine, request: Request) -> list[Event]:
    return [event async for event in engine.stream(request)]


async def answer_with_name(tool_use: ToolUse) -> ToolResult:
    return ToolResult(tool_use.id, f"résultat de {tool_use.name}")


async def test_offline_engine_streams_its_rule_s_message() -> None:
    message = say(Text("Un deux trois quatre cinq six sept huit."), FIND)
    engine = OfflineEngine({"portfolio_assistant": lambda request: message})
    events = await collect(engine, make_request())
    assert events == [
        TextDelta("Un deux trois quatre cinq six "),
        TextDelta("sept huit."),
        Completed(message, "tool_use", "offline", Usage()),
    ]
    assert not engine.is_model


async def test_offline_rule_sees_the_request() -> None:
    engine = OfflineEngine({"date": lambda request: say(Text(request.today.isoformat()))})
    assert TextDelta("2026-11-22") in await collect(engine, make_request("date"))


async def test_offline_engine_names_the_use_case_it_has_no_rule_for() -> None:
    with pytest.raises(UnknownUseCase, match="reply_draft") as caught:
        await collect(OfflineEngine({}), make_request("reply_draft"))
    assert not isinstance(caught.value, EngineError)


async def test_scripted_engine_plays_its_lines_and_keeps_the_requests() -> None:
    engine = ScriptedEngine([say(Text("Un.")), lambda request: say(Text(request.use_case))])
    first, second = make_request("a"), make_request("b")
    assert TextDelta("Un.") in await collect(engine, first)
    assert TextDelta("b") in await collect(engine, second)
    assert engine.requests == [first, second]


async def test_scripted_engine_refuses_a_turn_beyond_its_script() -> None:
    with pytest.raises(ScriptExhausted):
        await collect(ScriptedEngine([]), make_request())


async def test_a_scripted_line_may_fail_as_an_engine_does() -> None:
    def fail(_: Request) -> Message:
        raise EngineUnavailable("en panne")

    with pytest.raises(EngineUnavailable):
        await collect(ScriptedEngine([fail]), make_request())


async def test_tool_loop_returns_all_results_of_a_turn_in_one_user_message() -> None:
    asking, answer = say(Text("Je cherche."), FIND, COUNT), say(Text("Trois."))
    engine = ScriptedEngine([asking, answer])
    items = [item async for item in run_tool_loop(engine, make_request(), answer_with_name)]
    results = (
        ToolResult("t1", "résultat de find_client"),
        ToolResult("t2", "résultat de count_contracts"),
    )
    assert engine.requests[1].messages[1:] == (asking, Message("user", results))
    assert [i for i in items if isinstance(i, ToolUse | ToolResult)] == [
        FIND,
        results[0],
        COUNT,
        results[1],
    ]
    assert items[-1] == Completed(answer, "end_turn", "scripted", Usage())


async def test_tool_loop_stops_an_engine_that_never_stops_asking() -> None:
    script: Sequence[Line] = [say(FIND)] * 5
    engine = ScriptedEngine(script)
    ran: list[ToolUse] = []

    async def call_tool(tool_use: ToolUse) -> ToolResult:
        ran.append(tool_use)
        return ToolResult(tool_use.id, "rien", is_error=True)

    with pytest.raises(ToolLoopExhausted, match="3 étapes"):
        async for _ in run_tool_loop(engine, make_request(), call_tool, max_rounds=3):
            pass
    assert len(engine.requests) == 3
    assert len(ran) == 2


@given(st.text())
async def test_replayed_text_is_the_exact_text(text: str) -> None:
    deltas = [e.text for e in replay(say(Text(text)), "m") if isinstance(e, TextDelta)]
    assert "".join(deltas) == text
