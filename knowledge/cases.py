"""Whether a sentence is of the case a question puts: « un achat de 15 000 € », « classé D ».

A rule often comes in several lines, each for its own case: « de 1 000 € à 10 000 € », « plus de
10 000 € ». All are equally near the question's words; the quantity tells which one answers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf

from core.words import fold
from knowledge.terms import find_term

_NUMBER = r"(\d{1,3}(?:[ .]\d{3})+|\d+)([.,]\d+)?"
# What a unit is brought to, and how many of it there are in one.
_SCALES = {
    "€": ("€", 1), "euro": ("€", 1), "euros": ("€", 1), "k€": ("€", 1e3), "m€": ("€", 1e6),
    "million d'euros": ("€", 1e6), "millions d'euros": ("€", 1e6),
    "kva": ("kva", 1), "mva": ("kva", 1e3), "kw": ("kw", 1), "mw": ("kw", 1e3),
    "kwh": ("mwh", 1e-3), "mwh": ("mwh", 1), "gwh": ("mwh", 1e3), "twh": ("mwh", 1e6),
    "%": ("%", 1), "pour cent": ("%", 1), "m2": ("m2", 1), "m²": ("m2", 1),
    "agent": ("people", 1), "agents": ("people", 1), "salarie": ("people", 1),
    "salaries": ("people", 1), "personne": ("people", 1), "personnes": ("people", 1),
    "habitant": ("habitant", 1), "habitants": ("habitant", 1),
}  # fmt: skip
_UNIT = "|".join(sorted(map(re.escape, _SCALES), key=len, reverse=True))
# A price by another unit is no amount: « 30 €/MWh », « 30 € par MWh ».
_BY_UNIT = rf"(?: (?:ht|ttc))?(?:/| (?:par|le|du) (?:{_UNIT}|m3|tonne))"
_QUANTITY = re.compile(rf"(?<![\w.,/-]){_NUMBER} ?({_UNIT})(?!\w|{_BY_UNIT})")
# The first bound of « de 300 à 5 000 MWh », at the end of what stands before the second.
_FROM = re.compile(rf"(?:^|[:(,;] |\b(?:de|entre) )(?P<bound>{_NUMBER}(?: ?({_UNIT}))?) (?:a|et) $")
# What stands before or after a bound, and whether the bound itself is of the case.
_ABOVE = re.compile(
    r"(?:(?P<out>plus de|au[- ]dela de|au[- ]dessus de|superieure?s? a|depass\w+(?: pas)?|"
    r"exced\w*(?: pas)?|>)|(?P<in>a partir de|superieure?s? ou egale?s? a|au moins|"
    r"(?:au )?minimum(?: de)?|≥)) ?$"
)
_BELOW = re.compile(
    r"(?:(?P<out>moins de|(?:au|en)[- ]dessous de|inferieure?s? a|sous|<)|"
    r"(?P<in>jusqu'a|inferieure?s? ou egale?s? a|au plus|(?:au )?maximum(?: de)?|≤|"
    r"dans la limite de)) ?$"
)
# « ne doit pas dépasser 5 % », « sans excéder 5 % », « pas plus de 5 % »: a bound from above.
_NOT = re.compile(r"(?:\bsans |\bpas |(?:\bne |\bn')(?:\w+ ){0,2})$")
_TAX = r"(?: ht| ttc)?"
_AND_MORE = re.compile(rf"{_TAX} ?(?:et|ou) (?:plus|davantage|au[- ]dela)\b")
_AND_LESS = re.compile(rf"{_TAX} ?(?:(?:et|ou) moins|au plus|au maximum)\b")
_JOINED = re.compile(rf"^{_TAX},? (?:et|mais) ")
_CELL = re.compile(r"(?:^| ; )([^:;]{2,40}) : ([a-z]?\d{1,3}|[a-z])(?= ;|$)")
# « Volume minimal (MWh) : 2 000 », « Volume (MWh) : 2 000 – 10 000 »: the header gives the unit.
_BOUND = re.compile(
    rf"(?:^| ; )(?P<header>[^:;]*)\((?P<unit>{_UNIT})(?:/an| par an)?\) : {_NUMBER}"
    rf"(?: ?[–-] ?{_NUMBER}| a {_NUMBER})?(?= ;|\.?$)"
)
_END = re.compile(r"\b(?:(?P<low>min(?:i|imum|imale?)?)|(?P<high>max(?:i|imum|imale?)?))\b")
# « Non gagné » is no compound noun of its own, as « non-conformité » is.
_NEGATED = re.compile(r"\bnon ([a-z]{4,})")
_WORD = re.compile(r"[a-z0-9]+")
# A word and the label after it, no elided word: « d' » is none.
_LABELLED = re.compile(r"(?=\b([a-z]{3,}) ((?:[a-z]?\d{1,3}|[a-z])(?![\w'])))")

Label = tuple[str, str]


@dataclass(frozen=True)
class Range:
    """What lies between two bounds of one unit, the bounds being part of it or not."""

    unit: str
    low: float
    high: float
    has_low: bool = True
    has_high: bool = True

    def holds(self, other: Range) -> bool:
        """Tell whether all of `other` lies here."""
        above = other.low > self.low or (
            other.low == self.low and (self.has_low or not other.has_low)
        )
        below = other.high < self.high or (
            other.high == self.high and (self.has_high or not other.has_high)
        )
        return above and below

    def misses(self, other: Range) -> bool:
        """Tell whether nothing of `other` lies here."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        if low != high:
            return low > high
        ends = (
            (self.low, self.has_low), (self.high, self.has_high),
            (other.low, other.has_low), (other.high, other.has_high),
        )  # fmt: skip
        return any(bound == low and not is_in for bound, is_in in ends)


def fit_case(question: str, text: str, titles: str = "") -> int:
    """1 when `text` is of the question's case, -1 when it is of another, 0 when nothing tells.

    A text without a case of its own, by the unit asked of, has that of the `titles` it stands
    under.
    """
    told = {0}
    for asked in list_quantities(question):
        told.add(_compare(asked, list_ranges(text)) or _compare(asked, list_ranges(titles)))
    if labels := _list_labels(question):
        told.add(_compare_labels(labels, fold(text)))
    if _is_contrary(question, text):
        told.add(-1)
    return -1 if -1 in told else max(told)


@lru_cache(maxsize=256)
def list_quantities(question: str) -> tuple[Range, ...]:
    """The quantities of a question, each with its bounds: a single value, or what is beyond one."""
    return tuple(_list_spans(fold(question), alone=True))


@lru_cache(maxsize=4_096)
def list_ranges(text: str) -> tuple[Range, ...]:
    """The ranges that a text gives, values alone left out."""
    folded = fold(text)
    return tuple(_list_spans(folded, alone=False)) or tuple(_list_cells(folded))


def _list_spans(folded: str, *, alone: bool) -> list[Range]:
    found: list[tuple[Range, int, int]] = []
    for match in _QUANTITY.finditer(folded):
        unit, scale = _SCALES[match[3]]
        value = _read(match[1], match[2]) * scale
        start, end = match.span()
        before = folded[:start]
        if first := _FROM.search(before):
            start = first.start("bound")
            first_unit, first_scale = _SCALES[first[4]] if first[4] else (unit, scale)
            low = _read(first[2], first[3]) * first_scale
            own = Range(unit, low, value) if first_unit == unit else None
        else:
            own = _find_span(unit, value, before, folded[end:])
        own = own or (Range(unit, value, value) if alone else None)
        if own is None:
            continue
        # The first bound of a range was met as a value of its own.
        while found and found[-1][1] >= start:
            found.pop()
        if found and _JOINED.match(folded[found[-1][2] : start]):
            last = found[-1][0]
            if last.unit == unit and last.high == inf and own.low == -inf:
                own = Range(unit, last.low, own.high, last.has_low, own.has_high)
                start = found.pop()[1]
        found.append((own, start, end))
    return [one for one, _, _ in found]


def _list_cells(folded: str) -> list[Range]:
    """The ranges of a row of a table: one cell gives both bounds, or each has its own."""
    found: list[Range] = []
    bounds: dict[str, Range] = {}
    for match in _BOUND.finditer(folded):
        unit, scale = _SCALES[match["unit"]]
        first, second, third = (
            _read(match[at], match[at + 1]) * scale if match[at] else None for at in (3, 5, 7)
        )
        end, last = _END.search(match["header"]), third if second is None else second
        if first is None:
            continue
        if last is not None:
            found.append(Range(unit, first, last))
        elif end is not None:
            held = bounds.get(unit, Range(unit, -inf, inf))
            low, high = (first, held.high) if end["low"] else (held.low, first)
            bounds[unit] = Range(unit, low, high)
    return [*found, *bounds.values()]


def _find_span(unit: str, value: float, before: str, after: str) -> Range | None:
    if _AND_LESS.match(after):
        return Range(unit, -inf, value)
    if _AND_MORE.match(after):
        return Range(unit, value, inf)
    if match := _ABOVE.search(before):
        if _NOT.search(before[: match.start()]):
            return Range(unit, -inf, value)
        return Range(unit, value, inf, has_low=match["in"] is not None)
    if match := _BELOW.search(before):
        return Range(unit, -inf, value, has_high=match["in"] is not None)
    return None


def _read(whole: str, decimals: str | None) -> float:
    return float(whole.replace(" ", "").replace(".", "") + (decimals or "").replace(",", "."))


def _compare(asked: Range, ranges: tuple[Range, ...]) -> int:
    own = [one for one in ranges if one.unit == asked.unit]
    if not own:
        return 0
    if any(one.holds(asked) for one in own):
        return 1
    return -1 if all(one.misses(asked) for one in own) else 0


def _compare_labels(asked: Sequence[Label], text: str) -> int:
    """Whether a row of a table bears the label asked for, « Classe : D » for « classé D »."""
    cells = _CELL.findall(text)
    if not cells:
        return 0
    told = 0
    for header, label in cells:
        terms = {find_term(word) for word in _WORD.findall(header)} - {None}
        values = {
            value for term, value in asked if term in terms and _shape(value) == _shape(label)
        }
        if label in values:
            return 1
        told = -1 if values else told
    return told


def _is_contrary(question: str, text: str) -> bool:
    """Tell whether one says « non gagné » where the other says « gagné » only."""
    if "non " not in text and "non " not in question:
        return False
    asked_not, asked = _list_negated(question)
    told_not, told = _list_negated(text)
    return bool((told_not & asked) - told - asked_not or (asked_not & told) - told_not - asked)


@lru_cache(maxsize=256)
def _list_negated(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The terms that a text negates, and those that it says without."""
    folded = fold(text)
    negated = frozenset(filter(None, map(find_term, _NEGATED.findall(folded))))
    rest = _WORD.findall(_NEGATED.sub(" ", folded))
    return negated, frozenset(filter(None, map(find_term, rest)))


@lru_cache(maxsize=256)
def _list_labels(question: str) -> tuple[Label, ...]:
    """What a question names by a word, its term given, and a label: « niveau 2 », « option T3 »."""
    return tuple(
        (term, match[2])
        for match in _LABELLED.finditer(fold(question))
        # « à » and « y » are words; a class is a capital.
        if (match[2] not in ("a", "y") or question[match.start(2)].isupper())
        and (term := find_term(match[1])) is not None
    )


def _shape(label: str) -> tuple[bool, bool]:
    return label[0].isalpha(), label[-1].isdigit()
