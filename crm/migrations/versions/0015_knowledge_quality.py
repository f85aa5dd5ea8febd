"""Runs `sql/0015_knowledge_quality.sql`."""

from crm.migrations.scripts import run_script

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply the script."""
    run_script("0015_knowledge_quality.sql")
