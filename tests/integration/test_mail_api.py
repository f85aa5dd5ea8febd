"""Triaged mail over HTTP: seen by its firm, decided by those who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import cast

import httpx
import psycopg
import pytest

from agents.triage.digest import read_digest, write_digest
from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services, build_engine
from chat.services import Assistant
from core.context import Context, Identity, system_clock
from core.database import Database
from core.settings import Settings
from ingest.mail.isolation import MailReader
from tests.conftest import SECRETS, make_identity
from tests.integration.test_triage import THREAD

TOKEN = "jeton-de-commande"


@pytest.fixture
async def client(database: Database) -> AsyncIterator[httpx.AsyncClient]:
    settings = Settings()
    services = Services(
        settings, database, Gatekeeper(database, SECRETS), cast(Assistant, None),
        build_engine(settings), cli_token=TOKEN,
    )  # fmt: skip
    application = create_app(services)
    application.state.mail_reader = reader = MailReader()
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="http://essai") as opened:
        yield opened
    reader.close()


@pytest.fixture
async def thread_id(database: Database, identity: Identity) -> str:
    reader = MailReader()
    context = Context(identity, database, build_engine(Settings()), system_clock)
    try:
        taken = await take_in(context, reader, THREAD[0], mailbox="m", name="a")
        assert taken.thread_id is not None
        await triage_thread(context, reader, taken.thread_id)
    finally:
        reader.close()
    return str(taken.thread_id)


def as_user(identity: Identity, conninfo: str) -> dict[str, str]:
    """The headers of a user who may sign in."""
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, 'x')"
            " ON CONFLICT DO NOTHING",
            (identity.user_id,),
        )
    return {"authorization": f"Bearer {TOKEN}", "x-voltaire-user": identity.email}


async def test_a_thread_is_listed_and_opened_by_its_firm_alone(
    client: httpx.AsyncClient, identity: Identity, thread_id: str, conninfo: str
) -> None:
    listed = await client.get(
        "/api/v1/mail/threads",
        params={"since": "2026-01-01T00:00:00Z"},
        headers=as_user(identity, conninfo),
    )
    assert [row["thread_id"] for row in listed.json()] == [thread_id]
    opened = await client.get(
        f"/api/v1/mail/threads/{thread_id}", headers=as_user(identity, conninfo)
    )
    assert {"summarise", "detect", "draft", "mailbox_draft"} <= set(opened.json())
    other = make_identity(conninfo, "director")
    refused = await client.get(
        f"/api/v1/mail/threads/{thread_id}", headers=as_user(other, conninfo)
    )
    assert refused.status_code == 404


async def test_a_reader_does_not_run_or_decide(
    client: httpx.AsyncClient, identity: Identity, thread_id: str, conninfo: str
) -> None:
    plain = make_identity(conninfo, "reader", tenant_id=identity.tenant_id)
    run = await client.post(
        f"/api/v1/mail/threads/{thread_id}/run", headers=as_user(plain, conninfo)
    )
    decided = await client.post(
        "/api/v1/mail/reviews/x/decision",
        json={"decision": "oui"},
        headers=as_user(plain, conninfo),
    )
    assert (run.status_code, decided.status_code) == (403, 403)


async def test_a_validation_token_is_echoed_as_text(client: httpx.AsyncClient) -> None:
    answer = await client.post("/api/v1/mail/notifications", params={"validationToken": "a <b> é"})
    assert (answer.status_code, answer.text) == (200, "a <b> é")
    assert answer.headers["content-type"].startswith("text/plain")


async def test_the_digest_shows_untrusted_words_as_plain_text(
    database: Database, identity: Identity
) -> None:
    reader = MailReader()
    context = Context(identity, database, build_engine(Settings()), system_clock)
    raw = THREAD[0].replace(b"Subject: Facture", b"Subject: ![x](http://m.example/p) | <b>")
    try:
        taken = await take_in(context, reader, raw, mailbox="m", name="a")
        assert taken.thread_id is not None
        await triage_thread(context, reader, taken.thread_id)
    finally:
        reader.close()
    digest = await read_digest(context, dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    text = write_digest(digest)
    assert "![x]" not in text
    assert "\\<b\\>" in text


async def test_the_threads_are_listed_by_time_kind_and_complaint(
    client: httpx.AsyncClient, identity: Identity, thread_id: str, conninfo: str
) -> None:
    asked = {"since": "2026-01-01T00:00:00Z"}

    async def count(**values: str) -> int:
        answer = await client.get(
            "/api/v1/mail/threads", params=asked | values, headers=as_user(identity, conninfo)
        )
        return len(answer.json())

    (row,) = (
        await client.get("/api/v1/mail/threads", params=asked, headers=as_user(identity, conninfo))
    ).json()
    assert await count(category=row["category"]) == 1
    assert await count(category="rendez_vous") == 0
    assert await count(until="2026-01-02T00:00:00Z") == 0
    assert await count(is_complaint="true") == 0


async def test_a_decision_that_is_neither_says_what_is_awaited(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    answer = await client.post(
        "/api/v1/mail/reviews/x/decision",
        json={"decision": "peut-être"},
        headers=as_user(identity, conninfo),
    )
    assert answer.status_code == 422
    assert answer.json()["detail"] == "Le champ « decision » attend « oui » ou « non »."
    said = await client.post(
        "/api/v1/mail/reviews/x/decision",
        json={"decision": "OUI"},
        headers=as_user(identity, conninfo),
    )
    assert said.status_code == 404


async def test_a_mail_comes_as_the_file_of_a_form(
    client: httpx.AsyncClient, identity: Identity, conninfo: str
) -> None:
    address, headers = "/api/v1/mail/messages", as_user(identity, conninfo)
    brought = await client.post(address, files={"file": ("a.eml", THREAD[0])}, headers=headers)
    as_body = await client.post(
        address, content=THREAD[0], headers={**headers, "content-type": "message/rfc822"}
    )
    assert brought.status_code == as_body.status_code == 200
    assert brought.json() == as_body.json()
    two = {"a": ("a.eml", THREAD[0]), "b": ("b.eml", THREAD[0])}
    refused = await client.post(address, files=two, headers=headers)
    assert refused.status_code == 422
    assert "«\u00a0file\u00a0»" in refused.json()["detail"]
