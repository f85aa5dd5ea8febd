"""How the scripted models answer one use case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.doubles.messages_api.blocks import Body
from tests.doubles.messages_api.replies import Reply


@dataclass(frozen=True)
class Case:
    """`prompt` begins the system prompt of this use case's requests."""

    use_case: str
    prompt: str
    perfect: Callable[[Body, Any], Reply]
    worst: Callable[[Body, Any], Reply]
