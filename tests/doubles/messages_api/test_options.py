"""What the double refuses and takes of options, schemas, sources and reasoning."""

import base64
from typing import Any

import anthropic
import pytest
from anthropic import transform_schema
from pydantic import BaseModel

from tests.doubles.messages_api import Cite, Failure, MessagesApi, Reply, ToolCall
from tests.doubles.messages_api.test_messages_api import (
    CALL,
    RESULT,
    TOOL,
    USER,
    assistant,
    make_body,
    make_client,
    post,
    text,
    user,
)

pytest_plugins = ("tests.doubles.messages_api.fixtures",)

OPUS, SONNET, HAIKU = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5"
ON, OFF = {"citations": {"enabled": True}}, {"citations": {"enabled": False}}
FOUND: dict[str, Any] = {
    "type": "search_result",
    "source": "doc-1",
    "title": "Note",
    "content": [text("Un délai de dix jours.")],
}
PDF: dict[str, Any] = {
    "type": "document",
    "source": {
        "type": "base64",
        "media_type": "application/pdf",
        "data": base64.b64encode(b"%PDF-1.4").decode(),
    },
}


def schema(**changes: Any) -> dict[str, Any]:
    made = {"type": "object", "properties": {}, "additionalProperties": False, **changes}
    return {"format": {"type": "json_schema", "schema": made}}


SELF = {"$ref": "#/$defs/Node"}
NODE = {"type": "object", "properties": {"next": SELF}, "additionalProperties": False}

REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"model": OPUS, "thinking": {"type": "disabled"}}, "thinking.type.disabled"),
    (
        {"model": OPUS, "thinking": {"type": "enabled", "budget_tokens": 2048}},
        "thinking.type.enabled",
    ),
    ({"model": SONNET, "thinking": {"type": "disabled"}}, "thinking.type.disabled"),
    ({"model": HAIKU, "thinking": {"type": "between_tools"}}, "thinking.type.between_tools"),
    (
        {"model": "claude-haiku-4-5", "thinking": {"type": "enabled", "budget_tokens": 64}},
        "at least 1024",
    ),
    (
        {"model": "claude-haiku-4-5", "output_config": {"effort": "low"}},
        "does not support the effort",
    ),
    (
        {
            "model": SONNET,
            "output_config": {"effort": "max"},
            "thinking": {"type": "between_tools"},
        },
        "not supported with thinking",
    ),
    ({"model": OPUS, "tools": [TOOL], "tool_choice": {"type": "any"}}, "tool_choice"),
    ({"inference_geo": "eu"}, "'global' or 'us'"),
    ({"model": "claude-haiku-4-5", "inference_geo": "us"}, "inference_geo is not supported"),
    ({"max_tokens": 200_000}, "maximum allowed"),
    ({"model": "claude-haiku-4-5", "max_tokens": 100_000}, "maximum allowed"),
    ({"output_config": {"format": {"type": "json_schema"}}}, "schema: Field required"),
    ({"output_config": {"format": {"type": "json", "schema": {}}}}, "Input should be"),
    ({"output_config": schema(additionalProperties=True)}, "'additionalProperties'"),
    ({"output_config": schema(properties={"a": {"type": "integer", "minimum": 0}})}, "'minimum'"),
    ({"output_config": schema(type="array")}, "type 'object'"),
    (
        {"output_config": schema(**{"$defs": {"Node": NODE}, "properties": {"n": SELF}})},
        "Recursive",
    ),
    ({"messages": [user({**FOUND, **ON}, {**FOUND, **OFF}, text("a"))]}, "all or none"),
    (
        {"messages": [user({**FOUND, **ON}, text("a"))], "output_config": schema()},
        "cannot be used together",
    ),
    ({"messages": [user({**FOUND, "content": []}, text("a"))]}, "at least one text block"),
    ({"messages": [user({**FOUND, "content": [text(" ")]}, text("a"))]}, "non-whitespace"),
    ({"messages": [user({**FOUND, "source": None}, text("a"))]}, "source: Input should be"),
    (
        {"messages": [user({**PDF, "source": {**PDF["source"], "data": "bm9u"}}, text("a"))]},
        "was not valid",
    ),
]


@pytest.mark.parametrize(
    ("changes", "message"), REFUSED, ids=[f"{i} {m}" for i, (_, m) in enumerate(REFUSED)]
)
def test_refuses(messages_api: MessagesApi, changes: dict[str, Any], message: str) -> None:
    messages_api.reply("Bonjour")
    answer = post(messages_api, make_body(**changes))
    assert answer.status_code == 400
    assert message in answer.json()["error"]["message"]


ACCEPTED: list[dict[str, Any]] = [
    {"model": OPUS, "thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
    {"model": SONNET, "thinking": {"type": "between_tools"}},
    {"model": HAIKU, "thinking": {"type": "disabled"}},
    {
        "model": "claude-haiku-4-5",
        "max_tokens": 4096,
        "thinking": {"type": "enabled", "budget_tokens": 2048},
    },
    {"model": HAIKU, "tools": [TOOL], "tool_choice": {"type": "tool", "name": "find_client"}},
    {"messages": [user({**FOUND, **ON}, {**PDF, **ON}, text("a"))]},
    {"messages": [user({**FOUND, **OFF}, text("a"))], "output_config": schema()},
    {
        "messages": [USER, assistant(CALL), user({**RESULT, "content": [FOUND]})],
        "tools": [TOOL],
    },
]


@pytest.mark.parametrize("changes", ACCEPTED, ids=range(len(ACCEPTED)))
def test_accepts(messages_api: MessagesApi, changes: dict[str, Any]) -> None:
    messages_api.reply("Bonjour")
    answer = post(messages_api, make_body(**changes))
    assert answer.status_code == 200, answer.text


class Line(BaseModel):
    label: str
    amount: float | None = None


class Invoice(BaseModel):
    lines: list[Line]


def test_takes_what_the_sdk_s_own_transformation_makes(messages_api: MessagesApi) -> None:
    messages_api.reply('{"lines": [{"label": "abonnement", "amount": 12.5}]}')
    with make_client(messages_api) as client:
        parsed = client.messages.parse(
            model=HAIKU,
            max_tokens=64,
            messages=[{"role": "user", "content": "Lisez la facture"}],
            output_format=Invoice,
        )
    assert parsed.parsed_output == Invoice(lines=[Line(label="abonnement", amount=12.5)])
    sent = messages_api.requests[0].body["output_config"]["format"]["schema"]
    assert sent == transform_schema(Invoice)


def test_the_sdk_gathers_streamed_citations(messages_api: MessagesApi) -> None:
    messages_api.reply("Dix jours.", citations=(Cite(0, 0, 1),))
    with (
        make_client(messages_api) as client,
        client.messages.stream(
            model=HAIKU,
            max_tokens=64,
            messages=[user({**FOUND, **ON}, text("Délai ?"))],  # type: ignore[list-item]
        ) as stream,
    ):
        kinds = [event.type for event in stream]
        block = stream.get_final_message().content[0].to_dict()
    assert "citation" in kinds
    assert block["citations"] == [
        {
            "type": "search_result_location",
            "search_result_index": 0,
            "start_block_index": 0,
            "end_block_index": 1,
            "cited_text": "Un délai de dix jours.",
            "source": "doc-1",
            "title": "Note",
        }
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"model": SONNET},
        {"system": "Autre consigne"},
        {"tools": [TOOL, {**TOOL, "name": "autre"}]},
        {"messages": [user(text("Autre question"))]},
    ],
    ids=["model", "system", "tools", "messages"],
)
def test_reasoning_is_refused_in_another_conversation(
    messages_api: MessagesApi, changes: dict[str, Any]
) -> None:
    messages_api.reply(tool_uses=[ToolCall("find_client", id="toolu_1")], thinking="Cherchons")
    content = post(messages_api, make_body(tools=[TOOL])).json()["content"]
    messages_api.reply("Voici")
    body = make_body(tools=[TOOL]) | changes
    body["messages"] = [*body["messages"], assistant(*content), user(RESULT)]
    assert "are bound to" in post(messages_api, body).json()["error"]["message"]


def test_an_answer_may_depend_on_the_request(messages_api: MessagesApi) -> None:
    messages_api.respond(lambda body: Reply(f"{len(body['messages'])} message"))
    assert post(messages_api, make_body()).json()["content"][0]["text"] == "1 message"
    messages_api.reply("préparé")
    assert post(messages_api, make_body()).json()["content"][0]["text"] == "préparé"


def test_a_connection_cut_before_the_first_byte_reaches_the_sdk(messages_api: MessagesApi) -> None:
    messages_api.reply("Bonjour", disturbance="cut", undisturbed=0)
    with make_client(messages_api) as client, pytest.raises(Exception, match="peer closed"):
        client.messages.stream(
            model=HAIKU, max_tokens=8, messages=[{"role": "user", "content": "a"}]
        ).__enter__().get_final_message()


def test_models_are_listed_and_retrieved(messages_api: MessagesApi) -> None:
    with make_client(messages_api) as client:
        listed = {model.id: model.lifecycle for model in client.models.list()}
        assert client.models.retrieve(HAIKU).max_tokens == 128_000
        with pytest.raises(anthropic.NotFoundError):
            client.models.retrieve("claude-haiku-99")
    assert listed[HAIKU] == "active"
    assert listed["claude-sonnet-4-5"] == "deprecated"


def test_tokens_are_counted_without_an_answer_prepared(messages_api: MessagesApi) -> None:
    with make_client(messages_api) as client:
        count = client.messages.count_tokens(
            model=HAIKU, messages=[{"role": "user", "content": "a" * 400}]
        )
    assert 100 < count.input_tokens < 130


def test_a_count_of_tokens_takes_no_max_tokens(messages_api: MessagesApi) -> None:
    import httpx2

    answer = httpx2.post(
        f"{messages_api.base_url}/v1/messages/count_tokens",
        json=make_body(),
        headers={"x-api-key": messages_api.key, "anthropic-version": "2023-06-01"},
    )
    assert "max_tokens: Extra inputs" in answer.json()["error"]["message"]


@pytest.mark.parametrize(("model", "minimum"), [(HAIKU, 512), ("claude-haiku-4-5", 4096)])
def test_the_cache_follows_the_model_s_minimum(
    messages_api: MessagesApi, model: str, minimum: int
) -> None:
    for size, is_kept in ((minimum - 60, False), (minimum + 60, True)):
        system = [text("a" * 4 * size, cache_control={"type": "ephemeral"})]
        messages_api.reply("Bonjour")
        usage = post(messages_api, make_body(model=model, system=system)).json()["usage"]
        assert (usage["cache_creation_input_tokens"] > 0) is is_kept


@pytest.mark.parametrize(("mark", "lifetime"), [({}, 300), ({"ttl": "1h"}, 3600)])
def test_a_kept_prefix_dies_unless_it_is_read(
    messages_api: MessagesApi, mark: dict[str, str], lifetime: int
) -> None:
    system = [text("Règle. " * 1000, cache_control={"type": "ephemeral", **mark})]

    def read() -> int:
        messages_api.reply("Bonjour")
        usage = post(messages_api, make_body(system=system)).json()["usage"]
        return usage["cache_read_input_tokens"]

    assert read() == 0
    for _ in range(2):
        messages_api.let_pass(lifetime - 10)
        assert read() > 0
    messages_api.let_pass(lifetime + 1)
    assert read() == 0


def test_batches_run_through_the_sdk(messages_api: MessagesApi) -> None:
    answers = iter([Failure(529), Reply("deux")])
    messages_api.respond(lambda _: next(answers))
    entries: Any = [{"custom_id": name, "params": make_body()} for name in ("a", "b")]
    with make_client(messages_api) as client:
        batch = client.messages.batches.create(requests=entries)
        assert batch.processing_status == "in_progress"
        assert client.messages.batches.retrieve(batch.id).processing_status == "in_progress"
        assert client.messages.batches.retrieve(batch.id).processing_status == "ended"
        results = {r.custom_id: r.result.type for r in client.messages.batches.results(batch.id)}
        assert [b.id for b in client.messages.batches.list()] == [batch.id]
        with pytest.raises(anthropic.BadRequestError, match="already ended"):
            client.messages.batches.cancel(batch.id)
        assert client.messages.batches.delete(batch.id).id == batch.id
        with pytest.raises(anthropic.NotFoundError):
            client.messages.batches.retrieve(batch.id)
    assert results == {"a": "succeeded", "b": "errored"}


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        ([], "at least one"),
        ([{"custom_id": "é", "params": {}}], "match pattern"),
        ([{"custom_id": "a", "params": {}}] * 2, "not unique"),
        ([{"custom_id": "a"}], "params: Field required"),
        ([{"custom_id": "a", "params": {}, "x": 1}], "Extra inputs"),
    ],
)
def test_a_wrong_batch_is_refused_whole(
    messages_api: MessagesApi, requests: Any, message: str
) -> None:
    with make_client(messages_api) as client, pytest.raises(anthropic.BadRequestError) as caught:
        client.messages.batches.create(requests=requests)
    assert message in caught.value.message
