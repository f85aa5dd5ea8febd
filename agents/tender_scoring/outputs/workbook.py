"""The compliance matrix as a workbook."""

from __future__ import annotations

from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from agents.tender_scoring.outputs.matrix import GAPS, GapKind, Matrix, MatrixRow
from core.office import clean_cell

HEADINGS: tuple[tuple[str, int], ...] = (
    ("N°", 5), ("Catégorie", 18), ("Exigence", 46), ("Éliminatoire", 12), ("Lots", 13),
    ("Où dans le dossier", 24), ("Extrait", 46), ("Réponse attendue", 28),
    ("Nos éléments", 46), ("Sources internes", 22), ("Écart", 22), ("Responsable", 22),
    ("Réponse apportée", 30),
)  # fmt: skip
DARK, LIGHT = "FF1F3A5F", "FFD9D9D9"
FILLS: dict[GapKind, str] = {
    "covered": "FFE2EFDA", "to_produce": "FFFFF2CC", "blocking": "FFF8CBAD", "unknown": "FFEDEDED",
}  # fmt: skip
LINE_PT, MARGIN_PT, TALLEST_PT = 14.5, 3, 400
EDGE = Side(style="thin", color=LIGHT)


def write_workbook(matrix: Matrix) -> bytes:
    """The XLSX file: one sheet of requirements, one of counts; its header row repeats in print."""
    book = Workbook()
    book.properties.title, book.properties.language = matrix.title, "fr-FR"
    book.properties.creator = "Voltaire"
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        sheet = book.create_sheet()
    sheet.title = "Matrice de conformité"
    _write_rows(sheet, matrix)
    _set_page(sheet, matrix.title)
    _write_counts(book.create_sheet("Synthèse"), matrix)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write_rows(sheet: Worksheet, matrix: Matrix) -> None:
    for column, (heading, width) in enumerate(HEADINGS, 1):
        cell = sheet.cell(1, column, heading)
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", start_color=DARK)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = width
    for line, row in enumerate(matrix.rows, 2):
        for column, value in enumerate(_list_values(row), 1):
            cell = sheet.cell(line, column, value if isinstance(value, int) else clean_cell(value))
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with «=» stays a text
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.border = Border(bottom=EDGE)
        sheet.row_dimensions[line].height = min(LINE_PT * _count_lines(row) + MARGIN_PT, TALLEST_PT)
        sheet.cell(line, 11).fill = PatternFill("solid", start_color=FILLS[row.gap])


def _count_lines(row: MatrixRow) -> int:
    """The lines of the tallest cell, wrapped to its column: readers do not all work it out."""
    cells = zip(_list_values(row), HEADINGS, strict=True)
    return max(
        sum(max(1, -(-len(line) // (width - 2))) for line in str(value).split("\n"))
        for value, (_, width) in cells
    )


def _list_values(row: MatrixRow) -> tuple[int | str, ...]:
    return (
        row.number, row.category, row.requirement, "Oui" if row.is_eliminatory else "Non",
        row.lots, row.places, row.quote, row.answer_expected,
        "\n".join(proof.text for proof in row.proofs),
        "\n".join(proof.label for proof in row.proofs),
        row.gap_label, row.owner, "",
    )  # fmt: skip


def _set_page(sheet: Worksheet, title: str) -> None:
    sheet.freeze_panes = "D2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEADINGS))}{max(sheet.max_row, 2)}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # pyright: ignore[reportOptionalMemberAccess]
    sheet.oddHeader.center.text = title.replace("&", "&&")[:200]  # pyright: ignore[reportOptionalMemberAccess]
    sheet.oddFooter.center.text = "Page &P sur &N"  # pyright: ignore[reportOptionalMemberAccess]


def _write_counts(sheet: Worksheet, matrix: Matrix) -> None:
    sheet.append([clean_cell(matrix.title)])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append(["Écart", "Exigences"])
    for cell in sheet[2]:
        cell.font = Font(bold=True)
    for gap, label in GAPS.items():
        sheet.append([label, matrix.count(gap)])
    sheet.append(["Total", len(matrix.rows)])
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 34, 12
