"""A body written sentence by sentence, each with its source."""

from __future__ import annotations

from dataclasses import dataclass, field

from agents.reply_draft.models import SentenceSource, SourceKind
from core.spans import Span


@dataclass
class Body:
    """The text so far and the map of its sentences."""

    text: str = ""
    sources: list[SentenceSource] = field(default_factory=list[SentenceSource])

    def add(
        self,
        sentence: str,
        kind: SourceKind,
        *spans: Span,
        record: str | None = None,
        before: str = "\n\n",
    ) -> None:
        """Append a sentence after `before`, with what it rests on."""
        self.text += before if self.text else ""
        start = len(self.text)
        self.text += sentence
        self.sources.append(SentenceSource(start, len(self.text), kind, spans, record))
