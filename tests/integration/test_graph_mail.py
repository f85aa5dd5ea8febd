"""A Microsoft 365 mailbox: nothing missed, nothing twice, one draft per thread, nothing sent."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from kiota_abstractions.authentication import AuthenticationProvider

from agents.triage.pipeline import triage_source
from agents.triage.placing import place_drafts
from core.context import Context, Identity, system_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from ingest.clients.graph import GraphMailbox
from ingest.clients.graph_transport import GraphError
from ingest.mail.isolation import MailReader
from ingest.sources.graph import GraphSource, is_genuine
from tests.doubles.graph.app import TOKEN, Graph
from tests.doubles.graph.server import listening
from tests.integration.test_triage import THREAD, write

USER = "sarah@test.example"


class Bearer(AuthenticationProvider):
    """A token that is always there."""

    async def authenticate_request(self, request: Any, *_: Any, **__: Any) -> None:
        request.headers.try_add("Authorization", f"Bearer {TOKEN}")


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


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    opened = MailReader()
    yield opened
    opened.close()


@pytest.fixture
def context(database: Database, identity: Identity) -> Context:
    return Context(identity, database, OfflineEngine({}), system_clock)


async def test_pages_moves_stale_tokens_and_throttling_lose_and_double_nothing(
    context: Context, reader: MailReader, mailbox: GraphMailbox, graph: Graph
) -> None:
    box = graph.open(USER)
    items = [box.deliver(write(f"n{rank}", f"Bonjour {rank}")) for rank in range(7)]
    graph.throttle = [429, 503, 429]
    source = GraphSource(mailbox, context.database, context.identity)
    first = await triage_source(context, reader, source)
    assert (first.mails, first.new) == (7, 7)
    box.move(items[0], "archive")
    box.move(items[0], "inbox")
    second = await triage_source(context, reader, source)
    assert second.new == 0
    box.expire_tokens()
    box.deliver(write("n9", "Bonjour"))
    third = await triage_source(context, reader, source)
    assert third.new == 1
    assert not [one for one in graph.requests if "send" in one.lower().split("/")[-1]]


async def test_one_draft_per_thread_and_a_persons_words_stay(
    context: Context, reader: MailReader, mailbox: GraphMailbox, graph: Graph
) -> None:
    box = graph.open(USER)
    source = GraphSource(mailbox, context.database, context.identity)
    box.deliver(THREAD[0], conversation="c1")
    graph.lose_answers = 1
    await triage_source(context, reader, source)
    with pytest.raises(GraphError):
        await place_drafts(context, mailbox)
    assert await place_drafts(context, mailbox) == 1
    box.deliver(THREAD[1], conversation="c1")
    await triage_source(context, reader, source)
    assert await place_drafts(context, mailbox) == 1
    drafts = [item for item in box.items.values() if item.folder == "drafts"]
    assert len(drafts) == 1
    assert drafts[0].fields["toRecipients"] == [{"emailAddress": {"address": "lea@client.example"}}]
    drafts[0].fields["body"] = {"contentType": "text", "content": "Mes propres mots."}
    box.deliver(THREAD[2], conversation="c1")
    await triage_source(context, reader, source)
    await place_drafts(context, mailbox)
    assert drafts[0].fields["body"]["content"] == "Mes propres mots."
    assert len([item for item in box.items.values() if item.folder == "drafts"]) == 1


async def test_at_most_four_requests_are_under_way(mailbox: GraphMailbox, graph: Graph) -> None:
    box = graph.open(USER)
    items = [box.deliver(write(f"f{rank}", "Bonjour")) for rank in range(12)]
    graph.delay_s = 0.02
    await asyncio.gather(*(mailbox.fetch_mime(item.immutable) for item in items))
    assert graph.most_in_flight <= 4


async def test_batches_of_twenty_repeat_only_what_was_throttled(
    mailbox: GraphMailbox, graph: Graph
) -> None:
    box = graph.open(USER)
    items = [box.deliver(write(f"b{rank}", "Bonjour")) for rank in range(25)]
    found = await mailbox.fetch_many([item.immutable for item in items] + ["absent"])
    assert len(found) == 26
    assert found["absent"] is None
    assert sum(value is not None for value in found.values()) == 25


async def test_faults_of_the_service_are_repeated_for_reads_and_batches_of_reads(
    mailbox: GraphMailbox, graph: Graph
) -> None:
    item = graph.open(USER).deliver(THREAD[0])
    for fault in (500, 502, 503):
        graph.throttle = [fault]
        assert await mailbox.fetch_mime(item.immutable)
        graph.throttle = [fault]
        assert (await mailbox.fetch_many([item.immutable]))[item.immutable] is not None


@pytest.mark.parametrize(("status", "told"), [(503, "Réessayez dans"), (403, "ses autorisations")])
def test_a_busy_service_is_told_from_a_refusal(status: int, told: str) -> None:
    assert told in GraphError(status, "code", "").message


async def test_a_doubtful_write_is_not_repeated(mailbox: GraphMailbox, graph: Graph) -> None:
    item = graph.open(USER).deliver(THREAD[0])
    graph.throttle = [503]
    with pytest.raises(GraphError):
        await mailbox.create_reply(item.immutable, {}, to_all=False)
    assert len([one for one in graph.requests if one.endswith("createReply")]) == 1


async def test_a_link_to_another_host_gets_no_token(mailbox: GraphMailbox) -> None:
    with pytest.raises(GraphError):
        await mailbox.call("GET", "http://ailleurs.example/v1.0/users")


async def test_a_subscription_needs_an_address_that_answers(
    mailbox: GraphMailbox, graph: Graph, address: str
) -> None:
    expires = (dt.datetime.now(dt.UTC) + dt.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with pytest.raises(GraphError):
        await mailbox.subscribe(
            address=f"{address}/x", lifecycle_address=f"{address}/x", client_state="s",
            expires=expires,
        )  # fmt: skip
    assert graph.subscriptions == {}


def test_a_notification_without_the_secret_is_not_genuine() -> None:
    assert is_genuine("secret", "secret")
    assert not is_genuine("secret", "autre")
    assert not is_genuine(None, None)
