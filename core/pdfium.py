"""The one door to PDFium, which is not made for two threads at once."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pypdfium2

from core.errors import InvalidInput

UNREADABLE = (
    "Ce fichier n’est pas un PDF lisible, ou un mot de passe le protège. "
    "Fournissez-en une copie ouverte."
)
_ALONE = threading.Lock()


@contextmanager
def open_pdf(source: bytes | Path) -> Generator[pypdfium2.PdfDocument]:
    """The document, no other thread being in PDFium meanwhile; do not nest.

    Raises `InvalidInput` where PDFium refuses the file, or fails on a page of it.
    """
    with _ALONE:
        try:
            with pypdfium2.PdfDocument(source) as document:
                yield document
        except pypdfium2.PdfiumError as error:
            raise InvalidInput(UNREADABLE) from error
