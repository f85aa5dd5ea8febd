"""Runs `sql/0028_passage_vectors.sql`."""

from crm.migrations.scripts import run_script

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    """Apply the script."""
    run_script("0028_passage_vectors.sql")
