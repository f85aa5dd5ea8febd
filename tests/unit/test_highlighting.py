"""A cited passage is marked on its page, each line of it, and nothing else is."""

from __future__ import annotations

from io import BytesIO

import pypdfium2
import pytest
from pypdfium2 import raw
from reportlab.pdfgen.canvas import Canvas

from core.errors import InvalidInput
from ingest.tenders.highlighting import highlight

LINES = ("Les plis doivent parvenir avant le 18 janvier", "2027 à 12 h 00.", "Aucune visite.")


@pytest.fixture(scope="module")
def printed() -> bytes:
    stream = BytesIO()
    canvas = Canvas(stream, invariant=1)
    for page in range(2):
        for rank, line in enumerate(LINES):
            canvas.drawString(72, 700 - 20 * rank, f"{line}" if page else "Page de garde")
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def list_marks(content: bytes) -> list[list[int]]:
    """The number of marked lines of each note, page by page."""
    with pypdfium2.PdfDocument(content) as document:
        marks: list[list[int]] = []
        for page in document:
            notes = [raw.FPDFPage_GetAnnot(page.raw, n)
                     for n in range(raw.FPDFPage_GetAnnotCount(page.raw))]  # fmt: skip
            marks.append([raw.FPDFAnnot_CountAttachmentPoints(note) for note in notes])
        return marks


def test_each_line_of_the_passage_is_marked_on_its_page(printed: bytes) -> None:
    marked = highlight(printed, 2, "avant le 18 janvier\n2027 à 12 h 00.")
    assert list_marks(marked) == [[], [2]]


@pytest.mark.parametrize(("page", "quote"), [(2, "Visite obligatoire"), (9, LINES[2]), (2, "")])
def test_words_that_are_not_there_leave_the_file_as_it_was(
    page: int, quote: str, printed: bytes
) -> None:
    assert highlight(printed, page, quote) == printed


def test_a_file_that_no_reader_opens_is_refused_in_words(printed: bytes) -> None:
    refused_by_pdfium = printed.replace(b"%PDF-", b"%ABC-")
    for damaged in (refused_by_pdfium, printed[:300], b"pas un PDF", b""):
        with pytest.raises(InvalidInput, match="telle qu’elle a été reçue"):
            highlight(damaged, 2, LINES[2])
