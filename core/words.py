"""French text reduced for comparison: case, accents, apostrophes, plural, small typos."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

TOKEN = re.compile(r"[0-9a-z]+(?:[.,][0-9]+)*(?:[&+][0-9a-z]+)?|[€%²/]")

BLANK = re.compile(r"\s")
REPLACED = {"’": "'", "‘": "'", "œ": "o", "æ": "a", "–": "-", "—": "-"}


@dataclass(frozen=True)
class Token:
    """A word of a text: its reduced form and its span in the text as typed."""

    form: str
    start: int
    end: int


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """Lower case, no accent, straight apostrophes, ordinary spaces; the length is kept."""
    return BLANK.sub(" ", "".join(map(_fold_char, text)))


@lru_cache(maxsize=4096)
def _fold_char(char: str) -> str:
    base = unicodedata.normalize("NFD", char.lower())[:1]
    return REPLACED.get(base, base)


def tokenize(text: str) -> list[Token]:
    """The words of `text`, folded, with their spans."""
    return [Token(m.group(), m.start(), m.end()) for m in TOKEN.finditer(fold(text))]


@lru_cache(maxsize=65536)
def stem(form: str) -> str:
    """A folded word without its mark of plural: « contrats » and « contrat » meet."""
    if len(form) > 4 and form.endswith("aux"):
        return form[:-3] + "al"
    if len(form) > 3 and form[-1] in "sx" and not form.endswith(("ss", "us", "is", "as")):
        return form[:-1]
    return form


def stems(text: str) -> tuple[str, ...]:
    """The stems of the words of `text`, in order."""
    return tuple(stem(token.form) for token in tokenize(text))


@lru_cache(maxsize=131072)
def is_close(left: str, right: str) -> bool:
    """Tell whether two folded words differ by a slip: one edit from 5 letters, two from 9."""
    if left == right:
        return True
    shortest = min(len(left), len(right))
    allowed = 0 if shortest < 5 else 1 if shortest < 9 else 2
    if allowed == 0 or abs(len(left) - len(right)) > allowed or left[0] != right[0]:
        return False
    if left.isdigit() or right.isdigit():
        return False
    return _distance(left, right, allowed) <= allowed


def _distance(left: str, right: str, limit: int) -> int:
    """Damerau-Levenshtein distance (adjacent swaps count one), cut above `limit`."""
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        current = [i]
        for j, b in enumerate(right, 1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and left[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return previous[-1]
