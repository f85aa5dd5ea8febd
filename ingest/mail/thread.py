"""A thread whose messages are read: their own words told from what they quote and carry."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from core.spans import Span
from ingest.mail.message import MailMessage

PartKind = Literal["new", "quoted", "forwarded", "signature", "disclaimer", "hidden"]
HiddenReason = Literal["display", "colour", "size", "zero_width", "offscreen", "comment"]
UNDATED = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""The date of a message that has none: no relative date is computed from it."""


LONG_RUN = re.compile(r"\S{300,}")


def blank_long_runs(text: str) -> str:
    """`text` with spaces for words of 300 characters or more, which nobody wrote."""
    return LONG_RUN.sub(lambda match: " " * len(match.group()), text)


@dataclass(frozen=True)
class Part:
    """A stretch of a message's text. `is_known`: an earlier message of the thread holds it."""

    kind: PartKind
    span: Span
    is_known: bool = False


@dataclass(frozen=True)
class HiddenText:
    """Text that the sender's page did not show; `text` is not in the message's visible text
    unless its plain alternative repeats it (then a part of kind «hidden» covers it)."""

    text: str
    reason: HiddenReason


@dataclass(frozen=True)
class InlineAnswer:
    """An answer written under the quoted words it answers."""

    question: Span
    answer: Span


@dataclass(frozen=True)
class CleanMessage:
    """A message and its parts, which cover `text` in order; spans point into `text`.

    `source_id` (that of every span) is the internet message id. `new_text` joins the new parts
    by an empty line. `language` is an ISO 639-1 code.
    """

    message: MailMessage
    source_id: str
    text: str
    new_text: str
    parts: tuple[Part, ...]
    hidden: tuple[HiddenText, ...]
    inline_answers: tuple[InlineAnswer, ...]
    language: str

    def list_parts(self, *kinds: PartKind) -> tuple[Part, ...]:
        """The parts of these kinds, in order."""
        return tuple(part for part in self.parts if part.kind in kinds)

    def mask(self, *kinds: PartKind) -> str:
        """`text` with everything but these parts blanked out, endless words too: offsets stay
        those of `text`."""
        kept = ["\n" if char == "\n" else " " for char in self.text]
        for part in self.list_parts(*kinds):
            kept[part.span.start : part.span.end] = self.text[part.span.start : part.span.end]
        return blank_long_runs("".join(kept))

    def span(self, start: int, end: int) -> Span:
        """The span of `text[start:end]`."""
        return Span(self.source_id, start, end, self.text[start:end])


@dataclass(frozen=True)
class CleanThread:
    """The messages of a conversation, oldest first, each once."""

    messages: tuple[CleanMessage, ...]

    @property
    def last(self) -> CleanMessage:
        """The latest message."""
        return self.messages[-1]

    def find_text(self, source_id: str) -> str | None:
        """The stored text of a message, None for another source."""
        return next((m.text for m in self.messages if m.source_id == source_id), None)
