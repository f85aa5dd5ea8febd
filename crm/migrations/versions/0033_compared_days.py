"""Runs `sql/0033_compared_days.sql`."""

from crm.migrations.scripts import run_script

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Apply the script."""
    run_script("0033_compared_days.sql")
