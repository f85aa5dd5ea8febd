"""Runs `sql/0035_uncertain_answers.sql`."""

from crm.migrations.scripts import run_script

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Apply the script."""
    run_script("0035_uncertain_answers.sql")
