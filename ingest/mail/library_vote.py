"""A library's opinion on where a quotation begins: one vote among others, never the last word."""

from __future__ import annotations

from collections.abc import Sequence

import quotequail

LINE_LIMIT = 2000


def find_quotation(texts: Sequence[str]) -> int | None:
    """The line at which the library would cut, None when it would not."""
    parts = quotequail.quote("\n".join(texts), limit=LINE_LIMIT, quote_intro_line=True)
    if len(parts) < 2:
        return None
    start = parts[0][1].count("\n") + 1 if parts[0][1] else 0
    return start if 0 < start < min(len(texts), LINE_LIMIT) else None
