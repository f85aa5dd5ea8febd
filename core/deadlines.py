"""Deadlines as French people say them, resolved from the day they are said.

Conventions: «d'ici vendredi» is the Friday to come; «vendredi en huit» the Friday of next week;
«fin de semaine» a Friday; «sous quinzaine» 14 days; «sous huit jours» 8; «avant le N» the N;
«le 15» the next 15th; «fin de mois» its last day. A wish without a day («assez vite») is none.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from core.dates import MONTH_NUMBERS, WEEKDAYS, add_months, month_bounds
from core.numerals import write_digits

FRIDAY = 4
_MONTHS = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
_DAYS = "|".join(WEEKDAYS)
_SIDE = (
    r"(?P<side>d'ici(?: a)?(?: la| le| au)? ?|avant(?: la| le)? ?|pour(?: la| le)? ?|"
    r"au plus tard(?: la| le| au)? ?|jusqu'(?:au|a la|a) ?|depuis(?: la| le)? ?|"
    r"a partir d[ue]? ?|des (?:le )?|apres(?: la| le)? ?|vers(?: la| le)? ?|au |le |la |"
    r"(?:du|de) )?"
)
_PART = r"(?: (?:au )?(?:matin|midi|soir|apres-midi|en fin de journee|au plus tard))*"
UNFIT_SIDES = ("jusqu", "depuis", "a partir", "apres", "du", "de ")


@dataclass(frozen=True)
class Deadline:
    """A day read in a text: `raw` is `text[start:end]`, to the letter.

    `is_deadline` is False for a bound of another kind («jusqu'au 23», «depuis lundi»);
    `is_rough` where the words leave the day open («courant janvier»).
    """

    day: dt.date
    raw: str
    start: int
    end: int
    is_deadline: bool = True
    is_rough: bool = False


def find_deadlines(text: str, today: dt.date) -> list[Deadline]:
    """Every day `text` names, in order, each stretch read once by the most precise reading."""
    written, places = write_digits(text)
    found: list[Deadline] = []
    taken: list[tuple[int, int]] = []
    for pattern, read, rough in _READERS:
        for match in pattern.finditer(written):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            with suppress(ValueError, OverflowError):
                day = read(match, today)
                if day is not None:
                    found.append(_make(text, match, places, day, is_rough=rough))
                    taken.append(match.span())
    return sorted(found, key=lambda each: each.start)


def _make(
    text: str, match: re.Match[str], places: list[int], day: dt.date, *, is_rough: bool
) -> Deadline:
    first = match.start() + len(match.group()) - len(match.group().lstrip(" ,"))
    last = match.end() - 1
    while match.string[last] in " ,":
        last -= 1
    start, end = places[first], places[last] + 1
    side = (match.groupdict().get("side") or "").strip() + " "
    is_period = bool(match.groupdict().get("part"))
    fits = not side.startswith(UNFIT_SIDES) or (is_period and side in ("du ", "de "))
    return Deadline(day, text[start:end], start, end, fits, is_rough)


def _next_weekday(today: dt.date, name: str) -> dt.date:
    ahead = (WEEKDAYS.index(name) - today.weekday()) % 7
    return today + dt.timedelta(days=ahead or 7)


def _in_week(today: dt.date, weeks: int, weekday: int) -> dt.date:
    monday = today - dt.timedelta(days=today.weekday())
    return monday + dt.timedelta(days=7 * weeks + weekday)


def _full(match: re.Match[str], today: dt.date) -> dt.date | None:
    number = 1 if match["day"].startswith("premier") else int(match["day"])
    month = MONTH_NUMBERS.get(match["month"]) or int(match["month"])
    if match["year"]:
        return dt.date(int(match["year"]), month, number)
    day = dt.date(today.year, month, number)
    is_past = day < today - dt.timedelta(days=60)
    return day.replace(year=today.year + 1) if is_past else day


def _weeks_ahead(match: re.Match[str], today: dt.date) -> dt.date | None:
    weeks = {"8": 1, "15": 2}[match["weeks"]]
    return _in_week(today, weeks, WEEKDAYS.index(match["weekday"]))


def _numbered_weekday(match: re.Match[str], today: dt.date) -> dt.date | None:
    wanted, number = WEEKDAYS.index(match["weekday"]), int(match["number"])
    for ahead in range(120):
        day = today + dt.timedelta(days=ahead)
        if day.day == number and day.weekday() == wanted:
            return day
    return None


def _weekday(match: re.Match[str], today: dt.date) -> dt.date | None:
    which = match["which"] or ""
    if "semaine prochaine" in which:
        return _in_week(today, 1, WEEKDAYS.index(match["weekday"]))
    return _next_weekday(today, match["weekday"])


def _day_of_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    number = 1 if match["number"].startswith("premier") else int(match["number"])
    for ahead in range(3):
        first, last = month_bounds(today.year, today.month + ahead)
        if number <= last.day and first.replace(day=number) >= today:
            return first.replace(day=number)
    return None


def _near(match: re.Match[str], today: dt.date) -> dt.date | None:
    word = match["near"]
    if word in ("apres-demain", "surlendemain"):
        return today + dt.timedelta(days=2)
    return today + dt.timedelta(days=1 if word.startswith("demain") else 0)


def _week(match: re.Match[str], today: dt.date) -> dt.date | None:
    words = match.group()
    weeks = 1 if "prochaine" in words else 0
    weekday = {"debut": 0, "milieu": 2}.get(match["part"] or "", FRIDAY)
    return _in_week(today, weeks, weekday)


def _month_end(match: re.Match[str], today: dt.date) -> dt.date | None:
    ahead = 1 if "prochain" in match.group() else 0
    return month_bounds(today.year, today.month + ahead)[1]


def _period_end(match: re.Match[str], today: dt.date) -> dt.date | None:
    if match["unit"].startswith("an"):
        return dt.date(today.year, 12, 31)
    length = 3 if match["unit"].startswith("trimestre") else 6
    return month_bounds(today.year, ((today.month - 1) // length + 1) * length)[1]


def _part_of_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    month = MONTH_NUMBERS[match["month"]]
    year = int(match["year"]) if match["year"] else today.year + (month < today.month)
    first, last = month_bounds(year, month)
    part = match["part"]
    if part.startswith("mi"):
        return first.replace(day=15)
    return first.replace(day=5) if part.startswith("debut") else last


def _before_month(match: re.Match[str], today: dt.date) -> dt.date | None:
    month = MONTH_NUMBERS[match["month"]]
    year = int(match["year"]) if match["year"] else today.year + (month < today.month)
    first, last = month_bounds(year, month)
    is_before = (match["side"] or "").startswith("avant")
    return first - dt.timedelta(days=1) if is_before else last


def _fortnight(match: re.Match[str], today: dt.date) -> dt.date | None:
    return today + dt.timedelta(days=14 if match["span"].startswith("quinzaine") else 8)


def _about(match: re.Match[str], today: dt.date) -> dt.date | None:
    days = {"huitaine": 8, "dizaine": 10, "quinzaine": 14, "vingtaine": 20}[match["count"]]
    return today + dt.timedelta(days=days)


def _span(match: re.Match[str], today: dt.date) -> dt.date | None:
    count, unit = int(match["count"]), match["unit"]
    if unit.startswith("heure"):
        return today + dt.timedelta(days=max(1, -(-count // 24)))
    if unit.startswith("jour"):
        days = 14 if count == 15 else count
        return (
            _add_working_days(today, count) if match["working"] else today + dt.timedelta(days=days)
        )
    if unit.startswith("semaine"):
        return today + dt.timedelta(weeks=count)
    return add_months(today, count)


def _add_working_days(today: dt.date, count: int) -> dt.date:
    day = today
    while count > 0:
        day += dt.timedelta(days=1)
        count -= day.weekday() <= FRIDAY
    return day


def _one_month(_: re.Match[str], today: dt.date) -> dt.date | None:
    return add_months(today, 1)


def _one_week(_: re.Match[str], today: dt.date) -> dt.date | None:
    return today + dt.timedelta(weeks=1)


def _christmas(match: re.Match[str], today: dt.date) -> dt.date | None:
    eve = (match["side"] or "").startswith("avant")
    return dt.date(today.year, 12, 24 if eve else 25)


Reader = Callable[[re.Match[str], dt.date], "dt.date | None"]
_LATEST = r"(?: au plus tard| dernier delai| inclus)?"
_TABLE: tuple[tuple[str, Reader, bool], ...] = (
    (_SIDE + rf"(?:(?:{_DAYS}) )?(?P<day>\d{{1,2}}|premier)(?:er)?[ /](?P<month>{_MONTHS}|(?<=/)"
     rf"\d{{1,2}})\b(?:[ /](?P<year>20\d\d))?" + _PART + _LATEST, _full, False),
    (_SIDE + rf"(?P<weekday>{_DAYS}) en (?P<weeks>8|15)\b", _weeks_ahead, False),
    (_SIDE + rf"(?P<weekday>{_DAYS}) (?P<number>\d{{1,2}})\b(?! ?(?:h\b|heure))" + _PART + _LATEST,
     _numbered_weekday, False),
    (_SIDE + rf"(?P<weekday>{_DAYS})(?P<which> prochain| de la semaine prochaine| qui vient)?"
     + _PART + _LATEST, _weekday, False),
    (r"(?P<side>)(?:sous |dans |d'ici (?:a )?|comptez )?une (?P<count>huitaine|dizaine|quinzaine|"
     r"vingtaine) de jours", _about, False),
    (r"(?P<side>)(?:sous|dans|d'ici|en|d'ici a) (?:une |la )?(?P<span>quinzaine|huitaine)\b"
     r"(?: de jours)?", _fortnight, False),
    (r"(?P<side>)(?:sous|dans(?: les)?|d'ici(?: a)?|en) (?:les )?(?P<count>\d+) "
     r"(?P<unit>jours?|semaines?|mois|heures?)\b(?P<working> ouvres?)?", _span, False),
    (r"(?P<side>)(?:sous|dans|d'ici(?: a)?|avant) un mois\b", _one_month, False),
    (r"(?P<side>)(?:sous|dans|d'ici(?: a)?|avant) une semaine\b", _one_week, False),
    (_SIDE + r"(?P<near>apres-demain|surlendemain|demain|(?<!d')aujourd'hui|ce soir|ce midi|ce matin|"
     r"cet apres-midi|dans la journee|tout a l'heure)" + _PART, _near, False),
    (_SIDE + r"(?P<part>fin|debut|milieu) (?:de |de la |de cette )?semaine(?: prochaine)?",
     _week, False),
    (r"(?P<side>d'ici |avant |pour |dans |en |courant )?(?P<part>)(?:la fin de )?"
     r"(?:cette semaine|la semaine prochaine|dans la semaine)\b", _week, False),
    (_SIDE + r"(?:la )?fin (?:de |du |de ce )?mois(?: prochain)?\b", _month_end, False),
    (r"(?P<side>avant |d'ici |courant |dans |pour )?(?:le mois prochain|ce mois-ci|"
     r"dans le mois)\b", _month_end, True),
    (_SIDE + r"(?:la )?fin (?:de |du |d'|de l')?(?P<unit>annee|trimestre|semestre)\b",
     _period_end, False),
    (_SIDE + rf"(?:la )?(?P<part>fin|debut|mi)[ -](?:de |d'|du mois de |du mois d')?"
     rf"(?P<month>{_MONTHS})\b(?: (?P<year>20\d\d))?", _part_of_month, False),
    (r"(?P<side>d'ici |avant |courant )(?:le mois d[e'] ?)?"
     rf"(?P<month>{_MONTHS})\b(?: (?P<year>20\d\d))?", _before_month, True),
    (r"(?P<side>avant |d'ici |pour )(?:a )?noel\b", _christmas, False),
    (r"(?P<side>d'ici (?:a )?(?:le |au )?|avant le |pour le |au plus tard le |le |du |depuis le |"
     r"jusqu'au )(?P<number>\d{1,2}|premier)\b(?! ?(?:%|pour cent|heures?|h\b|euros?|megawatt|"
     r"gigawatt|kilowatt|kva|mwh|lots?|points?|sites?|mois|jours?|ans?|[a-z]*ieme|[,.]\d|virgule))"
     + _LATEST, _day_of_month, False),
)  # fmt: skip
_READERS = tuple((re.compile(r"(?<!\w)" + p + r"(?!\w)"), read, rough) for p, read, rough in _TABLE)
