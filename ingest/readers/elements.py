"""Unstructured's elements turned into blocks; its language pipeline replaced by a local one."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from html.parser import HTMLParser
from inspect import unwrap
from types import ModuleType
from typing import Any

from ingest.readers.tables import table_blocks
from knowledge.models import Block
from knowledge.sentences import split_sentences

HeadingLevel = Callable[[Any], int]
HeaderFlag = Callable[[Sequence[Sequence[str]]], bool | None]

_SKIPPED = frozenset({"Header", "Footer", "PageBreak", "PageNumber", "Image", "UncategorizedText"})
_NUMBER = re.compile(r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4})\.?[\s\u00a0]+(?=\S)")
_WORD = re.compile(r"\w+|[^\w\s]")
_TRAILING = re.compile(r"[ \t]+(?=\n|$)")
_BULLET = re.compile(r"^[•▪‣·●○–—-][\s\u00a0]+")


@lru_cache(maxsize=1)
def use_local_language_pipeline() -> None:
    """Give `unstructured` French sentences and words, in place of a model it would download.

    To be called before a partitioner is imported: the module it takes them from is replaced.
    """
    name = "unstructured.nlp.tokenize"
    sys.modules[name] = module = ModuleType(name)
    vars(module).update(sent_tokenize=_list_sentences, word_tokenize=_list_words, pos_tag=_tag)


@lru_cache(maxsize=1)
def use_marked_structure() -> None:
    """Spare `unstructured` what blocks make no use of, where tags say what paragraphs are.

    It guesses which paragraphs tell a story, and once they are found gives them identities,
    parents and a language: half of reading a page, with no difference to its blocks.
    """
    use_local_language_pipeline()
    from unstructured.partition import html, md
    from unstructured.partition.html import parser

    setattr(parser, "is_possible_narrative_text", bool)  # noqa: B010 - no attribute of its type
    for module in (html, md):
        vars(module).update(partition_html=unwrap(html.partition_html))


def _list_sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


def _list_words(text: str) -> list[str]:
    return _WORD.findall(text)


def _tag(text: str) -> list[tuple[str, str]]:
    """Words without their part of speech, which no offline model here tells."""
    return [(word, "") for word in _list_words(text)]


def to_blocks(
    elements: Iterable[Any],
    *,
    heading_level: HeadingLevel,
    has_header: HeaderFlag = lambda _: None,
) -> list[Block]:
    """Blocks of unstructured `elements`.

    `heading_level` gives a Title element its level (0: it is a paragraph); `has_header` tells
    for a table's rows whether the first one is a header (None: unknown).
    """
    blocks: list[Block] = []
    for element in elements:
        page = element.metadata.page_number or 1
        text = clean_text(element.text or "")
        name = type(element).__name__
        if name == "Table":
            rows, marked = parse_table(element.metadata.text_as_html or "")
            flag = has_header(rows)
            blocks += table_blocks(rows, page=page, has_header=marked if flag is None else flag)
        elif not text or (name in _SKIPPED and name != "UncategorizedText"):
            continue
        elif name == "ListItem":
            blocks.append(Block("list_item", _BULLET.sub("", text), page))
        else:
            level = heading_level(element) if name == "Title" else 0
            blocks.append(Block("heading" if level else "text", text, page, level=level))
    return blocks


def clean_text(text: str) -> str:
    """`text` without soft hyphens and trailing blanks; line breaks are kept."""
    text = text.replace("\u00ad", "")
    return (_TRAILING.sub("", text) if "\n" in text else text).strip()


def numbering_depth(text: str) -> int:
    """Depth of a heading's number: « 4. » is 1, « 4.2 » is 2, none is 0."""
    found = _NUMBER.match(text)
    return found["number"].count(".") + 1 if found else 0


def looks_like_heading(text: str) -> bool:
    """Tell whether a lone line reads as a heading: numbered or in capitals, short, not ended."""
    if len(text) > 120 or "\n" in text or text[-1] in ".;,:!?":
        return False
    letters = [letter for letter in text if letter.isalpha()]
    is_capital = len(letters) > 3 and all(letter.isupper() for letter in letters)
    found = _NUMBER.match(text)
    is_numbered = found is not None and text[found.end()].isupper()
    return is_capital or (is_numbered and len(text.split()) <= 14)


class _TableParser(HTMLParser):
    """Rows of an HTML table, spans repeated, nested markup flattened."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[list[str]] = []
        self.header_rows = 0
        self._cell: list[str] | None = None
        self._span = 1
        self._heads: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
            self._heads = []
        elif tag in ("td", "th") and self.rows:
            self._cell = []
            self._heads.append(tag == "th")
            span = dict(attrs).get("colspan") or "1"
            self._span = min(int(span), 50) if span.isdigit() else 1
        elif tag in ("br", "p", "li") and self._cell:
            self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self.rows[-1].extend(["".join(self._cell)] * max(1, self._span))
            self._cell = None
        elif tag == "tr" and self._heads and all(self._heads) and len(self.rows) == 1:
            self.header_rows = 1

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def parse_table(html: str) -> tuple[list[list[str]], bool | None]:
    """Rows of the first table of `html`, and True when its first row is marked as a header."""
    parser = _TableParser()
    parser.feed(html)
    return [row for row in parser.rows if row], True if parser.header_rows else None
