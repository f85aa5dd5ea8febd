"""Runs `sql/0027_libraries.sql`."""

from crm.migrations.scripts import run_script

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    """Apply the script."""
    run_script("0027_libraries.sql")
