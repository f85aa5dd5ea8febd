"""A source laid out as a Word document with real styles, tables, header and footer."""

from io import BytesIO
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from demo.documents.archive import freeze_archive, get_instant
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
)
from demo.documents.cartouche import WARNINGS, list_identification, write_footer, write_header
from demo.documents.source import FIRM, Properties, Source

_LANGUAGE = "fr-FR"
_BLUE = RGBColor(0x1F, 0x3A, 0x5F)
_SHADE = "DCE6F1"
_LIST_STYLES = ("", " 2", " 3")


def build_word(source: Source) -> bytes:
    """The .docx bytes; the same source always gives the same bytes."""
    document = Document()
    _set_properties(document, source.properties)
    _set_styles(document)
    _add_running_lines(document.sections[0], source.properties)
    blocks = parse_blocks(source.body)
    if blocks and isinstance(blocks[0], Heading):
        _add_block(document, blocks.pop(0), None)
    _add_identification(document, source.properties)
    _add_blocks(document, blocks)
    stream = BytesIO()
    document.save(stream)
    return freeze_archive(stream.getvalue())


def _set_properties(document: Any, properties: Properties) -> None:
    core = document.core_properties
    core.title = properties.title
    core.subject = f"{properties.code} – version {properties.version}"
    core.author = core.last_modified_by = properties.owner_name.split(",")[0]
    core.category = properties.kind
    core.keywords = ", ".join(properties.tags)
    core.comments = FIRM
    core.content_status = properties.status_label
    core.version = properties.version
    core.language = _LANGUAGE
    core.created = core.modified = get_instant(properties)


def _set_styles(document: Any) -> None:
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:val"), _LANGUAGE)
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Calibri", Pt(10.5)
    normal.paragraph_format.space_after = Pt(6)
    for name, size in (("Title", 20), ("Heading 1", 14), ("Heading 2", 12), ("Heading 3", 11)):
        style = document.styles[name]
        style.font.size, style.font.color.rgb = Pt(size), _BLUE
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):
            del fonts.attrib[attribute]
        style.font.name = "Calibri"


def _add_running_lines(section: Any, properties: Properties) -> None:
    header = section.header.paragraphs[0]
    header.text = write_header(properties)
    header.runs[0].font.size = Pt(8.5)
    footer = section.footer.paragraphs[0]
    footer.alignment = WD_ALIGN_PARAGRAPH.CENTER
    footer.add_run(f"{write_footer(properties)} – page\u00a0")
    _add_field(footer, "PAGE")
    footer.add_run(" / ")
    _add_field(footer, "NUMPAGES")
    for run in footer.runs:
        run.font.size = Pt(8.5)


def _add_field(paragraph: Any, instruction: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = paragraph.add_run("1")
    run.font.size = Pt(8.5)
    paragraph._p.remove(run._r)
    field.append(run._r)
    paragraph._p.append(field)


def _add_identification(document: Any, properties: Properties) -> None:
    lines = list_identification(properties)
    if lines:
        table = document.add_table(rows=0, cols=2, style="Table Grid")
        for label, value in lines:
            cells = table.add_row().cells
            _fill_cell(cells[0], (Span(label, bold=True),))
            _fill_cell(cells[1], (Span(value),))
            cells[0].width, cells[1].width = Cm(4), Cm(12.6)
        document.add_paragraph()
    if lines and properties.status in WARNINGS:
        _add_spans(document.add_paragraph(), (Span(WARNINGS[properties.status], bold=True),))


def _add_blocks(document: Any, blocks: list[Block]) -> None:
    numbering: int | None = None
    for block in blocks:
        if isinstance(block, ListItem) and block.number is not None and block.depth == 0:
            if block.number == 1 or numbering is None:
                numbering = _restart_numbering(document)
        elif not isinstance(block, ListItem):
            numbering = None
        _add_block(document, block, numbering)


def _add_block(document: Any, block: Block, numbering: int | None) -> None:
    match block:
        case Heading(level, spans):
            style = "Title" if level == 1 else f"Heading {level - 1}"
            _add_spans(document.add_paragraph(style=style), spans)
        case Paragraph(spans):
            _add_spans(document.add_paragraph(), spans)
        case ListItem():
            _add_item(document, block, numbering)
        case Table():
            _add_table(document, block)
        case PageBreak():
            document.add_page_break()


def _add_item(document: Any, item: ListItem, numbering: int | None) -> None:
    family = "List Bullet" if item.number is None else "List Number"
    paragraph = document.add_paragraph(style=family + _LIST_STYLES[min(item.depth, 2)])
    paragraph.paragraph_format.space_after = Pt(3)
    if item.number is not None and item.depth == 0 and numbering is not None:
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = numbering
    _add_spans(paragraph, item.spans)


def _restart_numbering(document: Any) -> int:
    """A new numbering instance of « List Number » that starts again at one."""
    style = document.styles["List Number"].element
    style_number = style.pPr.numPr.numId.val
    numbering = document.part.numbering_part.numbering_definitions._numbering
    abstract = numbering.num_having_numId(style_number).abstractNumId.val
    instance = numbering.add_num(abstract)
    instance.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(instance.numId)


def _add_table(document: Any, block: Table) -> None:
    table = document.add_table(rows=1, cols=len(block.header), style="Table Grid")
    for cell, spans in zip(table.rows[0].cells, block.header, strict=True):
        _fill_cell(cell, tuple(Span(span.text, bold=True) for span in spans))
        _shade(cell)
    _repeat_on_each_page(table.rows[0])
    for row in block.rows:
        for cell, spans in zip(table.add_row().cells, row, strict=True):
            _fill_cell(cell, spans)
    document.add_paragraph()


def _repeat_on_each_page(row: Any) -> None:
    mark = OxmlElement("w:tblHeader")
    mark.set(qn("w:val"), "true")
    row._tr.get_or_add_trPr().append(mark)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", _SHADE)):
        shade.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _fill_cell(cell: Any, spans: Spans) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_after = Pt(2)
    _add_spans(paragraph, spans)
    for run in paragraph.runs:
        run.font.size = Pt(9.5)


def _add_spans(paragraph: Any, spans: Spans) -> None:
    for span in spans:
        run = paragraph.add_run(span.text)
        run.bold = span.bold or None
        run.italic = span.italic or None
