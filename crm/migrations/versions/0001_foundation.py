"""Runs `sql/0001_foundation.sql`."""

from crm.migrations.scripts import run_script

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Apply the script."""
    run_script("0001_foundation.sql")
