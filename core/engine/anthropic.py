"""The engine on Claude: one streamed Messages API call per turn, with bounded retries."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Mapping

import anthropic
import httpx2
from anthropic.lib.streaming import AsyncMessageStream

from core.engine.errors import EngineRefusal
from core.engine.faults import UnreadableStream, check_key, describe_fault, find_pause
from core.engine.protocol import Completed, Event, Request, TextDelta, Tier
from core.engine.tool_inputs import ToolInputs
from core.engine.wire import StreamParams, build_params, parse_completed

DEFAULT_BASE_URL = "https://api.anthropic.com"
CONNECT_TIMEOUT = 5.0
DRAIN_TIMEOUT = 0.5

# Once an answer has begun, the SDK wraps no transport error, and its accumulator raises built-in
# errors on events that make no sense.
STREAM_FAULTS = (
    anthropic.AnthropicError,
    httpx2.HTTPError,
    UnreadableStream,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RuntimeError,
)


class AnthropicEngine:
    """Claude, or any server that speaks the Messages API at `base_url`."""

    is_model = True

    def __init__(
        self,
        api_key: str,
        base_url: str | None,
        models: Mapping[Tier, str],
        timeout: float,
        max_retries: int,
    ) -> None:
        """`timeout`: seconds without a byte. Raises `EngineRefusedKey` on a malformed key."""
        self.name = models["balanced"]
        self._models = dict(models)
        self._max_retries = max_retries
        self._key = check_key(api_key)
        # At DEBUG the SDK logs whole requests: a client's content has no place in a log.
        logging.getLogger("anthropic").setLevel(logging.INFO)
        self._client = anthropic.AsyncAnthropic(
            api_key=self._key,
            base_url=base_url or DEFAULT_BASE_URL,
            timeout=anthropic.Timeout(timeout, connect=min(timeout, CONNECT_TIMEOUT)),
            max_retries=0,
        )

    def __repr__(self) -> str:
        return f"AnthropicEngine(name={self.name!r})"

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        """Yield one turn; a failure is retried only while nothing has been yielded."""
        params = build_params(request, self._models[request.tier])
        for attempt in range(self._max_retries + 1):
            started = False
            try:
                async for event in self._stream_once(params):
                    started = True
                    yield event
                return
            except STREAM_FAULTS as error:
                fault = error
            is_last = started or attempt == self._max_retries
            pause = None if is_last else find_pause(fault, attempt)
            if pause is None:
                # Outside the handler: the SDK's error holds the request, and with it the key.
                raise describe_fault(fault, params["model"], self._key)
            await asyncio.sleep(pause)

    async def _stream_once(self, params: StreamParams) -> AsyncIterator[Event]:
        async with self._client.messages.stream(**params) as stream:
            async for event in read_events(stream):
                yield event
                if isinstance(event, Completed) and event.stop_reason == "refusal":
                    raise EngineRefusal(
                        "Le modèle a refusé de répondre à cette demande. Reformulez-la."
                    )
            await drain(stream)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.close()


async def read_events(stream: AsyncMessageStream[None]) -> AsyncIterator[Event]:
    """Our events, up to the end of the turn. Raises `UnreadableStream` if it never comes."""
    inputs = ToolInputs()
    started = False
    async for event in stream:
        match event.type:
            case "message_start":
                started = True
            case "text" if event.text:
                yield TextDelta(event.text)
            case "content_block_start":
                inputs.open()
            case "input_json":
                inputs.extend(event.partial_json)
            case "content_block_stop":
                inputs.close()
            case "message_stop":
                yield inputs.check(parse_completed(event.message))
                return
            case _:
                pass
    raise UnreadableStream(started=started)


async def drain(stream: AsyncMessageStream[None]) -> None:
    """Read what follows the turn's end, so that the connection can serve again."""
    with contextlib.suppress(TimeoutError, *STREAM_FAULTS):
        async with asyncio.timeout(DRAIN_TIMEOUT):
            await stream.until_done()
