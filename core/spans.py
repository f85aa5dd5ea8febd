"""Evidence: where, in a stored source, a fact stands word for word."""

from __future__ import annotations

import re
from dataclasses import dataclass

BLANK_RUN = re.compile(r"\s+")


@dataclass(frozen=True)
class Span:
    """`quote` is `source[start:end]` of the stored text of `source_id`, to the letter.

    `page` counts from 1 in paginated sources; `cue` names the cue of a transcript.
    """

    source_id: str
    start: int
    end: int
    quote: str
    page: int | None = None
    cue: str | None = None


def find_span(
    source_id: str, source: str, quote: str, *, page: int | None = None, cue: str | None = None
) -> Span | None:
    """The first place of `quote` in `source`, blanks compared as equal; None when absent.

    The span's own quote is the source's text, so that it is exact whatever blanks were given.
    """
    words = [re.escape(word) for word in BLANK_RUN.split(quote.strip())]
    if words == [""]:
        return None
    found = re.search(r"\s+".join(words), source)
    if found is None:
        return None
    return Span(source_id, found.start(), found.end(), found.group(), page, cue)


def is_exact(span: Span, source: str) -> bool:
    """Tell whether `span` still says what `source` holds."""
    return bool(span.quote) and source[span.start : span.end] == span.quote
