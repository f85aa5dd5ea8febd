"""The double itself: an HTTP server in a thread, its prepared replies and its records."""

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.doubles.messages_api.batches import StoredBatch, check_batch
from tests.doubles.messages_api.blocks import Body
from tests.doubles.messages_api.cache import PromptCache, read_prefixes
from tests.doubles.messages_api.composing import build_blocks
from tests.doubles.messages_api.fields import check_batch_fields, check_count_fields, check_fields
from tests.doubles.messages_api.reasoning import ReasoningLedger
from tests.doubles.messages_api.replies import Answer, Expired, Failure, Reply, ToolCall, refuse
from tests.doubles.messages_api.rules import MODELS, check_rules
from tests.doubles.messages_api.stream import (
    build_events,
    build_message,
    encode_event,
    number_ids,
)
from tests.doubles.messages_api.transport import check_headers, describe_model, parse_body, send

Handle = Callable[[Request, bytes], Awaitable[Response]]
BACKLOG = 1024
KEY = "sk-ant-double-0123456789abcdef"


@dataclass(frozen=True)
class RecordedRequest:
    """What came in; `received` in seconds of a monotonic clock, `body` None if not JSON."""

    path: str
    headers: dict[str, str]
    raw: bytes
    body: Any
    received: float
    client_port: int


class MessagesApi:
    """Answers as the Messages API does, with what the test prepared, in order.

    Also counts tokens, keeps batches and lists the models.
    """

    def __init__(self, key: str = KEY, minimum_cached_tokens: int | None = None) -> None:
        """`minimum_cached_tokens` replaces the models' own minimums."""
        self.key = key
        self.base_url = ""
        self.keep_requests = True
        self._minimum_cached_tokens = minimum_cached_tokens
        self._tool_ids = number_ids("toolu")
        self._request_ids = number_ids("req")
        self._batch_ids = number_ids("msgbatch")
        self.reset()
        app = Starlette(routes=list(self._list_routes()))
        app.add_exception_handler(404, self._answer_unknown_path)
        self._server = uvicorn.Server(
            uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
        )
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._socket = socket.socket(proto=socket.IPPROTO_TCP)

    def _list_routes(self) -> Iterator[Route]:
        batches = "/v1/messages/batches"
        yield self._route("POST", "/v1/messages", self._create_message)
        yield self._route("POST", "/v1/messages/count_tokens", self._count_tokens)
        yield self._route("POST", batches, self._create_batch)
        yield self._route("GET", batches, self._list_batches)
        yield self._route("GET", f"{batches}/{{id}}", self._get_batch)
        yield self._route("DELETE", f"{batches}/{{id}}", self._delete_batch)
        yield self._route("POST", f"{batches}/{{id}}/cancel", self._cancel_batch)
        yield self._route("GET", f"{batches}/{{id}}/results", self._read_results)
        yield self._route("GET", "/v1/models", self._list_models)
        yield self._route("GET", "/v1/models/{id}", self._get_model)

    def _route(self, method: str, path: str, handle: Handle) -> Route:
        async def answer(request: Request) -> Response:
            raw = await request.body()
            self._record(request, raw)
            try:
                check_headers(request, raw, self.key)
                return await handle(request, raw)
            except Failure as failure:
                return self._answer_failure(failure)

        return Route(path, answer, methods=[method])

    def __enter__(self) -> Self:
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(BACKLOG)
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
        """Forget what was prepared, recorded, cached and batched."""
        self.requests: list[RecordedRequest] = []
        self.polls_before_end = 1
        self._time_passed = 0.0
        self._cache = PromptCache(self.now, self._minimum_cached_tokens)
        self._prepared: deque[Answer] = deque()
        self._respond: Callable[[Body], Answer] | None = None
        self._reasoning = ReasoningLedger()
        self._batches: dict[str, StoredBatch] = {}

    def now(self) -> float:
        """Seconds of the clock that its cache goes by."""
        return time.monotonic() + self._time_passed

    def let_pass(self, seconds: float) -> None:
        """Age the prompt cache."""
        self._time_passed += seconds

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=[self._socket]))

    def reply(self, text: str = "", *, tool_uses: list[ToolCall] | None = None, **how: Any) -> None:
        """Prepare a message of the model; `how`: the other fields of `Reply`."""
        self._prepared.append(Reply(text, tuple(tool_uses or ()), **how))

    def reply_forever(
        self, text: str = "", *, tool_uses: list[ToolCall] | None = None, **how: Any
    ) -> None:
        """Give this message whenever nothing else is prepared."""
        reply = Reply(text, tuple(tool_uses or ()), **how)
        self.respond(lambda _: reply)

    def respond(self, answer: Callable[[Body], Answer]) -> None:
        """Ask this function, which sees the checked request, whenever nothing is prepared."""
        self._respond = answer

    def fail(self, status: int, **how: Any) -> None:
        """Prepare an error; `how`: the other fields of `Failure`."""
        self._prepared.append(Failure(status, **how))

    def expire(self) -> None:
        """Prepare the expiry of a batch's entry."""
        self._prepared.append(Expired())

    async def _create_message(self, _: Request, raw: bytes) -> Response:
        self._raise_prepared_failure()
        body = self._check_message(parse_body(raw))
        answer = self._take_answer(body)
        if not isinstance(answer, Reply):
            raise answer if isinstance(answer, Failure) else refuse("only batches expire")
        await asyncio.sleep(answer.delay)
        message, raw_inputs = self._build_message(answer, body)
        headers = {"request-id": next(self._request_ids)}
        if not body.get("stream"):
            return JSONResponse(message, headers=headers)
        events = [encode_event(event) for event in build_events(message, raw_inputs)]
        return StreamingResponse(
            send(answer, events), headers=headers, media_type="text/event-stream"
        )

    def _raise_prepared_failure(self) -> None:
        """A prepared failure is not held back by a request that would be refused."""
        if self._prepared and isinstance(self._prepared[0], Failure):
            raise self._prepared.popleft()  # type: ignore[misc]

    def _check_message(self, body: Any) -> Body:
        check_fields(body)
        check_rules(body)
        self._reasoning.check(body)
        return body

    def _take_answer(self, body: Body) -> Answer:
        """A refused request left the prepared reply for this one."""
        if self._prepared:
            return self._prepared.popleft()
        if self._respond is None:
            raise refuse("the test prepared no reply for this request")
        return self._respond(body)

    def _build_message(self, reply: Reply, body: Body) -> tuple[dict[str, Any], dict[str, str]]:
        signature = self._reasoning.next_signature()
        blocks, raw_inputs = build_blocks(reply, body, self._tool_ids, signature)
        self._reasoning.keep(blocks, body)
        return build_message(reply, blocks, body["model"], self._cache.use(body)), raw_inputs

    def _record(self, request: Request, raw: bytes) -> None:
        if not self.keep_requests:
            return
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        port = request.client.port if request.client else 0
        self.requests.append(
            RecordedRequest(
                request.url.path, dict(request.headers), raw, body, time.monotonic(), port
            )
        )

    async def _count_tokens(self, _: Request, raw: bytes) -> Response:
        self._raise_prepared_failure()
        body = parse_body(raw)
        check_count_fields(body)
        check_rules(body)
        tokens = [prefix.tokens for prefix in read_prefixes(body)]
        return JSONResponse({"input_tokens": tokens[-1]})

    async def _create_batch(self, _: Request, raw: bytes) -> Response:
        self._raise_prepared_failure()
        body = parse_body(raw)
        check_batch_fields(body)
        check_batch(body["requests"])
        now = datetime.now(UTC)
        batch = StoredBatch(next(self._batch_ids), body["requests"], now, self.polls_before_end)
        self._batches[batch.id] = batch
        return JSONResponse(batch.describe(self.base_url))

    def _find_batch(self, request: Request) -> StoredBatch:
        batch = self._batches.get(request.path_params["id"])
        if batch is None:
            raise Failure(404, f"Batch {request.path_params['id']} not found")
        return batch

    async def _list_batches(self, _request: Request, _raw: bytes) -> Response:
        data = [batch.describe(self.base_url) for batch in reversed(self._batches.values())]
        return JSONResponse({"data": data, "has_more": False, "first_id": None, "last_id": None})

    async def _get_batch(self, request: Request, _: bytes) -> Response:
        self._raise_prepared_failure()
        batch = self._find_batch(request)
        batch.poll(self._process_entry)
        return JSONResponse(batch.describe(self.base_url))

    async def _cancel_batch(self, request: Request, _: bytes) -> Response:
        batch = self._find_batch(request)
        batch.cancel(datetime.now(UTC))
        return JSONResponse(batch.describe(self.base_url))

    async def _delete_batch(self, request: Request, _: bytes) -> Response:
        batch = self._find_batch(request)
        if batch.status != "ended":
            raise refuse(f"Batch {batch.id} cannot be deleted while it is {batch.status}")
        del self._batches[batch.id]
        return JSONResponse({"id": batch.id, "type": "message_batch_deleted"})

    async def _read_results(self, request: Request, _: bytes) -> Response:
        lines = self._find_batch(request).write_results()
        return Response(lines, media_type="application/x-jsonl")

    def _process_entry(self, params: Any) -> dict[str, Any]:
        try:
            answer = self._take_answer(self._check_message(params))
            if isinstance(answer, Failure):
                raise answer
        except Failure as failure:
            return {"type": "errored", "error": self._describe_failure(failure)}
        if isinstance(answer, Expired):
            return {"type": "expired"}
        message, _ = self._build_message(answer, params)
        message["usage"]["service_tier"] = "batch"
        return {"type": "succeeded", "message": message}

    async def _list_models(self, _request: Request, _raw: bytes) -> Response:
        data = [describe_model(model) for model in sorted(MODELS)]
        ids = {"first_id": data[0]["id"], "last_id": data[-1]["id"]}
        return JSONResponse({"data": data, "has_more": False, **ids})

    async def _get_model(self, request: Request, _: bytes) -> Response:
        model = request.path_params["id"]
        if model not in MODELS:
            raise Failure(404, f"model: {model}")
        return JSONResponse(describe_model(model))

    def _describe_failure(self, failure: Failure) -> dict[str, Any]:
        error = {"type": failure.type, "message": failure.message}
        return {"type": "error", "error": error, "request_id": next(self._request_ids)}

    def _answer_failure(self, failure: Failure) -> Response:
        described = self._describe_failure(failure)
        headers = {"request-id": described["request_id"], "content-type": "application/json"}
        if failure.retry_after is not None:
            headers["retry-after"] = failure.retry_after
        body = json.dumps(described).encode() if failure.body is None else failure.body
        return Response(body, failure.status, headers)

    async def _answer_unknown_path(self, request: Request, _: Exception) -> Response:
        return self._answer_failure(Failure(404, f"Not found: {request.url.path}"))
