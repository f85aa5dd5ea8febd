"""Triaged mail over HTTP: seen by its firm, decided by those who may."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import cast

import httpx
import psycopg
import pytest

from agents.triage.digest import is_asked, read_digest, write_digest
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
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://essai") as opened:
        yield opened


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


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Que s’est-il passé depuis hier ?", True),
        ("Quoi de neuf depuis ce matin ?", True),
        ("Quels contrats arrivent à échéance depuis hier ?", False),
        ("Combien de non-conformités ouvertes ?", False),
    ],
)
def test_the_digest_answers_its_own_question_alone(question: str, expected: bool) -> None:
    assert is_asked(question) is expected
