"""Pages of a PDF cut out for a model to look at."""

from __future__ import annotations

from io import BytesIO

from pypdfium2 import PdfDocument

from core.errors import InvalidInput
from core.pdfium import open_pdf

MOST_PAGES = 100
# The API takes requests of 32 MB, and base64 makes four bytes of three.
MOST_BYTES = 20 * 1024 * 1024


def cut_pages(data: bytes, first: int, last: int) -> bytes:
    """A PDF of pages `first` to `last`, both counted from 1 and included.

    Raises `InvalidInput`: not a PDF, locked, no such pages, or more than a model may be given.
    """
    with open_pdf(data) as source:
        _check_range(first, last, len(source))
        return _write(source, first, last)


def count_pages(data: bytes) -> int:
    """How many pages a readable PDF has."""
    with open_pdf(data) as document:
        return len(document)


def _check_range(first: int, last: int, count: int) -> None:
    if not 1 <= first <= last <= count:
        raise InvalidInput(
            f"Les pages {first} à {last} n’existent pas\u00a0: le document en a {count}."
        )
    if last - first + 1 > MOST_PAGES:
        raise InvalidInput(
            f"Un modèle lit au plus {MOST_PAGES} pages à la fois\u00a0: demandez-en moins."
        )


def _write(source: PdfDocument, first: int, last: int) -> bytes:
    with PdfDocument.new() as kept:
        kept.import_pages(source, list(range(first - 1, last)))
        buffer = BytesIO()
        kept.save(buffer)
    if buffer.tell() > MOST_BYTES:
        raise InvalidInput("Ces pages sont trop lourdes pour un modèle\u00a0: demandez-en moins.")
    return buffer.getvalue()


def read_page_text(data: bytes, page: int) -> str:
    """The text of a page counted from 1. Raises `IndexError` when there is no such page."""
    with open_pdf(data) as document:
        if not 1 <= page <= len(document):
            raise IndexError(page)
        return document[page - 1].get_textpage().get_text_bounded()
