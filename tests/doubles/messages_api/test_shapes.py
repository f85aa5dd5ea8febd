"""What the double answers is of the shapes that the SDK declares, validated to the letter."""

import json
from typing import Any

import httpx2
from anthropic.types import (
    ErrorResponse,
    Message,
    MessageTokensCount,
    ModelInfo,
    RawMessageStreamEvent,
)
from anthropic.types.messages import MessageBatch, MessageBatchIndividualResponse
from pydantic import TypeAdapter

from tests.doubles.messages_api import Cite, MessagesApi, Reply, ToolCall
from tests.doubles.messages_api.test_messages_api import TOOL, make_body, post, text, user
from tests.doubles.messages_api.test_options import FOUND, ON

pytest_plugins = ("tests.doubles.messages_api.fixtures",)

EVENTS: TypeAdapter[Any] = TypeAdapter(RawMessageStreamEvent)
CITED = [user({**FOUND, **ON}, text("Délai ?"))]


def send(double: MessagesApi, method: str, path: str, body: Any = None) -> httpx2.Response:
    headers = {"x-api-key": double.key, "anthropic-version": "2023-06-01"}
    return httpx2.request(method, f"{double.base_url}/v1{path}", json=body, headers=headers)


def prepare(double: MessagesApi) -> None:
    double.reply(
        "Dix jours.",
        tool_uses=[ToolCall("find_client", {"q": "é"})],
        thinking="Voyons.",
        citations=(Cite(0, 0, 1),),
    )


def test_every_event_of_a_stream(messages_api: MessagesApi) -> None:
    prepare(messages_api)
    answer = post(messages_api, make_body(messages=CITED, tools=[TOOL], stream=True))
    lines = [line[6:] for line in answer.text.splitlines() if line.startswith("data: ")]
    events = [json.loads(line) for line in lines]
    kinds = {e["delta"]["type"] for e in events if e["type"] == "content_block_delta"}
    assert kinds == {
        "text_delta",
        "citations_delta",
        "thinking_delta",
        "signature_delta",
        "input_json_delta",
    }
    pings = [event for event in events if event["type"] == "ping"]
    assert pings == [{"type": "ping"}]
    for event in events:
        if event["type"] != "ping":
            EVENTS.validate_python(event)


def test_a_whole_message_and_an_error(messages_api: MessagesApi) -> None:
    prepare(messages_api)
    Message.model_validate(post(messages_api, make_body(messages=CITED, tools=[TOOL])).json())
    messages_api.fail(529)
    ErrorResponse.model_validate(post(messages_api, make_body()).json())


def test_counts_models_and_batches(messages_api: MessagesApi) -> None:
    body = make_body()
    del body["max_tokens"]
    count = send(messages_api, "POST", "/messages/count_tokens", body)
    MessageTokensCount.model_validate(count.json())
    for model in send(messages_api, "GET", "/models").json()["data"]:
        ModelInfo.model_validate(model)
    messages_api.polls_before_end = 0
    messages_api.respond(lambda _: Reply("Bien"))
    entries = [{"custom_id": "a", "params": make_body()}, {"custom_id": "b", "params": {}}]
    made = MessageBatch.model_validate(
        send(messages_api, "POST", "/messages/batches", {"requests": entries}).json()
    )
    ended = send(messages_api, "GET", f"/messages/batches/{made.id}").json()
    assert MessageBatch.model_validate(ended).request_counts.errored == 1
    results = send(messages_api, "GET", f"/messages/batches/{made.id}/results").text
    for line in results.splitlines():
        MessageBatchIndividualResponse.model_validate_json(line)
