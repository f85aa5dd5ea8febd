"""References that must match exactly, brought to one spelling in texts and in questions.

« AO 2026-014 » and « ao-2026-14 » become `AO-2026-14`, « L. 332-2 » becomes `L-332-2`, a spaced
SIRET its 14 digits, « 36 kVA » becomes `36KVA`.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

MAX_IDENTIFIERS = 500

_SPACE = r"[ \u00a0\u202f]"
_DIGITS = re.compile(rf"(?<![\w,.-])\d{{1,14}}(?:{_SPACE}\d{{2,12}}){{0,5}}(?![\w-])")
_GAS_POINT = re.compile(rf"\bGI{_SPACE}?(\d{{3}}){_SPACE}?(\d{{3}})\b", re.IGNORECASE)
_ARTICLE = re.compile(rf"\b([LRDA])\*?(?:\.{_SPACE}?|{_SPACE})(\d{{1,4}}(?:-\d{{1,4}}){{0,3}})\b")
_HYPHENATED = re.compile(r"\b[A-Za-z]{1,8}(?:-[A-Za-z]{1,8}){0,3}(?:[-_/]?\d{1,8}){1,4}\b")
_SPELLED = re.compile(rf"\b[A-Z]{{2,8}}{_SPACE}\d{{1,6}}(?:[- /]\d{{1,6}}){{0,2}}\b")
# « 2019-1 » is « 2019-001 »; one digit after anything but a year is no reference.
_NOTICE = re.compile(r"(?<![\w-])(?:\d{2,4}-\d{2,6}|(?:19|20)\d{2}-\d)(?![\w-])")
_QUANTITY = re.compile(
    rf"(?<![\w,.-])(\d{{1,3}}(?:{_SPACE}\d{{3}})+|\d+)([,.]\d+)?{_SPACE}?"
    r"(kVA|MVA|[kMG]W(?:h|c)?|kV)\b",
    re.IGNORECASE,
)
_PART = re.compile(r"[A-Za-z]+|\d+")
# From a digit on, the words that have one, and the word after them.
_NUMBERED = re.compile(r"\d[^ ]*(?: [^ ]*\d[^ ]*)*(?: [^ ]*)?")


def list_identifiers(text: str) -> list[str]:
    """Normalised identifiers of `text`, without repetition, in a stable order."""
    folded = _keep_numbered(unicodedata.normalize("NFC", text))
    found = (
        *(_join(match[0]) for match in _HYPHENATED.finditer(folded)),
        *(_join(match[0]) for match in _SPELLED.finditer(folded)),
        *(_join(f"{match[1]}-{match[2]}") for match in _ARTICLE.finditer(folded)),
        *(f"GI{match[1]}{match[2]}" for match in _GAS_POINT.finditer(folded)),
        *(_join(match[0]) for match in _NOTICE.finditer(folded)),
        *(number for match in _DIGITS.finditer(folded) for number in _list_numbers(match[0])),
        *(_quantity(match) for match in _QUANTITY.finditer(folded)),
    )
    return list(dict.fromkeys(found))[:MAX_IDENTIFIERS]


def _keep_numbered(text: str) -> str:
    """The words of `text` that have a digit, each with the word on either side, a run by line.

    No reference stands elsewhere, nor across two runs: all have a digit, at most one blank before
    the first, one after the last and one between two. Searching a whole text for each kind takes
    four times as long.
    """
    runs: list[tuple[int, int]] = []
    for found in _NUMBERED.finditer(text):
        before = text.rfind(" ", 0, found.start())
        start = text.rfind(" ", 0, max(before, 0)) + 1
        if runs and start <= runs[-1][1]:
            start = runs.pop()[0]
        runs.append((start, found.end()))
    return "\n".join([text[start:end] for start, end in runs])


def _join(reference: str) -> str:
    parts = (part.upper().lstrip("0") or "0" for part in _PART.findall(reference))
    return "-".join(parts)


def _list_numbers(spaced: str) -> list[str]:
    """SIREN (9 digits) and SIRET, prm or pce (14 digits); a SIRET brings its SIREN."""
    digits = re.sub(r"\D", "", spaced)
    if len(digits) == 14:
        return [digits, digits[:9]] if _passes_luhn(digits) else [digits]
    return [digits] if len(digits) == 9 else []


def _passes_luhn(digits: str) -> bool:
    doubled = (int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def _quantity(match: re.Match[str]) -> str:
    whole = re.sub(r"\D", "", match[1])
    fraction = (match[2] or "").replace(",", ".")
    try:
        value = format(Decimal(whole + fraction).normalize(), "f")
    except InvalidOperation:
        value = whole + fraction
    return f"{value}{match[3].upper()}"
