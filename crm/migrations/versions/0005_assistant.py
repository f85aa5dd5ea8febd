"""Runs `sql/0005_assistant.sql`."""

from crm.migrations.scripts import run_script

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Apply the script."""
    run_script("0005_assistant.sql")
