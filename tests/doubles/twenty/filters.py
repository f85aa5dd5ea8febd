"""Twenty's `filter` and `order_by`, with its refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.doubles.twenty.metadata import COMPOSITES, ObjectMetadata
from tests.doubles.twenty.refusals import bad_request

Test = Callable[[dict[str, Any]], bool]
CONDITION = re.compile(r"([A-Za-z.]+)\[([A-Za-z]+)\]:(.+)", re.DOTALL)
GROUP = re.compile(r"(and|or|not)\((.*)\)", re.DOTALL)
ORDERS = ("AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast")


def compile_filter(held: ObjectMetadata, text: str) -> Test:
    """What a record must meet. Raises Refused."""
    tests = [_compile(held, part) for part in _split(text)]
    return lambda record: all(test(record) for test in tests)


def compile_order(held: ObjectMetadata, text: str) -> list[tuple[str, bool]]:
    """Fields and whether each descends; the id ends the order. Raises Refused."""
    keys: list[tuple[str, bool]] = []
    for part in text.split(","):
        match = re.fullmatch(r"([A-Za-z]+)(?:\[([A-Za-z]+)\])?", part)
        order = match[2] or "AscNullsFirst" if match else ""
        if match is None or order not in ORDERS:
            raise bad_request(f"order_by '{part}' invalid")
        found = held.fields.get(match[1])
        if found is None or found.type in COMPOSITES:
            raise bad_request(f"order_by field '{match[1]}' invalid")
        keys.append((match[1], order.startswith("Desc")))
    return [*keys, ("id", False)]


def _split(text: str) -> list[str]:
    parts, depth, quoted, start = [], 0, False, 0
    for rank, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif not quoted and char in "([":
            depth += 1
        elif not quoted and char in ")]":
            depth -= 1
        elif char == "," and not quoted and depth == 0:
            parts.append(text[start:rank])
            start = rank + 1
    if depth or quoted:
        raise bad_request("'filter' invalid: brackets or quotes do not match")
    return [*parts, text[start:]]


def _compile(held: ObjectMetadata, part: str) -> Test:
    if group := GROUP.fullmatch(part):
        tests = [_compile(held, one) for one in _split(group[2])]
        if group[1] == "not":
            if len(tests) != 1:
                raise bad_request("'filter' invalid: 'not' takes one condition")
            return lambda record: not tests[0](record)
        gather = all if group[1] == "and" else any
        return lambda record: gather(test(record) for test in tests)
    match = CONDITION.fullmatch(part)
    if match is None:
        raise bad_request(f"'filter' invalid for '{part}'. eg: price[gte]:10")
    name, comparator, raw = match.groups()
    take = _reader(held, name)
    return _compare(take, comparator, raw)


def _reader(held: ObjectMetadata, name: str) -> Callable[[dict[str, Any]], Any]:
    top, _, sub = name.partition(".")
    joined = {f"{f.name}Id" for f in held.fields.values() if f.type == "RELATION"}
    found = held.fields.get(top)
    if top in joined and not sub:
        return lambda record: record.get(top)
    if found is None or found.type == "RELATION":
        raise bad_request(f"field '{top}' does not exist in '{held.singular}' object")
    if (found.type in COMPOSITES) != bool(sub) or (sub and sub not in COMPOSITES[found.type]):
        raise bad_request(f"field '{name}' cannot be filtered so")
    return lambda record: (record.get(top) or {}).get(sub) if sub else record.get(top)


def _compare(take: Callable[[dict[str, Any]], Any], comparator: str, raw: str) -> Test:
    if comparator == "in":
        if not (raw.startswith("[") and raw.endswith("]")):
            raise bad_request("'filter' invalid: 'in' takes a list")
        wanted = {_value(one) for one in _split(raw[1:-1])}
        return lambda record: str(take(record)) in wanted
    if comparator == "is":
        if raw not in {"NULL", "NOT_NULL"}:
            raise bad_request("'filter' invalid: 'is' takes NULL or NOT_NULL")
        return lambda record: (take(record) is None) == (raw == "NULL")
    value = _value(raw)
    tests: dict[str, Callable[[str], bool]] = {
        "eq": lambda held: held == value, "neq": lambda held: held != value,
        "gt": lambda held: held > value, "gte": lambda held: held >= value,
        "lt": lambda held: held < value, "lte": lambda held: held <= value,
        "startsWith": lambda held: held.startswith(value),
        "like": lambda held: value.strip("%") in held,
        "ilike": lambda held: value.strip("%").lower() in held.lower(),
    }  # fmt: skip
    if comparator not in tests:
        raise bad_request(f"'filter' invalid: comparator '{comparator}' unknown")
    test = tests[comparator]
    return lambda record: take(record) is not None and test(str(take(record)))


def _value(raw: str) -> str:
    return raw[1:-1] if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'" else raw
