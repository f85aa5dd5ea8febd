"""The rows of the demonstration firm, with the links between them, as plain Python values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

from core.context import PARIS
from demo.firm import PRINCIPAL, Firm

Row = Mapping[str, Any]

LINKS = {
    "account": "accounts",
    "parent_account": "accounts",
    "owner": "users",
    "opened_by": "users",
    "contract": "contracts",
    "tender": "tenders",
    "lot": "tender_lots",
    "site": "sites",
    "delivery_point": "delivery_points",
    "market_watch": "market_watch",
    "competitor": "competitors",
    "contact": "contacts",
    "thread": "email_threads",
    "email": "emails",
    "non_conformity": "non_conformities",
}


class UnknownColumn(Exception):
    """A path that names no column of the rows."""


class Portfolio:
    """One tenant's rows; `value` follows dotted links (`contract.account.name`)."""

    def __init__(self, firm: Firm, tenant: str = PRINCIPAL) -> None:
        self.today = firm.today
        self._firm = firm
        self._tenant = tenant

    @cached_property
    def _tables(self) -> dict[str, Sequence[Row]]:
        return {table: self._firm.tenant_rows(table, self._tenant) for table in self._firm.tables}

    @cached_property
    def _by_id(self) -> dict[str, dict[Any, Row]]:
        return {
            table: {row["id"]: row for row in rows if "id" in row}
            for table, rows in self._tables.items()
        }

    def rows(self, table: str) -> Sequence[Row]:
        """Every row of `table`; KeyError for an unknown one."""
        return self._tables[table]

    def value(self, row: Row, path: str) -> Any:
        """What `path` holds for `row`; None when a link on the way is empty.

        Raises UnknownColumn for a path that does not exist.
        """
        *steps, name = path.split(".")
        holder: Row | None = row
        for step in steps:
            holder = self._follow(holder, step) if holder is not None else None
        return None if holder is None else _read(holder, name)

    def _follow(self, row: Row, step: str) -> Row | None:
        target, column = LINKS.get(step), f"{step}_id"
        if target is None or column not in row:
            raise UnknownColumn(step)
        return self._by_id[target].get(row[column])


def _read(row: Row, name: str) -> Any:
    """A column, or one the database computes: last day to give notice, highest power."""
    if name == "notice_deadline_on" and "notice_days" in row:
        days = row["notice_days"]
        return None if days is None else row["end_on"] - dt.timedelta(days=days)
    if name == "highest_subscribed_kva" and "subscribed_power_kva" in row:
        return max((row["subscribed_power_kva"] or {}).values(), default=None)
    if name not in row:
        raise UnknownColumn(name)
    return row[name]


def comparable(value: Any) -> Any:
    """A value as conditions compare it: instants as their day in Paris, numbers as Decimal."""
    if isinstance(value, dt.datetime):
        return value.astimezone(PARIS).date()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return Decimal(str(value))
