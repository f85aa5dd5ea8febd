"""Runs `sql/0004_search.sql`."""

from crm.migrations.scripts import run_script

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Apply the script."""
    run_script("0004_search.sql")
