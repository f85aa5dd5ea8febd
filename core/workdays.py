"""Working days in France: no Saturdays, Sundays, nor the eleven public holidays."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
AFTER_EASTER = (1, 39, 50)
"""Easter Monday, Ascension Thursday, Whit Monday, in days from Easter Sunday."""
SATURDAY = 5


def find_easter(year: int) -> dt.date:
    """Easter Sunday of the Gregorian calendar (Meeus's method)."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    f = (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return dt.date(year, month, day + 1)


@lru_cache(maxsize=64)
def list_holidays(year: int) -> frozenset[dt.date]:
    """The public holidays of the whole country (article L. 3133-1 of the Code du travail)."""
    easter = find_easter(year)
    moving = (easter + dt.timedelta(days=days) for days in AFTER_EASTER)
    return frozenset({*(dt.date(year, month, day) for month, day in FIXED), *moving})


def is_working_day(day: dt.date) -> bool:
    """Tell whether people work on `day`."""
    return day.weekday() < SATURDAY and day not in list_holidays(day.year)


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The day `count` working days after `day` (before it when negative)."""
    step = dt.timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= is_working_day(day)
    return day


def count_working_days(start: dt.date, end: dt.date) -> int:
    """The working days after `start`, up to `end` included; 0 when `end` is not after."""
    span = (end - start).days
    return sum(is_working_day(start + dt.timedelta(days=n)) for n in range(1, span + 1))
