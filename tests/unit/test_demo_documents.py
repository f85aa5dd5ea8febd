"""The demonstration firm's documents: formats, register, reproducible bytes."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pdfplumber
import pytest
import yaml

from demo.documents.blocks import Heading, ListItem, PageBreak, Table, parse_blocks, to_text
from demo.documents.builder import REGISTER, build_documents
from demo.documents.pdf import list_missing_characters
from demo.documents.scan import build_scan
from demo.documents.source import Source, SourceError, list_sources, read_source
from demo.documents.word import build_word
from demo.documents.workbook import build_workbook, parse_value

HEADER = """---
code: PR-99
title: Essai
version: "1.0"
status: in_force
kind: procedure
owner: hugo.lemaitre@alize-energie.example
valid_from: 2026-01-01
format: {format}
file: {file}
---
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("documents")
    build_documents(target)
    return target


@pytest.fixture(scope="module")
def register(folder: Path) -> list[dict[str, Any]]:
    return yaml.safe_load((folder / REGISTER).read_text(encoding="utf-8"))


def write_source(folder: Path, body: str, form: str = "md", file: str = "Essai.md") -> Path:
    path = folder / f"{len(list(folder.iterdir()))}.md"
    path.write_text(HEADER.format(format=form, file=file) + body, encoding="utf-8")
    return path


def list_files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def read_words(path: Path) -> str:
    """Text of a PDF or Word file with every kind of space made plain."""
    if path.suffix == ".pdf":
        with pdfplumber.open(path) as document:
            text = " ".join(page.extract_text() for page in document.pages)
    else:
        document = docx.Document(str(path))
        cells = (c.text for t in document.tables for row in t.rows for c in row.cells)
        text = " ".join([*(p.text for p in document.paragraphs), *cells])
    return " ".join(text.split())


def test_building_twice_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    build_documents(tmp_path)
    before = {p.relative_to(folder): p.read_bytes() for p in list_files(folder)}
    after = {p.relative_to(tmp_path): p.read_bytes() for p in list_files(tmp_path)}
    assert [name for name in before if before[name] != after.get(name)] == []
    assert before.keys() == after.keys()


def test_an_unchanged_file_is_not_rewritten_and_a_changed_one_is(tmp_path: Path) -> None:
    sources, target = tmp_path / "sources", tmp_path / "target"
    sources.mkdir()
    kept = write_source(sources, "# Un\n", file="Un.md")
    changed = write_source(sources, "# Deux\n", file="Deux.md")
    build_documents(target, folder=sources)
    stamp = (target / "Un.md").stat().st_mtime_ns
    changed.write_text(changed.read_text(encoding="utf-8") + "\nPlus.\n", encoding="utf-8")
    assert build_documents(target, folder=sources) == len([kept, changed])
    assert (target / "Un.md").stat().st_mtime_ns == stamp
    assert (target / "Deux.md").read_text(encoding="utf-8") == "# Deux\n\nPlus.\n"


def test_progress_counts_up_to_the_number_of_documents(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    write_source(sources, "# Un\n", file="Un.md")
    write_source(sources, "# Deux\n", file="Deux.md")
    seen: list[tuple[int, int, str]] = []

    def note(done: int, total: int, file: str) -> None:
        seen.append((done, total, file))

    build_documents(tmp_path / "target", progress=note, folder=sources)
    assert seen == [(1, 2, "Un.md"), (2, 2, "Deux.md")]


def test_every_register_entry_has_its_file_and_every_file_its_entry(
    folder: Path, register: list[dict[str, Any]]
) -> None:
    files = {str(p.relative_to(folder)) for p in list_files(folder)} - {REGISTER}
    assert {entry["file"] for entry in register} == files


def test_a_version_exists_once_and_one_version_at_most_is_in_force(
    register: list[dict[str, Any]],
) -> None:
    versions = Counter((entry["code"], entry["version"]) for entry in register)
    in_force = Counter(e["code"] for e in register if e["status"] == "in_force")
    assert [key for key, count in versions.items() if count > 1] == []
    assert [code for code, count in in_force.items() if count > 1] == []


def test_the_three_versions_of_the_non_conformity_procedure_give_different_delays(
    folder: Path, register: list[dict[str, Any]]
) -> None:
    versions = {e["version"]: e for e in register if e["code"] == "PR-08"}
    assert {v: e["status"] for v, e in versions.items()} == {
        "2.0": "superseded",
        "3.1": "in_force",
        "4.0": "draft",
    }
    old, new = (read_words(folder / versions[v]["file"]) for v in ("2.0", "3.1"))
    assert "dans les 5 jours ouvrés. Le responsable qualité lui donne un numéro" in old
    assert "dans les 2 jours ouvrés qui suivent la détection" in new
    assert "Version remplacée : ne plus appliquer." in old


def test_formats_are_mixed() -> None:
    formats = Counter(source.properties.format for source in list_sources())
    floor = {"docx": 10, "pdf": 5, "pdf_scan": 1, "xlsx": 3, "md": 2, "html": 2}
    assert {form: formats[form] for form, least in floor.items() if formats[form] < least} == {}


def test_dates_of_validity_are_in_order(register: list[dict[str, Any]]) -> None:
    dated = [e for e in register if e["valid_from"] and e["valid_to"]]
    assert all(isinstance(e["valid_from"], date) for e in dated)
    assert [e["file"] for e in dated if e["valid_from"] > e["valid_to"]] == []
    assert [e["file"] for e in register if e["status"] == "in_force" and not e["valid_from"]] == []


@pytest.mark.parametrize("form", ["pdf", "docx"])
def test_every_word_extracts_back(folder: Path, form: str) -> None:
    for source in list_sources():
        if source.properties.format == form:
            text = read_words(folder / source.properties.file).replace(" ", "")
            missing = [word for word in list_words(source) if word not in text]
            assert missing == [], source.properties.file


def list_words(source: Source) -> list[str]:
    """Every word of the source, as the PDF font writes it when the source becomes a PDF."""
    words: list[str] = []
    for block in parse_blocks(source.body):
        if isinstance(block, Table):
            cells = [to_text(c) for row in (block.header, *block.rows) for c in row]
            words += " ".join(cells).split()
        elif not isinstance(block, PageBreak):
            words += to_text(block.spans).split()
    if source.properties.format != "pdf":
        return words
    substitutes = str.maketrans({"\u2011": "-", "₂": "2", "→": ">", "☐": "[]", "☑": "[x]"})
    return [word.translate(substitutes) for word in words]


def test_the_pdf_font_draws_every_character_of_every_source() -> None:
    missing = {s.properties.file: list_missing_characters(s.body) for s in list_sources()}
    assert {file: characters for file, characters in missing.items() if characters} == {}


def test_french_typography_survives_a_pdf(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    body = "# Œuvre\n\n«\u00a0cœur\u00a0» : 1\u202f234,56\u00a0€ à 14\u00a0h\u00a030 — CO₂ ≥ 5\n"
    write_source(sources, body, "pdf", "Essai.pdf")
    build_documents(tmp_path / "target", folder=sources)
    text = read_words(tmp_path / "target" / "Essai.pdf")
    assert "« cœur » : 1 234,56 € à 14 h 30 — CO2 ≥ 5" in text
    assert "Page 1 / 1" in text
    assert "PR-99 · version 1.0 · En vigueur" in text


def test_a_scan_has_a_picture_and_no_text(tmp_path: Path) -> None:
    source = read_source(write_source(tmp_path, "# Titre\n\nTexte.\n", "pdf_scan", "Essai.pdf"))
    with pdfplumber.open(BytesIO(build_scan(source))) as document:
        assert [page.extract_text() for page in document.pages] == [""]
        assert len(document.pages[0].images) == 1


def test_a_word_file_has_headings_header_rows_language_and_a_running_header(
    tmp_path: Path,
) -> None:
    body = "# Titre\n\n## 1. Objet\n\n1. un\n2. deux\n\nTexte.\n\n1. encore\n\n"
    body += "| A | B |\n|---|---|\n| 1 | 2 |\n"
    source = read_source(write_source(tmp_path, body, "docx", "Essai.docx"))
    document = docx.Document(BytesIO(build_word(source)))
    styles = [p.style.name for p in document.paragraphs if p.style and p.text]
    assert styles == ["Title", "Heading 1", "List Number", "List Number", "Normal", "List Number"]
    assert "PR-99 · version\u00a01.0 · En vigueur" in document.sections[0].header.paragraphs[0].text
    assert set(document.styles.element.xpath("//w:lang/@w:val")) == {"fr-FR"}
    content = document.element.body
    assert content.xpath("count(.//w:tbl[last()]/w:tr[1]/w:trPr/w:tblHeader)") == 1
    first, second, third = content.xpath(".//w:numPr/w:numId/@w:val")
    assert first == second != third


@pytest.mark.parametrize(
    ("text", "column", "value"),
    [
        ("14512345678901", "Point", "14512345678901"),
        ("00123", "Point", "00123"),
        ("44000", "Code postal", "44000"),
        ("1.1", "Poste", "1.1"),
        ("1\u202f234,56", "Volume", 1234.56),
        ("12 %", "Part", 0.12),
        ("1 480 €", "Coût HT", 1480),
        ("-3", "Écart", -3),
        ("30/06/2026", "Échéance", date(2026, 6, 30)),
        ("2026-06-30", "Échéance", date(2026, 6, 30)),
        ("plus de 10 %", "Seuil", "plus de 10 %"),
        ("", "Montant", None),
    ],
)
def test_a_cell_takes_the_type_of_its_french_text(text: str, column: str, value: object) -> None:
    assert parse_value(text, column)[0] == value


def test_a_workbook_has_a_sheet_for_each_section_and_reads_its_csv(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("prm;kva\n01234567890123;36\n", encoding="utf-8")
    body = "# Titre\n\n## Points\n\n{{csv: points.csv}}\n\n## Notes\n\n| A |\n|---|\n| b |\n"
    source = read_source(write_source(tmp_path, body, "xlsx", "Essai.xlsx"))
    book = openpyxl.load_workbook(BytesIO(build_workbook(source)))
    assert book.sheetnames == ["Points", "Notes"]
    rows = list(book["Points"].iter_rows(values_only=True))
    assert rows == [("prm", "kva"), ("01234567890123", 36)]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("# Sans en-tête\n", "en-tête YAML absent"),
        (HEADER.format(format="md", file="../dehors.md"), "chemin hors du dossier"),
        (HEADER.format(format="odt", file="Essai.odt"), "format"),
        (HEADER.format(format="md", file="a.md") + "{{csv: absent.csv}}\n", "table introuvable"),
    ],
)
def test_a_bad_source_is_refused_by_name(tmp_path: Path, header: str, message: str) -> None:
    path = tmp_path / "mauvais.md"
    path.write_text(header, encoding="utf-8")
    with pytest.raises(SourceError, match=message) as caught:
        read_source(path)
    assert "mauvais.md" in str(caught.value)


def test_two_sources_for_one_file_are_refused_before_anything_is_written(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    write_source(sources, "# Un\n", file="Un.md")
    write_source(sources, "# Deux\n", file="UN.md")
    with pytest.raises(SourceError, match="deux sources"):
        build_documents(tmp_path / "target", folder=sources)
    assert not (tmp_path / "target").exists()


def test_nested_lists_keep_their_depth_and_numbers() -> None:
    blocks = parse_blocks("# T\n\n1. un\n   - a\n2. deux\n\n\\newpage\n")
    items = [(b.depth, b.number, to_text(b.spans)) for b in blocks if isinstance(b, ListItem)]
    assert items == [(0, 1, "un"), (1, None, "a"), (0, 2, "deux")]
    assert isinstance(blocks[0], Heading)
    assert isinstance(blocks[-1], PageBreak)
