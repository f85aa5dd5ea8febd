"""The body of a draft: the same or not, and how much of it a person changed."""

from __future__ import annotations

import hashlib

MOST_WORDS = 2000


def digest_body(body: str) -> str:
    """The SHA-256 of a body, whatever its line ends, blanks at the ends of lines and of the text,
    which mail programs change."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n")
    return hashlib.sha256("\n".join(line.rstrip() for line in lines).encode()).hexdigest()


def is_edited(body: str, body_sha256: str) -> bool:
    """Tell whether a person changed the draft: an edited one is never overwritten."""
    return digest_body(body) != body_sha256


def count_changed_words(before: str, after: str) -> tuple[int, int]:
    """Words added, taken away or replaced (Levenshtein), and words of the longer text.

    Beyond 2 000 words the rest is not compared.
    """
    old, new = before.split()[:MOST_WORDS], after.split()[:MOST_WORDS]
    longest = max(len(old), len(new))
    while old and new and old[0] == new[0]:
        old, new = old[1:], new[1:]
    while old and new and old[-1] == new[-1]:
        old, new = old[:-1], new[:-1]
    row = list(range(len(new) + 1))
    for rank, word in enumerate(old, 1):
        diagonal, row[0] = row[0], rank
        for place, other in enumerate(new, 1):
            kept = diagonal + (word != other)
            diagonal = row[place]
            row[place] = min(kept, diagonal + 1, row[place - 1] + 1)
    return row[-1], longest
