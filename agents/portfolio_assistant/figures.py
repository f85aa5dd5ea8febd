"""The ledger of figures: each number of an answer is found in its evidence, or struck out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from core.dates import MONTH_NUMBERS
from core.words import fold

SPACES = " \u00a0\u202f"
TO_COMPLETE = "[À COMPLÉTER]"
_MONTHS = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
FIGURE = re.compile(
    r"(?P<iso>\d{4}-\d{2}-\d{2})"
    r"|(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"
    rf"|(?P<ld>\d{{1,2}})(?:er)?[{SPACES}](?P<lm>{_MONTHS})(?:[{SPACES}](?P<ly>\d{{4}}))?"
    rf"|(?<![\w.,])(?P<n>\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?:[.,]\d+)?|\d+(?:[.,]\d+)?)"
)
IDENTIFIER = re.compile(r"\b[A-Za-zÀ-ÿ]{1,8}(?:[-_/.][A-Za-z0-9À-ÿ]+)+\b|\b\d{14}\b|\b[A-Z]+\d+\b")
LIST_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.M)


def list_figures(text: str) -> set[str]:
    """Every number, date and code of a text, each in one canonical form."""
    found = {_canonical(match) for match in FIGURE.finditer(fold(text))}
    found |= {match.group().upper() for match in IDENTIFIER.finditer(text)}
    for match in FIGURE.finditer(fold(text)):
        if match["n"] and any(space in match["n"] for space in SPACES):
            found |= {_number(part) for part in re.split(f"[{SPACES}]", match["n"])}
    return found


def strike_unproved(text: str, evidence: Iterable[str]) -> tuple[str, int]:
    """`text` with each unproved number replaced, and how many were."""
    known: set[str] = set()
    for piece in evidence:
        known |= list_figures(piece)
    folded = fold(text)
    spared = [m.span() for p in (LIST_NUMBER, IDENTIFIER) for m in p.finditer(text)
              if p is LIST_NUMBER or m.group().upper() in known]  # fmt: skip
    kept: list[str] = []
    struck, position = 0, 0
    for match in FIGURE.finditer(folded):
        start, end = match.span()
        inside = any(s <= start and end <= e for s, e in spared)
        if inside or _canonical(match) in known:
            continue
        kept += [text[position:start], TO_COMPLETE]
        position, struck = end, struck + 1
    return "".join([*kept, text[position:]]), struck


def _canonical(match: re.Match[str]) -> str:
    if match["iso"]:
        return match["iso"]
    if match["y"]:
        return f"{match['y']}-{int(match['m']):02d}-{int(match['d']):02d}"
    if match["lm"]:
        month = MONTH_NUMBERS[match["lm"]]
        return f"{match['ly'] or '****'}-{month:02d}-{int(match['ld']):02d}"
    return _number(match["n"])


def _number(raw: str) -> str:
    cleaned = re.sub(f"[{SPACES}]", "", raw).replace(",", ".")
    number = Decimal(cleaned)
    return f"{number.normalize():f}" if number else "0"
