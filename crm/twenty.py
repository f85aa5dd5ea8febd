"""Whether a firm's mirror of Twenty CRM is on, told to the database by its owner."""

from __future__ import annotations

import psycopg

FOLLOW_SETTINGS = """
UPDATE twenty_connections SET is_enabled = coalesce(base_url = %(url)s, false)
WHERE is_enabled IS DISTINCT FROM coalesce(base_url = %(url)s, false)
"""


def follow_settings(admin_conninfo: str, base_url: str | None) -> None:
    """Enable the mirror of the firms whose Twenty is that of the settings, stop every other.

    While it is stopped, an executed change leaves no effect that nobody could make.
    """
    with psycopg.connect(admin_conninfo) as connection:
        connection.execute(FOLLOW_SETTINGS, {"url": base_url})
