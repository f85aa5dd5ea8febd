"""PDFium is entered by one thread at a time, and its refusals are said in French."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event

import pytest
from reportlab.pdfgen.canvas import Canvas

from core.engine.pages import count_pages
from core.errors import InvalidInput
from core.pdfium import open_pdf


@pytest.fixture(scope="module")
def printed() -> bytes:
    stream = BytesIO()
    canvas = Canvas(stream, invariant=1)
    canvas.drawString(72, 700, "Page de garde")
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def test_a_second_thread_waits_for_the_first_to_leave(printed: bytes) -> None:
    entered = Event()

    def count() -> int:
        entered.set()
        return count_pages(printed)

    with ThreadPoolExecutor(1) as threads:
        with open_pdf(printed):
            waiting = threads.submit(count)
            assert entered.wait(5)
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.3)
        assert waiting.result(timeout=5) == 1


@pytest.mark.parametrize("content", [b"", b"pas un PDF"])
def test_what_pdfium_refuses_is_said_in_french_and_leaves_the_door_open(
    content: bytes, printed: bytes
) -> None:
    with pytest.raises(InvalidInput, match="n’est pas un PDF lisible"), open_pdf(content):
        pass
    assert count_pages(printed) == 1
