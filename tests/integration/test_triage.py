"""The triage of mail: each mail once, in its thread, whatever the order; failures set aside."""

from __future__ import annotations

import itertools
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from agents.triage.pipeline import replay, triage_source
from core.context import Context, Identity, system_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.settings import get_settings
from crm.mail.messages import list_untriaged
from crm.mail.waiting import find_draft, list_poison
from ingest.mail.errors import UnreadableMail
from ingest.mail.isolation import MailReader, tell_slowness
from ingest.sources.files import FolderSource, split_mbox

MAIL = """From: {sender}
To: equipe@test.example
Subject: {subject}
Date: Mon, 12 Oct 2026 {hour}:00:00 +0200
Message-ID: <{name}@client.example>
{more}Content-Type: text/plain; charset=utf-8

{body}
"""


def write(name: str, body: str, hour: str = "09", answers: str = "") -> bytes:
    """A mail of a client; `answers` names the one it replies to."""
    more = f"In-Reply-To: <{answers}@client.example>\n" if answers else ""
    text = MAIL.format(sender="Léa Roux <lea@client.example>", subject="Facture", hour=hour,
                       name=name, more=more, body=body)  # fmt: skip
    return text.encode()


THREAD = (
    write("a", "Bonjour,\n\nPouvez-vous m’envoyer le contrat ?\n\nLéa"),
    write("b", "Bonjour,\n\nEt le mandat ?\n\nLéa", "10", "a"),
    write("c", "Bonjour,\n\nMerci de répondre avant le 20 octobre.\n\nLéa", "11", "b"),
)


@pytest.fixture(scope="module")
def reader() -> MailReader:
    return MailReader()


@pytest.fixture
async def context(database: Database, identity: Identity) -> Context:
    return Context(identity, database, OfflineEngine({}), system_clock)


@pytest.fixture(autouse=True, scope="module")
def end_reader(reader: MailReader) -> AsyncIterator[None]:
    yield
    reader.close()


def rows(conninfo: str, query: str, identity: Identity) -> list[dict[str, object]]:
    with psycopg.connect(conninfo, row_factory=dict_row) as connection:
        return connection.execute(query, (identity.tenant_id,)).fetchall()


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_any_order_and_duplicates_end_in_one_thread_with_one_draft(
    context: Context, reader: MailReader, conninfo: str, order: tuple[int, ...]
) -> None:
    for rank in (*order, *order):
        taken = await take_in(context, reader, THREAD[rank], mailbox="m", name=str(rank))
        assert taken.thread_id is not None
        assert await triage_thread(context, reader, taken.thread_id)
    threads = rows(conninfo, "SELECT * FROM email_threads WHERE tenant_id = %s", context.identity)
    drafts = rows(conninfo, "SELECT * FROM mail_drafts WHERE tenant_id = %s", context.identity)
    emails = rows(conninfo, "SELECT * FROM emails WHERE tenant_id = %s", context.identity)
    triaged = rows(conninfo, "SELECT * FROM mail_triage WHERE tenant_id = %s", context.identity)
    assert (len(threads), len(drafts), len(emails), len(triaged)) == (1, 1, 3, 1)
    assert triaged[0]["is_done"]
    assert drafts[0]["in_reply_to"] == "<c@client.example>"
    assert "20 octobre" in str(triaged[0]["steps"])


async def test_what_cannot_be_read_is_set_aside_and_can_be_replayed(
    context: Context, reader: MailReader
) -> None:
    taken = await take_in(context, reader, b"\x00\x01 pas un courriel", mailbox="m", name="x.eml")
    again = await take_in(context, reader, b"\x00\x01 pas un courriel", mailbox="m", name="x.eml")
    assert taken.thread_id is None and again.refusal
    async with context.database.transaction(context.identity) as connection:
        listed = await list_poison(connection, context.identity.tenant_id, 10)
    assert [(p["name"], p["attempts"]) for p in listed] == [("x.eml", 2)]
    report = await replay(context, reader, listed[0]["id"])
    assert report.refused


async def test_a_mail_that_hangs_the_reader_is_given_up_in_time() -> None:
    reader = MailReader(limit_s=1.0)
    try:
        with pytest.raises(UnreadableMail, match="secondes"):
            await reader.run(time.sleep, 60)
        assert (await reader.parse(THREAD[0]))[0].subject == "Facture"
    finally:
        reader.close()


async def test_a_draft_edited_by_a_person_is_never_overwritten(
    context: Context, reader: MailReader, conninfo: str
) -> None:
    taken = await take_in(context, reader, THREAD[0], mailbox="m", name="a")
    assert taken.thread_id is not None
    await triage_thread(context, reader, taken.thread_id)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            "UPDATE mail_drafts SET state = 'edited', body = 'à moi' WHERE tenant_id = %s",
            (context.identity.tenant_id,),
        )
    await take_in(context, reader, THREAD[1], mailbox="m", name="b")
    await triage_thread(context, reader, taken.thread_id)
    async with context.database.transaction(context.identity) as connection:
        draft = await find_draft(connection, context.identity.tenant_id, taken.thread_id)
    assert draft is not None and draft["body"] == "à moi"


async def test_another_firm_sees_none_of_it(
    context: Context, reader: MailReader, conninfo: str
) -> None:
    from tests.conftest import make_identity

    await take_in(context, reader, THREAD[0], mailbox="m", name="a")
    other = make_identity(conninfo, "director")
    async with context.database.transaction(other, "sync_writer") as connection:
        assert await list_untriaged(connection, context.identity.tenant_id, 10) == []


def test_an_mbox_is_split_at_its_separators(tmp_path: Path) -> None:
    box = tmp_path / "b.mbox"
    separator = b"From lea@client.example Mon Oct 12 09:00:00 2026\n"
    box.write_bytes(separator + THREAD[0] + b"\n>From ici\n\n" + separator + THREAD[1])
    first, second = split_mbox(box)
    assert b"\nFrom ici" in first
    assert b"<b@client.example>" in second


async def test_every_mail_of_the_suites_ends_stored_or_set_aside(
    context: Context, reader: MailReader, tmp_path: Path
) -> None:
    suites = get_settings().eval_data
    files = [*suites.rglob("*.eml"), *suites.rglob("*.msg"),
             *(suites / "reply-quotes" / "fixtures").rglob("*.*")]  # fmt: skip
    if not files:
        pytest.skip("Jeux de données absents : VOLTAIRE_EVAL_DATA")
    for rank, file in enumerate(files):
        (tmp_path / f"{rank:04}{file.stem[:40]}.eml").write_bytes(file.read_bytes())
    report = await triage_source(context, reader, FolderSource(tmp_path))
    assert report.mails == len(files)
    assert report.set_aside == []
    assert all(report.refused.values())


def nest(depth: int) -> bytes:
    """A multipart inside a multipart, `depth` times."""
    content = b"Content-Type: text/plain\r\n\r\nBonjour"
    for level in range(depth):
        mark = b"b%d" % level
        content = (
            b'Content-Type: multipart/mixed; boundary="' + mark + b'"\r\n\r\n--' + mark + b"\r\n"
            + content + b"\r\n--" + mark + b"--\r\n"
        )  # fmt: skip
    return (
        b"From: lea@client.example\r\nSubject: Poupee\r\nMessage-ID: <nest@c.example>\r\n" + content
    )


def wrap(html: str) -> bytes:
    """A mail whose body is that page."""
    head = (
        "From: lea@client.example\nSubject: Page\nMessage-ID: <page@c.example>\n"
        "Content-Type: text/html; charset=utf-8\n\n"
    )
    return (head + html).encode()


PATHOLOGICAL = {
    "nested": nest(3000),
    "deep": wrap("<div>" * 60_000 + "Bonjour" + "</div>" * 60_000),
    "tables": wrap("<table><tr><td>" * 15_000 + "x"),
    "styles": wrap("<p style='display:none;color:#fff;" * 20_000 + "'>x</p>"),
    "entities": wrap("&lt;" * 400_000),
    "one word": wrap("a" * 3_000_000),
    "quotes": wrap("<blockquote>Le lundi 12 octobre 2026, Léa a écrit :<br>" * 4_000),
    "sentences": wrap("<p>" + "Le prix prévu au contrat est de 81,20 €/MWh ; " * 30_000 + "</p>"),
}


@pytest.mark.parametrize("name", sorted(PATHOLOGICAL))
async def test_a_pathological_mail_ends_triaged_or_set_aside_in_time(
    context: Context, reader: MailReader, tmp_path: Path, name: str
) -> None:
    (tmp_path / "a.eml").write_bytes(PATHOLOGICAL[name])
    started = time.monotonic()
    report = await triage_source(context, reader, FolderSource(tmp_path))
    assert time.monotonic() - started < 2 * reader.limit_s * tell_slowness() + 15
    if not (report.refused or report.set_aside):
        return
    async with context.database.transaction(context.identity) as connection:
        (listed,) = await list_poison(connection, context.identity.tenant_id, 10)
    assert listed["message"].endswith(".")


async def test_a_thread_whose_rules_take_too_long_is_set_aside_and_replayed(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agents.non_conformity import detection
    from agents.triage import steps

    async def endless(*arguments: object) -> object:
        time.sleep(3 * tell_slowness() + 2)  # noqa: ASYNC251 - a rule that computes too long
        return await detection.detect(*arguments)  # type: ignore[arg-type]

    reader = MailReader(limit_s=3.0)
    try:
        taken = await take_in(context, reader, THREAD[0], mailbox="m", name="a")
        assert taken.thread_id is not None
        monkeypatch.setattr(steps, "detect", endless)
        assert not await triage_thread(context, reader, taken.thread_id)
        async with context.database.transaction(context.identity) as connection:
            (listed,) = await list_poison(connection, context.identity.tenant_id, 10)
        assert "dépassé 10\u00a0secondes" in listed["message"]
        assert listed["step"] == "summarise"
        monkeypatch.undo()
        assert not (await replay(context, reader, listed["id"])).set_aside
    finally:
        reader.close()
