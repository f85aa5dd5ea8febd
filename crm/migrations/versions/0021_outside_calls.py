"""Runs `sql/0021_outside_calls.sql`."""

from crm.migrations.scripts import run_script

revision = "0021"
down_revision = "0015"


def upgrade() -> None:
    """Apply the script."""
    run_script("0021_outside_calls.sql")
