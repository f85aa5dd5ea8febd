"""Records of a workspace: values checked by their field's type, lists by opaque cursors."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.doubles.twenty.filters import compile_filter, compile_order
from tests.doubles.twenty.metadata import COMPOSITES, FieldMetadata, ObjectMetadata
from tests.doubles.twenty.refusals import bad_request

LIST_PARAMETERS = frozenset(
    "limit starting_after ending_before order_by depth filter fields".split()
)
MOST = 200
READ_ONLY = frozenset({"createdAt", "updatedAt", "deletedAt"})
PLAIN: Mapping[str, type | tuple[type, ...]] = {
    "TEXT": str, "NUMBER": (int, float), "NUMERIC": (int, float), "BOOLEAN": bool,
    "POSITION": (int, float, str), "UUID": str, "SELECT": str, "DATE": str, "DATE_TIME": str,
}  # fmt: skip
Rows = Mapping[str, dict[str, dict[str, Any]]]


def check_values(
    objects: Mapping[str, ObjectMetadata], rows: Rows, held: ObjectMetadata, body: Any
) -> dict[str, Any]:
    """The values of a body, each one that its field takes. Raises Refused."""
    if not isinstance(body, dict):
        raise bad_request("Body must be an object")
    joined = {f"{f.name}Id": f for f in held.fields.values() if f.type == "RELATION"}
    for name, value in body.items():
        if name in joined:
            target = objects[str(joined[name].target)]
            if value is not None and find_uuid(value) not in rows[target.singular]:
                raise bad_request("violates foreign key constraint")
            continue
        found = held.fields.get(name)
        if found is None or found.type == "RELATION" or name in READ_ONLY:
            raise bad_request(f'Object {held.singular} doesn\'t have any "{name}" field.')
        if value is not None:
            _check_value(found, value)
    return body


def merge(record: dict[str, Any], body: Mapping[str, Any]) -> None:
    """Change a record: a composite keeps the parts that are not given."""
    for name, value in body.items():
        before = record.get(name)
        is_part = isinstance(value, dict) and isinstance(before, dict)
        record[name] = {**before, **value} if is_part else value


def list_page(
    held: ObjectMetadata, rows: Mapping[str, dict[str, Any]], query: Mapping[str, str]
) -> dict[str, Any]:
    """The body of a list. Raises Refused."""
    if unknown := set(query) - LIST_PARAMETERS:
        raise bad_request(f"Unknown parameter {sorted(unknown)[0]}")
    if "starting_after" in query and "ending_before" in query:
        raise bad_request("Only one of 'starting_after' and 'ending_before' may be given")
    limit = check_limit(query.get("limit", "60"))
    check_depth(query)
    test = compile_filter(held, query["filter"]) if query.get("filter") else lambda _: True
    keys = compile_order(held, query.get("order_by", "position"))
    found = [row for row in rows.values() if row["deletedAt"] is None and test(row)]
    for name, descends in reversed(keys):
        found.sort(key=lambda row: str(row.get(name) or ""), reverse=descends)
    total = len(found)
    if "starting_after" in query:
        after = _read_cursor(query["starting_after"])
        found = [row for row in found if _place(row, keys) > _place(after, keys)]
    page = found[:limit]
    return {
        "data": {held.plural: page},
        "pageInfo": {
            "hasNextPage": len(found) > len(page), "hasPreviousPage": "starting_after" in query,
            "startCursor": _write_cursor(page[0], keys) if page else None,
            "endCursor": _write_cursor(page[-1], keys) if page else None,
        },
        "totalCount": total,
    }  # fmt: skip


def check_limit(text: str) -> int:
    """The number of rows, capped in silence. Raises Refused."""
    if not text.isdigit() or int(text) < 1:
        raise bad_request(f"limit '{text}' is invalid. Should be an integer")
    return min(int(text), MOST)


def check_depth(query: Mapping[str, str]) -> None:
    """Raises Refused."""
    if query.get("depth", "0") not in {"0", "1"}:
        raise bad_request(f"'depth={query['depth']}' parameter invalid. Allowed values are 0, 1")


def find_uuid(text: Any) -> str:
    """Raises Refused."""
    try:
        return str(UUID(str(text)))
    except ValueError:
        raise bad_request(f"'{text}' is not a valid UUID") from None


def _check_value(found: FieldMetadata, value: Any) -> None:
    if found.type in COMPOSITES:
        if not isinstance(value, dict) or set(value) - set(COMPOSITES[found.type]):
            raise bad_request(f"Invalid value for field {found.name}")
        return
    expected = PLAIN.get(found.type, object)
    is_right = isinstance(value, expected) and isinstance(value, bool) == (expected is bool)
    if not is_right:
        raise bad_request(f"Invalid {found.type} value for field {found.name}")
    if found.type == "SELECT" and value not in {one["value"] for one in found.options}:
        raise bad_request(f'Value "{value}" does not exist in "{found.name}" enum.')
    if found.type in {"DATE", "DATE_TIME"}:
        try:
            dt.datetime.fromisoformat(value)
        except ValueError:
            raise bad_request(f"Invalid date for field {found.name}") from None


def _place(row: Mapping[str, Any], keys: list[tuple[str, bool]]) -> tuple[str, ...]:
    """Only ascending orders are paged here."""
    return tuple(str(row.get(name) or "") for name, _ in keys)


def _write_cursor(row: Mapping[str, Any], keys: list[tuple[str, bool]]) -> str:
    return base64.b64encode(json.dumps({name: row.get(name) for name, _ in keys}).encode()).decode()


def _read_cursor(text: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.b64decode(text, validate=True))
        return {**found, "id": found["id"]}
    except (ValueError, KeyError, TypeError):
        raise bad_request(f"Invalid cursor: {text}") from None
