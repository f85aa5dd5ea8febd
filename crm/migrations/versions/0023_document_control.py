"""Runs `sql/0023_document_control.sql`."""

from crm.migrations.scripts import run_script

revision = "0023"
down_revision = "0021"


def upgrade() -> None:
    """Apply the script."""
    run_script("0023_document_control.sql")
