"""A source laid out as a paginated PDF with a text layer."""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    Flowable,
    LongTable,
    SimpleDocTemplate,
    Spacer,
    TableStyle,
)
from reportlab.platypus import PageBreak as NewPage
from reportlab.platypus import Paragraph as TextFlow

from demo.documents.blocks import (
    Block,
    Heading,
    ListItem,
    PageBreak,
    Paragraph,
    Span,
    Spans,
    Table,
    parse_blocks,
    to_text,
)
from demo.documents.cartouche import WARNINGS, list_identification, write_footer, write_header
from demo.documents.source import FIRM, Properties, Source

# Vera comes with reportlab, so the bytes do not depend on the machine's fonts; what it lacks
# is written otherwise.
_SUBSTITUTES = str.maketrans(
    {
        "\u202f": "\u00a0",
        "\u2009": "\u00a0",
        "\u2011": "-",
        "\u2082": "2",
        "→": ">",
        "☐": "[ ]",
        "☑": "[x]",
        "✓": "x",
        "Δ": "écart ",
        "Σ": "somme ",
    }
)
_FACES = ("Vera", "VeraBd", "VeraIt", "VeraBI")
_BLUE = colors.HexColor("#1F3A5F")
_SHADE = colors.HexColor("#DCE6F1")
_MARGIN = 2 * cm
_FRAME_PADDING = 6  # reportlab keeps this much inside each margin
_WIDTH = A4[0] - 2 * _MARGIN
_MAX_COLUMN_SHARE = 60


def build_pdf(source: Source) -> bytes:
    """The .pdf bytes; the same source always gives the same bytes."""
    _register_fonts()
    stream = BytesIO()
    template = SimpleDocTemplate(
        stream,
        pagesize=A4,
        leftMargin=_MARGIN - _FRAME_PADDING,
        rightMargin=_MARGIN - _FRAME_PADDING,
        topMargin=2.3 * cm,
        bottomMargin=2 * cm,
        title=source.properties.title,
        author=source.properties.owner_name.split(",")[0],
        subject=f"{source.properties.code} – version {source.properties.version}",
        creator=FIRM,
        lang="fr-FR",
        invariant=1,
    )
    template.build(_list_flowables(source), canvasmaker=_make_canvas_class(source.properties))
    return stream.getvalue()


def list_missing_characters(text: str) -> set[str]:
    """Characters the PDF font cannot draw, once the known substitutes are made."""
    _register_fonts()
    font: Any = pdfmetrics.getFont("Vera")
    glyphs = font.face.charToGlyph
    return {c for c in text.translate(_SUBSTITUTES) if c != "\n" and ord(c) not in glyphs}


@cache
def _register_fonts() -> None:
    for face in _FACES:
        pdfmetrics.registerFont(TTFont(face, f"{face}.ttf"))
    pdfmetrics.registerFontFamily("Vera", *_FACES)


@cache
def _get_style(name: str) -> ParagraphStyle:
    body = ParagraphStyle("body", fontName="Vera", fontSize=9, leading=12.6, spaceAfter=5)
    sizes = {"h1": 16, "h2": 12, "h3": 10.5, "h4": 9.5}
    if name in sizes:
        size = sizes[name]
        return ParagraphStyle(
            name,
            parent=body,
            fontName="VeraBd",
            fontSize=size,
            leading=size * 1.3,
            textColor=_BLUE,
            spaceBefore=0 if name == "h1" else 9,
            spaceAfter=8 if name == "h1" else 4,
            keepWithNext=1,
        )
    if name == "cell":
        return ParagraphStyle(name, parent=body, fontSize=8, leading=10.2, spaceAfter=0)
    return body


def _list_flowables(source: Source) -> list[Flowable]:
    blocks = parse_blocks(source.body)
    heading = [_to_flowable(blocks.pop(0))] if isinstance(blocks[0], Heading) else []
    flowables = [*heading, *_list_identification(source.properties)]
    for block in blocks:
        flowables.append(_to_flowable(block))
        if isinstance(block, Table):
            flowables.append(Spacer(1, 0.3 * cm))
    return flowables


def _list_identification(properties: Properties) -> list[Flowable]:
    lines = list_identification(properties)
    if not lines:
        return []
    rows = [[_to_cell((Span(a, bold=True),)), _to_cell((Span(b),))] for a, b in lines]
    table = LongTable(rows, colWidths=[3.6 * cm, _WIDTH - 3.6 * cm], style=_get_ruling(0))
    flowables: list[Flowable] = [table, Spacer(1, 0.4 * cm)]
    if properties.status in WARNINGS:
        warning = (Span(WARNINGS[properties.status], bold=True),)
        flowables.append(TextFlow(_to_markup(warning), _get_style("body")))
    return flowables


def _to_flowable(block: Block) -> Flowable:
    match block:
        case Heading(level, spans):
            return TextFlow(_to_markup(spans), _get_style(f"h{min(level, 4)}"))
        case Paragraph(spans):
            return TextFlow(_to_markup(spans), _get_style("body"))
        case ListItem(depth, number, spans):
            bullet = "•" if number is None else f"{number}."
            return TextFlow(_to_markup(spans), _get_item_style(depth), bulletText=bullet)
        case Table():
            return _to_table(block)
        case PageBreak():
            return NewPage()


@cache
def _get_item_style(depth: int) -> ParagraphStyle:
    indent = 16 * (depth + 1)
    return ParagraphStyle(
        f"item{depth}",
        parent=_get_style("body"),
        leftIndent=indent + 4,
        bulletIndent=indent - 12,
        bulletFontName="Vera",
        bulletFontSize=9,
        spaceAfter=3,
    )


def _to_table(block: Table) -> LongTable:
    header = [_to_cell(tuple(Span(s.text, bold=True) for s in cell)) for cell in block.header]
    rows = [[_to_cell(cell) for cell in row] for row in block.rows]
    return LongTable(
        [header, *rows], colWidths=_share_width(block), style=_get_ruling(1), repeatRows=1
    )


def _share_width(block: Table) -> list[float]:
    """Column widths in points: by the square root of the longest text, never under its words."""
    columns = list(zip(block.header, *block.rows, strict=True))
    texts = [[to_text(cell) for cell in column] for column in columns]
    wishes = [min(max(len(t) for t in column), _MAX_COLUMN_SHARE) ** 0.6 for column in texts]
    floors = [max(_measure_longest_word(t) for t in column) + 10 for column in texts]
    spare = max(_WIDTH - sum(floors), 0)
    widths = [f + spare * w / sum(wishes) for f, w in zip(floors, wishes, strict=True)]
    return [width * _WIDTH / sum(widths) for width in widths]


def _measure_longest_word(text: str) -> float:
    words = text.translate(_SUBSTITUTES).split(" ")
    return max(pdfmetrics.stringWidth(word, "VeraBd", 8) for word in words)


def _get_ruling(header_rows: int) -> TableStyle:
    shaded = ("BACKGROUND", (0, 0), (-1, 0) if header_rows else (0, -1), _SHADE)
    return TableStyle(
        [
            ("GRID", (0, 0), (-1, -1), 0.5, colors.HexColor("#7F8FA6")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 4),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
            shaded,
        ]
    )


def _to_cell(spans: Spans) -> TextFlow:
    return TextFlow(_to_markup(spans), _get_style("cell"))


def _to_markup(spans: Spans) -> str:
    return "".join(_mark_up(span) for span in spans)


def _mark_up(span: Span) -> str:
    text = escape(span.text.translate(_SUBSTITUTES)).replace("\n", "<br/>")
    text = f"<i>{text}</i>" if span.italic else text
    return f"<b>{text}</b>" if span.bold else text


def _make_canvas_class(properties: Properties) -> type[Canvas]:
    """A canvas that holds its pages back until their number is known, for « Page x / y »."""

    start_page: Callable[[Canvas], None] = getattr(Canvas, "_startPage")  # noqa: B009

    class NumberedCanvas(Canvas):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            self._held: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self._held.append(dict(self.__dict__))
            start_page(self)

        def save(self) -> None:
            for number, state in enumerate(self._held, start=1):
                self.__dict__.update(state)
                _draw_running_lines(self, properties, number, len(self._held))
                super().showPage()
            super().save()

    return NumberedCanvas


def _draw_running_lines(canvas: Canvas, properties: Properties, number: int, total: int) -> None:
    canvas.setFont("Vera", 7.5)
    canvas.setFillColor(colors.HexColor("#44546A"))
    canvas.drawString(_MARGIN, A4[1] - 1.4 * cm, write_header(properties).translate(_SUBSTITUTES))
    canvas.line(_MARGIN, A4[1] - 1.55 * cm, A4[0] - _MARGIN, A4[1] - 1.55 * cm)
    canvas.drawString(_MARGIN, 1.1 * cm, write_footer(properties))
    canvas.drawRightString(A4[0] - _MARGIN, 1.1 * cm, f"Page {number} / {total}")
