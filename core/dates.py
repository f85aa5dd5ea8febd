"""French expressions of time resolved against a day: « dans les 90 jours », « au T1 2027 »."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from core.formats import format_date
from core.words import fold

MONTH_NUMBERS = {
    "janvier": 1, "janv": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4,
    "mai": 5, "juin": 6, "juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9,
    "octobre": 10, "oct": 10, "novembre": 11, "nov": 11, "decembre": 12, "dec": 12,
}  # fmt: skip
ORDINALS = {
    "premier": 1, "1er": 1, "1ere": 1, "premiere": 1, "deuxieme": 2, "second": 2, "seconde": 2,
    "2e": 2, "2eme": 2, "2nd": 2, "troisieme": 3, "3e": 3, "3eme": 3, "quatrieme": 4,
    "dernier": 4, "4e": 4, "4eme": 4,
}  # fmt: skip
SMALL_NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7,
    "huit": 8, "neuf": 9, "dix": 10, "quinze": 15, "vingt": 20, "trente": 30, "soixante": 60,
    "douze": 12, "dix-huit": 18, "quatre-vingt-dix": 90, "cent": 100,
}  # fmt: skip
WEEKDAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTH = "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True))
_ORDINAL = "|".join(sorted(ORDINALS, key=len, reverse=True))
_COUNT = r"(?P<count>\d+|" + "|".join(sorted(SMALL_NUMBERS, key=len, reverse=True)) + ")"
_UNIT = r"(?P<unit>jours?|semaines?|mois|trimestres?|semestres?|ans?|annees?)"
_DAY = (
    r"(?:(?:le |du |au )?(?P<{p}d>\d{{1,2}}|premier)(?:er)?(?P<{p}s>[ /.-])(?P<{p}m>\d{{1,2}}|"
    + _MONTH
    + r")\.?(?:[ /.-](?P<{p}y>\d{{4}}|\d{{2}})\b)?)"
)
_ISO = r"(?P<{p}iso>\d{{4}}-\d{{2}}-\d{{2}})"


# No part of a telephone number is a day.
_PHONE = re.compile(
    r"(?<!\d)(?:0[1-9]|(?:\+|00)33[ .-]?(?:\(0\)[ .-]?)?[1-9])"
    r"(?P<s>[ .-]?)\d{2}(?:(?P=s)\d{2}){3}(?!\d)"
)


@dataclass(frozen=True)
class Period:
    """Days from `start` to `end`, both included; None is open. `span` is where it was read."""

    start: dt.date | None
    end: dt.date | None
    span: tuple[int, int]

    @property
    def label(self) -> str:
        """The period in French: « entre le … et le … »."""
        if self.start and self.end:
            if self.start == self.end:
                return f"le {format_date(self.start)}"
            return f"entre le {format_date(self.start)} et le {format_date(self.end)}"
        if self.end:
            return f"jusqu’au {format_date(self.end)}"
        return f"à partir du {format_date(self.start)}" if self.start else ""


Span = tuple[int, int]
Reader = Callable[[re.Match[str], dt.date], "tuple[dt.date | None, dt.date | None] | None"]


def find_period(text: str, today: dt.date) -> Period | None:
    """The first expression of time of `text`, the most specific kind first.

    A day that no calendar has (31/02/2027) and bounds beyond the calendar are no expression.
    """
    folded = _without_impossible_days(_PHONE.sub(_blank, fold(text)), today)
    for pattern, read in _READERS:
        for match in pattern.finditer(folded):
            with suppress(ValueError, OverflowError):
                bounds = read(match, today)
                if bounds is not None:
                    return Period(bounds[0], bounds[1], match.span())
    return None


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _without_impossible_days(folded: str, today: dt.date) -> str:
    """`folded` with its impossible days blanked, so that no part of them is read alone."""
    return _WRITTEN_DAY.sub(
        lambda m: m.group() if _day(m, "a", today) or not _is_written_date(m, "a") else _blank(m),
        folded,
    )


def month_bounds(year: int, month: int) -> tuple[dt.date, dt.date]:
    """First and last day of a month; `month` may run past 12 or below 1."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1])


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day `months` later, or the last of a shorter month."""
    first, last = month_bounds(day.year, day.month + months)
    return first.replace(day=min(day.day, last.day))


def _span_months(year: int, first: int, length: int) -> tuple[dt.date, dt.date]:
    return month_bounds(year, first)[0], month_bounds(year, first + length - 1)[1]


def _number(word: str) -> int:
    return int(word) if word.isdigit() else SMALL_NUMBERS[word]


def _is_written_date(match: re.Match[str], prefix: str) -> bool:
    """Tell a date from two neighbouring numbers: « 12.5 » is none, « 12/5 » and « 12 mai » are."""
    groups = match.groupdict()
    month = groups.get(f"{prefix}m")
    if groups.get(f"{prefix}iso") or (month and not month.isdigit()):
        return True
    return bool(month and (groups[f"{prefix}y"] or groups[f"{prefix}s"] == "/"))


def _day(match: re.Match[str], prefix: str, today: dt.date) -> dt.date | None:
    groups = match.groupdict()
    if not _is_written_date(match, prefix):
        return None
    try:
        if groups.get(f"{prefix}iso"):
            return dt.date.fromisoformat(groups[f"{prefix}iso"])
        month = groups[f"{prefix}m"]
        number = int(month) if month.isdigit() else MONTH_NUMBERS[month]
        year = groups[f"{prefix}y"]
        full = today.year if year is None else int(year) + (2000 if len(year) == 2 else 0)
        return dt.date(full, number, _day_number(groups[f"{prefix}d"]))
    except ValueError:
        return None


def _day_number(word: str) -> int:
    return 1 if word == "premier" else int(word)


def _shift(day: dt.date, count: int, unit: str) -> dt.date:
    if unit.startswith("jour"):
        return day + dt.timedelta(days=count)
    if unit.startswith("semaine"):
        return day + dt.timedelta(weeks=count)
    months = {"mois": 1, "trimestre": 3, "semestre": 6}.get(unit.rstrip("s") if unit != "mois"
                                                            else unit, 12)  # fmt: skip
    return add_months(day, count * months)


def _between(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None] | None:
    first, last = _day(match, "a", today), _day(match, "b", today)
    if first is None or last is None:
        return None
    if first > last and not match["by"] and not match["biso"]:
        last = last.replace(year=first.year + 1)
    elif first > last and not match["ay"] and not match["aiso"]:
        first = first.replace(year=last.year - 1)
    return (first, last) if first <= last else None


def _within_month(
    match: re.Match[str], today: dt.date
) -> tuple[dt.date | None, dt.date | None] | None:
    last = _day(match, "b", today)
    first = last.replace(day=_day_number(match["first"])) if last else None
    return (first, last) if first and last and first <= last else None


def _between_months(
    match: re.Match[str], today: dt.date
) -> tuple[dt.date | None, dt.date | None] | None:
    crosses = MONTH_NUMBERS[match["am"]] > MONTH_NUMBERS[match["bm"]]
    if match["by"]:
        last_year = int(match["by"])
        first_year = int(match["ay"] or last_year - crosses)
    else:
        said = re.search(r"\b20\d\d\b", match.string)
        first_year = int(match["ay"] or (said[0] if said else today.year))
        last_year = first_year + crosses
    first = month_bounds(first_year, MONTH_NUMBERS[match["am"]])[0]
    last = month_bounds(last_year, MONTH_NUMBERS[match["bm"]])[1]
    return (first, last) if first <= last else None


def _one_day(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None] | None:
    day = _day(match, "a", today)
    if day is None:
        return None
    side = (match["side"] or "").strip()
    if side.startswith(("avant", "d'ici", "jusqu", "au plus tard")):
        if day < today and not match["ay"] and not match["aiso"]:
            day = day.replace(year=today.year + 1)
        start = today if side.startswith("d'ici") and day >= today else None
        return start, day - dt.timedelta(days=1 if side.startswith("avant") else 0)
    if side.startswith(("apres", "a partir", "depuis", "des")):
        return day + dt.timedelta(days=1 if side.startswith("apres") else 0), None
    return day, day


def _bounded(
    side: str, bounds: tuple[dt.date, dt.date], today: dt.date
) -> tuple[dt.date | None, dt.date | None]:
    first, last = bounds
    side = side.strip()
    if side.startswith("avant"):
        return None, first - dt.timedelta(days=1)
    if side.startswith(("d'ici", "jusqu")):
        return _until(last, today)
    if side.startswith("apres"):
        return last + dt.timedelta(days=1), None
    if side.startswith(("depuis", "a partir", "des")):
        return first, None
    return first, last


def _until(day: dt.date, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """From today to `day`; everything up to it once it is past."""
    return (today if day >= today else None), day


def _ahead(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    return today, _shift(today, _number(match["count"]), match["unit"])


def _beyond(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    return _shift(today, _number(match["count"]), match["unit"]) + dt.timedelta(days=1), None


def _behind(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    return _shift(today, -_number(match["count"]), match["unit"]), today


def _older(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    return None, _shift(today, -_number(match["count"]), match["unit"])


def _part_of_year(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    groups = match.groupdict()
    word = groups.get("ordinal")
    rank = ORDINALS[word] if word else int(groups["rank"])
    length = 3 if match["part"].startswith("t") else 6
    if word == "dernier" and length == 6:
        rank = 2
    year = _year(match, today)
    return _bounded(match["side"] or "", _span_months(year, (rank - 1) * length + 1, length), today)


def _year(match: re.Match[str], today: dt.date) -> int:
    groups = match.groupdict()
    if groups.get("year"):
        return int(groups["year"]) + (2000 if len(groups["year"]) == 2 else 0)
    return today.year + (1 if "prochain" in match.group() else 0)


def _named_month(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    month = MONTH_NUMBERS[match["month"]]
    side, part = match["side"] or "", match["part"] or ""
    bounds = month_bounds(_year_of_month(match, month, today), month)
    if part.startswith("fin"):
        if side.startswith(("d'ici", "avant", "jusqu")):
            return _until(bounds[1], today)
        bounds = bounds[0].replace(day=21), bounds[1]
    elif part.startswith("debut"):
        bounds = bounds[0], bounds[0].replace(day=10)
    elif part.startswith("mi"):
        bounds = bounds[0].replace(day=11), bounds[0].replace(day=20)
    return _bounded(side, bounds, today)


def _year_of_month(match: re.Match[str], month: int, today: dt.date) -> int:
    """The year given, else the one that « prochain », « dernier » or « d'ici » call for."""
    words, side = match.group(), match["side"] or ""
    if match["year"]:
        return int(match["year"])
    if "prochain" in words:
        return today.year + (1 if month <= today.month else 0)
    if "dernier" in words:
        return today.year - (1 if month >= today.month else 0)
    is_ahead = side.startswith(("d'ici", "jusqu", "avant")) and month < today.month
    return today.year + (1 if is_ahead else 0)


def _whole_year(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    year = int(match["year"])
    bounds = dt.date(year, 1, 1), dt.date(year, 12, 31)
    if match["part"] == "fin":
        if (match["side"] or "").startswith(("d'ici", "avant", "jusqu")):
            return _until(bounds[1], today)
        bounds = dt.date(year, 10, 1), bounds[1]
    return _bounded(match["side"] or "", bounds, today)


def _relative(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    which = match["which"] or ""
    step = 1 if "prochain" in which or "suivant" in which else -1 if re.search(
        "dernier|passe|precedent", which) else 0  # fmt: skip
    unit = match["unit"]
    if unit.startswith("semaine"):
        monday = today - dt.timedelta(days=today.weekday()) + dt.timedelta(weeks=step)
        bounds = monday, monday + dt.timedelta(days=6)
    elif unit == "mois":
        bounds = month_bounds(today.year, today.month + step)
    elif unit.startswith(("trimestre", "semestre")):
        length = 3 if unit.startswith("t") else 6
        first = (today.month - 1) // length * length + 1 + step * length
        bounds = _span_months(today.year, first, length)
    else:
        bounds = dt.date(today.year + step, 1, 1), dt.date(today.year + step, 12, 31)
    return _bounded(match["side"] or "", bounds, today)


def _end_of_relative(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    unit = match["unit"]
    if unit == "mois":
        return today, month_bounds(today.year, today.month)[1]
    if unit.startswith("semaine"):
        return today, today + dt.timedelta(days=6 - today.weekday())
    return today, dt.date(today.year, 12, 31)


def _weekday(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """«vendredi» is the next one; «vendredi 27» the next Friday that falls on the 27th."""
    wanted = WEEKDAYS.index(match["weekday"])
    day = today + dt.timedelta(days=(wanted - today.weekday()) % 7)
    number = int(match["number"]) if match["number"] else day.day
    for _ in range(60):
        if day.day == number:
            break
        day += dt.timedelta(days=7)
    return _bounded_day(match["side"] or "", day, today)


def _holiday(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    return _bounded_day(match["side"] or "", dt.date(today.year, 12, 25), today)


def _bounded_day(side: str, day: dt.date, today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    side = side.strip()
    if side.startswith("avant"):
        return None, day - dt.timedelta(days=1)
    if side.startswith(("d'ici", "jusqu", "au plus tard")):
        return _until(day, today)
    if side.startswith(("apres", "a partir", "depuis", "des")):
        return day, None
    return day, day


def _near_day(match: re.Match[str], today: dt.date) -> tuple[dt.date | None, dt.date | None]:
    shift = {"aujourd'hui": 0, "ce jour": 0, "demain": 1, "apres-demain": 2, "hier": -1,
             "avant-hier": -2}[match["day"]]  # fmt: skip
    day = today + dt.timedelta(days=shift)
    return (day, None) if (match["side"] or "").startswith("depuis") else (day, day)


_SIDE = (
    r"(?P<side>avant |d'ici (?:a )?(?:la |le |l')?|jusqu'(?:a |au |en )?(?:la )?|apres |depuis "
    r"(?:la |le )?|a partir (?:de |du |d')|des |au plus tard (?:le |en )?)?"
)
_YEAR = r"(?: (?:de |d')?(?:l'annee )?(?P<year>\d{4})\b| prochaine?| de l'an(?:nee)? prochaine?)?"
_WRITTEN_DAY = re.compile(r"\b(?:" + (_ISO + "|" + _DAY).format(p="a") + r")\b")
_READERS: tuple[tuple[re.Pattern[str], Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (r"\b(?:entre|du|de) (?:le )?(?:" + (_ISO + "|" + _DAY).format(p="a")
         + r") (?:et|au|a|jusqu'au) (?:le )?(?:" + (_ISO + "|" + _DAY).format(p="b") + ")",
         _between),
        (r"\b(?:entre|du|de) (?:le )?(?P<first>\d{1,2}|premier)(?:er)? (?:et|au|a|jusqu'au) "
         + "(?:le )?" + _DAY.format(p="b") + r"\b", _within_month),
        (r"\b(?:entre|de|d') ?(?P<am>" + _MONTH + r")(?: (?P<ay>\d{4}))? (?:et|a) (?P<bm>" + _MONTH
         + r")(?: (?P<by>\d{4}))?\b", _between_months),
        (r"\b" + _SIDE + "(?:le )?(?:" + (_ISO + "|" + _DAY).format(p="a") + r")\b", _one_day),
        (r"\b" + _SIDE + r"(?:le |au |du |ce |en |l[ea] )?(?P<part>t|s)(?P<rank>[1-4])[ -]?"
         r"(?:de )?(?P<year>20\d{2}|\d{2}\b)?\b", _part_of_year),
        (r"\b" + _SIDE + r"(?:le |au |du |l[ea] )?(?P<ordinal>" + _ORDINAL
         + r") (?P<part>trimestre|semestre)" + _YEAR, _part_of_year),
        (r"\b(?:dans|sous|d'ici|endeans|au cours de|pour|sur)(?: a)? (?:les |l[ea']? ?)?"
         r"(?:prochaine?s |" + r"moins de )?" + _COUNT + r" (?:prochaine?s )?" + _UNIT
         + r"(?: (?:prochaine?s|a venir|qui viennent|suivante?s))?\b", _ahead),
        (r"\b(?:les |l[ea']? ?)" + _COUNT + r" (?:prochaine?s )?" + _UNIT
         + r" (?:prochaine?s|a venir|qui viennent|suivante?s)\b", _ahead),
        (r"\b(?:les |l[ea']? ?)?(?:prochaine?s) " + _COUNT + " " + _UNIT + r"\b", _ahead),
        (r"\b(?:les |l[ea']? ?)" + _COUNT + r" prochaine?s " + _UNIT + r"\b", _ahead),
        (r"\b(?<!il y )(?:a|en|dans) moins d[e'] ?" + _COUNT + " " + _UNIT + r"\b", _ahead),
        (r"\b(?:il y a|depuis) plus d[e'] ?" + _COUNT + " " + _UNIT + r"\b", _older),
        (r"\b(?:dans|a) plus d[e'] ?" + _COUNT + " " + _UNIT + r"\b", _beyond),
        (r"\b(?:plus vieilles?|plus vieux|plus anciens?|plus anciennes?) (?:de|que) " + _COUNT
         + " " + _UNIT + r"\b", _older),
        (r"\b(?:depuis|sur les|ces|les|dans les|au cours des|durant les|il y a(?= moins d)) ?"
         r"(?:moins d[e'] ?)?(?:derniers? |dernieres? )?" + _COUNT + r" (?:derniers? |dernieres? )?"
         + _UNIT + r"(?: (?:derniers?|dernieres?|passee?s|ecoulee?s))?\b", _behind),
        (r"\b" + _SIDE + r"(?:en |au mois d[e']? ?|courant |pour |(?:la |le )?(?P<part>fin|debut|"
         r"mi)[ -](?:le mois d[e'] ?|d[e'] ?)?)?(?P<month>" + _MONTH
         + r")(?: (?P<year>20\d{2})\b| prochain| dernier)?\b", _named_month),
        (r"\b(?:d'ici (?:a )?(?:la )?|avant (?:la )?|jusqu'a (?:la )?|a |pour )fin (?:de |du |d')?"
         r"(?:cette |ce |l'|la )?(?P<unit>mois|semaine|annee|l'annee)\b", _end_of_relative),
        (r"\b" + _SIDE + r"(?:en |l'annee |pour (?:l'annee )?|sur |au cours de |courant |"
         r"(?:la )?(?P<part>fin) (?:de |d')?(?:l'annee )?)?(?P<year>20[2-4]\d)\b(?!-)",
         _whole_year),
        (r"\b" + _SIDE + r"(?:ce(?:tte)? |l[ea] |l'|du |au |en |d['e] ?)?(?P<unit>semaine|mois|"
         r"trimestre|semestre|annee|an)(?P<which>(?:-| )?(?:ci|en cours|courante?|prochaine?|"
         r"suivante?|dernie?r?e?|passee?|precedente?))\b", _relative),
        (r"\b(?P<side>)(?:l[ea] |au |du |en )?(?P<which>prochaine?|derniere?|suivante?) "
         r"(?P<unit>semaine|mois|trimestre|semestre|annee)\b", _relative),
        (r"\b(?P<side>)(?:dans|sur) l'(?P<unit>annee)(?P<which>)\b", _relative),
        (r"\b(?P<side>)(?:ce(?:tte)?) (?P<unit>semaine|mois|trimestre|semestre|annee)"
         r"(?P<which>)\b", _relative),
        (r"\b(?P<side>depuis )?(?P<day>apres-demain|avant-hier|aujourd'hui|ce jour|demain|hier)\b",
         _near_day),
        (r"\b" + _SIDE + r"(?:le )?(?P<weekday>lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
         r"(?: prochain)?(?: (?P<number>\d{1,2})\b)?", _weekday),
        (r"\b" + _SIDE + r"noel\b", _holiday),
    )
)  # fmt: skip
