"""The demonstration firm loads into a real PostgreSQL, each tenant seeing its own rows only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg import sql

from core.context import Identity
from core.database import Database
from core.embedded import EmbeddedServer
from core.errors import InvalidInput
from core.settings import Settings
from crm.installation import Installation
from demo.firm import Firm, generate_firm
from demo.people import demo_logins
from demo.seed import seed
from tests.conftest import SECRETS, TEMPLATE

TODAY = dt.date(2026, 11, 20)
VOLUME_BY_ENERGY = """
SELECT d.energy, sum(d.annual_consumption_mwh) FROM delivery_points d GROUP BY d.energy
"""


@pytest.fixture(scope="module")
def firm() -> Firm:
    return generate_firm(TODAY)


@pytest.fixture(scope="module")
def installation(postgres: EmbeddedServer, worker_id: str, firm: Firm) -> Iterator[Installation]:
    """An installation of its own, with the demonstration loaded."""
    name = sql.Identifier(f"test_seed_{worker_id}")
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(TEMPLATE))
        )
    admin = postgres.conninfo(f"test_seed_{worker_id}")
    settings = Settings(data_dir=Path("unused"))
    opened = Installation(settings, SECRETS, admin, Database(admin, SECRETS))
    seed(opened, firm)
    yield opened
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def count_rows(installation: Installation, table: str) -> int:
    with psycopg.connect(installation.admin_conninfo) as connection:
        row = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        ).fetchone()
    assert row is not None
    return int(row[0])


def identify(firm: Firm, email: str) -> Identity:
    user = next(user for user in firm.tables["users"] if user["email"] == email)
    return Identity(user["tenant_id"], user["id"], frozenset(user["roles"]))


def test_every_row_is_loaded(installation: Installation, firm: Firm) -> None:
    loaded = {table: count_rows(installation, table) for table in firm.tables}
    assert loaded == {table: len(rows) for table, rows in firm.tables.items()}


def test_a_second_load_is_refused_in_french(installation: Installation, firm: Firm) -> None:
    with pytest.raises(InvalidInput, match="déjà chargée"):
        seed(installation, firm)


def test_replacing_leaves_the_new_firm_alone(installation: Installation, firm: Firm) -> None:
    told: list[tuple[str, int]] = []
    report = seed(
        installation,
        firm,
        replace=True,
        progress=lambda table, count: told.append((table, count)),
    )
    assert dict(told) == dict(report.rows)
    assert count_rows(installation, "accounts") == len(firm.tables["accounts"])


def test_a_refused_load_changes_nothing(installation: Installation, firm: Firm) -> None:
    broken: dict[str, Any] = dict(firm.tables)
    broken["tasks"] = [{**broken["tasks"][0], "status": "imaginary"}]
    with pytest.raises(psycopg.errors.CheckViolation):
        seed(installation, replace(firm, tables=broken), replace=True)
    assert count_rows(installation, "tasks") == len(firm.tables["tasks"])


def test_passwords_open_the_accounts_of_active_people(installation: Installation) -> None:
    hasher = PasswordHasher()
    with psycopg.connect(installation.admin_conninfo) as connection:
        for login in demo_logins():
            row = connection.execute(
                "SELECT password_hash, tenant_slug FROM security.find_login(%s)", (login.email,)
            ).fetchone()
            assert row is not None
            assert row[1] == login.tenant
            assert hasher.verify(row[0], login.password)


async def test_each_firm_sees_its_own_clients_only(installation: Installation, firm: Firm) -> None:
    for slug, email in (
        ("alize", "camille.ferrand@alize-energie.example"),
        ("mistral", "laure.mercier@mistral-energie.example"),
    ):
        async with installation.database.transaction(identify(firm, email)) as connection:
            cursor = await connection.execute("SELECT name FROM accounts")
            seen = {row["name"] for row in await cursor.fetchall()}
        assert seen == {account["name"] for account in firm.tenant_rows("accounts", slug)}
    await installation.database.close()


async def test_totals_in_sql_equal_totals_of_the_rows(
    installation: Installation, firm: Firm
) -> None:
    identity = identify(firm, "ines.garnier@alize-energie.example")
    async with installation.database.transaction(identity) as connection:
        cursor = await connection.execute(VOLUME_BY_ENERGY)
        totals = {row["energy"]: row["sum"] for row in await cursor.fetchall()}
    await installation.database.close()
    assert totals == {
        energy: sum(
            point["annual_consumption_mwh"]
            for point in firm.tenant_rows("delivery_points")
            if point["energy"] == energy
        )
        for energy in ("electricity", "gas")
    }
