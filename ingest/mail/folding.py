"""Mail texts reduced for comparison, letter for letter, nothing of them kept in memory."""

from __future__ import annotations

import re
import unicodedata

REPLACED = {"’": "'", "‘": "'", "œ": "o", "æ": "a", "–": "-", "—": "-"}
BLANK = re.compile(r"\s")


class _Folding(dict[int, str]):
    """The reduced form of each character, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = unicodedata.normalize("NFD", char.lower())[:1] or char
        folded = REPLACED.get(base, base)
        self[code] = " " if char not in "\n\t" and BLANK.match(char) else folded
        return self[code]


_FOLDING = _Folding()


def fold_lines(text: str) -> str:
    """Lower case, no accent, straight apostrophes, ordinary spaces; lines, tabs and length kept."""
    return text.translate(_FOLDING)


def fold(text: str) -> str:
    """As `fold_lines`, with a space for every line end and tab."""
    return fold_lines(text).replace("\n", " ").replace("\t", " ")
