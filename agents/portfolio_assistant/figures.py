"""The ledger of figures: each number, date and code of an answer is in its evidence, or struck."""

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
    rf"|(?P<ld>\d{{1,2}})(?:er)?[{SPACES}](?P<lm>{_MONTHS})\b(?:[{SPACES}](?P<ly>\d{{4}}))?"
    rf"|(?<![a-z0-9])(?<!\d[.,])"
    rf"(?P<n>\d{{1,3}}(?:[{SPACES}]\d{{3}})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*)"
)
IDENTIFIER = re.compile(
    r"(?<![A-Za-zÀ-ÿ0-9])(?:[A-Za-zÀ-ÿ]{1,8}(?:[-_/.][A-Za-z0-9À-ÿ]+)+|[A-Za-zÀ-ÿ]+\d{3,})"
    r"(?![A-Za-zÀ-ÿ0-9])"
)
SEPARATOR = re.compile(r"[-_/.]")
# The number that letters stand before, without a blank: « PDL10000000012345 ».
POINT_NUMBER = re.compile(r"(?<!\d)\d{9,14}(?!\d)")
LIST_NUMBER = re.compile(r"^\s*\d+[.)]\s", re.M)


class Ledger:
    """What the evidence of an answer holds."""

    def __init__(self, evidence: Iterable[str]) -> None:
        pieces = list(evidence)
        self._text = "\n".join(fold(piece) for piece in pieces)
        self._figures: set[str] = set()
        for piece in pieces:
            self._figures |= list_figures(piece)

    def has_figure(self, figure: str) -> bool:
        """Tell whether a number or date, in canonical form, is in the evidence."""
        return figure in self._figures

    def has_identifier(self, raw: str) -> bool:
        """Tell whether a code is in the evidence as a whole, its separators aside.

        Codes joined by a slash (« PR-08/PR-09 ») are looked for one by one.
        """
        if self._has_code(raw):
            return True
        parts = raw.split("/")
        return len(parts) > 1 and all(
            self._has_code(part) for part in parts if any(char.isdigit() for char in part)
        )

    def _has_code(self, raw: str) -> bool:
        joined = r"[-_/. ]?".join(re.escape(part) for part in SEPARATOR.split(fold(raw)) if part)
        return bool(re.search(rf"(?<![a-z0-9]){joined}(?![a-z0-9])", self._text))


def list_figures(text: str) -> set[str]:
    """Every number and date of a text, in canonical form; of a code, the parts that are figures.

    A date also gives its year and its day without the year. « 0004 » of a code is no figure.
    """
    found: set[str] = set()
    codes = [match.span() for match in list_identifiers(text)]
    for start, end in codes:
        found |= {_number(run) for run in POINT_NUMBER.findall(text[start:end])}
    for match in FIGURE.finditer(fold(text)):
        in_code = any(start <= match.start() and match.end() <= end for start, end in codes)
        if in_code and match.group().startswith("0"):
            continue
        canonical = _canonical(match)
        found.add(canonical)
        if match["iso"] or match["y"] or match["ly"]:
            found |= {canonical[:4], f"****{canonical[4:]}"}
        if match["n"] and any(space in match["n"] for space in SPACES):
            found |= {_number(part) for part in re.split(f"[{SPACES}]", match["n"])}
    return found


def list_identifiers(text: str) -> list[re.Match[str]]:
    """The codes of a text: « CT-2026-0004 », « PR-08 », « GI123456 »."""
    return [m for m in IDENTIFIER.finditer(text) if any(char.isdigit() for char in m.group())]


def strike_unproved(text: str, evidence: Iterable[str]) -> tuple[str, int]:
    """`text` with each unproved number, date or code replaced, and how many were."""
    ledger = Ledger(evidence)
    codes = list_identifiers(text)
    spared = [m.span() for m in LIST_NUMBER.finditer(text)] + [m.span() for m in codes]
    struck = [m.span() for m in codes if not ledger.has_identifier(m.group())]
    for match in FIGURE.finditer(fold(text)):
        inside = any(start <= match.start() and match.end() <= end for start, end in spared)
        if not inside and not ledger.has_figure(_canonical(match)):
            struck.append(match.span())
    return _replace(text, sorted(struck)), len(struck)


def _replace(text: str, spans: Iterable[tuple[int, int]]) -> str:
    kept: list[str] = []
    position = 0
    for start, end in spans:
        kept += [text[position:start], TO_COMPLETE]
        position = end
    return "".join([*kept, text[position:]])


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
    """« 1 234,50 », « 1.234,5 » and « 1234.5 » are one number; « 8.2.1 » stays as written."""
    cleaned = re.sub(f"[{SPACES}]", "", raw)
    *whole, fraction = re.split("[.,]", cleaned)
    if len(whole) > 1 and any(len(part) != 3 for part in whole[1:]):
        return cleaned
    is_grouping = len(whole) > 1 and len(set(re.findall("[.,]", cleaned))) == 1
    decimal = "".join([*whole, fraction]) if is_grouping or not whole else (
        f"{''.join(whole)}.{fraction}")  # fmt: skip
    number = Decimal(decimal)
    return f"{number.normalize():f}" if number else "0"
