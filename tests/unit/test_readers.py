"""Readers on files built here: what a broker's folder holds."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st
from markdown import markdown
from openpyxl import Workbook
from PIL import Image, ImageDraw, ImageFont
from pptx import Presentation
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from core.settings import get_settings
from ingest.errors import UnreadableFile
from ingest.readers.elements import to_blocks
from ingest.readers.markdown_text import EXTENSIONS
from ingest.readers.recognition import find_recognizer
from ingest.readers.texts import html_blocks
from ingest.readers.titles import find_title
from ingest.reading import read_document
from knowledge.models import Block, ParsedDocument

EXAMPLES = get_settings().eval_data / "unstructured-docs" / "example-docs"
MARKS = [
    "mot", " ", "  \n", "\n", "\n\n", "`", "\\", "*", "**", "_", "[a](b)", "[a]", "[a]: b", "!",
    "![a](b)", "<b>", "</b>", "<div>", "<http://a.fr>", "<m@a.fr>", "&amp;", "&", "# ", "- ",
    "1. ", "> ", "    ", "| a | b |\n|---|---|\n", "```\n", "\x02", "\x03",
]  # fmt: skip
GRID = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, "black")])


def kinds(parsed: ParsedDocument) -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in parsed.blocks if block.kind != "table"]


def tables(parsed: ParsedDocument) -> list[tuple[tuple[str, ...], ...]]:
    return [block.rows for block in parsed.blocks if block.kind == "table"]


def find_text(parsed: ParsedDocument, part: str) -> Block:
    return next(block for block in parsed.blocks if part in block.text)


def test_word_gives_headings_lists_and_tables_with_their_header(tmp_path: Path) -> None:
    document: Any = Document()
    document.add_heading("Procédure", 0)
    document.add_heading("1. Objet", 1)
    document.add_paragraph("Elle décrit l’achat.")
    document.add_paragraph("un acte", style="List Bullet")
    table = document.add_table(2, 2)
    for cell, text in zip(table._cells, ["Étape", "Délai", "Envoi", "2 jours"], strict=True):
        cell.text = text
    document.save(str(tmp_path / "p.docx"))
    parsed = read_document(tmp_path / "p.docx")
    assert parsed.title == "Procédure"
    assert kinds(parsed) == [
        ("heading", "Procédure"),
        ("heading", "1. Objet"),
        ("text", "Elle décrit l’achat."),
        ("list_item", "un acte"),
    ]
    assert tables(parsed) == [(("Étape", "Délai"), ("Envoi", "2 jours"))]


def test_a_word_sheet_of_bold_labels_reads_as_labels_and_values(tmp_path: Path) -> None:
    document: Any = Document()
    document.add_paragraph("Suivi du dossier.")
    table = document.add_table(2, 2)
    for row, (label, value) in enumerate([("Pilote", "Hugo"), ("Référentiel", "ISO")]):
        table.cell(row, 0).paragraphs[0].add_run(label).bold = True
        table.cell(row, 1).text = value
    document.save(str(tmp_path / "p.docx"))
    parsed = read_document(tmp_path / "p.docx")
    assert ("list_item", "Référentiel\u00a0: ISO") in kinds(parsed)
    assert tables(parsed) == []


def test_a_workbook_keeps_sheets_headers_and_shown_numbers(tmp_path: Path) -> None:
    workbook = Workbook()
    sheet: Any = workbook.active
    sheet.title = "Cibles"
    sheet.append(["Indicateur", "Cible", "Montant", "Échéance"])
    sheet.append(["Délai", 0.95, 120000, dt.datetime(2026, 12, 31)])  # noqa: DTZ001
    sheet["B2"].number_format = "0%"
    sheet["C2"].number_format = '#,##0 "€"'
    workbook.save(tmp_path / "c.xlsx")
    parsed = read_document(tmp_path / "c.xlsx")
    assert kinds(parsed) == [("heading", "Cibles")]
    assert tables(parsed) == [
        (
            ("Indicateur", "Cible", "Montant", "Échéance"),
            ("Délai", "95\u00a0%", "120\u202f000\u00a0€", "31/12/2026"),
        )
    ]


def test_slides_are_pages_and_their_titles_headings(tmp_path: Path) -> None:
    presentation: Any = Presentation()
    for title in ("Bilan", "Perspectives"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = f"Contenu de {title.lower()}"
    presentation.save(str(tmp_path / "b.pptx"))
    parsed = read_document(tmp_path / "b.pptx")
    assert parsed.page_count == 2
    heading = find_text(parsed, "Perspectives")
    assert (heading.kind, heading.page) == ("heading", 2)
    assert find_text(parsed, "Contenu de perspectives").page == 2


def build_pdf(path: Path) -> None:
    styles = getSampleStyleSheet()
    table = Table([["Poste", "Prix"], ["HPH", "98,50"], ["HCH", "71,20"]], style=GRID)

    def decorate(canvas: Canvas, _: object) -> None:
        canvas.drawString(60, 815, "Cabinet – document interne")
        canvas.drawString(60, 20, f"Page {canvas.getPageNumber()}")

    story = [
        Paragraph("Note de marché", styles["Title"]),
        Paragraph("1. Prix", styles["Heading1"]),
        Paragraph("Le prix à terme recule depuis dix jours. " * 8, styles["BodyText"]),
        table,
        PageBreak(),
        Paragraph("2. Suites", styles["Heading1"]),
        Paragraph("La couverture attend le printemps.", styles["BodyText"]),
        PageBreak(),
        Paragraph("La note suivante paraît en mai.", styles["BodyText"]),
    ]
    template = SimpleDocTemplate(str(path), pagesize=A4)
    template.build(story, onFirstPage=decorate, onLaterPages=decorate)


def test_a_pdf_gives_pages_boxes_headings_and_tables_without_running_heads(tmp_path: Path) -> None:
    build_pdf(tmp_path / "n.pdf")
    parsed = read_document(tmp_path / "n.pdf")
    texts = [text for _, text in kinds(parsed)]
    assert texts[:2] == ["Note de marché", "1. Prix"]
    assert texts[2] == ("Le prix à terme recule depuis dix jours. " * 8).strip()
    assert not any("document interne" in text or text.startswith("Page ") for text in texts)
    assert tables(parsed) == [(("Poste", "Prix"), ("HPH", "98,50"), ("HCH", "71,20"))]
    suites = find_text(parsed, "2. Suites")
    assert (suites.kind, suites.page) == ("heading", 2)
    box = suites.box
    assert box is not None
    assert 0 < box[0] < box[2] < A4[0]
    assert 0 < box[1] < box[3] < A4[1]


def test_a_word_cut_at_the_line_end_is_mended_and_a_compound_kept(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "c.pdf"), pagesize=A4)
    for number, line in enumerate(["Le contrat de fourni-", "ture sera peut-", "être signé."]):
        canvas.drawString(72, 700 - 14 * number, line)
    canvas.save()
    parsed = read_document(tmp_path / "c.pdf")
    assert kinds(parsed) == [("text", "Le contrat de fourniture sera peut-être signé.")]


def build_scan(path: Path, lines: list[str]) -> None:
    page = Image.new("L", (1654, 2339), 255)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(36)
    for number, line in enumerate(lines):
        draw.text((150, 200 + 60 * number), line, font=font, fill=0)
    for x in (150, 700, 1300):
        draw.line((x, 900, x, 1080), fill=60, width=3)
    for row, cells in enumerate([("Garantie", "Montant"), ("Exploitation", "sans limite")]):
        draw.line((150, 900 + 90 * row, 1300, 900 + 90 * row), fill=60, width=3)
        for column, cell in enumerate(cells):
            draw.text((170 + 550 * column, 922 + 90 * row), cell, font=font, fill=0)
    draw.line((150, 1080, 1300, 1080), fill=60, width=3)
    noisy = np.clip(
        np.asarray(page) - np.random.default_rng(1).normal(8, 4, page.size[::-1]), 0, 255
    )
    buffer = io.BytesIO()
    Image.fromarray(noisy.astype(np.uint8)).rotate(0.5, fillcolor=245).save(buffer, "PNG")
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawImage(ImageReader(buffer), 0, 0, *A4)
    canvas.save()


@pytest.mark.slow
@pytest.mark.skipif(find_recognizer() is None, reason="aucun moteur de reconnaissance installé")
def test_a_scanned_page_is_recognised_and_flagged_with_its_table(tmp_path: Path) -> None:
    build_scan(
        tmp_path / "s.pdf", ["Attestation de contrat", "Le contrat couvre le site de Nantes."]
    )
    parsed = read_document(tmp_path / "s.pdf")
    assert parsed.ocr_pages == (1,)
    assert "Le contrat couvre le site de Nantes." in [text for _, text in kinds(parsed)]
    assert tables(parsed) == [(("Garantie", "Montant"), ("Exploitation", "sans limite"))]


def test_markdown_and_html_keep_their_structure(tmp_path: Path) -> None:
    (tmp_path / "n.md").write_text(
        "---\ncode: X\n---\n# Note\n\n## 1. Taux\n\nLe taux est de **15 %**.\n\n- un\n\n"
        "| A | B |\n| --- | --- |\n| 1 | 2 |\n"
    )
    parsed = read_document(tmp_path / "n.md")
    assert kinds(parsed) == [
        ("heading", "Note"),
        ("heading", "1. Taux"),
        ("text", "Le taux est de 15 %."),
        ("list_item", "un"),
    ]
    assert tables(parsed) == [(("A", "B"), ("1", "2"))]
    (tmp_path / "p.html").write_text(
        "<html><head><title>T</title><script>alert(1)</script></head><body><h1>Guide</h1>"
        "<dl><dt>Version</dt><dd>1.1</dd></dl><p>Le préavis est de trois mois.</p></body></html>"
    )
    assert kinds(read_document(tmp_path / "p.html")) == [
        ("heading", "Guide"),
        ("list_item", "Version : 1.1"),
        ("text", "Le préavis est de trois mois."),
    ]


@given(st.lists(st.sampled_from(MARKS), max_size=20).map("".join))
def test_markdown_means_the_same_where_plain_texts_are_left_alone(text: str) -> None:
    assert markdown(text, extensions=list(EXTENSIONS)) == markdown(
        text, extensions=["tables", "fenced_code"]
    )


def test_the_shorter_reading_of_a_page_loses_no_block() -> None:
    page = (
        "<html><body><h1>Guide</h1><p>Le préavis est de trois mois.</p><ul><li>un<ul><li>deux"
        "</li></ul></li></ul><h2>Taux</h2><table><tr><td>A</td><td>1</td></tr></table></body></html>"
    )
    blocks = html_blocks(page)
    from unstructured.partition.html.partition import partition_html

    whole = partition_html(text=page, languages=["fra"])
    assert blocks == to_blocks(
        whole, heading_level=lambda title: int(title.metadata.category_depth) + 1
    )
    assert [block.kind for block in blocks][-2:] == ["heading", "list_item"]


def test_a_mail_gives_subject_correspondents_and_body(tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(
        b"From: Sarah <sarah@alize.example>\nTo: client@x.example\n"
        b"Subject: =?utf-8?q?Pr=C3=A9avis?=\nDate: Mon, 02 Nov 2026 14:30:00 +0100\n"
        b"Content-Type: text/plain; charset=utf-8\n\n"
        + "Bonjour,\n\nLe préavis expire le 30 novembre.\n".encode()
    )
    parsed = read_document(tmp_path / "m.eml")
    assert parsed.title == "Préavis"
    assert ("list_item", "Date\u00a0: 02/11/2026 à 14\u00a0h\u00a030") in kinds(parsed)
    assert ("text", "Le préavis expire le 30 novembre.") in kinds(parsed)


def test_a_windows_csv_with_semicolons_is_one_table(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_bytes("Site;Énergie\nHôpital;gaz\n".encode("cp1252"))
    assert tables(read_document(tmp_path / "s.csv")) == [(("Site", "Énergie"), ("Hôpital", "gaz"))]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "cp850"])
def test_an_old_text_is_read_in_the_encoding_that_makes_it_french(
    tmp_path: Path, encoding: str
) -> None:
    said = "L'intérimaire reçoit sa mallette dès le premier jour, à l'accueil."
    (tmp_path / "mixte.txt").write_bytes(said.encode(encoding) + "\n\nCoût : 12 €.\n".encode())
    assert {("text", said), ("text", "Coût : 12 €.")} <= set(
        kinds(read_document(tmp_path / "mixte.txt"))
    )


@pytest.mark.parametrize("said", ["PIÈCE;FRANÇOIS;CHÈQUE", "2024–2025", "à venir…"])
def test_capitals_and_dashes_of_windows_are_kept(tmp_path: Path, said: str) -> None:
    (tmp_path / "a.txt").write_bytes(said.encode("cp1252"))
    assert [text for _, text in kinds(read_document(tmp_path / "a.txt"))] == [said]


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason=f"jeu de fichiers absent : {EXAMPLES}")
@pytest.mark.slow
def test_every_example_file_is_read_or_refused_cleanly() -> None:
    read, refused = [], []
    for path in sorted(each for each in EXAMPLES.rglob("*") if each.is_file()):
        try:
            read.append(read_document(path, time_limit_s=60))
        except UnreadableFile as error:
            refused.append(error.message)
    assert len(read) > 4 * len(refused) > 0
    assert all(message.endswith((".", ").")) for message in refused)


@pytest.mark.parametrize(
    ("stated", "title"),
    [
        ("Manuel qualité", "Manuel qualité"),
        ("  Note de marché,\n novembre ", "Note de marché, novembre"),
        ("Document d’appel d’offres", "Document d’appel d’offres"),
        ("untitled", None),
        ("(anonymous)", None),
        ("Sans titre", None),
        ("Présentation1", None),
        ("PowerPoint Presentation", None),
        ("Microsoft Word - CCTP définitif.docx", None),
        ("", None),
        (None, None),
    ],
)
def test_what_a_program_writes_for_want_of_a_title_is_none(
    stated: object, title: str | None
) -> None:
    assert find_title(stated) == title
