"""The fault matrix: whatever befalls the model, a right answer or an honest degraded one.

`python -m evals.faults` runs this file and writes its table to `docs/measures/faults.md`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from core.context import Identity
from core.database import Database
from core.engine.gate import Gate
from core.engine.metering import Metering, Patience
from core.engine.protocol import Event, Request
from core.engine.routing import Routing
from core.ledger.calls import Ledger
from core.ledger.prices import load_prices
from evals.faults import FaultRow
from tests.doubles.messages_api import MessagesApi
from tests.doubles.models import worst_model
from tests.integration.engines import MODELS, MakeEngine
from tests.integration.faults import FAULTS, Fault
from tests.integration.trials import TRIALS, Trial, Verdict

pytest_plugins = ("tests.doubles.messages_api.fixtures", "tests.integration.engine_fixtures")

CASES = [
    pytest.param(trial, fault, id=f"{trial.use_case}-{fault.name}")
    for trial in TRIALS
    for fault in FAULTS
    if fault.form in (None, trial.form)
]
LIES = (
    "98 765", "98\u202f765", "2099", "2031", "sans condition", "hunter2000", "R77", "Lambert",
    "lambert", "pirate", "résilié", "cinq tranches", "rembours",
)  # fmt: skip
PATIENCE = Patience(first_event_s=30.0, total_s=60.0)
# Seconds without a byte, for the engine: a machine under load is no fault of the model's.
TIMEOUT = 30.0
SHORT = Patience(first_event_s=1.5, total_s=3.0)


@dataclass
class Counted:
    """Counts the calls that reach the engine within."""

    inner: Any
    calls: int = 0

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def is_model(self) -> bool:
        return True

    async def stream(self, request: Request) -> AsyncIterator[Event]:
        self.calls += 1
        async for event in self.inner.stream(request):
            yield event


def meter(
    database: Database, engine: Counted, budget: str | None = None, patience: Patience = PATIENCE
) -> Metering:
    limits = {} if budget is None else {"tenant_day": budget}
    return Metering(
        engine, Ledger(database, load_prices(), limits), Routing(MODELS), "double",
        Gate(8, 8, 5.0), patience,
    )  # fmt: skip


def read_calls(conninfo: str, identity: Identity) -> list[dict[str, Any]]:
    with psycopg.Connection[dict[str, Any]].connect(conninfo, row_factory=dict_row) as connection:
        statement = "SELECT * FROM model_calls WHERE tenant_id = %s ORDER BY started_at"
        return connection.execute(statement, (identity.tenant_id,)).fetchall()


def count_unfinished(conninfo: str, identity: Identity) -> int:
    with psycopg.connect(conninfo) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM turns WHERE tenant_id = %(t)s AND status IN "
            "('running', 'failed')) + (SELECT count(*) FROM model_spending WHERE tenant_id = %(t)s"
            " AND reserved_eur <> 0)",
            {"t": identity.tenant_id},
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize(("trial", "fault"), CASES)
async def test_a_fault_gives_a_right_answer_or_an_honest_degraded_one(
    trial: Trial, fault: Fault, database: Database, identity: Identity, conninfo: str,
    messages_api: MessagesApi, make_engine: MakeEngine, report_fault: Callable[[FaultRow], None],
) -> None:  # fmt: skip
    await trial.prepare(database, identity)
    fault.set_up(messages_api, trial.truths)
    engine = Counted(make_engine(timeout=TIMEOUT, **fault.engine))
    budget = None if fault.budget_eur is None else str(fault.budget_eur)
    patience = SHORT if fault.last_outcome == "timeout" else PATIENCE
    verdict = await trial.run(database, identity, meter(database, engine, budget, patience))
    rows = read_calls(conninfo, identity)
    report_fault(FaultRow(trial.label, fault.name, verdict.is_model, verdict.is_right, len(rows),
                          rows[-1]["outcome"], verdict.fallback_reason))  # fmt: skip
    check_verdict(verdict, fault)
    assert len(rows) == engine.calls + (fault.last_outcome == "budget")
    assert rows[-1]["outcome"] == fault.last_outcome
    assert [row["is_fallback"] for row in rows][-1] == (fault.answerer == "rules")
    assert not any(row["is_fallback"] for row in rows[:-1])
    assert count_unfinished(conninfo, identity) == 0


def check_verdict(verdict: Verdict, fault: Fault) -> None:
    """Right in every case here, for rules know this answer; honest about who gave it."""
    assert verdict.is_right
    assert verdict.is_model == (fault.answerer == "model")
    assert bool(verdict.fallback_reason) == (fault.answerer == "rules")


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.use_case)
async def test_the_perfect_model_proves_the_path_and_its_later_turns_read_the_cache(
    trial: Trial, database: Database, identity: Identity, conninfo: str,
    messages_api: MessagesApi, make_engine: MakeEngine,
) -> None:  # fmt: skip
    await trial.prepare(database, identity)
    FAULTS[0].set_up(messages_api, trial.truths)
    verdict = await trial.run(
        database, identity, meter(database, Counted(make_engine(timeout=TIMEOUT)))
    )
    assert (verdict.is_model, verdict.is_right) == (True, True)
    first, *others = read_calls(conninfo, identity)
    assert (first["cache_write_tokens"] > 0) == (trial.form == "tools")
    assert all(row["cache_read_tokens"] >= first["cache_write_tokens"] for row in others)


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.use_case)
async def test_nothing_the_worst_model_invents_reaches_the_user(
    trial: Trial, database: Database, identity: Identity, conninfo: str,
    messages_api: MessagesApi, make_engine: MakeEngine,
) -> None:  # fmt: skip
    await trial.prepare(database, identity)
    messages_api.respond(worst_model(trial.truths))
    verdict = await trial.run(
        database, identity, meter(database, Counted(make_engine(timeout=TIMEOUT)))
    )
    for lie in LIES:
        assert lie not in verdict.text
    assert verdict.is_right or trial.form == "tools"
    assert not any(row["is_fallback"] for row in read_calls(conninfo, identity)) or (
        verdict.fallback_reason
    )


async def test_an_open_breaker_is_told_and_calls_nobody(
    database: Database, identity: Identity, conninfo: str, messages_api: MessagesApi,
    make_engine: MakeEngine,
) -> None:  # fmt: skip
    trial = TRIALS[0]
    await trial.prepare(database, identity)
    FAULTS[[f.name for f in FAULTS].index("500 panne")].set_up(messages_api, trial.truths)
    engine = Counted(make_engine(timeout=TIMEOUT))
    metering = meter(database, engine)
    for _ in range(5):
        await trial.run(database, identity, metering)
    verdict = await trial.run(database, identity, metering)
    assert (engine.calls, verdict.is_model, verdict.is_right) == (5, False, True)
    assert verdict.fallback_reason is not None
    assert "réessayé" in verdict.fallback_reason
    assert read_calls(conninfo, identity)[-1]["outcome"] == "breaker_open"
