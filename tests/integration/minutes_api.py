"""The desk of minutes behind its API and its queue, for one firm."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import procrastinate
import psycopg
import pytest
from argon2 import PasswordHasher
from pydantic import SecretStr

from agents.meeting_synthesis.desk import Desk
from agents.portfolio_assistant.assistant import Assistant
from api.app import create_app
from api.auth import Gatekeeper
from api.minutes_jobs import MinutesJobs
from api.services import Services
from api.worker import build_worker
from core.context import Identity, frozen_clock
from core.database import Database
from core.engine.offline import OfflineEngine
from core.settings import Settings
from demo.content import CONTENT
from ingest.meetings.arrivals import announce
from ingest.meetings.graph import TranscriptAddress
from tests.conftest import SECRETS

CASE = CONTENT / "meetings" / "revue-fonderie-chavanne"
VTT = (CASE / "revue-fonderie-chavanne.vtt").read_bytes()
INVITATION = (CASE / "metadata.json").read_bytes()
CLI_TOKEN = "cli-token-of-this-instance"

QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
INSERT_PASSWORD = "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, %s)"


Queue = tuple[procrastinate.App, MinutesJobs]


@pytest.fixture(name="desk")
def provide_desk(database: Database) -> Desk:
    return Desk(database, OfflineEngine({}), frozen_clock(dt.date(2026, 11, 26)))


@pytest.fixture(name="queue")
async def provide_queue(desk: Desk, identity: Identity, tmp_path: Path) -> AsyncIterator[Queue]:
    jobs = MinutesJobs(desk, identity)
    app = build_worker(desk.database, identity, tmp_path / "documents", 1, (jobs,))
    async with app.open_async():
        yield app, jobs


async def work(queue: Queue) -> None:
    await queue[0].run_worker_async(wait=False, install_signal_handlers=False)


@pytest.fixture(name="api")
async def provide_api(
    desk: Desk,
    queue: Queue,
    conninfo: str,
    identity: Identity,
    tmp_path: Path,
) -> AsyncIterator[httpx.AsyncClient]:
    async def follow(address: TranscriptAddress) -> None:
        await announce(desk.database, identity, address)

    settings = Settings(data_dir=tmp_path, graph_transcripts_state=SecretStr("our-secret"))
    services = Services(
        settings, desk.database, Gatekeeper(desk.database, SECRETS),
        Assistant(desk.database, desk.engine, desk.clock), desk.engine, desk.clock, CLI_TOKEN,
        desk=queue[1].desk, follow_transcript=follow,
    )  # fmt: skip
    transport = httpx.ASGITransport(create_app(services))
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute(
            INSERT_PASSWORD, (identity.user_id, QUICK_HASHER.hash("un mot de passe"))
        )
    headers = {"authorization": f"Bearer {CLI_TOKEN}", "x-voltaire-user": identity.email}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client
