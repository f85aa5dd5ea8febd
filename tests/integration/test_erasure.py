"""Erasure: everywhere, exactly, certified; and what is kept for ever still verifies."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg.errors import InsufficientPrivilege

import tools.erasure
from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import AnswerReady
from api.approving import Credentials
from api.erase_command import EraseAsked, erase_here
from api.retention_command import tell_retention
from core.context import Identity, frozen_clock
from core.database import Database
from core.errors import InvalidInput, NotAllowed, NotFound
from core.settings import Settings
from crm.erasure import (
    NotErased,
    find_traces,
    is_signed,
    list_certificates,
    make_subject,
    write_pattern,
)
from crm.proofs import get_proof
from crm.proposals.audit import verify_chain
from crm.retention import RETAINED, apply_retention, preview_retention, read_periods
from evals.passages import PassageFile, store_passages
from knowledge.documents import list_versions
from knowledge.found import SearchResult
from knowledge.search import search
from tests.conftest import SECRETS, make_identity, writing
from tests.integration.changes import (
    TODAY,
    approve_all,
    executing,
    make_context,
    run_sql,
    submit,
    wish,
)
from tests.integration.portfolio import build_portfolio
from tools.approvals import history
from tools.erasure import CANARY_S, confirm_erasure, preview_erasure, tell_counts
from tools.library import find_version, propose_custody, propose_status

NAME, ADDRESS, PHONE = "Marie-Hélène Duránd", "mh.durand@client.example", "06 12 34 56 78"
WORDS = [NAME, ADDRESS, PHONE]
RULE = "Toute demande de Marie-Hélène Durand reçoit une réponse sous trois jours ouvrés."
OTHER = "Toute résiliation de Marie-Hélène Durandeau part sous deux jours ouvrés."


@pytest.fixture
def admin(conninfo: str, identity: Identity) -> Identity:
    return make_identity(conninfo, "admin", tenant_id=identity.tenant_id)


async def fill(database: Database, identity: Identity) -> UUID:
    """Leave traces of a person all over a firm; returns the id of an answer that names them."""
    portfolio = await build_portfolio(database, identity)
    tenant = identity.tenant_id
    thread, email = uuid4(), uuid4()
    async with writing(database, identity) as connection:
        for statement, values in (
            ("INSERT INTO contacts (id, tenant_id, account_id, name, email, phone) "
             "VALUES (%s, %s, %s, %s, %s, %s)",
             (uuid4(), tenant, portfolio.ids["dijon"], NAME, ADDRESS, PHONE)),
            ("INSERT INTO email_threads (id, tenant_id, subject) VALUES (%s, %s, %s)",
             (thread, tenant, "Facture de Mme DURAND Marie Helene")),
            ("INSERT INTO emails (id, tenant_id, thread_id, internet_message_id, direction, "
             "from_address, to_addresses, subject, body_text, sent_at) "
             "VALUES (%s, %s, %s, '<a@b>', 'in', %s, %s, 'Facture', %s, now())",
             (email, tenant, thread, ADDRESS, [f"{NAME} <{ADDRESS}>"], "Appelez le 0612345678.")),
            ("INSERT INTO mail_messages (id, tenant_id, mailbox, internet_message_id, email_id, "
             "content) VALUES (%s, %s, 'm', '<a@b>', %s, 'encodé')", (uuid4(), tenant, email)),
            ("INSERT INTO tasks (id, tenant_id, title, source, status) "
             "VALUES (%s, %s, 'Rappeler Marie Hélène DURAND', 'manual', 'open')",
             (uuid4(), tenant)),
        ):  # fmt: skip
            await connection.execute(statement.encode(), values)
    for code, text in (("PR-01", RULE), ("PR-02", OTHER)):
        await store_passages(database, identity, PassageFile(code, code, (("Délais", text),)))
    context = make_context(database, identity)
    note = wish("notes", account_id=str(portfolio.ids["dijon"]), body=f"Vu avec {NAME}.")
    await approve_all(context, await submit(context, note))
    await submit(context, wish("tasks", title=f"Écrire à {ADDRESS}"))
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    # A title cut at eighty characters would keep half of the address.
    question = f"Sous quel délai répond-on à une demande de Marie-Hélène Durand ({ADDRESS}) ?"
    events = [event async for event in assistant.ask(identity, question, surface="api")]
    assert isinstance(events[-1], AnswerReady)
    async with executing(database) as executor:
        await executor.run_once()
    return events[-1].answer.turn_id


async def erase(
    database: Database, admin: Identity, kind: str, words: Sequence[str]
) -> tuple[dict[str, int], str, str]:
    subject = make_subject(kind, words)  # type: ignore[arg-type]
    context = make_context(database, admin)
    shown = await preview_erasure(context, subject)
    done = await confirm_erasure(context, shown.id, subject, shown.digest)
    return dict(shown.counts), done.text, done.signature


LEFT = r"(?i).{0,20}(?:dur[aá]nd(?!eau)|mh\.dur).{0,20}"


def dump_firm(conninfo: str, identity: Identity) -> str:
    """Every row of the firm as the server writes it, read without the erasure's own functions."""
    rows: list[str] = []
    with psycopg.connect(conninfo) as connection:
        tables = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c "
            "JOIN pg_attribute a ON a.attrelid = c.oid "
            "WHERE a.attname = 'tenant_id' AND c.relkind IN ('r', 'p') AND NOT c.relispartition"
        ).fetchall()
        for (table,) in tables:
            found = connection.execute(
                f"SELECT t::text FROM {table} t WHERE tenant_id = %s".encode(),
                (identity.tenant_id,),
            )
            rows += [f"{table} {row}" for (row,) in found.fetchall()]
    return "\n".join(rows)


async def count_tables(database: Database, identity: Identity) -> dict[str, int]:
    """How many rows the firm has in each table, and how many name the person."""
    found = await find_traces(database, identity, make_subject("person", WORDS))
    return dict(found)


async def test_a_person_is_erased_everywhere_and_the_chain_still_verifies(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    turn = await fill(database, identity)
    stranger = make_identity(conninfo, "reader", "director", "admin")
    await fill(database, stranger)
    context = make_context(database, identity)
    before = await verify_chain(context)
    assert before.fault is None
    traces = await count_tables(database, admin)
    assert {"contacts.name", "emails.from_address", "tasks.title", "turns.question",
            "answer_proofs.canonical", "audit_events.body", "proposals.canonical",
            "chunks.text"} <= set(traces)  # fmt: skip
    subject = make_subject("person", WORDS)
    shown = await preview_erasure(make_context(database, admin), subject)
    assert await count_tables(database, admin) == traces
    done = await confirm_erasure(make_context(database, admin), shown.id, subject, shown.digest)
    started = time.monotonic()
    assert await count_tables(database, admin) == {}
    result = await search(database, identity, "demande de Marie-Hélène Durand", today=TODAY)
    assert {passage.code for passage in result.passages} == {"PR-02"}
    assert time.monotonic() - started < 5
    after = await verify_chain(context, before.head)
    assert after.fault is None
    async with executing(database) as executor:
        await executor.run_once()
    assert (await verify_chain(context, before.head)).fault is None
    file = await get_proof(context, turn)
    assert file.proof == {} and file.faults == () and "effacée" in file.remarks[0]
    assert (await count_tables(database, stranger))["contacts.name"] == 1
    told = json.loads(done.text)
    assert told["remaining"] == 0 and told["counts"]["contacts"] == 1
    assert "les données d’une personne" in told["statement"]
    assert "contacts (1)" in told["statement"]
    assert "n’en a rien retrouvé" in told["statement"]
    assert not re.search("durand|client.example", done.text, re.IGNORECASE)
    assert is_signed(SECRETS, done.text, done.signature)
    assert not is_signed(SECRETS, done.text.replace('"remaining": 0', '"remaining": 1'),
                         done.signature)  # fmt: skip
    (kept,) = await list_certificates(database, admin)
    assert kept["certificate"] == done.text
    assert "autres lignes" not in "\n".join(tell_counts(shown.counts))


async def test_an_event_emptied_without_a_sealed_erasure_is_found_out(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    await fill(database, identity)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(
            "UPDATE audit_events SET body = '{}', erased_in = gen_random_uuid() "
            "WHERE tenant_id = %s AND kind = 'approved'",
            (identity.tenant_id,),
        )
    found = await verify_chain(make_context(database, identity))
    assert found.fault is not None and "effacement scellé" in found.fault


async def test_a_document_is_erased_with_the_exchanges_that_quoted_it(
    database: Database, identity: Identity, admin: Identity
) -> None:
    turn = await fill(database, identity)
    counts, text, _ = await erase(database, admin, "document", ["PR-01"])
    assert (counts["versions"], counts["chunks"], counts["turns"]) == (1, 1, 1)
    assert json.loads(text)["counts"] == counts
    assert "avoir effacé un document de sa base le " in json.loads(text)["statement"]
    rows = await run_sql(
        database, identity, "assistant_read", "SELECT code FROM documents ORDER BY code"
    )
    assert [row["code"] for row in rows] == ["PR-02"]
    result = await search(database, identity, "réponse sous trois jours", today=TODAY)
    assert {passage.code for passage in result.passages} <= {"PR-02"}
    assert (await get_proof(make_context(database, identity), turn)).faults == ()
    with pytest.raises(NotFound):
        await erase(database, admin, "document", ["PR-01"])


async def test_what_was_proposed_of_a_document_is_closed_with_it(
    database: Database, identity: Identity, admin: Identity
) -> None:
    await fill(database, identity)
    context = make_context(database, identity)
    version = await find_version(context, "PR-01", None)
    other = await find_version(context, "PR-02", None)
    made = await propose_status(context, version.id, "withdrawn", reason="Retirez PR-01")
    owned = await propose_custody(context, version.id, must_read=["quality"], reason="À lire")
    kept = await propose_status(context, other.id, "withdrawn", reason="Retirez PR-02")
    await erase(database, admin, "document", ["PR-01"])
    rows = await run_sql(
        database, identity, "change_approver", "SELECT id, status, status_reason FROM proposals"
    )
    found = {row["id"]: (row["status"], row["status_reason"]) for row in rows}
    closed = ("rejected", "Document effacé")
    assert (found[made.proposal_id], found[owned.proposal_id]) == (closed, closed)
    assert found[kept.proposal_id] == ("pending", None)


async def test_only_an_administrator_erases_and_only_what_the_preview_showed(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    await fill(database, identity)
    subject = make_subject("person", WORDS)
    with pytest.raises(NotAllowed):
        await preview_erasure(make_context(database, identity), subject)
    shown = await preview_erasure(make_context(database, admin), subject)
    with pytest.raises(InvalidInput, match="a changé depuis l’aperçu"):
        await confirm_erasure(
            make_context(database, admin), shown.id, make_subject("person", [NAME]), shown.digest
        )
    async with writing(database, identity) as connection:
        await connection.execute(
            "INSERT INTO tasks (id, tenant_id, title, source, status) "
            "VALUES (%s, %s, %s, 'manual', 'open')",
            (uuid4(), identity.tenant_id, f"Encore {NAME}"),
        )
    with pytest.raises(InvalidInput, match="a changé depuis l’aperçu"):
        await confirm_erasure(make_context(database, admin), shown.id, subject, shown.digest)
    assert "contacts.name" in await count_tables(database, admin)
    stranger = make_identity(conninfo, "admin")
    with pytest.raises(NotFound):
        await confirm_erasure(make_context(database, stranger), shown.id, subject, shown.digest)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET body = '{}'",
        "DELETE FROM audit_chain",
        "UPDATE proposals SET canonical = '{}'",
        "SELECT * FROM erase_person(gen_random_uuid(), 'x')",
    ],
)
@pytest.mark.parametrize("role", ["assistant_read", "change_executor", "knowledge_writer"])
async def test_the_setting_of_an_erasure_opens_nothing_to_a_role(
    database: Database, identity: Identity, statement: str, role: str
) -> None:
    allowed = Database(database.base_conninfo, database.secrets, may_execute=True)
    try:
        with pytest.raises(InsufficientPrivilege):
            async with allowed.transaction(identity, role) as connection:  # type: ignore[arg-type]
                await connection.execute(
                    "SELECT set_config('voltaire.erasing', %s, true)", (str(identity.tenant_id),)
                )
                await connection.execute(statement.encode())
    finally:
        await allowed.close()


async def test_a_colleague_is_erased_but_not_by_themselves(
    database: Database, admin: Identity, conninfo: str
) -> None:
    seller = make_identity(conninfo, "sales", tenant_id=admin.tenant_id)
    with pytest.raises(NotAllowed, match="propre compte"):
        await erase(database, admin, "person", [admin.email])
    counts, _, _ = await erase(database, admin, "person", [seller.email])
    assert counts["user_accounts"] == 1
    rows = await run_sql(
        database, admin, "assistant_read", "SELECT full_name, is_active FROM users WHERE id = %s",
        seller.user_id,
    )  # fmt: skip
    assert [dict(row) for row in rows] == [{"full_name": "Personne effacée", "is_active": False}]


@pytest.mark.parametrize("word", ["Durand", "abc", "42", "  "])
def test_a_word_that_names_too_much_is_refused(word: str) -> None:
    with pytest.raises(InvalidInput):
        make_subject("person", [word])


@pytest.mark.parametrize(
    ("written", "is_named"),
    [
        ("marie helene durand", True),
        ("DURAND Marie-Hélène", True),
        ("Marie\u00a0Hélène\u00a0Durand", True),
        ("marie.helene.durand@x.example", True),
        ("Marie-Hélène\n> Durand", True),
        ("Marie\u2011Hélène\u2009\nDURAND", True),
        ("Marie-H\u00c9L\u00c8NE&nbsp;Durand", True),
        (r'{"text": "Bonjour,\nMarie-Hélène Durand"}', True),
        (r'{"text": "de Marie-Hélène\r\nDurand,\tmerci"}', True),
        (r'{"text": "{\"de\": \"\\nMarie-Hélène\\u00a0Durand\"}"}', True),
        (r"xnMarie-Hélène Durand", False),
        ("Marie-Hélène Durandeau", False),
        ("Marie Durand", False),
    ],
)
def test_a_name_is_found_however_it_is_written(
    conninfo: str, written: str, *, is_named: bool
) -> None:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT %s ~* %s", (written, write_pattern("Marie-Hélène Durand"))
        ).fetchone()
    assert row == (is_named,)


@pytest.mark.parametrize(
    ("written", "is_named"),
    [
        ("Appelez le 0612345678.", True),
        ("06.12.34.56.78", True),
        ("+33 6 12 34 56 78", True),
        ("+33 (0)6 12 34 56 78", True),
        ("0033612345678", True),
        (r'{"text": "Tél.\n06\u00a012\u00a034 56\n78"}', True),
        ("06/12/34/56/78", True),
        ("SIREN 612345678", False),
        ("PRM 06123456781234", False),
        ("06 12 34 56 79", False),
    ],
)
@pytest.mark.parametrize("given", ["06 12 34 56 78", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78"])
def test_a_telephone_is_found_with_its_prefix_and_in_no_other_number(
    conninfo: str, given: str, written: str, *, is_named: bool
) -> None:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT %s ~* %s", (written, write_pattern(given))).fetchone()
    assert row == (is_named,)


def test_an_address_is_found_at_the_start_of_a_json_line(conninfo: str) -> None:
    written = rf'{{"text": "Bien à vous,\n{ADDRESS}"}}'
    with psycopg.connect(conninfo) as connection:
        row = connection.execute("SELECT %s ~* %s", (written, write_pattern(ADDRESS))).fetchone()
    assert row == (True,)


def test_a_mask_keeps_the_decoded_length_and_touches_no_other_name(conninfo: str) -> None:
    told = {
        "text": "Vu Marie-Hélène\nDurand, puis\nmarie hélène durand, et Marie-Hélène Durandeau."
    }
    pattern = write_pattern("Marie-Hélène Durand")
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT security.mask(%s, %s)", (json.dumps(told, ensure_ascii=False), pattern)
        ).fetchone()
    assert row is not None
    masked = "█" * len("Marie-Hélène Durand")
    assert json.loads(row[0]) == {
        "text": f"Vu {masked}, puis\n{masked}, et Marie-Hélène Durandeau."
    }


def test_a_person_is_looked_for_in_millions_of_characters_within_seconds(conninfo: str) -> None:
    text = (
        "Puissance souscrite de 36 kVA, due à Marie Dupont, 06 12 34 99 00, le 12/03/2026.\n" * 20
    )
    with psycopg.connect(conninfo) as connection:
        started = time.monotonic()
        row = connection.execute(
            "SELECT count(*) FROM generate_series(1, 5000) AS n WHERE %s || n ~* %s",
            (text, make_subject("person", WORDS).pattern),
        ).fetchone()
    assert row == (0,)
    assert time.monotonic() - started < 5


async def test_nothing_of_a_person_is_left_in_any_row_however_it_was_broken(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    portfolio = await build_portfolio(database, identity)
    context = make_context(database, identity)
    body = f"Bonjour,\n{NAME}\n{ADDRESS}\nMarie-Hélène\nDurand\nMarie-Hélène\u00a0Durand"
    note = wish("notes", account_id=str(portfolio.ids["dijon"]), body=body)
    await approve_all(context, await submit(context, note))
    async with executing(database) as executor:
        await executor.run_once()
    assert re.search(LEFT, dump_firm(conninfo, identity))
    await erase(database, admin, "person", WORDS)
    assert re.findall(LEFT, dump_firm(conninfo, identity)) == []
    assert (await verify_chain(context)).fault is None


async def test_a_name_alone_takes_their_own_telephone_and_address_wherever_written(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    portfolio = await build_portfolio(database, identity)
    shared, tenant = "01 40 00 00 00", identity.tenant_id
    contacts = (
        ("Paul Martin", "paul.martin@client.example", "06 12 34 56 78 / 01 40 00 00 00", "Achats"),
        ("Paul Martin", None, shared, "Directeur de Paul Martin"),
        ("Léa Petit", "lea.petit@client.example", shared, "Assistante de M. Paul MARTIN"),
    )
    async with writing(database, identity) as connection:
        for name, email, phone, role in contacts:
            await connection.execute(
                "INSERT INTO contacts (id, tenant_id, account_id, name, email, phone, role) "
                "VALUES (%s, %s, %s, %s, %s, %s, %s)",
                (uuid4(), tenant, portfolio.ids["dijon"], name, email, phone, role),
            )
        for title in ("Rappeler le 06.12.34.56.78", "Rappeler +33 6 12 34 56 78",
                      "Standard : 01.40.00.00.00", "Joindre paul.martin@client.example",
                      ):  # fmt: skip
            await connection.execute(
                "INSERT INTO tasks (id, tenant_id, title, source, status) "
                "VALUES (%s, %s, %s, 'manual', 'open')", (uuid4(), tenant, title)
            )  # fmt: skip
        await connection.execute(
            "UPDATE users SET job_title = 'Adjoint de Paul Martin' WHERE id = %s",
            (identity.user_id,),
        )
    traces = await find_traces(database, admin, make_subject("person", ["Paul Martin"]))
    assert {"contacts.name", "contacts.role", "users.job_title"} <= set(traces)
    counts, _, _ = await erase(database, admin, "person", ["Paul Martin"])
    assert (counts["contacts"], counts["tasks"], counts["users"]) == (3, 3, 1)
    left = dump_firm(conninfo, identity)
    assert not re.search(r"(?i)paul.{0,3}martin|12.34.56.78", left)
    assert "Standard : 01.40.00.00.00" in left
    rows = await run_sql(
        database, identity, "assistant_read", "SELECT name, phone FROM contacts WHERE email = %s",
        "lea.petit@client.example",
    )  # fmt: skip
    assert [dict(row) for row in rows] == [{"name": "Léa Petit", "phone": shared}]


async def test_a_conversation_held_since_the_preview_does_not_stop_the_confirmation(
    database: Database, identity: Identity, admin: Identity
) -> None:
    await fill(database, identity)
    subject, context = make_subject("document", ["PR-01"]), make_context(database, admin)
    shown = await preview_erasure(context, subject)
    async with database.transaction(identity) as connection:
        await connection.execute(
            "INSERT INTO checkpoints.checkpoints (thread_id, checkpoint_id, checkpoint) "
            "VALUES (%s, '1', '{}')", (f"{identity.user_id}:autre",)
        )  # fmt: skip
    done = await confirm_erasure(context, shown.id, subject, shown.digest)
    counted = json.loads(done.text)["counts"]
    assert counted == {**shown.counts, "checkpoints": shown.counts.get("checkpoints", 0) + 1}


async def test_an_erased_document_is_unfindable_within_the_seconds_the_certificate_tells(
    database: Database, identity: Identity, admin: Identity
) -> None:
    await fill(database, identity)
    _, text, _ = await erase(database, admin, "document", ["PR-01"])
    assert json.loads(text)["unfindable_after_s"] < CANARY_S


@pytest.mark.parametrize("lasting", [0, 30])
async def test_no_certificate_is_signed_when_a_search_gives_what_was_erased_or_never_ends(
    database: Database,
    identity: Identity,
    admin: Identity,
    monkeypatch: pytest.MonkeyPatch,
    lasting: int,
) -> None:
    await fill(database, identity)
    stale = await search(database, admin, "réponse sous trois jours", today=TODAY)
    assert "PR-01" in {passage.code for passage in stale.passages}

    async def search_old_index(*_: object, **__: object) -> SearchResult:
        await asyncio.sleep(lasting)
        return stale

    monkeypatch.setattr(tools.erasure, "search", search_old_index)
    monkeypatch.setattr(tools.erasure, "CANARY_S", 0.3)
    with pytest.raises(NotErased, match="aucune attestation"):
        await erase(database, admin, "document", ["PR-01"])
    (done,) = await list_certificates(database, admin)
    assert (done["certificate"], done["signature"]) == (None, None)
    assert done["done_at"] - done["asked_at"] < dt.timedelta(seconds=30)


async def test_nothing_is_erased_when_something_would_be_left(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    await fill(database, identity)
    with psycopg.connect(conninfo) as connection:
        connection.execute(
            "CREATE FUNCTION refuse_masks() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN OLD; END'"
        )
        connection.execute(
            "CREATE TRIGGER refuse_masks BEFORE UPDATE ON tasks "
            "FOR EACH ROW EXECUTE FUNCTION refuse_masks()"
        )
    try:
        with pytest.raises(NotErased, match="Rien n’a été effacé"):
            await erase(database, admin, "person", WORDS)
    finally:
        with psycopg.connect(conninfo) as connection:
            connection.execute("DROP FUNCTION refuse_masks CASCADE")
    assert "contacts.name" in await count_tables(database, admin)
    assert await list_certificates(database, admin) == []


async def add_analysis(database: Database, identity: Identity, sha256: str, told: str) -> UUID:
    analysis = uuid4()
    async with database.transaction(identity) as connection:
        await connection.execute(
            "INSERT INTO tender_analyses (id, tenant_id, user_id, label, status, analysis) "
            "VALUES (%s, %s, %s, 'Dossier', 'done', %s)",
            (analysis, identity.tenant_id, identity.user_id, json.dumps({"said": told})),
        )
        await connection.execute(
            "INSERT INTO tender_files (tenant_id, analysis_id, path, sha256, media_type, content) "
            "VALUES (%s, %s, 'cctp.pdf', %s, 'application/pdf', 'x')",
            (identity.tenant_id, analysis, sha256),
        )
    return analysis


async def add_job(database: Database, identity: Identity, **args: str) -> None:
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "VALUES ('default', 'essai', %s)",
            (json.dumps({"tenant_id": str(identity.tenant_id), **args}),),
        )


async def list_jobs(database: Database, identity: Identity) -> list[str]:
    async with database.transaction(identity, "knowledge_writer") as connection:
        cursor = await connection.execute(
            "SELECT args::text AS told FROM procrastinate_jobs WHERE task_name = 'essai' "
            "AND args ->> 'tenant_id' = %s ORDER BY id", (str(identity.tenant_id),)
        )  # fmt: skip
        return [row["told"] async for row in cursor]


async def test_a_document_takes_the_analyses_made_of_it_and_their_jobs(
    database: Database, identity: Identity, admin: Identity
) -> None:
    await fill(database, identity)
    async with database.transaction(identity) as connection:
        held = await list_versions(connection, identity.tenant_id)
    sha256 = next(one.sha256 for one in held if one.document.code == "PR-01")
    by_file = await add_analysis(database, identity, sha256, "rien")
    await add_analysis(database, identity, "1" * 64, f"{sha256[:16]}:cctp.pdf")
    kept = await add_analysis(database, identity, "2" * 64, "rien")
    await add_job(database, identity, analysis_id=str(by_file))
    await add_job(database, identity, analysis_id=str(kept))
    counts, text, _ = await erase(database, admin, "document", ["PR-01"])
    assert (counts["tender_analyses"], counts["tender_files"], counts["jobs"]) == (2, 2, 1)
    assert json.loads(text)["counts"] == counts
    rows = await run_sql(database, identity, "assistant_read", "SELECT id FROM tender_analyses")
    assert [row["id"] for row in rows] == [kept]
    assert [str(kept) in job for job in await list_jobs(database, identity)] == [True]


async def test_a_person_goes_from_what_was_asked_of_the_queue(
    database: Database, identity: Identity, admin: Identity, conninfo: str
) -> None:
    seller = make_identity(conninfo, "sales", tenant_id=identity.tenant_id)
    await add_job(database, identity, subject=f"Appel de {NAME}")
    await add_job(database, identity, user_id=str(seller.user_id))
    await add_job(database, identity, user_id=str(identity.user_id))
    stranger = make_identity(conninfo, "reader")
    await add_job(database, stranger, subject=f"Appel de {NAME}")
    assert "jobs.args" in await find_traces(database, admin, make_subject("person", WORDS))
    counts, _, _ = await erase(database, admin, "person", [*WORDS, seller.email])
    assert counts["jobs"] == 2
    assert [str(identity.user_id) in job for job in await list_jobs(database, identity)] == [True]
    assert len(await list_jobs(database, stranger)) == 1


async def test_what_outlives_its_period_goes_and_the_rest_stays(
    database: Database, identity: Identity, conninfo: str
) -> None:
    turn = await fill(database, identity)
    with psycopg.connect(conninfo) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute("UPDATE answer_proofs SET made_at = made_at - interval '400 days'")
    now = dt.datetime.now(dt.UTC)
    periods = {"conversations": 30, "proofs": 365, "raw_mails": 30}
    shown = await preview_retention(database, identity, periods, now)
    assert "1\u00a0preuve de réponse (au-delà de 365\u00a0jours)" in "\n".join(
        tell_retention(shown, periods, applies=False)
    )
    removed = await apply_retention(database, identity, periods, now)
    assert removed == shown
    done = tell_retention(removed, periods, applies=True)
    assert done[0] == "Retiré de la base\u00a0:" and len(done) == 2
    assert tell_retention({"proofs": 0}, periods, applies=True) == [
        "Rien n’a dépassé sa durée de conservation."
    ]
    assert removed == {"conversations": 0, "proofs": 1, "raw_mails": 0, "words": 0}
    assert (await apply_retention(database, identity, periods, now))["proofs"] == 0
    with psycopg.connect(conninfo) as connection:
        erasure = connection.execute("SELECT id FROM erasures WHERE kind = 'retention'").fetchone()
    assert erasure is not None
    (line,) = await history(make_context(database, identity), erasure[0])
    assert line.detail == "durée de conservation atteinte\u00a0: 1\u00a0preuve de réponse"
    assert RETAINED.keys() == read_periods(Settings()).keys()
    async with executing(database) as executor:
        await executor.run_once()
    context = make_context(database, identity)
    file = await get_proof(context, turn)
    assert (file.proof, file.faults) == ({}, ())
    assert (await verify_chain(context)).fault is None
    with pytest.raises(InsufficientPrivilege):
        await apply_retention(database, identity, {"conversations": 0}, now)


async def test_a_name_in_the_title_of_a_version_takes_it_away(
    database: Database, identity: Identity, admin: Identity
) -> None:
    file = PassageFile("NO-1", "Note", (("Objet", "Le préavis est de trois mois."),))
    stored = await store_passages(database, identity, file)
    async with database.transaction(identity, "knowledge_writer") as connection:
        await connection.execute(
            "UPDATE document_versions SET title = 'Note pour Paul Martin' WHERE id = %s",
            (stored.version_id,),
        )
    counts, _, __ = await erase(database, admin, "person", ["Paul Martin"])
    assert counts["versions"] == 1


async def test_an_opinion_set_aside_goes_with_the_settled_questions_of_its_time(
    database: Database, identity: Identity, conninfo: str
) -> None:
    turn = await fill(database, identity)
    now = dt.datetime.now(dt.UTC)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        for review, days in (("pending", 800), ("kept", 800), ("dismissed", 800)):
            connection.execute(
                "INSERT INTO feedback (tenant_id, turn_id, user_id, value, given_at, review) "
                "VALUES (%s, %s, %s, 1, %s, %s) ON CONFLICT (tenant_id, turn_id, user_id) "
                "DO UPDATE SET given_at = EXCLUDED.given_at, review = EXCLUDED.review",
                (identity.tenant_id, turn, identity.user_id, now - dt.timedelta(days=days), review),
            )
            removed = await apply_retention(database, identity, {"questions": 730}, now)
            assert removed["questions"] == int(review == "dismissed")


def test_a_certificate_that_cannot_be_written_in_the_end_is_still_shown(
    identity: Identity,
    admin: Identity,
    conninfo: str,
    tmp_path: Path,
    data_folder: Settings,
) -> None:
    account, tenant = uuid4(), identity.tenant_id
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, %s)",
            (admin.user_id, PasswordHasher().hash("mot de passe")),
        )
        connection.execute(
            "INSERT INTO accounts (id, tenant_id, name, segment, status) "
            "VALUES (%s, %s, 'Boulangerie', 'services', 'client')", (account, tenant),
        )  # fmt: skip
        connection.execute(
            "INSERT INTO contacts (id, tenant_id, account_id, name, email) "
            "VALUES (%s, %s, %s, %s, %s)", (uuid4(), tenant, account, NAME, ADDRESS),
        )  # fmt: skip

    output = tmp_path / "attestation.json"

    def agree(_: list[str]) -> bool:
        output.mkdir()  # the place was free when it was looked at
        return True

    lines = erase_here(
        data_folder, Credentials(admin.email, "mot de passe"),
        EraseAsked((ADDRESS,), None, output), agree,
    )  # fmt: skip
    assert "les données d’une personne" in lines[0]
    text, signature = lines[2], lines[3].partition("\u00a0: ")[2]
    assert is_signed(SECRETS, text, signature)
    assert "ne peut pas être écrit" in lines[-1]
