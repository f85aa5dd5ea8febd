"""Minutes as a PDF, with its title and language set for screen readers."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import Paragraph as Flowing
from reportlab.platypus import SimpleDocTemplate, Spacer, Table, TableStyle

from agents.meeting_synthesis.output.document import Block, Bullets, Cell, Grid, Heading, Paragraph
from agents.meeting_synthesis.output.telling import tell_sources

ACCENT = colors.HexColor("#0B4F6C")
WIDTHS: dict[int, tuple[float, ...]] = {
    2: (1.4, 15.6),
    4: (1.4, 8.0, 3.6, 4.0),
}
FONTS = Path("/usr/share/fonts/truetype/dejavu")


@lru_cache(maxsize=1)
def _fonts() -> tuple[str, str]:
    """DejaVu where the system has it (every character), else the built-in Helvetica."""
    regular, bold = FONTS / "DejaVuSans.ttf", FONTS / "DejaVuSans-Bold.ttf"
    if not (regular.is_file() and bold.is_file()):
        return "Helvetica", "Helvetica-Bold"
    pdfmetrics.registerFont(TTFont("VoltaireText", str(regular)))
    pdfmetrics.registerFont(TTFont("VoltaireBold", str(bold)))
    return "VoltaireText", "VoltaireBold"


def write_pdf(blocks: Iterable[Block]) -> bytes:
    """The PDF of the minutes."""
    parts = list(blocks)
    title = next((b.text for b in parts if isinstance(b, Heading) and b.level == 1), "Compte rendu")
    written = io.BytesIO()
    document = SimpleDocTemplate(
        written, pagesize=A4, leftMargin=2 * cm, rightMargin=2 * cm, topMargin=2 * cm,
        bottomMargin=2 * cm, title=title, author="Voltaire", lang="fr-FR",
    )  # fmt: skip
    document.build([flow for block in parts for flow in _flow(block)])
    return written.getvalue()


def _flow(block: Block) -> list[Any]:
    match block:
        case Heading(level, text):
            return [Spacer(1, 6), Flowing(escape(text), _style(level)), Spacer(1, 3)]
        case Paragraph(cell):
            return [Flowing(_write(cell), _style(0)), Spacer(1, 4)]
        case Bullets(cells):
            return [Flowing(_write(cell), _style(0), bulletText="•") for cell in cells]
        case Grid(header, rows):
            return [_table(header, rows), Spacer(1, 6)]


def _table(header: tuple[str, ...], rows: tuple[tuple[Cell, ...], ...]) -> Table:
    data = [[Flowing(f"{escape(label)}", _style(4)) for label in header]]
    data += [[Flowing(_write(cell), _style(0)) for cell in row] for row in rows]
    is_people = header[0] == "Nom"
    widths = (4.6, 4.8, 5.4, 2.2) if is_people else WIDTHS[len(header)]
    table = Table(data, colWidths=[width * cm for width in widths], repeatRows=1)
    table.setStyle(
        TableStyle(
            [
                ("GRID", (0, 0), (-1, -1), 0.4, colors.grey),
                ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E3EEF2")),
                ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ]
        )
    )
    return table


def _write(cell: Cell) -> str:
    told = _printable(tell_sources(cell.quotes, with_words=cell.is_reworded))
    apart = "<br/>" if cell.is_reworded else " "
    shown = escape(told if cell.is_reworded else f"[{told}]")
    source = f'{apart}<font size="7.5" color="#505050">{shown}</font>' if told else ""
    return escape(_printable(cell.text)) + source


def _printable(text: str) -> str:
    """The built-in fonts lack the narrow space."""
    return text if _fonts()[0] != "Helvetica" else text.replace("\u202f", "\u00a0")


@lru_cache(maxsize=8)
def _style(level: int) -> ParagraphStyle:
    regular, bold = _fonts()
    sizes = {0: 9.5, 1: 16, 2: 13, 3: 11, 4: 9.5}
    is_text = level == 0
    return ParagraphStyle(
        f"level{level}", fontName=regular if is_text else bold, fontSize=sizes[level],
        leading=sizes[level] * 1.32, textColor=colors.black if level in (0, 4) else ACCENT,
        bulletIndent=4, leftIndent=0,
    )  # fmt: skip
