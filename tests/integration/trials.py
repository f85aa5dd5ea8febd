"""Each use case on its trial: a task of which the right result is known, tried under faults.

A use case joins the fault matrix with one `Trial` in `TRIALS`, or in `WRITTEN`
(`written_trials.py`) where it reads what others wrote.
"""

from __future__ import annotations

from agents.portfolio_assistant.assistant import Assistant
from agents.portfolio_assistant.models import AnswerReady
from core.context import Identity, frozen_clock
from core.database import Database
from core.engine.protocol import Engine
from tests.doubles.models.portfolio_assistant import AssistantTruth, Results
from tests.integration.portfolio import TODAY, build_portfolio
from tests.integration.verdicts import Trial, Verdict
from tests.integration.written_trials import WRITTEN

__all__ = ["TRIALS", "Trial", "Verdict"]

QUESTION = "Quel est le montant annuel total des contrats des Aciéries du Rhône ?"
AMOUNT = "549\u202f000"
TOTAL = (
    "aggregate_records",
    {
        "object": "contracts",
        "measures": [{"function": "sum", "field": "annual_amount_eur"}],
        "filters": [{"field": "account.name", "value": "Aciéries du Rhône"}],
    },
)


def write_total(results: Results) -> str:
    """The total as the tool gave it."""
    [line] = results[0]["lignes"]
    amount = next(value for name, value in line.items() if name != "id")
    return f"Soit **{amount}** par an. [{results[0]['repere']}]"


async def prepare_portfolio(database: Database, identity: Identity) -> None:
    """The small hand-made portfolio."""
    await build_portfolio(database, identity)


async def ask_assistant(database: Database, identity: Identity, engine: Engine) -> Verdict:
    """One question of which the answer is known."""
    assistant = Assistant(database, engine, frozen_clock(TODAY))
    events = [event async for event in assistant.ask(identity, QUESTION, surface="api")]
    assert isinstance(events[-1], AnswerReady)
    answer = events[-1].answer
    shown = " ".join(
        [answer.text, *(cell for t in answer.tables for row in t.rows for cell in row)]
    )
    return Verdict(
        answer.is_model,
        answer.status == "answered" and AMOUNT in shown and bool(answer.citations),
        answer.fallback_reason,
        shown,
    )


TRIALS: tuple[Trial, ...] = (
    Trial(
        "portfolio_assistant", "Assistant de portefeuille",
        AssistantTruth((TOTAL,), write_total), prepare_portfolio, ask_assistant, "tools",
    ),
    *WRITTEN,
)  # fmt: skip
