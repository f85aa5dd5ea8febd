"""Runs `sql/0011_watch.sql`."""

from crm.migrations.scripts import run_script

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply the script."""
    run_script("0011_watch.sql")
