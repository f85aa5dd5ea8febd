"""A PostgreSQL server given by its URL instead of the embedded one."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import AnswerReady
from core.context import frozen_clock
from core.embedded import EmbeddedServer
from core.errors import ConfigurationError
from core.secrets import Secrets
from core.settings import Settings
from crm.installation import Installation, open_installation
from tests.conftest import make_identity
from tests.integration.portfolio import TODAY, build_portfolio
from tests.integration.test_embedded import kill, open_folder


@dataclass(frozen=True)
class External:
    """A server that is not the product's own, and where the product keeps its files."""

    server: EmbeddedServer
    data_dir: Path

    def settings(self, database: str) -> Settings:
        url = (
            f"postgresql://postgres:{self.server.password}@/{database}"
            f"?host={quote(str(self.server.socket_dir), safe='')}"
        )
        return Settings.model_validate({"data_dir": self.data_dir, "database_url": url})


@pytest.fixture(scope="module")
def external() -> Iterator[External]:
    root = open_folder("external")
    server = EmbeddedServer(root / "server", Secrets(b"external-server-secret-of-32-bytes!"))
    server.start()
    yield External(server, root / "data")
    kill(server)
    shutil.rmtree(root)


async def ask(installation: Installation, question: str) -> str:
    identity = make_identity(installation.admin_conninfo, "reader", "director")
    await build_portfolio(installation.database, identity)
    assistant = Assistant(installation.database, offline_engine(), frozen_clock(TODAY))
    events = [e async for e in assistant.ask(identity, question, surface="cli")]
    await installation.database.close()
    assert isinstance(events[-1], AnswerReady)
    return events[-1].answer.text


async def test_a_server_by_url_is_migrated_and_answers(external: External) -> None:
    with open_installation(external.settings("courtage")) as installation:
        assert "5" in await ask(installation, "Combien de contrats avons-nous au total ?")
    assert external.server.is_running()
    assert not (external.data_dir / "postgres").exists()


async def test_opening_it_again_migrates_nothing_and_keeps_the_data(external: External) -> None:
    slug = f"cabinet-{uuid4().hex[:8]}"
    for expected in (0, 1):
        with (
            open_installation(external.settings("deux_fois")) as installation,
            psycopg.connect(installation.admin_conninfo) as connection,
        ):
            found = connection.execute("SELECT count(*) FROM tenants WHERE slug = %s", (slug,))
            assert found.fetchone() == (expected,)
            if not expected:
                connection.execute(
                    "INSERT INTO tenants (id, slug, name) VALUES (%s, %s, 'Cabinet')",
                    (uuid4(), slug),
                )


async def test_a_database_newer_than_the_code_is_left_alone_and_said(external: External) -> None:
    settings = external.settings("d_apres")
    with open_installation(settings) as installation:
        admin = installation.admin_conninfo
    with psycopg.connect(admin) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with (
        pytest.raises(ConfigurationError, match=r"9999.*version plus récente"),
        open_installation(settings),
    ):
        pytest.fail("opened")


async def test_days_are_those_of_paris_whatever_the_server_s_time_zone(external: External) -> None:
    with psycopg.connect(external.server.conninfo(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET timezone = 'Pacific/Auckland'")
        connection.execute("SELECT pg_reload_conf()")
    with open_installation(external.settings("courtage")) as installation:
        async with installation.database.transaction(None) as connection:
            row = await (await connection.execute("SHOW timezone")).fetchone()
        await installation.database.close()
    assert row == {"TimeZone": "Europe/Paris"}
