"""The HTTP API on a real database: sign-in, streamed answers, rights, limits."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg.types.json import Jsonb

from agents.portfolio_assistant.models import (
    Answer,
    AnswerReady,
    AssistantEvent,
    Column,
    DocumentCitation,
    RecordCitation,
    StepFinished,
    StepStarted,
    Table,
    TextDelta,
)
from api.access.passwords import Passwords
from api.app import create_app
from api.auth import Gatekeeper
from api.lockouts import FAILURES_ALLOWED, LOCK_S, Lockouts
from api.services import Services
from core.context import PARIS, Identity
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import InvalidInput, NotFound
from core.settings import Settings
from tests.conftest import SECRETS, make_identity

CLI_TOKEN = "cli-token-of-this-instance"
PASSWORD = "un mot de passe assez long"
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
QUESTION_LIMIT = 4000

INSERT_PASSWORD = "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, %s)"
INSERT_CONVERSATION = """
INSERT INTO conversations (id, tenant_id, user_id, surface, title) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT DO NOTHING
"""
INSERT_TURN = """
INSERT INTO turns (id, tenant_id, user_id, conversation_id, ordinal, question, status, answer)
VALUES (%s, %s, %s, %s, 1, %s, 'answered', %s)
"""
OWNS = "SELECT 1 FROM conversations WHERE tenant_id = %s AND id = %s"


@dataclass
class ScriptedAssistant:
    """Gives the same answer to everything, and keeps it as the real one does."""

    database: Database
    table: Table | None = None
    citations: tuple[DocumentCitation | RecordCitation, ...] = ()
    asked: list[tuple[Identity, str, str]] = field(default_factory=list)

    async def ask(
        self,
        identity: Identity,
        question: str,
        *,
        conversation_id: UUID | None = None,
        surface: str,
    ) -> AsyncIterator[AssistantEvent]:
        if len(question) > QUESTION_LIMIT:
            raise InvalidInput("Votre question est trop longue.")
        self.asked.append((identity, question, surface))
        answer = await self._keep(identity, question, conversation_id, surface)
        yield StepStarted(step_id="1", tool="list_contracts", label="Recherche des contrats")
        yield StepFinished(
            step_id="1", tool="list_contracts", label="Recherche des contrats",
            summary="2 contrats trouvés", is_error=False, duration_ms=3,
        )  # fmt: skip
        yield TextDelta(text="Deux ")
        yield TextDelta(text="contrats.")
        yield AnswerReady(answer=answer)

    async def _keep(
        self, identity: Identity, question: str, conversation_id: UUID | None, surface: str
    ) -> Answer:
        async with self.database.transaction(identity) as connection:
            if conversation_id is not None:
                cursor = await connection.execute(OWNS, (identity.tenant_id, conversation_id))
                if await cursor.fetchone() is None:
                    raise NotFound("Cette conversation n’existe pas.")
            answer = Answer(
                turn_id=uuid4(), conversation_id=conversation_id or uuid4(), question=question,
                status="answered", text="Deux contrats [1].", citations=self.citations,
                tables=(self.table,) if self.table else (), engine="essai", is_model=False,
                duration_ms=12,
            )  # fmt: skip
            user = (identity.tenant_id, identity.user_id)
            await connection.execute(
                INSERT_CONVERSATION, (answer.conversation_id, *user, surface, question)
            )
            stored = Jsonb(answer.model_dump(mode="json"))
            await connection.execute(
                INSERT_TURN, (answer.turn_id, *user, answer.conversation_id, question, stored)
            )
        return answer


@dataclass
class Api:
    """The application, its assistant, and a client of it."""

    client: httpx.AsyncClient
    assistant: ScriptedAssistant
    gatekeeper: Gatekeeper

    def bearer(self, identity: Identity) -> dict[str, str]:
        return {"authorization": f"Bearer {self.gatekeeper.issue_token(identity).value}"}

    async def ask(self, identity: Identity, question: str, **more: str) -> httpx.Response:
        headers = {**self.bearer(identity), "accept": "application/json"}
        body = {"question": question, **more}
        return await self.client.post("/api/v1/ask", json=body, headers=headers)


@pytest.fixture
async def api(database: Database) -> AsyncIterator[Api]:
    assistant = ScriptedAssistant(database)
    gatekeeper = Gatekeeper(database, SECRETS, passwords=Passwords(QUICK_HASHER))
    services = Services(
        Settings(), database, gatekeeper, assistant, OfflineEngine({}), cli_token=CLI_TOKEN
    )
    transport = httpx.ASGITransport(create_app(services), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://voltaire") as client:
        yield Api(client, assistant, gatekeeper)


def make_person(conninfo: str, *roles: str, tenant_id: UUID | None = None) -> Identity:
    identity = make_identity(conninfo, *roles, tenant_id=tenant_id)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(INSERT_PASSWORD, (identity.user_id, QUICK_HASHER.hash(PASSWORD)))
    return identity


@pytest.fixture
def identity(conninfo: str) -> Identity:
    """A director who can sign in."""
    return make_person(conninfo, "reader", "director")


async def sign_in(api: Api, email: str, password: str) -> httpx.Response:
    return await api.client.post("/api/v1/login", json={"email": email, "password": password})


def read_events(text: str) -> list[tuple[str, dict[str, object]]]:
    events = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        events.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return events


async def test_the_right_password_gives_a_token_that_asks(api: Api, identity: Identity) -> None:
    session = (await sign_in(api, identity.email.upper(), PASSWORD)).json()
    headers = {
        "authorization": f"Bearer {session['access_token']}",
        "accept": "application/json",
    }
    answer = await api.client.post("/api/v1/ask", json={"question": "Combien ?"}, headers=headers)
    assert answer.status_code == 200
    assert api.assistant.asked[0][0] == identity
    assert session["roles"] == ["director", "reader"]


async def test_a_wrong_password_and_an_unknown_address_fail_alike(
    api: Api, identity: Identity
) -> None:
    wrong = await sign_in(api, identity.email, "autre")
    unknown = await sign_in(api, "personne@ailleurs.example", PASSWORD)
    assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
    assert wrong.status_code == 401
    assert wrong.headers["content-type"] == "application/problem+json"


async def test_an_account_waits_after_repeated_failures_even_with_the_right_password(
    api: Api, identity: Identity
) -> None:
    for _ in range(FAILURES_ALLOWED):
        assert (await sign_in(api, identity.email, "autre")).status_code == 401
    locked = await sign_in(api, identity.email, PASSWORD)
    assert locked.status_code == 429
    assert "Patientez 5\u00a0minutes" in locked.json()["detail"]
    assert 290 <= int(locked.headers["retry-after"]) <= 300


def test_a_lock_opens_after_its_time() -> None:
    now = [0.0]
    lockouts = Lockouts(monotonic=lambda: now[0])
    for _ in range(FAILURES_ALLOWED):
        lockouts.record_failure("a")
    assert lockouts.remaining_s("a") == LOCK_S
    assert lockouts.remaining_s("b") == 0
    now[0] = LOCK_S
    assert lockouts.remaining_s("a") == 0


async def test_a_closed_account_neither_signs_in_nor_uses_its_token(
    api: Api, conninfo: str, identity: Identity
) -> None:
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("UPDATE users SET is_active = false WHERE id = %s", (identity.user_id,))
    assert (await sign_in(api, identity.email, PASSWORD)).status_code == 401
    assert (await api.ask(identity, "Combien ?")).status_code == 401


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x.y", "Bearer é.ü", "Basic abc"])
async def test_nobody_asks_without_a_valid_token(api: Api, authorization: str) -> None:
    headers = {"authorization": authorization.encode()} if authorization else {}
    response = await api.client.post("/api/v1/ask", json={"question": "Combien ?"}, headers=headers)
    assert response.status_code == 401
    assert api.assistant.asked == []


async def test_a_token_changed_by_one_letter_or_expired_is_refused(
    api: Api, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = api.gatekeeper.issue_token(identity).value
    forged = ("A" if token[0] != "A" else "B") + token[1:]
    for value in (forged, token + "0"):
        headers = {"authorization": f"Bearer {value}"}
        assert (await api.client.get("/api/v1/conversations", headers=headers)).status_code == 401
    monkeypatch.setattr("api.auth.time.time", lambda: 4e9)
    headers = {"authorization": f"Bearer {token}"}
    assert (await api.client.get("/api/v1/conversations", headers=headers)).status_code == 401


async def test_an_answer_streams_steps_then_text_then_the_verified_answer(
    api: Api, identity: Identity
) -> None:
    response = await api.client.post(
        "/api/v1/ask", json={"question": "Combien ?"}, headers=api.bearer(identity)
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    events = read_events(response.text)
    assert [name for name, _ in events] == [
        "step_started", "step_finished", "text_delta", "text_delta", "answer",
    ]  # fmt: skip
    last = AnswerReady.model_validate(events[-1][1])
    assert last.answer.text == "Deux contrats [1]."


async def test_the_command_line_token_asks_as_the_named_user_only(
    api: Api, identity: Identity
) -> None:
    headers = {
        "authorization": f"Bearer {CLI_TOKEN}",
        "x-voltaire-user": identity.email,
        "x-voltaire-surface": "cli",
        "accept": "application/json",
    }
    body = {"question": "Combien ?"}
    assert (await api.client.post("/api/v1/ask", json=body, headers=headers)).status_code == 200
    assert api.assistant.asked[0][0] == identity
    assert api.assistant.asked[0][2] == "cli"
    headers["x-voltaire-user"] = "personne@ailleurs.example"
    refused = await api.client.post("/api/v1/ask", json=body, headers=headers)
    assert refused.status_code == 401
    assert "personne@ailleurs.example" in refused.json()["detail"]


async def test_a_question_of_100_000_characters_is_refused_in_french(
    api: Api, identity: Identity
) -> None:
    response = await api.ask(identity, "a" * 100_000)
    assert response.status_code == 422
    assert response.json()["detail"] == "Votre question est trop longue."


async def test_a_body_over_the_limit_is_refused_before_it_is_read(
    api: Api, identity: Identity
) -> None:
    response = await api.ask(identity, "a" * 1_100_000)
    assert response.status_code == 413
    assert "1 Mo" in response.json()["detail"].replace("\u00a0", " ")


async def test_a_document_may_be_as_large_as_those_of_the_folder(
    api: Api, identity: Identity, conninfo: str
) -> None:
    quality = make_identity(conninfo, "quality", tenant_id=identity.tenant_id)
    address, headers = "/api/v1/knowledge/documents", api.bearer(quality)
    for size_mb, status in ((3, 422), (52, 413)):
        files = {"file": ("PR-21 Achats.pdf", bytes(size_mb << 20))}
        response = await api.client.post(address, files=files, headers=headers)
        assert response.status_code == status, response.text
    assert "51 Mo" in response.json()["detail"].replace("\u00a0", " ")


async def test_sql_in_a_question_reaches_the_assistant_as_text(
    api: Api, identity: Identity
) -> None:
    question = "'; DROP TABLE turns; -- combien de contrats ?"
    assert (await api.ask(identity, question)).json()["question"] == question
    listed = await api.client.get("/api/v1/conversations", headers=api.bearer(identity))
    assert [row["title"] for row in listed.json()] == [question]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "JSON valide"),
        (b"{}", "« question » est obligatoire"),
        (b'{"question": 3}', "« question » doit être un texte"),
        (b'{"question": "a", "conversation_id": "x"}', "« conversation_id » doit être"),
        (b'{"question": "a", "tenant_id": "x"}', "« tenant_id » n’est pas connu"),
        (b"[]", "objet JSON"),
    ],
)
async def test_an_ill_formed_request_is_explained_in_french(
    api: Api, identity: Identity, body: bytes, detail: str
) -> None:
    headers = {**api.bearer(identity), "content-type": "application/json"}
    response = await api.client.post("/api/v1/ask", content=body, headers=headers)
    assert response.status_code == 422
    assert detail in response.json()["detail"].replace("\u00a0", " ")


async def test_a_conversation_is_read_by_its_owner_only(
    api: Api, conninfo: str, identity: Identity
) -> None:
    conversation = (await api.ask(identity, "Combien ?")).json()["conversation_id"]
    colleague = make_person(conninfo, "director", "admin", tenant_id=identity.tenant_id)
    stranger = make_person(conninfo, "director")
    url = f"/api/v1/conversations/{conversation}"
    mine = await api.client.get(url, headers=api.bearer(identity))
    assert [turn["question"] for turn in mine.json()["turns"]] == ["Combien ?"]
    for other in (colleague, stranger):
        assert (await api.client.get(url, headers=api.bearer(other))).status_code == 404
        again = await api.ask(other, "Et encore ?", conversation_id=conversation)
        assert again.status_code == 404
        assert (
            await api.client.get("/api/v1/conversations", headers=api.bearer(other))
        ).json() == []


async def test_a_table_comes_as_a_spreadsheet_opens_it_and_to_its_owner_only(
    api: Api, conninfo: str, identity: Identity
) -> None:
    api.assistant.table = Table(
        number=1,
        title="Contrats",
        columns=(
            Column(name="name", label="Compte", is_numeric=False),
            Column(name="volume", label="Volume (MWh)", is_numeric=True),
        ),
        rows=(("Fonderie ; Rezé", "1 234,5"), ("=CMD()", "-3")),
        totals=("", "1 231,5"),
        total_rows=2,
    )
    turn = (await api.ask(identity, "Combien ?")).json()["turn_id"]
    url = f"/api/v1/turns/{turn}/tables/1.csv"
    response = await api.client.get(url, headers=api.bearer(identity))
    assert response.content.startswith(b"\xef\xbb\xbf")
    assert response.content.decode("utf-8-sig").split("\r\n") == [
        "Compte;Volume (MWh)", '"Fonderie ; Rezé";1 234,5', "'=CMD();-3",
        "Total;1 231,5", "",
    ]  # fmt: skip
    other = make_person(conninfo, "director", tenant_id=identity.tenant_id)
    assert (await api.client.get(url, headers=api.bearer(other))).status_code == 404
    missing = await api.client.get(
        f"/api/v1/turns/{turn}/tables/2.csv", headers=api.bearer(identity)
    )
    assert missing.status_code == 404


async def test_a_record_citation_shows_its_reading_and_its_moment(
    api: Api, identity: Identity
) -> None:
    record = uuid4()
    api.assistant.citations = (
        RecordCitation(
            number=1, label="Contrats échus", tool="list_contracts", tool_run_id=uuid4(),
            record_ids=(record,), total_rows=1, query="SELECT id FROM contracts",
            executed_at=dt.datetime(2026, 11, 16, 14, 30, tzinfo=PARIS),
        ),
    )  # fmt: skip
    turn = (await api.ask(identity, "Combien ?")).json()["turn_id"]
    text = (
        await api.client.get(f"/api/v1/turns/{turn}/citations/1", headers=api.bearer(identity))
    ).text
    for expected in ("Contrats échus", "1\u00a0fiche de votre CRM", "16/11/2026"):
        assert expected in text
    assert "SELECT" not in text


async def store_document(
    database: Database, identity: Identity, folder: Path, name: str, content: bytes
) -> UUID:
    from ingest.upload import ingest_file

    path = folder / name
    path.write_bytes(content)
    return await ingest_file(database, identity, path)


async def test_a_document_is_served_as_received_and_never_as_an_active_page(
    api: Api, database: Database, identity: Identity, tmp_path: Path
) -> None:
    content = "<html><body><h1>Note réglée</h1><p>Le délai est de dix jours.</p></body></html>"
    version = await store_document(database, identity, tmp_path, "note é.html", content.encode())
    response = await api.client.get(f"/api/v1/documents/{version}", headers=api.bearer(identity))
    assert response.content == content.encode()
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["content-security-policy"].startswith("sandbox;")
    assert "note%20%C3%A9.html" in response.headers["content-disposition"]


async def test_a_document_closed_to_a_profile_does_not_exist_for_it(
    api: Api, database: Database, conninfo: str, identity: Identity, tmp_path: Path
) -> None:
    version = await store_document(database, identity, tmp_path, "a.md", b"# A\n\nUn fait net.\n")
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE documents SET access = ARRAY['quality'] WHERE tenant_id = %s",
            (identity.tenant_id,),
        )
    url = f"/api/v1/documents/{version}"
    quality = make_person(conninfo, "quality", tenant_id=identity.tenant_id)
    elsewhere = make_person(conninfo, "quality", "director", "admin")
    assert (await api.client.get(url, headers=api.bearer(quality))).status_code == 200
    for refused in (identity, elsewhere):
        response = await api.client.get(url, headers=api.bearer(refused))
        assert response.status_code == 404
    assert (await api.client.get(url)).status_code == 401


async def test_every_answer_carries_the_security_headers_and_opens_to_no_other_site(
    api: Api,
) -> None:
    for url in ("/health", "/api/v1/conversations", "/api/v1/nowhere"):
        response = await api.client.get(url, headers={"origin": "https://ailleurs.example"})
        assert "frame-ancestors 'self'" in response.headers["content-security-policy"]
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "access-control-allow-origin" not in response.headers


async def test_an_unknown_address_of_the_api_is_a_french_problem(api: Api) -> None:
    response = await api.client.get("/api/v1/nowhere")
    assert response.status_code == 404
    assert "n’existe pas" in response.json()["detail"]


async def test_readiness_follows_the_database(api: Api) -> None:
    assert (await api.client.get("/ready")).json() == {"status": "ready"}
    assert (await api.client.get("/health")).json() == {"status": "ok"}
