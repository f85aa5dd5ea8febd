"""What a trial is, and what comes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from core.context import Identity
from core.database import Database
from core.engine.protocol import Engine

Prepare = Callable[[Database, Identity], Awaitable[None]]
Form = Literal["tools", "structured"]


@dataclass(frozen=True)
class Verdict:
    """What the user of a use case got.

    `is_right`: the result holds the truth. `text` is everything shown.
    """

    is_model: bool
    is_right: bool
    fallback_reason: str | None
    text: str


@dataclass(frozen=True)
class Trial:
    """`prepare` makes the task's records; `run` does the task; `form`: what is asked of a model,
    tool calls and a text, or one typed answer."""

    use_case: str
    label: str
    truth: Any
    prepare: Prepare
    run: Callable[[Database, Identity, Engine], Awaitable[Verdict]]
    form: Form

    @property
    def truths(self) -> Mapping[str, Any]:
        """The truth as the scripted models take it."""
        return {self.use_case: self.truth}
