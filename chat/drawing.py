"""The charts of an answer: those to draw with it, and the sentence that asks for another."""

from __future__ import annotations

from uuid import NAMESPACE_URL, uuid5

from agents.portfolio_assistant.models import Answer, Table
from chat.elements import Chart
from core.addresses import API
from core.formats import NBSP
from tools.charts import CHARTS
from tools.figures import may_draw

DRAW = "Voir le graphique"
OF_OBJECT = {
    "contracts": "end_date", "tenders": "pipeline", "non_conformities": "families",
}  # fmt: skip
"""The chart that goes with a list of records."""


def list_charts(answer: Answer) -> list[Chart]:
    """The charts that the answer was asked for."""
    if not answer.is_drawn:
        return []
    return [
        Chart(
            id=str(uuid5(NAMESPACE_URL, f"{answer.turn_id}/graphique/{table.number}")),
            name=f"Graphique {table.number}",
            url=f"{API}/turns/{answer.turn_id}/tables/{table.number}/figure",
        )
        for table in answer.tables
        if _may_draw(table)
    ]


def list_drawings(answer: Answer) -> list[str]:
    """What to ask to see a chart of the answer's tables: at most one question."""
    if answer.is_drawn:
        return []
    for table in answer.tables:
        if _may_draw(table):
            return [f"En graphique{NBSP}: {answer.question}"]
        key = OF_OBJECT.get(table.object)
        if key and table.total_rows > 1 and any(c.name == "reference" for c in table.columns):
            return [chart.request for chart in CHARTS if chart.key == key]
    return []


def _may_draw(table: Table) -> bool:
    return table.run_id is not None and may_draw(
        [column.name for column in table.columns], len(table.rows)
    )
