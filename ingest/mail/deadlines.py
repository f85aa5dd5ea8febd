"""Dates by which something must happen, resolved from the day the message was sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from core.dates import MONTH_NUMBERS, SMALL_NUMBERS, WEEKDAYS, add_months
from ingest.mail.date_natures import DateNature, tell_nature
from ingest.mail.folding import fold, fold_lines

ENGLISH_MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7,
    "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
ENGLISH_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH = "|".join(sorted((*MONTH_NUMBERS, *ENGLISH_MONTHS), key=len, reverse=True))
DAY_NAME = "|".join((*WEEKDAYS, *ENGLISH_DAYS))
NUMBER = (
    r"\d+|"
    + "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True))
    + "|quarante-huit|vingt-quatre|soixante-douze"
)
HOURS = {"vingt-quatre": 24, "quarante-huit": 48, "soixante-douze": 72}
HOUR = r"(?:\s*,?\s*(?:a|at|-|avant|before)?\s*(?P<hour>[01]?\d|2[0-3])\s?(?:h|:|heures?)\s?(?P<minute>[0-5]\d)?\b)?"
CUE = (
    r"(?P<cue>(?:au plus tard|dernier delai|avant|d'ici(?: a| au| le)?|jusqu'(?:a|au)|pour|sous|by|before|until|no later than|"
    r"for|on|deadline|des|le|du|au|a|ce|date limite|limite|echeance|prelevement|expire|expirant|cloture)"
    r"[ :]{1,3}(?:la |le |l'|ce |au |plus tard |fin de |fin |compter du |the ){0,3})?"
)
WRITTEN = re.compile(
    rf"\b{CUE}(?P<core>(?:(?P<weekday>{DAY_NAME})\.?,? )?(?P<day>\d{{1,2}})(?:er|e|st|nd|rd|th)?"
    rf"(?: (?P<month>{MONTH})\b\.?(?:,? (?P<year>20\d{{2}}))?|/(?P<month2>\d{{1,2}})(?:/(?P<year2>20\d{{2}}|\d{{2}}))?\b(?![/\d])|"
    rf"(?P<sep>[.-])(?P<month3>\d{{1,2}})(?P=sep)(?P<year3>20\d{{2}})\b)){HOUR}"
)
ISO = re.compile(r"\b(?P<core>(?P<year>20\d{2})-(?P<month>\d{2})-(?P<day>\d{2}))\b")
ENGLISH = re.compile(
    rf"\b(?P<core>(?P<month>{'|'.join(ENGLISH_MONTHS)}) (?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>20\d{{2}}))?)\b{HOUR}"
)
# A delay that runs from an event gives no day by itself; from this mail, it does.
FROM_EVENT = (
    r" (?:of|after|from|following|since) (?!(?:this|today|the present|receipt of this)\b)"
    r"|(?: au plus)? (?:a compter|a partir) d(?:e |u |es |'|e l')"
    r"(?!(?:ce jour|aujourd'hui|la presente|la reception (?:de ce|du present)))"
    r"|(?: au plus)? (?:apres|suivant|suivants|qui suivent) (?!(?:reception de ce|ce (?:mail|courriel)))"
)
WITHIN = re.compile(
    rf"\b(?P<core>(?:(?:sous|dans|d'ici|within|in the next) (?:les |la |une |(?:un |le )?delai (?:\w+ )?(?:de |d'))?)(?<!dans )(?:maximum |max |at most )?"
    rf"(?:(?P<count>{NUMBER})(?: ?\(\d+\))?\s?(?P<unit>heures?|h|hours?|j|"
    r"jours? ouvres?|jours? ouvrables?|jours?|working days?|business days?|days?|semaines?|weeks?|mois|months?)|(?P<fixed>huitaine|quinzaine)(?: de jours)?)\b)"
    rf"(?!{FROM_EVENT})"
)
NAMED = re.compile(
    rf"\b(?P<core>(?P<cue>avant|d'ici(?: a| au)?|jusqu'a|au plus tard|pour|des|by|before|no later than|until|dernier delai) (?:ce |le |la |l')?"
    rf"(?:(?P<weekday>{DAY_NAME})|(?P<near>ce soir|demain|apres-demain|aujourd'hui|ce midi|tonight|tomorrow|today|noon|eod|cob)|"
    r"(?P<end>fin (?:de |du )?(?:la |cette |ce )?(?:semaine|mois|annee)|la fin (?:de la semaine|du mois|de l'annee)|end of (?:the )?(?:week|month)|week-end))"
    rf"(?P<next> prochaine?| next)?(?: (?:soir|matin|midi|apres-midi|inclus|morning|evening|noon))?{HOUR}\b)"
)
NEAR_WITH_HOUR = re.compile(
    r"\b(?P<core>(?P<near>aujourd'hui|ce jour|demain|ce soir|today|tomorrow),? (?:a |at |avant )?(?P<hour>[01]?\d|2[0-3])(?::|h| ?heures?)(?P<minute>[0-5]\d)?(?: ?(?:cet|cest|paris))?)\b"
)
LATEST_DAY = re.compile(
    rf"\b(?P<core>(?:(?P<weekday>{DAY_NAME})(?P<next> prochain)?|(?P<near>demain|apres-demain|ce soir|tomorrow))(?: (?:soir|matin|midi))?,? "
    r"(?:au plus tard|dernier (?:delai|carat)|(?:grand )?maximum|at the latest))\b"
)
LATEST_NUMBER = re.compile(
    r"\b(?P<core>(?:avant|d'ici|au plus tard|pour) le (?P<day>\d{1,2})(?=\s*(?:[.,;!?)]|$| au (?:soir|matin|plus tard)| inclus| si possible| dernier| svp| s'il)))"
)
PRESSED_DAY = re.compile(
    rf"\b(?P<core>(?P<weekday>{DAY_NAME}))\b(?=,? (?:donc|du coup|alors)[^.?!\n]{{0,25}}\b(?:il (?:me|nous) faut|j'ai besoin|on a besoin|nous avons besoin|i need|we need))"
)
PAST_CUE = re.compile(
    r"(?:depuis(?: le)?|receptionne\w* le|recue?s? le|depose\w* le|envoye\w* le|date\w* du|signe\w* le|du mail du|votre (?:mail|courriel) du|en date du|since|facture du|votee? le)\s*$"
)
PERIOD_BEFORE = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?\s*(?:-|–)\s*$")
PERIOD_AFTER = re.compile(r"^\s*(?:-|–|au|→|to)\s*\d{1,2}(?:/|er| )")
RELATIVE_LIMIT = dt.timedelta(days=700)


@dataclass(frozen=True)
class FoundDate:
    """A date at `start:end` of the text."""

    raw: str
    on: dt.date
    at: dt.time | None
    start: int
    end: int
    is_relative: bool
    nature: DateNature


def find_deadlines(text: str, sent_on: dt.date) -> list[FoundDate]:
    """The dates of `text` from `sent_on` on, in order, each stretch once, and what each is."""
    folded = fold(text)
    found: list[FoundDate] = []
    for date in (*_read_written(folded, text, sent_on), *_read_relative(folded, text, sent_on)):
        if not any(date.start < other.end and other.start < date.end for other in found):
            found.append(date)
    kept = [date for date in found if sent_on <= date.on <= sent_on + RELATIVE_LIMIT]
    return sorted(kept, key=lambda date: date.start)


def _read_written(folded: str, text: str, sent_on: dt.date) -> Iterator[FoundDate]:
    lines = fold_lines(text)
    for pattern in (WRITTEN, ENGLISH, ISO):
        for match in pattern.finditer(folded):
            core_start = match.start("core")
            day = _resolve(match.groupdict(), sent_on)
            if day is None or PAST_CUE.search(folded[max(0, core_start - 40) : core_start]):
                continue
            if PERIOD_BEFORE.search(folded[max(0, core_start - 16) : core_start]):
                continue
            if PERIOD_AFTER.match(folded[match.end("core") :]) and "/" in match["core"]:
                continue
            cue = (match.groupdict().get("cue") or "").strip()
            start = match.start() if cue.startswith(("avant", "jusqu", "d'ici")) else core_start
            end = match.end()
            if folded[end : end + 7] == " inclus":
                end += 7
            nature = tell_nature(lines, core_start, end, cue)
            yield FoundDate(text[start:end].strip(), day, _hour(match), start, end, False, nature)


def _resolve(groups: dict[str, str | None], sent_on: dt.date) -> dt.date | None:
    month_word = groups.get("month") or groups.get("month2") or groups.get("month3") or ""
    month = MONTH_NUMBERS.get(month_word) or ENGLISH_MONTHS.get(month_word) or (
        int(month_word) if month_word.isdigit() else 0)  # fmt: skip
    year_word = groups.get("year") or groups.get("year2") or groups.get("year3")
    day = int(groups["day"] or 0)
    try:
        if year_word:
            year = int(year_word)
            return dt.date(year + 2000 if year < 100 else year, month, day)
        return _nearest(month, day, sent_on)
    except ValueError:
        return None


def _nearest(month: int, day: int, sent_on: dt.date) -> dt.date:
    """A date without year: the one to come, unless it is less than four months behind."""
    this_year = dt.date(sent_on.year, month, day)
    if this_year < sent_on - dt.timedelta(days=120):
        return dt.date(sent_on.year + 1, month, day)
    if this_year > sent_on + dt.timedelta(days=245):
        return dt.date(sent_on.year - 1, month, day)
    return this_year


def _hour(match: re.Match[str]) -> dt.time | None:
    groups = match.groupdict()
    if not groups.get("hour"):
        return None
    return dt.time(int(groups["hour"]), int(groups.get("minute") or 0))


def _read_relative(folded: str, text: str, sent_on: dt.date) -> Iterator[FoundDate]:
    for pattern in (NEAR_WITH_HOUR, NAMED, WITHIN, LATEST_DAY, LATEST_NUMBER, PRESSED_DAY):
        for match in pattern.finditer(folded):
            day = _resolve_relative(match.groupdict(), sent_on)
            if day is not None:
                start, end = match.span("core")
                yield FoundDate(text[start:end], day, _hour(match), start, end, True, "limit")


def _resolve_relative(groups: dict[str, str | None], sent_on: dt.date) -> dt.date | None:
    if weekday := groups.get("weekday"):
        names = WEEKDAYS if weekday in WEEKDAYS else ENGLISH_DAYS
        days = (names.index(weekday) - sent_on.weekday()) % 7
        return sent_on + dt.timedelta(days=days or 7 * bool(groups.get("next")))
    if near := groups.get("near"):
        shift = {"demain": 1, "tomorrow": 1, "apres-demain": 2}.get(near, 0)
        return sent_on + dt.timedelta(days=shift)
    if end := groups.get("end"):
        return _end_of(end, sent_on)
    if fixed := groups.get("fixed"):
        return sent_on + dt.timedelta(days=8 if fixed == "huitaine" else 15)
    if day := groups.get("day"):
        return _next_numbered(int(day), sent_on)
    return _within(groups, sent_on) if groups.get("unit") else None


def _next_numbered(day: int, sent_on: dt.date) -> dt.date | None:
    """The first day of that number from `sent_on` on."""
    for months in (0, 1, 2):
        first = add_months(sent_on.replace(day=1), months)
        with suppress(ValueError):
            if (found := first.replace(day=day)) >= sent_on:
                return found
    return None


def _end_of(words: str, sent_on: dt.date) -> dt.date:
    if "mois" in words or "month" in words:
        return add_months(sent_on.replace(day=1), 1) - dt.timedelta(days=1)
    if "annee" in words:
        return dt.date(sent_on.year, 12, 31)
    return sent_on + dt.timedelta(days=(4 - sent_on.weekday()) % 7)


def _within(groups: dict[str, str | None], sent_on: dt.date) -> dt.date | None:
    word, unit = groups["count"] or "", groups["unit"] or ""
    count = int(word) if word.isdigit() else SMALL_NUMBERS.get(word, HOURS.get(word, 0))
    if not count:
        return None
    if unit.startswith("h"):
        return sent_on + dt.timedelta(days=-(-count // 24))
    if "ouvr" in unit or "working" in unit or "business" in unit:
        return add_working_days(sent_on, count)
    if unit.startswith(("semaine", "week")):
        return sent_on + dt.timedelta(weeks=count)
    if unit.startswith(("mois", "month")):
        return add_months(sent_on, count)
    return sent_on + dt.timedelta(days=count)


def add_working_days(day: dt.date, count: int) -> dt.date:
    """`count` working days after `day`, Saturdays and Sundays out (public holidays count)."""
    while count > 0:
        day += dt.timedelta(days=1)
        count -= day.weekday() < 5
    return day


def working_days_until(day: dt.date, start: dt.date) -> int:
    """Working days from `start` (not counted) to `day`."""
    count = 0
    while start < day and count < 400:
        start += dt.timedelta(days=1)
        count += start.weekday() < 5
    return count
