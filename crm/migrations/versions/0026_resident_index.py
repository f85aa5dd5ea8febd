"""Runs `sql/0026_resident_index.sql`."""

from crm.migrations.scripts import run_script

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    """Apply the script."""
    run_script("0026_resident_index.sql")
