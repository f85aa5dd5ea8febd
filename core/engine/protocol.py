"""What every engine receives and returns, whoever serves it."""

import datetime
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from core.spans import Span

Role = Literal["user", "assistant"]
Tier = Literal["fast", "balanced", "deep"]
StopReason = Literal["end_turn", "tool_use", "max_tokens", "refusal"]


@dataclass(frozen=True)
class Passage:
    """The smallest thing a model can cite: a sentence or a few, under the caller's own mark."""

    mark: str
    text: str
    span: Span | None = None


@dataclass(frozen=True)
class SearchResult:
    """A source given to the model; `source` is our id, handed back in citations."""

    source: str
    title: str
    passages: tuple[Passage, ...]


@dataclass(frozen=True)
class PdfPages:
    """Pages of a PDF for the model to look at; the first is page `first_page` of the source."""

    source: str
    title: str
    data: bytes = field(repr=False)
    first_page: int = 1


@dataclass(frozen=True)
class Citation:
    """What a text rests on, verified: passages of a search result, or pages of a PDF."""

    source: str
    quote: str
    passages: tuple[Passage, ...] = ()
    pages: tuple[int, ...] = ()


@dataclass(frozen=True)
class Text:
    text: str
    citations: tuple[Citation, ...] = ()


@dataclass(frozen=True)
class ToolUse:
    id: str
    name: str
    input: dict[str, Any]


@dataclass(frozen=True)
class ToolResult:
    """`found` are sources that the model may cite, beside what `content` says."""

    tool_use_id: str
    content: str
    is_error: bool = False
    found: tuple[SearchResult, ...] = ()


@dataclass(frozen=True)
class Reasoning:
    """A block of the model's own reasoning: never shown, handed back to the model unchanged.

    The Messages API refuses a tool result whose assistant turn has lost or altered it.
    """

    payload: dict[str, Any]


Block = Text | ToolUse | ToolResult | Reasoning | SearchResult | PdfPages


@dataclass(frozen=True)
class Message:
    role: Role
    content: tuple[Block, ...]

    @property
    def text(self) -> str:
        """The text blocks joined, without tool calls and reasoning."""
        return "".join(block.text for block in self.content if isinstance(block, Text))

    @property
    def tool_uses(self) -> tuple[ToolUse, ...]:
        return tuple(block for block in self.content if isinstance(block, ToolUse))


@dataclass(frozen=True)
class ToolSpec:
    """A tool offered to the model; `input_schema` is a JSON schema of type object."""

    name: str
    description: str
    input_schema: dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One turn asked of an engine; `prompt_sha256` identifies the prompt file behind `system`.

    `system` must not contain the date: engines add `today` behind the cached prefix. `record`
    names what the call is about, for the ledger («tenders:<id>»). `output_schema`, a JSON schema
    of type object, asks for an answer in JSON of that form. `knowledge` is the firm's knowledge
    pack, the same from one request to the next: it is sent behind `system` in the cached prefix.
    `cites` asks for citations of the search results and PDF pages; it excludes `output_schema`.
    `max_tokens` is for the answer: engines add the room that thinking takes.
    """

    use_case: str
    tier: Tier
    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...]
    today: datetime.date
    max_tokens: int
    prompt_sha256: str
    record: str | None = None
    output_schema: dict[str, Any] | None = None
    knowledge: str | None = None
    cites: bool = False


@dataclass(frozen=True)
class Usage:
    """Tokens of one call; the input is the sum of the fresh, read and written ones.

    `is_batch`: billed at the half price of bulk work.
    """

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    is_batch: bool = False


@dataclass(frozen=True)
class TextDelta:
    text: str


@dataclass(frozen=True)
class Completed:
    """The end of a turn; `message` holds tool uses only when it stopped for them.

    `dropped_citations`: how many pointed to nothing that was given, and were left out.
    """

    message: Message
    stop_reason: StopReason
    model: str
    usage: Usage
    dropped_citations: int = 0


Event = TextDelta | Completed


class Engine(Protocol):
    """Whatever can answer a request as a stream of events."""

    @property
    def name(self) -> str:
        """Name shown to the user."""
        ...

    @property
    def is_model(self) -> bool:
        """False when the answer comes from rules."""
        ...

    def stream(self, request: Request) -> AsyncIterator[Event]:
        """Yield text as it comes, then one `Completed`.

        A refusal yields its `Completed` (so that it is counted), then raises `EngineRefusal`.
        Raises subclasses of `EngineError`; text already yielded is then incomplete.
        """
        ...
