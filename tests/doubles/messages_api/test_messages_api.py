"""The double held against the official SDK: what it accepts, refuses and streams."""

import json
from typing import Any

import anthropic
import httpx2
import pytest

from tests.doubles.messages_api import MessagesApi, ToolCall
from tests.doubles.messages_api.stream import encode_event, split_awkwardly

pytest_plugins = ("tests.doubles.messages_api.fixtures",)

MODEL = "claude-haiku-5-5"
USER = {"role": "user", "content": "Bonjour"}
TOOL: dict[str, Any] = {"name": "find_client", "input_schema": {"type": "object", "properties": {}}}
CALL: dict[str, Any] = {"type": "tool_use", "id": "toolu_1", "name": "find_client", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok"}
MARK = {"type": "ephemeral"}


def make_body(**changes: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 64, "messages": [USER], **changes}


def assistant(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "assistant", "content": list(blocks)}


def user(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": list(blocks)}


def text(value: str, **more: Any) -> dict[str, Any]:
    return {"type": "text", "text": value, **more}


def make_client(double: MessagesApi, key: str | None = None) -> anthropic.Anthropic:
    return anthropic.Anthropic(api_key=key or double.key, base_url=double.base_url, max_retries=0)


def post(double: MessagesApi, body: Any, **headers: str) -> httpx2.Response:
    known = {"authorization": f"Bearer {double.key}", "anthropic-version": "2026-10-21"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    chosen = {"content-type": "application/json", **known, **headers}
    chosen = {name: value for name, value in chosen.items() if value}
    return httpx2.post(f"{double.base_url}/v1/messages", content=content, headers=chosen)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"temperature": 0.2}, "temperature: Extra inputs are not permitted"),
    ({"top_p": 0.9}, "top_p: Extra inputs are not permitted"),
    ({"user_profile_id": "u"}, "user_profile_id: Extra inputs"),
    ({"max_tokens": "64"}, "max_tokens: Input should be a valid number"),
    ({"max_tokens": -1}, "max_tokens: Input should be greater"),
    ({"max_tokens": True}, "max_tokens: Input should be a valid number"),
    ({"stop_sequences": "FIN"}, "stop_sequences: Input should be a valid list"),
    ({"system": [{"type": "text"}]}, "system.0.text: Field required"),
    ({"messages": []}, "at least one message"),
    ({"messages": [assistant(text("Bonjour"))]}, "first message must use the user role"),
    ({"messages": [USER, assistant(text("La réponse est"))]}, "does not support assistant message"),
    ({"messages": [{"role": "tool", "content": "x"}]}, "Input tag 'tool'"),
    ({"messages": [user(text(" "))]}, "non-whitespace"),
    ({"messages": [user()]}, "non-empty content"),
    ({"messages": [user(text("a", foo=1))]}, "messages.0.content.0.text.foo: Extra inputs"),
    ({"messages": [user({"type": "texte", "text": "a"})]}, "Input tag 'texte'"),
    ({"messages": [user({"type": "text"})]}, "messages.0.content.0.text.text: Field required"),
    ({"messages": [user(CALL)]}, "`tool_use` blocks can not be in `user`"),
    ({"messages": [USER, assistant(RESULT), USER]}, "can not be in `assistant`"),
    ({"messages": [USER, assistant(CALL), USER]}, "without `tool_result` blocks"),
    ({"messages": [USER, assistant(text("a")), user(RESULT)]}, "unexpected `tool_use_id`"),
    ({"messages": [USER, assistant(CALL), user(RESULT, RESULT)]}, "a single result"),
    ({"messages": [USER, assistant(CALL), user(text("a"), RESULT)]}, "must come first"),
    ({"messages": [USER, assistant(CALL, CALL), user(RESULT)]}, "must be unique"),
    ({"tools": [{"name": "a"}]}, "tools.0.custom.input_schema: Field required"),
    ({"tools": [{**TOOL, "name": "trouver client"}]}, "String should match pattern"),
    ({"tools": [{**TOOL, "input_schema": {"type": "string"}}]}, "Input should be 'object'"),
    ({"tools": [{**TOOL, "input_schema": {"type": "object", "anyOf": []}}]}, "anyOf"),
    (
        {"tools": [{**TOOL, "input_schema": {"type": "object", "required": ["a", "a"]}}]},
        "JSON schema is invalid",
    ),
    ({"tools": [TOOL, TOOL]}, "names must be unique"),
    ({"tools": [{**TOOL, "examples": []}]}, "tools.0.custom.examples: Extra inputs"),
    ({"tool_choice": {"type": "any"}}, "while providing tools"),
    ({"tools": [TOOL], "tool_choice": {"type": "tool", "name": "x"}}, "not found"),
    ({"thinking": {"type": "enabled"}}, "thinking.enabled.budget_tokens: Field required"),
    ({"output_config": {"effort": "huge"}}, "output_config.effort: Input should be"),
    ({"system": [text("s", cache_control=MARK)] * 5}, "A maximum of 4 blocks"),
    (
        {"cache_control": MARK, "system": [text("s", cache_control=MARK)] * 4},
        "A maximum of 4 blocks",
    ),
    (
        {"system": [text("s", cache_control=MARK), text("t", cache_control={**MARK, "ttl": "1h"})]},
        "must not come after",
    ),
]


@pytest.mark.parametrize(
    ("changes", "message"), REFUSED, ids=[f"{i} {m}" for i, (_, m) in enumerate(REFUSED)]
)
def test_refuses_with_the_api_s_error_shape(
    messages_api: MessagesApi, changes: dict[str, Any], message: str
) -> None:
    messages_api.reply("Bonjour")
    answer = post(messages_api, make_body(**changes))
    assert answer.status_code == 400
    assert answer.json()["type"] == "error"
    assert answer.json()["error"]["type"] == "invalid_request_error"
    assert message in answer.json()["error"]["message"]
    assert answer.headers["request-id"] == answer.json()["request_id"]


@pytest.mark.parametrize("name", ["model", "max_tokens", "messages"])
def test_refuses_a_body_without_a_required_field(messages_api: MessagesApi, name: str) -> None:
    body = make_body()
    del body[name]
    error = post(messages_api, body).json()["error"]
    assert error["message"] == f"{name}: Field required"


ACCEPTED: list[dict[str, Any]] = [
    {"messages": [USER, USER]},
    {"messages": [USER, assistant(CALL), user(RESULT, text("et alors ?"))], "tools": [TOOL]},
    {"messages": [USER, assistant(text("a")), assistant(CALL), user(RESULT)], "tools": [TOOL]},
    {"model": "claude-haiku-4-5", "messages": [USER, assistant(text("La réponse est"))]},
    {"tools": [{**TOOL, "input_schema": {"type": "object", "required": ["name"]}}]},
    {"stop_sequences": ["FIN"]},
    {"tools": [{"type": "bash_20250124", "name": "bash"}]},
    {"system": [text("s", cache_control=MARK)] * 4, "thinking": {"type": "adaptive"}},
    {"output_config": {"effort": "low"}, "tools": [TOOL], "tool_choice": {"type": "auto"}},
    {"messages": [user({"type": "document", "source": {"type": "url", "url": "https://a.fr/b"}})]},
]


@pytest.mark.parametrize("changes", ACCEPTED, ids=range(len(ACCEPTED)))
def test_accepts_what_the_sdk_s_types_allow(
    messages_api: MessagesApi, changes: dict[str, Any]
) -> None:
    messages_api.reply("Bonjour")
    answer = post(messages_api, make_body(**changes))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer sk-ant-autre"}, 401),
        ({"authorization": "", "x-api-key": "sk-ant-autre"}, 401),
        ({"anthropic-version": ""}, 400),
        ({"anthropic-version": "2020-01-01"}, 400),
        ({"content-type": "text/plain"}, 400),
    ],
)
def test_refuses_bad_headers(
    messages_api: MessagesApi, headers: dict[str, str], status: int
) -> None:
    messages_api.reply("Bonjour")
    assert post(messages_api, make_body(), **headers).status_code == status


def test_accepts_the_key_as_x_api_key(messages_api: MessagesApi) -> None:
    messages_api.reply("Bonjour")
    answer = post(messages_api, make_body(), authorization="", **{"x-api-key": messages_api.key})
    assert answer.status_code == 200


def test_refuses_more_than_32_megabytes(messages_api: MessagesApi) -> None:
    messages_api.reply("Bonjour")
    body = make_body(messages=[user(text("a" * (32 * 1024 * 1024)))])
    assert post(messages_api, body).status_code == 413


def test_refuses_a_body_that_is_not_json(messages_api: MessagesApi) -> None:
    assert post(messages_api, b'{"model": ').json()["error"]["type"] == "invalid_request_error"


def test_the_sdk_raises_not_found_for_an_unknown_model(messages_api: MessagesApi) -> None:
    with make_client(messages_api) as client, pytest.raises(anthropic.NotFoundError) as caught:
        client.messages.create(
            model="claude-sonnet-99", max_tokens=8, messages=[{"role": "user", "content": "a"}]
        )
    assert caught.value.request_id
    assert caught.value.type == "not_found_error"


def test_the_sdk_raises_authentication_error_for_a_wrong_key(messages_api: MessagesApi) -> None:
    client = make_client(messages_api, "sk-ant-autre")
    with client, pytest.raises(anthropic.AuthenticationError):
        client.messages.create(
            model=MODEL, max_tokens=8, messages=[{"role": "user", "content": "a"}]
        )


def stream_with_sdk(double: MessagesApi) -> tuple[anthropic.types.Message, list[str]]:
    with (
        make_client(double) as client,
        client.messages.stream(
            model=MODEL, max_tokens=64, messages=[{"role": "user", "content": "Bonjour"}]
        ) as stream,
    ):
        kinds = [event.type for event in stream]
        return stream.get_final_message(), kinds


def test_the_sdk_rebuilds_a_streamed_message_from_awkward_pieces(messages_api: MessagesApi) -> None:
    spoken = "L’échéance est à 1\u202f234,56\u00a0€ 🔌 – « été »."
    arguments = {"query": "Épicerie “Chez Zoé”\n🔥", "years": [2026, 2027], "deep": {"a": None}}
    calls = [ToolCall("find_client", arguments), ToolCall("get_contract", {})]
    messages_api.reply(spoken, tool_uses=calls, thinking="Réfléchissons…")
    message, kinds = stream_with_sdk(messages_api)
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use", "tool_use"]
    thinking, said, first, second = (block.to_dict() for block in message.content)
    assert thinking["thinking"] == "Réfléchissons…"
    assert said["text"] == spoken
    assert first["input"] == arguments
    assert second["input"] == {}
    assert message.stop_reason == "tool_use"
    assert {"thinking", "signature", "text", "input_json", "message_stop"} <= set(kinds)


def test_without_streaming_the_same_message_comes_as_json(messages_api: MessagesApi) -> None:
    messages_api.reply("Voici.", tool_uses=[ToolCall("find_client", {"query": "été"})])
    with make_client(messages_api) as client:
        message = client.messages.create(
            model=MODEL, max_tokens=64, messages=[{"role": "user", "content": "Bonjour"}]
        )
    assert message.content[1].to_dict()["input"] == {"query": "été"}
    assert message.usage.output_tokens > 0


def test_pieces_end_inside_multibyte_characters_and_between_line_ends() -> None:
    data = encode_event({"type": "x", "text": "été 🔌"})
    pieces = split_awkwardly(data)
    assert b"".join(pieces) == data
    assert sum(piece[-1] >= 0xC0 for piece in pieces) == 3
    assert pieces[-1] == b"\n"


def test_an_overload_in_mid_stream_reaches_the_sdk_as_an_error(messages_api: MessagesApi) -> None:
    messages_api.reply("Une longue phrase coupée", disturbance="overloaded")
    with pytest.raises(anthropic.APIStatusError) as caught:
        stream_with_sdk(messages_api)
    assert caught.value.type == "overloaded_error"


def test_a_cut_connection_reaches_the_sdk_as_a_protocol_error(messages_api: MessagesApi) -> None:
    messages_api.reply("Une longue phrase coupée", disturbance="cut")
    with pytest.raises(httpx2.RemoteProtocolError):
        stream_with_sdk(messages_api)


def test_altered_reasoning_is_refused(messages_api: MessagesApi) -> None:
    messages_api.reply(tool_uses=[ToolCall("find_client", id="toolu_1")], thinking="Cherchons")
    content = post(messages_api, make_body(tools=[TOOL])).json()["content"]
    messages_api.reply("Voici")
    for altered in (content[1:], [{**content[0], "thinking": "autre"}, content[1]]):
        body = make_body(tools=[TOOL], messages=[USER, assistant(*altered), user(RESULT)])
        assert "cannot be modified" in post(messages_api, body).json()["error"]["message"]
    body = make_body(tools=[TOOL], messages=[USER, assistant(*content), user(RESULT)])
    assert post(messages_api, body).status_code == 200


def read_usage(double: MessagesApi, **changes: Any) -> tuple[int, int, int]:
    double.reply("Bonjour")
    usage = post(double, make_body(**changes)).json()["usage"]
    names = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return tuple(usage[name] for name in names)  # type: ignore[return-value]


def test_cache_reads_what_an_earlier_request_wrote_up_to_a_breakpoint(
    messages_api: MessagesApi,
) -> None:
    system = [text("Règle. " * 1000, cache_control=MARK)]
    fresh, read, written = read_usage(messages_api, system=system)
    assert read == 0
    assert written > 1024 > fresh
    again = read_usage(messages_api, system=system, messages=[user(text("Autre question"))])
    assert again[1:] == (written, 0)


def test_cache_misses_when_one_byte_of_the_prefix_changes(messages_api: MessagesApi) -> None:
    prefix = "Règle. " * 1000
    read_usage(messages_api, system=[text(prefix, cache_control=MARK)])
    _, read, written = read_usage(messages_api, system=[text(prefix + ".", cache_control=MARK)])
    assert read == 0
    assert written > 0


def test_cache_keeps_nothing_without_breakpoint_or_under_the_minimum(
    messages_api: MessagesApi,
) -> None:
    for system in ([text("Règle. " * 1000)], [text("Règle.", cache_control=MARK)]):
        for _ in range(2):
            assert read_usage(messages_api, system=system)[1:] == (0, 0)


def test_cache_is_not_shared_between_models(messages_api: MessagesApi) -> None:
    system = [text("Règle. " * 1000, cache_control=MARK)]
    read_usage(messages_api, system=system)
    assert read_usage(messages_api, system=system, model="claude-opus-5-5")[1] == 0


def test_cache_grows_with_the_conversation(messages_api: MessagesApi) -> None:
    long = text("Phrase. " * 1000, cache_control=MARK)
    _, _, written = read_usage(messages_api, messages=[user(long)])
    unmarked = {"type": "text", "text": long["text"]}
    turns = [user(unmarked), assistant(text("Oui")), user(text("Et ?", cache_control=MARK))]
    _, read, added = read_usage(messages_api, messages=turns)
    assert read == written
    assert 0 < added < 50
