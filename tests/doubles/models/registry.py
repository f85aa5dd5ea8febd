"""The use cases that the scripted models know, and the models themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.doubles.messages_api.blocks import Body, as_blocks
from tests.doubles.messages_api.replies import Reply
from tests.doubles.models.case import Case
from tests.doubles.models.portfolio_assistant import PORTFOLIO_ASSISTANT
from tests.doubles.models.structured import STRUCTURED

CASES: tuple[Case, ...] = (PORTFOLIO_ASSISTANT, *STRUCTURED)
Truths = Mapping[str, Any]


class UnknownRequest(AssertionError):
    """A request whose system prompt is no registered use case's."""


@dataclass(frozen=True)
class _Model:
    truths: Truths
    choose: Callable[[Case], Callable[[Body, Any], Reply]]

    def __call__(self, body: Body) -> Reply:
        case = find_case(body)
        return self.choose(case)(body, self.truths[case.use_case])


def perfect_model(truths: Truths) -> Callable[[Body], Reply]:
    """What the double answers for a model that knows the truth of each use case."""
    return _Model(truths, lambda case: case.perfect)


def worst_model(truths: Truths) -> Callable[[Body], Reply]:
    """What the double answers for a model that lies and disobeys."""
    return _Model(truths, lambda case: case.worst)


def find_case(body: Body) -> Case:
    """The use case that a request is for. Raises `UnknownRequest`."""
    system = "\n".join(block["text"] for block in as_blocks(body.get("system", [])))
    for case in CASES:
        if system.startswith(case.prompt):
            return case
    raise UnknownRequest(system[:80])
