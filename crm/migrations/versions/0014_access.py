"""Runs `sql/0014_access.sql`."""

from crm.migrations.scripts import run_script

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Apply the script."""
    run_script("0014_access.sql")
