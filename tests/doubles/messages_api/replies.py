"""What a test prepares for the double to answer."""

from dataclasses import dataclass, field
from typing import Any, Literal

Disturbance = Literal["cut", "end", "malformed", "overloaded"]

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class ToolCall:
    """A tool use of the reply; `raw_json` replaces the arguments on the wire, even if broken."""

    name: str
    input: dict[str, Any] = field(default_factory=dict[str, Any])
    id: str | None = None
    raw_json: str | None = None


@dataclass(frozen=True)
class Cite:
    """A citation of the reply's text: blocks of a search result, or pages of a document.

    `start` to `end` are blocks from 0, or pages from 1, the end left out. What is cited is read
    from the request; `forged` replaces fields of the citation, for a model that invents.
    """

    index: int
    start: int
    end: int
    kind: Literal["search_result", "document"] = "search_result"
    forged: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True)
class Expired:
    """In a batch, an entry whose 24 hours went by."""


@dataclass(frozen=True)
class Reply:
    """A message of the model, and what befalls its stream after `undisturbed` events.

    `cut` drops the connection, `end` closes the stream in good order but early, `malformed`
    sends an event that is not JSON, `overloaded` sends an error event. `delay`: seconds before
    the answer; `pace`: seconds before each event.
    """

    text: str = ""
    tool_uses: tuple[ToolCall, ...] = ()
    thinking: str | None = None
    citations: tuple[Cite, ...] = ()
    stop_reason: str | None = None
    delay: float = 0.0
    pace: float = 0.0
    disturbance: Disturbance | None = None
    undisturbed: int = 4

    def get_stop_reason(self) -> str:
        return self.stop_reason or ("tool_use" if self.tool_uses else "end_turn")


@dataclass(eq=False)
class Failure(Exception):
    """An error answer, in the API's own shape unless `body` replaces it."""

    status: int
    message: str = "as asked by the test"
    retry_after: str | None = None
    body: bytes | None = None

    @property
    def type(self) -> str:
        return ERROR_TYPES.get(self.status, "api_error")


Answer = Reply | Failure | Expired


def refuse(message: str) -> Failure:
    """The refusal of an invalid request."""
    return Failure(400, message)
