"""Runs `sql/0018_answer_proofs.sql`."""

from crm.migrations.scripts import run_script

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply the script."""
    run_script("0018_answer_proofs.sql")
