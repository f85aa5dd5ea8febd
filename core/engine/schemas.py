"""A JSON schema as the API's structured output takes it, or as words for the model to follow.

The API refuses recursive schemas, open objects, and schemas with too many optional or
alternative fields; numeric and length limits are moved to the descriptions by the SDK's own
transformation, and checked by pydantic on our side.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from anthropic import transform_schema

Schema = dict[str, Any]
MOST_OPTIONAL_FIELDS = 24
MOST_ALTERNATIVES = 16

SCHEMA_IN_WORDS = (
    "Répondez par un seul objet JSON, sans aucun texte autour, conforme à ce schéma\u00a0:\n"
    "{schema}"
)


def build_output_schema(schema: Schema) -> Schema | None:
    """The schema transformed as the API wants it; None when the API would refuse it."""
    if _is_open_or_recursive(schema):
        return None
    nodes = list(_walk(schema))
    optional = sum(
        len(n["properties"].keys() - set(n.get("required", [])))
        for n in nodes
        if isinstance(n.get("properties"), dict)
    )
    alternatives = sum(1 for n in nodes if "anyOf" in n or isinstance(n.get("type"), list))
    if optional > MOST_OPTIONAL_FIELDS or alternatives > MOST_ALTERNATIVES:
        return None
    try:
        return transform_schema(schema)
    except (ValueError, AssertionError):
        return None


def describe_schema(schema: Schema) -> str:
    """The instruction that stands for a schema the server does not enforce."""
    return SCHEMA_IN_WORDS.format(schema=json.dumps(schema, ensure_ascii=False, sort_keys=True))


def _is_open_or_recursive(schema: Schema) -> bool:
    definitions = schema.get("$defs", {})
    return any(_is_open(node) for node in _walk(schema)) or any(
        _reaches(name, definitions[name], definitions, frozenset()) for name in definitions
    )


def _is_open(node: Schema) -> bool:
    """An object with keys of the model's choosing: the transformation would empty it."""
    is_object = node.get("type") == "object"
    return is_object and (bool(node.get("additionalProperties")) or not node.get("properties"))


def _reaches(
    target: str, node: Schema, definitions: dict[str, Schema], seen: frozenset[str]
) -> bool:
    for inner in _walk(node):
        name = str(inner.get("$ref", "")).rpartition("/")[2]
        if name == target:
            return True
        is_new = name in definitions and name not in seen
        if is_new and _reaches(target, definitions[name], definitions, seen | {name}):
            return True
    return False


def _walk(value: Any) -> Iterator[Schema]:
    """Every schema inside a schema, itself first; property names are not taken for keywords."""
    if isinstance(value, list):
        for element in value:
            yield from _walk(element)
    elif isinstance(value, dict):
        yield value
        for keyword, inner in value.items():
            if keyword in {"properties", "$defs"}:
                yield from _walk(list(inner.values()))
            elif keyword in {"items", "anyOf", "oneOf", "allOf", "prefixItems"}:
                yield from _walk(inner)
