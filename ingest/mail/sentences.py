"""Sentences of a mail with their offsets; wrapped lines are joined, tables cut by row."""

from __future__ import annotations

import re
from dataclasses import dataclass

ABBREVIATION = re.compile(
    r"(?:\b(?:m|mm|mr|mme|mmes|mlle|dr|me|pr|art|cf|p|ex|st|ste|env|tél|tel|réf|ref|n|no|vs|etc|ltd|inc|co)"
    r"|\b[A-Z])\.$",
    re.IGNORECASE,
)
END = re.compile(r"[.!?…]+[»”\")]*(?=\s|$)|\n[ \t]*\n|\n")
BULLET = re.compile(r"\s*(?:[-–•*·]\s|\d{1,2}[.)°]\s|[a-z][.)]\s)")
WRAP = 55


@dataclass(frozen=True)
class Sentence:
    """`text` is `source[start:end]`."""

    text: str
    start: int
    end: int


def split_sentences(source: str) -> list[Sentence]:
    """The sentences of `source`, blank stretches skipped."""
    found: list[Sentence] = []
    start = 0
    for match in END.finditer(source):
        if match.group() == "\n" and _is_wrapped(source, match.start()):
            continue
        if match.group() == "." and ABBREVIATION.search(
            source[max(start, match.end() - 12) : match.end()]
        ):
            continue
        _add(found, source, start, match.end())
        start = match.end()
    _add(found, source, start, len(source))
    return found


def _is_wrapped(source: str, position: int) -> bool:
    """A line cut by the program at 72 columns or so, not by its author."""
    before = source[source.rfind("\n", 0, position) + 1 : position]
    after_end = source.find("\n", position + 1)
    after = source[position + 1 : after_end if after_end >= 0 else len(source)]
    if not after.strip() or BULLET.match(after) or "\t" in before or "\t" in after:
        return False
    if len(before.rstrip()) < WRAP and not (before.strip() and after.lstrip()[:1].islower()):
        return False
    return before.rstrip()[-1:] not in (".", "!", "?", ":", "…")


def _add(found: list[Sentence], source: str, start: int, end: int) -> None:
    raw = source[start:end]
    text = raw.strip()
    if text:
        first = start + len(raw) - len(raw.lstrip())
        found.append(Sentence(text, first, first + len(text)))
