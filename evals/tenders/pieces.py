"""Pieces of the tender files written for the measure: plain sources printed as PDF, DOCX, XLSX.

A source is `NAME.pdf.txt`, `NAME.docx.txt` or `NAME.xlsx.txt`. In text: `#` cover, `##` and `###`
headings, `-` items, `|` table rows, `===` a new page, `~white~` words no reader sees. In sheets:
`@ Name` opens a sheet, cells are parted by `;`, `%points key=value …` writes delivery points.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

HIDDEN = "~white~"
SIZES = {"# ": 16.0, "## ": 12.0, "### ": 10.5}
SCALES = {"mwh": 1, "kwh": 1000}


def write_dossier(folder: Path, target: Path, *, with_hidden: bool = True) -> Path:
    """The archive of the pieces of `folder`, as a buyer would publish it."""
    layout = _read_layout(folder)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for source in sorted(folder.glob("*.txt")):
            lines = source.read_text(encoding="utf-8").splitlines()
            kept = [ln for ln in lines if with_hidden or not ln.startswith(HIDDEN)]
            archive.writestr(source.stem, print_piece(source.stem, kept, layout))
    return target


def print_piece(name: str, lines: list[str], layout: Mapping[str, str]) -> bytes:
    """The bytes of a piece; its form is told by the extension of `name`."""
    printers = {".pdf": _print_pdf, ".docx": _print_word, ".xlsx": _print_workbook}
    return printers[Path(name).suffix](lines, layout)


def _read_layout(folder: Path) -> dict[str, str]:
    import yaml

    return yaml.safe_load((folder / "truth.yaml").read_text(encoding="utf-8")).get("layout", {})


def _print_pdf(lines: list[str], layout: Mapping[str, str]) -> bytes:
    from reportlab.lib.pagesizes import A4
    from reportlab.platypus import SimpleDocTemplate

    stream = BytesIO()
    template = SimpleDocTemplate(stream, pagesize=A4, invariant=1)
    footer = layout.get("footer", "")

    def sign(canvas: Any, _: Any) -> None:
        if footer:
            canvas.setFont("Helvetica", 8)
            canvas.drawString(72, 36, footer.format(page=canvas.getPageNumber()))

    flow = list(_flow(lines, layout.get("font", "Helvetica")))
    template.build(flow, onFirstPage=sign, onLaterPages=sign)
    return stream.getvalue()


def _flow(lines: list[str], font: str) -> Iterator[Any]:
    from reportlab.lib import colors
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.platypus import PageBreak, Paragraph, Table, TableStyle

    plain, bold = (
        ("Times-Roman", "Times-Bold") if font == "Times" else ("Helvetica", f"{font}-Bold")
    )
    body = ParagraphStyle("body", fontName=plain, fontSize=10, leading=13, spaceAfter=6)
    item = ParagraphStyle("item", body, leftIndent=14, bulletIndent=4)
    unseen = ParagraphStyle("unseen", body, textColor=colors.white, fontSize=4, leading=5)
    for block in _blocks(lines):
        if isinstance(block, list):
            rows = [[Paragraph(escape(cell), body) for cell in row] for row in block]
            grid = TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)])
            yield Table(rows, style=grid)
        elif block == "===":
            yield PageBreak()
        elif block.startswith(HIDDEN):
            yield Paragraph(escape(block.removeprefix(HIDDEN).strip()), unseen)
        elif block.startswith("- "):
            yield Paragraph(escape(block[2:]), item, bulletText="•")
        elif (mark := f"{block.split(' ', 1)[0]} ") in SIZES:
            size = SIZES[mark]
            style = ParagraphStyle("title", body, fontName=bold, fontSize=size,
                                   leading=size * 1.3, spaceBefore=8)  # fmt: skip
            yield Paragraph(escape(block.removeprefix(mark)), style)
        else:
            yield Paragraph(escape(block), body)


def _blocks(lines: list[str]) -> Iterator[str | list[list[str]]]:
    """The lines, consecutive table rows put together."""
    rows: list[list[str]] = []
    for line in [*lines, ""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in line.strip().strip("|").split("|")])
            continue
        if rows:
            yield rows
            rows = []
        if line.strip():
            yield line.strip()


def _print_word(lines: list[str], _: Mapping[str, str]) -> bytes:
    import docx
    from docx.shared import RGBColor

    document: Any = docx.Document()
    styles = {"# ": "Title", "## ": "Heading 1", "### ": "Heading 2", "- ": "List Bullet"}
    for block in _blocks(lines):
        if isinstance(block, list):
            table = document.add_table(rows=len(block), cols=len(block[0]))
            for row, cells in zip(table.rows, block, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
        elif block == "===":
            document.add_page_break()
        elif block.startswith(HIDDEN):
            run = document.add_paragraph().add_run(block.removeprefix(HIDDEN).strip())
            run.font.color.rgb = RGBColor(255, 255, 255)
        else:
            mark = f"{block.split(' ', 1)[0]} "
            document.add_paragraph(block.removeprefix(mark) if mark in styles else block,
                                   style=styles.get(mark))  # fmt: skip
    stream = BytesIO()
    document.save(stream)
    return stream.getvalue()


def _print_workbook(lines: list[str], _: Mapping[str, str]) -> bytes:
    import openpyxl

    workbook: Any = openpyxl.Workbook()
    workbook.remove(workbook.active)
    sheet: Any = None
    for line in lines:
        if line.startswith("@ "):
            sheet = workbook.create_sheet(line[2:])
        elif line.startswith("%points"):
            asked = dict(pair.split("=", 1) for pair in line.split()[1:])
            for row in list_point_rows(asked):
                sheet.append(row)
        elif line.strip():
            sheet.append([_typed(cell) for cell in line.split(";")])
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _typed(cell: str) -> str | int | None:
    text = cell.strip()
    return int(text) if text.isdigit() and len(text) < 10 else text or None


def list_point_rows(asked: Mapping[str, str]) -> Iterator[list[Any]]:
    """Rows of an annexe: volumes add up to `total` MWh; the last `eld` are local, `bad` misspelt.

    With `lot` the columns are lot, member, site, code, segment, operator, volume; without it:
    member, site, code, segment, power, volume, operator.
    """
    count, total = int(asked["count"]), Decimal(asked["total"]) * SCALES[asked["unit"]]
    chance = random.Random(f"{asked}")  # noqa: S311 - made-up points, the same every time
    shares = [chance.randint(20, 200) for _ in range(count)]
    volumes = [int(total * share / sum(shares)) for share in shares]
    volumes[0] += int(total) - sum(volumes)
    segments = asked["segments"].split(",")
    for rank in range(count):
        is_local = rank >= count - int(asked.get("eld", 0))
        operator = "Régie municipale d’Orthe" if is_local else asked["operator"]
        code = f"{chance.randint(10**13, 10**14 - 1)}"
        code = code[:12] if rank < int(asked.get("bad", 0)) else code
        member, site = f"Membre {rank % 9 + 1}", f"Site {rank + 1}"
        segment = segments[rank % len(segments)]
        if "lot" in asked:
            yield [int(asked["lot"]), member, site, code, segment, operator, volumes[rank]]
        else:
            power = chance.choice([36, 60, 120, 250]) if asked["energy"] == "electricity" else None
            yield [member, site, code, segment, power, volumes[rank], operator]
