"""Files that must be refused, each with a French message that says what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from ingest.errors import UnreadableFile
from ingest.readers import pdf, recognition, texts
from ingest.reading import read_document
from knowledge.models import ParsedDocument


def refusal(path: Path, **options: float) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read_document(path, **options)  # pyright: ignore[reportArgumentType]
    return caught.value.message


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def write_archive(path: Path, member: str, data: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, data)
    return path


def write_picture(path: Path) -> Path:
    picture = path.with_suffix(".png")
    Image.new("L", (400, 600), 250).save(picture)
    canvas = Canvas(str(path), pagesize=A4)
    canvas.drawImage(str(picture), 0, 0, *A4)
    canvas.save()
    return path


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("vide.pdf", b"", "est vide"),
        ("casse.pdf", b"%PDF-1.7\nabc", "endommagé"),
        ("casse.docx", b"PK\x03\x04abc", "endommagé"),
        ("note.rtf", b"{\\rtf1 abc}", "RTF"),
        ("photo.png", b"\x89PNG\r\n\x1a\n", "image"),
        ("vieux.doc", b"\xd0\xcf\x11\xe0" + bytes(600), "ancien format"),
        (
            "secret.docx",
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            "mot de passe",
        ),
        ("bruit.txt", bytes(range(256)) * 4, "ni du texte"),
        ("blanc.txt", b" \n \n", "aucun texte"),
    ],
)
def test_a_bad_file_is_refused_with_its_reason(
    tmp_path: Path, name: str, data: bytes, expected: str
) -> None:
    message = refusal(write(tmp_path / name, data))
    assert expected in message
    assert message.endswith((".", ")."))


def test_an_encrypted_pdf_asks_for_a_copy_without_password(tmp_path: Path) -> None:
    canvas = Canvas(str(tmp_path / "s.pdf"), encrypt=StandardEncryption("secret"))
    canvas.drawString(72, 700, "Confidentiel")
    canvas.save()
    assert "mot de passe" in refusal(tmp_path / "s.pdf")


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "gros.pdf").open("wb") as stream:
        stream.truncate(200 * 1024 * 1024)
    message = refusal(tmp_path / "gros.pdf", size_limit_mb=50)
    assert "200 Mo" in message and "50 Mo" in message


def test_a_zip_bomb_is_refused_before_unpacking(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "b.docx", "word/document.xml", bytes(80 * 1024 * 1024))
    assert path.stat().st_size < 1024 * 1024
    assert "décompresse" in refusal(path)


def test_an_archive_of_another_kind_is_refused(tmp_path: Path) -> None:
    assert "archive ZIP" in refusal(write_archive(tmp_path / "a.odt", "content.xml", b"<a/>"))


def test_a_wrong_extension_is_read_by_content_and_said(tmp_path: Path) -> None:
    path = write(
        tmp_path / "page.docx", b"<!DOCTYPE html><html><body><p>Bonjour.</p></body></html>"
    )
    parsed = read_document(path)
    assert parsed.media_type == "text/html"
    assert parsed.notice is not None and "page HTML" in parsed.notice


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "pu être ouvert" in refusal(tmp_path / "absent.pdf")


def test_a_scan_without_text_says_how_to_scan_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "recognize", lambda image, scale: [])
    assert "300 points par pouce" in refusal(write_picture(tmp_path / "s.pdf"))


def test_a_scan_without_engine_says_how_to_install_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recognition, "find_recognizer", lambda: None)
    assert "tesseract-ocr-fra" in refusal(write_picture(tmp_path / "s.pdf"))


def test_a_reading_that_never_ends_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dawdle(path: Path) -> ParsedDocument:
        while True:
            path.exists()

    monkeypatch.setattr(texts, "read_plain_text", dawdle)
    message = refusal(write(tmp_path / "n.txt", b"Bonjour."), time_limit_s=0.2)
    assert "Découpez-le" in message
