"""The page's cookie names a session: it opens the page, and dies when the session is ended."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from api.access.passwords import Passwords
from api.app import ChatPage, create_app
from api.auth import Gatekeeper
from api.services import Services
from core.context import Identity
from core.database import Database
from core.engine.offline import OfflineEngine
from core.settings import Settings
from tests.conftest import SECRETS
from tests.integration.test_api import PASSWORD, QUICK_HASHER, ScriptedAssistant, make_person


@pytest.fixture
def identity(conninfo: str) -> Identity:
    """A director who can sign in."""
    return make_person(conninfo, "reader", "director")


@pytest.fixture
async def page(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    gatekeeper = Gatekeeper(database, SECRETS, passwords=Passwords(QUICK_HASHER))
    services = Services(
        Settings(_env_file=None), database, gatekeeper, ScriptedAssistant(database),
        OfflineEngine({}),
    )  # fmt: skip
    app = create_app(services, chat_page=ChatPage(tmp_path / "chat", b"k" * 32))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://voltaire") as client:
        yield client


async def test_the_cookie_reads_never_acts_and_dies_with_its_session(
    page: httpx.AsyncClient, identity: Identity
) -> None:
    form = {"username": identity.email, "password": "autre"}
    assert (await page.post("/login", data=form)).status_code == 401
    opened = await page.post("/login", data={**form, "password": PASSWORD})
    assert opened.status_code == 200, opened.text
    user = (await page.get("/user")).json()
    assert user["display_name"] == "Essai"
    assert (await page.get("/api/v1/conversations")).status_code == 200
    acted = await page.post("/api/v1/ask", json={"question": "Combien ?"})
    assert acted.status_code == 401
    stolen = dict(page.cookies)
    foreign = await page.post("/logout", headers={"origin": "https://ailleurs.example"})
    assert foreign.status_code == 403
    assert (await page.post("/logout")).status_code == 200
    page.cookies.clear()
    page.cookies.update(stolen)
    assert (await page.get("/api/v1/conversations")).status_code == 401
