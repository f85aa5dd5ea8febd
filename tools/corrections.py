"""What a person types to correct a proposal («Échéance : 15/12/2026»), as wire values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from core.formats import NBSP, join_words
from core.words import fold
from crm.changes import Value
from crm.proposals.columns import Column, columns_of
from crm.proposals.errors import InvalidChange
from tools.cards import Card, CardLine

NUMERIC = frozenset({"money", "price", "energy", "power", "percent", "area", "number"})
NUMBER = re.compile(r"^(?P<number>-?\d[\d \u00a0\u202f]*(?:,\d+|\.\d{1,2})?)\s*(?P<unit>[^\d]*)$")
DAY = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
YES, NO = frozenset({"oui", "vrai"}), frozenset({"non", "faux"})
NOTHING = frozenset({"-", "–", "vide", "aucun", "aucune"})


def parse_corrections(card: Card, text: str) -> Mapping[str, Value]:
    """The corrected fields of `text`, one «Champ : valeur» a line. Raises InvalidChange."""
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise InvalidChange(_explain(card))
    return dict(_parse_line(card, line) for line in lines)


def describe_correction(card: Card) -> str:
    """How to type a correction of `card`, with one of its own fields as example."""
    return _explain(card)


def _parse_line(card: Card, text: str) -> tuple[str, Value]:
    said, separator, raw = text.partition(":")
    line = _find_line(card.lines, said)
    if not separator or line is None:
        raise InvalidChange(_explain(card))
    column = columns_of(card.object)[line.field]
    return line.field, _parse(column, raw.strip().strip(NBSP))


def _find_line(lines: Sequence[CardLine], said: str) -> CardLine | None:
    wanted = fold(said).strip(" -*\u00a0")
    return next((line for line in lines if fold(line.label) == wanted), None)


def _parse(column: Column, raw: str) -> Value:
    if fold(raw) in NOTHING or not raw:
        return None
    match column.kind:
        case "enum":
            return _parse_choice(column, raw)
        case "boolean":
            return _parse_boolean(column, raw)
        case "date":
            return _parse_day(column, raw)
        case "list":
            return [part.strip() for part in raw.split(",") if part.strip()]
        case kind if kind in NUMERIC:
            return _parse_number(column, raw)
        case "reference" | "instant":
            raise InvalidChange(
                f"Le champ «{NBSP}{column.label}{NBSP}» ne se corrige pas en texte. Refusez cette "
                "proposition et refaites la demande."
            )
        case _:
            return raw


def _parse_choice(column: Column, raw: str) -> str:
    for choice in column.choices:
        if fold(raw) in {fold(choice.label), fold(choice.value)}:
            return choice.value
    known = join_words([c.label for c in column.choices], "ou")
    raise InvalidChange(f"Pour «{NBSP}{column.label}{NBSP}», écrivez {known}.")


def _parse_boolean(column: Column, raw: str) -> bool:
    if fold(raw) in YES | NO:
        return fold(raw) in YES
    raise InvalidChange(f"Pour «{NBSP}{column.label}{NBSP}», écrivez oui ou non.")


def _parse_day(column: Column, raw: str) -> str:
    found = DAY.fullmatch(raw)
    if found:
        day, month, year = found.groups()
        return f"{year}-{int(month):02}-{int(day):02}"
    raise InvalidChange(f"Pour «{NBSP}{column.label}{NBSP}», écrivez une date comme 15/12/2026.")


def _parse_number(column: Column, raw: str) -> Value:
    found = NUMBER.match(raw)
    said = _squeeze(found["unit"]) if found else ""
    if found is None or said not in ("", _squeeze(column.unit)):
        unit = f" en {column.unit}" if column.unit else ""
        raise InvalidChange(
            f"Pour «{NBSP}{column.label}{NBSP}», écrivez un nombre{unit}, comme 1{NBSP}234,56."
        )
    plain = re.sub(r"[ \u00a0\u202f]", "", found["number"]).replace(",", ".")
    return int(plain) if column.is_integral and "." not in plain else plain


def _squeeze(unit: str) -> str:
    return re.sub(r"\s", "", fold(unit)).rstrip("s")


def _explain(card: Card) -> str:
    shown = card.lines[0]
    labels = join_words([f"«{NBSP}{line.label}{NBSP}»" for line in card.lines], "ou")
    return (
        f"Écrivez une ligne par champ à corriger, par exemple «{NBSP}{shown.label}{NBSP}: "
        f"{shown.after[:60]}{NBSP}». Champs de cette proposition{NBSP}: {labels}."
    )
