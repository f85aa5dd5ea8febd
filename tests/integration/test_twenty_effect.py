"""Approved changes reach Twenty once, whatever breaks, and never over one made there."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from api.twenty_effect import TwentyChange
from core.context import Context, Identity
from core.database import Database
from core.secrets import Secrets
from crm.changes import ChangeDraft
from crm.proposals.outbox import send_due
from crm.proposals.submission import Submission
from crm.twenty import follow_settings
from ingest.clients.twenty import TwentyClient
from tests.conftest import SECRETS, make_identity
from tests.doubles.twenty.app import Twenty
from tests.integration.changes import (
    approve_all,
    executing,
    make_context,
    read_proposal,
    submit,
    wish,
)
from tests.integration.twenty import (
    Linked,
    address,
    link,
    make_client,
    twenty,
    wait_for_write,
)
from tools.approvals import get_card, undo

__all__ = ["address", "twenty"]


@pytest.fixture
async def linked(
    twenty: Twenty, address: str, database: Database, identity: Identity
) -> AsyncIterator[Linked]:
    made = await link(twenty, address, database, identity)
    yield made
    await made.client.close()


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return make_context(database, identity)


@pytest.fixture
async def town(linked: Linked) -> dict[str, Any]:
    """A client mirrored from Twenty."""
    company = linked.twenty.add(
        "company", name="Mairie de Lyon",
        address={"addressStreet1": "1 place de la Comédie", "addressCity": "Lyon",
                 "addressCountry": "France"},
    )  # fmt: skip
    await linked.sync(full=True)
    return company


async def execute(context: Context, *drafts: ChangeDraft) -> list[Submission]:
    """Propose, approve and commit; the effects are then due."""
    made: list[Submission] = []
    for draft in drafts:
        made.append(await submit(context, draft))
        await approve_all(context, made[-1])
        async with executing(context.database) as executor:
            await executor.run_once()
    return made


async def send(database: Database, client: TwentyClient) -> int:
    async with executing(database) as executor:
        return await send_due(executor.database, [TwentyChange(executor.database, client)])


def make_due(database: Database) -> None:
    """As when the wait and the lease of a dead executor have run out."""
    with psycopg.connect(database.base_conninfo, autocommit=True) as connection:
        connection.execute("UPDATE outbox SET next_at = now(), leased_until = now()")


async def list_effects(linked: Linked) -> list[dict[str, Any]]:
    return await linked.rows(
        "SELECT kind, state, message, outside_id FROM outbox ORDER BY created_at"
    )


def hang_here(conninfo: str, secrets: Secrets, address: str) -> None:
    """Another process: it sends what is due, and never learns what came of it."""
    database = Database(conninfo, secrets)
    asyncio.run(send(database, make_client(address)))


async def kill_after_the_write(linked: Linked, address: str) -> None:
    """Send from a process that is killed once Twenty holds the change."""
    linked.twenty.delay_s = 30
    worker = multiprocessing.get_context("spawn").Process(
        target=hang_here, args=(linked.database.base_conninfo, SECRETS, address)
    )
    worker.start()
    await asyncio.to_thread(wait_for_write, linked.twenty)
    worker.kill()
    worker.join()
    linked.twenty.delay_s = 0
    make_due(linked.database)


async def test_an_approved_change_reaches_twenty_once(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    account = UUID(town["id"])
    (proposed,) = await execute(context, wish("accounts", account, city="Villeurbanne",
                                              annual_revenue_eur="1250.50"))  # fmt: skip
    assert linked.twenty.writes() == []
    assert await send(linked.database, linked.client) == 1
    held = linked.twenty.table("company")[town["id"]]
    assert held["address"] == {"addressStreet1": "1 place de la Comédie", "addressPostcode": "",
                               "addressCity": "Villeurbanne", "addressState": "",
                               "addressCountry": "France"}  # fmt: skip
    assert held["turnover"] == {"amountMicros": 1_250_500_000, "currencyCode": "EUR"}
    assert held["name"] == "Mairie de Lyon"
    assert await send(linked.database, linked.client) == 0
    assert len(linked.twenty.writes()) == 1
    assert proposed.proposal_id is not None
    card = await get_card(context, proposed.proposal_id)
    assert card.outcome == "La modification est faite, dans Twenty aussi."
    version = (await linked.find("accounts", account))["version"]
    assert (await linked.sync(full=True)).mirrored == 0
    assert (await linked.find("accounts", account))["version"] == version


async def test_nothing_reaches_twenty_without_an_approval(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    await submit(context, wish("accounts", UUID(town["id"]), city="Villeurbanne"))
    async with executing(context.database) as executor:
        await executor.run_once()
    assert await send(linked.database, linked.client) == 0
    assert linked.twenty.writes() == []


async def test_a_firm_without_twenty_sees_no_effect(
    linked: Linked, conninfo: str, database: Database
) -> None:
    other = make_identity(conninfo, "reader", "director")
    (made,) = await execute(
        make_context(database, other),
        wish("accounts", name="Fonderie", segment="industry", status="prospect"),
    )
    stored = await read_proposal(make_context(database, other), made)
    assert (stored.status, stored.effect_kind) == ("executed", None)
    assert await send(linked.database, linked.client) == 0


async def test_settings_that_lead_elsewhere_stop_the_effects(
    linked: Linked, context: Context, town: dict[str, Any], address: str
) -> None:
    account = UUID(town["id"])
    follow_settings(linked.database.base_conninfo, None)
    await execute(context, wish("accounts", account, city="Bron"))
    assert await list_effects(linked) == []
    follow_settings(linked.database.base_conninfo, address)
    await execute(context, wish("accounts", account, city="Vaulx-en-Velin"))
    assert [one["state"] for one in await list_effects(linked)] == ["due"]


async def test_a_column_that_is_not_shared_makes_no_effect(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    await execute(context, wish("accounts", UUID(town["id"]), cac_eur="12.00"),
                  wish("tasks", title="Rappeler", account_id=town["id"]))  # fmt: skip
    assert await list_effects(linked) == []


async def test_records_created_here_are_created_there_under_their_own_id(
    linked: Linked, context: Context
) -> None:
    await execute(context, wish("accounts", name="Fonderie", segment="industry",
                                status="prospect", siren="130025265"))  # fmt: skip
    (account,) = await linked.rows("SELECT id FROM accounts")
    await execute(
        context,
        wish("contacts", account_id=str(account["id"]), name="Léa Martin", phone="04 72 10 30 30",
             email="lea@fonderie.fr"),
    )  # fmt: skip
    (contact,) = await linked.rows("SELECT id FROM contacts")
    await execute(context, wish("contacts", contact["id"], role="Acheteuse"))
    for _ in range(3):
        make_due(linked.database)
        await send(linked.database, linked.client)
    company = linked.twenty.table("company")[str(account["id"])]
    assert (company["siren"], company["segment"], company["clientStatus"]) == (
        "130025265", "INDUSTRY", "PROSPECT",
    )  # fmt: skip
    person = linked.twenty.table("person")[str(contact["id"])]
    assert person["companyId"] == str(account["id"])
    assert person["name"] == {"firstName": "Léa", "lastName": "Martin"}
    assert person["phones"]["primaryPhoneNumber"] == "472103030"
    assert person["jobTitle"] == "Acheteuse"
    assert {one["state"] for one in await list_effects(linked)} == {"done"}
    assert len(linked.twenty.writes("POST")) == 2
    assert (await linked.sync(full=True)).mirrored == 0
    assert (await linked.find("contacts", contact["id"]))["phone"] == "04 72 10 30 30"


async def test_a_killed_executor_makes_no_second_change(
    linked: Linked, context: Context, town: dict[str, Any], address: str
) -> None:
    await execute(context, wish("accounts", UUID(town["id"]), city="Villeurbanne"))
    await kill_after_the_write(linked, address)
    assert (await list_effects(linked))[0]["state"] == "due"
    assert await send(linked.database, linked.client) == 1
    assert (await list_effects(linked))[0]["state"] == "done"
    assert len(linked.twenty.writes("PATCH")) == 1


async def test_a_killed_executor_creates_nothing_twice(
    linked: Linked, context: Context, address: str
) -> None:
    await execute(context, wish("accounts", name="Fonderie", segment="industry",
                                status="prospect"))  # fmt: skip
    await kill_after_the_write(linked, address)
    # What Twenty announced meanwhile is read before the effect is taken up again.
    await linked.sync(full=True)
    assert await send(linked.database, linked.client) == 1
    (effect,) = await list_effects(linked)
    assert effect["state"] == "done"
    assert len(linked.twenty.table("company")) == 1
    assert len(linked.twenty.writes("POST")) == 1
    assert len(await linked.rows("SELECT id FROM accounts")) == 1


async def test_a_lost_answer_is_looked_for_before_anything_is_sent_again(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    await execute(context, wish("accounts", UUID(town["id"]), city="Villeurbanne"))
    linked.twenty.lose_answers = 1
    await send(linked.database, linked.client)
    assert (await list_effects(linked))[0]["state"] == "doubtful"
    make_due(linked.database)
    await send(linked.database, linked.client)
    assert (await list_effects(linked))[0]["state"] == "done"
    assert len(linked.twenty.writes("PATCH")) == 1


@pytest.mark.parametrize("is_read_first", [False, True])
async def test_a_change_made_in_twenty_meanwhile_wins_and_a_person_decides(
    linked: Linked, context: Context, town: dict[str, Any], is_read_first: bool
) -> None:
    account = UUID(town["id"])
    (proposed,) = await execute(
        context, wish("accounts", account, city="Villeurbanne", siren="216901231")
    )
    linked.twenty.change("company", town["id"], address={"addressCity": "Bron"})
    if is_read_first:
        await linked.sync()
    await send(linked.database, linked.client)
    (effect,) = await list_effects(linked)
    assert effect["state"] == "failed"
    assert "modifiée dans Twenty" in effect["message"]
    assert linked.twenty.writes("PATCH") == []
    row = await linked.find("accounts", account)
    assert (row["city"], row["siren"]) == ("Bron", None)
    assert proposed.proposal_id is not None
    outcome = (await get_card(context, proposed.proposal_id)).outcome
    assert outcome.startswith("La modification n’a pas été portée dans Twenty.")
    await execute(context, wish("accounts", account, city="Villeurbanne"))
    await send(linked.database, linked.client)
    held = linked.twenty.table("company")[town["id"]]
    assert held["address"]["addressCity"] == "Villeurbanne"


async def test_two_changes_of_one_record_are_no_conflict(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    account = UUID(town["id"])
    await execute(context, wish("accounts", account, city="Bron"),
                  wish("accounts", account, city="Villeurbanne"))  # fmt: skip
    await send(linked.database, linked.client)
    assert [one["state"] for one in await list_effects(linked)] == ["done", "done"]
    held = linked.twenty.table("company")[town["id"]]
    assert held["address"]["addressCity"] == "Villeurbanne"


async def test_what_does_not_concern_us_in_twenty_is_no_conflict(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    await execute(context, wish("accounts", UUID(town["id"]), city="Bron"))
    linked.twenty.change("company", town["id"], employees=1200)
    await send(linked.database, linked.client)
    assert (await list_effects(linked))[0]["state"] == "done"


async def test_a_record_deleted_in_twenty_is_told(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    await execute(context, wish("accounts", UUID(town["id"]), city="Bron"))
    linked.twenty.remove("company", town["id"])
    await send(linked.database, linked.client)
    (effect,) = await list_effects(linked)
    assert effect["state"] == "failed"
    assert "supprimée dans Twenty" in effect["message"]
    assert linked.twenty.writes() == []


async def test_undoing_a_creation_puts_it_in_the_bin(linked: Linked, context: Context) -> None:
    (made,) = await execute(context, wish("accounts", name="Fonderie", segment="industry",
                                          status="prospect"))  # fmt: skip
    await send(linked.database, linked.client)
    assert made.proposal_id is not None
    card = await undo(context, made.proposal_id)
    await approve_all(context, Submission("", card.id, card.digest))
    async with executing(context.database) as executor:
        await executor.run_once()
    await send(linked.database, linked.client)
    (record,) = linked.twenty.table("company").values()
    assert record["deletedAt"] is not None
    assert [one["state"] for one in await list_effects(linked)] == ["done", "done"]


async def test_a_refusal_of_twenty_gives_the_effect_up_and_429_puts_it_off(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    await execute(context, wish("accounts", UUID(town["id"]), city="Bron"))
    linked.twenty.throttle = [429] * 5
    await send(linked.database, linked.client)
    (effect,) = await list_effects(linked)
    assert (effect["state"], "100 par minute" in effect["message"]) == ("due", True)
    del linked.twenty.objects["company"].fields["address"]
    make_due(linked.database)
    await send(linked.database, linked.client)
    (effect,) = await list_effects(linked)
    assert effect["state"] == "failed"
    assert "voltaire twenty setup" in effect["message"]


async def test_an_old_reading_after_our_own_change_undoes_nothing(
    linked: Linked, context: Context, town: dict[str, Any]
) -> None:
    from ingest.twenty.mapping import BY_OBJECT
    from ingest.twenty.mirroring import mirror

    old = dict(linked.twenty.table("company")[town["id"]])
    await execute(context, wish("accounts", UUID(town["id"]), city="Bron"))
    await send(linked.database, linked.client)
    assert dt.datetime.fromisoformat(old["updatedAt"])
    await mirror(linked.database, linked.identity, BY_OBJECT["accounts"], old)
    assert (await linked.find("accounts", town["id"]))["city"] == "Bron"


async def test_our_own_change_read_back_overwrites_no_later_one(
    linked: Linked, context: Context, town: dict[str, Any], address: str
) -> None:
    account = UUID(town["id"])
    await execute(context, wish("accounts", account, city="Bron"))
    await kill_after_the_write(linked, address)
    await execute(context, wish("accounts", account, city="Villeurbanne"))
    await linked.sync()
    assert (await linked.find("accounts", account))["city"] == "Villeurbanne"
    make_due(linked.database)
    await send(linked.database, linked.client)
    assert [one["state"] for one in await list_effects(linked)] == ["done", "done"]
    held = linked.twenty.table("company")[town["id"]]
    assert held["address"]["addressCity"] == "Villeurbanne"


async def test_an_effect_taken_up_late_writes_no_former_value_back(
    linked: Linked, context: Context, town: dict[str, Any], address: str
) -> None:
    account = UUID(town["id"])
    await execute(context, wish("accounts", account, city="Bron"))
    async with (
        executing(linked.database) as executor,
        executor.database.transaction(None, "change_executor") as connection,
    ):
        await connection.execute("SELECT lease_effects(ARRAY['twenty'], 1, 60)")
    await execute(context, wish("accounts", account, city="Villeurbanne"))
    await send(linked.database, linked.client)
    make_due(linked.database)
    await send(linked.database, linked.client)
    assert [one["state"] for one in await list_effects(linked)] == ["done", "done"]
    held = linked.twenty.table("company")[town["id"]]
    assert held["address"]["addressCity"] == "Villeurbanne"
    assert len(linked.twenty.writes("PATCH")) == 1
