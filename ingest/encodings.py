"""One-byte encodings of French texts: Windows, Macintosh, MS-DOS."""

from __future__ import annotations

ONE_BYTE = {"cp1252": "Windows (latin-1)", "mac_roman": "Macintosh", "cp850": "MS-DOS"}
# What French is written with: the capitals and dashes of one encoding are small letters of another.
ACCENTED = "éèêàçùôîûâœëïÉÈÊËÀÂÇÎÏÔÙÛŒ’«»–—…“”•€°"
SAMPLE_BYTES = 200_000


def guess_one_byte(content: bytes) -> str:
    """The encoding of `ONE_BYTE` that gives `content` the most French letters, Windows first."""

    def count(encoding: str) -> int:
        text = content[:SAMPLE_BYTES].decode(encoding, "replace")
        return sum(map(text.count, ACCENTED))

    return max(ONE_BYTE, key=count)
