"""Which piece replaces which: stated versions, corrected copies, index letters."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from core.dates import MONTH_NUMBERS
from core.words import fold, stems

HEAD = 900
NUMBER = re.compile(r"\b(?:version|v|ind(?:ice)?|rev(?:ision)?)[ ._]?(?:n ?° ?)?(\d{1,2}|[a-h])\b")
REPLACES = re.compile(r"annule et remplace|rectificat|rectifie|modificatif|mise a jour du")
MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
WRITTEN_DATE = re.compile(rf"(?:du|le) (\d{{1,2}})(?:er)? ({MONTH}) (\d{{4}})")
SHINGLE = 4
ALIKE = 0.5


@dataclass(frozen=True)
class Version:
    """What a piece says of its own version; `label` is shown, None when it says nothing."""

    number: int | None
    is_corrected: bool
    dated_on: dt.date | None
    label: str | None

    @property
    def order(self) -> tuple[bool, int, dt.date]:
        """Later versions sort last."""
        return self.is_corrected, self.number or 0, self.dated_on or dt.date.min


def read_version(name: str, head: str) -> Version:
    """The version stated by a piece's first lines or by its file name."""
    plain = fold(head[:HEAD])
    stem = re.sub(r"[_\-]+", " ", fold(name.rsplit(".", 1)[0]))
    number = _number(plain[:400]) or _number(stem)
    replaces = REPLACES.search(plain) or REPLACES.search(stem)
    date = WRITTEN_DATE.search(plain)
    stated = _date(date) if replaces and date else None
    words = [f"version {number}"] if number else []
    if replaces:
        words.append("rectificatif" + (f" du {stated:%d/%m/%Y}" if stated else ""))
    return Version(number, replaces is not None, stated, ", ".join(words) or None)


def _number(text: str) -> int | None:
    found = NUMBER.search(text)
    if found is None:
        return None
    return int(found[1]) if found[1].isdigit() else ord(found[1]) - ord("a") + 1


def _date(found: re.Match[str]) -> dt.date | None:
    try:
        return dt.date(int(found[3]), MONTH_NUMBERS[found[2]], int(found[1]))
    except ValueError:
        return None


def are_alike(left: str, right: str) -> bool:
    """Tell whether two texts are versions of one: half of their word runs are shared."""
    a, b = _shingles(left), _shingles(right)
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= ALIKE


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = stems(text[:40_000])
    return frozenset(words[at : at + SHINGLE] for at in range(len(words) - SHINGLE + 1))
