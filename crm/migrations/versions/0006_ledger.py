"""Runs `sql/0006_ledger.sql`."""

from crm.migrations.scripts import run_script

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply the script."""
    run_script("0006_ledger.sql")
