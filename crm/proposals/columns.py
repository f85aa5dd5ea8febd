"""The columns that a change may name: the declared fields of an object, and its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from crm.catalogue import Choice, FieldKind
from crm.objects import OBJECTS

INTEGRAL = frozenset(
    {"number", "notice_days", "risk_score", "score", "relevance", "delivery_point_count",
     "duration_years", "surface_m2"}
)  # fmt: skip
COMPUTED = frozenset(
    {
        "notice_deadline_on",
        "highest_subscribed_kva",
        "subscribed_power_kva",
        "last_message_at",
        "designation",
    }
)
ADDRESSES = frozenset({("contacts", "email"), ("reply_drafts", "to_addresses"),
                       ("reply_drafts", "cc_addresses")})  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A column of the database; `target` is the object that a reference leads to."""

    name: str
    label: str
    kind: FieldKind
    unit: str = ""
    choices: tuple[Choice, ...] = ()
    target: str | None = None
    is_integral: bool = False
    is_address: bool = False


@cache
def columns_of(name: str) -> Mapping[str, Column]:
    """The columns of object `name` that a change may set, by name."""
    declared = OBJECTS[name]
    fields = {
        f.name: Column(
            f.name, f.label, f.kind, f.unit, f.choices,
            is_integral=f.name in INTEGRAL, is_address=(name, f.name) in ADDRESSES,
        )
        for f in declared.fields
        if f.name not in COMPUTED
    }  # fmt: skip
    links = {
        link.column: Column(link.column, link.label, "reference", target=link.target)
        for link in declared.links.values()
    }
    return MappingProxyType({**fields, **links})
