"""Word, Excel and text pieces read with the place of each paragraph or cell."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

from ingest.readers.file_types import read_text
from ingest.tenders.layout import Line, Reader, make_units
from ingest.tenders.texts import Cell, HiddenText, PieceText, Place, Sheet, Unit

ROW_LIMIT = 20_000
COLUMN_LIMIT = 80
TINY_POINTS = 5


def read_word_piece(path: Path) -> PieceText:
    """Paragraphs numbered as «§n» (empty ones count), table rows, hidden runs kept apart."""
    import docx
    from docx.table import Table

    document: Any = docx.Document(str(path))
    builder = _Builder()
    number = tables = 0
    for block in document.iter_inner_content():
        if isinstance(block, Table):
            _add_table(builder, block, tables)
            tables += 1
            continue
        number += 1
        visible, hidden = _split_runs(block)
        if hidden:
            builder.hidden.append(HiddenText(hidden, "texte masqué", loc=f"§{number}"))
        if visible.strip():
            builder.add_paragraph(visible, f"§{number}", _style(block))
    for section in document.sections[:1]:
        for part in (section.header, section.footer):
            builder.furniture += [p.text for p in part.paragraphs if p.text.strip()]
    return builder.build()


def _style(paragraph: Any) -> str:
    name = str(paragraph.style.name if paragraph.style is not None else "").lower()
    if name.startswith(("heading", "titre", "title", "sous-titre", "subtitle")):
        return "heading"
    has_number = paragraph._p.pPr is not None and paragraph._p.pPr.numPr is not None
    return "item" if has_number or "list" in name or "liste" in name else ""


def _split_runs(paragraph: Any) -> tuple[str, str]:
    hidden: list[str] = []
    shown: list[str] = []
    for run in paragraph.iter_inner_content():
        font = getattr(run, "font", None)
        (hidden if font is not None and _is_hidden(font) else shown).append(run.text)
    told = "".join(hidden).strip()
    return ("".join(shown), told) if len(told) >= 8 else (paragraph.text, "")


def _is_hidden(font: Any) -> bool:
    color = font.color.rgb if font.color is not None and font.color.type is not None else None
    is_tiny = font.size is not None and font.size.pt < TINY_POINTS
    return bool(font.hidden) or is_tiny or (color is not None and str(color) == "FFFFFF")


def _add_table(builder: _Builder, table: Any, number: int) -> None:
    for at, row in enumerate(table.rows, 1):
        texts: list[str] = []
        previous: Any = None
        for cell in row.cells:
            if previous is not None and cell._tc is previous._tc:
                continue
            texts.append(" ".join(cell.text.split()))
            previous = cell
        builder.add_row(texts, f"tableau {number + 1}, ligne {at}", number)


def read_workbook_piece(path: Path) -> PieceText:
    """Every sheet, row by row; each row is placed at its first cell («Feuille!A3»)."""
    import openpyxl

    builder = _Builder()
    workbook: Any = openpyxl.load_workbook(BytesIO(path.read_bytes()), data_only=True)
    try:
        for number, sheet in enumerate(workbook.worksheets):
            _add_sheet(builder, sheet, number)
    finally:
        workbook.close()
    return builder.build()


def _add_sheet(builder: _Builder, sheet: Any, number: int) -> None:
    merged = _merged_values(sheet)
    rows: list[tuple[str, ...]] = []
    is_hidden = sheet.sheet_state != "visible"
    for at, row in enumerate(sheet.iter_rows(max_col=min(sheet.max_column, COLUMN_LIMIT)), 1):
        if at > ROW_LIMIT:
            break
        texts = [_show(merged.get((cell.row, cell.column), cell.value)) for cell in row]
        unseen = [t for t, cell in zip(texts, row, strict=True) if len(t) > 20 and _is_white(cell)]
        for text in unseen:
            builder.hidden.append(HiddenText(text, "texte blanc", loc=f"{sheet.title}!ligne {at}"))
        texts = [t if t not in unseen else "" for t in texts]
        rows.append(tuple(texts))
        if any(texts):
            builder.add_row(texts, f"{sheet.title}!A{at}", number, sheet=sheet.title, row=at)
    builder.sheets.append(Sheet(sheet.title, tuple(rows), is_hidden))


def _is_white(cell: Any) -> bool:
    color = cell.font.color if cell.font is not None else None
    is_white = color is not None and color.type == "rgb" and str(color.rgb).endswith("FFFFFF")
    fill = cell.fill.fill_type if cell.fill is not None else None
    return is_white and fill is None


def _merged_values(sheet: Any) -> dict[tuple[int, int], Any]:
    """The value of a merged range, repeated down its rows (a lot's name beside its points)."""
    values: dict[tuple[int, int], Any] = {}
    for found in sheet.merged_cells.ranges:
        if found.max_col > found.min_col or found.max_row - found.min_row > ROW_LIMIT:
            continue
        value = sheet.cell(found.min_row, found.min_col).value
        for row in range(found.min_row, found.max_row + 1):
            values[row, found.min_col] = value
    return values


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime):
        return f"{value:%d/%m/%Y}" if value.time() == dt.time() else f"{value:%d/%m/%Y %H:%M}"
    return re.sub(r"\s+", " ", str(value)).strip()


def read_text_piece(path: Path) -> PieceText:
    """A plain text file, line by line."""
    builder = _Builder()
    for number, line in enumerate(read_text(path).splitlines(), 1):
        if line.strip():
            builder.add_paragraph(line, f"ligne {number}", "")
    return builder.build()


class _Builder:
    """Grows a piece's text paragraph by paragraph."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.units: list[Unit] = []
        self.places: list[Place] = []
        self.hidden: list[HiddenText] = []
        self.sheets: list[Sheet] = []
        self.furniture: list[str] = []
        self.reader = Reader()
        self.at = 0

    def add_paragraph(self, text: str, loc: str, style: str) -> None:
        """A paragraph at `loc`; its line breaks are kept in the text."""
        start = self._add(text, loc)
        if style == "heading":
            title = " ".join(text.split())
            self.reader.section, self.reader.lead = title, ""
            self.units.append(Unit("heading", title, start, start + len(text), title))
            return
        lead = self.reader.lead
        made = [
            replace(unit, start=unit.start + start, end=unit.end + start)
            for unit in make_units([Line(text, 0, is_break=True)], self.reader, text)
        ]
        if style == "item" or (lead and text[:1].islower()):
            made = [Unit("item", u.text, u.start, u.end, u.section, lead) for u in made
                    if u.kind != "heading"] or made  # fmt: skip
            if not text.rstrip().endswith(":"):
                self.reader.lead = lead
        self.units += made

    def add_row(
        self, texts: list[str], loc: str, table: int, *, sheet: str = "", row: int = 0
    ) -> None:
        """A table row; its cells are joined by a bar."""
        start = self._add(" | ".join(texts), loc)
        cells: list[Cell] = []
        at = start
        for text in texts:
            cells.append(Cell(text, at, at + len(text)))
            at += len(text) + 3
        section = sheet or self.reader.section
        shown = self.parts[-1]
        self.units.append(
            Unit("row", shown, start, start + len(shown), section, self.reader.lead,
                 tuple(cells), table)
        )  # fmt: skip
        if sheet:
            self.places.pop()
            self.places += [
                Place(cell.start, loc=f"{sheet}!{_column(n)}{row}") for n, cell in enumerate(cells)
            ]

    def _add(self, text: str, loc: str) -> int:
        start = self.at
        self.parts.append(text)
        self.places.append(Place(start, loc=loc))
        self.at += len(text) + 1
        return start

    def build(self) -> PieceText:
        """The piece as read."""
        text = "\n".join(self.parts)
        head = " ".join(" ".join((*self.furniture, text[:2500])).split())
        return PieceText(
            text=text,
            units=tuple(self.units),
            places=tuple(self.places),
            hidden=tuple(self.hidden),
            sheets=tuple(self.sheets),
            head=head,
        )


def _column(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
