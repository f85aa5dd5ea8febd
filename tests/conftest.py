"""Shared fixtures: a real PostgreSQL, one database per worker from a migrated template."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import DictRow, dict_row

from core.context import Identity
from core.database import Connection, Database, sign_identity
from core.embedded import EmbeddedServer
from core.secrets import Secrets
from core.settings import Settings, default_data_dir, prepare_process_environment
from crm.installation import Installation
from crm.migrations.runner import migrate
from evals.faults import FaultRow, format_report

prepare_process_environment()

SECRETS = Secrets(b"test-secret-of-at-least-thirty-two-bytes")
TEMPLATE = "template_voltaire"
INSERT_TENANT = "INSERT INTO tenants (id, slug, name) VALUES (%s, %s, %s)"
INSERT_USER = """
INSERT INTO users (id, tenant_id, email, full_name, roles) VALUES (%s, %s, %s, %s, %s)
"""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where to write the table of the fault matrix."""
    parser.addoption("--fault-report", type=Path, default=None)


@pytest.fixture(scope="session")
def report_fault(request: pytest.FixtureRequest) -> Iterator[Callable[[FaultRow], None]]:
    """Keeps the rows of the fault matrix, and writes them when asked to."""
    rows: list[FaultRow] = []
    yield rows.append
    path: Path | None = request.config.getoption("--fault-report")
    if path is not None and request.session.testsfailed == 0:
        path.write_text(format_report(rows), encoding="utf-8")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedServer]:
    """A PostgreSQL of the test run, shared by its workers, holding the migrated template."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"single-{os.getpid()}")
    root = default_data_dir() / "tests" / run
    server = EmbeddedServer(root / "postgres", SECRETS)
    with server.running():
        with psycopg.connect(server.conninfo(), autocommit=True) as connection:
            connection.execute("SELECT pg_advisory_lock(1)")
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", (TEMPLATE,)
            ).fetchone()
            if found is None:
                migrate(server.conninfo(), f"{TEMPLATE}_draft", SECRETS)
                connection.execute(f"ALTER DATABASE {TEMPLATE}_draft RENAME TO {TEMPLATE}")
        yield server
    _remove_when_stopped(server, root)


def _remove_when_stopped(server: EmbeddedServer, root: Path) -> None:
    import shutil

    if not server.is_running():
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="session")
def conninfo(postgres: EmbeddedServer, worker_id: str) -> str:
    """Administration connection string of this worker's own database."""
    name = f"test_{worker_id}"
    with psycopg.connect(postgres.conninfo(), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(TEMPLATE)
            )
        )
    return postgres.conninfo(name)


@pytest.fixture
async def database(conninfo: str) -> AsyncIterator[Database]:
    """The product's pools on this worker's database."""
    opened = Database(conninfo, SECRETS)
    yield opened
    await opened.close()


@asynccontextmanager
async def writing(database: Database, identity: Identity) -> AsyncIterator[Connection]:
    """A transaction of the schema's owner, for test data: no role of the product writes rows."""
    async with await psycopg.AsyncConnection[DictRow].connect(
        database.base_conninfo, row_factory=dict_row
    ) as connection:
        token = sign_identity(database.secrets, identity, 600)
        await connection.execute("SELECT set_config('voltaire.identity', %s, true)", (token,))
        yield connection


def make_identity(conninfo: str, *roles: str, tenant_id: UUID | None = None) -> Identity:
    """Insert a user with `roles`, in a new tenant unless `tenant_id` is given."""
    tenant, user = tenant_id or uuid4(), uuid4()
    email = f"{user.hex[:12]}@test.example"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        if tenant_id is None:
            connection.execute(INSERT_TENANT, (tenant, f"t-{tenant.hex[:12]}", "Cabinet d’essai"))
        connection.execute(INSERT_USER, (user, tenant, email, "Essai", list(roles)))
    return Identity(tenant, user, frozenset(roles), "Cabinet d’essai", "Essai", email)


@pytest.fixture
def identity(conninfo: str) -> Identity:
    """A director of a tenant of their own."""
    return make_identity(conninfo, "reader", "director")


@pytest.fixture
def data_folder(conninfo: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings of a data folder whose database is the test's: what commands work on."""

    @contextmanager
    def open_here(settings: Settings) -> Generator[Installation]:
        yield Installation(settings, SECRETS, conninfo, Database(conninfo, SECRETS))

    monkeypatch.setattr("api.offline.open_installation", open_here)
    return Settings(data_dir=tmp_path)
