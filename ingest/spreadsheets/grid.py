"""A CSV file or an Excel workbook as a grid of cells, whatever wrote it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import PurePath
from typing import Any
from zipfile import BadZipFile

import openpyxl

from core.formats import NBSP, format_number
from ingest.errors import UnreadableFile
from ingest.meetings.decoding import decode_text

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | None
MIB = 1024 * 1024
LARGEST_BYTES = 25 * MIB
LARGEST_UNPACKED = 400 * MIB
MOST_ROWS = 50_000
MOST_COLUMNS = 200
MOST_CELL_CHARS = 20_000
SAMPLE_ROWS = 30
BLANK_RUN = 1000
MARGIN_ROWS = 50
DELIMITERS = ";,\t|"
OLE = b"\xd0\xcf\x11\xe0"
ZIP = b"PK\x03\x04"
OTHERS = {b"%PDF": "un PDF", b"\x89PNG": "une image", b"\xff\xd8\xff": "une image"}
EMPTY = "Le fichier est vide. Enregistrez de nouveau votre tableau, puis redéposez-le."
TOO_LARGE = "Le fichier dépasse 25\u00a0Mo. Divisez le tableau en plusieurs fichiers."
OLD_FORMAT = (
    "Ce classeur est à l’ancien format .xls, ou protégé par un mot de passe. Dans votre tableur, "
    "choisissez « Enregistrer sous », format « Classeur Excel (.xlsx) », sans mot de passe."
)
BROKEN = (
    "Ce classeur est endommagé ou n’en est pas un. Ouvrez-le dans votre tableur, enregistrez-le au "
    "format .xlsx, puis redéposez-le."
)
OTHER_KIND = "Ce fichier est {kind}, pas un tableau. Donnez un fichier .csv ou .xlsx."
TOO_MANY_COLUMNS = "Le tableau a plus de 200\u00a0colonnes. Ne gardez que celles à importer."
BROKEN_QUOTES = (
    "Un guillemet ouvert n’est jamais refermé dans le fichier. Enregistrez-le de nouveau depuis "
    "votre tableur (CSV UTF-8, séparateur point-virgule)."
)


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet. `lines` gives each row its number as the spreadsheet shows it.

    `sheets` are the names of the workbook's visible sheets, `remarks` what was peculiar.
    """

    sheet: str
    sheets: tuple[str, ...]
    lines: tuple[int, ...]
    rows: tuple[tuple[Cell, ...], ...]
    remarks: tuple[str, ...] = ()


def read_grid(name: str, content: bytes, sheet: str | None = None) -> Grid:
    """The non-empty rows of a file; of its first non-empty sheet, or of the one named.

    Raises UnreadableFile, saying what to do.
    """
    if len(content) > LARGEST_BYTES:
        raise UnreadableFile(TOO_LARGE)
    if not content.strip():
        raise UnreadableFile(EMPTY)
    if content.startswith(OLE):
        raise UnreadableFile(OLD_FORMAT)
    for mark, kind in OTHERS.items():
        if content.startswith(mark):
            raise UnreadableFile(OTHER_KIND.format(kind=kind))
    grid = _read_workbook(content, sheet) if content.startswith(ZIP) else _read_csv(name, content)
    if not grid.rows:
        raise UnreadableFile(EMPTY)
    return grid


def _read_csv(name: str, content: bytes) -> Grid:
    if not content.strip(b"\0 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile(EMPTY)
    try:
        text, remarks = decode_text(content)
    except UnreadableFile as error:
        raise UnreadableFile(OTHER_KIND.format(kind="illisible")) from error
    title = PurePath(name).stem[:80]
    skipped = 0
    declared, _, rest = text.partition("\n")
    if declared.lower().startswith("sep=") and len(declared) <= 6:
        delimiter, text, skipped = declared[4:5] or ";", rest, 1
    else:
        delimiter = _find_delimiter(text)
    return _gather(title, (title,), _list_csv_rows(text, delimiter, skipped), remarks)


def _list_csv_rows(
    text: str, delimiter: str, skipped: int
) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    try:
        for row in rows:
            if any("\n" * 50 in cell for cell in row):
                raise UnreadableFile(BROKEN_QUOTES)
            yield rows.line_num + skipped, tuple(row)
    except csv.Error as error:
        raise UnreadableFile(BROKEN_QUOTES) from error


def _find_delimiter(text: str) -> str:
    """The character that cuts the first rows into the most columns, evenly."""
    sample = "\n".join(text.split("\n", SAMPLE_ROWS)[:SAMPLE_ROWS])

    def weigh(delimiter: str) -> tuple[float, int]:
        try:
            rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
            widths = [len(row) for row in rows if row]
        except csv.Error:
            return (0.0, 0)
        if not widths or max(widths) == 1:
            return (0.0, 0)
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        return (widths.count(usual) / len(widths), usual) if usual > 1 else (0.0, 0)

    return max(DELIMITERS, key=weigh)


def _read_workbook(content: bytes, wanted: str | None) -> Grid:
    try:
        _check_archive(content)
        workbook: Any = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except UnreadableFile:
        raise
    except Exception as error:
        # openpyxl raises whatever its parts meet: KeyError, ValueError, XML errors…
        raise UnreadableFile(BROKEN, cause=f"{type(error).__name__}: {error}"[:300]) from error
    try:
        visible = [s for s in workbook.worksheets if s.sheet_state == "visible"]
        names = tuple(str(s.title) for s in visible)
        if wanted is not None and wanted not in names:
            known = ", ".join(names)
            raise UnreadableFile(f"Le classeur n’a pas de feuille «{NBSP}{wanted[:80]}{NBSP}». "
                                 f"Ses feuilles{NBSP}: {known}.")  # fmt: skip
        chosen = [s for s in visible if wanted in (None, s.title)]
        return _read_sheets(chosen, names)
    finally:
        workbook.close()


def _check_archive(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > LARGEST_UNPACKED:
                raise UnreadableFile(TOO_LARGE)
            if "[Content_Types].xml" not in archive.namelist():
                raise UnreadableFile(OTHER_KIND.format(kind="une archive"))
    except BadZipFile as error:
        raise UnreadableFile(BROKEN) from error


def _read_sheets(chosen: Sequence[Any], names: tuple[str, ...]) -> Grid:
    """The first of these sheets that holds anything."""
    for sheet in chosen:
        try:
            grid = _gather(str(sheet.title), names, _list_rows(sheet), ())
        except UnreadableFile:
            raise
        except Exception as error:
            raise UnreadableFile(BROKEN, cause=f"{type(error).__name__}: {error}"[:300]) from error
        if grid.rows:
            others = [name for name in names if name != grid.sheet]
            told = (f"Feuille lue{NBSP}: «{NBSP}{grid.sheet}{NBSP}». Autres feuilles du classeur, "
                    f"à importer à part{NBSP}: {', '.join(others)}.")  # fmt: skip
            return Grid(grid.sheet, names, grid.lines, grid.rows, (told,) if others else ())
    return Grid("", names, (), ())


def _list_rows(sheet: Any) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows of a sheet, up to a long run of empty ones: some sheets are formatted to the end."""
    sheet.reset_dimensions()
    blank = 0
    for number, row in enumerate(sheet.iter_rows(), 1):
        values = tuple(_read_cell(cell) for cell in row)
        blank = 0 if any(value is not None for value in values) else blank + 1
        if blank > BLANK_RUN:
            return
        yield number, values


def _read_cell(cell: Any) -> Cell:
    """The value of a cell; a share kept as 0.25 and shown as 25 % is 25 %."""
    value: Cell = cell.value
    if isinstance(value, dt.timedelta):
        return str(value)
    is_share = isinstance(value, int | float) and not isinstance(value, bool)
    if is_share and "%" in str(cell.number_format):
        return f"{round(float(str(value)) * 100, 6):g} %"
    return value


def _gather(
    title: str,
    names: tuple[str, ...],
    numbered: Iterable[tuple[int, tuple[Cell, ...]]],
    remarks: tuple[str, ...],
) -> Grid:
    # Titles, headings and totals stand beside the rows that count. One row more than may be kept
    # is enough to refuse the rest unread.
    most_kept = MOST_ROWS + MARGIN_ROWS
    filled = ((n, row) for n, row in numbered if any(not is_blank(cell) for cell in row))
    kept = list(islice(filled, most_kept + 1))
    if len(kept) > most_kept:
        most = format_number(MOST_ROWS)
        raise UnreadableFile(f"Le tableau compte plus de {most} lignes. Divisez-le en plusieurs "
                             "fichiers.")  # fmt: skip
    width = max((_width(row) for _, row in kept), default=0)
    if width > MOST_COLUMNS:
        raise UnreadableFile(TOO_MANY_COLUMNS)
    rows = tuple((*row[:width], *[None] * (width - len(row))) for _, row in kept)
    return Grid(title, names, tuple(n for n, _ in kept), rows, remarks)


def _width(row: tuple[Cell, ...]) -> int:
    return next((i for i in range(len(row), 0, -1) if not is_blank(row[i - 1])), 0)


def is_blank(cell: Cell) -> bool:
    """Tell whether a cell holds nothing to read."""
    return cell is None or (isinstance(cell, str) and not cell.strip())
