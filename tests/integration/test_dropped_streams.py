"""A connection dropped in mid-stream: the server goes on, logs no error, loses nothing."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from agents.portfolio_assistant.assistant import Assistant
from api.app import create_app
from api.services import Services
from core.context import Identity
from core.database import Database
from core.engine.protocol import Event, Request, TextDelta
from tests.conftest import SECRETS
from tests.integration.test_api import make_person
from tests.integration.test_api_contract import make_services, serving

QUESTION = "Quels contrats finissent bientôt ?"
PATIENCE_S = 20.0


class Unfinished:
    """Says one sentence, then nothing more; knows whether it was let go."""

    name = "essai"
    is_model = False

    def __init__(self) -> None:
        self.is_let_go = False

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        try:
            yield TextDelta("Deux contrats finissent en décembre.\n\n")
            await asyncio.sleep(3600)
        finally:
            self.is_let_go = True


def wait_for(is_true: Callable[[], Any]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not is_true():
        assert time.monotonic() < until
        time.sleep(0.05)


def list_errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]


def make_running(conninfo: str, folder: Path) -> tuple[Services, Unfinished]:
    services, engine = make_services(Database(conninfo, SECRETS), folder), Unfinished()
    assistant = Assistant(services.database, engine, services.clock)
    return replace(services, assistant=assistant), engine


@pytest.fixture
def person(conninfo: str) -> Identity:
    return make_person(conninfo, "reader", "director")


def test_an_answer_left_before_its_end_stops_and_its_turn_is_kept(
    conninfo: str, person: Identity, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services, engine = make_running(conninfo, tmp_path)
    headers = {"authorization": f"Bearer {services.gatekeeper.issue_token(person).value}"}
    with (
        serving(create_app(services), is_logged=True) as address,
        httpx.Client(base_url=address, headers=headers) as http,
    ):
        with http.stream("POST", "/api/v1/ask", json={"question": QUESTION}) as answer:
            assert next(answer.iter_lines()) == "event: text_delta"
        wait_for(lambda: engine.is_let_go)
        (kept,) = http.get("/api/v1/conversations").json()
        place = f"/api/v1/conversations/{kept['id']}"
        wait_for(lambda: http.get(place).json()["turns"][0]["status"] != "running")
        (turn,) = http.get(place).json()["turns"]
        assert (turn["question"], turn["status"]) == (QUESTION, "failed")
        assert http.get("/ready").status_code == 200
    assert list_errors(caplog) == []


def test_an_analysis_no_longer_followed_goes_on(
    conninfo: str, person: Identity, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    services, _ = make_running(conninfo, tmp_path)
    headers = {"authorization": f"Bearer {services.gatekeeper.issue_token(person).value}"}
    with (
        serving(create_app(services), is_logged=True) as address,
        httpx.Client(base_url=address, headers=headers) as http,
    ):
        files = [("files", ("RC.txt", b"Reglement de la consultation"))]
        tender = http.post("/api/v1/tenders", files=files).json()["id"]
        for _ in range(3):
            with http.stream("GET", f"/api/v1/tenders/{tender}/events") as events:
                assert next(events.iter_lines()) == "event: progress"
        assert http.get(f"/api/v1/tenders/{tender}").json()["status"] == "running"
        time.sleep(1)
        assert http.get("/ready").status_code == 200
    assert list_errors(caplog) == []
