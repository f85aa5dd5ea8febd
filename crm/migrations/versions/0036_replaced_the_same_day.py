"""Runs `sql/0036_replaced_the_same_day.sql`."""

from crm.migrations.scripts import run_script

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Apply the script."""
    run_script("0036_replaced_the_same_day.sql")
