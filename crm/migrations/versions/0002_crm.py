"""Runs `sql/0002_crm.sql`."""

from crm.migrations.scripts import run_script

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply the script."""
    run_script("0002_crm.sql")
