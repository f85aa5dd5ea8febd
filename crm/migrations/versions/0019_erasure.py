"""Runs `sql/0019_erasure.sql`."""

from crm.migrations.scripts import run_script

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    """Apply the script."""
    run_script("0019_erasure.sql")
