"""Twenty's announcements: only genuine ones count, and what they say is read again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector
from pydantic import SecretStr

from api.app import create_app
from api.auth import Gatekeeper
from api.services import Services, build_engine
from api.twenty_jobs import ANNOUNCED, TwentyJobs
from chat.services import Assistant
from core.context import Identity
from core.database import Database
from core.settings import Settings
from ingest.twenty.notifications import NONCE, SIGNATURE, TIMESTAMP, sign
from ingest.twenty.setup import set_up_webhook
from tests.conftest import SECRETS
from tests.doubles.twenty.app import Delivery, Twenty, sign_delivery
from tests.integration.test_api import make_person
from tests.integration.twenty import Linked, address, link, twenty

__all__ = ["address", "twenty"]
SECRET = "un secret de trente-deux caractères"
HERE = "https://voltaire.test/api/v1/twenty/notifications"


@dataclass
class Followed:
    """The product's address on one side, Twenty's deliveries on the other."""

    linked: Linked
    queue: InMemoryConnector
    http: httpx.AsyncClient
    headers: dict[str, str]

    def take(self) -> Delivery:
        """The only delivery that waits."""
        (delivery,) = self.linked.twenty.deliveries
        self.linked.twenty.deliveries.clear()
        return delivery

    async def arrivals(self) -> list[tuple[str, str]]:
        rows = await self.linked.rows("SELECT object, twenty_id FROM twenty_arrivals")
        return [(row["object"], str(row["twenty_id"])) for row in rows]


def make_services(database: Database, address: str | None) -> Services:
    settings = Settings(
        twenty_url=address, twenty_api_key=SecretStr("k"),
        twenty_webhook_secret=SecretStr(SECRET), _env_file=None,
    )  # fmt: skip
    return Services(settings, database, Gatekeeper(database, SECRETS), cast(Assistant, None),
                    build_engine(settings))  # fmt: skip


@pytest.fixture
async def followed(
    twenty: Twenty, address: str, database: Database, conninfo: str
) -> AsyncIterator[Followed]:
    director: Identity = make_person(conninfo, "reader", "director")
    linked = await link(twenty, address, database, director)
    await set_up_webhook(linked.client, HERE, SECRET)
    services = make_services(database, address)
    queue = InMemoryConnector()
    app = App(connector=queue)
    jobs = TwentyJobs(services.settings, database, director)
    jobs.register(app)
    services = Services(**{**vars(services), "follow_twenty": jobs.follow(app)})
    transport = httpx.ASGITransport(app=create_app(services))
    token = services.gatekeeper.issue_token(director).value
    async with (
        app.open_async(),
        httpx.AsyncClient(transport=transport, base_url="https://voltaire.test") as http,
    ):
        yield Followed(linked, queue, http, {"authorization": f"Bearer {token}"})
    await linked.client.close()


async def test_an_announced_record_is_read_again_and_not_believed(followed: Followed) -> None:
    twenty = followed.linked.twenty
    company = twenty.add("company", name="Fonderie «\u00a0Été\u00a0»")
    delivery = followed.take()
    twenty.change("company", company["id"], name="Fonderie Chavanne")
    assert await delivery.post(followed.http) == 202
    assert await followed.arrivals() == [("accounts", company["id"])]
    assert [job["task_name"] for job in followed.queue.jobs.values()] == [ANNOUNCED]
    assert (await followed.linked.read_announced()).mirrored == 1
    assert await followed.arrivals() == []
    row = await followed.linked.find("accounts", company["id"])
    assert row["name"] == "Fonderie Chavanne"


async def test_a_forged_a_replayed_and_a_stale_announcement_are_refused(
    followed: Followed,
) -> None:
    company = followed.linked.twenty.add("company", name="Un")
    sent = followed.take()
    changed = sent.body.replace(b'"Un"', b'"Deux"')
    assert await Delivery(HERE, sent.headers, changed).post(followed.http) == 403
    unsigned = {"content-type": "application/json"}
    assert await Delivery(HERE, unsigned, sent.body).post(followed.http) == 403
    webhook = {"targetUrl": HERE, "secret": "un autre secret"}
    assert await sign_delivery(webhook, json.loads(sent.body)).post(followed.http) == 403
    stamp = str(int((dt.datetime.now(dt.UTC) - dt.timedelta(minutes=6)).timestamp() * 1000))
    old = sent.headers | {TIMESTAMP: stamp, SIGNATURE: sign(SECRET, stamp, sent.body)}
    assert await Delivery(HERE, old, sent.body).post(followed.http) == 403
    assert await followed.arrivals() == []
    assert await sent.post(followed.http) == 202
    assert await sent.post(followed.http) == 403
    renamed = sent.headers | {NONCE: "0" * 32}
    assert await Delivery(HERE, renamed, sent.body).post(followed.http) == 403
    assert await followed.arrivals() == [("accounts", company["id"])]


@pytest.mark.parametrize(
    "event",
    [
        {"eventName": "opportunity.created", "record": {"id": str(uuid4())}},
        {"eventName": "company.updated", "record": {"id": "x"}},
        {"eventName": "company.updated"},
        {"event": "metadata"},
        [],
        None,
    ],
)
async def test_an_unknown_event_is_taken_and_ignored(followed: Followed, event: Any) -> None:
    delivery = sign_delivery({"targetUrl": HERE, "secret": SECRET}, event)
    assert await delivery.post(followed.http) == 202
    assert await followed.arrivals() == []
    assert not followed.queue.jobs


async def test_a_deletion_is_announced_and_marked(followed: Followed) -> None:
    twenty = followed.linked.twenty
    company = twenty.add("company", name="Un")
    await followed.linked.sync(full=True)
    twenty.deliveries.clear()
    twenty.remove("company", company["id"])
    assert await followed.take().post(followed.http) == 202
    assert (await followed.linked.read_announced()).gone == 1
    answer = await followed.http.get("/api/v1/twenty/noted", headers=followed.headers)
    (noted,) = answer.json()
    assert (noted["state"], noted["record_id"]) == ("gone", company["id"])
    assert noted["url"].endswith(f"/object/company/{company['id']}")


async def test_announcements_out_of_order_end_on_the_last_value(followed: Followed) -> None:
    twenty = followed.linked.twenty
    company = twenty.add("company", name="Un")
    twenty.change("company", company["id"], name="Deux")
    for delivery in reversed(twenty.deliveries):
        assert await delivery.post(followed.http) == 202
        await followed.linked.read_announced()
    assert (await followed.linked.find("accounts", company["id"]))["name"] == "Deux"


async def test_lost_announcements_are_made_up_for_by_the_regular_reading(
    followed: Followed,
) -> None:
    twenty = followed.linked.twenty
    companies = [twenty.add("company", name=name) for name in ("Un", "Deux", "Trois")]
    await followed.linked.sync(full=True)
    twenty.change("company", companies[0]["id"], name="Un encore")
    twenty.remove("company", companies[1]["id"])
    twenty.add("person", name={"firstName": "Léa", "lastName": "Roy"},
               companyId=companies[2]["id"])  # fmt: skip
    twenty.deliveries.clear()
    assert (await followed.linked.sync()).mirrored == 2
    assert (await followed.linked.sync(full=True)).gone == 1


async def test_the_status_tells_where_the_mirror_stands(followed: Followed) -> None:
    twenty = followed.linked.twenty
    twenty.add("company", name="Un")
    twenty.add("company", name="")
    await followed.linked.sync(full=True)
    answer = await followed.http.get("/api/v1/twenty", headers=followed.headers)
    status = answer.json()
    assert status["is_enabled"] is True
    assert status["reconciled_at"] is not None
    (accounts,) = status["objects"]
    assert (accounts["mirrored"], accounts["refused"]) == (1, 1)
    answer = await followed.http.get("/api/v1/twenty/noted", headers=followed.headers)
    assert "vide dans Twenty" in answer.json()[0]["message"]


async def test_nothing_is_taken_where_twenty_is_not_configured(
    followed: Followed, database: Database
) -> None:
    followed.linked.twenty.add("company", name="Un")
    delivery = followed.take()
    app = create_app(make_services(database, None))
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="https://voltaire.test") as http:
        assert await delivery.post(http) == 404
