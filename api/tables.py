"""A table of an answer as a file for a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from agents.portfolio_assistant.models import Column, Table
from core.formats import label_totals
from core.office import defuse, make_text_cell

NUMBER = re.compile(r"^-?\d[\d\u00a0\u202f ]*(?:,\d+)?")
DATE = re.compile(r"^\d{2}/\d{2}/\d{4}$")
BLANKS = re.compile(r"[\u00a0\u202f ]")
WIDEST = 60
Value = str | float | dt.datetime | None


def write_csv(table: Table) -> bytes:
    """`table` as a spreadsheet opens it; a cell that would run as a formula is made text."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.label for column in table.columns])
    for row in table.rows:
        writer.writerow(
            [
                cell if column.is_numeric else defuse(cell)
                for column, cell in zip(table.columns, row, strict=True)
            ]
        )
    if table.totals:
        writer.writerow(label_totals(table.totals))
    return b"\xef\xbb\xbf" + buffer.getvalue().encode()


def write_workbook(table: Table) -> bytes:
    """`table` as an Excel workbook: numbers and dates are values, units go in the headings."""
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("Tableau")
    sheet.freeze_panes = "A2"
    headings = [_head(table, place) for place in range(len(table.columns))]
    for place, heading in enumerate(headings):
        longest = max([len(heading), *(len(row[place]) for row in table.rows)])
        sheet.column_dimensions[get_column_letter(place + 1)].width = min(longest + 2, WIDEST)
    sheet.append([make_text_cell(sheet, heading, is_bold=True) for heading in headings])
    for row in table.rows:
        sheet.append(_make_cells(sheet, table, row))
    if table.totals:
        cells = _make_cells(sheet, table, table.totals, is_bold=True)
        if not table.totals[0]:
            cells[0] = make_text_cell(sheet, "Total", is_bold=True)
        sheet.append(cells)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _make_cells(
    sheet: WriteOnlyWorksheet, table: Table, row: Sequence[str], *, is_bold: bool = False
) -> list[Cell]:
    pairs = zip(row, table.columns, strict=True)
    return [_make_cell(sheet, _value(cell, column), is_bold=is_bold) for cell, column in pairs]


def _make_cell(sheet: WriteOnlyWorksheet, value: Value, *, is_bold: bool) -> Cell:
    if isinstance(value, str):
        return make_text_cell(sheet, value, is_bold=is_bold)
    cell = WriteOnlyCell(sheet, value)
    cell.font = Font(bold=is_bold)
    if isinstance(value, dt.datetime):
        cell.number_format = "DD/MM/YYYY"
    elif isinstance(value, float):
        cell.number_format = "#,##0.##" if value % 1 else "#,##0"
    return cell


def _head(table: Table, place: int) -> str:
    column = table.columns[place]
    unit = _find_unit(column, [row[place] for row in table.rows])
    return f"{column.label} ({unit})" if unit else column.label


def _value(cell: str, column: Column) -> Value:
    if column.is_numeric and (number := NUMBER.match(cell)):
        return float(BLANKS.sub("", number.group()).replace(",", "."))
    if DATE.match(cell):
        return dt.datetime.strptime(cell, "%d/%m/%Y")  # noqa: DTZ007 - a day has no zone
    return cell or None


def _find_unit(column: Column, cells: Sequence[str]) -> str:
    """The unit that every number of the column bears."""
    if not column.is_numeric:
        return ""
    units = {cell[m.end() :].strip() for cell in cells if (m := NUMBER.match(cell))}
    return units.pop() if len(units) == 1 else ""
