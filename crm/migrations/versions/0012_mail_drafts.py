"""Runs `sql/0012_mail_drafts.sql`."""

from crm.migrations.scripts import run_script

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply the script."""
    run_script("0012_mail_drafts.sql")
