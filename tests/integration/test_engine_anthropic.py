"""The Claude engine against the strict double: tool loops, retries, failures, no key leaked."""

import datetime
import logging
import traceback
from dataclasses import replace
from email.utils import format_datetime
from typing import Any

import pytest

from core.engine import faults
from core.engine.anthropic import AnthropicEngine
from core.engine.errors import (
    EngineBadRequest,
    EngineError,
    EngineRateLimited,
    EngineRefusal,
    EngineRefusedKey,
    EngineUnavailable,
    ToolLoopExhausted,
)
from core.engine.loop import run_tool_loop
from core.engine.protocol import (
    Completed,
    Event,
    Message,
    Reasoning,
    Text,
    TextDelta,
    Tier,
    ToolResult,
    ToolUse,
)
from tests.doubles.messages_api import MessagesApi, ToolCall
from tests.integration.engines import MODELS, REQUEST, MakeEngine, ask, get_completed

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")

SPOKEN = "Le contrat finit le 31/12/2026 : 1\u202f234,56\u00a0€. 🔌"


@pytest.fixture
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "FIRST_PAUSE", 0.01)


async def collect(engine: AnthropicEngine, events: list[Event]) -> None:
    """Fill `events` even when the stream ends in an error."""
    async for event in engine.stream(REQUEST):
        events.append(event)  # noqa: PERF401 - what came before an error is kept


async def answer_in_full(tool_use: ToolUse) -> ToolResult:
    return ToolResult(tool_use.id, f"« {tool_use.input['query']} » : client n° 12")


async def test_streams_text_then_one_completed_with_its_usage(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply(SPOKEN)
    events = await ask(make_engine())
    deltas = [event.text for event in events if isinstance(event, TextDelta)]
    assert len(deltas) > 3
    assert "".join(deltas) == SPOKEN
    completed = get_completed(events)
    assert completed.message == Message("assistant", (Text(SPOKEN),))
    assert (completed.stop_reason, completed.model) == ("end_turn", "claude-sonnet-5-5")
    assert completed.usage.output_tokens > 0


@pytest.mark.parametrize("tier", ["fast", "balanced", "deep"])
async def test_each_tier_goes_to_its_model(
    messages_api: MessagesApi, make_engine: MakeEngine, tier: Tier
) -> None:
    messages_api.reply("Bonjour")
    await ask(make_engine(), replace(REQUEST, tier=tier))
    assert messages_api.requests[0].body["model"] == MODELS[tier]


async def test_tool_loop_round_trip_with_two_tools_at_once_and_reasoning(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    calls = [
        ToolCall("find_client", {"query": "Épicerie « Zoé »\n🔌"}),
        ToolCall("find_client", {"query": "Dupont"}),
    ]
    messages_api.reply("Je cherche.", tool_uses=calls, thinking="Deux clients possibles.")
    messages_api.reply(SPOKEN)
    items = [i async for i in run_tool_loop(make_engine(), REQUEST, answer_in_full)]
    uses = [item for item in items if isinstance(item, ToolUse)]
    assert [use.input for use in uses] == [call.input for call in calls]
    assert isinstance(items[-1], Completed)
    assert items[-1].message.text == SPOKEN
    question, turn, results = messages_api.requests[1].body["messages"]
    assert question["role"] == "user"
    assert [b["type"] for b in turn["content"]] == ["thinking", "text", "tool_use", "tool_use"]
    assert [b["tool_use_id"] for b in results["content"]] == [use.id for use in uses]
    assert results["content"][0]["content"] == "« Épicerie « Zoé »\n🔌 » : client n° 12"


async def test_second_turn_of_a_tool_loop_reads_the_first_from_the_cache(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply(tool_uses=[ToolCall("find_client", {"query": "Zoé"})])
    messages_api.reply(SPOKEN)
    items = [i async for i in run_tool_loop(make_engine(), REQUEST, answer_in_full)]
    first, second = (item.usage for item in items if isinstance(item, Completed))
    assert first.cache_read_tokens == 0
    assert second.cache_read_tokens == first.cache_write_tokens > 1024
    assert second.input_tokens == 0


async def test_tool_loop_ends_a_model_that_always_asks(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply_forever(tool_uses=[ToolCall("find_client", {"query": "Zoé"})])
    with pytest.raises(ToolLoopExhausted):
        async for _ in run_tool_loop(make_engine(), REQUEST, answer_in_full, max_rounds=3):
            pass
    assert len(messages_api.requests) == 3


async def test_arguments_of_the_wrong_shape_reach_the_tool_as_they_are(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply(tool_uses=[ToolCall("find_client", {"nom": 12})])
    completed = get_completed(await ask(make_engine()))
    assert completed.message.tool_uses[0].input == {"nom": 12}


@pytest.mark.parametrize("raw", ['{"query": "Épicerie', '{"query": }', '["Zoé"]', '"Zoé"'])
async def test_broken_tool_arguments_are_never_handed_to_a_tool(
    messages_api: MessagesApi, make_engine: MakeEngine, raw: str
) -> None:
    messages_api.reply("Je cherche.", tool_uses=[ToolCall("find_client", raw_json=raw)])
    with pytest.raises(EngineUnavailable, match="interrompue"):
        await ask(make_engine())


async def test_max_tokens_drops_the_truncated_tool_call(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    call = ToolCall("find_client", raw_json='{"query": "Épi')
    messages_api.reply("Je cherche.", tool_uses=[call], stop_reason="max_tokens")
    completed = get_completed(await ask(make_engine()))
    assert completed.stop_reason == "max_tokens"
    assert completed.message.content == (Text("Je cherche."),)


async def test_refusal_is_counted_then_raised(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Je ne", stop_reason="refusal")
    events: list[Event] = []
    with pytest.raises(EngineRefusal, match="a refusé de répondre"):
        await collect(make_engine(), events)
    assert get_completed(events).stop_reason == "refusal"
    assert get_completed(events).usage.output_tokens > 0


async def test_one_connection_serves_successive_turns(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine()
    for _ in range(3):
        messages_api.reply("Bonjour")
        await ask(engine)
    assert len({request.client_port for request in messages_api.requests}) == 1


FAILURES: list[tuple[int, type[EngineError], str]] = [
    (400, EngineBadRequest, "invalide"),
    (401, EngineRefusedKey, "clé d'API du modèle a été refusée"),
    (402, EngineUnavailable, "crédit"),
    (403, EngineRefusedKey, "ne donne pas droit au modèle"),
    (404, EngineBadRequest, "n'existe pas"),
    (408, EngineUnavailable, "à temps"),
    (409, EngineUnavailable, "surchargé"),
    (413, EngineBadRequest, "trop volumineuse"),
    (429, EngineRateLimited, "Trop de demandes"),
    (500, EngineUnavailable, "surchargé"),
    (529, EngineUnavailable, "surchargé"),
]


@pytest.mark.parametrize(("status", "kind", "message"), FAILURES, ids=[f[0] for f in FAILURES])
async def test_each_failure_becomes_its_own_error_in_french(
    messages_api: MessagesApi,
    make_engine: MakeEngine,
    status: int,
    kind: type[EngineError],
    message: str,
) -> None:
    messages_api.fail(status, message=f"echo of {messages_api.key}")
    with pytest.raises(EngineError, match=message) as caught:
        await ask(make_engine())
    assert type(caught.value) is kind
    assert caught.value.details["status"] == status
    assert str(caught.value.details["request_id"]).startswith("req_")
    assert_no_key(messages_api, caught.value)


def assert_no_key(double: MessagesApi, error: EngineError) -> None:
    """Not in the message, the details, the traceback, nor in an error chained behind it."""
    shown = "".join(traceback.format_exception(error))
    assert error.__context__ is None
    for text in (shown, repr(error), repr(error.details), error.message):
        assert double.key not in text


@pytest.mark.parametrize("status", [408, 409, 429, 500, 529])
async def test_passing_failures_are_retried(
    messages_api: MessagesApi, make_engine: MakeEngine, short_backoff: None, status: int
) -> None:
    messages_api.fail(status)
    messages_api.fail(status)
    messages_api.reply("Bonjour")
    completed = get_completed(await ask(make_engine(max_retries=2)))
    assert completed.message.text == "Bonjour"
    assert len(messages_api.requests) == 3


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 413])
async def test_lasting_failures_are_not_retried(
    messages_api: MessagesApi, make_engine: MakeEngine, status: int
) -> None:
    messages_api.fail(status)
    with pytest.raises(EngineError):
        await ask(make_engine(max_retries=3))
    assert len(messages_api.requests) == 1


async def test_gives_up_after_the_allowed_retries(
    messages_api: MessagesApi, make_engine: MakeEngine, short_backoff: None
) -> None:
    for _ in range(5):
        messages_api.fail(529)
    with pytest.raises(EngineUnavailable):
        await ask(make_engine(max_retries=2))
    assert len(messages_api.requests) == 3


async def test_waits_as_long_as_retry_after_says(
    messages_api: MessagesApi, make_engine: MakeEngine, short_backoff: None
) -> None:
    messages_api.fail(429, retry_after="1")
    messages_api.reply("Bonjour")
    await ask(make_engine(max_retries=1))
    first, second = messages_api.requests
    assert 1.0 <= second.received - first.received < 2.0


async def test_a_retry_after_too_long_to_wait_is_reported_at_once(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.fail(429, retry_after="120")
    with pytest.raises(EngineRateLimited, match="dans 120\u00a0s") as caught:
        await ask(make_engine(max_retries=3))
    assert caught.value.retry_after == 120
    assert len(messages_api.requests) == 1


async def test_retry_after_may_be_a_date(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    later = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=1)
    messages_api.fail(429, retry_after=format_datetime(later, usegmt=True))
    with pytest.raises(EngineRateLimited) as caught:
        await ask(make_engine(max_retries=3))
    assert caught.value.retry_after == pytest.approx(3600, abs=5)


async def test_an_overload_before_the_first_word_is_retried(
    messages_api: MessagesApi, make_engine: MakeEngine, short_backoff: None
) -> None:
    messages_api.reply("Bonjour", disturbance="overloaded", undisturbed=1)
    messages_api.reply("Bonjour")
    events = await ask(make_engine(max_retries=1))
    assert get_completed(events).message.text == "Bonjour"
    assert len(messages_api.requests) == 2


@pytest.mark.parametrize(
    ("disturbance", "message"),
    [
        ("overloaded", "surchargé"),
        ("cut", "interrompue"),
        ("end", "interrompue"),
        ("malformed", "interrompue"),
    ],
)
async def test_a_stream_broken_after_its_first_words_is_not_repeated(
    messages_api: MessagesApi, make_engine: MakeEngine, disturbance: str, message: str
) -> None:
    messages_api.reply(SPOKEN, disturbance=disturbance, undisturbed=5)
    messages_api.reply(SPOKEN)
    events: list[Event] = []
    with pytest.raises(EngineUnavailable, match=message) as caught:
        await collect(make_engine(max_retries=3), events)
    assert events
    assert not any(isinstance(event, Completed) for event in events)
    assert len(messages_api.requests) == 1
    assert_no_key(messages_api, caught.value)


@pytest.mark.parametrize("how", [{"delay": 2.0}, {"pace": 2.0}])
async def test_a_silent_server_times_out(
    messages_api: MessagesApi, make_engine: MakeEngine, how: dict[str, Any]
) -> None:
    messages_api.reply("Bonjour", **how)
    with pytest.raises(EngineUnavailable, match="à temps") as caught:
        await ask(make_engine(timeout=0.2))
    assert_no_key(messages_api, caught.value)


async def test_an_unreachable_server_says_to_check_the_address(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    with pytest.raises(EngineUnavailable, match=r"injoignable.*adresse") as caught:
        await ask(make_engine(base_url="http://127.0.0.1:9"))
    assert_no_key(messages_api, caught.value)


@pytest.mark.parametrize("status", [200, 404])
async def test_a_web_page_instead_of_the_api_says_to_check_the_address(
    messages_api: MessagesApi, make_engine: MakeEngine, status: int
) -> None:
    messages_api.fail(status, body=b"<html>Portail</html>")
    with pytest.raises(EngineError, match="ne répond pas comme un serveur de modèle"):
        await ask(make_engine(max_retries=3))
    assert len(messages_api.requests) == 1


async def test_a_real_wrong_key_is_refused(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    key = messages_api.key[::-1]
    engine = make_engine(api_key=key)
    with pytest.raises(EngineRefusedKey) as caught:
        await ask(engine)
    assert key not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("key", ["", "  \n", "sk-ant-clé", "sk-ant-a\nb"])
async def test_a_key_no_header_can_carry_is_refused_at_once_without_being_shown(
    make_engine: MakeEngine, key: str
) -> None:
    with pytest.raises(EngineRefusedKey) as caught:
        make_engine(api_key=key)
    assert "sk-ant" not in "".join(traceback.format_exception(caught.value, chain=True)[-1:])


async def test_blanks_around_a_pasted_key_do_not_matter(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    messages_api.reply("Bonjour")
    await ask(make_engine(api_key=f" {messages_api.key}\n"))


async def test_the_environment_s_key_and_address_are_never_used(
    messages_api: MessagesApi, make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-environnement")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    messages_api.reply("Bonjour")
    assert get_completed(await ask(make_engine())).message.text == "Bonjour"


async def test_neither_key_nor_content_is_in_a_log_record(
    messages_api: MessagesApi,
    make_engine: MakeEngine,
    caplog: pytest.LogCaptureFixture,
    short_backoff: None,
) -> None:
    caplog.set_level(logging.DEBUG)
    engine = make_engine(max_retries=1)
    messages_api.fail(500, message=f"echo of {messages_api.key}")
    messages_api.reply("Bonjour")
    await ask(engine)
    records = [repr(r.__dict__) + r.getMessage() for r in caplog.records]
    assert any("/v1/messages" in record for record in records)
    assert not any(messages_api.key in record for record in records)
    assert not any("Épicerie" in record for record in records)
    assert messages_api.key not in repr(engine)


async def test_a_caller_who_leaves_in_mid_stream_leaves_the_engine_usable(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine()
    messages_api.reply(SPOKEN)
    messages_api.reply("Bonjour")
    stream = engine.stream(REQUEST)
    assert isinstance(await anext(stream), TextDelta)
    await stream.aclose()  # type: ignore[attr-defined]
    assert get_completed(await ask(engine)).message.text == "Bonjour"


async def test_reasoning_is_kept_for_the_tool_turn_and_never_streamed(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    call = ToolCall("find_client", {"query": "Zoé"})
    messages_api.reply(tool_uses=[call], thinking="Je cherche Zoé.")
    events = await ask(make_engine())
    assert not any(isinstance(event, TextDelta) for event in events)
    assert isinstance(get_completed(events).message.content[0], Reasoning)


async def test_a_model_that_is_no_longer_served_is_named(
    messages_api: MessagesApi, make_engine: MakeEngine
) -> None:
    engine = make_engine(models={**MODELS, "balanced": "claude-sonnet-3-7"})
    with pytest.raises(EngineBadRequest, match=r"claude-sonnet-3-7.*n'est plus servi.*réglages"):
        await ask(engine)


async def test_a_proxy_that_cuts_before_the_first_byte_is_tried_again(
    messages_api: MessagesApi, make_engine: MakeEngine, short_backoff: None
) -> None:
    messages_api.reply("Bonjour", disturbance="cut", undisturbed=0)
    messages_api.reply("Bonjour")
    events = await ask(make_engine(max_retries=1))
    assert get_completed(events).message.text == "Bonjour"
