"""Tender files as they really come: locked, broken, huge, misnamed; each has its clear line."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from PIL import Image
from pypdf import PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from agents.tender_scoring.analysis import Means, analyse_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import write_card
from agents.tender_scoring.profile import load_profile
from agents.tender_scoring.rules.unreadable import NothingReadable
from core.context import PARIS
from ingest.errors import UnreadableFile
from ingest.readers.recognition import find_recognizer
from ingest.tenders.intake import FILE_LIMIT, Intake, unpack

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=PARIS)
Judge = Callable[..., TenderAnalysis]


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    def run(**files: bytes) -> TenderAnalysis:
        path = tmp_path / "dce.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in files.items():
                archive.writestr(name, data)
        return analyse_files([path], Means(load_profile(), load_grid(), NOW))

    return run


def take(tmp_path: Path, data: bytes, name: str = "dce.zip") -> Intake:
    (tmp_path / name).write_bytes(data)
    (tmp_path / "w").mkdir()
    return unpack([tmp_path / name], tmp_path / "w")


def zipped(**files: bytes) -> bytes:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def locked_pdf() -> bytes:
    writer, stream = PdfWriter(), BytesIO()
    writer.add_blank_page(200, 200)
    writer.encrypt("secret")
    writer.write(stream)
    return stream.getvalue()


def broken_workbook() -> bytes:
    stream = BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()[:-400]


def photo() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (64, 64), "grey").save(stream, "JPEG")
    return stream.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1024)
UNREADABLE = {
    "plans.pdf": (locked_pdf(), "mot de passe"),
    "annexe.xlsx": (broken_workbook(), "endommagé"),
    "façade.jpg": (photo(), "image"),
    "RC.pdf": (b"", "vide"),
    "CCTP.doc": (OLE + "WordDocument".encode("utf-16-le"), "DOCX"),
    "BPU.xls": (OLE + "Workbook".encode("utf-16-le"), "XLSX"),
    "CCAP.docx": (b"PK\x03\x04" + bytes(40), "endommagé"),
}


RULES = """Règlement de la consultation
La Ville de Montreval lance une consultation pour une mission de conseil en achat de gaz.
Les offres sont valables 90 jours.
"""


@pytest.mark.parametrize("name", UNREADABLE)
def test_beside_a_piece_that_is_read_a_file_that_is_not_says_why_and_becomes_a_question(
    name: str, judge: Judge
) -> None:
    data, words = UNREADABLE[name]
    found = judge(**{name: data, "reglement.txt": RULES.encode()})
    [piece] = found.unreadable_pieces
    assert piece.name == name
    assert words in (piece.reason or "")
    assert any(name in (each.question or "") for each in found.to_clarify)
    assert f"{name}\u00a0: {piece.reason}" in write_card(found).replace("\\", "")


def test_when_nothing_can_be_read_each_file_is_told_and_nothing_is_judged(judge: Judge) -> None:
    with pytest.raises(NothingReadable) as told:
        judge(**{name: data for name, (data, _) in UNREADABLE.items()})
    lines = told.value.message.splitlines()
    for name, (_, words) in UNREADABLE.items():
        assert any(line.startswith(f"- {name}\u00a0:") and words in line for line in lines)


def test_a_few_words_are_no_tender(judge: Judge) -> None:
    with pytest.raises(NothingReadable, match="quelques mots"):
        judge(**{"photo.txt": b"Mairie 12"})


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_text_in_another_encoding_keeps_its_accents(encoding: str, judge: Judge) -> None:
    text = "Règlement de la consultation\nAcheteur : Ville de Saint-Étienne-d’Évran\n"
    found = judge(**{"RC.txt": text.encode(encoding)})
    assert found.facts.buyer is not None
    assert found.facts.buyer.value == "Ville de Saint-Étienne-d’Évran"


def test_an_empty_archive_says_so(judge: Judge) -> None:
    with pytest.raises(NothingReadable, match="aucun fichier"):
        judge()


def test_ten_thousand_files_are_cut_at_the_limit_the_pieces_kept(tmp_path: Path) -> None:
    files = {f"photos/{n:05}.txt": b"x" for n in range(10_000)}
    found = take(tmp_path, zipped(**files, **{"z/RC.txt": b"reglement"}))
    assert len(found.files) == FILE_LIMIT
    assert found.skipped == 10_001 - FILE_LIMIT
    assert found.files[0].path == "z/RC.txt"


def test_archives_in_archives_are_opened_down_to_a_depth(tmp_path: Path) -> None:
    data = zipped(**{"RC.txt": b"reglement"})
    for level in range(4):
        data = zipped(**{f"niveau{level}.zip": data, f"piece{level}.txt": b"x"})
    found = take(tmp_path, data)
    assert {Path(file.path).name for file in found.files} == {
        "piece3.txt", "piece2.txt", "piece1.txt",
    }  # fmt: skip
    assert "trop profondément" in found.refusals[0].reason


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    found = take(tmp_path, zipped(**{"RC.pdf": bytes(80 * 1024 * 1024)}))
    assert not found.files
    assert "refusée pour protéger le serveur" in found.refusals[0].reason
    assert not list((tmp_path / "w").iterdir())


def test_a_locked_archive_is_told_and_its_password_asked(tmp_path: Path) -> None:
    data = bytearray(zipped(**{"RC.txt": b"reglement"}))
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    found = take(tmp_path, bytes(data))
    assert not found.files
    assert "mot de passe" in found.refusals[0].reason


@pytest.mark.parametrize("name", ["../x.txt", "/etc/x.txt", "C:\\x.txt", "a/../../x.txt"])
def test_a_name_that_leaves_the_archive_is_refused(name: str, tmp_path: Path) -> None:
    found = take(tmp_path, zipped(**{name: b"x"}))
    assert not found.files
    assert "sort de l’archive" in found.refusals[0].reason


@pytest.mark.skipif(find_recognizer() is None, reason="aucune reconnaissance de caractères")
@pytest.mark.timeout(600)
def test_a_scanned_page_is_recognised_and_flagged(judge: Judge) -> None:
    printed = BytesIO()
    canvas = Canvas(printed, pagesize=(420, 300), invariant=1)
    canvas.setFont("Helvetica", 14)
    for rank, line in enumerate((
        "REGLEMENT DE LA CONSULTATION",
        "Les offres sont valables 120 jours.",
    )):  # fmt: skip
        canvas.drawString(30, 250 - 30 * rank, line)
    canvas.save()
    found = judge(**{"RC.pdf": scan(printed.getvalue())})
    piece = found.pieces[0]
    assert (piece.kind, piece.ocr_pages) == ("rc", (1,))
    assert found.facts.offer_validity is not None
    assert found.facts.offer_validity.days == 120
    assert found.facts.offer_validity.evidence[0].is_ocr
    assert "ocr" in {anomaly.kind for anomaly in found.anomalies}


def test_without_recognition_the_other_pages_are_read(
    judge: Judge, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise UnreadableFile("Aucun moteur de reconnaissance n’est installé.")

    monkeypatch.setattr("ingest.tenders.pdf_pages.recognize_page", refuse)
    stream = BytesIO()
    canvas = Canvas(stream, invariant=1)
    canvas.drawString(72, 700, "Reglement de la consultation")
    canvas.drawString(72, 680, "Les offres sont valables 90 jours.")
    canvas.showPage()
    picture = BytesIO(photo())
    canvas.drawImage(ImageReader(picture), 0, 0, 400, 400)
    canvas.showPage()
    canvas.save()
    found = judge(**{"RC.pdf": stream.getvalue(), "plan.pdf": scan(stream.getvalue())})
    status = {piece.name: piece.status for piece in found.pieces}
    assert status == {"RC.pdf": "used", "plan.pdf": "unreadable"}
    assert found.facts.offer_validity is not None
    assert found.facts.offer_validity.days == 90
    assert any("page 2" in a.message and "non lue" in a.message for a in found.anomalies)


def scan(data: bytes) -> bytes:
    """A PDF whose pages are pictures of those of `data`."""
    import pypdfium2

    stream = BytesIO()
    canvas = Canvas(stream, invariant=1)
    document = pypdfium2.PdfDocument(data)
    for page in document:
        width, height = page.get_size()
        canvas.setPageSize((width, height))
        picture = ImageReader(page.render(scale=2).to_pil())
        canvas.drawImage(picture, 0, 0, width, height)
        canvas.showPage()
    document.close()
    canvas.save()
    return stream.getvalue()
