"""`voltaire twenty`: set up, read, show, in French and without a secret."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector
from pydantic import SecretStr

from api.twenty_command import set_up_here, show_status_here, sync_here
from api.twenty_jobs import ANNOUNCED, CHANGES, EVERYTHING, TwentyJobs
from core.context import Identity
from core.database import Database
from core.errors import ConfigurationError
from core.settings import Settings
from tests.conftest import make_identity
from tests.doubles.twenty.app import KEY, Twenty
from tests.integration.changes import approve_all, make_context, submit, wish
from tests.integration.twenty import address, link, twenty, wait_for_write

__all__ = ["address", "twenty"]
SECRET_KEY = "test-secret-of-at-least-thirty-two-bytes"
HOOK = "un secret de trente-deux caractères"


def make_settings(conninfo: str, folder: Path, address: str | None) -> Settings:
    return Settings(
        data_dir=folder, database_url=SecretStr(conninfo), secret_key=SecretStr(SECRET_KEY),
        twenty_url=address, twenty_api_key=SecretStr(KEY), public_url="https://voltaire.test/",
        twenty_webhook_secret=SecretStr(HOOK), _env_file=None,
    )  # fmt: skip


@pytest.fixture
def first_firm(conninfo: str) -> Iterator[Identity]:
    """The director of the firm that commands speak for, whatever others are there."""
    made = make_identity(conninfo, "reader", "director")
    date = "UPDATE tenants SET created_at = %s::timestamptz WHERE id = %s"
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(date, ("2000-01-01", made.tenant_id))
        yield made
        connection.execute(date, ("now", made.tenant_id))


@pytest.mark.usefixtures("first_firm")
def test_a_firm_is_connected_read_and_shown(
    conninfo: str, tmp_path: Path, twenty: Twenty, address: str
) -> None:
    settings = make_settings(conninfo, tmp_path, address + "/")
    first = set_up_here(settings)
    assert any(line.startswith("Objet créé") for line in first)
    assert "Webhook enregistré." in first
    (webhook,) = twenty.webhooks.values()
    assert webhook["targetUrl"] == "https://voltaire.test/api/v1/twenty/notifications"
    again = set_up_here(settings)
    assert again == ["Twenty a déjà tous les objets et les champs. Rien n’a été changé."]
    twenty.add("company", name="Fonderie")
    twenty.add("company", name="", siren="1")
    assert sync_here(settings, full=True) == [
        "2\u00a0fiches lues\u00a0: 1\u00a0reprise, 1\u00a0refusée, 0\u00a0supprimée."
    ]
    lines = show_status_here(settings, 50)
    assert f"{address}\u00a0: liaison ouverte." in lines
    told = "\n".join(lines)
    assert "Fiches «\u00a0clients\u00a0»\u00a0: 1\u00a0synchronisée, 1\u00a0refusée" in told
    assert f"{address}/object/company/" in told
    assert KEY not in told and HOOK not in told


async def test_the_executors_process_carries_an_approved_change_to_twenty(
    conninfo: str, tmp_path: Path, twenty: Twenty, address: str, database: Database,
    identity: Identity,
) -> None:  # fmt: skip
    linked = await link(twenty, address, database, identity)
    await linked.client.close()
    context = make_context(database, identity)
    wished = wish("accounts", name="Fonderie", segment="industry", status="prospect")
    environment = {
        **os.environ, "VOLTAIRE_DATA_DIR": str(tmp_path), "VOLTAIRE_DATABASE_URL": conninfo,
        "VOLTAIRE_SECRET_KEY": SECRET_KEY, "VOLTAIRE_TWENTY_URL": address,
        "VOLTAIRE_TWENTY_API_KEY": KEY,
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "api.cli", "executor", env=environment, stdin=subprocess.DEVNULL
    )
    try:
        await approve_all(context, await submit(context, wished))
        await asyncio.to_thread(wait_for_write, twenty)
    finally:
        process.terminate()
        await process.wait()
    (company,) = twenty.table("company").values()
    assert (company["name"], company["segment"]) == ("Fonderie", "INDUSTRY")


def test_without_settings_nothing_reads_twenty(
    conninfo: str, tmp_path: Path, database: Database, identity: Identity
) -> None:
    for url, names in (
        (None, set[str]()),
        ("http://127.0.0.1:9", {ANNOUNCED, CHANGES, EVERYTHING}),
    ):
        queue = App(connector=InMemoryConnector())
        built_in = set(queue.tasks)
        TwentyJobs(make_settings(conninfo, tmp_path, url), database, identity).register(queue)
        assert set(queue.tasks) - built_in == names


@pytest.mark.usefixtures("first_firm")
def test_missing_settings_are_told(conninfo: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="VOLTAIRE_TWENTY_URL"):
        set_up_here(make_settings(conninfo, tmp_path, None))
