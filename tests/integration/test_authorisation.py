"""Every operation of the API × every kind of caller, own firm and another's.

One letter per caller: `A` passes (whatever the request's own fate), `1` must sign in, `3` may not,
`4` sees nothing there. An operation without a line here fails the test: who may use it is decided
when it is written, not found out later.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from agents.meeting_synthesis.desk import Desk
from agents.portfolio_assistant.models import Column, RecordCitation, Table
from agents.tender_scoring.desk import TenderDesk
from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from api.access.keys import KeyWish, add_key
from api.access.passwords import Passwords
from api.app import create_app
from api.auth import Gatekeeper
from api.openapi import METHODS
from api.services import Services, build_engine
from core.context import Context, Identity, frozen_clock, system_clock
from core.database import Database
from core.settings import Settings
from crm.contradictions import FoundContradiction, list_contradictions, save_contradictions
from crm.erasure import make_subject
from crm.gaps import list_gaps, record_gap
from ingest.clients.boamp import BoampClient
from ingest.mail.isolation import MailReader
from ingest.meetings.arrivals import announce, list_arrivals, settle
from ingest.meetings.graph import TranscriptAddress
from ingest.meetings.invitation import parse_invitation
from ingest.meetings.store import get_transcript
from ingest.watch.watching import watch
from tests.conftest import SECRETS
from tests.doubles.boamp import BoampDouble, records
from tests.doubles.boamp.server import BASE_URL
from tests.integration.changes import TODAY, make_context, submit, wish
from tests.integration.portfolio import build_portfolio
from tests.integration.tender_files import build_pieces
from tests.integration.test_api import QUICK_HASHER, ScriptedAssistant, make_person, store_document
from tests.integration.test_meeting_minutes import INVITATION, VTT
from tests.integration.test_triage import THREAD
from tools.erasure import preview_erasure

CALLERS = ("anonymous", "reader", "sales", "quality", "director", "admin", "key_read",
           "key_propose", "stranger")  # fmt: skip
OPEN = "AAAAAAAAA"
READING = "1AAAAAA3A"
OF_OWN_FIRM = "1AAAAAA34"
NOT_READERS = "13AAAA3A4"
OF_SIGHT = "14AAA4A34"
BROKERS = "13AAA33A4"
SETTERS = "1333AA33A"
KEEPERS = "133AA3334"
EXPECTED: dict[str, str] = {
    "get_health": OPEN, "get_readiness": OPEN, "change_password": OPEN,
    # Wrong passwords, then an account locked for all; a wrong refresh secret.
    "sign_in": "11111AAAA", "renew_session": "111111111", "sign_out": "1AAAAAAAA",
    "get_me": READING, "start_directory_sign_in": "444444444",
    "finish_directory_sign_in": "444444444",
    "list_api_keys": "13333A33A", "add_api_key": "13333A334", "revoke_api_key": "13333A334",
    "list_firm_users": "13333A33A", "add_firm_user": "13333A33A",
    "change_firm_user": "13333A334", "reset_password": "13333A334",
    "ask": "1AAAAA3AA", "get_conversations": READING, "get_conversation": "1444A4A34",
    "get_turn_citation": "1444A4A34", "get_turn_table": "1444A4A34",
    "get_turn_workbook": "1444A4A34", "get_turn_figure": "1444A4A34",
    "get_turn_proof": "144444434",  # the scripted assistant keeps no proof
    "get_costs": READING, "get_budgets": READING, "put_budget": "13333A33A",
    "get_document_file": OF_OWN_FIRM,
    "receive_transcript_notifications": "444444444", "receive_mail_notifications": OPEN,
    "receive_twenty_notification": "444444444", "get_twenty_status": READING,
    "list_twenty_noted": READING,
    "list_threads": READING, "get_thread": OF_OWN_FIRM, "triage_again": NOT_READERS,
    "rate_triage": "1AAAAA3A4", "list_mails_set_aside": READING, "replay_mail": "134444344",
    "list_open_reviews": READING, "decide_review": "133444334",
    "bring_transcript": "1AAAAA3AA", "get_minutes": OF_OWN_FIRM,
    "get_minutes_document": OF_OWN_FIRM, "get_minutes_cue": OF_OWN_FIRM,
    "get_minutes_mail": OF_OWN_FIRM,
    "get_minutes_proposals": OF_OWN_FIRM, "submit_minutes_proposals": "1AAAAA3A4",
    "change_minutes_invitation": "1AAAAA3A4",
    "list_proposals": READING, "get_proposal": OF_SIGHT, "approve_proposals": "1433A4334",
    "reject_proposal": "14AAA4334", "edit_proposal": "14AAA43A4", "undo_proposal": "14AAA43A4",
    "get_record_history": READING,
    "get_watch": READING, "get_watch_chart": READING, "list_watch_runs": READING,
    "run_watch": "13A3A33AA", "get_watch_filters": READING, "put_watch_filters": "1333AA33A",
    "add_watch_notice": "13A3A33AA", "get_watch_item": OF_OWN_FIRM, "move_watch_item": "13A3A33A4",
    "propose_watch_item": "13A3A33A4", "score_watch_item": "13A3A33A4", "get_watch_figure": READING,
    "list_transcripts_set_aside": READING, "replay_transcript": "13A444344",
    "get_own_style": READING, "forget_own_style": "1AAAAA3AA",
    "get_triage_ratings": READING, "use_thread_draft": BROKERS,
    "find_mail": OF_OWN_FIRM, "bring_mail": "13AAAA3AA", "list_minutes": READING,
    "retry_effect": "1433A4334", "get_morning": READING, "search_portfolio": READING,
    "list_tenders": READING, "bring_tender": "13AAA33AA", "get_tender": OF_OWN_FIRM,
    "retry_tender": BROKERS, "follow_tender": OF_OWN_FIRM, "get_tender_result": OF_OWN_FIRM,
    "get_tender_card": OF_OWN_FIRM, "get_tender_export": OF_OWN_FIRM,
    "get_tender_piece": OF_OWN_FIRM, "get_tender_place": OF_OWN_FIRM,
    "propose_tender_record": BROKERS, "propose_tender_decision": BROKERS,
    "propose_tender_outcome": BROKERS,
    "get_tender_profile": READING, "put_tender_profile": SETTERS, "get_tender_grid": READING,
    "put_tender_grid": SETTERS, "restore_tender_grid": SETTERS,
    "get_tender_calibration": READING, "take_tender_calibration": SETTERS,
    "get_gaps": READING, "change_gap": KEEPERS, "propose_gap_article": "133AA33A4",
    "get_gap_answer": "144AAAA34",
    "rate_answer": "1444A43A4", "get_answer_ratings": READING, "review_answer_rating": KEEPERS,
    "get_contradictions": READING, "change_contradiction": KEEPERS,
    "list_documents": READING, "get_document_table": READING, "list_document_reviews": READING,
    "list_own_readings": READING, "propose_document_decision": "13AAA33A4",
    "get_version_changes": OF_OWN_FIRM,
    "list_document_readers": OF_OWN_FIRM, "acknowledge_document": "1AAAAA334",
    "list_erasures": "13333A33A", "ask_erasure": "13333A33A",
    "confirm_previewed_erasure": "13333A334",
    "get_ingestion": "133AAAA3A", "read_documents_again": "133AAA3AA",
    "bring_document": "133AAA3AA",
    "preview_sheet": "1AAAAA3AA", "import_sheet": "1AAAAA3AA", "export_records": "1AAAAAA3A",
}  # fmt: skip


@dataclass
class Firm:
    """Callers with their headers, and a record of each kind, all of one firm but the stranger."""

    headers: dict[str, dict[str, str]]
    ids: dict[str, str]
    bodies: dict[str, Any] = field(default_factory=dict)


async def build_firm(
    database: Database, conninfo: str, gatekeeper: Gatekeeper, services: Services, folder: Path
) -> Firm:
    director = make_person(conninfo, "reader", "director")
    people = {role: make_person(conninfo, role, tenant_id=director.tenant_id)
              for role in ("reader", "sales", "quality", "admin")}  # fmt: skip
    people["director"] = director
    people["stranger"] = make_person(conninfo, "reader", "sales", "quality", "director", "admin")
    headers = {name: {"authorization": f"Bearer {gatekeeper.issue_token(person).value}"}
               for name, person in people.items()}  # fmt: skip
    for scope in ("read", "propose", "spare"):
        wished = KeyWish(director.email, scope, ["read" if scope == "spare" else scope], 30)
        key, secret = await add_key(database, people["admin"], wished)
        headers[f"key_{scope}"] = {"authorization": f"Bearer {secret}"}
    ids = {"key_id": str(key.id), "user_id": str(people["reader"].user_id)}
    headers["anonymous"] = {}
    ids |= await write_records(database, director, services, folder)
    portfolio = await build_portfolio(database, director)
    made = await submit(
        make_context(database, director), wish("contracts", portfolio.ids["c1"], notice_days=45)
    )
    shown = await preview_erasure(
        make_context(database, people["admin"]), make_subject("document", ["a"])
    )
    ids |= {"erasure_id": str(shown.id)}
    ids |= {"proposal_id": str(made.proposal_id), "record_id": str(portfolio.ids["c1"])}
    return Firm(headers, ids, {"digest": made.digest, "owner": director.email})


async def write_records(
    database: Database, director: Identity, services: Services, folder: Path
) -> dict[str, str]:
    """A conversation, a document, minutes, a mail thread, a watch item; their identifiers."""
    events = [event async for event in services.assistant.ask(director, "Combien ?", surface="api")]
    answer = events[-1].answer
    version = await store_document(database, director, folder, "a.md", b"# A\n\nUn fait.\n")
    assert services.desk is not None
    desk = services.desk
    transcript = await desk.receive(director, "r.vtt", VTT, parse_invitation(INVITATION))
    minutes = await desk.write(director, await desk.start(director, transcript))
    reader = MailReader()
    context = Context(director, database, build_engine(Settings()), system_clock)
    try:
        taken = await take_in(context, reader, THREAD[0], mailbox="m", name="a")
        await triage_thread(context, reader, taken.thread_id)
    finally:
        reader.close()
    double = BoampDouble([records.make_eforms()])
    client = BoampClient(double.client(), BASE_URL, double.sleep)
    await watch(database, director, client, frozen_clock(TODAY))
    async with database.transaction(director) as connection:
        row = await (await connection.execute("SELECT id FROM market_watch")).fetchone()
    assert row is not None
    return {
        "conversation_id": str(answer.conversation_id), "turn_id": str(answer.turn_id),
        "version_id": str(version), "minutes_id": str(minutes.id),
        "thread_id": str(taken.thread_id), "item": str(row["id"]),
        "poison_id": str(uuid4()), "number": "1", "form": "md", "key": "x", "name": "card.md",
        "object_name": "accounts", "extension": "csv",
        "director_id": str(director.user_id),
        **await write_tender(database, director, services, folder),
        **await write_upkeep(database, director, folder),
        "cue": (await get_transcript(database, director, transcript)).transcript.cues[0].id,
    }  # fmt: skip


async def write_tender(
    database: Database, director: Identity, services: Services, folder: Path
) -> dict[str, str]:
    """An analysed tender file and one of its pieces."""
    tenders = services.get_tenders()
    tender = await tenders.receive(director, build_pieces("syndicat-val-erdre", folder / "dce"))
    await tenders.run(director, tender)
    analysis = await tenders.get_done(director, tender)
    return {"tender": str(tender), "piece": analysis.pieces[0].id}


async def write_upkeep(database: Database, director: Identity, folder: Path) -> dict[str, str]:
    """A question without answer, a contradiction, a transcript that was set aside."""
    versions = [
        await store_document(
            database, director, folder, f"{days}.md", f"# D\n\n{days} j.\n".encode()
        )
        for days in (10, 20)
    ]
    found = FoundContradiction(
        "duration", versions[0], "10 j.", "10", versions[1], "20 j.", "20", 1
    )
    async with database.transaction(director, "knowledge_writer") as connection:
        await save_contradictions(connection, director.tenant_id, [found])
    async with database.transaction(director) as connection:
        await record_gap(connection, "Quel antivirus ?", ["antivirus"], ["antivirus"], [])
    await announce(database, director, TranscriptAddress("u", "m", "t"))
    (arrival,) = await list_arrivals(database, director, "waiting")
    await settle(database, director, arrival.id, "poison", "Illisible.")
    return {
        "gap_id": str((await list_gaps(database, director))[0].id),
        "contradiction_id": str((await list_contradictions(database, director))[0].id),
        "arrival_id": str(arrival.id),
    }


def make_assistant(database: Database) -> ScriptedAssistant:
    """Answers with a table and a source, each of which has an address of its own."""
    column = Column(name="name", label="Compte", is_numeric=False)
    table = Table(number=1, title="Comptes", columns=(column,), rows=(("Fonderie",),), total_rows=1)
    source = RecordCitation(
        number=1, label="Comptes", tool="list_accounts", tool_run_id=uuid4(),
        record_ids=(uuid4(),), total_rows=1, query="SELECT 1", executed_at=system_clock(),
    )  # fmt: skip
    return ScriptedAssistant(database, table, (source,))


def make_request(path: str, operation: dict[str, Any], firm: Firm) -> dict[str, Any]:
    """The arguments of a request that the operation understands, on the firm's own records."""
    digest = firm.bodies["digest"]
    shown = f"{firm.ids['proposal_id']}:{digest}"
    own = {
        "approve_proposals": {"lines": [{"proposal_id": firm.ids["proposal_id"], "digest": digest}],
                    "batch_digest": hashlib.sha256(shown.encode()).hexdigest()},
        "reject_proposal": {"digest": "0" * 64, "reason": "Non."},
        "edit_proposal": {"digest": "0" * 64, "fields": {"notice_days": 30}},
        "add_api_key": {"owner": firm.bodies["owner"], "name": "n", "scopes": ["read"]},
        "add_firm_user": {"email": f"{uuid4().hex[:8]}@x.example", "full_name": "Essai",
                          "roles": ["reader"]},
        "change_firm_user": {},
        "review_answer_rating": {"user_id": firm.ids["director_id"], "review": "kept"},
    }  # fmt: skip
    content = operation.get("requestBody", {}).get("content", {})
    arguments: dict[str, Any] = {}
    if "message/rfc822" in content:
        arguments["content"] = THREAD[0]
    elif "multipart/form-data" in content:
        name = "files" if operation["operationId"] == "bring_tender" else "file"
        arguments["files"] = {name: ("a.vtt", b"WEBVTT\n\n00:00.000 --> 00:01.000\nOui.\n")}
    elif "application/json" in content:
        example = content["application/json"].get("example", {})
        arguments["json"] = own.get(operation["operationId"], example)
    asked = {
        "get_minutes_cue": {"cue": firm.ids["cue"]},
        "find_mail": {"internet_message_id": "<a@client.example>"},
        "get_tender_piece": {"piece": firm.ids["piece"]},
    }
    arguments["params"] = asked.get(operation["operationId"], {})
    return arguments


def judge(status: int) -> str:
    """The letter of a status; 503 tells of a function that this instance has off."""
    return {401: "1", 403: "3", 404: "4", 503: "A"}.get(status, "A" if status < 500 else "5")


async def test_every_operation_lets_in_those_it_should(
    database: Database, conninfo: str, tmp_path: Path
) -> None:
    settings = Settings(data_dir=tmp_path, today=TODAY.isoformat(), _env_file=None)
    gatekeeper = Gatekeeper(database, SECRETS, passwords=Passwords(QUICK_HASHER))
    engine = build_engine(settings)
    services = Services(
        settings, database, gatekeeper, make_assistant(database), engine, frozen_clock(TODAY),
        desk=Desk(database, engine, frozen_clock(TODAY)),
        tenders=TenderDesk(database, engine, frozen_clock(TODAY)),
    )  # fmt: skip
    app = create_app(services)
    firm = await build_firm(database, conninfo, gatekeeper, services, tmp_path)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    found: dict[str, str] = {}
    leaks: list[str] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://essai") as client:
        for path, operations in app.openapi()["paths"].items():
            for method in (name for name in METHODS if name in operations):
                operation = operations[method]
                letters = ""
                for caller in CALLERS:
                    address = path.format(**firm.ids) if "{" in path else path
                    answer = await client.request(
                        method, address, headers=firm.headers[caller],
                        **make_request(path, operation, firm),
                    )  # fmt: skip
                    letters += judge(answer.status_code)
                    told = [value for value in firm.ids.values() if len(value) == 36]
                    if (
                        caller == "stranger"
                        and answer.status_code < 300
                        and any(value in answer.text for value in told if value not in address)
                    ):
                        leaks.append(f"{method} {address}")
                found[operation["operationId"]] = letters
    wrong = {name: (letters, EXPECTED.get(name, "aucune attente écrite"))
             for name, letters in found.items() if EXPECTED.get(name) != letters}  # fmt: skip
    assert wrong == {}, json.dumps(wrong, indent=1)
    assert leaks == []
    assert set(EXPECTED) == set(found)
