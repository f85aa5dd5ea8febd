"""Tables as they come from any format: cleaned rows, or a list when they are labels and values."""

from __future__ import annotations

import re
from collections.abc import Sequence

from knowledge.models import Block, Box

NBSP = "\u00a0"
_DIGIT = re.compile(r"\d")


def table_blocks(
    rows: Sequence[Sequence[str | None]],
    *,
    page: int,
    box: Box | None = None,
    has_header: bool | None = None,
) -> list[Block]:
    """Blocks for one table.

    `has_header` tells whether the first row is one (None: guessed). A two-column table without
    header is a list of labels and values and becomes « Libellé : valeur » items; a first row
    that is one merged cell becomes the sentence before the table.
    """
    cells = _clean(rows)
    blocks: list[Block] = []
    while len(cells) > 1 and len(cells[0]) > 1 and len(_filled(cells[0])) == 1:
        blocks.append(Block("text", _filled(cells[0])[0], page, box))
        cells = _clean(cells[1:])
        has_header = None
    if not cells:
        return blocks
    if len(cells[0]) == 1:
        return [*blocks, *(Block("text", row[0], page, box) for row in cells)]
    if has_header is None:
        has_header = len(cells) > 1 and not _is_label_list(cells)
    if not has_header and len(cells[0]) == 2:
        return [*blocks, *(_label_item(row, page, box) for row in cells)]
    if not has_header:
        cells = [("",) * len(cells[0]), *cells]
    return [*blocks, Block("table", "", page, box, rows=tuple(cells))]


def _clean(rows: Sequence[Sequence[str | None]]) -> list[tuple[str, ...]]:
    """Rows of one width, blanks normalised, empty rows and columns dropped."""
    width = max((len(row) for row in rows), default=0)
    filled = [
        tuple(_clean_cell(row[at]) if at < len(row) else "" for at in range(width)) for row in rows
    ]
    kept = [at for at in range(width) if any(row[at] for row in filled)]
    return [tuple(row[at] for at in kept) for row in filled if any(row)]


def _clean_cell(cell: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", cell or "").strip()


def _filled(row: Sequence[str]) -> list[str]:
    return [cell for cell in dict.fromkeys(row) if cell]


def _is_label_list(rows: Sequence[Sequence[str]]) -> bool:
    """Two columns that open on a label and a figure, as a sheet of properties does."""
    if len(rows[0]) != 2:
        return False
    label, value = rows[0]
    return label.endswith(":") or bool(_DIGIT.search(value) and not _DIGIT.search(label))


def _label_item(row: Sequence[str], page: int, box: Box | None) -> Block:
    label, value = row[0].rstrip(f" {NBSP}:"), row[1]
    text = f"{label}{NBSP}: {value}" if label and value else label or value
    return Block("list_item", text, page, box)
