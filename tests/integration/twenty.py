"""A firm whose CRM is the double of Twenty, for the tests of the connector."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr

from core.context import Identity
from core.database import Database
from ingest.clients.twenty import TwentyClient
from ingest.twenty.setup import set_up
from ingest.twenty.storage import connect
from ingest.twenty.syncing import Counts, Reading
from tests.doubles.graph.server import listening
from tests.doubles.twenty.app import KEY, Twenty
from tests.integration.changes import run_sql


@dataclass
class Linked:
    """The product on one side, Twenty on the other."""

    twenty: Twenty
    client: TwentyClient
    database: Database
    identity: Identity
    waits: list[float] = field(default_factory=list[float])

    async def sync(self, *, full: bool = False) -> Counts:
        return await Reading(self.database, self.identity, self.client).sync(full=full)

    async def read_announced(self) -> Counts:
        return await Reading(self.database, self.identity, self.client).read_announced()

    async def rows(self, query: str, *parameters: Any) -> list[dict[str, Any]]:
        found = await run_sql(self.database, self.identity, "assistant_read", query, *parameters)
        return [dict(row) for row in found]

    async def find(self, table: str, record_id: Any) -> dict[str, Any]:
        (row,) = await self.rows(f"SELECT * FROM {table} WHERE id = %s", UUID(str(record_id)))
        return row


def make_client(address: str, waits: list[float] | None = None, key: str = KEY) -> TwentyClient:
    async def sleep(seconds: float) -> None:
        if waits is not None:
            waits.append(seconds)

    return TwentyClient(address, SecretStr(key), per_minute=100_000, sleep=sleep)


@pytest.fixture
def twenty() -> Twenty:
    return Twenty()


@pytest.fixture
def address(twenty: Twenty) -> Iterator[str]:
    with listening(twenty.app()) as listened:
        yield listened


async def link(twenty: Twenty, address: str, database: Database, identity: Identity) -> Linked:
    """The firm of `identity`, set up and connected."""
    waits: list[float] = []
    client = make_client(address, waits)
    await set_up(client)
    await connect(database, identity, address)
    return Linked(twenty, client, database, identity, waits)


def wait_for_write(twenty: Twenty) -> None:
    """Until Twenty holds a change that was sent to it."""
    ends = time.monotonic() + 60
    while time.monotonic() < ends and not twenty.written:
        time.sleep(0.02)
