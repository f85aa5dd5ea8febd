"""Sources given to a model: citable blocks for Claude, fenced text for any other."""

from __future__ import annotations

import base64
from typing import Any, Literal

from core.engine.catalog import find_family
from core.engine.pages import count_pages, read_page_text
from core.engine.protocol import PdfPages, SearchResult
from core.prompts import Untrusted, fence

SourceMode = Literal["cited", "plain", "text"]


def find_mode(model: str, *, cites: bool) -> SourceMode:
    """Only Claude's models are known to take the blocks of sources: others get their text.

    The API wants citations enabled on all the sources of a request, or on none.
    """
    if find_family(model) is None:
        return "text"
    return "cited" if cites else "plain"


def build_source(source: SearchResult | PdfPages, mode: SourceMode) -> dict[str, Any]:
    """The block of a source in the terms of the API."""
    if mode == "text":
        return {"type": "text", "text": write_source(source)}
    block = _build_result(source) if isinstance(source, SearchResult) else _build_pdf(source)
    return {**block, "citations": {"enabled": mode == "cited"}}


def write_source(source: SearchResult | PdfPages) -> str:
    """The text of a source, fenced; passages under their marks, pages under their numbers."""
    if isinstance(source, SearchResult):
        lines = [f"[{passage.mark}] {passage.text.strip()}" for passage in source.passages]
        return fence(Untrusted(source.title, "\n".join(lines), source.source))
    pages = [
        f"[page {source.first_page + index}]\n{read_page_text(source.data, index + 1)}"
        for index in range(count_pages(source.data))
    ]
    return fence(Untrusted(source.title, "\n".join(pages), source.source))


def _build_result(result: SearchResult) -> dict[str, Any]:
    return {
        "type": "search_result",
        "source": result.source,
        "title": result.title,
        "content": [{"type": "text", "text": passage.text} for passage in result.passages],
    }


def _build_pdf(pages: PdfPages) -> dict[str, Any]:
    data = base64.b64encode(pages.data).decode("ascii")
    return {
        "type": "document",
        "title": pages.title,
        "source": {"type": "base64", "media_type": "application/pdf", "data": data},
    }
