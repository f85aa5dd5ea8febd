"""What a dropped file is told by its content: meeting, piece of a tender, or nothing readable."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from docx import Document
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from ingest.meetings.audio import has_speech
from ingest.received import clean_name
from ingest.tenders.dropped import inspect, sort_files

SPEECH = "\n".join(
    f"{voice} : {said}"
    for voice, said in (
        ("Léa Martin", "On regarde l’acte d’engagement reçu hier."),
        ("Paul Roux", "Oui, le règlement de la consultation est clair."),
        ("Léa Martin", "Je relance l’acheteur demain."),
        ("Paul Roux", "Je prépare le prix."),
    )
)
RULES = "Règlement de la consultation\nAcheteur : Ville de Brive\nLot 1 : électricité\nLot 2 : gaz"


def write_word(path: Path, text: str) -> Path:
    document = Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    document.save(str(path))
    return path


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("note.docx", SPEECH, "transcript"),
        ("note.docx", RULES, "piece"),
        ("note.txt", SPEECH, "transcript"),
        ("note.txt", RULES, "piece"),
        ("note.txt", "Bonjour, nous nous sommes vus ce matin.", "either"),
        ("a.json", '{"date": "2026-10-15T14:00", "attendees": [{"name": "Léa"}]}', "invitation"),
        ("a.eml", "Subject: Facture\n\nBonjour", "mail"),
        ("a.json", '{"idweb": "26-1", "objet": "Électricité"}', "piece"),
    ],
)
def test_a_written_file_goes_by_what_it_says(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    path = tmp_path / name
    if name.endswith(".docx"):
        write_word(path, text)
    else:
        path.write_text(text, encoding="utf-8")
    assert inspect(path, name).destination == expected


def test_an_empty_or_unknown_file_says_what_to_do(tmp_path: Path) -> None:
    empty, unknown = tmp_path / "vide.pdf", tmp_path / "a.bin"
    empty.write_bytes(b"")
    unknown.write_bytes(bytes(range(256)) * 4)
    told = [one.refusal or "" for one in sort_files([(empty, "vide.pdf"), (unknown, "a.bin")])]
    assert "vide (0 octet)" in told[0]
    assert "«\u00a0a.bin\u00a0»" in told[1] and "les tableaux à importer" in told[1]
    assert "PPTX" not in told[1]


@pytest.mark.parametrize("name", ["revue.wav", "revue.MP3", "revue.mp4"])
def test_a_recording_goes_to_the_minutes_where_speech_is_read_else_tells_the_cost(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(b"RIFF\x24\x00\x00\x00WAVEfmt ")
    (found,) = sort_files([(path, name)])
    if has_speech():
        assert found.destination == "transcript"
    else:
        assert found.destination == "unknown"
        assert "pip install .[audio]" in (found.refusal or "")
        assert "620\u00a0Mo" in (found.refusal or "")


def test_pieces_dropped_together_are_one_tender_with_what_cannot_be_read(tmp_path: Path) -> None:
    archive, broken, note = tmp_path / "dce.zip", tmp_path / "x.bin", tmp_path / "n.txt"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("RC.txt", RULES)
    broken.write_bytes(b"\x00\x01\x02" * 9)
    note.write_text("Plans joints.", encoding="utf-8")
    speech = write_word(tmp_path / "s.docx", SPEECH)
    files = [(path, path.name) for path in (archive, broken, note, speech)]
    assert [one.destination for one in sort_files(files)] == ["piece"] * 3 + ["transcript"]
    assert [one.destination for one in sort_files([(note, "n.txt")])] == ["transcript"]


PROCEDURE = (
    "# PR-21 Achats\n\nLes prestataires sont évalués chaque année. Une demande est validée sous "
    "5 jours. Les offres des fournisseurs valent jusqu’au soir."
)


def write_pdf(path: Path, text: str = "") -> Path:
    """A PDF; without text, a page that is only a picture."""
    canvas = Canvas(str(path), pagesize=A4)
    if text:
        for rank, line in enumerate(text.split("\n")):
            canvas.drawString(72, 760 - 20 * rank, line)
    else:
        Image.new("L", (400, 600), 250).save(path.with_suffix(".png"))
        canvas.drawImage(str(path.with_suffix(".png")), 0, 0, *A4)
    canvas.save()
    return path


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("PR-21.md", PROCEDURE, "doubtful"),
        ("scan.pdf", "", "doubtful"),
        ("Contrat.pdf", PROCEDURE, "doubtful"),
        ("Annexe 2.docx", PROCEDURE, "doubtful"),
        ("Règlement intérieur.docx", PROCEDURE, "doubtful"),
        ("RC.pdf", "", "piece"),
        ("scan.pdf", RULES, "piece"),
        ("note.md", RULES, "piece"),
        ("note.md", "Réponse avant la date limite de\nremise des offres.", "piece"),
        ("note.md", "Le pouvoir adjudicateur est la Ville.", "piece"),
        ("note.md", "Critères de jugement : prix 60 %. Offres remises au plus tard le 3 mai.",
         "piece"),
    ],
)  # fmt: skip
def test_a_document_alone_is_a_tender_only_when_it_speaks_of_one(
    tmp_path: Path, name: str, text: str, expected: str
) -> None:
    path = tmp_path / f"depot{Path(name).suffix}"
    if path.suffix == ".pdf":
        write_pdf(path, text)
    elif path.suffix == ".docx":
        write_word(path, text)
    else:
        path.write_text(text, encoding="utf-8")
    assert [one.destination for one in sort_files([(path, name)])] == [expected]


def test_a_tender_dropped_alone_goes_on_whatever_form_it_has(tmp_path: Path) -> None:
    archive, notice = tmp_path / "dce.zip", tmp_path / "avis.json"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("Note.txt", "Plans joints.")
    notice.write_text('{"idweb": "26-1", "objet": "Électricité"}', encoding="utf-8")
    for path in (archive, notice):
        assert [one.destination for one in sort_files([(path, path.name)])] == ["piece"]


def test_a_document_beside_others_is_one_of_their_pieces(tmp_path: Path) -> None:
    scan, note = write_pdf(tmp_path / "scan.pdf"), tmp_path / "note.md"
    note.write_text(PROCEDURE, encoding="utf-8")
    found = sort_files([(scan, "scan.pdf"), (note, "note.md")])
    assert [one.destination for one in found] == ["piece", "piece"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("clients.csv", "sheet"), ("Points de livraison.xlsx", "sheet"), ("clients.xls", "sheet"),
     ("BPU lot 1.xlsx", "piece"), ("Annexe 2.xlsx", "piece")],
)  # fmt: skip
def test_a_table_is_imported_unless_its_name_is_that_of_a_tender_s_piece(
    tmp_path: Path, name: str, expected: str
) -> None:
    path = tmp_path / "abcd.xls"  # the page names it after the type that the browser states
    path.write_bytes(b"Nom;Ville\nA;B\n")
    (found,) = sort_files([(path, name)])
    assert found.destination == expected
    rules = tmp_path / "RC.txt"
    rules.write_text(RULES, encoding="utf-8")
    together = sort_files([(path, name), (rules, "RC.txt")])
    assert [one.destination for one in together] == ["piece", "piece"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("../../etc/passwd", "passwd"), ("C:\\a\\RC.pdf", "RC.pdf"), ("\x00\n", "fichier"),
     (None, "fichier"), ("é" * 300 + ".pdf", "é" * 150 + ".pdf")],
)  # fmt: skip
def test_a_received_name_stays_in_its_folder(given: str | None, kept: str) -> None:
    assert clean_name(given) == kept
