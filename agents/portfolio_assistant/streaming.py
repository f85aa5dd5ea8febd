"""Prose shown while it is written: the engine's marks are held back until complete, and cut."""

from __future__ import annotations

import re

MARK = re.compile(
    r"[ \u00a0]?\[(?:STATUT \w+|TABLEAU R\d+|(?:R\d+|S\d+-\d+)(?:[,;] ?(?:R\d+|S\d+-\d+))*)\]"
)
LONGEST_MARK = 80


class MarkFilter:
    """Feeds text through, without the marks; an opening bracket waits for its end."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, text: str) -> str:
        """What may be shown now."""
        whole = MARK.sub("", self._held + text)
        opening = whole.rfind("[")
        if opening >= 0 and "]" not in whole[opening:] and len(whole) - opening < LONGEST_MARK:
            cut = opening - 1 if opening and whole[opening - 1] in " \u00a0" else opening
            self._held = whole[cut:]
            return whole[:cut]
        self._held = ""
        return whole
