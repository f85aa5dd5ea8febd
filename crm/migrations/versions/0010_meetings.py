"""Runs `sql/0010_meetings.sql`."""

from crm.migrations.scripts import run_script

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Apply the script."""
    run_script("0010_meetings.sql")
