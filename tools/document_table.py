"""The table of documents in force, as a workbook for the auditor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence, Set
from io import BytesIO
from textwrap import wrap

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from core.formats import format_long_date
from core.office import clean_cell
from core.roles import SUPERVISORS
from crm.objects.choices import ROLES
from knowledge.control import STANDINGS, ControlledVersion

HEADINGS: tuple[tuple[str, int], ...] = (
    ("Code", 14), ("Titre", 46), ("Nature", 14), ("Normes", 16), ("Clause", 9), ("Version", 9),
    ("Statut", 14), ("En vigueur depuis", 13), ("Jusqu’au", 13), ("Relecture prévue", 13),
    ("Responsable", 22), ("Approuvée par", 24), ("Approuvée le", 13), ("Consultable par", 22),
    ("À lire par", 22), ("Lectures", 11), ("Fichier", 40), ("Empreinte du fichier", 24),
    ("Texte changé sans nouveau numéro", 24),
)  # fmt: skip
DATES = (8, 9, 10, 13, 19)
REVIEW = 10
KINDS = {
    "manual": "Manuel", "procedure": "Procédure", "instruction": "Instruction",
    "record": "Enregistrement", "guide": "Guide", "template": "Modèle",
    "tender": "Appel d’offres", "regulation": "Réglementation", "market": "Marché",
    "memo": "Note", "other": "Autre",
}  # fmt: skip
ROLE_LABELS = {role.value: role.label for role in ROLES}
# In points.
LINE_HEIGHT, MARGIN = 15, 3
DARK, LIGHT, LATE = "FF1F3A5F", "FFD9D9D9", "FFF8CBAD"


def write_document_table(
    versions: Sequence[ControlledVersion],
    firm: str,
    day: dt.date,
    *,
    roles: Set[str],
    in_history: bool = False,
) -> bytes:
    """The XLSX file: documents in force on `day`, then every other version on its own sheet.

    `in_history` tells that `versions` are what applied on a past day: there is one sheet then.
    `roles` are those of who asks: one who sees nobody else's readings is told their own.
    """
    title = f"Documents en vigueur au {format_long_date(day)} – {firm}"
    book = Workbook()
    book.properties.title, book.properties.language = title, "fr-FR"
    book.properties.creator = "Voltaire"
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        sheet = book.create_sheet()
    sheet.title = "En vigueur"
    held = [one for one in versions if in_history or one.standing == "in_force"]
    sees_all = bool(roles & SUPERVISORS)
    _write_sheet(sheet, held, title, day, sees_all=sees_all)
    if not in_history:
        others = [one for one in versions if one.standing != "in_force"]
        _write_sheet(book.create_sheet("Autres versions"), others, title, day, sees_all=sees_all)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _write_sheet(
    sheet: Worksheet,
    versions: Sequence[ControlledVersion],
    title: str,
    day: dt.date,
    *,
    sees_all: bool,
) -> None:
    for column, (heading, width) in enumerate(HEADINGS, 1):
        cell = sheet.cell(1, column, heading)
        cell.font = Font(bold=True, color="FFFFFFFF")
        cell.fill = PatternFill("solid", start_color=DARK)
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[get_column_letter(column)].width = width
    _fit_height(sheet, 1, [heading for heading, _ in HEADINGS])
    for line, version in enumerate(versions, 2):
        _write_line(sheet, line, version, day, sees_all=sees_all)
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(HEADINGS))}{max(sheet.max_row, 2)}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 8
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True  # pyright: ignore[reportOptionalMemberAccess]
    sheet.oddHeader.center.text = title.replace("&", "&&")[:200]  # pyright: ignore[reportOptionalMemberAccess]
    sheet.oddFooter.center.text = "Page &P sur &N"  # pyright: ignore[reportOptionalMemberAccess]


def _write_line(
    sheet: Worksheet, line: int, version: ControlledVersion, day: dt.date, *, sees_all: bool
) -> None:
    values = _list_values(version, _tell_readings(version, sees_all=sees_all))
    for column, value in enumerate(values, 1):
        cell = sheet.cell(line, column, clean_cell(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            cell.data_type = "s"  # a text that begins with «=» stays a text
        elif column in DATES:
            cell.number_format = "DD/MM/YYYY"
        cell.alignment = Alignment(wrap_text=True, horizontal="left", vertical="top")
        cell.border = Border(bottom=Side(style="thin", color=LIGHT))
    _fit_height(sheet, line, [value if isinstance(value, str) else "" for value in values])
    if version.review_due_on is not None and version.review_due_on < day:
        sheet.cell(line, REVIEW).fill = PatternFill("solid", start_color=LATE)


def _fit_height(sheet: Worksheet, line: int, texts: Sequence[str]) -> None:
    """Room for every line of the row: not every spreadsheet program makes it by itself."""
    lines = [len(wrap(text, width - 2)) for text, (_, width) in zip(texts, HEADINGS, strict=True)]
    sheet.row_dimensions[line].height = LINE_HEIGHT * max(1, *lines) + MARGIN


def _tell_readings(version: ControlledVersion, *, sees_all: bool) -> str:
    if not version.must_read or not (sees_all or version.readers_due):
        return ""
    if sees_all:
        return f"{version.readers_done} sur {version.readers_due}"
    return "Lue par vous" if version.readers_done else "À lire par vous"


def _list_values(version: ControlledVersion, readings: str) -> tuple[str | dt.date | None, ...]:
    return (
        version.code, version.title, KINDS.get(version.kind, version.kind),
        ", ".join(version.standards), version.clause or "", version.label,
        STANDINGS[version.standing].capitalize(), version.valid_from, version.valid_to,
        version.review_due_on, version.owner_name or "", version.approved_by or "",
        version.decided_at.date() if version.decided_at else None, name_roles(version.access),
        name_roles(version.must_read), readings, version.source_path, version.sha256,
        version.text_changed_on,
    )  # fmt: skip


def name_roles(roles: Sequence[str]) -> str:
    """Roles in French."""
    return ", ".join(ROLE_LABELS.get(role, role) for role in roles)
