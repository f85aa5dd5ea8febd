"""The parts of a read over any declared object, as a model states them, and what it becomes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from psycopg import sql
from pydantic import BaseModel, ConfigDict, Field

Operator = Literal[
    "eq", "ne", "in", "not_in", "lt", "lte", "gt", "gte", "between", "contains", "is_empty",
    "is_not_empty",
]  # fmt: skip
Function = Literal["count", "sum", "avg", "min", "max"]
Bucket = Literal["value", "month", "quarter", "year"]
Scalar = str | int | float | bool


class QueryPart(BaseModel):
    """A part of a question as a model states it: unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Filter(QueryPart):
    """A condition on a field (`status`, `account.segment`…)."""

    field: str = Field(description="Champ, éventuellement pointé : status, account.segment")
    operator: Operator = "eq"
    value: Scalar | list[Scalar] | None = Field(
        default=None,
        description="Valeur ; liste pour in, not_in et between ; dates au format AAAA-MM-JJ",
    )


class RelatedFilter(QueryPart):
    """Keep records that have (or do not have) related records meeting `filters`."""

    object: str = Field(description="Objet lié, par exemple contracts")
    exists: bool = True
    filters: list[Filter] = Field(default_factory=list[Filter])


class Measure(QueryPart):
    """What is computed on a group; `field` is left out for a count."""

    function: Function = "count"
    field: str | None = None


class Grouping(QueryPart):
    """What groups are made of; dates may be grouped by month, quarter or year."""

    field: str
    bucket: Bucket = "value"


class Bound(QueryPart):
    """A limit on the first measure of a group."""

    operator: Literal["lt", "lte", "gt", "gte"]
    value: Scalar


class OutputColumn(QueryPart):
    """A column of a result, as it is to be shown."""

    name: str
    label: str
    kind: str
    unit: str = ""
    object: str = ""
    field: str = ""


class Statement(BaseModel):
    """A composed statement: text, parameters, and what its columns are."""

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    text: sql.Composed
    parameters: tuple[Any, ...]
    columns: tuple[OutputColumn, ...]
    totals: tuple[OutputColumn, ...] = ()


Filters = Annotated[Sequence[Filter], "conditions joined by AND"]
