"""Runs `sql/0017_document_control.sql`."""

from crm.migrations.scripts import run_script

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Apply the script."""
    run_script("0017_document_control.sql")
