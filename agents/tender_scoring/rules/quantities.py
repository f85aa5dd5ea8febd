"""Quantities as French tenders write them, in digits or in words, with their units."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from core.words import fold

UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6,
    "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
ENGLISH = {
    "two": 2, "three": 3, "four": 4, "five": 5, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "eighteen": 18, "twenty": 20, "thirty": 30, "forty": 40,
    "sixty": 60, "ninety": 90,
}  # fmt: skip
TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "octante": 80, "nonante": 90,
}  # fmt: skip
WORD = "|".join(
    sorted(
        {*UNITS, *TENS, *ENGLISH, "cent", "cents", "mille", "million", "millions"},
        key=len,
        reverse=True,
    )
)
WRITTEN = rf"(?:{WORD})(?:[- ](?:et[- ])?(?:{WORD}))*"
DIGITS = r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?(?!\d)|\d+(?:[.,]\d+)?"
NUMBER = rf"(?:(?<![\w.,/-])(?:{DIGITS})|(?<![\w-])(?:{WRITTEN})(?![\w-]))"
SCALES = {"m": 10**6, "million": 10**6, "millions": 10**6, "k": 1000, "millier": 1000,
          "milliers": 1000, "mds": 10**9}  # fmt: skip

AMOUNT = re.compile(
    rf"(?:(?P<n>{NUMBER}) ?(?P<s>m|k|millions?|milliers?)?(?: d')? ?(?:d')?(?:€|euros?|eur\b)"
    r"(?! ?(?:/|par ) ?(?:mwh|kwh))"
    r"|\b(?:eur|euros?) ?(?P<e>\d{1,3}(?:,\d{3})+|\d+)(?![\d,]*\d)(?! ?(?:/|per ) ?(?:mwh|kwh)))"
)
DURATION = re.compile(
    rf"(?P<n>{NUMBER})(?: \((?P<d>\d+)\))? ?(?:calendar |working )?(?P<u>heures?|h(?! ?\d)(?![\w'])|jours?|semaines?|mois"
    r"|ans?|annees?|hours?|days?|weeks?|months?|years?)(?![\w'])(?P<q> (?:calendaires?|ouvres?|ouvrables?|francs?))?"
)
ENERGY = re.compile(rf"(?P<n>{NUMBER}) ?(?P<u>gwh|mwh|kwh|twh)(?! ?cumac)\b")
PERCENT = re.compile(rf"(?P<n>{NUMBER}) ?(?:%|pour cent|pourcents?)")
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+")
ENGLISH_WORDS = re.compile(r"\b(?:the|and|is|shall|will|of|by|for|with|maximum value)\b")
FRENCH_WORDS = re.compile(r"\b(?:le|la|les|des|du|de|et|est|sont|pour|par)\b")
MWH = {"kwh": Decimal("0.001"), "mwh": Decimal(1), "gwh": Decimal(1000), "twh": Decimal(10**6)}


@dataclass(frozen=True)
class Quantity:
    """A number as written at [start, end) of a text, in the unit its finder promises."""

    value: Decimal
    start: int
    end: int
    unit: str = ""


def parse_number(text: str) -> Decimal | None:
    """The value of « 28 000 000 », « 2,5 », « 1.200 » or « quarante-huit »."""
    plain = fold(text).strip()
    if plain in ENGLISH:
        return Decimal(ENGLISH[plain])
    if re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?|\d+(?:[.,]\d+)?", plain):
        if re.fullmatch(r"\d{1,3}(?:[ .]\d{3})+(?:,\d+)?", plain):
            plain = plain.replace(" ", "").replace(".", "")
        return Decimal(plain.replace(",", ".").replace(" ", ""))
    return _parse_words(plain)


def _parse_words(plain: str) -> Decimal | None:
    words = [word for word in re.split(r"[- ]+", plain) if word and word != "et"]
    total = current = 0
    for word in words:
        if word == "mille" or word.startswith("million"):
            total += max(1, current) * (1000 if word == "mille" else 10**6)
            current = 0
            continue
        added = _add_word(current, word)
        if added is None:
            return None
        current = added
    return Decimal(total + current) if words else None


def _add_word(current: int, word: str) -> int | None:
    """The number below a thousand once `word` is said after `current`; None for no number."""
    if word in UNITS:
        return current + UNITS[word]
    if word in ("vingt", "vingts") and current % 100 == 4:
        return current + 76
    if word in TENS:
        return current + TENS[word]
    return max(1, current) * 100 if word in ("cent", "cents") else None


def list_amounts(plain: str) -> Iterator[Quantity]:
    """Amounts in euros of a folded text."""
    for found in AMOUNT.finditer(plain):
        value = parse_number(found["n"] or found["e"].replace(",", ""))
        if value is not None:
            scale = SCALES.get(found["s"] or "", 1)
            yield Quantity(value * scale, found.start(), found.end(), "€")


def list_durations(plain: str) -> Iterator[Quantity]:
    """Durations of a folded text; `unit` is hours, days, weeks, months or years."""
    names = {"h": "hours", "j": "days", "d": "days", "s": "weeks", "w": "weeks", "m": "months",
             "a": "years", "y": "years"}  # fmt: skip
    for found in DURATION.finditer(plain):
        value = Decimal(found["d"]) if found["d"] else parse_number(found["n"])
        if value is not None:
            yield Quantity(value, found.start(), found.end(), names[found["u"][0]])


def list_energies(plain: str) -> Iterator[Quantity]:
    """Energies of a folded text, in MWh."""
    is_english = len(ENGLISH_WORDS.findall(plain)) > len(FRENCH_WORDS.findall(plain))
    for found in ENERGY.finditer(plain):
        written = found["n"]
        if is_english and THOUSANDS.fullmatch(written):
            written = written.replace(",", "")
        value = parse_number(written)
        if value is not None:
            yield Quantity(value * MWH[found["u"]], found.start(), found.end(), "MWh")


def list_percents(plain: str) -> Iterator[Quantity]:
    """Percentages of a folded text."""
    for found in PERCENT.finditer(plain):
        value = parse_number(found["n"])
        if value is not None:
            yield Quantity(value, found.start(), found.end(), "%")


def in_months(quantity: Quantity) -> int | None:
    """A duration in whole months; None for hours, days and weeks."""
    if quantity.unit == "years":
        return int(quantity.value * 12)
    return int(quantity.value) if quantity.unit == "months" else None


def in_days(quantity: Quantity) -> int | None:
    """A duration in days; a month counts 30.5 days, rounded up. None for hours."""
    factors = {"days": Decimal(1), "weeks": Decimal(7), "months": Decimal("30.5"),
               "years": Decimal(365)}  # fmt: skip
    factor = factors.get(quantity.unit)
    return None if factor is None else int((quantity.value * factor).to_integral_value("ROUND_UP"))
