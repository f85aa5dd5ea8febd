"""Fields and values of a change as French says them: a label, a closed-list word, a figure."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Any

from core.dates import SMALL_NUMBERS, find_period
from core.words import fold, stem, tokenize
from crm.objects import OBJECTS
from crm.proposals.columns import Column
from crm.proposals.declarations import WRITABLES

VALUE = re.compile(r"(?:\b(?:a|au|en|par|comme|vers)|[:=→])\s+(?P<value>[^\0]+)")
TAIL = re.compile(
    r"\s+(?:pour|sur|de|du|dans|chez|des)\s+(?:le |la |les |l'|notre |nos )?[\w’' -]{0,24}$"
)
NUMBER = re.compile(r"-?\d[\d  .]*(?:,\d+)?")
MINUS = re.compile(r"^moins (?=\d)")
PER_MWH = re.compile(r"(?:/|\b(?:par|le|du|au)) ?mwh\b|\bdu mega")
QUANTITY = re.compile(
    r"\d[\d .,]*\s*(?:k€|m€|€|euros?|mwh|gwh|kwh|kva|kw|jours?|mois)"
    r"(?:\s*(?:/|par|le|du|au)\s*(?:mwh|megawattheures?|mega|an))?"
)
MONTHS_OF_DAYS = {"mois": 30, "semaine": 7, "an": 365}


def find_field(name: str, blank: str) -> Column | None:
    """The field whose label, or a word for it, stands in the text; the longest wins.

    Units of the value itself name no field: «41,5 euros par MWh» is no amount of euros.
    """
    written = " ".join(stem(token.form) for token in tokenize(QUANTITY.sub(" ", blank)))
    declared = OBJECTS[name]
    best: tuple[int, Column] | None = None
    for column in WRITABLES[name].columns.values():
        known = declared.by_name.get(column.name)
        words = (column.label, *(known.words if known else ()))
        for word in words:
            form = " ".join(stem(token.form) for token in tokenize(word))
            if re.search(rf"\b{re.escape(form)}\b", written) and (not best or len(form) > best[0]):
                best = (len(form), column)
    if best is None and PER_MWH.search(blank):
        columns = WRITABLES[name].columns.values()
        return next((column for column in columns if column.kind == "price"), None)
    return best[1] if best else None


def find_value(question: str, blank: str, field: Column | None) -> str | None:
    """The value as typed: what follows « à », « en », « : »…, the last of them."""
    matches = list(VALUE.finditer(blank))
    if not matches:
        return None
    chosen = matches[-1]
    if field is not None and field.kind in ("text", "code"):
        chosen = next((m for m in matches if blank[m.start()] in ":=→"), matches[-1])
    value = question[chosen.start("value") : chosen.end("value")]
    if chosen.end("value") < len(blank):
        value = TAIL.sub("", value)
    return value.strip(" .!\t\n") or None


def find_choice(name: str, text: str) -> tuple[Column | None, str]:
    """The closed-list value that the text names, the status first."""
    written = " ".join(stem(token.form) for token in tokenize(text))
    best: tuple[int, Column, str] | None = None
    for column in WRITABLES[name].columns.values():
        for choice in column.choices:
            for word in (choice.label, *choice.words):
                form = " ".join(stem(token.form) for token in tokenize(word))
                if not form or not re.search(rf"\b{re.escape(form)}\b", written):
                    continue
                weight = len(form) + (5 if column.name == "status" else 0)
                if best is None or weight > best[0]:
                    best = (weight, column, choice.value)
    return (best[1], best[2]) if best else (None, "")


def read_value(column: Column, text: str, today: dt.date) -> Any:
    """The wire value that French text gives to a column; None when it gives none."""
    if column.choices:
        found, value = _find_choice_in(column, text)
        return value if found else None
    if column.kind == "date":
        period = find_period(text, today)
        day = period and (period.end or period.start)
        return day.isoformat() if day else None
    if column.kind == "boolean":
        folded = fold(text)
        return True if folded.startswith("oui") else False if folded.startswith("non") else None
    if column.kind in ("text", "code"):
        return text.strip('«» \u00a0"')
    if column.kind in ("reference", "list", "instant"):
        return None
    return _read_number(column, text)


def _read_number(column: Column, text: str) -> int | str | None:
    text = _with_figures(text.replace("\u00a0", " ").replace("\u202f", " "))
    text = MINUS.sub("-", text)
    if column.kind == "money" and PER_MWH.search(fold(text)):
        return None
    match = NUMBER.search(text)
    if match is None:
        return None
    raw = match.group().strip().replace(" ", "")
    plain = raw.replace(".", "").replace(",", ".") if "," in raw else raw
    number = Decimal(plain.rstrip("."))
    after = fold(text[match.end() :]).strip()
    if column.name == "notice_days":
        number *= next((n for w, n in MONTHS_OF_DAYS.items() if after.startswith(w)), 1)
    if column.kind == "money":
        number *= 1000 if after.startswith(("k€", "k ", "keur")) else 1
        return f"{number:.2f}"
    if column.is_integral:
        return int(number) if number == number.to_integral_value() else None
    return f"{number:f}"


def _with_figures(text: str) -> str:
    """« deux mois » as « 2 mois »: a number in letters at the beginning of a value."""
    word = fold(text).partition(" ")[0]
    return f"{SMALL_NUMBERS[word]}{text[len(word) :]}" if word in SMALL_NUMBERS else text


def _find_choice_in(column: Column, text: str) -> tuple[bool, str]:
    written = " ".join(stem(token.form) for token in tokenize(text))
    for choice in column.choices:
        for word in (choice.label, *choice.words):
            form = " ".join(stem(token.form) for token in tokenize(word))
            if form and re.search(rf"\b{re.escape(form)}\b", written):
                return True, choice.value
    return False, ""
