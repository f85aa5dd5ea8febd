"""Charts: how they are asked for, and the figure drawn from rows."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID, uuid4

import pytest

from agents.portfolio_assistant.models import Answer, Column, Table
from chat.drawing import list_charts, list_drawings
from chat.texts import NBSP
from crm.query_parts import OutputColumn
from tools.charts import CHARTS, find_chart, find_drawing
from tools.figures import draw, may_draw
from tools.outputs import Rows

GROUP = OutputColumn(
    name="family", label="Famille", kind="enum", object="non_conformities", field="family"
)
COUNT = OutputColumn(name="count", label="Nombre de non-conformités", kind="number")
SHARE = OutputColumn(name="share", label="Part", kind="percent", unit="%")
MONTH = OutputColumn(name="end_on_month", label="Mois", kind="month")
MONEY = OutputColumn(
    name="sum_annual_amount_eur", label="Montant annuel (total)", kind="money", unit="€"
)


def make_rows(columns: tuple[OutputColumn, ...], rows: list[dict[str, Any]]) -> Rows:
    return Rows(
        label="Essai",
        columns=columns,
        rows=tuple(rows),
        total_rows=len(rows),
        query="SELECT 1",
        executed_at=dt.datetime(2026, 11, 16, tzinfo=dt.UTC),
    )


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("graphique du portefeuille par énergie", "portefeuille par énergie"),
        ("Montrez-moi un graphique des non-conformités par famille", "non-conformités par famille"),
        (f"Graphique{NBSP}: portefeuille par échéance", "portefeuille par échéance"),
        (
            f"En graphique{NBSP}: Quel volume par fournisseur{NBSP}?",
            f"Quel volume par fournisseur{NBSP}?",
        ),
        ("Le volume par fournisseur en graphique", "Le volume par fournisseur"),
        ("un camembert de l’énergie", "énergie"),
        ("Quels contrats arrivent à échéance ?", None),
        ("La représentation graphique du logo est-elle imposée ?", None),
    ],
)
def test_a_chart_is_asked_for_in_several_ways(question: str, wanted: str | None) -> None:
    assert find_drawing(question) == wanted


@pytest.mark.parametrize(
    ("wanted", "key"),
    [
        ("portefeuille par énergie", "energy"),
        ("contrats par énergie", "energy"),
        ("portefeuille par date de fin", "end_date"),
        ("contrats par échéance", "end_date"),
        ("pipeline", "pipeline"),
        ("pipeline des appels d’offres", "pipeline"),
        ("appels d’offres par statut", "pipeline"),
        ("échéances", "deadlines"),
        ("préavis à envoyer", "deadlines"),
        ("non-conformités par famille", "families"),
        ("NC par famille", "families"),
        ("charge et coût", "costs"),
        ("Quel volume par fournisseur ?", None),
        ("non-conformités de Celtis Gaz par gravité", None),
    ],
)
def test_a_known_chart_is_found_by_its_words(wanted: str, key: str | None) -> None:
    found = find_chart(wanted)
    assert (found.key if found else None) == key


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.key)
def test_the_sentence_of_a_button_finds_its_own_chart(chart: Any) -> None:
    assert find_chart(find_drawing(chart.request) or "") is chart


def test_few_shares_make_a_ring_whose_values_are_those_of_the_rows() -> None:
    rows = make_rows(
        (GROUP, COUNT, SHARE),
        [
            {"family": "billing", "count": 6, "share": "75.00"},
            {"family": "delay", "count": 2, "share": "25.00"},
        ],
    )
    figure = draw(rows)
    assert figure is not None
    (ring,) = figure["data"]
    assert (ring["type"], ring["labels"], ring["values"]) == (
        "pie",
        ["Facturation", "Délai"],
        [6.0, 2.0],
    )


def test_months_make_bars_in_their_order_with_amounts_in_french() -> None:
    rows = make_rows(
        (MONTH, MONEY, COUNT),
        [
            {"end_on_month": "2026-12", "sum_annual_amount_eur": "1234.50", "count": 3},
            {"end_on_month": "2027-01", "sum_annual_amount_eur": None, "count": 1},
        ],
    )
    figure = draw(rows)
    assert figure is not None
    bars, line = figure["data"]
    assert bars["x"] == ["décembre 2026", "janvier 2027"]
    assert bars["y"] == [1234.5, 0.0]
    assert bars["hovertext"] == ["1\u202f234,50\u00a0€", "–"]
    assert line["yaxis"] == "y2"


@pytest.mark.parametrize(
    ("columns", "count"),
    [
        (["family", "count"], 1),
        (["reference", "end_on"], 5),
        (["a", "b", "count"], 5),
        (["family", "count"], 25),
    ],
)
def test_a_single_group_a_list_or_too_many_bars_are_not_drawn(
    columns: list[str], count: int
) -> None:
    assert not may_draw(columns, count)


def make_answer(table: Table, *, is_drawn: bool) -> Answer:
    return Answer(
        turn_id=uuid4(),
        conversation_id=uuid4(),
        question="Combien par famille ?",
        status="answered",
        text="",
        tables=(table,),
        engine="offline",
        is_model=False,
        is_drawn=is_drawn,
        duration_ms=1,
    )


def make_table(names: tuple[str, ...], object_: str, run: UUID | None) -> Table:
    columns = tuple(Column(name=n, label=n, is_numeric=n == "count") for n in names)
    return Table(
        number=1,
        title="T",
        columns=columns,
        rows=(("a", "1"), ("b", "2")),
        total_rows=2,
        run_id=run,
        object=object_,
    )


def test_a_table_of_figures_offers_its_own_chart_and_a_list_the_chart_of_its_records() -> None:
    figures = make_table(("family", "count"), "non_conformities", uuid4())
    records = make_table(("reference", "end_on"), "contracts", uuid4())
    assert list_drawings(make_answer(figures, is_drawn=False)) == [
        f"En graphique{NBSP}: Combien par famille ?"
    ]
    assert list_drawings(make_answer(records, is_drawn=False)) == [
        f"Graphique{NBSP}: portefeuille par échéance"
    ]
    drawn = make_answer(figures, is_drawn=True)
    assert list_drawings(drawn) == []
    assert [chart.url for chart in list_charts(drawn)] == [
        f"/api/v1/turns/{drawn.turn_id}/tables/1/figure"
    ]
    assert list_charts(make_answer(records, is_drawn=True)) == []
