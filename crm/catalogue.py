"""How a business object is declared: its fields, their French names, its links to others.

One declaration serves the typed reads, the tools' schemas, the tables shown to brokers and the
recognition of French words in a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

FieldKind = Literal[
    "text", "code", "enum", "money", "price", "energy", "power", "percent", "area", "number",
    "date", "instant", "boolean", "list", "reference",
]  # fmt: skip
NUMERIC_KINDS: frozenset[FieldKind] = frozenset(
    {"money", "price", "energy", "power", "percent", "area", "number"}
)
TEMPORAL_KINDS: frozenset[FieldKind] = frozenset({"date", "instant"})


@dataclass(frozen=True)
class Choice:
    """A value of a closed list: its French label, the words a broker uses for it."""

    value: str
    label: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A column. `unit` is what follows the number in French; `words` are other names of it.

    A figure that is not additive is never summed unless a question asks for its total.
    """

    name: str
    label: str
    kind: FieldKind
    unit: str = ""
    words: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    is_feminine: bool = False
    is_additive: bool = True

    @property
    def is_numeric(self) -> bool:
        """Tell whether sums and comparisons make sense."""
        return self.kind in NUMERIC_KINDS

    def choice_label(self, value: str) -> str:
        """The French label of a stored value (the value itself when it is not in the list)."""
        return next((c.label for c in self.choices if c.value == value), value)


@dataclass(frozen=True)
class Link:
    """A many-to-one relation: `column` holds the id of a row of `target`."""

    target: str
    column: str
    label: str


@dataclass(frozen=True)
class BusinessObject:
    """A table as a broker knows it.

    `links` name the direct relations; `paths` give short names to longer ones (for a delivery
    point, `account` is `site.account`). `columns` is the default table, with dotted names;
    `date` and `measure` are the field meant when a question names none; `key` is the column of
    the record a row speaks of.
    """

    name: str
    singular: str
    plural: str
    is_feminine: bool
    fields: tuple[Field, ...]
    title: str
    columns: tuple[str, ...]
    order: str
    words: tuple[str, ...] = ()
    links: Mapping[str, Link] = field(default_factory=dict[str, Link])
    paths: Mapping[str, str] = field(default_factory=dict[str, str])
    search: tuple[str, ...] = ()
    date: str | None = None
    measure: str | None = None
    key: str = "id"

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Fields by column name."""
        return {f.name: f for f in self.fields}

    def link_path(self, name: str) -> str | None:
        """The full dotted path to the related object called `name`, if there is one."""
        if name in self.links:
            return name
        return self.paths.get(name)
