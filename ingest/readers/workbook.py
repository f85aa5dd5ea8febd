"""Excel workbooks by openpyxl, which alone keeps number formats: « 5 % », « 01/02/2026 »."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import openpyxl

from ingest.readers.file_types import XLSX
from ingest.readers.tables import table_blocks
from ingest.readers.titles import find_title
from knowledge.models import Block, ParsedDocument

NBSP = "\u00a0"
THIN_SPACE = "\u202f"
_DECIMALS = re.compile(r"[0#](?:\.(0+))?")


def read_workbook(path: Path) -> ParsedDocument:
    """Each visible sheet is a page: a heading, then its tables, parted by empty rows."""
    workbook: Any = openpyxl.load_workbook(str(path), read_only=True, data_only=True)
    try:
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        blocks: list[Block] = []
        for page, sheet in enumerate(sheets, start=1):
            content = [block for rows in _regions(sheet) for block in table_blocks(rows, page=page)]
            if content:
                blocks += [Block("heading", sheet.title, page, level=1), *content]
        title = find_title(workbook.properties.title)
        return ParsedDocument(title, XLSX.media_type, max(1, len(sheets)), tuple(blocks))
    finally:
        workbook.close()


def _regions(sheet: Any) -> Iterator[list[list[str]]]:
    """Runs of rows between empty ones."""
    sheet.reset_dimensions()
    region: list[list[str]] = []
    for row in sheet.iter_rows():
        texts = [_format_cell(cell) for cell in row]
        if any(texts):
            region.append(texts)
        elif region:
            yield _aligned(region)
            region = []
    if region:
        yield _aligned(region)


def _aligned(rows: Sequence[list[str]]) -> list[list[str]]:
    width = max(len(row) for row in rows)
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _format_cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, dt.date | dt.time):
        return _format_moment(value)
    if isinstance(value, int | float):
        return _format_number(value, str(cell.number_format or "General"))
    return str(value)


def _format_moment(value: dt.date | dt.time) -> str:
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    has_time = isinstance(value, dt.datetime) and value.time() != dt.time()
    return f"{value:%d/%m/%Y %H:%M}" if has_time else f"{value:%d/%m/%Y}"


def _format_number(value: float, pattern: str) -> str:
    """`value` as its cell shows it; a bare integer keeps its digits together (codes, years)."""
    pattern = pattern.split(";", maxsplit=1)[0]
    found = _DECIMALS.search(pattern)
    decimals = len(found[1]) if found and found[1] else 0
    if "%" in pattern:
        return f"{value * 100:.{decimals}f}".replace(".", ",") + f"{NBSP}%"
    if pattern in ("General", "@") or found is None:
        return f"{value:.10g}".replace(".", ",") if isinstance(value, float) else str(value)
    grouping = "," in pattern or "# ##" in pattern
    shown = f"{value:,.{decimals}f}" if grouping else f"{value:.{decimals}f}"
    shown = shown.replace(",", THIN_SPACE).replace(".", ",")
    return f"{shown}{NBSP}€" if "€" in pattern else shown
