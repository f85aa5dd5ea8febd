"""Migrations, readable schema and declarations say the same thing."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.rows import dict_row

from core.embedded import EmbeddedServer
from crm.migrations.describe import SCHEMA_FILE, describe_schema
from crm.migrations.runner import current_revision, head_revision, migrate
from crm.objects import OBJECTS, resolve_field
from tests.conftest import SECRETS, TEMPLATE

COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
CHECKS = """
SELECT pg_get_constraintdef(oid) AS definition FROM pg_constraint
WHERE contype = 'c' AND conrelid = %s::regclass
"""
UNGUARDED = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relrowsecurity
  AND c.relname <> 'alembic_version' AND NOT c.relispartition
"""
FOREIGN_KEYS = """
SELECT conrelid::regclass::text AS child, confrelid::regclass::text AS parent,
       pg_get_constraintdef(oid) AS definition
FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


def fetch(conninfo: str, statement: str, *parameters: object) -> list[dict[str, object]]:
    with psycopg.Connection[dict[str, object]].connect(
        conninfo, row_factory=dict_row
    ) as connection:
        return connection.execute(statement.encode(), parameters).fetchall()


def test_migrations_make_exactly_the_readable_schema(postgres: EmbeddedServer) -> None:
    found = describe_schema(postgres.conninfo(TEMPLATE))
    assert found == SCHEMA_FILE.read_text(encoding="utf-8")


def test_migrating_twice_changes_nothing(postgres: EmbeddedServer, worker_id: str) -> None:
    name = f"twice_{worker_id}"
    migrate(postgres.conninfo(), name, SECRETS)
    before = describe_schema(postgres.conninfo(name))
    migrate(postgres.conninfo(), name, SECRETS)
    assert describe_schema(postgres.conninfo(name)) == before
    assert current_revision(postgres.conninfo(name)) == head_revision()


def test_every_table_is_under_row_level_security(conninfo: str) -> None:
    assert fetch(conninfo, UNGUARDED) == []


def test_every_foreign_key_between_business_tables_carries_the_tenant(conninfo: str) -> None:
    keys = fetch(conninfo, FOREIGN_KEYS)
    loose = [
        k for k in keys if "tenant_id" not in str(k["definition"]) and k["parent"] != "tenants"
    ]
    assert len(keys) > 60
    assert loose == []


@pytest.mark.parametrize("name", list(OBJECTS))
def test_a_declaration_matches_its_table(conninfo: str, name: str) -> None:
    declared = OBJECTS[name]
    columns = {row["column_name"] for row in fetch(conninfo, COLUMNS, name)}
    assert {f.name for f in declared.fields} <= columns
    assert {link.column for link in declared.links.values()} <= columns
    assert declared.key in columns
    for dotted in (*declared.columns, declared.order):
        resolve_field(declared, dotted)


@pytest.mark.parametrize("name", list(OBJECTS))
def test_closed_lists_hold_every_value_the_database_admits(conninfo: str, name: str) -> None:
    checks = " ".join(str(row["definition"]) for row in fetch(conninfo, CHECKS, name))
    for field in OBJECTS[name].fields:
        for choice in field.choices:
            assert f"'{choice.value}'" in checks, (field.name, choice.value)
