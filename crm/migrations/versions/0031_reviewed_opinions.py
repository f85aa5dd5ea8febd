"""Runs `sql/0031_reviewed_opinions.sql`."""

from crm.migrations.scripts import run_script

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Apply the script."""
    run_script("0031_reviewed_opinions.sql")
