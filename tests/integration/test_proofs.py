"""The proof of an answer: whole when nothing changed, and telling whatever did."""

from __future__ import annotations

from typing import Any

import httpx
import psycopg
import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.conversations import finish_turn
from agents.portfolio_assistant.models import Answer, AnswerReady
from api.app import create_app
from api.auth import Gatekeeper
from api.reading_page import write_page
from api.services import Services
from core.context import Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.errors import NotFound
from core.settings import get_settings
from crm.erasure import make_subject
from crm.proofs import get_proof
from crm.proposals import audit
from evals.passages import PassageFile, store_passages
from tests.conftest import SECRETS, make_identity
from tests.integration.changes import TODAY, executing, make_context, run_sql
from tools.erasure import confirm_erasure, preview_erasure
from tools.proofs import write_proof

RULE = "Une réclamation reçoit un accusé de réception sous deux jours ouvrés."


@pytest.fixture
async def answer(database: Database, identity: Identity) -> Answer:
    return await ask(database, identity)


async def ask(database: Database, identity: Identity, code: str = "PR-08") -> Answer:
    """The answer to a question on a rule just stored, as `identity` asks it."""
    file = PassageFile(code, "Réclamations", (("Délais", RULE),), label="3.1")
    await store_passages(database, identity, file)
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    question = "Sous quel délai accuse-t-on réception d’une réclamation ?"
    events = [event async for event in assistant.ask(identity, question, surface="api")]
    assert isinstance(events[-1], AnswerReady)
    return events[-1].answer


async def seal(database: Database) -> None:
    async with executing(database) as executor:
        await executor.run_once()


def tamper(conninfo: str, statement: str, *values: object) -> None:
    """Change a row behind the product's back, as who administers the server could."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(statement.encode(), values)


async def test_an_answer_reopens_with_all_it_rests_on(
    database: Database, identity: Identity, answer: Answer
) -> None:
    context = make_context(database, identity)
    waiting = await get_proof(context, answer.turn_id)
    assert (waiting.seal, waiting.faults) == ("waiting", ())
    await seal(database)
    file = await get_proof(context, answer.turn_id)
    assert (file.seal, file.faults, file.remarks) == ("sealed", (), ())
    assert file.proof["roles"] == ["director", "reader"]
    (document,) = file.proof["documents"]
    assert (document["code"], document["label"], document["status"]) == ("PR-08", "3.1", "in_force")
    assert [passage["text"] for passage in file.proof["passages"]] == [RULE]
    text = write_proof(file)
    assert "La preuve est intacte." in text and RULE in text
    assert "événement n° " in text and "(en vigueur alors)" in text


async def test_a_browser_gets_the_proof_as_a_page_and_a_program_as_markdown(
    database: Database, identity: Identity, answer: Answer
) -> None:
    gatekeeper = Gatekeeper(database, SECRETS)
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    app = create_app(Services(get_settings(), database, gatekeeper, assistant, OfflineEngine({})))
    bearer = {"authorization": f"Bearer {gatekeeper.issue_token(identity).value}"}
    address = f"http://voltaire/api/v1/turns/{answer.turn_id}/proof"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
        page = await client.get(address, headers={**bearer, "accept": "text/html,*/*;q=0.8"})
        text = await client.get(address, headers=bearer)
    assert "<h1>Dossier de preuve</h1>" in page.text and RULE in page.text
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.text.startswith("# Dossier de preuve")
    hostile = write_page("a", "<script>alert(1)</script> [x](javascript:alert(1))")
    assert "<script>" not in hostile and "href" not in hostile


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE answer_proofs SET canonical = replace(canonical, 'deux', 'dix') "
         "WHERE turn_id = %s",
         "modifiée après avoir été scellée"),
        ("UPDATE turns SET answer = jsonb_set(answer, '{text}', '\"Dix jours\"') WHERE id = %s",
         "n’est plus celle de la preuve"),
        ("UPDATE turns SET question = 'Autre question' WHERE id = %s", "La question conservée"),
        ("UPDATE tool_runs SET result = '{}' WHERE turn_id = %s", "données lues pour répondre"),
        ("UPDATE audit_events SET at = at - interval '1 day' WHERE record_id = %s",
         "L’événement qui scelle"),
        ("UPDATE audit_chain SET sha256 = repeat('0', 64) WHERE event_id = "
         "(SELECT id FROM audit_events WHERE record_id = %s)", "rompue"),
        ("DELETE FROM audit_events WHERE record_id = %s", "ne connaît pas cette preuve"),
    ],
)  # fmt: skip
async def test_whatever_was_changed_afterwards_is_told(
    database: Database,
    identity: Identity,
    conninfo: str,
    answer: Answer,
    statement: str,
    told: str,
) -> None:
    await seal(database)
    tamper(conninfo, statement, answer.turn_id)
    file = await get_proof(make_context(database, identity), answer.turn_id)
    assert any(told in fault for fault in file.faults), file.faults
    assert "ANOMALIE" in write_proof(file)


async def test_a_document_changed_since_is_a_remark_and_no_fault(
    database: Database, identity: Identity, conninfo: str, answer: Answer
) -> None:
    tamper(conninfo, "UPDATE document_versions SET status = 'superseded' WHERE tenant_id = %s",
           identity.tenant_id)  # fmt: skip
    file = await get_proof(make_context(database, identity), answer.turn_id)
    assert file.faults == ()
    assert file.remarks == ("PR-08, version 3.1\u00a0: son statut a changé depuis.",)


async def test_a_proof_is_opened_by_who_asked_and_by_the_direction_alone(
    database: Database, identity: Identity, conninfo: str, answer: Answer
) -> None:
    director = make_identity(conninfo, "director", tenant_id=identity.tenant_id)
    seen = await get_proof(make_context(database, director), answer.turn_id)
    assert seen.faults == () and "n’a pas été comparé" in seen.remarks[0]
    own = await get_proof(make_context(database, identity), answer.turn_id)
    assert (own.faults, own.remarks) == ((), ())
    for stranger in (
        make_identity(conninfo, "sales", "quality", tenant_id=identity.tenant_id),
        make_identity(conninfo, "reader", "director"),
    ):
        with pytest.raises(NotFound):
            await get_proof(make_context(database, stranger), answer.turn_id)


async def test_a_plain_reader_reopens_an_erased_proof_without_a_false_anomaly(
    database: Database, conninfo: str
) -> None:
    reader = make_identity(conninfo, "reader")
    answer = await ask(database, reader)
    await seal(database)
    admin = make_identity(conninfo, "admin", tenant_id=reader.tenant_id)
    context, subject = make_context(database, admin), make_subject("document", ["PR-08"])
    shown = await preview_erasure(context, subject)
    await confirm_erasure(context, shown.id, subject, shown.digest)
    file = await get_proof(make_context(database, reader), answer.turn_id)
    assert (file.proof, file.faults) == ({}, ())
    assert "effacée" in file.remarks[0]
    stranger = make_identity(conninfo, "reader")
    rows = await run_sql(
        database, stranger, "assistant_read", "SELECT id FROM audit_events WHERE kind = 'erased'"
    )
    assert rows == []


async def test_a_proof_reads_the_links_next_to_its_own_and_the_audit_all_of_them(
    database: Database, identity: Identity, conninfo: str, answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for number in range(3):
        await ask(database, identity, f"PR-{number}")
    await seal(database)
    context, breaks = make_context(database, identity), "UPDATE audit_chain SET sha256 = repeat("
    tamper(conninfo, breaks + "'0', 64) WHERE tenant_id = %s AND ordinal = 4", identity.tenant_id)
    assert len((await get_proof(context, answer.turn_id)).faults) == 1
    monkeypatch.setattr(audit, "STEP", 2)
    assert (await get_proof(context, answer.turn_id)).faults == ()
    assert (await audit.verify_chain(context)).fault is not None
    tamper(conninfo, breaks + "'0', 64) WHERE tenant_id = %s AND ordinal = 3", identity.tenant_id)
    assert "rompue" in (await get_proof(context, answer.turn_id)).faults[0]


async def test_what_an_answer_rests_on_is_gathered_in_one_reading(
    database: Database, identity: Identity, conninfo: str, answer: Answer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    sent: list[str] = []
    execute = psycopg.AsyncConnection.execute

    async def note(self: Any, statement: Any, *values: Any, **options: Any) -> Any:
        sent.append(str(statement))
        return await execute(self, statement, *values, **options)

    tamper(conninfo, "DELETE FROM answer_proofs WHERE turn_id = %s", answer.turn_id)
    monkeypatch.setattr(psycopg.AsyncConnection, "execute", note)
    await finish_turn(database, identity, answer)
    monkeypatch.undo()
    read = [statement for statement in sent if "FROM tool_runs" in statement
            or "FROM document_versions" in statement or "FROM chunks" in statement
            or "FROM turns" in statement]  # fmt: skip
    assert len(read) == 1
    file = await get_proof(make_context(database, identity), answer.turn_id)
    assert file.proof["passages"][0]["text"] == RULE and len(file.proof["runs"]) >= 1
