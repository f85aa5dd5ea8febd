"""Runs `sql/0024_twenty.sql`."""

from crm.migrations.scripts import run_script

revision = "0024"
down_revision = "0022"


def upgrade() -> None:
    """Apply the script."""
    run_script("0024_twenty.sql")
