"""A cited passage marked in yellow on its page, in a copy of the PDF."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any

import pdfplumber
from pypdfium2 import raw

from core.errors import InvalidInput
from core.pdfium import open_pdf

YELLOW = (255, 214, 0, 255)
SAME_LINE_PT = 3
UNMARKABLE = (
    "Le passage ne peut pas être surligné\u00a0: cette pièce est un PDF abîmé ou protégé par un "
    "mot de passe. Ouvrez la pièce telle qu’elle a été reçue, ou demandez-en une copie à "
    "l’acheteur."
)


@dataclass(frozen=True)
class _Line:
    """A stretch of a line, in PDF points from the bottom left of the page."""

    left: float
    bottom: float
    right: float
    top: float


def highlight(content: bytes, page: int, quote: str, near_top: float | None = None) -> bytes:
    """The PDF with `quote` marked on `page` (from 1); as it was where the words are not found.

    `near_top`, in points from the top of the page, tells which one is meant of several. Raises
    InvalidInput for a file that is damaged or asks for a password.
    """
    try:
        lines = _find_lines(content, page, quote, near_top)
        return _mark(content, page, lines) if lines else content
    except Exception as error:  # a damaged file raises whatever its reader stumbles on
        raise InvalidInput(UNMARKABLE) from error


def _find_lines(content: bytes, page: int, quote: str, near_top: float | None) -> list[_Line]:
    pattern = r"\s+".join(map(re.escape, quote.split()))
    with pdfplumber.open(BytesIO(content)) as document:
        if not pattern or not 1 <= page <= len(document.pages):
            return []
        shown: Any = document.pages[page - 1]
        found: list[dict[str, Any]] = shown.search(pattern, return_groups=False)
        if not found:
            return []
        meant = min(found, key=lambda m: abs(m["top"] - (near_top or 0)))
        chars = sorted(meant["chars"], key=lambda c: (round(c["top"] / SAME_LINE_PT), c["x0"]))
        lines = groupby(chars, key=lambda c: round(c["top"] / SAME_LINE_PT))
        return [_bound(list(held), float(shown.height)) for _, held in lines]


def _bound(chars: list[dict[str, Any]], height: float) -> _Line:
    return _Line(
        min(c["x0"] for c in chars), height - max(c["bottom"] for c in chars),
        max(c["x1"] for c in chars), height - min(c["top"] for c in chars),
    )  # fmt: skip


def _mark(content: bytes, page: int, lines: list[_Line]) -> bytes:
    with open_pdf(content) as document:
        shown = document[page - 1]
        note = raw.FPDFPage_CreateAnnot(shown.raw, raw.FPDF_ANNOT_HIGHLIGHT)
        raw.FPDFAnnot_SetColor(note, raw.FPDFANNOT_COLORTYPE_Color, *YELLOW)
        whole = raw.FS_RECTF(
            min(line.left for line in lines), max(line.top for line in lines),
            max(line.right for line in lines), min(line.bottom for line in lines),
        )  # fmt: skip
        raw.FPDFAnnot_SetRect(note, whole)
        for line in lines:
            corners = raw.FS_QUADPOINTSF(
                line.left, line.top, line.right, line.top,
                line.left, line.bottom, line.right, line.bottom,
            )  # fmt: skip
            raw.FPDFAnnot_AppendAttachmentPoints(note, corners)
        raw.FPDFPage_CloseAnnot(note)
        shown.close()
        stream = BytesIO()
        document.save(stream)
        return stream.getvalue()
