"""Approvals over HTTP: a client's list, ticked lines, refusals, corrections, undoing, history."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import httpx
import pytest

from api.app import create_app
from api.auth import Gatekeeper
from api.problems import describe_invalid
from api.services import Services
from core.context import PARIS, Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.settings import Settings
from core.spans import Span
from tests.conftest import SECRETS, writing
from tests.integration.changes import (
    TODAY,
    executing,
    make_context,
    read_row,
    run_sql,
    submit,
    wish,
)
from tests.integration.portfolio import Portfolio, build_portfolio, insert
from tests.integration.test_api import ScriptedAssistant, make_person


@pytest.fixture
def identity(conninfo: str) -> Identity:
    """A director who can sign in."""
    return make_person(conninfo, "reader", "director")


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    return await build_portfolio(database, identity)


@pytest.fixture
async def client(database: Database, identity: Identity) -> AsyncIterator[httpx.AsyncClient]:
    gatekeeper = Gatekeeper(database, SECRETS)
    services = Services(
        Settings(), database, gatekeeper, ScriptedAssistant(database), OfflineEngine({}),
        frozen_clock(TODAY),
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {gatekeeper.issue_token(identity).value}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://voltaire", headers=headers
    ) as client:
        yield client


def digest_of_list(lines: list[dict[str, Any]]) -> str:
    """The digest over a list, computed as an integrator would from the guide."""
    rows = sorted(f"{line['proposal_id']}:{line['digest']}" for line in lines)
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def tick(*cards: dict[str, Any]) -> dict[str, Any]:
    lines = [{"proposal_id": card["id"], "digest": card["digest"]} for card in cards]
    return {"lines": lines, "batch_digest": digest_of_list(lines)}


async def propose_two(database: Database, identity: Identity, portfolio: Portfolio) -> None:
    context = make_context(database, identity)
    await submit(context, wish("contracts", portfolio.ids["c1"], notice_days=45))
    await submit(context, wish("contracts", portfolio.ids["c1"], supplier="Solenis"))


async def test_the_ticked_line_alone_is_approved_and_carried_out(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    await propose_two(database, identity, portfolio)
    (waiting,) = (await client.get("/api/v1/proposals")).json()
    assert waiting["account_name"] == "Métropole de Dijon"
    notice = next(c for c in waiting["cards"] if c["lines"][0]["field"] == "notice_days")
    line = notice["lines"][0]
    assert (line["before"], line["after"]) == ("90\u00a0jours", "45\u00a0jours")
    answer = await client.post("/api/v1/approvals", json=tick(notice))
    assert answer.json() == [{"proposal_id": notice["id"], "status": "approved"}]
    again = await client.post("/api/v1/approvals", json=tick(notice))
    assert again.status_code == 200
    async with executing(database) as executor:
        assert await executor.run_once() == 1
    row = await read_row(database, identity, "contracts", portfolio.ids["c1"])
    assert (row["notice_days"], row["supplier"]) == (45, "Électricité Lumière")
    history = (await client.get(f"/api/v1/records/{portfolio.ids['c1']}/history")).json()
    assert [e["label"] for e in history if e["proposal_id"] == notice["id"]] == [
        "Proposée", "Approuvée", "Effectuée"]  # fmt: skip


async def test_a_list_that_is_not_the_one_shown_is_refused(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    await propose_two(database, identity, portfolio)
    (waiting,) = (await client.get("/api/v1/proposals")).json()
    first, second = waiting["cards"]
    added = {**tick(first, second), "batch_digest": tick(first)["batch_digest"]}
    forged = tick({**first, "digest": "0" * 64})
    for body in (added, forged):
        refused = await client.post("/api/v1/approvals", json=body)
        assert refused.status_code == 409
        assert "echargez" in refused.json()["detail"]
    assert len((await client.get("/api/v1/proposals")).json()[0]["cards"]) == 2


async def test_a_refusal_needs_a_reason_and_ends_the_proposal(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    await submit(
        make_context(database, identity), wish("contracts", portfolio.ids["c1"], notice_days=30)
    )
    card = (await client.get("/api/v1/proposals")).json()[0]["cards"][0]
    address = f"/api/v1/proposals/{card['id']}"
    blank = await client.post(
        f"{address}/rejection", json={"digest": card["digest"], "reason": " "}
    )
    assert blank.status_code == 422
    body = {"digest": card["digest"], "reason": "Le préavis est bien de 90 jours."}
    assert (await client.post(f"{address}/rejection", json=body)).status_code == 200
    settled = (await client.get(address)).json()
    assert settled["status"] == "rejected"
    assert "Le préavis est bien de 90 jours." in settled["outcome"]
    assert (await client.post("/api/v1/approvals", json=tick(card))).status_code == 409


async def test_a_correction_replaces_the_proposal_and_must_itself_be_approved(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    await submit(
        make_context(database, identity), wish("contracts", portfolio.ids["c1"], notice_days=30)
    )
    card = (await client.get("/api/v1/proposals")).json()[0]["cards"][0]
    body = {"digest": card["digest"], "fields": {"notice_days": 60}}
    corrected = (await client.post(f"/api/v1/proposals/{card['id']}/edition", json=body)).json()
    assert corrected["lines"][0]["after"] == "60\u00a0jours"
    assert (await client.post("/api/v1/approvals", json=tick(card))).status_code == 409
    assert (await client.post("/api/v1/approvals", json=tick(corrected))).status_code == 200


async def test_a_correction_that_is_refused_stays_in_the_history(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    await submit(
        make_context(database, identity), wish("contracts", portfolio.ids["c1"], notice_days=30)
    )
    card = (await client.get("/api/v1/proposals")).json()[0]["cards"][0]
    body = {"digest": card["digest"], "fields": {"notice_days": True}}
    refused = await client.post(f"/api/v1/proposals/{card['id']}/edition", json=body)
    assert refused.status_code == 422
    refusals = await run_sql(
        database, identity, "assistant_read",
        "SELECT body FROM audit_events WHERE kind = 'refused' AND record_id = %s",
        portfolio.ids["c1"],
    )  # fmt: skip
    assert "nombre entier" in refusals[0]["body"]


async def test_a_change_made_is_undone_by_a_proposal(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    await submit(
        make_context(database, identity), wish("contracts", portfolio.ids["c1"], notice_days=30)
    )
    card = (await client.get("/api/v1/proposals")).json()[0]["cards"][0]
    await client.post("/api/v1/approvals", json=tick(card))
    async with executing(database) as executor:
        await executor.run_once()
        inverse = (await client.post(f"/api/v1/proposals/{card['id']}/undo")).json()
        row = await read_row(database, identity, "contracts", portfolio.ids["c1"])
        assert row["notice_days"] == 30
        await client.post("/api/v1/approvals", json=tick(inverse))
        await executor.run_once()
    row = await read_row(database, identity, "contracts", portfolio.ids["c1"])
    assert row["notice_days"] == 90


async def test_another_firm_and_a_reader_learn_and_do_nothing(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio,
    conninfo: str,
) -> None:  # fmt: skip
    await submit(
        make_context(database, identity), wish("contracts", portfolio.ids["c1"], notice_days=30)
    )
    card = (await client.get("/api/v1/proposals")).json()[0]["cards"][0]
    foreign = make_person(conninfo, "director")
    reader = make_person(conninfo, "reader", tenant_id=identity.tenant_id)
    for other in (foreign, reader):
        token = Gatekeeper(database, SECRETS).issue_token(other).value
        headers = {"authorization": f"Bearer {token}"}
        assert (await client.get("/api/v1/proposals", headers=headers)).json() == []
        seen = await client.get(f"/api/v1/proposals/{card['id']}", headers=headers)
        assert seen.status_code == 404
        done = await client.post("/api/v1/approvals", json=tick(card), headers=headers)
        assert done.status_code in (403, 404)


async def test_the_evidence_of_a_card_names_the_mail_it_comes_from(
    client: httpx.AsyncClient, database: Database, identity: Identity, portfolio: Portfolio
) -> None:
    async with writing(database, identity) as connection:
        await insert(
            connection, identity, "emails", id=uuid4(), thread_id=portfolio.ids["thread"],
            internet_message_id="<a@client.example>", direction="in",
            from_address="emilie@client.example", subject="Préavis", body_text="Soixante jours.",
            sent_at=dt.datetime(2026, 11, 12, 9, 30, tzinfo=PARIS),
        )  # fmt: skip
    quoted = Span("<a@client.example>#objet", 0, 15, "Soixante jours.")
    unknown = Span("<b@client.example>", 0, 4, "Oui.")
    draft = wish("contracts", portfolio.ids["c1"], notice_days=60)
    await submit(make_context(database, identity), replace(draft, evidence=(quoted, unknown)))
    card = (await client.get("/api/v1/proposals")).json()[0]["cards"][0]
    named, unnamed = [one["source_name"].replace("\u00a0", " ") for one in card["evidence"]]
    assert named == "courriel d’emilie@client.example du 12/11/2026 à 9 h 30, « Préavis »"
    assert unnamed == ""


@pytest.mark.parametrize(
    ("errors", "told"),
    [
        ([{"loc": ("body", "fields", "annual_amount_eur", kind), "type": f"{kind}_type"}
          for kind in ("str", "int", "bool")], "« fields.annual_amount_eur » n’a pas"),
        ([{"loc": ("body", "reason"), "type": "string_too_short"}], "« reason » est vide"),
        ([{"loc": ("body", "reason"), "type": "string_too_long"}], "« reason » est trop long"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_once_and_without_the_validator_s_words(
    errors: list[dict[str, Any]], told: str
) -> None:
    text = describe_invalid(errors).replace("\u00a0", " ")
    assert told in text
    assert not any(word in text for word in (".str", ".int", ".bool"))
    assert text.count("« fields") < 2
