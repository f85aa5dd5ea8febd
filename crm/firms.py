"""Firms of an installation and who leads them, read by the administration account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import connect
from psycopg.rows import dict_row

from core.context import Identity

HAS_FIRM = "SELECT EXISTS (SELECT FROM tenants) AS found"
FIND_LEADER = """
SELECT u.id, u.tenant_id, u.email, u.full_name, u.roles, t.name AS tenant_name
FROM users u JOIN tenants t ON t.id = u.tenant_id
WHERE u.is_active
ORDER BY t.created_at, t.slug, ('director' = ANY (u.roles)) DESC,
    ('admin' = ANY (u.roles)) DESC, u.email
LIMIT 1
"""


def has_firm(admin_conninfo: str) -> bool:
    """Tell whether the database holds a firm."""
    row = _fetch(admin_conninfo, HAS_FIRM)
    return bool(row and row["found"])


def find_leader(admin_conninfo: str) -> Identity | None:
    """The director (else the administrator, else anyone) of the first firm."""
    row = _fetch(admin_conninfo, FIND_LEADER)
    if row is None:
        return None
    return Identity(
        tenant_id=UUID(str(row["tenant_id"])),
        user_id=UUID(str(row["id"])),
        roles=frozenset(row["roles"]),
        tenant_name=row["tenant_name"],
        full_name=row["full_name"],
        email=row["email"],
    )


def _fetch(admin_conninfo: str, statement: str) -> dict[str, Any] | None:
    with connect(admin_conninfo) as connection:
        cursor = connection.cursor(row_factory=dict_row)
        return cursor.execute(statement.encode()).fetchone()
