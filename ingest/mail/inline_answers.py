"""Answers written between the lines of a quotation, paired with what they answer."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from core.spans import Span
from ingest.mail.thread import InlineAnswer, Part


def pair_answers(parts: Sequence[Part]) -> tuple[InlineAnswer, ...]:
    """Each new part that stands right under quoted words, with the last of those words.

    A new part that ends the mail under a whole quotation (a reply written below) pairs with
    nothing unless a question or an earlier answer stands above it.
    """
    pairs: list[InlineAnswer] = []
    for before, part in itertools.pairwise(parts):
        if part.kind != "new" or before.kind != "quoted":
            continue
        question = last_passage(before.span)
        if question is not None and (
            pairs or "?" in question.quote or _has_quote_below(part, parts)
        ):
            pairs.append(InlineAnswer(question, part.span))
    return tuple(pairs)


def last_passage(span: Span) -> Span | None:
    """The last question of quoted words, else their last line, without quote marks."""
    lines = list(re.finditer(r"[^\n]+", span.quote))
    for match in reversed(lines):
        text = re.sub(r"^[>\s]+", "", match.group()).rstrip()
        if re.search(r"\w", text):
            start = span.start + match.start() + match.group().index(text)
            return Span(span.source_id, start, start + len(text), text, span.page, span.cue)
    return None


def _has_quote_below(part: Part, parts: Sequence[Part]) -> bool:
    return any(p.kind == "quoted" and p.span.start > part.span.end for p in parts)
