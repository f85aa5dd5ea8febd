"""Runs `sql/0008_mail.sql`."""

from crm.migrations.scripts import run_script

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply the script."""
    run_script("0008_mail.sql")
