"""Runs `sql/0013_cards.sql`."""

from crm.migrations.scripts import run_script

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply the script."""
    run_script("0013_cards.sql")
