"""Where the reading of each mailbox stands: delta links by folder, subscription, last error."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from core.database import Connection

OPEN = """
INSERT INTO mail_sources (tenant_id, mailbox, kind) VALUES (%s, %s, %s)
ON CONFLICT (tenant_id, mailbox) DO UPDATE SET kind = excluded.kind RETURNING *
"""
SAVE_CURSORS = """
UPDATE mail_sources SET cursors = cursors || %s, checked_at = clock_timestamp(), message = NULL
WHERE tenant_id = %s AND mailbox = %s
"""
SAVE_SUBSCRIPTION = """
UPDATE mail_sources SET subscription_id = %s, subscription_expires_at = %s, client_state = %s
WHERE tenant_id = %s AND mailbox = %s
"""
HASTEN = """
UPDATE mail_sources SET subscription_expires_at = clock_timestamp()
WHERE tenant_id = %s AND mailbox = %s
"""
SAVE_ERROR = "UPDATE mail_sources SET message = %s WHERE tenant_id = %s AND mailbox = %s"
FIND_SUBSCRIPTION = "SELECT * FROM mail_sources WHERE tenant_id = %s AND subscription_id = %s"


async def open_source(
    connection: Connection, tenant_id: UUID, mailbox: str, kind: str
) -> dict[str, Any]:
    """The row of a mailbox, made at its first reading."""
    row = await (await connection.execute(OPEN, (tenant_id, mailbox, kind))).fetchone()
    return row or {}


async def save_cursors(
    connection: Connection, tenant_id: UUID, mailbox: str, cursors: Mapping[str, str | None]
) -> None:
    """Note where the next reading of these folders begins (None: from the start)."""
    await connection.execute(SAVE_CURSORS, (Jsonb(dict(cursors)), tenant_id, mailbox))


async def save_subscription(
    connection: Connection,
    tenant_id: UUID,
    mailbox: str,
    subscription_id: str | None,
    expires_at: dt.datetime | None,
    client_state: str | None,
) -> None:
    """Note the subscription that watches the mailbox, or that none does."""
    await connection.execute(
        SAVE_SUBSCRIPTION, (subscription_id, expires_at, client_state, tenant_id, mailbox)
    )


async def hasten_renewal(connection: Connection, tenant_id: UUID, mailbox: str) -> None:
    """Have the subscription renewed at the next round."""
    await connection.execute(HASTEN, (tenant_id, mailbox))


async def save_error(connection: Connection, tenant_id: UUID, mailbox: str, message: str) -> None:
    """Note why the mailbox could not be read."""
    await connection.execute(SAVE_ERROR, (message[:2000], tenant_id, mailbox))


async def find_subscribed(
    connection: Connection, tenant_id: UUID, subscription_id: str
) -> dict[str, Any] | None:
    """The mailbox that a subscription watches."""
    return await (
        await connection.execute(FIND_SUBSCRIPTION, (tenant_id, subscription_id))
    ).fetchone()
