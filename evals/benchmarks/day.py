"""A day of the firm under way, and a use case's part in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.context import Identity
from core.database import Database
from core.engine.protocol import Engine
from tests.doubles.messages_api import MessagesApi, Reply

Body = dict[str, Any]


@dataclass
class Bench:
    """A day under way: the engine, the double behind it, and every call that reached it."""

    database: Database
    identity: Identity
    engine: Engine
    double: MessagesApi
    calls: list[tuple[Body, Reply]] = field(default_factory=list[tuple[Body, Reply]])

    def answer_with(self, model: Callable[[Body], Reply]) -> None:
        """Let `model` answer, and keep what it was asked."""

        def answer(body: Body) -> Reply:
            reply = model(body)
            self.calls.append((body, reply))
            return reply

        self.double.respond(answer)


@dataclass(frozen=True)
class Task:
    """One use case in the day.

    `play` does it `count` times over the day; `make_naive` gives, for each call that was made,
    the request that a first draft would have sent, still without its model.
    """

    use_case: str
    play: Callable[[Bench, Mapping[str, Any], int], Awaitable[None]]
    make_naive: Callable[[Sequence[Body]], Iterator[Body]]
