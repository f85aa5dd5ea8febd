"""Values given to a read, as the types of the columns they are compared with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from psycopg import sql

from core.errors import InvalidInput
from crm.catalogue import NUMERIC_KINDS
from crm.catalogue import Field as Column

TEXT_KINDS = frozenset({"text", "code", "enum"})


def is_free_text(declared: Column) -> bool:
    """Tell whether the column is searched without accents nor capitals."""
    return declared.kind == "text"


def fold_column(column: sql.Composed, declared: Column) -> sql.Composed:
    """The column as it is compared: free text without accents nor capitals."""
    return sql.SQL("lower(unaccent({}))").format(column) if is_free_text(declared) else column


def as_day(column: sql.Composed, declared: Column, value: Any) -> sql.Composed:
    """The day of an instant, in Paris, where it is compared with a day."""
    if declared.kind == "instant" and type(value) is dt.date:
        return sql.SQL("({} AT TIME ZONE 'Europe/Paris')::date").format(column)
    return column


def as_list(value: Any) -> list[Any]:
    """The value as a list; nothing is an empty one."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def check_pattern(declared: Column, value: Any) -> None:
    """InvalidInput when that value cannot be looked for in the column."""
    if declared.kind not in TEXT_KINDS or not isinstance(value, str) or "\0" in value:
        raise InvalidInput(f"« {value} » ne se cherche pas dans le champ « {declared.label} ».")


def escape_like(text: str) -> str:
    """The text with the signs that LIKE gives a meaning escaped."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def cast_uuid(value: Any) -> UUID:
    """The value as an id; InvalidInput when it is none."""
    try:
        return UUID(str(value))
    except ValueError as error:
        raise InvalidInput(f"« {value} » n’est pas un identifiant.") from error


def cast_value(declared: Column, value: Any) -> Any:
    """`value` as the column's type; InvalidInput says what was expected."""
    try:
        return _cast_strictly(declared, value)
    except (ValueError, InvalidOperation, TypeError) as error:
        raise InvalidInput(f"« {value} » ne convient pas au champ « {declared.label} ».") from error


def _cast_strictly(declared: Column, value: Any) -> Any:
    if value is None or isinstance(value, list) or "\0" in str(value):
        raise ValueError(value)
    if isinstance(value, bool) and declared.kind != "boolean":
        raise ValueError(value)
    if declared.kind in NUMERIC_KINDS:
        return read_number(value)
    if declared.kind == "date":
        return dt.date.fromisoformat(str(value)[:10])
    if declared.kind == "instant":
        return _instant(str(value))
    if declared.kind == "boolean" and not isinstance(value, bool):
        raise ValueError(value)
    if declared.kind == "enum" and str(value) not in {c.value for c in declared.choices}:
        known = ", ".join(c.value for c in declared.choices)
        raise InvalidInput(f"« {declared.label} » : valeurs possibles {known}.")
    return value if declared.kind == "boolean" else str(value)


def read_number(value: Any) -> Decimal:
    """The value as a finite decimal; ValueError or InvalidOperation otherwise."""
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError(value)
    return number


def _instant(value: str) -> dt.date | dt.datetime:
    if len(value) <= 10:
        return dt.date.fromisoformat(value)
    instant = dt.datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError(value)
    return instant
