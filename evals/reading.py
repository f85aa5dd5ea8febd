"""Reads French text for comparison: numbers as values, days as dates, words without accents."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

MONTHS = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
COUNT_WORDS = {
    2: "deux", 3: "trois", 4: "quatre", 5: "cinq", 6: "six", 7: "sept", 8: "huit", 9: "neuf",
    10: "dix", 11: "onze", 12: "douze",
}  # fmt: skip
SCALES = {
    "m€": Decimal(10**6), "million": Decimal(10**6), "millions": Decimal(10**6),
    "k€": Decimal(1000), "gwh": Decimal(1000), "mw": Decimal(1000), "mva": Decimal(1000),
}  # fmt: skip
DATE = re.compile(
    r"(?P<iso>(?P<iy>\d{4})-(?P<im>\d{2})-(?P<id>\d{2}))(?!\d)"
    r"|(?<!\d)(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>\d{4})"
    rf"|(?<!\d)(?P<ld>\d{{1,2}})(?:er)? (?P<lm>{'|'.join(MONTHS)})(?: (?P<ly>\d{{4}}))?"
)
CODE = re.compile(r"[^\W\d_]+(?:[-/.][^\W_]+)*[-/.]?\d[\w./-]*\w|\d+(?:-\d+)+")
NUMBER = re.compile(
    r"(?P<digits>\d{1,3}(?: \d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?: ?(?P<unit>[a-z€%]+))?"
)
HOUR = re.compile(r"\d{1,2} ?h(?: ?\d{2})?(?!\w)")
RELATIVE_TOLERANCE = Decimal("0.005")


@dataclass(frozen=True)
class Number:
    """A number as written: its value, its unit's scale and how many decimals it shows."""

    value: Decimal
    decimals: int
    scale: Decimal = Decimal(1)

    def is_close(self, expected: Decimal) -> bool:
        """Tell whether this writes `expected`, rounded at most to the shown decimals."""
        for scale in {self.scale, Decimal(1)}:
            gap = abs(self.value * scale - abs(expected))
            half_unit = scale * Decimal(10) ** -self.decimals / 2
            if gap <= half_unit and gap <= RELATIVE_TOLERANCE * abs(expected):
                return True
        return False


@dataclass(frozen=True)
class Day:
    """A date as written; the year may be missing."""

    month: int
    day: int
    year: int | None

    def is_same(self, expected: dt.date) -> bool:
        """Tell whether this names `expected`."""
        same_day = (self.month, self.day) == (expected.month, expected.day)
        return same_day and self.year in (None, expected.year)


def fold(text: str) -> str:
    """Lower case, no accent, straight apostrophes and dashes, single ordinary spaces."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae")
    text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    for written, plain in (("’", "'"), ("‘", "'"), ("‑", "-"), ("–", "-"), ("—", "-"), ("−", "-")):
        text = text.replace(written, plain)
    return re.sub(r"\s+", " ", text).strip()


def contains(folded_text: str, phrase: str) -> bool:
    """Tell whether `phrase` stands in a folded text as whole words; codes ignore spaces."""
    wanted = fold(phrase)
    if not wanted:
        return False
    if re.search(rf"(?<!\w){re.escape(wanted)}(?![\w])", folded_text):
        return True
    squeezed = re.sub(r"[ .]", "", wanted)
    return len(squeezed) >= 8 and squeezed.isdigit() and squeezed in re.sub(
        r"(?<=\d)[ .](?=\d)", "", folded_text
    )  # fmt: skip


def list_days(folded_text: str) -> list[Day]:
    """The dates of a folded text."""
    return [_day(match) for match in DATE.finditer(folded_text)]


def list_codes(folded_text: str) -> list[str]:
    """The references of a folded text: letters and digits tied together."""
    return [match.group() for match in CODE.finditer(DATE.sub(" ; ", folded_text))]


def list_numbers(folded_text: str) -> list[Number]:
    """The numbers of a folded text that are neither dates, hours nor parts of references."""
    plain = CODE.sub(" ; ", HOUR.sub(" ; ", DATE.sub(" ; ", folded_text)))
    return [number for match in NUMBER.finditer(plain) for number in _numbers(match)]


def list_written_numbers(folded_text: str) -> list[tuple[str, list[list[Number]]]]:
    """The numbers as written, each with its readings: one number, or several side by side."""
    plain = CODE.sub(" ; ", HOUR.sub(" ; ", DATE.sub(" ; ", folded_text)))
    return [
        (match["digits"], [[first], rest] if rest else [[first]])
        for match in NUMBER.finditer(plain)
        for first, *rest in [list(_numbers(match))]
    ]


def list_raw_numbers(folded_text: str) -> list[Number]:
    """Every run of digits that may be a number, those of dates and references included."""
    return [number for match in NUMBER.finditer(folded_text) for number in _numbers(match)]


def _numbers(match: re.Match[str]) -> Iterator[Number]:
    scale = SCALES.get(match["unit"] or "", Decimal(1))
    yield _number(match["digits"].replace(" ", ""), scale)
    if " " in match["digits"]:
        for part in match["digits"].split(" "):
            yield _number(part, Decimal(1))


def _number(digits: str, scale: Decimal) -> Number:
    written = digits.replace(",", ".")
    _, _, decimals = written.partition(".")
    return Number(Decimal(written), len(decimals), scale)


def _day(match: re.Match[str]) -> Day:
    if match["iso"]:
        return Day(int(match["im"]), int(match["id"]), int(match["iy"]))
    if match["y"]:
        return Day(int(match["m"]), int(match["d"]), int(match["y"]))
    year = int(match["ly"]) if match["ly"] else None
    return Day(MONTHS.index(match["lm"]) + 1, int(match["ld"]), year)
