"""Runs `sql/0030_coded_vectors.sql`."""

from crm.migrations.scripts import run_script

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """Apply the script."""
    run_script("0030_coded_vectors.sql")
