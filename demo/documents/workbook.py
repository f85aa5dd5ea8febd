"""A source laid out as an Excel workbook: one sheet per section, typed cells."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from demo.documents.archive import freeze_archive, get_instant
from demo.documents.blocks import Heading, PageBreak, Table, parse_blocks, to_text
from demo.documents.source import Source

Value = str | int | float | date | None

_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(<)")
_TITLE_SIGNS = re.compile(r"[\\/*?:\[\]]")
_CODE_COLUMN = re.compile(
    r"\b(prm|pdl|pce|siret|siren|insee|postal|cp|code|t[ée]l[ée]phone|version|lot)\b"
    r"|^(poste|n°)",
    re.IGNORECASE,
)
_SPACES = "\u00a0\u202f "
_NUMBER = re.compile(rf"([-−]?\d{{1,3}}(?:[{_SPACES}]\d{{3}})+|[-−]?\d+)(?:([.,])(\d+))?")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_FRENCH_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_LONGEST_NUMBER, _LONGEST_YEAR = 11, 4
_MAX_TITLE, _MIN_WIDTH, _MAX_WIDTH = 31, 10, 60


def build_workbook(source: Source) -> bytes:
    """The .xlsx bytes; the same source always gives the same bytes."""
    book = Workbook()
    for sheet in book.worksheets:
        book.remove(sheet)
    for title, tables, remarks in _list_sheets(source):
        sheet = book.create_sheet(_TITLE_SIGNS.sub(" ", title)[:_MAX_TITLE].strip())
        _fill_sheet(sheet, tables, remarks)
    _set_properties(book, source)
    stream = BytesIO()
    book.save(stream)
    return _freeze(stream.getvalue(), get_instant(source.properties))


def parse_value(text: str, column: str = "") -> tuple[Value, str]:
    """The typed value of a French cell and its Excel number format.

    Codes (14-digit PRM, SIRET, postcode, anything under a « code » column) stay text.
    """
    clean = text.strip(_SPACES)
    if not clean:
        return None, "General"
    if _CODE_COLUMN.search(column):
        return clean, "@"
    if (day := _parse_date(clean)) is not None:
        return day, "DD/MM/YYYY"
    number = _parse_number(clean)
    return number if number is not None else (clean, "General")


def _parse_date(text: str) -> date | None:
    if found := _ISO_DATE.fullmatch(text):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := _FRENCH_DATE.fullmatch(text):
        return date(int(found[3]), int(found[2]), int(found[1]))
    return None


def _parse_number(text: str) -> tuple[int | float, str] | None:
    unit = text[-1] if text[-1] in "%€" else ""
    found = _NUMBER.fullmatch(text.removesuffix(unit).rstrip(_SPACES))
    if found is None:
        return None
    whole = re.sub(rf"[{_SPACES}]", "", found[1]).replace("−", "-")
    digits = whole.lstrip("-")
    if len(digits) > _LONGEST_NUMBER or (len(digits) > 1 and digits[0] == "0"):
        return None
    decimals = found[3] or ""
    value = float(f"{whole}.{decimals}") if decimals else int(whole)
    shape = "#,##0" if len(digits) > _LONGEST_YEAR or unit == "€" or found[1] != whole else "0"
    shape += f".{'0' * len(decimals)}" if decimals else ""
    if unit == "%":
        return round(value / 100, len(decimals) + 2), f"{shape} %"
    return value, f'{shape}" €"' if unit else shape


def _list_sheets(source: Source) -> list[tuple[str, list[Table], list[str]]]:
    sheets: list[tuple[str, list[Table], list[str]]] = []
    for block in parse_blocks(source.body):
        if isinstance(block, Heading) and block.level == 2:
            sheets.append((to_text(block.spans), [], []))
        elif sheets and isinstance(block, Table):
            sheets[-1][1].append(block)
        elif sheets and not isinstance(block, PageBreak | Table):
            sheets[-1][2].append(to_text(block.spans))
    return sheets


def _fill_sheet(sheet: Any, tables: Sequence[Table], remarks: Sequence[str]) -> None:
    row = 1
    for table in tables:
        row = _write_table(sheet, table, row) + 1
    for remark in remarks:
        sheet.cell(row, 1, remark).font = Font(italic=True)
        row += 1
    if tables:
        _set_widths(sheet, tables)
        sheet.freeze_panes = "A2"
        last_column = get_column_letter(len(tables[0].header))
        sheet.auto_filter.ref = f"A1:{last_column}{len(tables[0].rows) + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth = 1


def _write_table(sheet: Any, table: Table, row: int) -> int:
    """Write header and rows from `row` on; returns the first free row."""
    names = [to_text(cell) for cell in table.header]
    side = Side(style="thin", color="7F8FA6")
    border = Border(left=side, right=side, top=side, bottom=side)
    for column, name in enumerate(names, start=1):
        cell = sheet.cell(row, column, name)
        cell.font, cell.border = Font(bold=True, color="FFFFFF"), border
        cell.fill = PatternFill("solid", fgColor="1F3A5F")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
    for offset, cells in enumerate(table.rows, start=1):
        for column, spans in enumerate(cells, start=1):
            value, shape = parse_value(to_text(spans), names[column - 1])
            cell = sheet.cell(row + offset, column, value)
            cell.number_format, cell.border = shape, border
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if isinstance(value, str):
                cell.data_type = "s"
    return row + len(table.rows) + 1


def _set_widths(sheet: Any, tables: Sequence[Table]) -> None:
    widths: dict[int, int] = {}
    for table in tables:
        for row in (table.header, *table.rows):
            for column, spans in enumerate(row, start=1):
                widths[column] = max(widths.get(column, 0), len(to_text(spans)))
    for column, width in widths.items():
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = min(max(width + 2, _MIN_WIDTH), _MAX_WIDTH)


def _set_properties(book: Any, source: Source) -> None:
    properties = source.properties
    book.properties.title = properties.title
    book.properties.subject = f"{properties.code} – version {properties.version}"
    book.properties.creator = properties.owner_name.split(",")[0]
    book.properties.lastModifiedBy = book.properties.creator
    book.properties.category = properties.kind
    book.properties.language = "fr-FR"
    book.properties.created = get_instant(properties).replace(tzinfo=None)


def _freeze(data: bytes, instant: datetime) -> bytes:
    """openpyxl stamps the time of saving into the core properties: put the fixed one back."""
    with ZipFile(BytesIO(data)) as archive:
        core = archive.read(_CORE)
    stamp = instant.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return freeze_archive(data, {_CORE: _MODIFIED.sub(rb"\g<1>" + stamp + rb"\g<2>", core)})
