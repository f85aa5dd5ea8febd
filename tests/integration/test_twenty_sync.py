"""The CRM mirrors Twenty: everything first, then what changed, whatever is lost on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import psycopg
import pytest

from core.context import Identity
from core.database import Database
from core.errors import ConfigurationError
from ingest.clients.twenty import (
    TwentyBusy,
    TwentyClient,
    TwentyKeyRefused,
    TwentyUnreachable,
)
from ingest.twenty.mapping import MAPPED
from ingest.twenty.setup import set_up, set_up_webhook
from ingest.twenty.storage import list_noted
from tests.conftest import make_identity, writing
from tests.doubles.twenty.app import EXPIRED, Twenty
from tests.integration.changes import run_sql
from tests.integration.portfolio import insert
from tests.integration.twenty import Linked, address, link, make_client, twenty

__all__ = ["address", "twenty"]
EURO = "EUR"


@pytest.fixture
async def linked(
    twenty: Twenty, address: str, database: Database, identity: Identity
) -> AsyncIterator[Linked]:
    made = await link(twenty, address, database, identity)
    yield made
    await made.client.close()


def test_the_database_allows_exactly_the_mapped_columns(conninfo: str) -> None:
    with psycopg.connect(conninfo) as connection:
        found = connection.execute("SELECT object, name FROM security.mirrored_columns").fetchall()
    assert set(found) == {(m.object, name) for m in MAPPED for name in m.columns}


@pytest.mark.parametrize("is_new_format", [False, True])
async def test_a_second_setup_changes_nothing(
    twenty: Twenty, address: str, is_new_format: bool
) -> None:
    twenty.is_new_format = is_new_format
    client = make_client(address)
    first = await set_up(client)
    assert {"site", "deliveryPoint", "energyContract", "tender"} < set(twenty.objects)
    assert any("deliveryPoint" in line for line in first)
    assert await set_up_webhook(client, "https://v.example/n", "s" * 32)
    before = len(twenty.requests)
    assert await set_up(client) == []
    assert await set_up_webhook(client, "https://v.example/n", "s" * 32) == []
    assert all(line.startswith("GET") for line in twenty.requests[before:])
    assert len(twenty.webhooks) == 1
    await client.close()


async def test_a_field_of_another_type_is_told_and_left(linked: Linked) -> None:
    linked.twenty.objects["company"].fields["siren"].type = "NUMBER"
    (line,) = await set_up(linked.client)
    assert "siren" in line
    assert "TEXT est attendu" in line


async def test_everything_is_read_first_then_what_changed(linked: Linked) -> None:
    twenty = linked.twenty
    companies = [twenty.add("company", name=f"Fonderie {n}") for n in range(450)]
    town = twenty.add(
        "company", name="Mairie de Lyon", siren="216 901 231", segment="LOCAL_AUTHORITY",
        clientStatus="CLIENT", turnover={"amountMicros": 1_250_500_000, "currencyCode": EURO},
        address={"addressStreet1": "1 place de la Comédie", "addressPostcode": "69001",
                 "addressCity": "Lyon", "addressState": "Auvergne-Rhône-Alpes"},
    )  # fmt: skip
    person = twenty.add(
        "person", name={"firstName": "Léa", "lastName": "Martin"}, companyId=town["id"],
        emails={"primaryEmail": "Lea.Martin@lyon.fr"}, jobTitle="Acheteuse",
        phones={"primaryPhoneNumber": "472103030", "primaryPhoneCallingCode": "+33"},
    )  # fmt: skip
    site = twenty.add(
        "site",
        name="Hôtel de ville",
        companyId=town["id"],
        surface=12500,
        siteAddress={"addressCity": "Lyon", "addressPostcode": "69001"},
    )
    point = twenty.add(
        "deliveryPoint", name="30001234567890", siteId=site["id"], energy="ELECTRICITY",
        segment="C4", gridOperator="Enedis", annualConsumption=812.5,
    )  # fmt: skip
    contract = twenty.add(
        "energyContract", name="CT-2026-01", companyId=town["id"], supplier="Engie",
        energy="ELECTRICITY", priceType="FIXED", price=85.25, startOn="2026-01-01",
        endOn="2027-12-31", noticeDays=90, contractStatus="ACTIVE",
    )  # fmt: skip
    tender = twenty.add(
        "tender", name="Électricité des écoles", reference="AO-1", buyer="Ville de Lyon",
        submissionDeadline="2027-03-01T11:00:00.000Z", tenderStatus="GO",
    )  # fmt: skip
    counts = await linked.sync(full=True)
    assert (counts.mirrored, counts.refused) == (456, 0)
    row = await linked.find("accounts", town["id"])
    assert (row["siren"], row["segment"], row["status"]) == (
        "216901231", "local_authority", "client",
    )  # fmt: skip
    assert (row["city"], row["region"]) == ("Lyon", "Auvergne-Rhône-Alpes")
    assert row["annual_revenue_eur"] == 1250.5
    contact = await linked.find("contacts", person["id"])
    assert (contact["name"], contact["email"]) == ("Léa Martin", "lea.martin@lyon.fr")
    assert contact["account_id"] == UUID(town["id"])
    place = await linked.find("sites", site["id"])
    assert (place["commune"], place["postal_code"], place["surface_m2"]) == ("Lyon", "69001", 12500)
    found = await linked.find("delivery_points", point["id"])
    assert (found["site_id"], found["segment"]) == (UUID(site["id"]), "C4")
    held = await linked.find("contracts", contract["id"])
    assert (held["price_type"], held["notice_days"], held["tacit_renewal"]) == ("fixed", 90, False)
    assert (await linked.find("tenders", tender["id"]))["status"] == "go"

    before = len(twenty.requests)
    twenty.change("company", companies[3]["id"], name="Fonderie Chavanne")
    counts = await linked.sync()
    assert counts.mirrored == 1
    assert (await linked.find("accounts", companies[3]["id"]))["name"] == "Fonderie Chavanne"
    assert len(twenty.requests) - before < 12
    assert (await linked.sync()).mirrored == 0


async def test_what_cannot_be_taken_waits_for_a_person_and_stops_nothing(linked: Linked) -> None:
    twenty = linked.twenty
    first = twenty.add("company", name="Un", siren="216901231")
    double = twenty.add("company", name="Deux", siren="216901231")
    nameless = twenty.add("company", name="")
    wrong = twenty.add("company", name="Trois", siren="12")
    dollars = twenty.add("company", name="Quatre",
                         turnover={"amountMicros": 1, "currencyCode": "USD"})  # fmt: skip
    alone = twenty.add("person", name={"firstName": "Léa", "lastName": "Martin"})
    reversed_ = twenty.add(
        "energyContract", name="CT-1", companyId=first["id"], supplier="Engie", energy="GAS",
        priceType="FIXED", startOn="2027-01-01", endOn="2026-01-01",
    )  # fmt: skip
    counts = await linked.sync(full=True)
    assert (counts.mirrored, counts.refused) == (1, 6)
    noted = await list_noted(linked.database, linked.identity, ["refused"])
    messages = {str(one.twenty_id): one.message or "" for one in noted}
    assert "même valeur (SIREN)" in messages[double["id"]]
    assert "Nom" in messages[nameless["id"]]
    assert "neuf chiffres" in messages[wrong["id"]]
    assert "euros" in messages[dollars["id"]]
    assert "Client" in messages[alone["id"]]
    assert "dates" in messages[reversed_["id"]]

    twenty.change("company", double["id"], siren="130025265")
    assert (await linked.sync()).mirrored == 1
    assert (await linked.find("accounts", double["id"]))["siren"] == "130025265"


async def test_a_record_refused_for_its_parent_comes_with_it(linked: Linked) -> None:
    company = linked.twenty.add("company", name="")
    person = linked.twenty.add("person", name={"firstName": "Léa", "lastName": "Martin"},
                               companyId=company["id"])  # fmt: skip
    assert (await linked.sync(full=True)).refused == 2
    linked.twenty.change("company", company["id"], name="Fonderie")
    assert (await linked.sync()).mirrored == 2
    assert (await linked.find("contacts", person["id"]))["name"] == "Léa Martin"


async def test_a_deletion_is_noticed_and_the_record_keeps_its_history(linked: Linked) -> None:
    kept, lost = (linked.twenty.add("company", name=name) for name in ("Un", "Deux"))
    await linked.sync(full=True)
    linked.twenty.remove("company", lost["id"])
    assert (await linked.sync()).gone == 0
    assert (await linked.sync(full=True)).gone == 1
    assert (await linked.find("accounts", lost["id"]))["name"] == "Deux"
    (gone,) = await list_noted(linked.database, linked.identity, ["gone"])
    assert str(gone.twenty_id) == lost["id"]
    assert (await linked.sync(full=True)).gone == 0
    linked.twenty.table("company")[lost["id"]]["deletedAt"] = None
    linked.twenty.change("company", lost["id"], name="Deux fois")
    await linked.sync()
    assert (await linked.find("accounts", lost["id"]))["name"] == "Deux fois"
    assert await list_noted(linked.database, linked.identity, ["gone"]) == []
    assert (await linked.find("accounts", kept["id"]))["name"] == "Un"


async def test_a_client_known_before_is_recognised_and_loses_nothing(linked: Linked) -> None:
    account = uuid4()
    async with writing(linked.database, linked.identity) as connection:
        await insert(connection, linked.identity, "accounts", id=account, name="Mairie de Lyon",
                     siren="216901231", segment="local_authority", status="client",
                     city="Lyon")  # fmt: skip
    company = linked.twenty.add("company", name="MAIRIE DE LYON")
    await linked.sync(full=True)
    assert len(await linked.rows("SELECT id FROM accounts")) == 1
    row = await linked.find("accounts", account)
    assert (row["siren"], row["city"], row["status"]) == ("216901231", "Lyon", "client")
    linked.twenty.change("company", company["id"], address={"addressCity": "Villeurbanne"})
    await linked.sync()
    row = await linked.find("accounts", account)
    assert (row["siren"], row["city"]) == ("216901231", "Villeurbanne")


async def test_a_namesake_with_another_siren_is_another_client(linked: Linked) -> None:
    account = uuid4()
    async with writing(linked.database, linked.identity) as connection:
        await insert(connection, linked.identity, "accounts", id=account, name="Saint-Denis",
                     siren="216901231", segment="local_authority", status="client")  # fmt: skip
    company = linked.twenty.add("company", name="Saint-Denis", siren="130025265")
    await linked.sync(full=True)
    assert (await linked.find("accounts", account))["siren"] == "216901231"
    assert (await linked.find("accounts", company["id"]))["siren"] == "130025265"


async def test_an_older_reading_changes_nothing(linked: Linked) -> None:
    from ingest.twenty.mapping import BY_OBJECT
    from ingest.twenty.mirroring import mirror

    company = linked.twenty.add("company", name="Avant")
    old = dict(company)
    linked.twenty.change("company", company["id"], name="Après")
    await linked.sync(full=True)
    outcome = await mirror(linked.database, linked.identity, BY_OBJECT["accounts"], old)
    assert outcome == "unchanged"
    assert (await linked.find("accounts", company["id"]))["name"] == "Après"


async def test_another_firm_is_neither_read_nor_written(linked: Linked, conninfo: str) -> None:
    other = make_identity(conninfo, "reader", "director")
    async with writing(linked.database, other) as connection:
        await insert(connection, other, "accounts", id=uuid4(), name="Fonderie",
                     segment="industry", status="client")  # fmt: skip
    query = "SELECT id, name, version FROM accounts"
    before = await run_sql(linked.database, other, "assistant_read", query)
    linked.twenty.add("company", name="Fonderie")
    await linked.sync(full=True)
    assert await run_sql(linked.database, other, "assistant_read", query) == before
    records = "SELECT * FROM twenty_records"
    assert await run_sql(linked.database, other, "assistant_read", records) == []
    reading = Linked(linked.twenty, linked.client, linked.database, other)
    with pytest.raises(ConfigurationError, match="twenty setup"):
        await reading.sync()


async def test_the_mirror_writes_no_other_column(linked: Linked) -> None:
    linked.twenty.add("company", name="Un")
    await linked.sync(full=True)
    (row,) = await linked.rows("SELECT id FROM accounts")
    for values in ('{"owner_id": null}', '{"tenant_id": null}', "{}"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await run_sql(
                linked.database, linked.identity, "sync_writer",
                "SELECT mirror_row('accounts', %s, %s, %s::jsonb)", row["id"], row["id"], values,
            )  # fmt: skip


async def test_429_is_waited_for_as_told_then_told(linked: Linked) -> None:
    linked.twenty.add("company", name="Un")
    linked.twenty.retry_after = "7"
    linked.twenty.throttle = [429, 429]
    assert (await linked.sync(full=True)).mirrored == 1
    assert linked.waits == [7.0, 7.0]
    linked.twenty.throttle = [429] * 5
    with pytest.raises(TwentyBusy, match="100 par minute"):
        await linked.sync()
    (link,) = await linked.rows("SELECT message, read_at FROM twenty_connections")
    assert "100 par minute" in link["message"]
    linked.twenty.throttle = []
    await linked.sync()
    (link,) = await linked.rows("SELECT message FROM twenty_connections")
    assert link["message"] is None


async def test_no_more_is_asked_in_a_minute_than_the_key_allows(address: str) -> None:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        client._sent.clear()

    client = make_client(address)
    client.per_minute, client.sleep = 3, sleep
    for _ in range(4):
        await client.list_metadata("webhooks")
    assert len(waits) == 1
    assert 55 < waits[0] <= 60
    await client.close()


@pytest.mark.parametrize(("key", "reason"), [(EXPIRED, "a expiré"), ("wrong", "est fausse")])
async def test_a_refused_key_is_told_without_its_value(address: str, key: str, reason: str) -> None:
    client: TwentyClient = make_client(address, key=key)
    with pytest.raises(TwentyKeyRefused, match=reason) as error:
        await client.list_metadata("objects")
    assert key not in error.value.message
    assert key not in repr(client)
    await client.close()


async def test_a_silent_server_is_told(linked: Linked) -> None:
    client = make_client("http://127.0.0.1:9")
    with pytest.raises(TwentyUnreachable, match="VOLTAIRE_TWENTY_URL"):
        await client.list_metadata("objects")
    await client.close()
