"""Text formats: Markdown, HTML, plain text and CSV."""

from __future__ import annotations

import csv
import re
from pathlib import Path
from typing import Any

import lxml.html

from ingest.readers.elements import (
    clean_text,
    looks_like_heading,
    numbering_depth,
    to_blocks,
    use_local_language_pipeline,
    use_marked_structure,
)
from ingest.readers.file_types import CSV, HTML, MARKDOWN, TEXT, read_text
from ingest.readers.tables import table_blocks
from ingest.readers.titles import find_title
from knowledge.models import Block, ParsedDocument

NBSP = "\u00a0"
_FRONT_MATTER = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.S)
_ITEM = re.compile(r"^[ \t]*(?:[-•▪‣*–]|\d{1,2}[.)])[ \t]+")
_RULE = re.compile(r"[-=_*~]{3,}")


def read_markdown(path: Path) -> ParsedDocument:
    """Headings, paragraphs, lists and tables of a Markdown text, front matter left out."""
    use_marked_structure()
    from unstructured.partition.md import partition_md

    from ingest.readers.markdown_text import EXTENSIONS

    text = _FRONT_MATTER.sub("", read_text(path))
    blocks = to_blocks(
        partition_md(text=text, extensions=list(EXTENSIONS)) if text.strip() else [],
        heading_level=_markup_level,
    )
    return _one_page(MARKDOWN.media_type, blocks)


def read_html(path: Path) -> ParsedDocument:
    """Content of a page; the document's title is its first heading, else its <title>."""
    text = read_text(path)
    stated = re.search(r"<title[^>]*>(.*?)</title>", text, re.S | re.I)
    document = _one_page(HTML.media_type, html_blocks(text))
    if document.title is None and stated:
        title = find_title(clean_text(stated[1]))
        return ParsedDocument(title, HTML.media_type, 1, document.blocks)
    return document


def html_blocks(text: str) -> list[Block]:
    """Blocks of an HTML text; « dt/dd » pairs become « label : value » items."""
    use_marked_structure()
    from unstructured.partition.html import partition_html

    if not text.strip():
        return []
    prepared = _flatten_definitions(text)
    elements = partition_html(text=prepared)
    return to_blocks(elements, heading_level=_markup_level)


def read_plain_text(path: Path) -> ParsedDocument:
    """Paragraphs between blank lines; form feeds end pages."""
    pages = read_text(path).split("\f")
    blocks = [
        block
        for number, page in enumerate(pages, start=1)
        for block in plain_blocks(page, page_number=number)
    ]
    title = next((block.text for block in blocks if block.kind == "heading"), None)
    return ParsedDocument(title, TEXT.media_type, len(pages), tuple(blocks))


def plain_blocks(text: str, *, page_number: int = 1) -> list[Block]:
    """Blocks of a plain text: paragraphs of wrapped lines, list items, headings."""
    use_local_language_pipeline()
    from unstructured.partition.text import partition_text

    elements = partition_text(text=text, languages=["fra"]) if text.strip() else []
    blocks: list[Block] = []
    for element in elements:
        is_item = type(element).__name__ == "ListItem"
        blocks += [_plain_block(each, is_item, page_number) for each in _unwrap(element.text)]
    return blocks


def read_csv(path: Path) -> ParsedDocument:
    """A CSV as one table whose first row is the header."""
    text = read_text(path)
    rows = [row for row in csv.reader(text.splitlines(), _sniff(text)) if any(row)]
    return ParsedDocument(None, CSV.media_type, 1, tuple(table_blocks(rows, page=1)))


def _markup_level(element: Any) -> int:
    depth = element.metadata.category_depth
    return 0 if depth is None else int(depth) + 1


def _one_page(media_type: str, blocks: list[Block]) -> ParsedDocument:
    headings = [block for block in blocks if block.kind == "heading"]
    title = headings[0].text if headings and headings[0].level == 1 else None
    return ParsedDocument(title, media_type, 1, tuple(blocks))


def _flatten_definitions(text: str) -> str:
    if "<dl" not in text.lower():
        return text
    try:
        root = lxml.html.document_fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except (ValueError, lxml.html.etree.ParserError):
        return text
    for definitions in list(root.iter("dl")):
        _flatten_one(definitions)
    return str(lxml.html.tostring(root, encoding="unicode"))


def _flatten_one(definitions: Any) -> None:
    label = ""
    for child in list(definitions.iter("dt", "dd")):
        content = " ".join(child.text_content().split())
        if child.tag == "dt":
            label = content
        else:
            item = definitions.makeelement("li")
            item.text = f"{label}{NBSP}: {content}" if label else content
            definitions.append(item)
    for child in [each for each in definitions if each.tag != "li"]:
        definitions.remove(child)
    definitions.tag = "ul"


def _unwrap(text: str) -> list[str]:
    """Paragraphs of `text`: a line continues the one before unless that one was cut short."""
    paragraphs: list[str] = []
    width = max((len(line) for line in text.splitlines()), default=0)
    previous = 0
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or _RULE.fullmatch(stripped):
            previous = 0
            continue
        is_wrapped = previous > 0.6 * width and width > 50 and not _ITEM.match(line)
        if paragraphs and is_wrapped:
            paragraphs[-1] += f" {stripped}"
        else:
            paragraphs.append(stripped)
        previous = len(line)
    return paragraphs


def _plain_block(text: str, is_item: bool, page: int) -> Block:
    if looks_like_heading(text) and not (is_item and not numbering_depth(text)):
        return Block("heading", text, page, level=max(1, numbering_depth(text)))
    if is_item or _ITEM.match(text):
        return Block("list_item", _ITEM.sub("", text), page)
    return Block("text", text, page)


def _sniff(text: str) -> type[csv.Dialect] | csv.Dialect:
    lines = [line for line in text.splitlines() if line.strip()][:20]
    counts = {mark: [line.count(mark) for line in lines] for mark in ";\t,|"}
    delimiter = max(counts, key=lambda mark: (min(counts[mark], default=0), sum(counts[mark])))

    class Sniffed(csv.excel):
        pass

    Sniffed.delimiter = delimiter
    return Sniffed
