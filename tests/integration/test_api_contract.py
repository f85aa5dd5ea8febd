"""The API keeps to its description: Schemathesis calls every operation with what it draws.

`VOLTAIRE_FUZZ_EXAMPLES` calls each more often (`make fuzz-api`).
"""

from __future__ import annotations

import asyncio
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import schemathesis
import uvicorn
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from agents.meeting_synthesis.desk import Desk
from agents.tender_scoring.desk import TenderDesk
from api.access.passwords import Passwords
from api.app import create_app
from api.auth import Gatekeeper
from api.openapi import METHODS
from api.services import Services, build_engine
from core.context import frozen_clock
from core.database import Database
from core.settings import Settings
from tests.conftest import SECRETS
from tests.integration.changes import TODAY
from tests.integration.test_api import QUICK_HASHER
from tests.integration.test_authorisation import Firm, build_firm, make_assistant

EXAMPLES = int(os.environ.get("VOLTAIRE_FUZZ_EXAMPLES", "5"))
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]


@schemathesis.serializer("message/rfc822")
def write_mail(_: schemathesis.SerializationContext, value: str | bytes) -> bytes:
    """A mail is sent as the bytes it is."""
    return bytes(getattr(value, "data", value)) if not isinstance(value, str) else value.encode()


# The watch of this instance is off, and says so.
MAY_BE_OFF = {"run_watch"}


def make_services(database: Database, folder: Path) -> Services:
    tuned = Settings(data_dir=folder, today=TODAY.isoformat(), _env_file=None)
    engine = build_engine(tuned)
    return Services(
        tuned, database, Gatekeeper(database, SECRETS, passwords=Passwords(QUICK_HASHER)),
        make_assistant(database), engine, frozen_clock(TODAY),
        desk=Desk(database, engine, frozen_clock(TODAY)),
        tenders=TenderDesk(database, engine, frozen_clock(TODAY)),
    )  # fmt: skip


async def prepare(conninfo: str, folder: Path) -> Firm:
    database = Database(conninfo, SECRETS)
    try:
        services = make_services(database, folder)
        return await build_firm(database, conninfo, services.gatekeeper, services, folder)
    finally:
        await database.close()


@contextmanager
def serving(app: FastAPI, *, is_logged: bool = False) -> Iterator[str]:
    """`app` over real HTTP, in a loop of its own; its server's log is silent unless asked."""
    listener = socket.create_server(("127.0.0.1", 0))
    logs: dict[str, Any] = {"log_config": None} if is_logged else {"log_level": "critical"}
    server = uvicorn.Server(uvicorn.Config(app, **logs))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()


def try_operation(operation: APIOperation, address: str, firm: Firm) -> None:
    """Call one operation with what its description allows. Raises what is wrong with it."""
    name = operation.definition.raw["operationId"]

    @seed(20261126)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(
        case=operation.as_strategy(), is_known=st.booleans(),
        caller=st.sampled_from(["director", "admin", "stranger"]),
    )  # fmt: skip
    def call(case: schemathesis.Case, is_known: bool, caller: str) -> None:
        for key in case.path_parameters or {}:
            if is_known and key in firm.ids:
                case.path_parameters[key] = firm.ids[key]
        headers = {**firm.headers[caller], "accept": "application/json"}
        answer = case.call(base_url=address, headers=headers)
        is_off = answer.status_code == 503 and name in MAY_BE_OFF
        assert answer.status_code < 500 or is_off, f"{answer.status_code} {answer.text}"
        case.validate_response(answer, checks=CHECKS)

    call()


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
# The server draws at random too, in its own thread.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
def test_no_answer_leaves_the_description(conninfo: str, tmp_path: Path) -> None:
    firm = asyncio.run(prepare(conninfo, tmp_path))
    app = create_app(make_services(Database(conninfo, SECRETS), tmp_path))
    failures: dict[str, str] = {}
    with serving(app) as address:
        schema = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json")
        operations = [found.ok() for found in schema.get_all_operations()]
        for operation in operations:
            try:
                try_operation(operation, address, firm)
            except (Exception, BaseExceptionGroup) as error:
                failures[operation.label] = describe(error)
    assert failures == {}, "\n\n".join(f"{k}: {v}" for k, v in failures.items())
    assert len(operations) == sum(
        method in METHODS for found in app.openapi()["paths"].values() for method in found
    )


def describe(error: BaseException) -> str:
    inner = getattr(error, "exceptions", ())
    return " | ".join(map(describe, inner)) if inner else str(error)[:900]
