"""Values of a change, typed strictly before anything is hashed: no float, cents for euros.

A wire value is what a tool or a use case gives (text, whole numbers, booleans, ISO dates, amounts
as decimal text); a canonical value is what a proposal stores and hashes.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.formats import NBSP
from crm.catalogue import FieldKind
from crm.proposals.addresses import check_address
from crm.proposals.columns import Column
from crm.proposals.errors import InvalidChange

Canonical = str | int | bool | None | list[str] | dict[str, int]
MAX_TEXT_CHARS = 20_000
MAX_CODE_CHARS = 120
MAX_ITEMS = 100
MAX_INTEGER = 2**31 - 1
DECIMAL = re.compile(r"-?\d{1,12}(?:\.\d{1,6})?")
MONEY = re.compile(r"-?\d{1,12}(?:\.\d{1,2})?")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
FORMATS: Mapping[str, tuple[re.Pattern[str], str]] = {
    "siren": (re.compile(r"\d{9}"), "neuf chiffres sont attendus"),
    "siret": (re.compile(r"\d{14}"), "quatorze chiffres sont attendus"),
    "naf": (re.compile(r"\d{2}\.\d{2}[A-Z]"), "la forme 84.11Z est attendue"),
    "insee_code": (re.compile(r"(\d{2}|2[AB])\d{3}"), "cinq caractères sont attendus"),
    "phone": (
        re.compile(r"\+?[\d .()/\-\u00a0\u202f]{6,25}"),
        "un numéro de téléphone est attendu",
    ),
}
NEVER_NEGATIVE: frozenset[FieldKind] = frozenset({"money", "price", "energy", "power", "area"})
HUNDREDTHS = frozenset({"risk_score", "score", "relevance", "weight_pct", "green_share_pct"})
HIDDEN = frozenset(
    "\u200b\u200c\u200d\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def parse_value(column: Column, value: object) -> Canonical:
    """The canonical form of a wire value; InvalidChange says in French what is expected."""
    if value is None:
        return None
    if column.is_address:
        return _parse_address(column, value)
    parsed = _PARSERS[column.kind](column, value)
    _check_format(column, parsed)
    return parsed


def from_row(column: Column, value: Any) -> Canonical:
    """The canonical form of a stored value."""
    if value is None or isinstance(value, bool):
        return value
    if column.kind == "money":
        return {"eur_cents": int(Decimal(value) * 100)}
    match value:
        case Decimal():
            return _plain(value)
        case dt.datetime():
            return value.astimezone(dt.UTC).isoformat()
        case dt.date():
            return value.isoformat()
        case list():
            return [str(item) for item in value]
        case int():
            return value
        case _:
            return str(value)


def to_wire(value: Canonical) -> str | int | bool | list[str] | None:
    """The wire form of a canonical value: cents become a decimal text again."""
    if isinstance(value, dict):
        return _plain(Decimal(value["eur_cents"]) / 100)
    return value


def _check_format(column: Column, parsed: Canonical) -> None:
    pattern, expected = FORMATS.get(column.name, (None, ""))
    if pattern is not None and not pattern.fullmatch(str(parsed)):
        raise _refused(column, expected)
    if column.kind in NEVER_NEGATIVE and _is_negative(parsed):
        raise _refused(column, "la valeur ne peut pas être négative")
    if column.name in HUNDREDTHS and not 0 <= Decimal(str(parsed)) <= 100:
        raise _refused(column, "un nombre de 0 à 100 est attendu")


def _is_negative(parsed: Canonical) -> bool:
    return Decimal(str(parsed["eur_cents"] if isinstance(parsed, dict) else parsed)) < 0


def _parse_text(column: Column, value: object) -> str:
    if not isinstance(value, str):
        raise _expected(column, "un texte")
    if len(value) > (limit := MAX_CODE_CHARS if column.kind == "code" else MAX_TEXT_CHARS):
        shown = f"{limit:,}".replace(",", "\u202f")
        raise _refused(column, f"le texte est trop long ({shown} caractères au plus)")
    if not value.strip():
        raise _refused(column, "le texte est vide")
    for char in value:
        is_blank = char in "\n\t"
        if char in HIDDEN or (unicodedata.category(char) in ("Cc", "Cs", "Co") and not is_blank):
            raise _refused(column, "le texte contient un caractère invisible ou de contrôle")
    return unicodedata.normalize("NFC", value)


def _parse_choice(column: Column, value: object) -> str:
    if not isinstance(value, str) or value not in {c.value for c in column.choices}:
        known = ", ".join(c.label for c in column.choices)
        raise _expected(column, f"une des valeurs suivantes{NBSP}: {known}")
    return value


def _parse_money(column: Column, value: object) -> dict[str, int]:
    if not isinstance(value, str) or not MONEY.fullmatch(value):
        raise _expected(
            column, "un montant écrit en texte, au centime, comme «\u00a01234.56\u00a0»"
        )
    return {"eur_cents": int(Decimal(value) * 100)}


def _parse_number(column: Column, value: object) -> int | str:
    if column.is_integral:
        if type(value) is not int or abs(value) > MAX_INTEGER:
            raise _expected(column, "un nombre entier")
        return value
    if not isinstance(value, str) or not DECIMAL.fullmatch(value):
        raise _expected(column, "un nombre écrit en texte, comme «\u00a085.25\u00a0»")
    return _plain(Decimal(value))


def _parse_day(column: Column, value: object) -> str:
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value).isoformat()
        except ValueError:
            pass
    raise _expected(column, "une date de la forme AAAA-MM-JJ")


def _parse_instant(column: Column, value: object) -> str:
    if isinstance(value, str):
        try:
            instant = dt.datetime.fromisoformat(value)
        except ValueError:
            instant = None
        if instant is not None and instant.tzinfo is not None:
            return instant.astimezone(dt.UTC).isoformat()
    raise _expected(column, "un instant avec son fuseau, comme 2027-03-01T12:00:00+01:00")


def _parse_boolean(column: Column, value: object) -> bool:
    if not isinstance(value, bool):
        raise _expected(column, "vrai ou faux")
    return value


def _parse_list(column: Column, value: object) -> list[str]:
    if not isinstance(value, list | tuple) or len(value) > MAX_ITEMS:
        raise _expected(column, f"une liste de textes ({MAX_ITEMS} au plus)")
    return [_parse_text(column, item) for item in value]


def _parse_reference(column: Column, value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, str) and len(value) == 36:
        try:
            return str(UUID(value))
        except ValueError:
            pass
    raise _expected(column, "l’identifiant d’une fiche")


def _parse_address(column: Column, value: object) -> str | list[str]:
    items = value if isinstance(value, list | tuple) else [value]
    if len(items) > MAX_ITEMS or not all(isinstance(item, str) for item in items):
        raise _expected(column, "des adresses de courriel")
    checked = [check_address(column.label, str(item)) for item in items]
    if column.kind == "list":
        return checked
    if isinstance(value, list | tuple):
        raise _expected(column, "une adresse de courriel")
    return checked[0]


def _plain(number: Decimal) -> str:
    """A decimal without exponent nor trailing zeros: one writing per number."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _expected(column: Column, what: str) -> InvalidChange:
    return InvalidChange(f"Champ «{NBSP}{column.label}{NBSP}»{NBSP}: donnez {what}.")


def _refused(column: Column, why: str) -> InvalidChange:
    return InvalidChange(f"Champ «{NBSP}{column.label}{NBSP}»{NBSP}: {why}.")


_PARSERS: Mapping[FieldKind, Callable[[Column, object], Canonical]] = {
    "text": _parse_text,
    "code": _parse_text,
    "enum": _parse_choice,
    "money": _parse_money,
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
    "reference": _parse_reference,
}
