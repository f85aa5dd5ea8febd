"""What comes and goes on the connection: headers, bodies, events in pieces, disturbances."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from anthropic._constants import ANTHROPIC_API_VERSION
from anthropic.resources.messages.messages import DEPRECATED_MODELS
from starlette.requests import Request

from tests.doubles.messages_api.replies import Failure, Reply, refuse
from tests.doubles.messages_api.stream import encode_event, split_awkwardly

VERSIONS = {"2023-06-01", ANTHROPIC_API_VERSION}
LARGEST_REQUEST = 32 * 1024 * 1024


class CutConnection(Exception):
    """Makes the server drop the connection without ending its answer."""


def describe_model(model: str) -> dict[str, Any]:
    """A model as the list shows it, its retirement by the SDK's own table."""
    is_deprecated = model in DEPRECATED_MODELS
    return {
        "id": model,
        "type": "model",
        "display_name": model.replace("-", " ").title(),
        "created_at": "1970-01-01T00:00:00Z",
        "lifecycle": "deprecated" if is_deprecated else "active",
        "max_input_tokens": 1_000_000,
        "max_tokens": 128_000,
    }


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
    is_json = headers.get("content-type", "").startswith("application/json")
    if request.method == "POST" and raw and not is_json:
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
