"""Threads linked to the CRM under the identity of the caller: proved, asked or left open."""

from __future__ import annotations

from uuid import uuid4

import pytest

from core.context import Identity
from core.database import Database
from ingest.mail.cleaning import clean_thread
from ingest.mail.linking import find_links
from ingest.mail.links import MailLinks
from ingest.mail.message import MailAddress
from ingest.mail.reading import read_facts
from tests.conftest import make_identity, writing
from tests.integration.portfolio import PRM, Portfolio, build_portfolio, insert
from tests.unit.mail.samples import OWN, make_mail


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    built = await build_portfolio(database, identity)
    async with writing(database, identity) as connection:
        for account, email in (("dijon", "energie@dijon.example"),
                               ("acier", "j.roux@acier.example"),
                               ("acier_sud", "m.sol@acier.example")):  # fmt: skip
            await insert(
                connection, identity, "contacts", id=uuid4(), account_id=built.ids[account],
                name=email, email=email,
            )  # fmt: skip
    return built


async def link(database: Database, identity: Identity, text: str, sender: str) -> MailLinks:
    thread = clean_thread([make_mail(text, sender=MailAddress(sender))])
    facts = read_facts(thread, OWN)
    async with database.transaction(identity) as connection:
        return await find_links(connection, thread, facts, OWN)


async def test_the_sender_and_codes_lead_to_the_client(
    database: Database, identity: Identity, portfolio: Portfolio
):
    links = await link(database, identity, f"PRM {PRM} : une question ?", "energie@dijon.example")
    assert links.account is not None
    assert links.account.id == portfolio.ids["dijon"]
    assert links.contact is not None
    point = links.find_record("delivery_points")
    assert point is not None
    assert point.id == portfolio.ids["prm"]
    assert links.questions == ()


async def test_a_shared_domain_is_asked_not_guessed(
    database: Database, identity: Identity, portfolio: Portfolio
):
    links = await link(database, identity, "Bonjour, une question.", "nouveau@acier.example")
    assert links.account is None
    assert {c.id for c in links.account_candidates} == {
        portfolio.ids["acier"], portfolio.ids["acier_sud"],
    }  # fmt: skip
    assert "À quel client" in links.questions[0]


async def test_a_public_domain_links_to_nobody(
    database: Database, identity: Identity, portfolio: Portfolio
):
    links = await link(database, identity, "Bonjour.", "quelquun@gmail.com")
    assert links.account is None
    assert "Quel client" in links.questions[0]


async def test_another_firm_sees_nothing(
    database: Database, identity: Identity, conninfo: str, portfolio: Portfolio
):
    stranger = make_identity(conninfo, "sales")
    links = await link(database, stranger, f"PRM {PRM}", "energie@dijon.example")
    assert links.account is None
    assert links.codes[0].certainty == "unknown"


async def test_wrong_keys_and_foreign_records_are_flagged(
    database: Database, identity: Identity, portfolio: Portfolio
):
    text = f"PRM {PRM}, SIRET 732 829 320 00075, facture à 8,2 €/MWh et 8,2 c€/kWh."
    links = await link(database, identity, text, "j.roux@acier.example")
    told = " ".join(links.conflicts)
    assert "clé fausse" in told
    assert "deux unités" in told
    assert f"La référence {PRM} est celle de" in told
