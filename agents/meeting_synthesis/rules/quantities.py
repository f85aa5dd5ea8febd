"""Quantities said in a meeting: a number with the unit it is said in, prices included."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from agents.meeting_synthesis.rules.lines import Line
from core.formats import format_quantity
from core.numerals import Number, find_numbers

_UNITS: tuple[tuple[str, str, Decimal, str], ...] = (
    (r"(?:euros?|€)(?: ?[0-9]+)?(?: (?:du|le|par|de l'|au)|/) ?(?:megawatt-?heures?|megawattheures?|mwh|mega)", "€/MWh",
     Decimal(1), "price"),
    (r"(?:centimes?|cts?)(?: (?:du|le|par)|/) ?(?:megawatt-?heures?|megawattheures?|mwh)", "€/MWh", Decimal("0.01"), "price"),
    (r"(?:centimes?|cts?)(?: (?:du|le|par)|/) ?(?:kilowatt-?heures?|kwh)", "€/MWh", Decimal(10), "price"),
    (r"(?:terawatt-?heures?|terawattheures?|twh)", "MWh", Decimal(10) ** 6, "energy"),
    (r"(?:de )?(?:gigawatt-?heures?|gigawattheures?|gwh|gigas?)(?: par an)?", "MWh", Decimal(1000), "energy"),
    (r"(?:de )?(?:megawatt-?heures?|megawattheures?|mwh)(?! par tonne)", "MWh", Decimal(1), "energy"),
    (r"(?:de )?(?:megawatt-?heures?|mwh) par tonne", "MWh/t", Decimal(1), "ratio"),
    (r"(?:de )?(?:kilowatt-?heures?|kilowattheures?|kwh)", "MWh", Decimal("0.001"), "energy"),
    (r"(?:de )?(?:megawatts?|mw)\b", "kW", Decimal(1000), "power"),
    (r"(?:de )?(?:kilowatts?|kw)\b", "kW", Decimal(1), "power"),
    (r"(?:de )?(?:kilovoltamperes?|kva)\b", "kVA", Decimal(1), "apparent"),
    (r"(?:d'|de )?(?:euros?|€)", "€", Decimal(1), "money"),
    (r"(?:centimes?|cts?)\b", "€", Decimal("0.01"), "money"),
    (r"(?:%|pour ?cent|pourcents?)", "%", Decimal(1), "share"),
    (r"(?:points?(?: de livraison)?|pdl|prm|pce|compteurs?)\b", "points", Decimal(1), "points"),
    (r"sites?\b", "sites", Decimal(1), "sites"),
    (r"lots?\b", "lots", Decimal(1), "lots"),
    (r"heures?\b", "h", Decimal(1), "hours"),
    (r"jours?\b", "jours", Decimal(1), "days"),
    (r"mois\b", "mois", Decimal(1), "months"),
    (r"ans?\b", "ans", Decimal(1), "years"),
    (r"tonnes?\b", "t", Decimal(1), "mass"),
)  # fmt: skip
UNITS = tuple((re.compile(rf"\s*(?:{p})"), unit, factor, kind) for p, unit, factor, kind in _UNITS)
PAIR = re.compile(r"^ (?:euros? )?$")
YEARS = range(2000, 2100)


@dataclass(frozen=True)
class Quantity:
    """`value` is in `unit`; `raw` is what was said; `start` is its place in the line."""

    line: Line
    value: Decimal
    unit: str
    kind: str
    raw: str
    start: int
    said: Decimal

    @property
    def shown(self) -> str:
        """The value in French."""
        return format_quantity(self.value, self.unit)


def list_quantities(lines: Sequence[Line]) -> list[Quantity]:
    """The quantities of the lines, in order; bare numbers have an empty unit."""
    return [quantity for line in lines for quantity in read_quantities(line)]


@lru_cache(maxsize=16384)
def read_quantities(line: Line) -> tuple[Quantity, ...]:
    """The quantities of a line; «59 euros 80» and «62 50» are prices in euros and cents."""
    numbers = find_numbers(line.text)
    folded = line.folded if len(line.folded) == len(line.text) else line.text.lower()
    found: list[Quantity] = []
    place = 0
    while place < len(numbers):
        number = numbers[place]
        cents = _cents_after(folded, numbers, place)
        if cents is not None:
            last = numbers[place + 1]
            value = number.value + cents
            raw = line.text[number.start : last.end]
            found.append(Quantity(line, value, "€", "money", raw, number.start, value))
            place += 2
            continue
        found.append(_read(line, folded, number))
        place += 1
    return tuple(found)


def _cents_after(folded: str, numbers: Sequence[Number], place: int) -> Decimal | None:
    """The cents said after whole euros: two digits, next to them or after «euros»."""
    if place + 1 >= len(numbers):
        return None
    number, after = numbers[place], numbers[place + 1]
    between = folded[number.end : after.start]
    if not PAIR.match(between) or number.is_digits != after.is_digits:
        return None
    whole = number.value == number.value.to_integral_value() and number.value < 1000
    if not whole or not 10 <= after.value < 100 or after.value % 1 or number.value in YEARS:
        return None
    said = "euro" in between or number.value == 0 or after.value % 5 == 0
    follows = folded[after.end : after.end + 12]
    if not said or (
        ("euro" not in between) and re.match(r" ?(?:%|pour cent|jours?|[a-z]*watt)", follows)
    ):
        return None
    return after.value / 100


def _read(line: Line, folded: str, number: Number) -> Quantity:
    rest = folded[number.end :]
    for pattern, unit, factor, kind in UNITS:
        match = pattern.match(rest)
        if match:
            raw = line.text[number.start : number.end + match.end()]
            return Quantity(
                line, number.value * factor, unit, kind, raw, number.start, number.value
            )
    raw = line.text[number.start : number.end]
    return Quantity(line, number.value, "", "", raw, number.start, number.value)
