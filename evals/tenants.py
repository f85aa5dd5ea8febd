"""Temporary firms for measurements: made empty, removed with everything they hold."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
from psycopg import sql

from core.context import Identity

INSERT_TENANT = "INSERT INTO tenants (id, slug, name) VALUES (%s, %s, 'Mesure')"
INSERT_USER = """
INSERT INTO users (id, tenant_id, email, full_name, roles) VALUES (%s, %s, %s, 'Mesure', %s)
"""
DELETES = (
    "DELETE FROM documents WHERE tenant_id = %s",
    "DELETE FROM document_files WHERE tenant_id = %s",
    "DELETE FROM users WHERE tenant_id = %s",
    "DELETE FROM tenants WHERE id = %s",
)


def drop_database(admin_conninfo: str, name: str) -> None:
    """Remove a measurement's own database, and whoever is still in it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        connection.execute(statement)


def create_tenant(connection: psycopg.Connection[Any]) -> Identity:
    """A director of a new firm."""
    tenant, user = uuid4(), uuid4()
    email = f"{user.hex}@mesure.example"
    connection.execute(INSERT_TENANT, (tenant, f"mesure-{tenant.hex[:12]}"))
    connection.execute(INSERT_USER, (user, tenant, email, ["reader", "director"]))
    return Identity(tenant, user, frozenset({"reader", "director"}), "Mesure", "Mesure", email)


@contextmanager
def temporary_tenant(admin_conninfo: str) -> Generator[Identity]:
    """A director of a new firm, for as long as the block lasts."""
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        identity = create_tenant(connection)
    try:
        yield identity
    finally:
        with psycopg.connect(admin_conninfo, autocommit=True) as connection:
            for statement in DELETES:
                connection.execute(statement, (identity.tenant_id,))
