"""Tables taken away: values in a workbook, nothing that runs."""

from __future__ import annotations

import io

from openpyxl import load_workbook

from agents.portfolio_assistant.models import Column, Table
from api.tables import write_workbook

TABLE = Table(
    number=1,
    title="Contrats",
    columns=(
        Column(name="reference", label="Référence", is_numeric=False),
        Column(name="volume", label="Volume annuel", is_numeric=True),
        Column(name="end_on", label="Échéance", is_numeric=False),
    ),
    rows=(
        ("CT-1", "1\u202f234,5\u00a0MWh", "03/02/2027"),
        ("=HYPERLINK(1)", "–", "–"),
    ),
    totals=("", "1\u202f234,5\u00a0MWh", ""),
    total_rows=2,
)


def test_a_workbook_holds_numbers_and_days_as_values_and_texts_as_texts() -> None:
    sheet = load_workbook(io.BytesIO(write_workbook(TABLE))).active
    assert sheet is not None
    head, first, second, total = sheet.iter_rows()
    assert [cell.value for cell in head] == ["Référence", "Volume annuel (MWh)", "Échéance"]
    assert [cell.value for cell in first][:2] == ["CT-1", 1234.5]
    assert str(first[2].value) == "2027-02-03 00:00:00"
    assert (second[0].value, second[0].data_type) == ("=HYPERLINK(1)", "s")
    assert [cell.value for cell in total] == ["Total", 1234.5, None]
