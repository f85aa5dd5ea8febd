"""Approved drafts reach the mailbox once, through the outbox, whatever breaks on the way."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from agents.triage.pipeline import triage_source
from agents.triage.placing import place_drafts
from api.mail_effect import MailDraft
from core.context import Context, Identity
from core.database import Database
from core.secrets import Secrets
from crm.proposals.outbox import send_due
from crm.proposals.submission import Submission
from ingest.clients.graph import GraphMailbox
from ingest.drafts.draft import DraftBox, DraftMail
from ingest.drafts.folder import FolderDrafts
from ingest.drafts.graph import KEY_PROPERTY, MARK, GraphDrafts
from ingest.mail.isolation import MailReader
from ingest.sources.files import FolderSource
from ingest.sources.graph import GraphSource
from tests.conftest import SECRETS
from tests.doubles.graph.app import Graph
from tests.doubles.graph.mailbox import Item
from tests.doubles.graph.server import listening
from tests.integration.changes import approve_all, executing, make_context, run_sql, submit, wish
from tests.integration.test_graph_mail import USER, Bearer
from tests.integration.test_triage import THREAD
from tools.approvals import get_card, retry_effect

BODY = "Bonjour Léa,\n\nVoici le contrat demandé.\n\nBien à vous,\nSarah"


@dataclass
class Boxes:
    """One box for every mailbox."""

    box: Any

    def is_linked(self, mailbox: str) -> bool:
        return "@" in mailbox

    def open(self, mailbox: str) -> DraftBox:
        assert mailbox is not None
        return self.box


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    opened = MailReader()
    yield opened
    opened.close()


@pytest.fixture
def graph() -> Graph:
    made = Graph()
    made.open(USER)
    return made


@pytest.fixture
def address(graph: Graph) -> Iterator[str]:
    with listening(graph.app()) as listened:
        yield f"{listened}/v1.0"


@pytest.fixture
async def mailbox(address: str) -> AsyncIterator[GraphMailbox]:
    opened = GraphMailbox(USER, authentication=Bearer(), base_url=address)
    yield opened
    await opened.close()


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return make_context(database, identity)


@pytest.fixture
async def email_id(
    context: Context, reader: MailReader, mailbox: GraphMailbox, graph: Graph
) -> UUID:
    """A client's mail in the mailbox, read and triaged."""
    graph.open(USER).deliver(THREAD[0], conversation="c1")
    await triage_source(context, reader, GraphSource(mailbox, context.database, context.identity))
    rows = await run_sql(
        context.database, context.identity, "assistant_read", "SELECT * FROM emails"
    )
    return rows[0]["id"]


async def approve_reply(context: Context, email_id: UUID, body: str = BODY) -> Submission:
    """Propose a reply and approve it; the executor then commits it, which makes its effect due."""
    proposed = await submit(
        context,
        wish("reply_drafts", email_id=str(email_id), to_addresses=["lea@client.example"],
             subject="RE: Facture", body_text=body),
    )  # fmt: skip
    await approve_all(context, proposed)
    async with executing(context.database) as executor:
        await executor.run_once()
    return proposed


async def send(context: Context, box: Any, database: Database | None = None) -> int:
    async with executing(database or context.database) as executor:
        return await send_due(executor.database, [MailDraft(executor.database, Boxes(box))])


def make_due(database: Database) -> None:
    """As when the wait and the lease of a dead executor have run out."""
    with psycopg.connect(database.base_conninfo, autocommit=True) as connection:
        connection.execute("UPDATE outbox SET next_at = now(), leased_until = now()")


def list_drafts(graph: Graph) -> list[Item]:
    return [item for item in graph.open(USER).items.values() if item.fields["isDraft"]]


def wait_for_key(graph: Graph) -> None:
    """Until a draft stands written, with its key."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends and not any(item.extended for item in list_drafts(graph)):
        time.sleep(0.02)


async def read_effect(context: Context) -> Any:
    rows = await run_sql(
        context.database, context.identity, "assistant_read",
        "SELECT state, message, attempts, outside_id FROM outbox ORDER BY created_at DESC",
    )  # fmt: skip
    return rows[0]


async def test_an_approved_reply_becomes_the_threads_only_draft(
    context: Context, reader: MailReader, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    assert await place_drafts(context, mailbox) == 1
    proposed = await approve_reply(context, email_id)
    assert await send(context, GraphDrafts(mailbox)) == 1
    (draft,) = list_drafts(graph)
    assert draft.fields["body"]["content"] == BODY
    assert draft.fields["categories"] == [MARK]
    assert draft.fields["toRecipients"] == [{"emailAddress": {"address": "lea@client.example"}}]
    assert draft.extended[KEY_PROPERTY] == proposed.digest
    assert (await read_effect(context))["outside_id"] == draft.immutable
    assert proposed.proposal_id
    assert "rien n’est envoyé" in (await get_card(context, proposed.proposal_id)).outcome
    graph.open(USER).deliver(THREAD[1], conversation="c1")
    await triage_source(context, reader, GraphSource(mailbox, context.database, context.identity))
    await place_drafts(context, mailbox)
    assert [item.fields["body"]["content"] for item in list_drafts(graph)] == [BODY]
    assert not [one for one in graph.requests if one.lower().endswith(("send", "sendmail"))]


@dataclass
class Hanging:
    """A box that never answers once the draft is there."""

    box: Any

    async def put(self, draft: DraftMail) -> str:
        await self.box.put(draft)
        await asyncio.sleep(600)
        raise AssertionError

    async def find(self, draft: DraftMail) -> str | None:
        return await self.box.find(draft)


def hang_here(conninfo: str, secrets: Secrets, address: str) -> None:
    """An executor's process that dies between the effect and its record."""

    async def work() -> None:
        database = Database(conninfo, secrets, may_execute=True)
        box = Hanging(GraphDrafts(GraphMailbox(USER, authentication=Bearer(), base_url=address)))
        await send_due(database, [MailDraft(database, Boxes(box))])

    asyncio.run(work())


async def test_kill_between_the_effect_and_its_record_makes_no_second_draft(
    context: Context, mailbox: GraphMailbox, graph: Graph, address: str, email_id: UUID
) -> None:
    await approve_reply(context, email_id)
    worker = multiprocessing.get_context("spawn").Process(
        target=hang_here, args=(context.database.base_conninfo, SECRETS, address)
    )
    worker.start()
    await asyncio.to_thread(wait_for_key, graph)
    assert list_drafts(graph)
    worker.kill()
    worker.join()
    assert (await read_effect(context))["state"] == "due"
    make_due(context.database)
    assert await send(context, GraphDrafts(mailbox)) == 1
    assert (await read_effect(context))["state"] == "done"
    (draft,) = list_drafts(graph)
    assert draft.fields["body"]["content"] == BODY
    rows = await run_sql(
        context.database, context.identity, "assistant_read",
        "SELECT state, outside_id FROM mail_drafts",
    )  # fmt: skip
    assert [(r["state"], r["outside_id"]) for r in rows] == [("approved", draft.immutable)]


async def test_a_draft_sent_by_its_owner_before_the_check_is_not_made_again(
    context: Context, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    await approve_reply(context, email_id)
    hanging = asyncio.create_task(send(context, Hanging(GraphDrafts(mailbox))))
    await asyncio.to_thread(wait_for_key, graph)
    hanging.cancel()
    (draft,) = list_drafts(graph)
    graph.open(USER).move(draft, "sentitems")
    draft.fields["isDraft"] = False
    make_due(context.database)
    await send(context, GraphDrafts(mailbox))
    assert list_drafts(graph) == []
    assert (await read_effect(context))["outside_id"] == draft.immutable


async def test_an_answer_lost_at_creation_makes_no_second_draft(
    context: Context, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    await approve_reply(context, email_id)
    graph.lose_answers = 1
    await send(context, GraphDrafts(mailbox))
    assert (await read_effect(context))["state"] == "doubtful"
    make_due(context.database)
    await send(context, GraphDrafts(mailbox))
    assert (await read_effect(context))["state"] == "done"
    assert [item.fields["body"]["content"] for item in list_drafts(graph)] == [BODY]


async def test_two_executors_put_one_draft(
    context: Context, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    graph.delay_s = 0.05
    await approve_reply(context, email_id)
    handled = await asyncio.gather(*(send(context, GraphDrafts(mailbox)) for _ in range(2)))
    assert sorted(handled) == [0, 1]
    assert len(list_drafts(graph)) == 1


async def test_a_throttled_mailbox_is_asked_again_after_the_time_it_tells(
    context: Context, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    await approve_reply(context, email_id)
    graph.throttle, graph.retry_after = [429, 429], "1"
    started = time.monotonic()
    await send(context, GraphDrafts(mailbox))
    assert time.monotonic() - started >= 2
    assert (await read_effect(context))["state"] == "done"
    assert len(list_drafts(graph)) == 1


async def test_a_mailbox_that_is_gone_says_so_and_can_be_tried_again(
    context: Context, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    proposed = await approve_reply(context, email_id)
    assert proposed.proposal_id
    gone = graph.mailboxes.pop(USER)
    await send(context, GraphDrafts(mailbox))
    assert (await read_effect(context))["state"] == "failed"
    card = await get_card(context, proposed.proposal_id)
    assert card.can_retry
    assert "n’a pas été déposé" in card.outcome and "n’existe plus" in card.outcome
    assert await send(context, GraphDrafts(mailbox)) == 0
    graph.mailboxes[USER] = gone
    assert not (await retry_effect(context, proposed.proposal_id)).can_retry
    await send(context, GraphDrafts(mailbox))
    assert (await read_effect(context))["state"] == "done"
    assert len(list_drafts(graph)) == 1


async def test_a_draft_that_a_person_edited_is_left_and_told(
    context: Context, mailbox: GraphMailbox, graph: Graph, email_id: UUID
) -> None:
    await approve_reply(context, email_id)
    await send(context, GraphDrafts(mailbox))
    (draft,) = list_drafts(graph)
    draft.fields["body"] = {"contentType": "html", "content": "<p>Mes mots.</p>"}
    await approve_reply(context, email_id, "Une autre réponse.")
    await send(context, GraphDrafts(mailbox))
    effect = await read_effect(context)
    assert (effect["state"], "modifié" in effect["message"]) == ("failed", True)
    assert draft.fields["body"]["content"] == "<p>Mes mots.</p>"
    assert len(list_drafts(graph)) == 1


@dataclass(frozen=True)
class Dying(FolderDrafts):
    """A folder whose writer dies once the file is there."""

    deaths: list[str] = field(default_factory=list[str])

    async def put(self, draft: DraftMail) -> str:
        path = await super().put(draft)
        if not self.deaths:
            self.deaths.append(path)
            raise OSError
        return path


async def test_a_mail_of_a_folder_is_answered_by_a_file_that_opens_for_editing(
    context: Context, reader: MailReader, tmp_path: Path
) -> None:
    (tmp_path / "mails").mkdir()
    (tmp_path / "mails" / "a.eml").write_bytes(THREAD[0])
    await triage_source(context, reader, FolderSource(tmp_path / "mails"))
    rows = await run_sql(
        context.database, context.identity, "assistant_read", "SELECT * FROM emails"
    )
    await approve_reply(context, rows[0]["id"])
    box = Dying(tmp_path / "brouillons")
    await send(context, box)
    assert (await read_effect(context))["state"] == "doubtful"
    make_due(context.database)
    await send(context, box)
    assert (await read_effect(context))["state"] == "done"
    (path,) = (tmp_path / "brouillons").iterdir()
    from email import message_from_bytes, policy

    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    assert message["X-Unsent"] == "1"
    assert message["To"] == "lea@client.example"
    assert message["In-Reply-To"] == "<a@client.example>"
    assert message.get_content().replace("\r\n", "\n").strip() == BODY
    await approve_reply(context, rows[0]["id"], "Une autre réponse.")
    await send(context, box)
    assert len(list((tmp_path / "brouillons").iterdir())) == 1
    assert "Une autre" in message_from_bytes(path.read_bytes(), policy=policy.default).get_content()
    edited = path.read_bytes().replace(b"VW5l", b"RGV1")
    path.write_bytes(edited)
    await approve_reply(context, rows[0]["id"], "Une troisième.")
    await send(context, box)
    assert "modifié" in (await read_effect(context))["message"]
    assert path.read_bytes() == edited
