"""Runs `sql/0020_seal_together.sql`."""

from crm.migrations.scripts import run_script

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Apply the script."""
    run_script("0020_seal_together.sql")
