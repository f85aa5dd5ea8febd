"""Cells as French people write them, turned into the values that a change takes."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from core.context import PARIS
from core.dates import MONTH_NUMBERS
from core.formats import NBSP
from core.words import fold
from crm.catalogue import FieldKind
from crm.changes import Value
from crm.proposals.columns import Column
from crm.proposals.errors import InvalidChange
from ingest.spreadsheets.grid import MOST_CELL_CHARS, Cell, is_blank

ABSENT = frozenset("- – — / ? n/a na n.a. nc n.c. nr #n/a null neant inconnu inconnue vide".split())
TRUE = frozenset({"oui", "o", "yes", "y", "vrai", "true", "x", "1", "ok", "✓", "✔"})
FALSE = frozenset({"non", "n", "no", "faux", "false", "0", "ko", "✗", "✘"})
ERROR = re.compile(r"#[A-ZÀ-Ÿ0-9/]+[!?]?")
SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.I)
NUMBER = re.compile(r"[-+]?\d[\d .,\u00a0\u202f'’]*|[-+]?[.,]\d+")
DAY = re.compile(r"(\d{1,2})[/.\- ](\d{1,2})[/.\- ](\d{4}|\d{2})")
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
WRITTEN = re.compile(r"(\d{1,2})(?:er)?[ .\-]+([a-z]+)\.?[ .\-]+(\d{4}|\d{2})")
CLOCK = re.compile(r"(\d{1,2})\s*(?:h|:)\s*(\d{2})?(?::\d{2})?")
# An apostrophe that keeps a text from being a formula is no part of it.
DEFUSED = re.compile(r"^'(?=[=+\-@\t\r])")
EXCEL_EPOCH = dt.date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 10_000, 80_000
EXACT_FLOAT = 2**53
# How many digits a code has: spreadsheets take it for a number and drop its first zeros.
DIGITS = {"siren": 9, "siret": 14, "postal_code": 5, "insee_code": 5}
CHECKED = frozenset({"siren", "siret"})
PHONE_DIGITS = 9
# What a number in one unit is worth in another: (written, kept).
FACTORS: Mapping[tuple[str, str], Decimal] = {
    ("kwh", "mwh"): Decimal("0.001"), ("gwh", "mwh"): Decimal(1000), ("mwh", "kwh"): Decimal(1000),
    ("gwh", "kwh"): Decimal(1_000_000), ("tep", "mwh"): Decimal("11.63"),
    ("k€", "€"): Decimal(1000), ("ke", "€"): Decimal(1000), ("m€", "€"): Decimal(1_000_000),
    ("c€/kwh", "€/mwh"): Decimal(10), ("cts/kwh", "€/mwh"): Decimal(10),
    ("€/kwh", "€/mwh"): Decimal(1000), ("ha", "m²"): Decimal(10_000),
    ("mois", "jours"): Decimal(30), ("mva", "kva"): Decimal(1000),
}  # fmt: skip
SAME = {"eur": "€", "euro": "€", "euros": "€", "m2": "m²", "%": "%", "j": "jours", "jour": "jours",
        "eur/mwh": "€/mwh", "€/mw": "€/mwh", "keur": "k€", "c€/kw": "c€/kwh",
        "centimes/kwh": "c€/kwh", "€ ht": "€", "€ ttc": "€", "ht": "€"}  # fmt: skip


def parse_cell(column: Column, cell: Cell, unit: str = "") -> Value:
    """The wire value of a cell for a column; None where it says nothing.

    `unit` is the one its heading names. Raises InvalidChange, saying what was expected.
    """
    if is_absent(cell):
        return None
    if isinstance(cell, str):
        if ERROR.fullmatch(cell.strip()):
            raise _refused(column, f"la formule de cette cellule est en erreur ({cell.strip()})")
        if len(cell) > MOST_CELL_CHARS:
            raise _refused(column, "le texte est trop long")
    return _PARSERS[column.kind](column, cell, unit)


def is_absent(cell: Cell) -> bool:
    """Tell whether a cell says nothing: empty, a dash, « N/A »."""
    return is_blank(cell) or (isinstance(cell, str) and fold(cell.strip()) in ABSENT)


def write_text(cell: Cell) -> str:
    """A cell as plain text; a whole number has no decimal point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    return " ".join(str(cell).split()) if cell is not None else ""


def normalise_unit(text: str) -> str:
    """A unit as it is compared: « MWh/an » → « mwh »."""
    unit = fold(text).strip(" .:")
    unit = re.sub(r"\s*/\s*an(?:s|nee)?$|\s+par an$|\s*annuel(?:s|le)?$", "", unit).replace(
        " /", "/"
    )
    return SAME.get(unit, unit.replace("eur", "€") if unit.startswith(("keur", "meur")) else unit)


def _parse_text(column: Column, cell: Cell, _: str) -> str:
    text = write_text(cell) if not isinstance(cell, str) else DEFUSED.sub("", cell.strip())
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool)
    if column.name == "phone" and is_number and len(text) == PHONE_DIGITS:
        return f"0{text}"
    return text


def _parse_code(column: Column, cell: Cell, _: str) -> str:
    if isinstance(cell, float) and abs(cell) >= EXACT_FLOAT:
        raise _refused(column, "le tableur a abrégé ce numéro. Mettez la colonne au format Texte, "
                               "puis ressaisissez-le")  # fmt: skip
    text = write_text(cell)
    if SCIENTIFIC.fullmatch(text):
        raise _refused(column, f"le tableur a abrégé ce numéro («{NBSP}{text}{NBSP}»). Mettez la "
                               "colonne au format Texte, puis ressaisissez-le")  # fmt: skip
    digits = re.sub(r"[\s.\u00a0\u202f]", "", text)
    if column.name in DIGITS and digits.isdigit():
        return _restore_zeros(digits, DIGITS[column.name], is_checked=column.name in CHECKED)
    if column.name == "naf":
        return re.sub(r"^(\d{2})\.?(\d{2})\s?([A-Za-z])$", _write_naf, text)
    return digits if digits.isdigit() and column.name == "code" else text


def _restore_zeros(digits: str, length: int, *, is_checked: bool) -> str:
    """The code with the zeros a spreadsheet dropped, where its check digit says so."""
    whole = digits.zfill(length)
    if is_checked:
        return whole if has_check_digit(whole) else digits
    return whole if len(digits) == length - 1 else digits


def has_check_digit(digits: str) -> bool:
    """Tell whether a SIREN or SIRET ends as Luhn's formula asks."""
    doubled = [int(d) * (2 if i % 2 else 1) for i, d in enumerate(reversed(digits))]
    return sum(n - 9 if n > 9 else n for n in doubled) % 10 == 0


def _is_number(cell: Cell) -> bool:
    return isinstance(cell, int | float)


def _write_naf(found: re.Match[str]) -> str:
    return f"{found[1]}.{found[2]}{found[3].upper()}"


def _parse_choice(column: Column, cell: Cell, _: str) -> str:
    wanted = _plain(write_text(cell))
    for choice in column.choices:
        names = (choice.value, choice.label, *choice.words)
        if any(wanted == _plain(name) for name in names):
            return choice.value
    near = [c.value for c in column.choices if wanted and _plain(c.label).startswith(wanted)]
    if len(near) == 1 and len(wanted) >= 3:
        return near[0]
    known = ", ".join(choice.label for choice in column.choices)
    told = f"«{NBSP}{write_text(cell)[:60]}{NBSP}» n’est pas dans la liste{NBSP}: {known}"
    raise _refused(column, told)


@lru_cache(maxsize=65536)
def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9+]+", " ", fold(text)).strip()


def _parse_number(column: Column, cell: Cell, unit: str) -> Value:
    number, written = _read_number(column, cell)
    number *= _find_factor(column, written or unit)
    if column.is_integral:
        if number != number.to_integral_value():
            raise _refused(column, "un nombre entier est attendu")
        return int(number)
    text = f"{round(number, 2 if column.kind == 'money' else 6):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _read_number(column: Column, cell: Cell) -> tuple[Decimal, str]:
    """The number of a cell and the unit written after it."""
    if isinstance(cell, bool | dt.date | dt.time):
        raise _refused(column, "un nombre est attendu")
    if isinstance(cell, int | float):
        return Decimal(repr(cell)), ""
    text = str(cell).strip()
    is_negative = text.startswith("(") and text.endswith(")")
    found = NUMBER.match(text.strip("()").lstrip("≈~ "))
    if found is None:
        raise _refused(column, f"«{NBSP}{text[:60]}{NBSP}» n’est pas un nombre")
    rest = text.strip("()").lstrip("≈~ ")[found.end() :].strip()
    if any(char.isdigit() for char in rest.replace("m2", "")):
        raise _refused(column, f"«{NBSP}{text[:60]}{NBSP}» n’est pas un seul nombre")
    number = _to_decimal(column, found.group())
    return -number if is_negative else number, rest


def _to_decimal(column: Column, text: str) -> Decimal:
    """« 1 234,56 », « 1.234,56 », « 1,234.56 »: the last sign is the decimal one.

    A single comma is decimal, as in French; a point before exactly three digits, repeated, groups.
    """
    digits = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        grouping, decimal = (".", ",") if comma > point else (",", ".")
        digits = digits.replace(grouping, "").replace(decimal, ".")
    elif digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    else:
        digits = digits.replace(",", ".")
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise _refused(column, f"«{NBSP}{text[:60]}{NBSP}» n’est pas un nombre") from error


def _find_factor(column: Column, written: str) -> Decimal:
    unit, kept = normalise_unit(written), normalise_unit(column.unit)
    if not unit or unit == kept or (unit == "%" and column.kind == "percent"):
        return Decimal(1)
    factor = FACTORS.get((unit, kept))
    if factor is None:
        if column.unit and not unit.startswith(kept):
            told = f"l’unité «{NBSP}{written[:30]}{NBSP}» n’est pas celle du champ ({column.unit})"
            raise _refused(column, told)
        return Decimal(1)
    return factor


def _parse_day(column: Column, cell: Cell, _: str) -> str:
    return _read_day(column, cell).isoformat()


def _read_day(column: Column, cell: Cell) -> dt.date:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    if _is_number(cell) and not isinstance(cell, bool):
        serial = float(str(cell))
        if FIRST_SERIAL <= serial <= LAST_SERIAL:
            return EXCEL_EPOCH + dt.timedelta(days=int(serial))
    text = fold(write_text(cell))
    for pattern, order in ((ISO, (1, 2, 3)), (DAY, (3, 2, 1)), (WRITTEN, (3, 2, 1))):
        found = pattern.match(text)
        if found is not None:
            year, month, day = (found[place] for place in order)
            try:
                return dt.date(_year(year), _month(month), int(day))
            except (ValueError, KeyError):
                break
    raise _refused(column, f"«{NBSP}{write_text(cell)[:60]}{NBSP}» n’est pas une date "
                           "(JJ/MM/AAAA attendu)")  # fmt: skip


def _year(text: str) -> int:
    short = int(text)
    if len(text) == 4:
        return short
    return 2000 + short if short < 80 else 1900 + short


def _month(text: str) -> int:
    return int(text) if text.isdigit() else MONTH_NUMBERS[text]


def _parse_instant(column: Column, cell: Cell, _: str) -> str:
    if isinstance(cell, dt.datetime):
        return cell.replace(tzinfo=cell.tzinfo or PARIS).isoformat()
    day = _read_day(column, cell)
    found = None
    if isinstance(cell, str):
        text = fold(cell.strip())
        found = CLOCK.search(re.sub(r"^\S+(?:\s+[a-z]+\.?\s+\d{4})?", "", text, count=1))
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (0, 0)
    try:
        at = dt.datetime.combine(day, dt.time(hour, minute), PARIS)
    except ValueError as error:
        raise _refused(column, "l’heure n’existe pas") from error
    return at.isoformat()


def _parse_boolean(column: Column, cell: Cell, _: str) -> bool:
    if isinstance(cell, bool):
        return cell
    text = fold(write_text(cell))
    if text in TRUE or text in FALSE:
        return text in TRUE
    told = f"«{NBSP}{write_text(cell)[:60]}{NBSP}» n’est ni oui ni non"
    raise _refused(column, told)


def _parse_list(_: Column, cell: Cell, __: str) -> list[str]:
    parts = re.split(r"[;,\n|]", str(cell))
    return [part.strip() for part in parts if part.strip()]


def _refused(column: Column, why: str) -> InvalidChange:
    return InvalidChange(f"«{NBSP}{column.label}{NBSP}»{NBSP}: {why}.")


_PARSERS: Mapping[FieldKind, Callable[[Column, Cell, str], Value]] = {
    "text": _parse_text,
    "code": _parse_code,
    "enum": _parse_choice,
    "money": _parse_number,
    "price": _parse_number,
    "energy": _parse_number,
    "power": _parse_number,
    "percent": _parse_number,
    "area": _parse_number,
    "number": _parse_number,
    "date": _parse_day,
    "instant": _parse_instant,
    "boolean": _parse_boolean,
    "list": _parse_list,
    "reference": _parse_text,
}
