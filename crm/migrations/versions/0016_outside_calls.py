"""Runs `sql/0016_outside_calls.sql`."""

from crm.migrations.scripts import run_script

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Apply the script."""
    run_script("0016_outside_calls.sql")
