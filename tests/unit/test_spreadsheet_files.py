"""Files as people send them: any encoding and delimiter, title rows, and what is no table."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook

from ingest.errors import UnreadableFile
from ingest.spreadsheets.grid import read_grid

ROWS = "Nom;Ville\nÉlectricité de l’Œuvre;Nîmes\n"


def make_book(**sheets: list[list[Any]]) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode(), b"\xef\xbb\xbf" + ROWS.encode(), ROWS.encode("utf-16"),
        ROWS.replace("Œ", "O").replace("’", "'").encode("cp1252"),
        ROWS.replace(";", "\t").encode(), ROWS.replace(";", ",").encode(),
        ROWS.replace(";", "|").encode(), b"sep=;\r\n" + ROWS.replace("\n", "\r\n").encode(),
        ROWS.replace("\n", "\r").encode(),
    ],
)  # fmt: skip
def test_any_encoding_and_delimiter(content: bytes) -> None:
    grid = read_grid("clients.csv", content)
    assert grid.rows[0] == ("Nom", "Ville")
    assert str(grid.rows[1][0]).startswith("Électricité") and grid.rows[1][1] == "Nîmes"


def test_commas_in_amounts_do_not_cut_columns() -> None:
    grid = read_grid("a.csv", b"Nom;Prix\nA;85,25\nB;90,1\n")
    assert grid.rows[1] == ("A", "85,25")


def test_quoted_line_ends_keep_the_number_of_their_line() -> None:
    grid = read_grid("a.csv", b'Nom;Note\n"A\nB";x\nC;y\n')
    assert grid.rows[1][0] == "A\nB" and grid.lines == (1, 3, 4)


def test_a_workbook_gives_its_first_full_sheet_and_names_the_others() -> None:
    content = make_book(Lisez=[], Clients=[["Nom"], ["A"]], Sites=[["Nom"], ["B"]])
    grid = read_grid("a.xlsx", content)
    assert grid.sheet == "Clients" and "Sites" in grid.remarks[0]
    assert read_grid("a.xlsx", content, "Sites").rows[1] == ("B",)
    with pytest.raises(UnreadableFile, match="n’a pas de feuille"):
        read_grid("a.xlsx", content, "Autre")


def test_shares_keep_the_percent_they_show() -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(["Part verte"])
    sheet.append([0.25])
    sheet["A2"].number_format = "0%"
    stream = io.BytesIO()
    book.save(stream)
    assert read_grid("a.xlsx", stream.getvalue()).rows[1] == ("25 %",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "vide"), (b" \n\n", "vide"), (b"\xff\xfe", "vide"), (b";;;\n;;\n", "vide"),
        (b"%PDF-1.7 ...", "un PDF"), (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "ancien format"),
        (b"PK\x03\x04 pas une archive", "endommagé"), (b"\x89PNG\r\n", "une image"),
        (bytes(range(256)) * 8 + b"\0" * 4000, "illisible"),
        (b"Nom;Ville\n" + b"A;B\n" * 50_060, "plus de 50"),
        ((";".join(["x"] * 201)).encode(), "200"),
        (b'Nom;Ville\n"A;B\n' + b"\n" * 80 + b"C;D\n", "guillemet"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_in_french(content: bytes, told: str) -> None:
    with pytest.raises(UnreadableFile, match=told):
        read_grid("fichier", content)


def test_other_archives_and_huge_ones_are_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.txt", "x")
    with pytest.raises(UnreadableFile, match="une archive"):
        read_grid("a.xlsx", stream.getvalue())
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "")
        for number in range(5):
            archive.writestr(f"xl/{number}", b"\0" * 90_000_000)
    with pytest.raises(UnreadableFile, match="25"):
        read_grid("a.xlsx", bomb.getvalue())


def test_fifty_thousand_lines_are_read() -> None:
    content = b"Nom;Ville\n" + b"".join(b"Client %d;Nantes\n" % n for n in range(50_000))
    assert len(read_grid("a.csv", content).rows) == 50_001


def test_reading_stops_at_the_limit_of_rows() -> None:
    content = b"Nom;Ville\n" + b"A;B\n" * 2_000_000
    tracemalloc.start()
    try:
        with pytest.raises(UnreadableFile, match="plus de 50"):
            read_grid("a.csv", content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * len(content)
