"""Runs the three scripts of guarded writes: proposals, audit, commit."""

from crm.migrations.scripts import run_script

revision = "0007"
down_revision = "0005"


def upgrade() -> None:
    """Apply the scripts, in their order."""
    for name in ("0007_proposals.sql", "0007_audit.sql", "0007_commit.sql"):
        run_script(name)
