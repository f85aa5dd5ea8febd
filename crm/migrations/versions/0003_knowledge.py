"""Runs `sql/0003_knowledge.sql`."""

from crm.migrations.scripts import run_script

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply the script."""
    run_script("0003_knowledge.sql")
