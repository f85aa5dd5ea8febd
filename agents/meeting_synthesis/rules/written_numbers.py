"""Numbers and days of a spoken sentence as minutes write them: «72 €/MWh», «vendredi 14 mai 2027».

Values stay in the unit they were said in. Small counts without a unit stay in words, as French
writes them; codes and references are left alone.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from core.dates import MONTH_NUMBERS, WEEKDAYS
from core.deadlines import Deadline, find_deadlines
from core.formats import NBSP, format_date, format_number
from core.numerals import Number, find_numbers
from core.words import fold

_PER = r"(?: ?(?:du|le|par|de l'|au) ?| ?/ ?)"
_MWH = r"(?:mega ?watt-?heures?|megawattheures?|mwh|mega)\b"
_SYMBOLS: tuple[tuple[str, str], ...] = (
    (rf"(?:d'|de )?(?:euros?|€){_PER}{_MWH}", "€/MWh"),
    (rf"(?:d'|de )?(?:euros?|€){_PER}(?:kilowatt-?heures?|kwh)\b", "€/kWh"),
    (rf"(?:centimes?|cts?)(?: d'euros?)?{_PER}{_MWH}", "c€/MWh"),
    (rf"(?:centimes?|cts?)(?: d'euros?)?{_PER}(?:kilowatt-?heures?|kwh)\b", "c€/kWh"),
    (r"(?:de )?(?:terawatt-?heures?|twh)\b", "TWh"),
    (r"(?:de )?(?:gigawatt-?heures?|gwh)\b", "GWh"),
    (r"(?:de )?(?:megawatt-?heures?|mwh) par tonne\b", "MWh/t"),
    (r"(?:de )?(?:megawatt-?heures?|mwh)\b", "MWh"),
    (r"(?:de )?(?:kilowatt-?heures?|kwh)\b", "kWh"),
    (r"(?:de )?(?:megawatts?|mw)\b", "MW"),
    (r"(?:de )?(?:kilowatts?|kw)\b", "kW"),
    (r"(?:de )?(?:kilo-?volt-?amperes?|kva)\b", "kVA"),
    (r"(?:d'|de )?(?:euros?\b|€)", "€"),
    (r"(?:%|pour ?cents?\b|pourcents?\b)", "%"),
    (r"(?:heures?|h)\b(?! (?:de|ouvre))", "h"),
)
SYMBOLS = tuple((re.compile(rf" ?{pattern}"), symbol) for pattern, symbol in _SYMBOLS)
COUNTED = re.compile(
    r" (?:jours?|mois|ans?|annees?|semaines?|heures?|minutes?|sites?|lots?|points?|tonnes?|tranches?|"
    r"degres?|compteurs?|contrats?|metres?|litres?|hectares?|gigas?|megas?)\b"
)
MONTH = re.compile(r" (?:" + "|".join(sorted(MONTH_NUMBERS, key=len, reverse=True)) + r")\b")
RANKED = re.compile(
    r"\b(?:lots?|ligne|article|clause|chapitre|paragraphe|phase|etape|annexe|version|norme|iso|"
    r"numero|turpe|page|machine|batiment|(?:article|clause|chapitre|paragraphe) [a-z0-9-]+ point) $"
)
NO_GROUPS = re.compile(r"\b(?:iso|norme|article|clause|chapitre|paragraphe|numero|page|code) $")
RANK_ONE = re.compile(
    r"\b((?:lot|ligne|article|phase|étape|annexe|tranche) )une?\b(?! (?:de|d['’]))", re.I
)
CLAUSE_POINT = re.compile(r"\b((?:article|clause|chapitre|paragraphe) \d+) point (\d+)\b", re.I)
YEAR_NAMED = re.compile(r"\b(?:ete|hiver|printemps|automne|calendaire|cal|exercice|annee|budget) $")
YEAR_HINTED = re.compile(
    r"\b(?:en|des|fin|debut|courant|depuis|"
    + "|".join(m for m in MONTH_NUMBERS if len(m) > 2)
    + r") $"
)
SENTENCE_GOES_ON = re.compile(r"^ ?(?:[,.;:?!)»]|$|on\b|et (?:on|les?|la)\b|nous\b|il\b|elle\b)")
YEARS_BACK, YEARS_AHEAD = 4, 12
CODE_DIGITS = 5
IN_WORDS_BELOW = 10
FIRST_OF = re.compile(r"\b(?:premier|1) (?=" + MONTH.pattern[1:] + ")", re.I)
DAY_OF_MONTH = re.compile(rf"\d{{1,2}}(?:er)?{MONTH.pattern}")
DECIMALS = re.compile(r"\d[.,](\d+)$")
CENTS = re.compile(rf"\b(\d+|un){NBSP}?(?: ?€| euro) (\d\d)\b(?!{NBSP}?[%a-z€])")
DATED = re.compile(
    rf"\d(?:er)?{MONTH.pattern}|\b(?:{'|'.join(WEEKDAYS)}) (?:\d|en (?:huit|quinze|8|15)|prochain)|"
    rf"^(?:d'ici|avant|au plus tard).*(?:{'|'.join(WEEKDAYS)})"
)
HABITUAL = re.compile(r"\b(?:tous les|toutes les|chaque) $")
HALF_PAST = re.compile(rf"\b(\d{{1,2}}){NBSP}h (\d\d)\b(?!{NBSP}?[%a-z€])")


def write_numbers(text: str, day: dt.date | None) -> str:
    """`text` with its numbers in digits and their units as symbols.

    `day` is that of the meeting, from which two-digit years are told; None where it is not known.
    """
    folded, written, reached = fold(text), list[str](), 0
    for number in find_numbers(text):
        if number.start < reached or _is_code(text, number):
            continue
        shown, end = _write(text, folded, number, day)
        written += [text[reached : number.start], shown]
        reached = end
    told = "".join([*written, text[reached:]])
    told = CLAUSE_POINT.sub(r"\1.\2", RANK_ONE.sub(r"\g<1>1", told))
    told = HALF_PAST.sub(rf"\1{NBSP}h{NBSP}\2", CENTS.sub(_join_cents, told))
    return FIRST_OF.sub("1er ", told)


def write_days(text: str, day: dt.date | None) -> str:
    """`text` with the date of each day it names: «vendredi en huit (23/10/2026)».

    Only days to come that are named («le 14 mai», «vendredi en huit») are dated: a span («sous 24
    heures») may be a rule, a bare «le lundi» a habit.
    """
    if day is None:
        return text
    for found in reversed(find_deadlines(text, day)):
        names_day = DATED.search(fold(found.raw)) and not HABITUAL.search(fold(text[: found.start]))
        if names_day and found.is_deadline and found.day >= day:
            place, told = _tell_day(text, found)
            text = f"{text[:place]}{told}{text[place:]}"
    return text


def _tell_day(text: str, found: Deadline) -> tuple[int, str]:
    """Where the year or the date goes, and what goes there."""
    said = fold(found.raw)
    if re.match(r" ?(?:20\d\d|\()", text[found.end :]) or re.search(r"20\d\d", said):
        return found.end, ""
    named = DAY_OF_MONTH.search(said)
    if named is None:
        return found.end, f" ({format_date(found.day)})"
    return found.start + named.end(), f" {found.day.year}"


def _is_code(text: str, number: Number) -> bool:
    """Digits of a reference, of a delivery point, or stuck to letters."""
    said = text[number.start : number.end]
    before, after = text[: number.start][-1:], text[number.end :][:1]
    is_stuck = before.isalnum() or (before in ("-", "/", "_") and number.is_digits)
    is_stuck = is_stuck or after.isalpha() or (after in ("/", "_") and number.is_digits)
    return is_stuck or (said.isdigit() and (len(said) >= CODE_DIGITS or said.startswith("0")))


def _write(text: str, folded: str, number: Number, day: dt.date | None) -> tuple[str, int]:
    """How a number reads with its unit, and where what it replaces ends."""
    before, after = folded[: number.start], folded[number.end :]
    for pattern, symbol in SYMBOLS:
        found = pattern.match(after)
        if found:
            shown = _format(number.value, text[number.start : number.end])
            return f"{shown}{NBSP}{symbol}", number.end + found.end()
    return _show(text, number, before, after, day), number.end


def _show(text: str, number: Number, before: str, after: str, day: dt.date | None) -> str:
    """A number without a symbol: a year, a rank, a count, or words as they are."""
    value, said = number.value, text[number.start : number.end]
    if _is_year(value, before, after, day):
        return str(2000 + int(value))
    if NO_GROUPS.search(before) or _is_full_year(value):
        return format(value.normalize(), "f").replace(".", ",")
    is_counted = COUNTED.match(after) or MONTH.match(after) or RANKED.search(before)
    is_whole = value == value.to_integral_value()
    if value < IN_WORDS_BELOW and is_whole and not is_counted and not number.is_digits:
        return said
    return _format(value, said)


def _format(value: Decimal, said: str) -> str:
    """In French, with the decimals that were written («33,50»)."""
    written = DECIMALS.search(said)
    return format_number(value, len(written[1]) if written else None)


def _is_full_year(value: Decimal) -> bool:
    return value == value.to_integral_value() and 1990 <= value < 2100


def _is_year(value: Decimal, before: str, after: str, day: dt.date | None) -> bool:
    """«été vingt-sept», «en vingt-huit.»: two digits that can only be a year."""
    if day is None or value != value.to_integral_value() or COUNTED.match(after):
        return False
    if (
        not day.year - YEARS_BACK <= 2000 + value <= day.year + YEARS_AHEAD
        or value < IN_WORDS_BELOW
    ):
        return False
    if YEAR_NAMED.search(before):
        return True
    return bool(YEAR_HINTED.search(before) and SENTENCE_GOES_ON.match(after))


def _join_cents(match: re.Match[str]) -> str:
    whole = "1" if match[1] == "un" else match[1]
    return f"{whole},{match[2]}{NBSP}€"
