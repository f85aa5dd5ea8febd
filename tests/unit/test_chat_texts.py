"""The tables of the chat page, as Markdown."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest

from agents.portfolio_assistant.models import (
    Answer,
    Column,
    DocumentCitation,
    RecordCitation,
    Table,
)
from api.answers import describe_engine
from chat.citations import describe_document, describe_records
from chat.texts import write_engine, write_table

ID = UUID(int=1)
COLUMNS = (
    Column(name="name", label="Compte", is_numeric=False),
    Column(name="end", label="Fin", is_numeric=False),
    Column(name="volume", label="Volume (MWh)", is_numeric=True),
)


def _write(*rows: tuple[str, ...], totals: tuple[str, ...], total_rows: int) -> list[str]:
    table = Table(
        number=1, title="Contrats", columns=COLUMNS, rows=rows, totals=totals, total_rows=total_rows
    )
    answer = Answer(
        turn_id=ID, conversation_id=ID, question="q", status="answered", text="t", tables=(table,),
        engine="test", is_model=False, duration_ms=1,
    )  # fmt: skip
    return [line for line in write_table(table, answer).splitlines() if line]


def test_totals_are_the_last_row_in_bold() -> None:
    lines = _write(
        ("Fonderie", "03/02/2027", "1 200"), ("Lycée", "–", "90"),
        totals=("", "", "1 290"), total_rows=2,
    )  # fmt: skip
    assert lines[1:6] == [
        "| Compte | Fin | Volume (MWh) |",
        "| --- | --- | ---: |",
        "| Fonderie | 03/02/2027 | 1 200 |",
        "| Lycée | – | 90 |",
        "| **Total** |  | **1 290** |",
    ]


@pytest.mark.parametrize("shown", [1, 20])
def test_a_table_without_totals_has_no_row_for_them(shown: int) -> None:
    lines = _write(*[("Lycée", "–", "90")] * shown, totals=(), total_rows=shown)
    assert not any("Total" in line for line in lines)


def test_totals_follow_the_rows_shown_of_a_long_table() -> None:
    lines = _write(*[("Lycée", "–", "90")] * 50, totals=("", "", "6 300"), total_rows=70)
    assert lines[-2:] == [
        "| **Total** |  | **6 300** |",
        f"50 lignes affichées sur 70. [Tableau CSV](/api/v1/turns/{ID}/tables/1.csv) · "
        f"[Tableau Excel](/api/v1/turns/{ID}/tables/1.xlsx)",
    ]


def test_an_answer_of_the_rules_in_the_model_s_place_says_so_and_why() -> None:
    answer = Answer(
        turn_id=ID, conversation_id=ID, question="q", status="answered", text="t",
        engine="moteur déterministe (sans modèle)", is_model=False, duration_ms=400,
        fallback_reason="Le modèle est surchargé.",
    )  # fmt: skip
    said = write_engine(answer)
    assert said == (
        "Le moteur déterministe a répondu à la place du modèle. Le modèle est surchargé. · "
        "0,4\u00a0s"
    )
    assert describe_engine(answer.model_dump()).startswith(said.partition(" · ")[0])


def test_a_calculation_tells_of_lines_and_a_list_of_records() -> None:
    one = UUID(int=1)
    run = RecordCitation(
        number=1, label="Calcul sur les contrats", tool="aggregate_records", tool_run_id=one,
        record_ids=(), total_rows=3, query="", executed_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    )  # fmt: skip
    assert "3\u00a0lignes tirées de votre CRM" in describe_records(run)
    listed = describe_records(run.model_copy(update={"record_ids": (one,)}), ["CT-1 – A [x](y)"])
    assert "3\u00a0fiches de votre CRM" in listed
    assert listed.endswith("- CT-1 – A \\[x\\](y)\n- et 2\u00a0autres")


@pytest.mark.parametrize("passage", ["Le préavis est de trois mois.", "", None])
def test_a_document_that_is_no_longer_open_has_no_link_to_it(passage: str | None) -> None:
    quote = "Le préavis est de trois mois."
    citation = DocumentCitation(
        number=1, document_id=ID, version_id=ID, code="PR-08", title="Contrats",
        version_label="3.1", status="in_force", valid_from=None, valid_to=None, section="4.6",
        page=2, quote=quote, chunk_id=7, start=0, end=len(quote),
    )  # fmt: skip
    told = describe_document(citation, passage)
    is_open = passage is not None
    assert (f"/documents/{ID}" in told, quote in told) == (is_open, is_open)
