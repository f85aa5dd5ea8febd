"""Values as notices write them: dates, hours, amounts, durations, CPV codes, yes and no."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from core.formats import MONTHS, PARIS
from core.words import fold
from ingest.notices.notice import Duration, Energy, Moment, Unit

CPV = re.compile(r"(?<![\d.,])(\d{8})(?:-\d)?(?![\d.,]*\d)")
ISO_DAY = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})")
PACKED_DAY = re.compile(r"^(\d{4})(\d{2})(\d{2})(?=$|\D)")
FRENCH_DAY = re.compile(r"\b(\d{1,2})\s?[/.-]\s?(\d{1,2})\s?[/.-]\s?(\d{4}|\d{2})\b")
MONTH_NAMES = [fold(month) for month in MONTHS]
WRITTEN_DAY = re.compile(rf"\b(\d{{1,2}})(?:er)?\s+({'|'.join(MONTH_NAMES)})\s+(\d{{4}})\b")
ISO_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})\s*$")
HOUR = re.compile(r"\b([01]?\d|2[0-3])\s?(?::|h(?:eures?)?)\s?([0-5]\d)?(?::[0-5]\d)?(?![\d/])")
NOON = re.compile(r"\bmidi\b")
AMOUNT = re.compile(r"\d{1,3}(?:[ .,’']\d{3})+(?:[.,]\d{1,4})?(?!\d)|\d+(?:[.,]\d+)?")
DURATION = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*(?:\)\s*)?(heures?|h\b|jours?|semaines?|mois|annees?|ans?\b|"
    r"hours?|days?|weeks?|months?|years?)"
)
UNITS: dict[str, Unit] = {
    "h": "hour", "heure": "hour", "hour": "hour", "jour": "day", "day": "day",
    "calendar_day": "day", "working_day": "day", "mois": "month", "month": "month",
    "an": "year", "annee": "year", "year": "year",
}  # fmt: skip
SENTINEL_YEAR = 2000
ELECTRICITY = re.compile(r"electricite|energie electrique|eclairage public|c[1-5]\b|36 ?kva")
GAS = re.compile(r"\bgaz\b(?! de combat)|\bgnl?\b|\bt[1-4]\b")
ELECTRICITY_CPV = ("0931", "6531")
GAS_CPV = ("0912", "6521")


def find_cpv(text: str) -> list[str]:
    """The 8-digit CPV codes of a text, without their check digit."""
    return CPV.findall(text)


def parse_day(text: str) -> dt.date | None:
    """The first date of a text: 2018-02-19, 20180219, 19/02/2018, 19 février 2018."""
    folded = fold(text.strip())
    if found := ISO_DAY.search(folded) or PACKED_DAY.search(folded):
        return _make_day(found[1], found[2], found[3])
    if found := FRENCH_DAY.search(folded):
        year = found[3] if len(found[3]) == 4 else f"20{found[3]}"
        return _make_day(year, found[2], found[1])
    if found := WRITTEN_DAY.search(folded):
        return _make_day(found[3], str(MONTH_NAMES.index(found[2]) + 1), found[1])
    return None


def parse_time(text: str) -> dt.time | None:
    """The first hour of a text: 12:00, 12h, 14 h 30, midi."""
    folded = fold(text)
    if found := HOUR.search(folded):
        return dt.time(int(found[1]), int(found[2] or 0))
    return dt.time(12) if NOON.search(folded) else None


def parse_moment(text: str) -> Moment | None:
    """A date with its hour; an offset written turns it to Paris time."""
    day = parse_day(text)
    if day is None:
        return None
    rest = text
    for written in (ISO_DAY, FRENCH_DAY):
        rest = written.sub(" ", rest, count=1)
    rest = rest.replace("T", " ", 1) if rest.lstrip().startswith("T") else rest
    at = parse_time(ISO_OFFSET.sub(" ", rest))
    offset = ISO_OFFSET.search(text.strip())
    if at is None or offset is None:
        return Moment(day, at)
    return localise(day, at, offset[1])


def localise(day: dt.date, at: dt.time, offset: str) -> Moment:
    """An hour with its written offset, as Paris time."""
    written = offset.replace("Z", "+00:00")
    moment = dt.datetime.fromisoformat(f"{day.isoformat()}T{at.isoformat()}{written}")
    local = moment.astimezone(PARIS)
    return Moment(local.date(), local.time())


def parse_amount(text: str) -> Decimal | None:
    """The first number of a text: «700 000.00», «1 234,5», «4.270.000,00»."""
    found = AMOUNT.search(text.replace("\u00a0", " ").replace("\u202f", " "))
    return to_decimal(found.group()) if found else None


def to_decimal(written: str) -> Decimal | None:
    """A number as written; the last separator is decimal unless three digits follow it twice."""
    compact = re.sub(r"[ ’'\u00a0\u202f]", "", written.strip())
    if "," in compact and "." in compact:
        thousands = "," if compact.rindex(".") > compact.rindex(",") else "."
        compact = compact.replace(thousands, "")
    elif re.fullmatch(r"\d{1,3}([.,])\d{3}(\1\d{3})+", compact):
        compact = re.sub(r"[.,]", "", compact)
    try:
        return Decimal(compact.replace(",", "."))
    except InvalidOperation:
        return None


def parse_duration(text: str) -> Duration | None:
    """The first duration of a text: «24 mois», «12 MONTH», «4 heures»."""
    found = DURATION.search(fold(text.replace("_", " ")))
    if found is None:
        return None
    count, word = to_decimal(found[1]), found[2]
    if count is None:
        return None
    if word.startswith(("semaine", "week")):
        return Duration(count * 7, "day")
    unit = UNITS.get(word) or UNITS.get(word.rstrip("s"))
    return Duration(count, unit) if unit else None


def make_duration(count: str, unit: str) -> Duration | None:
    """A duration whose unit is given apart («DAY», «MONTH»)."""
    number = to_decimal(count) if count else None
    name = UNITS.get(unit.lower())
    return Duration(number, name) if number is not None and name else None


def parse_yes(text: str) -> bool | None:
    """«oui»/«non» and their like; None when neither."""
    word = re.sub(r"[^a-z-]", " ", fold(text)).split()
    if not word:
        return None
    if word[0] in {"oui", "yes", "true", "allowed", "required", "autorisees", "acceptees", "vrai"}:
        return True
    return False if word[0] in {"non", "no", "false", "not-allowed", "none", "faux"} else None


def parse_real_day(text: str) -> dt.date | None:
    """A date, unless it is a placeholder («1970-01-01», «2000-01-01»)."""
    day = parse_day(text)
    return day if day and day.year > SENTINEL_YEAR else None


def recognise_energy(text: str, codes: Iterable[str]) -> Energy | None:
    """The energy a lot or notice is about, from its words, else from its CPV codes."""
    folded = fold(text)
    electricity, gas = bool(ELECTRICITY.search(folded)), bool(GAS.search(folded))
    if not (electricity or gas):
        known = tuple(codes)
        electricity = any(code.startswith(ELECTRICITY_CPV) for code in known)
        gas = any(code.startswith(GAS_CPV) for code in known)
    if electricity and gas:
        return "both"
    return "electricity" if electricity else "gas" if gas else None


def _make_day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None
