"""Lies made of a typed answer: every number, id and quote replaced by one that stands nowhere."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID, uuid5

NAMESPACE = UUID("00000000-0000-0000-0000-00000000dead")
UUID_TEXT = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DIGITS = re.compile(r"\d+")
QUOTES = frozenset({"quote", "quotes", "citation", "citations", "evidence"})
INVENTED = "Le fournisseur s’engage par écrit à rembourser 98 765,43 € sous sept jours."


def spoil(value: Any, key: str = "") -> Any:
    """`value` with the same form and nothing true in it; booleans are turned round."""
    match value:
        case bool():
            return not value
        case int() | float():
            return value * 7 + 1
        case dict():
            return {name: spoil(item, name) for name, item in value.items()}
        case list() | tuple():
            return [spoil(item, key) for item in value]
        case str() if key in QUOTES:
            return INVENTED
        case str() if UUID_TEXT.fullmatch(value):
            return str(uuid5(NAMESPACE, value))
        case str():
            return DIGITS.sub(lambda found: str(int(found[0][:9]) * 7 + 1), value)
        case _:
            return value
