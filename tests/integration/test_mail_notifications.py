"""A mailbox followed by notifications, whatever becomes of them on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx
import procrastinate
import psycopg
import pytest
from procrastinate.testing import InMemoryConnector
from psycopg.rows import dict_row

from agents.triage.intake import take_in
from api.app import create_app
from api.auth import Gatekeeper
from api.mail_jobs import MailJobs
from api.services import Services, build_engine
from chat.services import Assistant
from core.context import Identity
from core.database import Database
from core.settings import Settings
from ingest.clients.graph import GraphMailbox
from ingest.mail.isolation import MailReader
from tests.conftest import SECRETS
from tests.doubles.graph.app import Graph
from tests.doubles.graph.server import listening
from tests.integration.test_graph_mail import USER, Bearer
from tests.integration.test_triage import THREAD, write

CLOSED = "http://127.0.0.1:9/v1.0"


@dataclass
class Boxes(MailJobs):
    """Mail jobs whose mailboxes are those of the double."""

    mailboxes: dict[str, str] = field(default_factory=dict[str, str])

    def list_mailboxes(self) -> list[GraphMailbox]:
        return [
            GraphMailbox(user, authentication=Bearer(), base_url=address)
            for user, address in self.mailboxes.items()
        ]


@dataclass
class Followed:
    """The product on one side, Microsoft 365 on the other."""

    jobs: Boxes
    graph: Graph
    queue: InMemoryConnector
    http: httpx.AsyncClient
    conninfo: str

    async def notify(self, body: dict[str, Any], status: int = 202) -> None:
        answer = await self.http.post("/api/v1/mail/notifications", json=body)
        assert answer.status_code == status

    async def lifecycle(self, event: str) -> None:
        (held,) = self.graph.subscriptions.values()
        one = {"subscriptionId": held["id"], "clientState": held["clientState"],
               "lifecycleEvent": event}  # fmt: skip
        await self.notify({"value": [one]})

    def asked(self) -> int:
        """How many readings wait."""
        return sum(job["task_name"] == "read_mail" for job in self.queue.jobs.values())

    async def read(self) -> dict[str, str]:
        self.queue.reset()
        return await self.jobs.read_sources()

    def rows(self, query: str) -> list[dict[str, Any]]:
        with psycopg.connect(self.conninfo, row_factory=dict_row) as connection:
            return connection.execute(query, (self.jobs.leader.tenant_id,)).fetchall()


@pytest.fixture(scope="module")
def reader() -> Iterator[MailReader]:
    opened = MailReader()
    yield opened
    opened.close()


def make_services(database: Database) -> Services:
    settings = Settings(_env_file=None)
    return Services(settings, database, Gatekeeper(database, SECRETS), cast(Assistant, None),
                    build_engine(settings))  # fmt: skip


@pytest.fixture
async def followed(
    database: Database, identity: Identity, reader: MailReader, conninfo: str
) -> AsyncIterator[Followed]:
    graph = Graph()
    graph.open(USER)
    services = make_services(database)
    with listening(graph.app()) as microsoft, listening(create_app(services)) as ours:
        settings = Settings(public_url=ours, _env_file=None)
        jobs = Boxes(settings, database, identity, reader, {USER: f"{microsoft}/v1.0"})
        queue = InMemoryConnector()
        worker = procrastinate.App(connector=queue)
        jobs.register(worker)
        services = replace(services, follow_mail=jobs.follow(worker))
        transport = httpx.ASGITransport(create_app(services))
        async with (
            worker.open_async(),
            httpx.AsyncClient(transport=transport, base_url="http://essai") as http,
        ):
            yield Followed(jobs, graph, queue, http, conninfo)


async def test_notifications_twice_out_of_order_or_lost_change_nothing(followed: Followed) -> None:
    await followed.read()
    (held,) = followed.graph.subscriptions
    box = followed.graph.open(USER)
    items = [box.deliver(raw, conversation="c") for raw in THREAD]
    items += [box.deliver(write(f"n{rank}", f"Bonjour {rank} ?")) for rank in range(3)]
    bodies = [followed.graph.notification(held, item) for item in items]
    for body in (bodies[4], bodies[1], bodies[1], bodies[0]):
        await followed.notify(body)
    assert followed.asked() == 1
    await followed.read()
    await followed.notify(bodies[1])
    assert followed.asked() == 1
    await followed.read()
    emails = followed.rows("SELECT * FROM emails WHERE tenant_id = %s")
    triaged = followed.rows("SELECT * FROM mail_triage WHERE tenant_id = %s")
    assert (len(emails), len(triaged)) == (6, 4)
    assert all(row["is_done"] for row in triaged)
    drafts = [item for item in box.items.values() if item.folder == "drafts"]
    assert len(drafts) == len(followed.rows("SELECT * FROM mail_drafts WHERE tenant_id = %s"))


async def test_a_notification_without_the_secret_asks_for_nothing(followed: Followed) -> None:
    await followed.read()
    (held,) = followed.graph.subscriptions
    item = followed.graph.open(USER).deliver(THREAD[0])
    await followed.notify(followed.graph.notification(held, item, clientState="deviné"))
    await followed.notify(followed.graph.notification(held, item, subscriptionId="autre"))
    await followed.notify({"value": "rien"}, 400)
    assert followed.asked() == 0


async def test_a_subscription_is_kept_then_renewed_when_asked(followed: Followed) -> None:
    await followed.read()
    first = dict(next(iter(followed.graph.subscriptions.values())))
    ends = dt.datetime.fromisoformat(first["expirationDateTime"])
    assert ends - dt.datetime.now(dt.UTC) > dt.timedelta(hours=48)
    await followed.read()
    assert not any(one.startswith("PATCH /subscriptions") for one in followed.graph.requests)
    await followed.lifecycle("reauthorizationRequired")
    assert followed.asked() == 1
    await followed.read()
    assert sum(one.startswith("PATCH /subscriptions") for one in followed.graph.requests) == 1
    assert len(followed.graph.subscriptions) == 1


async def test_a_removed_subscription_is_made_again_with_another_secret(
    followed: Followed,
) -> None:
    await followed.read()
    (old,) = list(followed.graph.subscriptions.values())
    await followed.lifecycle("subscriptionRemoved")
    followed.graph.subscriptions.clear()
    box = followed.graph.open(USER)
    item = box.deliver(write("pendant", "Bonjour ?"))
    await followed.read()
    (new,) = followed.graph.subscriptions.values()
    assert new["clientState"] != old["clientState"]
    await followed.notify(
        followed.graph.notification(new["id"], item, clientState=old["clientState"])
    )
    assert followed.asked() == 0
    assert len(followed.rows("SELECT * FROM emails WHERE tenant_id = %s")) == 1


async def test_a_subscription_that_graph_lost_is_made_again_at_renewal(followed: Followed) -> None:
    await followed.read()
    await followed.lifecycle("reauthorizationRequired")
    followed.graph.subscriptions.clear()
    await followed.read()
    assert len(followed.graph.subscriptions) == 1


async def test_missed_notifications_lead_to_a_reading(followed: Followed) -> None:
    await followed.read()
    followed.graph.open(USER).deliver(THREAD[0])
    await followed.lifecycle("missed")
    assert followed.asked() == 1


async def test_a_mailbox_out_of_reach_keeps_no_other_waiting(followed: Followed) -> None:
    followed.jobs.mailboxes = {"absent@test.example": CLOSED, **followed.jobs.mailboxes}
    followed.graph.open(USER).deliver(THREAD[0])
    failed = await followed.read()
    assert list(failed) == ["absent@test.example"]
    assert "ne répond pas" in failed["absent@test.example"]
    assert len(followed.rows("SELECT * FROM emails WHERE tenant_id = %s")) == 1
    noted = followed.rows("SELECT * FROM mail_sources WHERE tenant_id = %s AND message IS NOT NULL")
    assert [row["mailbox"] for row in noted] == ["absent@test.example"]


async def test_an_address_graph_cannot_reach_leaves_the_mailbox_read(followed: Followed) -> None:
    followed.jobs.settings = Settings(public_url="http://127.0.0.1:9", _env_file=None)
    followed.graph.open(USER).deliver(THREAD[0])
    assert USER in await followed.read()
    assert len(followed.rows("SELECT * FROM emails WHERE tenant_id = %s")) == 1


async def test_the_past_is_triaged_by_lots_behind_new_mail(
    followed: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rank in range(3):
        raw = write(f"vieux{rank}", f"Bonjour {rank} ?")
        await take_in(followed.jobs.context, followed.jobs.reader, raw, mailbox="m", name="a")
    monkeypatch.setattr("api.mail_jobs.LOT_S", 0.0)
    assert await followed.jobs.catch_up(500) == 499
    monkeypatch.setattr("api.mail_jobs.LOT_S", 10.0)
    assert await followed.jobs.catch_up(1) == 0
    assert await followed.jobs.catch_up(500) == 499
    assert await followed.jobs.catch_up(500) == 0
