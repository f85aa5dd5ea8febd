"""Lists of records as files for spreadsheets, under the rights of whoever asks."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any, Literal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.utils import get_column_letter

from core.context import PARIS, Context
from core.errors import InvalidInput
from core.formats import NBSP, format_number
from core.office import clean_cell, defuse, make_text_cell
from crm.catalogue import NUMERIC_KINDS, BusinessObject
from crm.objects import OBJECTS, get_object
from crm.queries import compose_list
from crm.query_parts import Filter, OutputColumn, RelatedFilter

Form = Literal["csv", "xlsx"]
MOST_ROWS = 50_000
BOM = b"\xef\xbb\xbf"
WIDEST, NARROWEST = 48, 10
NUMBER_FORMATS = {"date": "DD/MM/YYYY", "instant": "DD/MM/YYYY HH:MM"}


@dataclass(frozen=True)
class Export:
    """A file and the name to save it under."""

    name: str
    content: bytes


async def export_list(
    context: Context,
    name: str,
    form: Form,
    *,
    filters: Sequence[Filter] = (),
    related: Sequence[RelatedFilter] = (),
    columns: Sequence[str] = (),
    order_by: str | None = None,
    descending: bool = False,
) -> Export:
    """The records that meet the conditions, those the user sees; every field unless `columns` say.

    Raises InvalidInput past `MOST_ROWS`.
    """
    declared = get_object(name)
    statement = compose_list(
        name, filters, related, columns or list_all_columns(declared), order_by, descending,
        MOST_ROWS, most=MOST_ROWS,
    )  # fmt: skip
    async with context.database.transaction(context.identity) as connection:
        rows = await (await connection.execute(statement.text, statement.parameters)).fetchall()
    if rows and rows[0]["total_rows"] > MOST_ROWS:
        told = format_number(MOST_ROWS)
        raise InvalidInput(f"La liste compte plus de {told} lignes. Ajoutez des conditions.")
    write = write_csv if form == "csv" else partial(write_workbook, declared.plural)
    content = await asyncio.to_thread(write, statement.columns, rows)
    return Export(f"voltaire-{declared.plural}-{context.today.isoformat()}.{form}", content)


def list_all_columns(declared: BusinessObject) -> list[str]:
    """Every field, then what the record is linked to, by its name; its client tells homonyms."""
    linked = [f"{step}.{OBJECTS[link.target].title}" for step, link in declared.links.items()]
    if "account" in declared.paths:
        linked.append("account.name")
    return [*(field.name for field in declared.fields), *linked]


def write_csv(columns: Sequence[OutputColumn], rows: Sequence[dict[str, Any]]) -> bytes:
    """UTF-8 with its mark, semicolons, decimal commas; a text that would run is made plain."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow([defuse(name_column(column)) for column in columns])
    for row in rows:
        writer.writerow([_write_plain(row[c.name], c) for c in columns])
    return BOM + buffer.getvalue().encode()


def write_workbook(
    title: str, columns: Sequence[OutputColumn], rows: Sequence[dict[str, Any]]
) -> bytes:
    """One sheet: real dates and numbers, codes and texts as texts, whatever they begin with."""
    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = title, "Voltaire"
    sheet: Any = book.create_sheet(title[:31].capitalize())
    sheet.freeze_panes = "A2"
    for rank, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(rank)].width = _width(column, rows)
    sheet.append([make_text_cell(sheet, name_column(column), is_bold=True) for column in columns])
    for row in rows:
        sheet.append([_make_value(sheet, row[c.name], c) for c in columns])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(rows) + 1}"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def name_column(column: OutputColumn) -> str:
    """The heading, with the unit of its numbers, as an import understands it."""
    return f"{column.label} ({column.unit})" if _has_unit(column) else column.label


def _has_unit(column: OutputColumn) -> bool:
    return bool(column.unit) and column.unit[0] != "/" and column.unit not in column.label


def _write_plain(value: Any, column: OutputColumn) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dt.datetime):
        return f"{value.astimezone(PARIS):%d/%m/%Y %H:%M}"
    if isinstance(value, dt.date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, Decimal | int | float) and column.kind in NUMERIC_KINDS:
        return _plain(Decimal(str(value))).replace(".", ",")
    return defuse(_write_words(value, column))


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _write_words(value: Any, column: OutputColumn) -> str:
    if column.kind == "enum" and column.object in OBJECTS:
        return OBJECTS[column.object].by_name[column.field].choice_label(str(value))
    if isinstance(value, list):
        return f"{NBSP}; ".join(str(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}{NBSP}: {item}" for key, item in value.items())
    return clean_cell(str(value))


def _make_value(sheet: Any, value: Any, column: OutputColumn) -> Any:
    if value is None:
        return None
    if isinstance(value, dt.date):
        is_instant = isinstance(value, dt.datetime)
        naive: Any = value.astimezone(PARIS).replace(tzinfo=None) if is_instant else value
        cell: Any = WriteOnlyCell(sheet, naive)
        cell.number_format = NUMBER_FORMATS["instant" if is_instant else "date"]
        return cell
    if isinstance(value, Decimal | int | float) and not isinstance(value, bool):
        return value
    words = ("oui" if value else "non") if isinstance(value, bool) else _write_words(value, column)
    return make_text_cell(sheet, words)


def _width(column: OutputColumn, rows: Sequence[dict[str, Any]]) -> int:
    longest = max((len(str(row[column.name] or "")) for row in rows[:200]), default=0)
    return min(WIDEST, max(NARROWEST, len(name_column(column)) + 2, longest + 2))
