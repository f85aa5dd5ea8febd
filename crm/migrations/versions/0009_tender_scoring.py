"""Runs `sql/0009_tender_scoring.sql`."""

from crm.migrations.scripts import run_script

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Apply the script."""
    run_script("0009_tender_scoring.sql")
