"""Values of Twenty read as ours, and ours written as Twenty's.

Ours are in the wire form of `crm/proposals/values`: text, whole numbers, booleans, ISO dates,
amounts and decimals as text. Every value read is checked as one that a person would propose.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, cast

from core.formats import NBSP
from crm.changes import Value
from crm.proposals.columns import Column
from crm.proposals.errors import InvalidChange
from crm.proposals.values import Canonical, from_row, parse_value, to_wire
from ingest.twenty.mapping import MappedField, MappedObject

Values = dict[str, Value]
MICROS = 1_000_000
FRENCH = ("+33", "FR")
SPACED_CODES = frozenset({"siren", "siret", "code"})
EUROS_ONLY = f"Champ «{NBSP}{{label}}{NBSP}»{NBSP}: le montant doit être en euros."
NOT_A_NUMBER = f"Champ «{NBSP}{{label}}{NBSP}»{NBSP}: un nombre est attendu."


def read_values(
    mapped: MappedObject, record: Mapping[str, Any], parents: Mapping[str, str | None]
) -> Values:
    """Our columns as the record has them; None where it says nothing.

    `parents` are our ids of what its references lead to, by column. Raises InvalidChange.
    """
    values: Values = {}
    for one in mapped.fields:
        column = mapped.columns[one.column]
        if column.kind == "reference":
            values[one.column] = parents.get(one.column)
            continue
        raw = _take(one, record)
        raw = False if raw is None and column.kind == "boolean" else raw
        read = None if raw is None or raw == "" else _read(column, raw)
        values[one.column] = to_wire(parse_value(column, read))
    return values


def write_values(
    mapped: MappedObject,
    values: Mapping[str, Canonical],
    columns: Collection[str],
    parents: Mapping[str, str | None],
) -> dict[str, Any]:
    """What to send so that Twenty holds these columns of a record of ours.

    A composite field is sent whole. `values` are canonical; `parents`, Twenty's ids, by column.
    """
    names = {one.field for one in mapped.fields if one.column in columns}
    body: dict[str, Any] = {}
    for one in mapped.fields:
        if one.field not in names:
            continue
        column = mapped.columns[one.column]
        if column.kind == "reference":
            body[f"{one.field}Id"] = parents.get(one.column)
            continue
        written = _write(one, column, values[one.column])
        if one.part is None:
            body[one.field] = written
        else:
            body.setdefault(one.field, {})[one.part] = written
    return body


def canonical_row(mapped: MappedObject, row: Mapping[str, Any]) -> dict[str, Canonical]:
    """The mirrored columns of a row of ours."""
    return {name: from_row(column, row[name]) for name, column in mapped.columns.items()}


def echo_values(mapped: MappedObject, values: Mapping[str, Canonical]) -> Values:
    """What would be read of these values once written: two writings of one value are equal."""
    body = write_values(mapped, values, mapped.columns, {})
    own = {name: cast(str | None, values[name]) for name in mapped.parents}
    return read_values(mapped, body, own)


def _take(one: MappedField, record: Mapping[str, Any]) -> Any:
    """The raw value of a field, or of its part."""
    raw = record.get(one.field)
    if not isinstance(raw, dict):
        return raw
    parts = cast(dict[str, Any], raw)
    match one.composite:
        case "FULL_NAME":
            return " ".join(str(parts.get(k) or "") for k in ("firstName", "lastName")).strip()
        case "PHONES":
            number = str(parts.get("primaryPhoneNumber") or "")
            code = str(parts.get("primaryPhoneCallingCode") or "")
            return f"{code}{number}" if number else None
        case _:
            return parts.get(one.part) if one.part else parts


def _read(column: Column, raw: Any) -> Value:
    match column.kind:
        case "money":
            return _read_money(column, raw)
        case "enum":
            return next((c.value for c in column.choices if c.value.upper() == raw), str(raw))
        case "price" | "energy" | "power" | "percent" | "area" | "number":
            return _read_number(column, raw)
        case "date":
            return str(raw)[:10]
        case "boolean" | "instant":
            return raw
        case _:
            text = str(raw).strip()
            return "".join(text.split()) if column.name in SPACED_CODES else text


def _read_money(column: Column, raw: Any) -> str | None:
    parts: Mapping[str, Any] = raw if isinstance(raw, dict) else {"amountMicros": raw}
    if parts.get("amountMicros") is None:
        return None
    if parts.get("currencyCode") not in {"EUR", "", None}:
        raise InvalidChange(EUROS_ONLY.format(label=column.label))
    euros = _decimal(column, parts["amountMicros"]) / MICROS
    return f"{euros.quantize(Decimal('0.01')):f}"


def _read_number(column: Column, raw: Any) -> Value:
    number = _decimal(column, raw)
    if column.is_integral:
        return int(number) if number == int(number) else str(number)
    return f"{number:f}"


def _decimal(column: Column, raw: Any) -> Decimal:
    try:
        number = Decimal(str(raw))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or isinstance(raw, bool):
        raise InvalidChange(NOT_A_NUMBER.format(label=column.label))
    return number


def _write(one: MappedField, column: Column, value: Canonical) -> Any:
    if one.composite == "FULL_NAME":
        first, _, last = str(value or "").partition(" ")
        return {"firstName": first, "lastName": last}
    if one.composite == "PHONES":
        return _write_phone(str(value or ""))
    match column.kind:
        case "money":
            cents = value["eur_cents"] if isinstance(value, dict) else None
            micros = None if cents is None else cents * (MICROS // 100)
            return {"amountMicros": micros, "currencyCode": "EUR"}
        case "text" | "code":
            return "" if value is None else value
        case "enum":
            return None if value is None else str(value).upper()
        case "price" | "energy" | "power" | "percent" | "area" | "number":
            return None if value is None else _number(str(value))
        case "instant":
            return None if value is None else _instant(str(value))
        case _:
            return value


def _write_phone(text: str) -> dict[str, str]:
    """French numbers by their country's code; another one as it is."""
    digits = re.sub(r"[^\d+]", "", text)
    local = re.fullmatch(r"(?:0|\+33|0033)(\d{9})", digits)
    code, country = FRENCH if local else ("", "")
    return {
        "primaryPhoneNumber": local[1] if local else digits,
        "primaryPhoneCallingCode": code,
        "primaryPhoneCountryCode": country,
    }


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _instant(text: str) -> str:
    instant = dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
