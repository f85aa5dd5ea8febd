"""Dates with their hour, in Paris, as notices and rules of consultation write them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.context import PARIS
from core.dates import MONTH_NUMBERS

MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
ENGLISH = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7,
    "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
EN_MONTH = "|".join(ENGLISH)
HOUR = (
    r"(?:(?P<h>\d{1,2}) ?(?:h(?:eures?|rs?)?|:) ?(?P<mn>\d{2})?(?! ?\d)(?: ?minutes?)?"
    r"|(?P<noon>midi|noon)|(?P<midnight>minuit))"
)
BETWEEN = r"[ ,;:()-]{0,4}(?:(?:a|avant|au plus tard(?: a)?|jusqu'a|at|by)[ ,:]{0,3})?"
DAY = (
    rf"(?:(?P<d>\d{{1,2}})(?:er|st|nd|rd|th)?[ ./-]{{1,2}}(?P<m>{MONTH}|{EN_MONTH}|\d{{1,2}})\.?"
    r"[ ./-]{1,2}(?P<y>20\d{2})|(?P<iso>20\d{2}-\d{2}-\d{2}))"
)
AFTER = re.compile(rf"(?<![\d.]){DAY}(?:(?:{BETWEEN}|T){HOUR})?")
BEFORE = re.compile(
    rf"(?<!\d){HOUR}[ ,)]{{0,3}}(?:heure de paris[ ,)]{{0,3}})?(?:le |du |on )?"
    rf"(?:(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche) )?{DAY}"
)


@dataclass(frozen=True)
class Moment:
    """A date at [start, end) of a text; `has_hour` is False when only the day is given."""

    instant: dt.datetime
    has_hour: bool
    start: int
    end: int


def list_moments(plain: str) -> Iterator[Moment]:
    """The dates of a folded text, in order. A day alone stands for its end, 23:59."""
    taken: list[tuple[int, int]] = []
    found: list[Moment] = []
    for pattern in (BEFORE, AFTER):
        for match in pattern.finditer(plain):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            moment = _moment(match)
            if moment is not None:
                taken.append(match.span())
                found.append(moment)
    yield from sorted(found, key=lambda each: each.start)


def _moment(match: re.Match[str]) -> Moment | None:
    hour, minute, has_hour = 23, 59, False
    if match["noon"]:
        hour, minute, has_hour = 12, 0, True
    elif match["h"] is not None:
        hour, minute, has_hour = int(match["h"]), int(match["mn"] or 0), True
    try:
        day = _day(match)
        instant = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS)
    except ValueError:
        return None
    return Moment(instant, has_hour, match.start(), match.end())


def _day(match: re.Match[str]) -> dt.date:
    if match["iso"]:
        return dt.date.fromisoformat(match["iso"])
    month = match["m"]
    number = int(month) if month.isdigit() else (MONTH_NUMBERS.get(month) or ENGLISH[month])
    return dt.date(int(match["y"]), number, int(match["d"]))
