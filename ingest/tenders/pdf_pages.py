"""PDF pieces read page by page: exact page text, boxes, tables, scans, and what is hidden."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import pdfplumber

from ingest.errors import UnreadableFile
from ingest.readers.file_types import encrypted
from ingest.readers.layout import to_blocks
from ingest.readers.pdf import asks_password, is_scan, recognize_page
from ingest.tenders.layout import Line, Reader, drop_summary, make_units
from ingest.tenders.texts import Cell, HiddenText, PieceText, Place, Unit

TINY_SIZE = 5.0
EDGE_LIMIT = 3000
PAGE_LIMIT = 2000
WHITE = 0.97


class _Page:
    """A page's text, its lines and its tables, before furniture is told from content."""

    def __init__(self, number: int, text: str, *, is_ocr: bool = False) -> None:
        self.number = number
        self.text = text
        self.is_ocr = is_ocr
        self.lines: list[Line] = []
        self.tables: list[list[tuple[float, float, list[str]]]] = []
        self.hidden: list[HiddenText] = []
        self.refusal: UnreadableFile | None = None


def read_pdf_piece(path: Path) -> PieceText:
    """The text of a PDF: each page's is pdfplumber's own, hidden words taken out.

    A scanned page that cannot be recognised is left without text. Raises UnreadableFile for a
    file that asks for a password, or whose every page is such a scan.
    """
    try:
        document: Any = pdfplumber.open(str(path))
    except Exception as error:
        if asks_password(error):
            raise encrypted() from error
        raise
    with document:
        if len(document.pages) > PAGE_LIMIT:
            raise UnreadableFile(
                f"Le PDF compte plus de {PAGE_LIMIT} pages. Découpez-le puis redéposez-le."
            )
        pages: list[_Page] = []
        for page in document.pages:
            pages.append(_read_scan(path, page) if is_scan(page) else _read_page(page))
            page.close()
    refusals = [page.refusal for page in pages if page.refusal is not None]
    if refusals and len(refusals) == len(pages):
        raise refusals[0]
    return _assemble(pages)


def _read_page(page: Any) -> _Page:
    seen = page
    hidden = _find_hidden(page)
    if hidden:
        ids = {id(char) for char in hidden}
        seen = page.filter(_leave_out(ids))
    text = seen.extract_text() or ""
    read = _Page(page.page_number, text)
    read.hidden = _describe_hidden(hidden, page.page_number)
    sizes = [float(char["size"]) for char in seen.chars]
    body = median(sizes) if sizes else 10.0
    at = 0
    previous = None
    for found in seen.extract_text_lines():
        start = text.find(found["text"], at)
        if start < 0:
            continue
        at = start + len(found["text"])
        line = _make_line(found, start, body, previous)
        read.lines.append(line)
        previous = line
    if len(page.edges) < EDGE_LIMIT:
        read.tables = _read_tables(seen)
    return read


def _leave_out(ids: set[int]) -> Callable[[dict[str, Any]], bool]:
    return lambda drawn: id(drawn) not in ids


def _make_line(found: dict[str, Any], start: int, body: float, previous: Line | None) -> Line:
    chars = [char for char in found["chars"] if char["text"].strip()]
    bold = sum("bold" in str(c["fontname"]).lower() or "black" in str(c["fontname"]).lower()
               for c in chars)  # fmt: skip
    size = median([float(c["size"]) for c in chars]) if chars else body
    weight = 1.0 + 0.5 * (bold > 0.8 * len(chars)) + max(0.0, size / body - 1.08)
    gap = found["top"] - previous.bottom if previous else 0.0
    return Line(
        found["text"], start, weight, float(found["top"]), float(found["bottom"]),
        float(found["x1"]), is_break=gap > 0.75 * size,
    )  # fmt: skip


def _read_tables(page: Any) -> list[list[tuple[float, float, list[str]]]]:
    tables: list[list[tuple[float, float, list[str]]]] = []
    for table in page.find_tables():
        rows = table.extract()
        if len(rows) < 2 or max(len(row) for row in rows) < 2:
            continue
        tables.append(
            [
                (float(row.bbox[1]), float(row.bbox[3]), [cell or "" for cell in cells])
                for row, cells in zip(table.rows, rows, strict=True)
            ]
        )
    return tables


def _find_hidden(page: Any) -> list[dict[str, Any]]:
    fills = [rect for rect in page.rects if rect.get("fill") and not _is_white(rect)]
    return [
        char
        for char in page.chars
        if (float(char["size"]) < TINY_SIZE or _is_white(char))
        and not (_is_white(char) and float(char["size"]) >= TINY_SIZE and _lies_on(char, fills))
    ]


def _is_white(drawn: dict[str, Any]) -> bool:
    color = drawn.get("non_stroking_color")
    if color is None:
        return False
    parts = [float(part) for part in (color if isinstance(color, list | tuple) else [color])
             if isinstance(part, int | float)]  # fmt: skip
    if len(parts) == 4:
        return max(parts) < 1 - WHITE
    return bool(parts) and min(parts) >= WHITE


def _lies_on(char: dict[str, Any], rects: list[dict[str, Any]]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return any(r["x0"] <= x <= r["x1"] and r["top"] <= y <= r["bottom"] for r in rects)


def _describe_hidden(chars: list[dict[str, Any]], number: int) -> list[HiddenText]:
    if sum(char["text"].strip() != "" for char in chars) < 8:
        return []
    lines: dict[int, list[str]] = {}
    for char in chars:
        lines.setdefault(round(char["top"]), []).append(char["text"])
    text = " ".join("".join(line) for _, line in sorted(lines.items()))
    how = "texte blanc" if any(_is_white(char) for char in chars) else "texte minuscule"
    return [HiddenText(re.sub(r"\s+", " ", text).strip(), how, page=number)]


def _read_scan(path: Path, page: Any) -> _Page:
    try:
        recognized = recognize_page(path, page)
    except UnreadableFile as refusal:
        unread = _Page(page.page_number, "")
        unread.refusal = refusal
        return unread
    parts: list[str] = []
    read = _Page(page.page_number, "", is_ocr=True)
    at = 0
    top = 0.0
    for block in to_blocks([recognized]):
        if block.rows:
            rows: list[tuple[float, float, list[str]]] = []
            for row in block.rows:
                text = " ".join(cell for cell in row if cell)
                read.lines.append(Line(text, at, 1.0, top, top + 1))
                rows.append((top, top + 1, list(row)))
                parts.append(text)
                at, top = at + len(text) + 1, top + 2
            read.tables.append(rows)
            continue
        weight = 1.5 if block.kind == "heading" else 1.0
        read.lines.append(Line(block.text, at, weight, top, top + 1, is_break=True))
        parts.append(block.text)
        at, top = at + len(block.text) + 1, top + 2
    read.text = "\n".join(parts)
    return read


def _assemble(pages: list[_Page]) -> PieceText:
    furniture = _find_furniture(pages)
    parts: list[str] = []
    units: list[Unit] = []
    places: list[Place] = []
    reader = Reader()
    offset = 0
    tables = 0
    source = "\f".join(page.text for page in pages)
    for page in pages:
        lines = [
            Line(line.text, line.start + offset, line.weight, line.top, line.bottom, line.x1,
                 line.is_break)
            for line in page.lines
            if (page.number, line.start) not in furniture
        ]  # fmt: skip
        places += [Place(offset, page.number, is_ocr=page.is_ocr), *(
            Place(line.start, page.number, is_ocr=page.is_ocr,
                  box=None if page.is_ocr else (0.0, line.top, line.x1, line.bottom))
            for line in lines)]  # fmt: skip
        units += _page_units(drop_summary(lines), page, reader, source, tables)
        tables += len(page.tables)
        parts.append(page.text)
        offset += len(page.text) + 1
    return PieceText(
        text=source,
        units=tuple(units),
        places=tuple(places),
        pages=len(pages),
        ocr_pages=tuple(page.number for page in pages if page.is_ocr),
        unread_pages=tuple(page.number for page in pages if page.refusal is not None),
        hidden=tuple(hidden for page in pages for hidden in page.hidden),
        head=" ".join(source[:2500].split()),
    )


def _page_units(
    lines: list[Line], page: _Page, reader: Reader, source: str, first_table: int
) -> list[Unit]:
    """Units in reading order: text above a table, its rows, text below."""
    units: list[Unit] = []
    pending: list[Line] = []
    done: set[int] = set()
    for line in lines:
        middle = (line.top + line.bottom) / 2
        held = next(
            (n for n, rows in enumerate(page.tables) if rows[0][0] <= middle <= rows[-1][1]), None
        )
        if held is None:
            pending.append(line)
            continue
        if held not in done:
            done.add(held)
            units += make_units(pending, reader, source)
            pending = []
            rows = page.tables[held]
            units += _table_units(rows, lines, reader, source, first_table + held)
    return units + make_units(pending, reader, source)


def _table_units(
    rows: list[tuple[float, float, list[str]]],
    lines: list[Line],
    reader: Reader,
    source: str,
    number: int,
) -> list[Unit]:
    units: list[Unit] = []
    for top, bottom, cells in rows:
        inside = [ln for ln in lines if top <= (ln.top + ln.bottom) / 2 <= bottom]
        if not inside or not any(cells):
            continue
        start, end = inside[0].start, inside[-1].start + len(inside[-1].text)
        placed = tuple(_place_cell(cell, source, start, end) for cell in cells)
        text = re.sub(r"\s", " ", source[start:end])
        units.append(Unit("row", text, start, end, reader.section, reader.lead, placed, number))
    return units


def _place_cell(cell: str, source: str, start: int, end: int) -> Cell:
    """The cell where its words follow one another, else where its longest line stands."""
    text = " ".join(cell.split())
    for candidate in [cell, *sorted(cell.split("\n"), key=len, reverse=True)]:
        words = [re.escape(word) for word in candidate.split()]
        found = re.compile(r"\s+".join(words)).search(source, start, end) if words else None
        if found:
            return Cell(text, found.start(), found.end())
    return Cell(text, start, start)


def _find_furniture(pages: list[_Page]) -> set[tuple[int, int]]:
    """First and last lines that come back from page to page, digits apart."""
    if len(pages) < 3:
        return set()
    edges = [(page.number, line) for page in pages if not page.is_ocr
             for line in (*page.lines[:2], *page.lines[-2:])]  # fmt: skip
    counts = Counter(_mask(line.text) for _, line in dict.fromkeys(edges))
    least = max(2, len(pages) // 2)
    return {(number, line.start) for number, line in edges if counts[_mask(line.text)] >= least}


def _mask(text: str) -> str:
    return re.sub(r"\d+", "#", text.strip())
