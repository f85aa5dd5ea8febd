"""Output schemas: what the API takes as such, what must be said in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field, create_model

from core.engine.schemas import build_output_schema, describe_schema
from tests.doubles.messages_api.options import check_format


class Line(BaseModel):
    label: str = Field(min_length=2)
    amount: Decimal | None = None


class Verdict(BaseModel):
    kind: Literal["go", "no_go"]
    note: int = Field(ge=0, le=20)
    properties: str
    lines: list[Line] = Field(min_length=3)


class Tree(BaseModel):
    children: list[Tree]


class Open(BaseModel):
    fields: dict[str, str]


def test_limits_are_moved_to_descriptions_and_the_api_takes_the_schema() -> None:
    schema = build_output_schema(Verdict.model_json_schema())
    assert schema is not None
    assert schema["additionalProperties"] is False
    assert "minimum" not in schema["properties"]["note"]
    assert "20" in schema["properties"]["note"]["description"]
    assert schema["properties"]["kind"]["enum"] == ["go", "no_go"]
    check_format({"type": "json_schema", "schema": schema})


def test_recursive_and_open_schemas_are_not_for_the_api() -> None:
    assert build_output_schema(Tree.model_json_schema()) is None
    assert build_output_schema(Open.model_json_schema()) is None


def test_a_schema_with_too_many_alternatives_is_not_for_the_api() -> None:
    few = create_model("Few", **{f"f{i}": (str | None, ...) for i in range(16)})  # type: ignore[call-overload]
    many = create_model("Many", **{f"f{i}": (str | None, ...) for i in range(17)})  # type: ignore[call-overload]
    assert build_output_schema(few.model_json_schema()) is not None
    assert build_output_schema(many.model_json_schema()) is None


def test_the_given_schema_is_not_modified() -> None:
    schema = Verdict.model_json_schema()
    build_output_schema(schema)
    assert schema == Verdict.model_json_schema()


def test_a_schema_in_words_is_the_same_from_one_call_to_the_next() -> None:
    assert describe_schema({"b": 1, "a": 2}) == describe_schema({"a": 2, "b": 1})
