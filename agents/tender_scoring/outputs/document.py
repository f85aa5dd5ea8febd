"""French Word documents: language, headings, tables whose header row is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docx import Document
from docx.document import Document as Word
from docx.enum.section import WD_ORIENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.styles.style import ParagraphStyle

from core.office import drop_controls

FRENCH = "fr-FR"
DARK = RGBColor(0x1F, 0x3A, 0x5F)
HEADER_FILL, HEADER_TEXT = "1F3A5F", RGBColor(0xFF, 0xFF, 0xFF)


@dataclass
class FrenchDocument:
    """A document being written; `is_wide` turns its pages to landscape."""

    title: str
    is_wide: bool = False
    word: Word = field(default_factory=Document)

    def __post_init__(self) -> None:
        self.word.core_properties.title = drop_controls(self.title)[:250]
        self.word.core_properties.language = FRENCH
        self.word.core_properties.author = "Voltaire"
        _speak_french(self.word)
        _set_page(self.word, is_wide=self.is_wide)
        self.word.add_heading(drop_controls(self.title), level=0)

    def heading(self, text: str, level: int = 1) -> None:
        """A heading of the outline."""
        self.word.add_heading(drop_controls(text), level=level)

    def paragraph(self, text: str, *, is_quiet: bool = False, style: str | None = None) -> None:
        """A paragraph; quiet ones are small and grey-blue, for sources."""
        run = self.word.add_paragraph(style=style).add_run(drop_controls(text))
        if is_quiet:
            run.italic, run.font.size, run.font.color.rgb = True, Pt(9), DARK

    def bullets(self, lines: Sequence[str]) -> None:
        """A list."""
        for line in lines:
            self.paragraph(line, style="List Bullet")

    def table(
        self, headings: Sequence[str], rows: Sequence[Sequence[str]], widths_cm: Sequence[float]
    ) -> None:
        """A table whose first row is its header, repeated on each page."""
        table = self.word.add_table(rows=1, cols=len(headings), style="Table Grid")
        table.autofit = False
        for cell, heading in zip(table.rows[0].cells, headings, strict=True):
            run = cell.paragraphs[0].add_run(drop_controls(heading))
            run.bold, run.font.color.rgb, run.font.size = True, HEADER_TEXT, Pt(9)
            _shade(cell, HEADER_FILL)
        _mark_header(table.rows[0])
        for values in rows:
            for cell, value in zip(table.add_row().cells, values, strict=True):
                cell.paragraphs[0].add_run(drop_controls(value)).font.size = Pt(9)
        for column, width in zip(table.columns, widths_cm, strict=True):
            column.width = Cm(width)
        for row in table.rows:
            _keep_whole(row)
            for cell, width in zip(row.cells, widths_cm, strict=True):
                cell.width = Cm(width)

    def save(self) -> bytes:
        """The DOCX file."""
        stream = BytesIO()
        self.word.save(stream)
        return stream.getvalue()


def _speak_french(word: Word) -> None:
    """Mark the language on the defaults, so that spelling and screen readers are French."""
    properties = (
        word.styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    )
    language = properties.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        properties.append(language)
    for name in ("w:val", "w:eastAsia"):
        language.set(qn(name), FRENCH)
    normal = word.styles["Normal"]
    if isinstance(normal, ParagraphStyle):
        normal.font.name, normal.font.size = "Calibri", Pt(10.5)


def _set_page(word: Word, *, is_wide: bool) -> None:
    section = word.sections[0]
    short, long = Cm(21), Cm(29.7)
    section.orientation = WD_ORIENT.LANDSCAPE if is_wide else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = (long, short) if is_wide else (short, long)
    section.left_margin = section.right_margin = Cm(1.8)
    section.top_margin = section.bottom_margin = Cm(1.8)
    footer = section.footer.paragraphs[0]
    footer.add_run("Page ")
    _add_field(footer, "PAGE")


def _add_field(paragraph: Any, code: str) -> None:
    run = paragraph.add_run()
    for kind, text in (("begin", None), (None, code), ("end", None)):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)


def _mark_header(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _shade(cell: Any, fill: str) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", fill)):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)
