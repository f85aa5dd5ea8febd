"""The engine on Claude: one streamed Messages API call per turn, with bounded retries."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

import anthropic
import httpx2
from anthropic.lib.streaming import AsyncMessageStream

from core.engine.caching import CacheWatch, spare_breakpoints
from core.engine.citations import Sources, list_sources
from core.engine.connection import open_client
from core.engine.errors import EngineRefusal
from core.engine.faults import UnreadableStream, describe_fault, find_pause
from core.engine.protocol import Completed, Event, Request, TextDelta, Tier
from core.engine.routing import Routing, read_routing
from core.engine.tokens import TokenCount, estimate_blocks, estimate_tokens
from core.engine.tool_inputs import ToolInputs
from core.engine.wire import StreamParams, build_params, parse_completed
from core.settings import Settings

DRAIN_TIMEOUT = 0.5
PROMPT_PARTS = {"tools", "system", "messages"}

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


@dataclass(frozen=True)
class Options:
    """What the settings add to the choice of models.

    `knowledge_tokens`: the largest knowledge pack that is sent, in estimated tokens.
    `inference_geo`: where the API is asked to compute, when the account may choose.
    """

    routing: Routing | None = None
    knowledge_tokens: int = 20_000
    inference_geo: str | None = None


def read_options(settings: Settings) -> Options:
    """The options that the settings ask for."""
    return Options(read_routing(settings), settings.knowledge_pack_tokens, settings.inference_geo)


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
        options: Options | None = None,
    ) -> None:
        """`timeout`: seconds without a byte. Raises `EngineRefusedKey` on a malformed key."""
        self.name = models["balanced"]
        self.cache = CacheWatch()
        self._options = options or Options()
        self.routing = self._options.routing or Routing(models)
        self._max_retries = max_retries
        self.client = open_client(api_key, base_url, timeout)

    def __repr__(self) -> str:
        return f"AnthropicEngine(name={self.name!r})"

    def build(self, request: Request) -> StreamParams:
        """The request as it goes on the wire. Raises `CitationsWithSchema`."""
        choice = self.routing.choose(request.use_case, request.tier)
        return build_params(
            self._fit_knowledge(request, choice.model), choice, self._options.inference_geo
        )

    def _fit_knowledge(self, request: Request, model: str) -> Request:
        """A knowledge pack over its budget is left out whole: cut, it would mislead."""
        if request.knowledge is None:
            return request
        fits = estimate_tokens(request.knowledge, model) <= self._options.knowledge_tokens
        return request if fits else replace(request, knowledge=None)

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        """Yield one turn; a failure is retried only while nothing has been yielded."""
        params, sources = self.build(request), list_sources(request)
        prefix = spare_breakpoints(params, self.cache)
        for attempt in range(self._max_retries + 1):
            started = False
            try:
                async for event in self._stream_once(params, sources):
                    if prefix is not None and isinstance(event, Completed):
                        self.cache.record(prefix, event.usage)
                    started = True
                    yield event
                return
            except STREAM_FAULTS as error:
                fault = error
            is_last = started or attempt == self._max_retries
            pause = None if is_last else find_pause(fault, attempt)
            if pause is None:
                # Outside the handler: the SDK's error holds the request, and with it the key.
                raise describe_fault(fault, params["model"], self.client.api_key or "")
            await asyncio.sleep(pause)

    async def _stream_once(self, params: StreamParams, sources: Sources) -> AsyncIterator[Event]:
        async with self.client.messages.stream(**params) as stream:
            async for event in read_events(stream, sources):
                yield event
                if isinstance(event, Completed) and event.stop_reason == "refusal":
                    raise EngineRefusal(
                        "Le modèle a refusé de répondre à cette demande. Reformulez-la."
                    )
            await drain(stream)

    async def count_tokens(self, request: Request) -> TokenCount:
        """The tokens of a request, counted by the server; estimated when it cannot."""
        params = self.build(request)
        model = params["model"]
        counted = {k: v for k, v in params.items() if k not in {"max_tokens", "inference_geo"}}
        estimated = estimate_blocks([v for k, v in counted.items() if k in PROMPT_PARTS], model)
        with contextlib.suppress(*STREAM_FAULTS):
            answer = await self.client.messages.count_tokens(**counted)  # pyright: ignore[reportArgumentType]
            return TokenCount(model, estimated, answer.input_tokens)
        return TokenCount(model, estimated)

    async def aclose(self) -> None:
        """Close the connections."""
        await self.client.close()


async def read_events(stream: AsyncMessageStream[None], sources: Sources) -> AsyncIterator[Event]:
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
                yield inputs.check(parse_completed(event.message, sources))
                return
            case _:
                pass
    raise UnreadableStream(started=started)


async def drain(stream: AsyncMessageStream[None]) -> None:
    """Read what follows the turn's end, so that the connection can serve again."""
    with contextlib.suppress(TimeoutError, *STREAM_FAULTS):
        async with asyncio.timeout(DRAIN_TIMEOUT):
            await stream.until_done()
