"""Conditions of the case files: `[end_on, le, today+90]` on a row of the portfolio."""

from __future__ import annotations

import datetime as dt
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from evals.portfolio.rows import Portfolio, Row, comparable

Condition = tuple[Any, ...]
RELATIVE = re.compile(r"today(?:([+-])(\d+))?")

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
    "in": lambda value, choices: value in choices,
    "not_in": lambda value, choices: value not in choices,
    "contains": lambda value, part: part in value,
}


def matches(portfolio: Portfolio, row: Row, conditions: Sequence[Condition]) -> bool:
    """Tell whether `row` meets every condition; an empty value meets `is_null` only."""
    return all(_meets(portfolio, row, condition) for condition in conditions)


def _meets(portfolio: Portfolio, row: Row, condition: Condition) -> bool:
    path, name, *rest = condition
    value = comparable(portfolio.value(row, path))
    if name == "is_null":
        return value is None
    if name == "not_null":
        return value is not None
    if value is None:
        return False
    return COMPARISONS[name](value, resolve(portfolio.today, rest[0]))


def resolve(today: dt.date, written: Any) -> Any:
    """A value as written in a case file: `today+90`, a date, a number, a word, or a list."""
    if isinstance(written, list):
        return [resolve(today, item) for item in written]  # type: ignore[reportUnknownArgumentType]
    if isinstance(written, str) and (found := RELATIVE.fullmatch(written)):
        sign = -1 if found[1] == "-" else 1
        return today + dt.timedelta(days=sign * int(found[2] or 0))
    return comparable(written)
