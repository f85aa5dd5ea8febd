"""«Mes tâches», «mes clients» : the records of whoever asks; «lot 2» : that lot."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import Answer, AnswerReady
from core.context import Identity, frozen_clock
from core.database import Database
from tests.conftest import writing
from tests.integration.portfolio import TODAY, Portfolio, build_portfolio, insert


@pytest.fixture
async def portfolio(database: Database, identity: Identity) -> Portfolio:
    built = await build_portfolio(database, identity)
    async with writing(database, identity) as connection:
        for title, status in (("Relancer le GRD", "open"), ("Envoyer le bilan", "done")):
            await insert(connection, identity, "tasks", id=uuid4(), title=title, status=status,
                         source="manual", owner_id=identity.user_id)  # fmt: skip
        for number in (1, 2):
            await insert(connection, identity, "tender_lots", id=uuid4(), number=number,
                         tender_id=built.ids["t1"], title=f"Bâtiments {number}")  # fmt: skip
    return built


async def ask(database: Database, identity: Identity, question: str) -> Answer:
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    events = [e async for e in assistant.ask(identity, question, surface="api")]
    return next(e.answer for e in events if isinstance(e, AnswerReady))


def shown(answer: Answer) -> str:
    return answer.text + "".join(cell for t in answer.tables for row in t.rows for cell in row)


async def test_my_tasks_are_those_of_who_asks_still_open(
    database: Database, portfolio: Portfolio
) -> None:
    answer = await ask(database, portfolio.identity, "Quelles tâches ai-je ?")
    assert "Relancer le GRD" in shown(answer)
    assert "Rappeler" not in shown(answer)
    assert "Envoyer le bilan" not in shown(answer)
    assert not answer.text.startswith("Oui")


async def test_my_clients_are_those_of_who_sells_and_all_the_firms_for_a_director(
    database: Database, portfolio: Portfolio
) -> None:
    seller = replace(portfolio.identity, roles=frozenset({"sales"}))
    own = shown(await ask(database, seller, "Quels sont mes clients ?"))
    assert "Métropole de Dijon" in own
    assert "Clinique Saint-Éloi" not in own
    director = replace(portfolio.identity, roles=frozenset({"director"}))
    everyone = shown(await ask(database, director, "Quels sont mes clients ?"))
    assert "Clinique Saint-Éloi" in everyone


async def test_a_named_client_is_not_narrowed_to_who_asks(
    database: Database, portfolio: Portfolio
) -> None:
    seller = replace(portfolio.identity, roles=frozenset({"sales"}))
    answer = await ask(database, seller, "Quels contrats a mon client Aciéries du Rhône ?")
    assert "CT-2025-0002" in shown(answer)


async def test_a_lot_number_names_one_lot(database: Database, portfolio: Portfolio) -> None:
    answer = await ask(database, portfolio.identity, "Quel est le lot 2 de AO-2026-014 ?")
    assert "Bâtiments 2" in shown(answer)
    assert "Bâtiments 1" not in shown(answer)
