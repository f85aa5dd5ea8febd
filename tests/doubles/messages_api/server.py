"""The double itself: an HTTP server in a thread, its prepared replies and its records."""

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Self

import uvicorn
from anthropic._constants import ANTHROPIC_API_VERSION
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.doubles.messages_api.blocks import Body, as_blocks
from tests.doubles.messages_api.cache import InputUsage, PromptCache
from tests.doubles.messages_api.fields import check_fields
from tests.doubles.messages_api.replies import Failure, Reply, ToolCall, refuse
from tests.doubles.messages_api.rules import check_rules
from tests.doubles.messages_api.stream import (
    build_events,
    build_message,
    encode_event,
    number_ids,
    split_awkwardly,
)

KEY = "sk-ant-double-0123456789abcdef"
VERSIONS = {"2023-06-01", ANTHROPIC_API_VERSION}
LARGEST_REQUEST = 32 * 1024 * 1024


@dataclass(frozen=True)
class RecordedRequest:
    """What came in; `received` in seconds of a monotonic clock, `body` None if not JSON."""

    headers: dict[str, str]
    body: Any
    received: float
    client_port: int


class CutConnection(Exception):
    """Makes the server drop the connection without ending its answer."""


class MessagesApi:
    """Answers `POST /v1/messages` with what the test prepared, in order."""

    def __init__(self, key: str = KEY, minimum_cached_tokens: int = 1024) -> None:
        self.key = key
        self.base_url = ""
        self._minimum_cached_tokens = minimum_cached_tokens
        self._tool_ids = number_ids("toolu")
        self._request_ids = number_ids("req")
        self.reset()
        app = Starlette(routes=[Route("/v1/messages", self._answer, methods=["POST"])])
        app.add_exception_handler(404, self._answer_unknown_path)
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._socket = socket.socket()

    def __enter__(self) -> Self:
        self._socket.bind(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the double did not start")
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()

    def reset(self) -> None:
        """Forget what was prepared, recorded and cached."""
        self.requests: list[RecordedRequest] = []
        self._cache = PromptCache(self._minimum_cached_tokens)
        self._prepared: deque[Reply | Failure] = deque()
        self._forever: Reply | None = None
        self._reasoning: dict[str, dict[str, Any]] = {}

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def reply(self, text: str = "", *, tool_uses: list[ToolCall] | None = None, **how: Any) -> None:
        """Prepare a message of the model; `how`: the other fields of `Reply`."""
        self._prepared.append(Reply(text, tuple(tool_uses or ()), **how))

    def reply_forever(self, text: str = "", *, tool_uses: list[ToolCall] | None = None) -> None:
        """Give this message whenever nothing else is prepared."""
        self._forever = Reply(text, tuple(tool_uses or ()))

    def fail(self, status: int, **how: Any) -> None:
        """Prepare an error; `how`: the other fields of `Failure`."""
        self._prepared.append(Failure(status, **how))

    async def _answer(self, request: Request) -> Response:
        raw = await request.body()
        self._record(request, raw)
        try:
            return await self._process(request, raw)
        except Failure as failure:
            return self._answer_failure(failure)

    async def _process(self, request: Request, raw: bytes) -> Response:
        check_headers(request, raw, self.key)
        prepared = self._prepared[0] if self._prepared else self._forever
        if isinstance(prepared, Failure):
            self._take()
            raise prepared
        body = parse_body(raw)
        check_fields(body)
        check_rules(body)
        self._check_reasoning(body)
        if prepared is None:
            raise refuse("the test prepared no reply for this request")
        self._take()
        await asyncio.sleep(prepared.delay)
        return self._answer_reply(prepared, body, self._cache.use(body))

    def _take(self) -> None:
        """A refused request leaves the prepared reply for the next one."""
        if self._prepared:
            self._prepared.popleft()

    def _record(self, request: Request, raw: bytes) -> None:
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        port = request.client.port if request.client else 0
        self.requests.append(RecordedRequest(dict(request.headers), body, time.monotonic(), port))

    def _answer_reply(self, reply: Reply, body: Body, usage: InputUsage) -> Response:
        blocks, raw_inputs = self._build_blocks(reply)
        message = build_message(reply, blocks, body["model"], usage)
        headers = {"request-id": next(self._request_ids)}
        if not body.get("stream"):
            return JSONResponse(message, headers=headers)
        events = [encode_event(event) for event in build_events(message, raw_inputs)]
        return StreamingResponse(
            send(reply, events), headers=headers, media_type="text/event-stream"
        )

    def _build_blocks(self, reply: Reply) -> tuple[list[dict[str, Any]], dict[str, str]]:
        blocks: list[dict[str, Any]] = []
        raw_inputs: dict[str, str] = {}
        if reply.thinking is not None:
            signature = f"signature-{len(self._reasoning)}"
            blocks.append({"type": "thinking", "thinking": reply.thinking, "signature": signature})
        if reply.text:
            blocks.append({"type": "text", "text": reply.text})
        for call in reply.tool_uses:
            tool_id = call.id or next(self._tool_ids)
            blocks.append(
                {"type": "tool_use", "id": tool_id, "name": call.name, "input": call.input}
            )
            raw_inputs[tool_id] = call.raw_json or json.dumps(call.input, ensure_ascii=False)
            if reply.thinking is not None:
                self._reasoning[tool_id] = blocks[0]
        return blocks, raw_inputs

    def _check_reasoning(self, body: Body) -> None:
        """A turn that reasoned before calling a tool comes back with that reasoning, unmodified."""
        for index, message in enumerate(body["messages"]):
            blocks = as_blocks(message["content"])
            for block in blocks:
                expected = self._reasoning.get(block.get("id", ""))
                if expected is not None and expected not in blocks:
                    raise refuse(
                        f"messages.{index}: `thinking` blocks cannot be modified: they must remain "
                        "as they were in the original response"
                    )

    def _answer_failure(self, failure: Failure) -> Response:
        request_id = next(self._request_ids)
        headers = {"request-id": request_id, "content-type": "application/json"}
        if failure.retry_after is not None:
            headers["retry-after"] = failure.retry_after
        body = failure.body
        if body is None:
            error = {"type": failure.type, "message": failure.message}
            body = json.dumps({"type": "error", "error": error, "request_id": request_id}).encode()
        return Response(body, failure.status, headers)

    async def _answer_unknown_path(self, request: Request, _: Exception) -> Response:
        return self._answer_failure(Failure(404, f"Not found: {request.url.path}"))


def check_headers(request: Request, raw: bytes, key: str) -> None:
    """The key comes as a bearer token (SDK 2.x) or as `x-api-key`."""
    headers = request.headers
    given = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
    if not given:
        raise Failure(401, "x-api-key header is required")
    if given != key:
        raise Failure(401, "invalid x-api-key")
    if "anthropic-version" not in headers:
        raise refuse("anthropic-version: header is required")
    version = headers["anthropic-version"]
    if version not in VERSIONS:
        raise refuse(f"anthropic-version: {version!r} is not a valid version")
    if not headers.get("content-type", "").startswith("application/json"):
        raise refuse("content-type: must be application/json")
    if len(raw) > LARGEST_REQUEST:
        raise Failure(413, "Request exceeds the maximum size")


def parse_body(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise refuse(f"The request body is not valid JSON: {error}") from error


async def send(reply: Reply, events: list[bytes]) -> AsyncIterator[bytes]:
    """The events in awkward pieces, disturbed as the reply asks."""
    for index, event in enumerate(events):
        if reply.disturbance is not None and index == reply.undisturbed:
            async for piece in disturb(reply, event):
                yield piece
            return
        await asyncio.sleep(reply.pace)
        for piece in split_awkwardly(event):
            yield piece
            await asyncio.sleep(0)


async def disturb(reply: Reply, event: bytes) -> AsyncIterator[bytes]:
    match reply.disturbance:
        case "cut":
            yield event[: len(event) // 2]
            await asyncio.sleep(0.02)
            raise CutConnection
        case "malformed":
            yield b'event: content_block_delta\ndata: {"type": "content_block_delta", \n\n'
        case "overloaded":
            error = {"type": "overloaded_error", "message": "Overloaded"}
            yield encode_event({"type": "error", "error": error})
        case _:
            return
