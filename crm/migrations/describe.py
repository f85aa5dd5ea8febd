"""The readable schema: what the migrations make of an empty database, as plain SQL.

`python -m crm.migrations.describe > crm/schema.sql` after a migration; a test refuses a gap.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from psycopg import conninfo

from core.embedded import EmbeddedServer, find_programs
from core.secrets import Secrets
from crm.migrations.runner import migrate

SCHEMA_FILE = Path(__file__).parent.parent / "schema.sql"
NOISE = re.compile(r"^(?:--.*|SET .*|SELECT pg_catalog\.set_config.*|\\.*)\n", re.MULTILINE)
EMPTY_LINES = re.compile(r"\n{3,}")
# PostgreSQL lists the roles of a policy in the order in which it stores them.
POLICY_ROLES = re.compile(r"(?<= TO )\w+(?:, \w+)+(?= (?:USING|WITH) )")


def describe_schema(admin_conninfo: str) -> str:
    """The definition of every table, policy, function and right, sorted by kind and name."""
    parts = conninfo.conninfo_to_dict(admin_conninfo)
    done = subprocess.run(  # noqa: S603 - fixed program, no shell
        [
            str(find_programs() / "pg_dump"), "--schema-only", "--no-owner", "--schema=public",
            "--schema=security", "--exclude-table=alembic_version",
            conninfo.make_conninfo(admin_conninfo, password=None),
        ],
        check=True,
        capture_output=True,
        text=True,
        env={"PGPASSWORD": str(parts.get("password", ""))},
    )  # fmt: skip
    text = POLICY_ROLES.sub(lambda m: ", ".join(sorted(m[0].split(", "))), done.stdout)
    return EMPTY_LINES.sub("\n\n", NOISE.sub("", text)).strip() + "\n"


def main() -> None:
    """Migrate an empty database on a temporary server and print its schema."""
    secrets = Secrets(b"schema-description-only-not-a-secret")
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "postgres", secrets)
        with server.running():
            migrate(server.conninfo(), "schema", secrets)
            sys.stdout.write(describe_schema(server.conninfo("schema")))


if __name__ == "__main__":
    main()
