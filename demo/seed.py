"""Loads the demonstration firm into an installation, by COPY, in one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

import psycopg
from argon2 import PasswordHasher
from psycopg import conninfo, sql
from psycopg.types.json import Jsonb

from core.errors import InvalidInput
from crm.installation import Installation
from crm.migrations.runner import MIGRATOR
from demo.firm import Firm
from demo.people import demo_logins

Progress = Callable[[str, int], None]
Connection = psycopg.Connection[tuple[Any, ...]]

# The audit and the approvals of a firm go only with the whole firm, expressly named.
NAME_ERASED = "SELECT set_config('voltaire.erased_tenants', %s, true)"
FIND_TENANTS = "SELECT id, slug FROM tenants WHERE slug = ANY(%s) ORDER BY slug"
INSERT_PASSWORD = "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, %s)"  # noqa: S105
TENANT_TABLES = """
SELECT c.oid::regclass::text
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
"""
FOREIGN_KEYS = """
SELECT conrelid::regclass::text, confrelid::regclass::text
FROM pg_constraint
WHERE contype = 'f' AND connamespace = 'public'::regnamespace AND conrelid <> confrelid
"""


@dataclass(frozen=True)
class SeedReport:
    """What was loaded, and how long it took."""

    rows: Mapping[str, int]
    tenants: tuple[str, ...]
    logins: int
    seconds: float

    @property
    def row_count(self) -> int:
        """Rows loaded, all tables together."""
        return sum(self.rows.values())


def seed(
    installation: Installation,
    firm: Firm,
    *,
    progress: Progress | None = None,
    replace: bool = False,
) -> SeedReport:
    """Load `firm` with its passwords; `progress` is told each table and its number of rows.

    Raises InvalidInput when one of its tenants exists already, unless `replace`: then all that
    those tenants hold, documents and conversations included, is deleted first.
    """
    started = time.monotonic()
    slugs = tuple(row["slug"] for row in firm.tables["tenants"])
    with psycopg.connect(_owner_conninfo(installation)) as connection:
        _make_room(connection, slugs, replace=replace)
        for table, rows in firm.tables.items():
            _copy_rows(connection, table, rows)
            if progress is not None:
                progress(table, len(rows))
        logins = _write_passwords(connection, firm)
        for table in firm.tables:
            connection.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))
    return SeedReport(
        {table: len(rows) for table, rows in firm.tables.items()},
        slugs,
        logins,
        time.monotonic() - started,
    )


def _owner_conninfo(installation: Installation) -> str:
    """The account that owns the tables: row-level policies do not bind it."""
    return conninfo.make_conninfo(
        installation.admin_conninfo,
        user=MIGRATOR,
        password=installation.secrets.role_password(MIGRATOR),
    )


def _make_room(connection: Connection, slugs: Sequence[str], *, replace: bool) -> None:
    found = connection.execute(FIND_TENANTS, (list(slugs),)).fetchall()
    if not found:
        return
    if not replace:
        names = ", ".join(f"« {slug} »" for _, slug in found)
        raise InvalidInput(
            f"La démonstration est déjà chargée ({names}). Pour la recharger en effaçant ce "
            "qu’elle contient, demandez expressément son remplacement."
        )
    tenant_ids = [tenant_id for tenant_id, _ in found]
    connection.execute(NAME_ERASED, (",".join(map(str, tenant_ids)),))
    for table in _list_deletions(connection):
        _delete_tenants(connection, table, "tenant_id", tenant_ids)
    _delete_tenants(connection, "tenants", "id", tenant_ids)


def _list_deletions(connection: Connection) -> list[str]:
    """Every table that belongs to tenants, each before those it refers to."""
    tables = {str(row[0]) for row in connection.execute(TENANT_TABLES)}
    referrers: dict[str, set[str]] = {table: set() for table in tables}
    for referrer, referred in connection.execute(FOREIGN_KEYS):
        if referrer in tables and referred in tables:
            referrers[str(referred)].add(str(referrer))
    return list(TopologicalSorter(referrers).static_order())


def _delete_tenants(
    connection: Connection, table: str, column: str, tenant_ids: Sequence[UUID]
) -> None:
    statement = sql.SQL("DELETE FROM {} WHERE {} = ANY(%s)").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    connection.execute(statement, (list(tenant_ids),))


def _copy_rows(connection: Connection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    columns = list(rows[0])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([_to_sql(row[column]) for column in columns])


def _to_sql(value: Any) -> Any:
    return Jsonb(value) if isinstance(value, dict) else value


def _write_passwords(connection: Connection, firm: Firm) -> int:
    user_ids = {row["email"]: row["id"] for row in firm.tables["users"]}
    hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
    hashes = [
        (user_ids[login.email], hasher.hash(login.password))
        for login in demo_logins()
        if login.email in user_ids
    ]
    with connection.cursor() as cursor:
        cursor.executemany(INSERT_PASSWORD, hashes)
    return len(hashes)
