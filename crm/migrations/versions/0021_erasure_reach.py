"""Runs `sql/0021_erasure_reach.sql`."""

from crm.migrations.scripts import run_script

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Apply the script."""
    run_script("0021_erasure_reach.sql")
