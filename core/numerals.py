"""Numbers as French people say and write them: «soixante-douze», «41 mille», «9,8»."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from core.words import fold

UNITS = {
    "zero": 0, "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6,
    "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16,
}  # fmt: skip
TENS = {
    "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
    "septante": 70, "huitante": 80, "octante": 80, "nonante": 90,
}  # fmt: skip
SCALES = {
    "mille": 1000, "milles": 1000, "million": 10**6, "millions": 10**6, "milliard": 10**9,
    "milliards": 10**9,
}  # fmt: skip
PIECE = re.compile(
    r"[0-9]{1,3}(?: [0-9]{3})+(?:[.,][0-9]+)?|[0-9]+(?:[.,][0-9]+)?|[a-z]+|[^\sa-z0-9-]"
)
ARTICLES = ("un", "une")
BEGINNINGS = frozenset({*UNITS, *TENS, "mille", "cent"})


@dataclass(frozen=True)
class Number:
    """A number and where it stands in the text it was read from."""

    value: Decimal
    start: int
    end: int
    is_digits: bool


@dataclass
class _Piece:
    form: str
    start: int
    end: int

    @property
    def is_digits(self) -> bool:
        return self.form[0] in "0123456789"


@lru_cache(maxsize=32768)
def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number of `text`, in order; a lone «un» is an article, not a number."""
    folded = fold(text)
    pieces = [_Piece(m.group(), m.start(), m.end()) for m in PIECE.finditer(folded)]
    found: list[Number] = []
    place = 0
    while place < len(pieces):
        form = pieces[place].form
        if form not in BEGINNINGS and not pieces[place].is_digits:
            place += 1
            continue
        value, after = _read_number(pieces, place)
        if value is None:
            place += 1
            continue
        read = pieces[place:after]
        if not (len(read) == 1 and read[0].form in ARTICLES):
            digits = any(piece.is_digits for piece in read)
            found.append(Number(value, read[0].start, read[-1].end, digits))
        place = after
    return tuple(found)


def write_digits(text: str) -> tuple[str, list[int]]:
    """`text` folded with its numbers in digits, and for each character its place in `text`."""
    folded = fold(text)
    written: list[str] = []
    places: list[int] = []
    reached = 0
    for number in find_numbers(text):
        written.append(folded[reached : number.start])
        places += range(reached, number.start)
        shown = format(number.value.normalize(), "f")
        written.append(shown)
        places += [number.start] * (len(shown) - 1) + [number.end - 1]
        reached = number.end
    written.append(folded[reached:])
    places += range(reached, len(folded))
    return "".join(written), places


def _read_number(pieces: list[_Piece], place: int) -> tuple[Decimal | None, int]:
    value, after = _read_whole(pieces, place)
    if value is None:
        return None, place
    if after + 1 < len(pieces) and pieces[after].form == "virgule":
        decimals, end = _read_decimals(pieces, after + 1)
        if decimals is not None:
            return _scale(pieces, Decimal(f"{value:f}.{decimals}"), end)
    if _forms(pieces, after, 2) in (["et", "demi"], ["et", "demie"]):
        return value + Decimal("0.5"), after + 2
    return value, after


def _read_whole(pieces: list[_Piece], place: int) -> tuple[Decimal | None, int]:
    """Hundreds and below are added up; each scale multiplies what precedes it."""
    total, part, seen = Decimal(0), Decimal(0), False
    last_scale = 10**12
    while place < len(pieces):
        form = pieces[place].form
        if form in SCALES and SCALES[form] < last_scale:
            if not seen and form != "mille":
                break
            total += (part if seen and part else Decimal(1)) * SCALES[form]
            last_scale = SCALES[form]
            part, seen = Decimal(0), True
            place += 1
            continue
        skip = 1 if form == "et" and seen and last_scale < 10**12 else 0
        below, after = _read_hundreds(pieces, place + skip)
        if below is None or part:
            break
        if pieces[place + skip].is_digits and seen and last_scale == 10**12:
            break
        part, seen, place = below, True, after
        if form == "zero":
            break
    return (total + part, place) if seen else (None, place)


def _read_hundreds(pieces: list[_Piece], place: int) -> tuple[Decimal | None, int]:
    if place >= len(pieces):
        return None, place
    first = pieces[place]
    if first.is_digits:
        return Decimal(first.form.replace(" ", "").replace(",", ".")), place + 1
    head, after = _read_tens(pieces, place)
    hundred = _forms(pieces, after if head else place, 1)
    if hundred and hundred[0] in ("cent", "cents") and (head is None or 1 < head < 10):
        place = (after if head else place) + 1
        tail, end = _read_tens(pieces, place)
        return Decimal((head or 1) * 100 + (tail or 0)), end if tail else place
    return (Decimal(head), after) if head is not None else (None, place)


def _read_tens(pieces: list[_Piece], place: int) -> tuple[int | None, int]:
    forms = _forms(pieces, place, 4)
    if not forms:
        return None, place
    if forms[:2] in (["quatre", "vingt"], ["quatre", "vingts"]):
        return _with_unit(pieces, 80, place + 2, teens=True)
    if forms[0] in TENS and forms[0] != "vingts":
        return _with_unit(pieces, TENS[forms[0]], place + 1, teens=forms[0] == "soixante")
    if forms[0] == "dix" and len(forms) > 1 and forms[1] in ("sept", "huit", "neuf"):
        return 10 + UNITS[forms[1]], place + 2
    return (UNITS[forms[0]], place + 1) if forms[0] in UNITS else (None, place)


def _with_unit(pieces: list[_Piece], ten: int, place: int, *, teens: bool) -> tuple[int, int]:
    """The ten and the unit that follows, «et» allowed before one and eleven."""
    joined = _forms(pieces, place, 2)
    start = (
        place + 1 if joined[:1] == ["et"] and joined[1:] in (["un"], ["une"], ["onze"]) else place
    )
    forms = _forms(pieces, start, 2)
    if not forms or forms[0] not in UNITS:
        return ten, place
    unit = UNITS[forms[0]]
    if unit == 10 and teens and forms[1:] and forms[1] in ("sept", "huit", "neuf"):
        return ten + 10 + UNITS[forms[1]], start + 2
    if unit == 0 or (unit > 9 and not teens) or (start > place and unit == 11 and not teens):
        return ten, place
    return ten + unit, start + 1


def _read_decimals(pieces: list[_Piece], place: int) -> tuple[str | None, int]:
    zeros = ""
    while _forms(pieces, place, 1) == ["zero"]:
        zeros, place = zeros + "0", place + 1
    rest, after = _read_hundreds(pieces, place)
    if rest is None or rest != rest.to_integral_value():
        return (zeros, place) if zeros else (None, place)
    return f"{zeros}{rest:f}", after


def _scale(pieces: list[_Piece], value: Decimal, place: int) -> tuple[Decimal, int]:
    form = _forms(pieces, place, 1)
    if form and form[0] in SCALES:
        return value * SCALES[form[0]], place + 1
    return value, place


def _forms(pieces: list[_Piece], place: int, count: int) -> list[str]:
    return [piece.form for piece in pieces[place : place + count]]
