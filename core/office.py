"""What the files of an office suite are called and may hold, whoever writes them."""

from __future__ import annotations

import re
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font

_OPEN_XML = "application/vnd.openxmlformats-officedocument."
WORD_TYPE = f"{_OPEN_XML}wordprocessingml.document"
SLIDES_TYPE = f"{_OPEN_XML}presentationml.presentation"
SHEET_TYPE = f"{_OPEN_XML}spreadsheetml.sheet"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MOST_CELL_CHARS = 32_000


def drop_controls(text: str) -> str:
    """The text without the control characters that XML forbids."""
    return CONTROLS.sub("", text)


def clean_cell(text: str) -> str:
    """The text as a cell holds it: without control characters, within the cell's limit."""
    return drop_controls(text)[:MOST_CELL_CHARS]


def defuse(text: str) -> str:
    """A text that a spreadsheet would run as a formula, made a text."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def make_text_cell(sheet: Any, text: str, *, is_bold: bool = False) -> Cell:
    """A cell of a write-only sheet that stays a text, whatever it begins with."""
    cell: Any = WriteOnlyCell(sheet, clean_cell(text))
    cell.data_type = "s"
    cell.quotePrefix = text.startswith(FORMULA_STARTS)
    if is_bold:
        cell.font = Font(bold=True)
    return cell
