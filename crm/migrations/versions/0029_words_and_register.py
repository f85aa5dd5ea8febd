"""Runs `sql/0029_words_and_register.sql`."""

from crm.migrations.scripts import run_script

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """Apply the script."""
    run_script("0029_words_and_register.sql")
