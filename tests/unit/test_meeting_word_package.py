"""The Word file of minutes is a sound package: every part is XML, named, declared and reachable."""

from __future__ import annotations

import io
import posixpath
import shutil
import subprocess
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest
from docx.oxml import parse_xml

from agents.meeting_synthesis.desk import lay_out
from agents.meeting_synthesis.output.layouts import LAYOUTS
from agents.meeting_synthesis.output.word import write_word
from tests.meetings import write

SAID = (
    "L: Désormais, toute réclamation est accusée sous deux jours \x0b & sans faute.",
    "A: D'accord.",
    "L: Je vous envoie le mandat vendredi.",
    "A: Le prix est à soixante-douze euros du mégawattheure.",
)
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
SOFFICE = shutil.which("soffice")
TYPES = "[Content_Types].xml"
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


@pytest.fixture(params=sorted(LAYOUTS))
def word(request: pytest.FixtureRequest) -> bytes:
    return write_word(lay_out(write(*SAID), str(request.param)))


def test_every_part_is_xml_declared_and_every_relation_leads_somewhere(word: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        assert package.testzip() is None
        names = package.namelist()
        assert len(names) == len(set(names))
        parts = {n: parse_xml(package.read(n)) for n in names if n.endswith((".xml", ".rels"))}
    declared = {each.get("PartName") for each in parts[TYPES]}
    defaults = {each.get("Extension") for each in parts[TYPES]}
    for name in names:
        if name != TYPES:
            assert f"/{name}" in declared or name.rpartition(".")[2] in defaults, name
    for name in (n for n in parts if n.endswith(".rels")):
        folder = posixpath.dirname(posixpath.dirname(name))
        for relation in parts[name].iter(RELATION):
            if relation.get("TargetMode") == "External":
                continue
            target = str(relation.get("Target"))
            at = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            assert posixpath.normpath(at) in names, target


def test_headings_never_skip_a_level_and_tables_tell_their_heads(word: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(word)) as package:
        body = parse_xml(package.read("word/document.xml"))
        styles = package.read("word/styles.xml").decode()
    levels = [
        int(str(style.get(f"{W}val"))[-1])
        for style in body.iter(f"{W}pStyle")
        if str(style.get(f"{W}val")).startswith("Heading")
    ]
    assert levels and levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    tables = list(body.iter(f"{W}tbl"))
    assert tables and all(table.find(f".//{W}tblHeader") is not None for table in tables)
    assert 'w:val="fr-FR"' in styles


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_reads_all_its_words(word: bytes, tmp_path: Path) -> None:
    path = tmp_path / "cr.docx"
    path.write_bytes(word)
    subprocess.run(  # noqa: S603 - our own file, no shell
        [str(SOFFICE), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "txt:Text (encoded):UTF8", "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    told = (tmp_path / "cr.txt").read_text(encoding="utf-8-sig")
    for words in ("Couverture", "Envoyer le mandat", "& sans faute", "MARTIN Léa"):
        assert words in told
