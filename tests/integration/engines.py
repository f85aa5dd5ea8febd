"""What the tests of the engine ask, and of which models."""

import datetime
from collections.abc import Callable

from core.engine.anthropic import AnthropicEngine
from core.engine.protocol import Completed, Event, Message, Request, Text, Tier, ToolSpec

MODELS: dict[Tier, str] = {
    "fast": "claude-haiku-5-5",
    "balanced": "claude-sonnet-5-5",
    "deep": "claude-opus-5-5",
}
FIND = ToolSpec(
    "find_client",
    "Trouve un client par son nom.",
    {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
)
REQUEST = Request(
    use_case="portfolio_assistant",
    tier="balanced",
    system="Vous êtes l'assistant du courtier. " * 200,
    messages=(Message("user", (Text("Quand finit le contrat d'Épicerie Zoé ?"),)),),
    tools=(FIND,),
    today=datetime.date(2026, 11, 22),
    max_tokens=500,
    prompt_sha256="0" * 64,
)

MakeEngine = Callable[..., AnthropicEngine]


async def ask(engine: AnthropicEngine, request: Request = REQUEST) -> list[Event]:
    return [event async for event in engine.stream(request)]


def get_completed(events: list[Event]) -> Completed:
    assert isinstance(events[-1], Completed)
    return events[-1]
