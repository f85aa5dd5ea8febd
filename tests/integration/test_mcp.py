"""The MCP server, called over real HTTP by the reference client of its SDK."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from mcp import ClientSession, McpError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, TextContent
from pydantic import AnyUrl

from agents.portfolio_assistant.outside_calls import name_day
from api.access.directory import Directory, DirectoryOptions
from api.access.keys import KeyWish, add_key, list_keys, revoke_key
from api.app import create_app
from api.auth import Gatekeeper
from api.limits import Allowance, Limits
from core.context import Identity
from core.database import Database
from core.secrets import Secrets
from tests.conftest import SECRETS, make_identity
from tests.doubles.oidc import CLIENT_ID, TENANT_ID, OidcServer, Person
from tests.integration.changes import TODAY, run_sql
from tests.integration.portfolio import build_portfolio
from tests.integration.test_api_contract import make_services, serving
from tools.registry import ALL_TOOLS, TOOLS, WRITING_TOOLS

READS = set(TOOLS)
EXPIRE = """
UPDATE security.api_keys SET created_at = now() - interval '3 days',
    expires_at = now() - interval '1 day' WHERE id = %s
"""
RUNS = """
SELECT r.tool, r.arguments, t.question, t.status, t.ordinal, c.surface, c.title
FROM tool_runs r JOIN turns t ON t.id = r.turn_id JOIN conversations c ON c.id = t.conversation_id
ORDER BY t.ordinal
"""


@dataclass
class Firm:
    """A running instance, its firm's records, and what opens it."""

    address: str
    gatekeeper: Gatekeeper
    database: Database
    director: Identity
    admin: Identity
    stranger: Identity
    ids: dict[str, UUID]
    their_ids: dict[str, UUID]
    keys: dict[str, str] = field(default_factory=dict)

    def token(self, identity: Identity) -> str:
        return self.gatekeeper.issue_token(identity).value

    @asynccontextmanager
    async def open(self, token: str) -> AsyncGenerator[ClientSession]:
        """A session of the reference client, initialised."""
        headers = {"authorization": f"Bearer {token}"}
        async with (
            httpx.AsyncClient(headers=headers, timeout=30) as http,
            streamable_http_client(f"{self.address}/mcp", http_client=http) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            yield session

    def get(self, path: str, identity: Identity | None = None) -> Any:
        """What an address of the instance gives."""
        headers = {"authorization": f"Bearer {self.token(identity)}"} if identity else {}
        return httpx.get(f"{self.address}{path}", headers=headers).json()

    def post(self, headers: dict[str, str], message: Any = None) -> httpx.Response:
        """One raw message."""
        message = message or {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        held = {"accept": "application/json, text/event-stream", **headers}
        return httpx.post(f"{self.address}/mcp", json=message, headers=held, timeout=30)


async def prepare(conninfo: str, gatekeeper: Gatekeeper, address: str) -> Firm:
    database = Database(conninfo, SECRETS)
    director = make_identity(conninfo, "reader", "director")
    admin = make_identity(conninfo, "admin", tenant_id=director.tenant_id)
    stranger = make_identity(conninfo, "reader", "sales", "director")
    ids = (await build_portfolio(database, director)).ids
    their_ids = (await build_portfolio(database, stranger)).ids
    firm = Firm(address, gatekeeper, database, director, admin, stranger, ids, their_ids)
    for name, scopes in (("read", ["read"]), ("propose", ["propose"]),
                         ("both", ["read", "propose"])):  # fmt: skip
        wish = KeyWish(director.email, name, scopes, 30)
        firm.keys[name] = (await add_key(database, admin, wish))[1]
    await database.close()
    return firm


@pytest.fixture(scope="module")
def firm(conninfo: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firm]:
    folder: Path = tmp_path_factory.mktemp("mcp")
    services = make_services(Database(conninfo, SECRETS), folder)
    with serving(create_app(services)) as address:
        gatekeeper = Gatekeeper(Database(conninfo, SECRETS), SECRETS)
        yield asyncio.run(prepare(conninfo, gatekeeper, address))


def text_of(result: CallToolResult) -> str:
    [block] = result.content
    assert isinstance(block, TextContent)
    return block.text


def refused(result: CallToolResult) -> str:
    assert result.isError, result
    return text_of(result)


async def test_reads_and_proposals_are_listed_in_french_and_nothing_that_commits(
    firm: Firm,
) -> None:
    async with firm.open(firm.token(firm.director)) as session:
        started = await session.initialize()
        tools = (await session.list_tools()).tools
        page = await session.read_resource(AnyUrl("voltaire://objets"))
        with pytest.raises(McpError, match="n’existe pas"):
            await session.read_resource(AnyUrl("voltaire://autre"))
    assert started.serverInfo.name == "voltaire" and "une personne approuve" in str(
        started.instructions
    )
    by_name = {tool.name: tool for tool in tools}
    assert set(by_name) == {
        name for name, tool in ALL_TOOLS.items() if tool.roles & firm.director.roles
    }
    assert set(by_name) >= READS | {"propose_task", "propose_contracts"}
    for name, tool in by_name.items():
        assert tool.annotations is not None
        assert name in READS or name.startswith("propose_")
        assert tool.annotations.readOnlyHint is (name in READS)
        assert tool.title and tool.description
        schema = json.dumps(tool.inputSchema, ensure_ascii=False)
        assert "tenant" not in schema and "A condition" not in schema
    assert by_name["propose_task"].inputSchema["properties"]["fields"]["properties"]["title"]
    [held] = page.contents
    assert "annual_amount_eur – Montant annuel" in held.model_dump()["text"]


async def test_reads_give_french_text_and_exact_values(firm: Firm) -> None:
    async with firm.open(firm.keys["read"]) as session:
        named = await session.call_tool("find_mentions", {"text": "contrats de Métropole de Dijon"})
        listed = await session.call_tool(
            "list_records",
            {"object": "accounts", "filters": [{"field": "city", "value": "Dijon"}],
             "columns": ["name", "annual_revenue_eur"]},
        )  # fmt: skip
        whole = await session.call_tool(
            "get_account_overview", {"account_id": str(firm.ids["dijon"])}
        )
    assert str(firm.ids["dijon"]) in text_of(named)
    shown = json.loads(text_of(listed))
    assert shown["lignes"][0]["annual_revenue_eur"] == "1\u202f200\u202f000\u00a0€"
    assert listed.structuredContent is not None
    assert listed.structuredContent["rows"] == [
        {"name": "Métropole de Dijon", "annual_revenue_eur": "1200000.00"}
    ]
    assert listed.structuredContent["record_ids"] == [str(firm.ids["dijon"])]
    assert "SELECT" not in json.dumps(listed.structuredContent) + text_of(listed)
    assert not whole.isError


async def test_a_proposal_waits_for_a_person(firm: Firm) -> None:
    account = str(firm.ids["clinique"])
    wish = {
        "reason": "Demandé par la cliente",
        "fields": {"title": "Rappeler Zoé Lefèvre", "account_id": account, "due_on": "2026-12-01"},
    }
    async with firm.open(firm.keys["both"]) as session:
        await session.call_tool("find_mentions", {"text": "Clinique Saint-Éloi"})
        first = await session.call_tool("propose_task", wish)
        again = await session.call_tool("propose_task", wish)
    assert not first.isError, text_of(first)
    assert first.structuredContent is not None and again.structuredContent is not None
    assert first.structuredContent["status_label"] == "En attente d’approbation"
    assert again.structuredContent["proposal_id"] == first.structuredContent["proposal_id"]
    assert again.structuredContent["is_new"] is False
    waiting = firm.get("/api/v1/proposals", firm.director)
    cards = [card for one in waiting for card in one["cards"]]
    [card] = [c for c in cards if c["id"] == first.structuredContent["proposal_id"]]
    assert (card["origin"], card["is_tainted"], card["is_model"]) == ("mcp", True, True)
    assert card["account_name"] == "Clinique Saint-Éloi"
    rows = await run_sql(firm.database, firm.director, "assistant_read",
                         "SELECT 1 FROM tasks WHERE title = 'Rappeler Zoé Lefèvre'")  # fmt: skip
    assert rows == []
    await firm.database.close()


async def test_what_untrusted_text_may_not_fill_is_refused(firm: Firm) -> None:
    account = str(firm.ids["acier_sud"])
    async with firm.open(firm.keys["both"]) as session:
        unseen = await session.call_tool(
            "propose_accounts", {"reason": "x", "record_id": account, "fields": {"city": "Sète"}}
        )
        await session.call_tool("get_record", {"object": "accounts", "record_id": account})
        seen = await session.call_tool(
            "propose_accounts", {"reason": "x", "record_id": account, "fields": {"city": "Sète"}}
        )
        guarded = await session.call_tool(
            "propose_accounts",
            {"reason": "x", "record_id": account, "fields": {"status": "client"}},
        )
    assert "ne vient d’aucune fiche lue" in refused(unseen)
    assert not seen.isError, text_of(seen)
    assert "Saisissez ce champ vous-même" in refused(guarded)


async def test_a_scope_that_is_missing_opens_nothing(firm: Firm) -> None:
    async with firm.open(firm.keys["read"]) as session:
        assert {tool.name for tool in (await session.list_tools()).tools} == READS
        wish = {"reason": "x", "fields": {"title": "Rappeler"}}
        assert "portée «\u00a0propose\u00a0»" in refused(
            await session.call_tool("propose_task", wish)
        )
    async with firm.open(firm.keys["propose"]) as session:
        offered = {tool.name for tool in (await session.list_tools()).tools}
        assert offered and offered <= set(WRITING_TOOLS)
        asked = await session.call_tool("list_records", {"object": "accounts"})
        assert "portée «\u00a0read\u00a0»" in refused(asked)


async def test_roles_bound_the_tools(firm: Firm, conninfo: str) -> None:
    reader = make_identity(conninfo, "reader", tenant_id=firm.director.tenant_id)
    async with firm.open(firm.token(reader)) as session:
        assert {tool.name for tool in (await session.list_tools()).tools} == READS
        wish = {"reason": "x", "fields": {"title": "Rappeler"}}
        assert "n’est pas permis" in refused(await session.call_tool("propose_task", wish))


async def test_another_firm_s_records_are_as_if_absent(firm: Firm) -> None:
    theirs = str(firm.their_ids["dijon"])
    tenant = {"object": "accounts", "tenant_id": str(firm.stranger.tenant_id)}
    sql = {"sql": "SELECT name FROM accounts WHERE id = '" + theirs + "'"}
    async with firm.open(firm.token(firm.director)) as session:
        fetched = await session.call_tool("get_record", {"object": "accounts", "record_id": theirs})
        queried = await session.call_tool("query_sql", sql)
        smuggled = await session.call_tool("list_records", tenant)
        proposed = await session.call_tool(
            "approve_proposals", {"reason": "x", "fields": {"account_id": theirs, "body": "x"}}
        )
        noted = await session.call_tool(
            "propose_note", {"reason": "x", "fields": {"account_id": theirs, "body": "x"}}
        )
    assert "Aucun enregistrement" in refused(fetched)
    assert queried.structuredContent is not None and queried.structuredContent["rows"] == []
    assert "tenant_id" in refused(smuggled)
    assert "n’existe pas" in refused(proposed)
    assert "ne vient d’aucune fiche lue" in refused(noted)


async def test_each_call_is_kept_for_its_user(firm: Firm, conninfo: str) -> None:
    person = make_identity(conninfo, "reader", "sales", tenant_id=firm.director.tenant_id)
    async with firm.open(firm.token(person)) as session:
        await asyncio.gather(*[
            session.call_tool("list_records", {"object": "accounts", "limit": n})
            for n in range(1, 6)
        ])  # fmt: skip
        await session.call_tool("list_records", {"object": "planètes"})
    rows = await run_sql(firm.database, person, "assistant_read", RUNS)
    other = await run_sql(firm.database, firm.admin, "assistant_read", RUNS)
    await firm.database.close()
    assert [row["ordinal"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert sorted(row["arguments"].get("limit", 0) for row in rows) == [0, 1, 2, 3, 4, 5]
    assert rows[-1]["status"] == "refused" and rows[0]["status"] == "answered"
    assert {(row["surface"], row["question"]) for row in rows} == {
        ("mcp", "Lecture du portefeuille")
    }
    assert other == []
    kept = firm.get(f"/api/v1/conversations/{name_day(person, TODAY)}", person)
    assert len(kept["turns"]) == 6


async def test_credentials_that_prove_nothing_are_refused(firm: Firm, conninfo: str) -> None:
    wish = KeyWish(firm.director.email, "expire", ["read"], 1)
    expired, expired_text = await add_key(firm.database, firm.admin, wish)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(EXPIRE, (expired.id,))
    wish = KeyWish(firm.director.email, "revoque", ["read"], 1)
    revoked, revoked_text = await add_key(firm.database, firm.admin, wish)
    assert firm.post({"authorization": f"Bearer {revoked_text}"}).status_code == 200
    await revoke_key(firm.database, firm.admin, revoked.id)
    await firm.database.close()
    forged = Gatekeeper(firm.database, Secrets(b"another secret of thirty-two bytes!!"))
    right = firm.keys["read"]
    for token in (
        expired_text, revoked_text, right[:-1] + ("a" if right[-1] != "a" else "b"), "vlt_nul",
        forged.issue_token(firm.director).value, "n'importe quoi", "a.b.c",
    ):  # fmt: skip
        answer = firm.post({"authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert answer.headers["content-type"] == "application/problem+json"
        assert token not in answer.text
    bare = firm.post({})
    assert (bare.status_code, bare.headers["www-authenticate"]) == (401, "Bearer")
    assert (await list_keys(firm.database, firm.admin)) != []
    await firm.database.close()
    with pytest.raises(BaseExceptionGroup) as caught:
        async with firm.open(expired_text):
            pass
    assert "401" in repr(caught.value.exceptions)


def test_the_protocol_s_refusals_are_in_french(firm: Firm) -> None:
    bearer = {"authorization": f"Bearer {firm.keys['read']}"}
    seen = httpx.get(f"{firm.address}/mcp", headers=bearer)
    assert (seen.status_code, seen.headers["allow"]) == (405, "POST")
    for answer, status in (
        (httpx.post(f"{firm.address}/mcp", content=b"{", headers={
            **bearer, "content-type": "application/json", "accept": "application/json"}), 400),
        (firm.post(bearer, {"bonjour": 1}), 400),
        (firm.post({**bearer, "accept": "text/html"}), 406),
        (firm.post({**bearer, "mcp-protocol-version": "1999-01-01"}), 400),
        (firm.post({**bearer, "origin": "https://ailleurs.example"}), 403),
        (httpx.post(f"{firm.address}/mcp", content=b"x" * 2_000_000, headers=bearer), 413),
    ):  # fmt: skip
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert "error" not in answer.json()["detail"].lower()
    assert firm.post({**bearer, "origin": firm.address}).status_code == 200


@pytest.mark.parametrize(
    ("method", "params", "code", "told"),
    [
        ("prompts/list", {}, -32601, "méthode n’est pas offerte"),
        ("bonjour/monde", {}, -32602, "n’est pas connue ici"),
        ("tools/call", {"arguments": "rien"}, -32602, "n’ont pas la forme attendue"),
        ("resources/read", {"uri": "voltaire://autre"}, -32002, "ressource n’existe pas"),
    ],
)
def test_errors_of_the_protocol_are_worded_in_french(
    firm: Firm, method: str, params: dict[str, Any], code: int, told: str
) -> None:
    bearer = {"authorization": f"Bearer {firm.keys['read']}"}
    answer = firm.post(bearer, {"jsonrpc": "2.0", "id": 7, "method": method, "params": params})
    error = answer.json()["error"]
    assert (answer.status_code, answer.json()["id"], error["code"]) == (200, 7, code)
    assert told in error["message"]


async def test_an_unknown_tool_or_argument_is_told_in_french(firm: Firm) -> None:
    async with firm.open(firm.keys["read"]) as session:
        unknown = refused(await session.call_tool("drop_table", {}))
        wrong = refused(await session.call_tool("list_records", {"planete": 3}))
    for told in (unknown, wrong):
        assert not re.search(r"\b(?:unknown|field|required|permitted|input|error)\b", told, re.I)
    assert "drop_table" in unknown and "planete" in wrong


def test_too_many_calls_are_told_to_wait(firm: Firm, conninfo: str, tmp_path: Path) -> None:
    services = make_services(Database(conninfo, SECRETS), tmp_path)
    slow = replace(services, limits=Limits(user=Allowance(8), address=Allowance(40)))
    bearer = {"authorization": f"Bearer {firm.token(firm.director)}"}
    with serving(create_app(slow)) as address:
        statuses = [replace(firm, address=address).post(bearer) for _ in range(4)]
        unknown = [replace(firm, address=address).post({}) for _ in range(12)]
    assert [answer.status_code for answer in statuses] == [200, 200, 429, 429]
    assert int(statuses[-1].headers["retry-after"]) > 0
    assert unknown[-1].status_code == 429


def test_without_a_directory_only_keys_and_sessions_open(firm: Firm) -> None:
    answer = httpx.get(f"{firm.address}/.well-known/oauth-protected-resource/mcp")
    assert answer.status_code == 404 and "clé d’API" in answer.json()["detail"]


async def test_a_program_finds_the_directory_and_enters_with_its_token(
    firm: Firm, conninfo: str, tmp_path: Path
) -> None:
    slug = firm.director.tenant_id
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT slug FROM tenants WHERE id = %s", (slug,)).fetchone()
    assert row is not None
    with OidcServer("https://v.example/api/v1/auth/callback").running() as server:
        options = DirectoryOptions(
            server.issuer, CLIENT_ID, None, "", TENANT_ID, row[0], {"ventes": "sales"},
            (CLIENT_ID, f"api://{CLIENT_ID}"), "access_as_user",
        )  # fmt: skip
        services = make_services(Database(conninfo, SECRETS), tmp_path)
        gatekeeper = Gatekeeper(services.database, SECRETS, directory=Directory(options))
        person = Person(str(uuid4()), "Léa", f"{uuid4().hex[:8]}@v.example", ("ventes",))
        right = server.sign(server.make_claims(person))
        meant_elsewhere = server.sign(server.make_claims(person, aud="00000003-0000-autre"))
        with serving(create_app(replace(services, gatekeeper=gatekeeper))) as address:
            there = replace(firm, address=address)
            where = there.post({})
            path = "/.well-known/oauth-protected-resource/mcp"
            assert f'resource_metadata="{address}{path}"' in where.headers["www-authenticate"]
            found = there.get(path)
            assert found["resource"] == f"{address}/mcp"
            assert found["authorization_servers"] == [server.issuer]
            assert found["scopes_supported"] == [f"api://{CLIENT_ID}/access_as_user"]
            assert there.post({"authorization": f"Bearer {meant_elsewhere}"}).status_code == 401
            async with there.open(right) as session:
                assert {t.name for t in (await session.list_tools()).tools} >= {"propose_task"}
