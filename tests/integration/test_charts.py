"""Charts asked for: figures by SQL under the user's rights, the table behind, the source."""

from __future__ import annotations

from agents.portfolio_assistant.assistant import Assistant, offline_engine
from agents.portfolio_assistant.models import Answer, AnswerReady, RecordCitation
from chat.conversations import find_table_rows, get_table
from core.context import Identity, frozen_clock
from core.database import Database
from tests.conftest import make_identity
from tests.integration.portfolio import TODAY, build_portfolio
from tools.figures import draw


async def ask(database: Database, identity: Identity, question: str) -> Answer:
    assistant = Assistant(database, offline_engine(), frozen_clock(TODAY))
    (*_, ready) = [e async for e in assistant.ask(identity, question, surface="chat")]
    assert isinstance(ready, AnswerReady)
    return ready.answer


async def test_a_known_chart_has_its_table_its_query_and_a_figure_of_the_same_values(
    database: Database, identity: Identity
) -> None:
    await build_portfolio(database, identity)
    answer = await ask(database, identity, "Graphique du portefeuille par énergie")
    assert (answer.status, answer.is_drawn, answer.question) == (
        "answered", True, "Graphique du portefeuille par énergie",
    )  # fmt: skip
    (table,), (source,) = answer.tables, answer.citations
    assert isinstance(source, RecordCitation) and "GROUP BY" in source.query
    rows = await find_table_rows(
        database, identity, answer.turn_id, await get_table(database, identity, answer.turn_id, 1)
    )
    assert rows is not None
    figure = draw(rows)
    assert figure is not None
    assert figure["data"][0]["labels"] == [row[0] for row in table.rows]
    assert figure["data"][0]["values"] == [
        float(str(r["sum_annual_amount_eur"])) for r in rows.rows
    ]


async def test_any_distribution_is_drawn_when_asked_and_a_stranger_sees_none_of_it(
    database: Database, identity: Identity, conninfo: str
) -> None:
    await build_portfolio(database, identity)
    asked = "En graphique : Combien de contrats par fournisseur ?"
    answer = await ask(database, identity, asked)
    assert answer.is_drawn and answer.question == asked
    assert answer.tables[0].columns[0].label == "Fournisseur"
    stranger = make_identity(conninfo, "reader", "director")
    none = await ask(database, stranger, "Graphique du portefeuille par énergie")
    assert none.tables[0].rows == ()
    assert none.text.startswith("Il n’y a pas assez de données")


async def test_the_cost_of_the_model_is_drawn_for_a_director_and_refused_to_who_sells(
    database: Database, identity: Identity, conninfo: str
) -> None:
    question = "Graphique : charge et coût du modèle"
    answer = await ask(database, identity, question)
    assert answer.status == "answered" and "model_calls" in answer.citations[0].query  # type: ignore[union-attr]
    sales = make_identity(conninfo, "reader", "sales", tenant_id=identity.tenant_id)
    refused = await ask(database, sales, question)
    assert (refused.status, refused.tables) == ("refused", ())
