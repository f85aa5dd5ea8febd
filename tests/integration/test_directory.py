"""Signing in through a directory, and Office's tokens, against a strict OpenID Connect server."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import jwt
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from api.access.directory import Directory, build_directory
from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services
from core.database import Database
from core.engine.offline import OfflineEngine
from core.settings import Settings
from tests.conftest import SECRETS, make_identity
from tests.doubles.oidc import CLIENT_ID, CLIENT_SECRET, TENANT_ID, OidcServer, Person
from tests.integration.test_api import ScriptedAssistant

PUBLIC_URL = "https://voltaire.cabinet.example"
CALLBACK = f"{PUBLIC_URL}/api/v1/auth/callback"
DIRECTORS, SELLERS = "0d1e-directeurs", "5e11-commerciaux"


@pytest.fixture(scope="module")
def server() -> Iterator[OidcServer]:
    with OidcServer(CALLBACK).running() as running:
        yield running


@dataclass
class Firm:
    """An instance whose firm has the directory."""

    client: httpx.AsyncClient
    server: OidcServer
    directory: Directory
    tenant_id: Any

    async def sign_in(self, person: Person | None) -> httpx.Response:
        """Go to the directory and come back as `person`."""
        self.server.person = person
        away = await self.client.get("/api/v1/auth/start")
        assert away.status_code == 302, away.text
        async with httpx.AsyncClient() as browser:
            back = await browser.get(away.headers["location"])
        assert back.status_code == 302, back.text
        parts = urlsplit(back.headers["location"])
        return await self.client.get(f"{parts.path}?{parts.query}")

    async def call(self, token: str) -> httpx.Response:
        """Ask who one is, with Office's token."""
        return await self.client.get("/api/v1/me", headers={"authorization": f"Bearer {token}"})


@pytest.fixture
async def firm(database: Database, server: OidcServer, conninfo: str) -> AsyncIterator[Firm]:
    tenant = make_identity(conninfo, "admin").tenant_id
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("DELETE FROM security.directory_accounts")
        row = connection.execute("SELECT slug FROM tenants WHERE id = %s", (tenant,)).fetchone()
    assert row is not None
    settings = Settings(
        public_url=PUBLIC_URL, oidc_issuer=server.issuer, oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(CLIENT_SECRET), oidc_tenant_id=TENANT_ID, oidc_firm=row[0],
        oidc_roles={DIRECTORS: "director", SELLERS: "sales"}, _env_file=None,
    )  # fmt: skip
    directory = build_directory(settings)
    assert directory is not None
    gatekeeper = Gatekeeper(database, SECRETS, directory=directory)
    services = Services(
        settings, database, gatekeeper, ScriptedAssistant(database), OfflineEngine({})
    )
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as client:
        yield Firm(client, server, directory, tenant)


def make_person(*groups: str, **more: Any) -> Person:
    oid = str(uuid4())
    return Person(oid, "Zoé Petit", f"{oid[:8]}@cabinet.example", groups, more)


async def test_someone_of_a_mapped_group_signs_in_and_is_added(firm: Firm) -> None:
    person = make_person(SELLERS, "autre-groupe")
    session = await firm.sign_in(person)
    assert session.status_code == 200, session.text
    assert session.json()["roles"] == ["sales"]
    me = await firm.call(session.json()["access_token"])
    assert me.json()["email"] == person.preferred_username
    assert firm.server.refusals == []


async def test_roles_follow_the_groups_at_each_sign_in(firm: Firm) -> None:
    person = make_person(SELLERS)
    await firm.sign_in(person)
    moved = Person(person.oid, person.name, "nouveau.nom@cabinet.example", (DIRECTORS,))
    session = (await firm.sign_in(moved)).json()
    assert session["roles"] == ["director"]
    me = (await firm.call(session["access_token"])).json()
    assert me["email"] == person.preferred_username
    left = await firm.sign_in(Person(person.oid, person.name, "x@cabinet.example"))
    assert left.status_code == 403


async def test_an_account_opened_by_the_administration_is_linked_once(
    firm: Firm, conninfo: str
) -> None:
    known = make_identity(conninfo, "reader", tenant_id=firm.tenant_id)
    person = Person(str(uuid4()), "Essai", known.email, (DIRECTORS,))
    assert (await firm.sign_in(person)).json()["roles"] == ["director"]
    usurper = Person(str(uuid4()), "Autre", known.email, (DIRECTORS,))
    assert (await firm.sign_in(usurper)).status_code == 403


async def test_an_account_of_another_firm_is_not_taken(firm: Firm, conninfo: str) -> None:
    stranger = make_identity(conninfo, "director")
    person = Person(str(uuid4()), "Essai", stranger.email, (DIRECTORS,))
    assert (await firm.sign_in(person)).status_code == 403


async def test_a_closed_account_does_not_come_back_through_the_directory(
    firm: Firm, conninfo: str
) -> None:
    person = make_person(SELLERS)
    session = (await firm.sign_in(person)).json()
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE users SET is_active = false WHERE email = %s", (person.preferred_username,)
        )
    assert (await firm.sign_in(person)).status_code == 403
    assert (await firm.call(session["access_token"])).status_code == 401


@pytest.mark.parametrize(
    ("groups", "more", "told"),
    [
        ((), {}, "n’a pas accès"),
        (("inconnu",), {}, "n’a pas accès"),
        ((), {"_claim_names": {"groups": "src1"}}, "trop nombreux"),
    ],
)
async def test_whoever_has_no_mapped_group_is_told_what_to_do(
    firm: Firm, groups: tuple[str, ...], more: dict[str, Any], told: str
) -> None:
    refused = await firm.sign_in(make_person(*groups, **more))
    assert refused.status_code == 403
    assert told in refused.json()["detail"]


async def test_a_return_without_its_own_departure_is_refused(firm: Firm) -> None:
    firm.server.person = make_person(SELLERS)
    away = await firm.client.get("/api/v1/auth/start")
    async with httpx.AsyncClient() as browser:
        back = await browser.get(away.headers["location"])
    query = parse_qs(urlsplit(back.headers["location"]).query)
    code, state = query["code"][0], query["state"][0]
    forged = await firm.client.get("/api/v1/auth/callback", params={"code": code, "state": "x"})
    assert forged.status_code == 401
    firm.client.cookies.clear()
    stolen = await firm.client.get("/api/v1/auth/callback", params={"code": code, "state": state})
    assert stolen.status_code == 401


async def test_a_code_serves_once_and_a_refusal_is_told(firm: Firm) -> None:
    firm.server.person = make_person(SELLERS)
    away = await firm.client.get("/api/v1/auth/start")
    cookies = dict(firm.client.cookies)
    async with httpx.AsyncClient() as browser:
        back = await browser.get(away.headers["location"])
    query = parse_qs(urlsplit(back.headers["location"]).query)
    values = {"code": query["code"][0], "state": query["state"][0]}
    first = await firm.client.get("/api/v1/auth/callback", params=values)
    firm.client.cookies.update(cookies)
    again = await firm.client.get("/api/v1/auth/callback", params=values)
    assert (first.status_code, again.status_code) == (200, 401)
    firm.server.refusals.clear()
    declined = await firm.sign_in(None)
    assert declined.status_code == 401
    assert "refusée par l’annuaire" in declined.json()["detail"]
    firm.client.headers["accept"] = "text/html"
    shown = await firm.sign_in(None)
    assert "refusée par l’annuaire" in shown.text
    assert shown.headers["content-type"].startswith("text/html")


async def test_an_id_token_of_another_nonce_is_refused(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = firm.server.make_claims
    monkeypatch.setattr(firm.server, "make_claims",
                        lambda person, **c: make(person, **{**c, "nonce": "n" * 43}))  # fmt: skip
    assert (await firm.sign_in(make_person(SELLERS))).status_code == 401


async def test_office_s_token_gives_the_same_person_as_the_page(firm: Firm) -> None:
    person = make_person(SELLERS)
    page = (await firm.call((await firm.sign_in(person)).json()["access_token"])).json()
    without_groups = firm.server.make_claims(person, groups=None)
    office = (await firm.call(firm.server.sign(without_groups))).json()
    assert office["means"] == "directory"
    assert {**office, "means": ""} == {**page, "means": ""}


NOW = int(dt.datetime.now(dt.UTC).timestamp())


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - 300}, {"exp": None}, {"nbf": NOW + 3600},
        {"aud": "00000003-0000-0000-c000-000000000000"},
        {"iss": f"https://login.microsoftonline.com/{TENANT_ID}/v2.0"},
        {"tid": str(uuid4())}, {"tid": None}, {"scp": "User.Read"}, {"scp": None},
        {"scp": None, "roles": ["access_as_user"], "idtyp": "app"},
    ],
)  # fmt: skip
async def test_a_token_that_is_not_for_this_api_proves_nothing(
    firm: Firm, changes: dict[str, Any]
) -> None:
    person = make_person(SELLERS)
    good = await firm.call(firm.server.sign(firm.server.make_claims(person)))
    assert good.status_code == 200
    bad = await firm.call(firm.server.sign(firm.server.make_claims(person, **changes)))
    assert bad.status_code == 401
    assert bad.headers["www-authenticate"] == "Bearer"


async def test_a_token_that_the_directory_did_not_sign_proves_nothing(firm: Firm) -> None:
    claims = firm.server.make_claims(make_person(DIRECTORS))
    right = firm.server.sign(claims)
    kid = jwt.get_unverified_header(right)["kid"]
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, _, tail = right.rpartition(".")
    forged = [
        firm.server.sign(claims, key=other, kid=kid),
        firm.server.sign(claims, key=other, kid="inconnu"),
        jwt.encode(claims, None, "none", headers={"kid": kid}),
        jwt.encode(claims, "une clé partagée d’au moins trente-deux octets", "HS256",
                   headers={"kid": kid}),
        f"{head}.{tail[:-8]}AAAAAAAA",
        "a.b.c",
    ]  # fmt: skip
    for token in forged:
        assert (await firm.call(token)).status_code == 401


async def test_new_keys_are_fetched_when_they_appear_and_not_at_every_forgery(
    firm: Firm,
) -> None:
    now = [0.0]
    firm.directory.monotonic = lambda: now[0]
    person = make_person(SELLERS)
    claims = firm.server.make_claims(person)
    old = firm.server.sign(claims)
    assert (await firm.call(old)).status_code == 200
    fetched = firm.server.key_fetches
    firm.server.rotate(keep_old=False)
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    forged = firm.server.sign(claims, key=other, kid="inconnu")
    answers = await asyncio.gather(*(firm.call(forged) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {401}
    assert firm.server.key_fetches == fetched
    now[0] = 60.0
    assert (await firm.call(firm.server.sign(claims))).status_code == 200
    assert (await firm.call(old)).status_code == 401
    assert firm.server.key_fetches == fetched + 1


async def test_a_directory_out_of_reach_is_told_and_hides_nothing_else(
    database: Database, firm: Firm
) -> None:
    firm.directory.options = firm.directory.options.__class__(
        **{**vars(firm.directory.options), "issuer": "http://127.0.0.1:9/x"}
    )
    answer = await firm.client.get("/api/v1/auth/start")
    assert answer.status_code == 503
    assert "ne répond pas" in answer.json()["detail"]
