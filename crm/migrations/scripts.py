"""Runs one SQL script, as it is written, inside Alembic's transaction."""

from pathlib import Path

from alembic import op

SCRIPTS = Path(__file__).parent / "sql"


def run_script(name: str) -> None:
    """Send the whole of `sql/<name>` to the server (no parameter, no rewriting)."""
    script = (SCRIPTS / name).read_text(encoding="utf-8")
    driver = op.get_bind().connection.driver_connection
    assert driver is not None  # noqa: S101 - a bound connection always has its driver
    driver.execute(script)
