"""Runs `sql/0032_version_titles.sql`."""

from crm.migrations.scripts import run_script

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """Apply the script."""
    run_script("0032_version_titles.sql")
