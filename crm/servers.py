"""What a PostgreSQL server is: its version and the extensions of a database."""

from __future__ import annotations

from dataclasses import dataclass

from psycopg import connect


@dataclass(frozen=True)
class Server:
    """`version` is the server's number (160004 for 16.4); `extensions` maps names to versions."""

    version: int
    extensions: dict[str, str]


def describe_server(conninfo: str) -> Server:
    """The server behind `conninfo`. Raises psycopg.OperationalError."""
    with connect(conninfo) as connection:
        rows = connection.execute("SELECT extname, extversion FROM pg_extension").fetchall()
        return Server(connection.info.server_version, dict(rows))
