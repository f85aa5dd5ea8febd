"""Estimates of tokens, and pages cut out of a PDF."""

from io import BytesIO

import pypdfium2
import pytest
from reportlab.pdfgen.canvas import Canvas

from core.engine import tokens
from core.engine.pages import count_pages, cut_pages, read_page_text
from core.engine.tokens import TOKENS_PER_PDF_PAGE, TokenCount, estimate_blocks, estimate_tokens
from core.errors import InvalidInput

FRENCH = "Le contrat de fourniture d’électricité arrive à échéance le 31 décembre 2026. "


def make_pdf(pages: int) -> bytes:
    buffer = BytesIO()
    canvas = Canvas(buffer)
    for number in range(1, pages + 1):
        canvas.drawString(72, 700, f"Article {number}. Le candidat remet son offre.")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def test_newer_models_take_more_tokens_for_the_same_text() -> None:
    new, old = (estimate_tokens(FRENCH * 20, m) for m in ("claude-haiku-5-5", "claude-haiku-4-5"))
    assert new == round(old * 1.3)
    assert 15 * 20 < old < 30 * 20


def test_without_its_table_the_estimate_falls_back_on_characters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(name: str) -> None:
        raise OSError(name)

    counted = estimate_tokens(FRENCH * 20, "claude-haiku-5-5")
    tokens._load_encoding.cache_clear()
    monkeypatch.setattr(tokens.tiktoken, "get_encoding", fail)
    guessed = estimate_tokens(FRENCH * 20, "claude-haiku-5-5")
    tokens._load_encoding.cache_clear()
    assert guessed == pytest.approx(counted, rel=0.25)


def test_special_tokens_in_a_text_are_ordinary_words() -> None:
    assert estimate_tokens("<|endoftext|>", "claude-haiku-5-5") > 1


def test_the_deviation_is_a_share_of_the_count() -> None:
    assert TokenCount("m", 110, 100).deviation == pytest.approx(0.1)
    assert TokenCount("m", 90, 100).deviation == pytest.approx(-0.1)
    assert TokenCount("m", 90).deviation is None
    assert (TokenCount("m", 90).tokens, TokenCount("m", 90, 100).tokens) == (90, 100)


def test_schemas_and_pdf_pages_are_counted() -> None:
    import base64

    pdf = {"type": "base64", "data": base64.b64encode(make_pdf(2)).decode()}
    document = {"type": "document", "title": "", "source": pdf}
    assert estimate_blocks([document], "claude-opus-5-5") == 2 * TOKENS_PER_PDF_PAGE
    tool = {"name": "a", "description": "b", "input_schema": {"type": "object", "x": FRENCH}}
    assert estimate_blocks([tool], "claude-opus-5-5") > 20


def test_pages_are_cut_in_their_order() -> None:
    cut = cut_pages(make_pdf(5), 2, 4)
    assert count_pages(cut) == 3
    assert "Article 2" in read_page_text(cut, 1)
    assert "Article 4" in read_page_text(cut, 3)
    with pytest.raises(IndexError):
        read_page_text(cut, 4)


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 6)])
def test_pages_that_do_not_exist_are_refused(first: int, last: int) -> None:
    with pytest.raises(InvalidInput, match="le document en a 5"):
        cut_pages(make_pdf(5), first, last)


def test_more_pages_than_a_model_reads_are_refused() -> None:
    with pytest.raises(InvalidInput, match="au plus 100 pages"):
        cut_pages(make_pdf(101), 1, 101)


def test_what_is_not_a_pdf_is_refused() -> None:
    with pytest.raises(InvalidInput, match="PDF lisible"):
        cut_pages(b"PK\x03\x04", 1, 1)


def test_the_cut_is_a_pdf_of_its_own() -> None:
    with pypdfium2.PdfDocument(cut_pages(make_pdf(3), 3, 3)) as document:
        assert len(document) == 1
