"""The engine without a model: each use case brings a deterministic rule."""

from collections.abc import AsyncIterator, Callable, Mapping

from core.engine.errors import UnknownUseCase
from core.engine.protocol import Event, Message, Request
from core.engine.replay import replay

Rule = Callable[[Request], Message]


class OfflineEngine:
    """Answers from pure rules keyed by use case; needs no key and no network."""

    name = "moteur déterministe (sans modèle)"
    is_model = False

    def __init__(self, rules: Mapping[str, Rule]) -> None:
        self._rules = dict(rules)

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        """Yield what the rule says. Raises `UnknownUseCase`."""
        rule = self._rules.get(request.use_case)
        if rule is None:
            raise UnknownUseCase(request.use_case)
        for event in replay(rule(request), model="offline"):
            yield event
