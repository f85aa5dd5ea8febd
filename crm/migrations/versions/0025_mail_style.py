"""Runs `sql/0025_mail_style.sql`."""

from crm.migrations.scripts import run_script

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Apply the script."""
    run_script("0025_mail_style.sql")
