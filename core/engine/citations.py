"""The API's citations mapped back to what we gave it, and kept only when they hold.

The API counts search results and documents apart, each in the order of the whole request,
tool results included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from core.engine.pages import read_page_text
from core.engine.protocol import (
    Block,
    Citation,
    Message,
    PdfPages,
    Request,
    SearchResult,
    ToolResult,
)

BLANK = re.compile(r"\s+")


@dataclass(frozen=True)
class Sources:
    """What a request gave to be cited, as the API numbers it."""

    results: tuple[SearchResult, ...] = ()
    documents: tuple[PdfPages, ...] = ()


NO_SOURCES = Sources()


def list_sources(request: Request) -> Sources:
    """The citable blocks of a request, in the API's order."""
    blocks = list(_walk(request.messages))
    return Sources(
        tuple(b for b in blocks if isinstance(b, SearchResult)),
        tuple(b for b in blocks if isinstance(b, PdfPages)),
    )


def _walk(messages: Iterable[Message]) -> Iterator[Block]:
    for message in messages:
        for block in message.content:
            yield block
            if isinstance(block, ToolResult):
                yield from block.found


def read_citation(raw: dict[str, Any], sources: Sources) -> Citation | None:
    """The citation in our own terms; None when it names or quotes what was not given."""
    try:
        match raw.get("type"):
            case "search_result_location":
                return _read_result(raw, sources.results)
            case "page_location":
                return _read_pages(raw, sources.documents)
            case _:
                return None
    except (KeyError, IndexError, TypeError):
        return None


def _read_result(raw: dict[str, Any], results: tuple[SearchResult, ...]) -> Citation | None:
    start, end = raw["start_block_index"], raw["end_block_index"]
    index, quote = raw["search_result_index"], raw["cited_text"]
    if not 0 <= index < len(results):
        return None
    result = results[index]
    if raw["source"] != result.source or not 0 <= start < end <= len(result.passages):
        return None
    passages = result.passages[start:end]
    if _squeeze("".join(p.text for p in passages)) != _squeeze(quote):
        return None
    return Citation(result.source, " ".join(p.text for p in passages), passages)


def _read_pages(raw: dict[str, Any], documents: tuple[PdfPages, ...]) -> Citation | None:
    start, end = raw["start_page_number"], raw["end_page_number"]
    index, quote = raw["document_index"], raw["cited_text"]
    if not (0 <= index < len(documents) and 1 <= start < end and quote.strip()):
        return None
    document = documents[index]
    text = "".join(read_page_text(document.data, page) for page in range(start, end))
    if _squeeze(quote) not in _squeeze(text):
        return None
    first = document.first_page - 1
    return Citation(document.source, quote.strip(), pages=tuple(range(first + start, first + end)))


def _squeeze(text: str) -> str:
    return BLANK.sub("", text)
