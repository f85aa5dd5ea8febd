"""Sessions, temporary passwords, API keys, users, repeated requests, limits, foreign sites."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import psycopg
import pytest

from api.access.passwords import Passwords
from api.app import create_app
from api.auth import Gatekeeper
from api.limits import Allowance, Limits
from api.services import Services
from core.context import Identity
from core.database import Database
from core.engine.offline import OfflineEngine
from core.settings import Settings
from tests.conftest import SECRETS
from tests.integration.test_api import (
    PASSWORD,
    QUICK_HASHER,
    Api,
    ScriptedAssistant,
    api,
    make_person,
)

__all__ = ["api"]
NEW = "Quatre mots que je retiens"


@pytest.fixture
def identity(conninfo: str) -> Identity:
    """An administrator who can sign in."""
    return make_person(conninfo, "reader", "admin")


async def post(api: Api, path: str, token: str = "", **body: object) -> httpx.Response:
    headers = {"authorization": f"Bearer {token}"} if token else {}
    return await api.client.post(f"/api/v1{path}", json=body, headers=headers)


async def get(api: Api, path: str, token: str) -> httpx.Response:
    return await api.client.get(f"/api/v1{path}", headers={"authorization": f"Bearer {token}"})


async def sign_in(api: Api, email: str, password: str = PASSWORD) -> dict[str, str]:
    response = await post(api, "/login", email=email, password=password)
    assert response.status_code == 200, response.text
    return response.json()


async def test_signing_out_ends_the_token_and_its_renewal(api: Api, identity: Identity) -> None:
    session = await sign_in(api, identity.email)
    other = await sign_in(api, identity.email)
    token = session["access_token"]
    assert (await get(api, "/me", token)).status_code == 200
    assert (await post(api, "/logout", token)).status_code == 204
    assert (await get(api, "/me", token)).status_code == 401
    renewed = await post(api, "/refresh", refresh_token=session["refresh_token"])
    assert renewed.status_code == 401
    assert (await get(api, "/me", other["access_token"])).status_code == 200


async def test_a_renewal_serves_once_and_a_second_use_ends_the_session(
    api: Api, identity: Identity
) -> None:
    session = await sign_in(api, identity.email)
    renewed = (await post(api, "/refresh", refresh_token=session["refresh_token"])).json()
    assert (await get(api, "/me", renewed["access_token"])).status_code == 200
    stolen = await post(api, "/refresh", refresh_token=session["refresh_token"])
    assert stolen.status_code == 401
    assert (await get(api, "/me", renewed["access_token"])).status_code == 401
    for forged in ("", "x", "x.y", f"{UUID(int=7).hex}.y"):
        assert (await post(api, "/refresh", refresh_token=forged)).status_code == 401


async def test_a_session_ends_when_it_is_left_idle_or_grows_old(
    api: Api, conninfo: str, identity: Identity
) -> None:
    for column, age in (("renewed_at", "13 hours"), ("expires_at", "8 days")):
        session = await sign_in(api, identity.email)
        with psycopg.connect(conninfo, autocommit=True) as connection:
            connection.execute(
                f"UPDATE security.sessions SET {column} = {column} - interval '{age}'"
                " WHERE user_id = %s", (identity.user_id,)
            )  # fmt: skip
        assert (await get(api, "/me", session["access_token"])).status_code == 401
        again = await post(api, "/refresh", refresh_token=session["refresh_token"])
        assert again.status_code == 401


async def open_account(api: Api, identity: Identity, *roles: str) -> tuple[str, str, str]:
    """A new colleague: their identifier, address and temporary password."""
    token = (await sign_in(api, identity.email))["access_token"]
    email = f"Zoe.{identity.user_id.hex[:8]}@cabinet.example"
    made = await post(api, "/users", token, email=email, full_name="Zoé Petit", roles=list(roles))
    assert made.status_code == 201, made.text
    return made.json()["user"]["id"], email, made.json()["temporary_password"]


async def test_a_temporary_password_opens_nothing_but_its_own_change(
    api: Api, identity: Identity
) -> None:
    _, email, temporary = await open_account(api, identity, "reader", "sales")
    session = await sign_in(api, email, temporary)
    assert session["must_change_password"]
    refused = await get(api, "/me", session["access_token"])
    assert refused.status_code == 403
    assert "provisoire" in refused.json()["detail"]
    for weak in (temporary, "court", "a" * 20, "zoe petit de nantes", "Petit et long mot"):
        answer = await post(
            api, "/password", email=email, current_password=temporary, new_password=weak
        )
        assert answer.status_code == 422
    wrong = await post(api, "/password", email=email, current_password="x", new_password=NEW)
    assert wrong.status_code == 401
    done = await post(api, "/password", email=email, current_password=temporary, new_password=NEW)
    assert done.status_code == 204
    assert (await get(api, "/me", session["access_token"])).status_code == 401
    own = await sign_in(api, email, NEW)
    assert (await get(api, "/me", own["access_token"])).json()["roles"] == ["reader", "sales"]


async def test_the_page_changes_a_password_without_any_script(api: Api, identity: Identity) -> None:
    _, email, temporary = await open_account(api, identity, "reader")
    page = await api.client.get("/mot-de-passe")
    assert "<form" in page.text and "<script" not in page.text
    form = {"email": email, "current": temporary, "new": NEW, "again": NEW + "x"}
    assert "diffèrent" in (await api.client.post("/mot-de-passe", data=form)).text
    hostile = {**form, "email": '"><script>', "again": NEW}
    assert "<script" not in (await api.client.post("/mot-de-passe", data=hostile)).text
    done = await api.client.post("/mot-de-passe", data={**form, "again": NEW})
    assert "est changé" in done.text
    await sign_in(api, email, NEW)


async def test_closing_an_account_or_resetting_its_password_ends_its_sessions(
    api: Api, conninfo: str, identity: Identity
) -> None:
    colleague = make_person(conninfo, "sales", tenant_id=identity.tenant_id)
    admin = (await sign_in(api, identity.email))["access_token"]
    first = (await sign_in(api, colleague.email))["access_token"]
    reset = await post(api, f"/users/{colleague.user_id}/password", admin)
    assert (await get(api, "/me", first)).status_code == 401
    second = await sign_in(api, colleague.email, reset.json()["temporary_password"])
    assert second["must_change_password"]
    headers = {"authorization": f"Bearer {admin}"}
    path = f"/api/v1/users/{colleague.user_id}"
    closed = await api.client.patch(path, json={"is_active": False}, headers=headers)
    assert closed.json()["is_active"] is False
    login = await post(api, "/login", email=colleague.email, password="x")
    assert login.status_code == 401
    last = await api.client.patch(
        f"/api/v1/users/{identity.user_id}", json={"roles": ["reader"]}, headers=headers
    )
    assert last.status_code == 422
    assert "administrateur" in last.json()["detail"]


async def make_key(api: Api, identity: Identity, owner: Identity, *scopes: str) -> dict[str, str]:
    token = (await sign_in(api, identity.email))["access_token"]
    made = await post(api, "/keys", token, owner=owner.email, name="Essai", scopes=list(scopes))
    assert made.status_code == 201, made.text
    return {"token": token, "id": made.json()["key"]["id"], "secret": made.json()["secret"]}


async def test_a_key_reads_or_proposes_within_its_scopes_and_never_approves(
    api: Api, conninfo: str, identity: Identity
) -> None:
    owner = make_person(conninfo, "reader", "director", tenant_id=identity.tenant_id)
    other = make_person(conninfo, "sales", tenant_id=identity.tenant_id)
    reading = (await make_key(api, identity, owner, "read"))["secret"]
    proposing = (await make_key(api, identity, other, "propose"))["secret"]
    assert (await get(api, "/me", reading)).json()["roles"] == ["director", "reader"]
    assert (await get(api, "/me", proposing)).status_code == 403
    asked = {"question": "Combien ?"}
    assert (await post(api, "/ask", reading, **asked)).status_code == 403
    assert (await post(api, "/ask", proposing, **asked)).status_code == 200
    lines = [{"proposal_id": str(UUID(int=1)), "digest": "0" * 64}]
    act = await post(api, "/approvals", proposing, lines=lines, batch_digest="0" * 64)
    assert act.status_code == 403
    assert "personne" in act.json()["detail"]


async def test_a_key_dies_with_its_revocation_its_term_or_its_owner(
    api: Api, conninfo: str, identity: Identity
) -> None:
    owner = make_person(conninfo, "director", tenant_id=identity.tenant_id)
    key = await make_key(api, identity, owner, "read")
    twice = await post(api, "/keys", key["token"], owner=owner.email, name="Essai", scopes=["read"])
    assert twice.status_code == 409
    assert (await get(api, "/me", key["secret"])).status_code == 200
    assert (await get(api, "/me", key["secret"][:-1] + "_")).status_code == 401
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("UPDATE users SET roles = '{reader}' WHERE id = %s", (owner.user_id,))
        assert (await get(api, "/me", key["secret"])).json()["roles"] == ["reader"]
        kept = connection.execute(
            "SELECT secret_sha256, key::text FROM security.api_keys key WHERE id = %s",
            (key["id"],),
        ).fetchone()
        assert kept is not None and key["secret"].rpartition("_")[2] not in kept[1]
        connection.execute("UPDATE users SET is_active = false WHERE id = %s", (owner.user_id,))
        assert (await get(api, "/me", key["secret"])).status_code == 401
        connection.execute("UPDATE users SET is_active = true WHERE id = %s", (owner.user_id,))
        connection.execute("UPDATE security.api_keys SET expires_at = now() WHERE id = %s",
                           (key["id"],))  # fmt: skip
    assert (await get(api, "/me", key["secret"])).status_code == 401
    headers = {"authorization": f"Bearer {key['token']}"}
    path = f"/api/v1/keys/{key['id']}"
    assert (await api.client.delete(path, headers=headers)).status_code == 204
    assert (await api.client.delete(path, headers=headers)).status_code == 404
    listed = (await get(api, "/keys", key["token"])).json()
    assert listed[0]["revoked_at"] is not None and "secret" not in listed[0]


async def test_a_request_repeated_with_its_key_is_carried_out_once(
    api: Api, identity: Identity
) -> None:
    headers = {**api.bearer(identity), "idempotency-key": "commande-17",
               "accept": "application/json"}  # fmt: skip
    body = {"question": "Combien ?"}
    first = await api.client.post("/api/v1/ask", json=body, headers=headers)
    again = await api.client.post("/api/v1/ask", json=body, headers=headers)
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.assistant.asked) == 1
    other = await api.client.post("/api/v1/ask", json={"question": "Et ?"}, headers=headers)
    assert other.status_code == 422
    assert "nouvelle clé" in other.json()["detail"]
    bad = await api.client.post(
        "/api/v1/ask", json=body, headers={**headers, "idempotency-key": "a b"}
    )
    assert bad.status_code == 422


async def test_the_same_key_of_another_user_is_another_request(
    api: Api, conninfo: str, identity: Identity
) -> None:
    for person in (identity, make_person(conninfo, "reader", tenant_id=identity.tenant_id)):
        headers = {**api.bearer(person), "idempotency-key": "k"}
        await api.client.post("/api/v1/ask", json={"question": "Combien ?"}, headers=headers)
    assert [asked[0].user_id for asked in api.assistant.asked].count(identity.user_id) == 1
    assert len(api.assistant.asked) == 2


async def test_two_at_once_run_once_and_a_refusal_frees_the_key(
    api: Api, identity: Identity
) -> None:
    headers = {**api.bearer(identity), "idempotency-key": "ensemble"}
    body = {"question": "Combien ?"}
    answers = await asyncio.gather(
        *(api.client.post("/api/v1/ask", json=body, headers=headers) for _ in range(4))
    )
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len(api.assistant.asked) == 1
    freed = {**headers, "idempotency-key": "refus"}
    wrong = await api.client.post("/api/v1/ask", json={"question": "a" * 5000}, headers=freed)
    right = await api.client.post("/api/v1/ask", json=body, headers=freed)
    assert (wrong.status_code, right.status_code) == (422, 200)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://ailleurs.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"origin": "http://voltaire"}, 401),
        ({"sec-fetch-site": "same-origin"}, 401),
        ({}, 401),
    ],
)
async def test_another_site_cannot_post_with_a_browser_s_cookies(
    api: Api, headers: dict[str, str], status: int
) -> None:
    body = {"email": "a@b.example", "password": "x"}
    answer = await api.client.post("/api/v1/login", json=body, headers=headers)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in answer.headers


async def limited(database: Database, limits: Limits) -> AsyncIterator[httpx.AsyncClient]:
    services = Services(
        Settings(_env_file=None), database,
        Gatekeeper(database, SECRETS, passwords=Passwords(QUICK_HASHER)),
        ScriptedAssistant(database), OfflineEngine({}), limits=limits,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://voltaire") as client:
        yield client


async def test_who_asks_too_often_is_told_how_long_to_wait(
    database: Database, identity: Identity
) -> None:
    now = [0.0]
    clock = lambda: now[0]  # noqa: E731
    limits = Limits(Allowance(8, clock), Allowance(40, clock), Allowance(4, clock))
    token = Gatekeeper(database, SECRETS).issue_token(identity).value
    headers = {"authorization": f"Bearer {token}"}
    async for client in limited(database, limits):
        own = [await client.get("/api/v1/me", headers=headers) for _ in range(3)]
        assert [answer.status_code for answer in own] == [200, 200, 429]
        assert own[2].headers["retry-after"] == "8"
        assert "Réessayez dans 8\u00a0s" in own[2].json()["detail"]
        body = {"email": "a@b.example", "password": "x"}
        tries = [await client.post("/api/v1/login", json=body) for _ in range(2)]
        assert [answer.status_code for answer in tries] == [401, 429]
        many = [await client.get("/api/v1/me") for _ in range(12)]
        assert many[-1].status_code == 429
        now[0] = 60.0
        assert (await client.get("/api/v1/me", headers=headers)).status_code == 200


async def test_a_page_of_a_list_names_the_next(api: Api, identity: Identity) -> None:
    for number in range(3):
        await api.ask(identity, f"Question {number} ?")
    headers = api.bearer(identity)
    seen, address = [], "/api/v1/conversations?limit=2"
    while address:
        answer = await api.client.get(address, headers=headers)
        seen.append([row["title"] for row in answer.json()])
        link = answer.headers.get("link", "")
        address = link[1:].partition(">")[0]
    assert seen == [["Question 2 ?", "Question 1 ?"], ["Question 0 ?"]]


async def test_a_body_of_unknown_length_is_cut_at_the_limit(api: Api, identity: Identity) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 65536
            yield b" " * 65536

    headers = {**api.bearer(identity), "content-type": "application/json"}
    answer = await api.client.post("/api/v1/ask", content=endless(), headers=headers)
    assert answer.status_code == 413
    assert answer.json()["title"] == "Demande trop volumineuse"
    assert sent < 2 * 1024 * 1024


async def test_a_wrong_method_names_the_right_ones(api: Api) -> None:
    answer = await api.client.delete("/api/v1/ask")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_a_null_character_is_refused_where_it_is(api: Api, identity: Identity) -> None:
    answer = await api.ask(identity, "a\0b")
    assert answer.status_code == 422
