"""Word documents: text by unstructured, heading styles and header rows by python-docx."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import docx
from docx.table import Table

from ingest.readers.elements import (
    clean_text,
    looks_like_heading,
    numbering_depth,
    to_blocks,
    use_local_language_pipeline,
)
from ingest.readers.file_types import DOCX
from ingest.readers.titles import find_title
from knowledge.models import Block, ParsedDocument


def read_word(path: Path) -> ParsedDocument:
    """Paragraphs, lists and tables of a DOCX; pages only where Word recorded page breaks."""
    use_local_language_pipeline()
    from unstructured.partition.docx import partition_docx

    document: Any = docx.Document(str(path))
    styled = _styled_headings(document)
    flags = {_row_key(_first_row(table)): _header_flag(table) for table in document.tables}

    def level(element: Any) -> int:
        text = clean_text(element.text)
        if styled:
            return styled.get(text, 0)
        return max(1, numbering_depth(text)) if looks_like_heading(text) else 0

    def has_header(rows: Sequence[Sequence[str]]) -> bool | None:
        return flags.get(_row_key(rows[0])) if rows else None

    elements = partition_docx(filename=str(path), languages=["fra"], infer_table_structure=True)
    blocks = tuple(to_blocks(elements, heading_level=level, has_header=has_header))
    page_count = max((block.page for block in blocks), default=1)
    return ParsedDocument(_stated_title(document, blocks), DOCX.media_type, page_count, blocks)


def _styled_headings(document: Any) -> dict[str, int]:
    """Level of each text set in a heading style; the style « Titre » comes above « Titre 1 »."""
    found: dict[str, int] = {}
    for paragraph in document.paragraphs:
        level = _style_level(paragraph.style)
        if level is not None and paragraph.text.strip():
            found.setdefault(clean_text(paragraph.text), level)
    shift = 0 if 0 not in found.values() else 1
    return {text: level + shift for text, level in found.items()}


def _style_level(style: Any) -> int | None:
    while style is not None:
        name = str(style.name or "").lower()
        if name in ("title", "titre"):
            return 0
        if name.startswith(("heading ", "titre ")) and name[-1].isdigit():
            return int(name[-1])
        style = style.base_style
    return None


def _stated_title(document: Any, blocks: Sequence[Block]) -> str | None:
    for paragraph in document.paragraphs:
        if _style_level(paragraph.style) == 0 and paragraph.text.strip():
            return str(paragraph.text).strip()
    stated = find_title(document.core_properties.title)
    return stated or next((block.text for block in blocks if block.kind == "heading"), None)


def _first_row(table: Table) -> list[str]:
    return [cell.text for cell in table.rows[0].cells] if len(table.rows) else []


def _row_key(row: Sequence[str]) -> str:
    return "".join("".join(dict.fromkeys(row)).split())


def _header_flag(table: Table) -> bool | None:
    """True for a row marked or set in bold as a header, False for bold labels in a column."""
    rows = list(table.rows)
    if not rows:
        return None
    if table._element.xpath("./w:tr[1]/w:trPr/w:tblHeader"):  # pyright: ignore[reportPrivateUsage]
        return True
    first_row = [_is_bold(cell) for cell in rows[0].cells if cell.text.strip()]
    first_column = [_is_bold(row.cells[0]) for row in rows if row.cells and row.cells[0].text]
    if len(rows) > 1 and first_column and all(first_column) and not all(first_row):
        return False
    if first_row and all(first_row) and not all(first_column):
        return True
    return None


def _is_bold(cell: Any) -> bool:
    runs = [run for paragraph in cell.paragraphs for run in paragraph.runs if run.text.strip()]
    return bool(runs) and all(run.bold for run in runs)
