"""PDF files by pdfplumber: words with their boxes, ruled tables, scanned pages recognised."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect

from core.pdfium import open_pdf
from ingest.readers.file_types import PDF, encrypted
from ingest.readers.layout import Page, Word, make_lines, order_items, to_blocks
from ingest.readers.recognition import recognize
from ingest.readers.scans import Grid, erase_rules, find_grids, straighten
from ingest.readers.tables import table_blocks
from ingest.readers.titles import find_title
from knowledge.models import Block, Box, ParsedDocument

if TYPE_CHECKING:
    from PIL.Image import Image

SCAN_DPI = 300
LONGEST_SIDE_PX = 5000
EDGE_LIMIT = 4000
LEAST_LETTERS = 12


def read_pdf(path: Path) -> ParsedDocument:
    """Blocks with page and box; pages without text are recognised and listed in `ocr_pages`."""
    try:
        document: Any = pdfplumber.open(str(path))
    except Exception as error:
        if asks_password(error):
            raise encrypted() from error
        raise
    with document:
        pages: list[Page] = []
        recognized: list[int] = []
        for page in document.pages:
            if is_scan(page):
                pages.append(recognize_page(path, page))
                recognized.append(page.page_number)
            else:
                pages.append(_read_page(page))
            page.close()
        stated = find_title((document.metadata or {}).get("Title"))
    blocks = tuple(to_blocks(pages))
    title = stated or next((block.text for block in blocks if block.kind == "heading"), None)
    return ParsedDocument(title, PDF.media_type, max(1, len(pages)), blocks, tuple(recognized))


def asks_password(error: BaseException | None) -> bool:
    """Tell whether a PDF library failed for want of a password."""
    seen = 0
    while error is not None and seen < 5:
        if isinstance(error, PDFPasswordIncorrect | PDFEncryptionError):
            return True
        inner = [each for each in error.args if isinstance(each, BaseException)]
        error, seen = error.__cause__ or error.__context__ or next(iter(inner), None), seen + 1
    return False


def is_scan(page: Any) -> bool:
    """Tell whether a page of pdfplumber is a picture, or holds letters without a meaning."""
    text = "".join(char["text"] for char in page.chars)
    letters = sum(char.isalnum() for char in text)
    is_garbled = text.count("(cid:") * 6 > max(letters, 1)
    has_picture = bool(page.images) or (letters == 0 and len(page.curves) > 20)
    return (letters < LEAST_LETTERS and has_picture) or is_garbled


def _read_page(page: Any) -> Page:
    tables: list[Block] = []
    boxes: list[Box] = []
    found = page.find_tables() if len(page.edges) < EDGE_LIMIT else []
    for table in found:
        rows = table.extract()
        if len(rows) < 2 or max(len(row) for row in rows) < 2:
            continue
        box = _box(table.bbox)
        tables += table_blocks(
            rows, page=page.page_number, box=box, has_header=_has_header(page, table)
        )
        boxes.append(box)
    words = [
        _word(each)
        for each in page.extract_words(extra_attrs=["fontname", "size"])
        if not any(_is_inside(each, box) for box in boxes)
    ]
    items = tuple(order_items(words, tables, float(page.width)))
    return Page(page.page_number, float(page.height), items)


def _word(found: dict[str, Any]) -> Word:
    name = str(found["fontname"]).lower()
    return Word(
        str(found["text"]),
        float(found["x0"]),
        float(found["top"]),
        float(found["x1"]),
        float(found["bottom"]),
        float(found["size"]),
        any(mark in name for mark in ("bold", "black", "heavy", "-bd")),
    )


def _box(bounds: Any) -> Box:
    x0, top, x1, bottom = (round(float(value), 2) for value in bounds)
    return (x0, top, x1, bottom)


def _is_inside(word: dict[str, Any], box: Box) -> bool:
    x, y = (word["x0"] + word["x1"]) / 2, (word["top"] + word["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _has_header(page: Any, table: Any) -> bool | None:
    """True for a first row in bold, False for a first column in bold, None without bold."""
    rows = [[cell for cell in row.cells if cell] for row in table.rows]
    if not rows or not rows[0]:
        return None
    first_row = [_is_bold(page, cell) for cell in rows[0]]
    first_column = [_is_bold(page, row[0]) for row in rows if row]
    if all(first_row):
        return True
    return False if len(rows) > 1 and all(first_column) else None


def _is_bold(page: Any, cell: Any) -> bool:
    chars = page.crop(cell, strict=False).chars
    return bool(chars) and all("bold" in str(char["fontname"]).lower() for char in chars)


def recognize_page(path: Path, page: Any) -> Page:
    """The words and tables of a scanned page. Raises UnreadableFile without a recognizer."""
    width, height = float(page.width), float(page.height)
    scale = min(SCAN_DPI / 72, LONGEST_SIDE_PX / max(width, height, 1))
    image = straighten(_render(path, page.page_number, scale))
    grids = find_grids(image)
    words = recognize(erase_rules(image, grids), scale=scale)
    tables: list[Block] = []
    for grid in grids:
        found, words = _fill_grid(grid, words, scale, page.page_number)
        tables += found
    return Page(page.page_number, height, tuple(order_items(words, tables, width)))


def _render(path: Path, number: int, scale: float) -> Image:
    with open_pdf(path) as document:
        shown: Any = document[number - 1]
        return shown.render(scale=scale, grayscale=True).to_pil().convert("L")


def _fill_grid(
    grid: Grid, words: Sequence[Word], scale: float, page: int
) -> tuple[list[Block], list[Word]]:
    """The table's blocks, and the words that lie outside it."""
    cells: dict[tuple[int, int], list[Word]] = {}
    outside: list[Word] = []
    for word in words:
        middle = (word.x0 + word.x1) / 2 * scale, (word.top + word.bottom) / 2 * scale
        place = grid.locate(*middle)
        if place is None:
            outside.append(word)
        elif word.text.strip("|[]_—"):
            cells.setdefault(place, []).append(word)
    rows = [
        [
            " ".join(line.text for line in make_lines(cells.get((row, column), ())))
            for column in range(len(grid.xs) - 1)
        ]
        for row in range(len(grid.ys) - 1)
    ]
    box = _box(each / scale for each in (grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1]))
    return table_blocks(rows, page=page, box=box), outside
