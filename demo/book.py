"""The firm being written: rows by table, the day it is written for, chance without surprise."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from uuid import NAMESPACE_DNS, UUID, uuid5

from core.context import PARIS

Row = dict[str, Any]
NAMESPACE = uuid5(NAMESPACE_DNS, "voltaire.example")

TABLES = (
    "tenants", "users", "accounts", "contacts", "market_watch", "tenders", "tender_lots",
    "tender_criteria", "competitors", "tender_competitors", "contracts", "amendments", "sites",
    "delivery_points", "contract_delivery_points", "non_conformities", "incidents",
    "grid_requests", "flexibility_opportunities", "ppa_projects", "efficiency_opportunities",
    "kb_articles", "document_templates", "email_threads", "emails", "attachments", "meetings",
    "tasks",
)  # fmt: skip
"""Every table of a firm, each after those it refers to."""


@dataclass
class Ranks:
    """Counters of codes that must differ from firm to firm."""

    siren: int = 0
    point: int = 0
    phone: int = 0

    def next(self, kind: str) -> int:
        """The next rank of `kind`, from 1."""
        value = getattr(self, kind) + 1
        setattr(self, kind, value)
        return value


@dataclass
class Book:
    """One tenant's rows under construction."""

    tenant: str
    today: dt.date
    seed: int
    ranks: Ranks
    people: Mapping[str, Row]
    tables: dict[str, list[Row]] = field(default_factory=lambda: {table: [] for table in TABLES})
    by_account: dict[tuple[str, UUID], list[Row]] = field(default_factory=lambda: defaultdict(list))

    @property
    def tenant_id(self) -> UUID:
        """The tenant's id."""
        return make_id("tenant", self.tenant)

    def random(self, *parts: object) -> Random:
        """A generator of its own for each topic, so that topics do not disturb one another."""
        return Random("/".join(map(str, (self.seed, self.tenant, *parts))))  # noqa: S311

    def add(self, table: str, key: str, created_on: dt.date, /, **columns: Any) -> Row:
        """Append a row of `table`; its id follows from `key`, its instants from `created_on`."""
        created = self.at(min(created_on, self.today), 8, 30)
        row: Row = {
            "id": make_id(self.tenant, table, key),
            "tenant_id": self.tenant_id,
            "version": 1,
            "created_at": created,
            "updated_at": created,
            "external_id": None,
            **columns,
        }
        self.tables[table].append(row)
        if columns.get("account_id") is not None:
            self.by_account[table, columns["account_id"]].append(row)
        return row

    def link(self, table: str, /, **columns: Any) -> Row:
        """Append a row of a table of links, which has no id of its own."""
        row: Row = {"tenant_id": self.tenant_id, **columns}
        self.tables[table].append(row)
        return row

    def of(self, table: str, account: Row) -> list[Row]:
        """The rows of `table` that belong to `account`."""
        return self.by_account.get((table, account["id"]), [])

    def day(self, offset: int) -> dt.date:
        """The day `offset` days from today."""
        return self.today + dt.timedelta(days=offset)

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """An instant in Paris."""
        return dt.datetime.combine(day, dt.time(hour, minute), PARIS)

    def person_id(self, key: str) -> UUID:
        """The id of the person called `key` (first name); KeyError when there is none."""
        return self.people[key]["id"]


def make_id(*parts: str) -> UUID:
    """The id that always stands for these words."""
    return uuid5(NAMESPACE, "/".join(parts))
