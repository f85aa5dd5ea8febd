"""Prose shown while it is written: the engine's marks are held back until complete, and cut."""

from __future__ import annotations

import re

MARK = re.compile(
    r"[ \u00a0]?\[(?:STATUT \w+|TABLEAU R\d+|(?:R\d+|S\d+-\d+)(?:[,;] ?(?:R\d+|S\d+-\d+))*)\]"
)


def _beginnings(word: str) -> str:
    """A pattern for every beginning of `word`, the empty one included."""
    return "".join(f"(?:{re.escape(char)}" for char in word) + ")?" * len(word)


UNFINISHED = re.compile(
    r"[ \u00a0]?(?:\[(?:STATUT \w*|TABLEAU (?:R\d*)?|"
    + _beginnings("STATUT")
    + "|"
    + _beginnings("TABLEAU")
    + r"|(?:(?:R\d+|S\d+-\d+)[,;] ?)*(?:R\d*|S\d*|S\d+-\d*)?))?\Z"
)


class MarkFilter:
    """Feeds text through, without the marks; what may be the start of a mark waits for its end."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """What may be shown now."""
        whole = MARK.sub("", self._held + text)
        unfinished = UNFINISHED.search(whole)
        cut = unfinished.start() if unfinished else len(whole)
        self._held = whole[cut:]
        return whole[:cut]

    def flush(self) -> str:
        """What was held, once the text is over."""
        held, self._held = self._held, ""
        return "" if held.lstrip(" \u00a0").startswith("[") else held
