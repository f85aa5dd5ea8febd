"""Runs `sql/0034_undated_ends.sql`."""

from crm.migrations.scripts import run_script

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Apply the script."""
    run_script("0034_undated_ends.sql")
