"""Minutes as a Word file: the firm's template gives the look, its styles are kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from agents.meeting_synthesis.output.document import Block, Bullets, Cell, Grid, Heading, Paragraph
from agents.meeting_synthesis.output.telling import tell_sources
from core.errors import InvalidInput

LANGUAGE = "fr-FR"
TABLE_STYLE = "Table Grid"
SOURCE_STYLE = "Source"
ACCENT = RGBColor(0x0B, 0x4F, 0x6C)
PADDING_TWIPS = "40"
GREY = RGBColor(0x50, 0x50, 0x50)
WIDTHS: dict[tuple[str, ...], tuple[float, ...]] = {
    ("N°", "Décision et source"): (1.2, 15.8),
    ("N°", "Action et source", "Responsable", "Échéance"): (1.2, 8.2, 3.4, 4.2),
    ("Nom", "Organisation", "Fonction", "Présence"): (4.4, 4.5, 5.2, 2.9),
}
BAD_TEMPLATE = (
    "Le modèle Word ne peut pas être ouvert. Enregistrez-le au format .docx, sans mot de passe, ou "
    "repartez de « voltaire minutes --export-template modele.docx »."
)


def write_word(blocks: Iterable[Block], template: bytes | None = None) -> bytes:
    """The .docx of the minutes, within `template` (the default one when None).

    The template's headers, footers, margins and styles are kept; its body is replaced. Raises
    InvalidInput when it cannot be opened.
    """
    document = _open(template or make_template())
    _clear(document)
    styles = {str(style.name): str(style.style_id) for style in document.styles}
    title = ""
    for block in blocks:
        if isinstance(block, Heading) and block.level == 1:
            title = block.text
        _add(document, block, styles)
    document.core_properties.language = LANGUAGE
    document.core_properties.title = title
    document.core_properties.subject = "Compte rendu de réunion"
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def make_template() -> bytes:
    """The default template: an accessible style sheet, to be edited in Word at will."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2)
    _set_style(document, "Normal", 10.5, None)
    for name, size in (("Title", 20), ("Heading 1", 15), ("Heading 2", 12.5)):
        _set_style(document, name, size, ACCENT)
    source: Any = document.styles.add_style(SOURCE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
    source.base_style = document.styles["Normal"]
    source.font.size, source.font.color.rgb = Pt(8.5), GREY
    _set_default_language(document)
    _add_page_number(document)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def _open(template: bytes) -> WordDocument:
    try:
        return Document(io.BytesIO(template))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise InvalidInput(BAD_TEMPLATE) from error


def _clear(document: WordDocument) -> None:
    body: Any = document.element.body
    for child in list(body):
        if child.tag != qn("w:sectPr"):
            body.remove(child)


def _add(document: WordDocument, block: Block, styles: Mapping[str, str]) -> None:
    match block:
        case Heading(level, text):
            name = "Title" if level == 1 else f"Heading {level - 1}"
            _add_paragraph(document, styles.get(name)).add_run(text)
        case Paragraph(cell):
            _write_cell(_add_paragraph(document, None), cell)
        case Bullets(cells):
            for cell in cells:
                _write_cell(_add_paragraph(document, styles.get("List Bullet")), cell)
        case Grid():
            _add_table(document, block)


def _add_paragraph(document: WordDocument, style_id: str | None) -> Any:
    """A paragraph of this style (the template's default when it has none of that name).

    The id is set as such: the library looks through every style each time it is given a name.
    """
    paragraph: Any = document.add_paragraph()
    if style_id is not None:
        paragraph._p.style = style_id
    return paragraph


def _add_table(document: WordDocument, grid: Grid) -> None:
    table = document.add_table(rows=1, cols=len(grid.header))
    table.style = _find_style(document, TABLE_STYLE)
    table.autofit = False
    _pad(table)
    for place, label in enumerate(grid.header):
        paragraph = table.rows[0].cells[place].paragraphs[0]
        run = paragraph.add_run(label)
        run.bold = True
        _shade(table.rows[0].cells[place])
    _repeat_as_header(table.rows[0])
    widths = WIDTHS.get(grid.header, ())
    rows = [table.rows[0].cells, *(table.add_row().cells for _ in grid.rows)]
    for cells, row in zip(rows[1:], grid.rows, strict=True):
        for place, cell in enumerate(row):
            _write_cell(cells[place].paragraphs[0], cell)
    for place, width in enumerate(widths):
        table.columns[place].width = Cm(width)
        for cells in rows:
            cells[place].width = Cm(width)
    after: Any = document.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
    after.paragraph_format.line_spacing = Pt(6)


def _pad(table: Any) -> None:
    """Air above and below the words of every cell."""
    margins = OxmlElement("w:tblCellMar")
    for side in ("w:top", "w:bottom"):
        margin = OxmlElement(side)
        margin.set(qn("w:w"), PADDING_TWIPS)
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    properties = table._tbl.tblPr
    look = properties.find(qn("w:tblLook"))
    place = len(properties) if look is None else properties.index(look)
    properties.insert(place, margins)


def _write_cell(paragraph: Any, cell: Cell) -> None:
    paragraph.add_run(cell.text)
    if not cell.quotes:
        return
    told = tell_sources(cell.quotes, with_words=cell.is_reworded)
    if cell.is_reworded:
        paragraph.add_run().add_break()
    run = paragraph.add_run(told if cell.is_reworded else f"  [{told}]")
    run.font.size = Pt(8.5)
    run.font.color.rgb = GREY


def _find_style(document: WordDocument, name: str) -> Any:
    """The style, or None (the document's default) in a template that has none of that name."""
    try:
        return document.styles[name]
    except KeyError:
        return None


def _set_style(document: WordDocument, name: str, size: float, color: RGBColor | None) -> None:
    style: Any = document.styles[name]
    style.font.name, style.font.size = "Liberation Sans", Pt(size)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for attribute in list(fonts.attrib):
        if attribute.endswith("Theme"):
            del fonts.attrib[attribute]
    for kind in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(kind), "Liberation Sans")
    if color is not None:
        style.font.color.rgb = color


def _set_default_language(document: WordDocument) -> None:
    defaults: Any = document.styles.element.find(qn("w:docDefaults"))
    properties = defaults.find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for found in properties.findall(qn("w:lang")):
        properties.remove(found)
    language = OxmlElement("w:lang")
    for kind in ("w:val", "w:eastAsia", "w:bidi"):
        language.set(qn(kind), LANGUAGE)
    properties.append(language)


def _add_page_number(document: WordDocument) -> None:
    paragraph: Any = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run("Page ")
    field: Any = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _repeat_as_header(row: Any) -> None:
    """A header row is told as such to screen readers, and repeated on each page."""
    properties = row._tr.get_or_add_trPr()
    header = OxmlElement("w:tblHeader")
    header.set(qn("w:val"), "true")
    properties.append(header)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:color"), "auto")
    shade.set(qn("w:fill"), "E3EEF2")
    cell._tc.get_or_add_tcPr().append(shade)
