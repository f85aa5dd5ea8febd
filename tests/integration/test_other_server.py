"""The engine on a real server of another house: `make other-server` installs it and runs this."""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from pydantic import BaseModel

from core.engine.anthropic import AnthropicEngine
from core.engine.errors import EngineBadRequest, EngineError, EngineRefusedKey, UnusableOutput
from core.engine.loop import run_tool_loop
from core.engine.protocol import (
    Completed,
    Message,
    Passage,
    SearchResult,
    Text,
    TextDelta,
    ToolResult,
    ToolUse,
)
from core.engine.routing import TIERS
from core.engine.structured import ask_structured
from core.settings import PROJECT_ROOT
from tests.integration.engines import REQUEST, ask, get_completed

PYTHON = PROJECT_ROOT / ".voltaire" / "other-server" / "bin" / "python"
SCRIPT = PROJECT_ROOT / "tests" / "doubles" / "tiny_llama" / "serve.py"
SHORT = replace(REQUEST, system="Vous aidez un courtier. " * 20, max_tokens=12)

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(), reason="l’autre serveur n’est pas installé : make other-server"
)


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, str]]:
    child = subprocess.Popen(  # noqa: S603 - our own script
        [PYTHON, SCRIPT, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    try:
        base_url, key = child.stdout.readline().split()
        yield base_url, key
    finally:
        child.communicate()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, str]]:
    with running() as found:
        yield found


OpenEngine = Callable[..., AnthropicEngine]


@pytest.fixture
async def open_engine(server: tuple[str, str]) -> AsyncIterator[OpenEngine]:
    opened: list[AnthropicEngine] = []

    def open_one(found: tuple[str, str] = server, **changes: str) -> AnthropicEngine:
        base_url, key = found
        given = {"api_key": key, "base_url": base_url} | changes
        models = dict.fromkeys(TIERS, "hasard")
        opened.append(AnthropicEngine(models=models, timeout=30, max_retries=0, **given))
        return opened[-1]

    yield open_one
    for engine in opened:
        await engine.aclose()


async def test_text_is_streamed_and_counted(open_engine: OpenEngine) -> None:
    events = await ask(open_engine(), SHORT)
    deltas = [event.text for event in events if isinstance(event, TextDelta)]
    completed = get_completed(events)
    assert len(deltas) > 3
    assert "".join(deltas) == completed.message.text
    assert completed.stop_reason == "max_tokens"
    assert completed.usage.output_tokens == SHORT.max_tokens
    assert completed.usage.input_tokens + completed.usage.cache_read_tokens > 100


async def test_a_model_that_has_finished_ends_its_turn(open_engine: OpenEngine) -> None:
    with running("--always-stop") as stopping:
        completed = get_completed(await ask(open_engine(stopping), SHORT))
    assert completed.stop_reason == "end_turn"
    assert completed.message.content == ()


async def test_the_server_s_own_cache_is_read(open_engine: OpenEngine) -> None:
    engine = open_engine()
    await ask(engine, SHORT)
    assert get_completed(await ask(engine, SHORT)).usage.cache_read_tokens > 100


async def test_a_conversation_with_tools_and_their_results_is_taken(
    open_engine: OpenEngine,
) -> None:
    use = ToolUse("toolu_1", "find_client", {"query": "Zoé"})
    note = SearchResult("doc-1", "Note", (Passage("S1-1", "Dix jours."),))
    messages = (
        *SHORT.messages,
        Message("assistant", (Text("Je cherche."), use)),
        Message("user", (ToolResult("toolu_1", "client n° 12", found=(note,)),)),
    )
    events = await ask(open_engine(), replace(SHORT, messages=messages))
    assert get_completed(events).usage.output_tokens == SHORT.max_tokens


async def test_the_tool_loop_ends_when_no_tool_is_asked_for(open_engine: OpenEngine) -> None:
    async def refuse(tool_use: ToolUse) -> ToolResult:
        raise AssertionError(tool_use)

    items = [item async for item in run_tool_loop(open_engine(), SHORT, refuse)]
    assert isinstance(items[-1], Completed)


class Verdict(BaseModel):
    note: int


async def test_a_structured_answer_that_means_nothing_is_unusable_not_a_crash(
    open_engine: OpenEngine,
) -> None:
    with pytest.raises(UnusableOutput, match="JSON"):
        await ask_structured(open_engine(), replace(SHORT, tools=()), Verdict)


async def test_tokens_are_counted_by_the_server(open_engine: OpenEngine) -> None:
    count = await open_engine().count_tokens(SHORT)
    assert count.counted is not None
    assert count.counted > 100


async def test_a_wrong_key_is_refused_in_french(open_engine: OpenEngine) -> None:
    with pytest.raises(EngineRefusedKey, match="clé d'API du modèle a été refusée"):
        await ask(open_engine(api_key="autre"), SHORT)


async def test_a_wrong_path_is_told_as_a_wrong_address(
    server: tuple[str, str], open_engine: OpenEngine
) -> None:
    with pytest.raises(EngineBadRequest, match="adresse"):
        await ask(open_engine(base_url=f"{server[0]}/ailleurs"), SHORT)


async def test_a_prompt_too_long_for_the_model_is_an_error_of_ours(open_engine: OpenEngine) -> None:
    with pytest.raises(EngineError):
        await ask(open_engine(), replace(SHORT, system="Contrat. " * 10_000))


async def test_several_streams_at_once_do_not_mix(open_engine: OpenEngine) -> None:
    engine = open_engine()
    alone = get_completed(await ask(engine, SHORT)).message.text
    together = await asyncio.gather(*(ask(engine, SHORT) for _ in range(6)))
    assert {get_completed(events).usage.output_tokens for events in together} == {12}
    assert all(get_completed(events).message.text for events in together)
    assert alone
