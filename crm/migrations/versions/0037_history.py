"""Runs `sql/0037_history.sql`."""

from crm.migrations.scripts import run_script

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    """Apply the script."""
    run_script("0037_history.sql")
