"""What the firm's library gives a draft, and what a decided review leads to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from agents.triage.deciding import decide
from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from core.context import Context, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import InvalidInput, NotFound
from crm.mail.waiting import find_draft
from ingest.mail.isolation import MailReader
from tests.integration.test_triage import write

TODAY = dt.date(2026, 10, 13)
ODD = (
    "Bonjour,\n\nLe compteur du site de Rennes affiche un index plus bas que le mois dernier, "
    "c’est anormal.\n\nLéa Roux"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    opened = MailReader()
    yield opened
    opened.close()


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return Context(identity, database, OfflineEngine({}), frozen_clock(TODAY))


def insert(conninfo: str, query: str, *values: object) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(query, values)  # pyright: ignore


def rows(conninfo: str, query: str, tenant_id: UUID) -> list[dict[str, object]]:
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        return connection.execute(query, (tenant_id,)).fetchall()  # pyright: ignore


async def triage(context: Context, reader: MailReader, raw: bytes) -> UUID:
    taken = await take_in(context, reader, raw, mailbox="m", name="a")
    assert taken.thread_id is not None
    assert await triage_thread(context, reader, taken.thread_id)
    return taken.thread_id


async def read_body(context: Context, thread_id: UUID) -> str:
    async with context.database.transaction(context.identity) as connection:
        draft = await find_draft(connection, context.identity.tenant_id, thread_id)
    assert draft is not None
    return str(draft["body"])


def add_client(conninfo: str, identity: Identity) -> None:
    account = uuid4()
    insert(
        conninfo, "INSERT INTO accounts (id, tenant_id, name, segment, status)"
        " VALUES (%s, %s, 'Client d’essai', 'services', 'client')",
        account, identity.tenant_id,
    )  # fmt: skip
    insert(
        conninfo, "INSERT INTO contacts (id, tenant_id, account_id, name, email)"
        " VALUES (%s, %s, %s, 'Léa Roux', 'lea@client.example')",
        uuid4(), identity.tenant_id, account,
    )  # fmt: skip


async def test_a_guide_in_force_answers_and_an_inner_procedure_does_not(
    context: Context, reader: MailReader, conninfo: str
) -> None:
    for kind, status, body in (
        ("guide", "in_force", "Une hausse de puissance souscrite engage pour douze mois."),
        ("procedure", "in_force", "La hausse de puissance souscrite engage le commercial."),
        ("guide", "withdrawn", "Une hausse de puissance souscrite engage pour trois mois."),
    ):
        insert(
            conninfo, "INSERT INTO kb_articles (id, tenant_id, title, kind, document_version,"
            " status, body) VALUES (%s, %s, 'Choisir la puissance', %s, '1.0', %s, %s)",
            uuid4(), context.identity.tenant_id, kind, status, body,
        )  # fmt: skip
    asked = "Bonjour,\n\nUne hausse de puissance souscrite engage-t-elle ?\n\nLéa"
    body = await read_body(context, await triage(context, reader, write("g", asked)))
    assert "engage pour douze mois" in body
    assert "Choisir la puissance, version 1.0" in body
    assert "commercial" not in body


async def test_a_template_of_reply_in_force_opens_the_draft(
    context: Context, reader: MailReader, conninfo: str
) -> None:
    for name, status in (
        ("Réponse à une question de facturation", "in_force"),
        ("Réponse à une réclamation", "draft"),
    ):
        insert(
            conninfo, "INSERT INTO document_templates (id, tenant_id, name, kind, language,"
            " document_version, status, body) VALUES (%s, %s, %s, 'email', 'fr', '1', %s, %s)",
            uuid4(), context.identity.tenant_id, name, status,
            "Cher client {{contact.nom}}, votre facture est entre nos mains.",
        )  # fmt: skip
    asked = "Bonjour,\n\nPouvez-vous m’expliquer la facture de septembre ?\n\nLéa"
    body = await read_body(context, await triage(context, reader, write("t", asked)))
    assert body.startswith("Cher client Léa Roux,\n\nVotre facture est entre nos mains.")


async def test_a_review_decided_yes_proposes_the_record_and_no_proposes_nothing(
    context: Context, reader: MailReader, conninfo: str
) -> None:
    add_client(conninfo, context.identity)
    await triage(context, reader, write("o", ODD))
    tenant_id = context.identity.tenant_id
    (review,) = rows(conninfo, "SELECT * FROM mail_reviews WHERE tenant_id = %s", tenant_id)
    submitted = await decide(context, reader, str(review["key"]), "oui", "metering")
    assert [s.refusal for s in submitted] == [None]
    (proposal,) = rows(conninfo, "SELECT * FROM proposals WHERE tenant_id = %s", tenant_id)
    assert "non_conformities" in str(proposal)
    assert "2026-11-24" in str(proposal), "due in thirty working days from the day of the decision"
    assert rows(conninfo, "SELECT * FROM non_conformities WHERE tenant_id = %s", tenant_id) == []
    with pytest.raises(NotFound):
        await decide(context, reader, str(review["key"]), "non")


async def test_a_review_without_a_family_asks_for_it_and_stays_open(
    context: Context, reader: MailReader, conninfo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_client(conninfo, context.identity)
    thread_id = await triage(context, reader, write("f", ODD))
    tenant_id = context.identity.tenant_id
    insert(
        conninfo, "UPDATE mail_triage SET steps = jsonb_set(steps, '{detect,family}', 'null')"
        " WHERE tenant_id = %s AND thread_id = %s", tenant_id, thread_id,
    )  # fmt: skip
    (review,) = rows(conninfo, "SELECT * FROM mail_reviews WHERE tenant_id = %s", tenant_id)
    with pytest.raises(InvalidInput, match="famille"):
        await decide(context, reader, str(review["key"]), "oui")
    (review,) = rows(conninfo, "SELECT * FROM mail_reviews WHERE tenant_id = %s", tenant_id)
    assert review["decision"] is None


async def test_a_sure_deviation_is_proposed_to_the_register_once(
    context: Context, reader: MailReader, conninfo: str
) -> None:
    add_client(conninfo, context.identity)
    sure = (
        "Bonjour,\n\nLa facture de septembre applique 98,20 €/MWh au lieu de 72,10 €/MWh prévus "
        "au contrat. Merci de demander l’avoir.\n\nLéa Roux"
    )
    await triage(context, reader, write("s", sure))
    await triage(context, reader, write("s2", "Avez-vous avancé ?", "10", "s"))
    tenant_id = context.identity.tenant_id
    assert len(rows(conninfo, "SELECT * FROM proposals WHERE tenant_id = %s", tenant_id)) == 1
