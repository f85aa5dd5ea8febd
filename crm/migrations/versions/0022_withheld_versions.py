"""Runs `sql/0022_withheld_versions.sql`."""

from crm.migrations.scripts import run_script

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Apply the script."""
    run_script("0022_withheld_versions.sql")
