"""What the add-in asks of the API: its files, one mail, the morning, minutes, the portfolio."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import cast

import httpx
import psycopg
import pytest
from fastapi import FastAPI

from agents.meeting_synthesis.desk import Desk
from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services, build_engine
from chat.services import Assistant
from core.context import Identity, system_clock
from core.database import Database
from core.settings import Settings
from tests.conftest import SECRETS, make_identity
from tests.integration.test_mail_api import TOKEN, as_user
from tests.integration.test_triage import THREAD, write

MESSAGES = "/api/v1/mail/messages"
ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status)
VALUES (gen_random_uuid(), %s, %s, 'industry', 'client')
"""
TASK = """
INSERT INTO tasks (id, tenant_id, title, source, status, due_on)
VALUES (gen_random_uuid(), %s, %s, 'manual', %s, current_date + %s::int)
"""


TASKS = (("Relancer", "open", 2), ("Fait", "done", 2), ("Plus tard", "open", 30),
         ("En retard", "open", -3))  # fmt: skip


@pytest.fixture
async def application(database: Database) -> AsyncIterator[FastAPI]:
    settings = Settings(addin_client_id="un-identifiant")
    engine = build_engine(settings)
    made = create_app(Services(
        settings, database, Gatekeeper(database, SECRETS), cast(Assistant, None), engine,
        cli_token=TOKEN, desk=Desk(database, engine, system_clock),
    ))  # fmt: skip
    yield made
    made.state.mail_reader.close()


@pytest.fixture
async def client(
    application: FastAPI, identity: Identity, conninfo: str
) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://essai", headers=as_user(identity, conninfo)
    ) as opened:
        yield opened


async def bring(client: httpx.AsyncClient, raw: bytes, **parameters: str) -> httpx.Response:
    return await client.post(
        MESSAGES, content=raw, params=parameters, headers={"content-type": "message/rfc822"}
    )


async def test_a_page_is_compressed_named_by_its_content_and_framed_by_office(
    client: httpx.AsyncClient,
) -> None:
    page = await client.get("/addin/pane.html")
    assert page.status_code == 200
    assert page.headers["content-encoding"] == "gzip"
    assert "frame-ancestors 'self' https://*.office.com" in page.headers["content-security-policy"]
    assert "x-frame-options" not in page.headers
    known = await client.get("/addin/pane.html", headers={"if-none-match": page.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    plain = await client.get("/addin/pane.html", headers={"accept-encoding": "identity"})
    assert plain.text == page.text


async def test_the_rest_of_the_product_is_still_framed_by_nobody_else(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/api/v1/proposals")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


@pytest.mark.parametrize("path", ["package/manifest.json", "../core/settings.py", "rien.html"])
async def test_only_the_served_folders_are_served(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(f"/addin/{path.replace('..', '%2e%2e')}")).status_code == 404


async def test_the_pages_learn_which_application_asks_for_tokens(
    client: httpx.AsyncClient,
) -> None:
    means = (await client.get("/addin/config.json")).json()
    assert means["client_id"] == "un-identifiant"
    assert means["scope"] == "api://essai/un-identifiant/access_as_user"


async def test_a_mail_is_found_only_once_brought_and_stored_once(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    asked = {"internet_message_id": "<a@client.example>"}
    assert (await client.get(MESSAGES, params=asked)).status_code == 404
    first = await bring(client, THREAD[0])
    again = await bring(client, THREAD[0])
    assert first.json() == again.json() == (await client.get(MESSAGES, params=asked)).json()
    assert first.json()["is_done"] is True
    with psycopg.connect(conninfo) as connection:
        (stored,) = connection.execute(
            "SELECT count(*) FROM emails WHERE tenant_id = %s", (identity.tenant_id,)
        ).fetchone() or (0,)
    assert stored == 1


async def test_a_conversation_of_the_users_own_mailbox_leads_to_its_thread(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    brought = await bring(client, THREAD[0], conversation_id="AAQk=")
    asked = {"conversation_id": "AAQk="}
    assert (await client.get(MESSAGES, params=asked)).json() == brought.json()
    colleague = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    headers = as_user(colleague, conninfo)
    assert (await client.get(MESSAGES, params=asked, headers=headers)).status_code == 404


async def test_another_firm_does_not_find_the_mail(
    client: httpx.AsyncClient, conninfo: str
) -> None:
    await bring(client, THREAD[0])
    headers = as_user(make_identity(conninfo, "director"), conninfo)
    asked = {"internet_message_id": "a@client.example"}
    assert (await client.get(MESSAGES, params=asked, headers=headers)).status_code == 404


async def test_a_reader_brings_no_mail(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    refused = await client.post(MESSAGES, content=THREAD[0], headers=as_user(reader, conninfo))
    assert refused.status_code == 403
    assert "direction" in refused.json()["detail"]


@pytest.mark.parametrize("raw", [b"", b"   \n", b"\x00\x01\x02"])
async def test_what_is_not_a_mail_is_refused_in_french(
    client: httpx.AsyncClient, raw: bytes
) -> None:
    refused = await bring(client, raw)
    assert refused.status_code == 422
    assert refused.json()["detail"].endswith(".")


async def test_a_search_names_no_mail_when_nothing_is_asked(client: httpx.AsyncClient) -> None:
    assert (await client.get(MESSAGES)).status_code == 422


async def test_the_portfolio_is_searched_by_words_without_accents_in_ones_own_firm(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    other = make_identity(conninfo, "director")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(ACCOUNT, (identity.tenant_id, "Aciéries du Léman"))
        connection.execute(ACCOUNT, (other.tenant_id, "Aciéries du Léman"))
    found = (
        await client.get("/api/v1/portfolio/search", params={"query": "leman acieries"})
    ).json()
    assert [(one["title"], one["kind"]) for one in found["records"]] == [
        ("Aciéries du Léman", "Client")
    ]
    none = (await client.get("/api/v1/portfolio/search", params={"query": "100% _"})).json()
    assert none["records"] == []
    assert "100% _" in none["note"]


async def test_the_morning_holds_what_is_due_and_open(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for title, status, days in TASKS:
            connection.execute(TASK, (identity.tenant_id, title, status, days))
    topics = {one["title"]: one for one in (await client.get("/api/v1/morning")).json()}
    tasks = topics["Tâches échues ou à faire sous 7 jours"]
    assert [line["title"] for line in tasks["lines"]] == ["En retard", "Relancer"]
    assert tasks["total"] == 2


async def test_minutes_are_listed_one_version_a_meeting(client: httpx.AsyncClient) -> None:
    said = "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\n<v Léa Martin>J’envoie l’offre lundi.</v>\n"
    for _ in range(2):
        brought = await client.post("/api/v1/minutes", files={"file": ("revue.vtt", said.encode())})
        assert brought.status_code == 202
    (only,) = (await client.get("/api/v1/minutes")).json()
    assert only["id"] == brought.json()["id"]


async def test_a_mail_of_the_same_thread_joins_it(client: httpx.AsyncClient) -> None:
    one = await bring(client, write("z1", "Bonjour,\n\nLe contrat ?\n\nLéa"))
    two = await bring(client, write("z2", "Et le mandat ?\n\nLéa", "10", "z1"))
    assert one.json()["thread_id"] == two.json()["thread_id"]
