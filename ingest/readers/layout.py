"""From positioned words to lines, paragraphs and headings, page by page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.readers.elements import looks_like_heading, numbering_depth
from knowledge.models import Block, Box

MARGIN = 0.1
HEADING_RATIO = 1.12
PARAGRAPH_RATIO = 1.3

_LIST_MARK = re.compile(r"(?:[•▪‣●○■◦\uf0b7\uf0a7–—-]|\d{1,2}[.)]|[a-z]\))[\s\u00a0]+(?=\S)")
_PAGE_NUMBER = re.compile(r"(?:page\s*)?\d{1,4}(?:\s*(?:/|sur|of)\s*\d{1,4})?", re.I)
_BROKEN = re.compile(r"([^\W\d_]{2,})[-\u2010]$")
_KEPT_PREFIXES = frozenset(
    [
        "peut",
        "ci",
        "au",
        "non",
        "sous",
        "vice",
        "mi",
        "demi",
        "semi",
        "contre",
        "avant",
        "après",
        "grand",
        "celui",
        "celle",
        "ceux",
        "celles",
        "dit",
        "est",
        "c'est",
        "rendez",
        "porte",
        "mot",
        "co",
        "là",
        "quelqu",
        "lui",
        "elle",
        "eux",
        "nous",
        "vous",
        "moi",
        "toi",
        "soi",
        "jusque",
        "vis",
    ]
)
_KEPT_SUFFIXES = frozenset(
    [
        "vous",
        "nous",
        "il",
        "elle",
        "ils",
        "elles",
        "ce",
        "là",
        "ci",
        "même",
        "mêmes",
        "être",
        "je",
        "tu",
        "on",
        "les",
        "le",
        "la",
        "moi",
        "toi",
        "y",
        "en",
    ]
)


@dataclass(frozen=True)
class Word:
    """A word and its place in PDF points from the top left."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    bold: bool = False


@dataclass(frozen=True)
class Line:
    """Words on one baseline of one column."""

    text: str
    box: Box
    size: float
    bold: bool


@dataclass(frozen=True)
class Page:
    """What one page holds: lines of text and tables (already blocks), in reading order."""

    number: int
    height: float
    items: tuple[Line | Block, ...]


def order_items(words: Iterable[Word], tables: Sequence[Block], width: float) -> list[Line | Block]:
    """Lines and tables of a page, column by column when the page has two."""
    placed = list(words)
    gutter = _find_gutter(placed, width) if not tables else None
    if gutter is None:
        items: list[Line | Block] = [*make_lines(placed), *tables]
        return sorted(items, key=_top)
    left = [word for word in placed if word.x0 < gutter]
    right = [word for word in placed if word.x0 >= gutter]
    return [*make_lines(left), *make_lines(right)]


def make_lines(words: Iterable[Word]) -> list[Line]:
    """Lines from top to bottom."""
    rows: list[list[Word]] = []
    for word in sorted(words, key=lambda each: (each.bottom, each.x0)):
        if rows and abs(rows[-1][-1].bottom - word.bottom) < 0.4 * max(word.size, 4):
            rows[-1].append(word)
        else:
            rows.append([word])
    return [_make_line(sorted(row, key=lambda each: each.x0)) for row in rows]


def to_blocks(pages: Sequence[Page]) -> list[Block]:
    """Blocks of the whole document: running heads removed, paragraphs joined over pages."""
    kept = _without_running_heads(pages)
    lines = [item for page in kept for item in page.items if isinstance(item, Line)]
    style = _BodyStyle.measure(lines)
    vocabulary = {
        word
        for line in lines
        for word in re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", line.text.lower())
    }
    blocks: list[Block] = []
    for page in kept:
        found = _page_blocks(page, style, vocabulary)
        _join_over_break(blocks, found)
        blocks += found
    return _with_ranked_levels(blocks)


@dataclass(frozen=True)
class _BodyStyle:
    """The commonest size and line pitch, against which headings and paragraphs are told."""

    size: float
    pitch: float

    @classmethod
    def measure(cls, lines: Sequence[Line]) -> _BodyStyle:
        sizes = Counter[float]()
        for line in lines:
            sizes[line.size] += len(line.text)
        size = sizes.most_common(1)[0][0] if sizes else 10.0
        pitches = [
            below.box[1] - above.box[1]
            for above, below in pairwise(lines)
            if above.size == below.size == size and 0 < below.box[1] - above.box[1] < 3 * size
        ]
        return cls(size, median(pitches) if pitches else 1.3 * size)


def _top(item: Line | Block) -> float:
    return item.box[1] if item.box else 0.0


def _find_gutter(words: Sequence[Word], width: float) -> float | None:
    """The middle of a blank band that parts the page in two columns of text, if any."""
    if len(words) < 80:
        return None
    for step in range(40, 61):
        x = width * step / 100
        crossing = sum(word.x0 < x + 4 and word.x1 > x - 4 for word in words)
        left = sum(word.x1 <= x for word in words)
        if crossing <= len(words) * 0.01 and 0.3 < left / len(words) < 0.7:
            return x
    return None


def _make_line(words: Sequence[Word]) -> Line:
    text = ""
    previous: Word | None = None
    for word in words:
        touches = previous is not None and word.x0 - previous.x1 < 0.12 * word.size
        text += word.text if not text or touches else f" {word.text}"
        previous = word
    box = (
        min(word.x0 for word in words),
        min(word.top for word in words),
        max(word.x1 for word in words),
        max(word.bottom for word in words),
    )
    sizes = Counter[float]()
    for word in words:
        sizes[round(word.size * 2) / 2] += len(word.text)
    return Line(text.strip(), box, sizes.most_common(1)[0][0], all(word.bold for word in words))


def _without_running_heads(pages: Sequence[Page]) -> list[Page]:
    seen = Counter[str]()
    for page in pages:
        seen.update({_fingerprint(line) for line in _marginal_lines(page)})
    least = max(2, (len(pages) + 1) // 2)
    kept: list[Page] = []
    for page in pages:
        dropped = {
            id(line)
            for line in _marginal_lines(page)
            if seen[_fingerprint(line)] >= least or _PAGE_NUMBER.fullmatch(line.text)
        }
        items = tuple(item for item in page.items if id(item) not in dropped)
        kept.append(Page(page.number, page.height, items))
    return kept


def _marginal_lines(page: Page) -> list[Line]:
    upper, lower = page.height * MARGIN, page.height * (1 - MARGIN)
    return [
        item
        for item in page.items
        if isinstance(item, Line) and (item.box[3] < upper or item.box[1] > lower)
    ]


def _fingerprint(line: Line) -> str:
    return re.sub(r"\d+", "#", line.text.casefold())


def _page_blocks(page: Page, style: _BodyStyle, vocabulary: set[str]) -> list[Block]:
    blocks: list[Block] = []
    paragraph: list[Line] = []

    def close() -> None:
        if paragraph:
            blocks.append(_paragraph_block(paragraph, page.number, style, vocabulary))
            paragraph.clear()

    for item in page.items:
        if isinstance(item, Block):
            close()
            blocks.append(item)
        elif item.text:
            if paragraph and not _continues(paragraph[-1], item, style, _right_edge(page, item)):
                close()
            paragraph.append(item)
    close()
    return blocks


def _continues(above: Line, below: Line, style: _BodyStyle, right: float) -> bool:
    if above.size != below.size or _LIST_MARK.match(below.text):
        return False
    if _is_heading(above, style) != _is_heading(below, style):
        return False
    if not _is_heading(above, style) and _ends_short(above, below, right):
        return False
    pitch = below.box[1] - above.box[1]
    usual = style.pitch if above.size == style.size else 1.35 * above.size
    return 0 < pitch < PARAGRAPH_RATIO * usual


def _right_edge(page: Page, line: Line) -> float:
    """How far the lines of the column of `line` reach."""
    return max(
        item.box[2]
        for item in page.items
        if isinstance(item, Line) and item.size == line.size and abs(item.box[0] - line.box[0]) < 40
    )


def _ends_short(above: Line, below: Line, right: float) -> bool:
    """Tell whether the first word below would have fitted above, had the paragraph gone on."""
    if below.text[0].islower():
        return False
    word = below.text.split(maxsplit=1)[0]
    width = (below.box[2] - below.box[0]) * (len(word) + 2) / len(below.text)
    return above.box[2] + width < right - below.size


def _is_heading(line: Line, style: _BodyStyle) -> bool:
    if len(line.text) > 160 or not any(letter.isalpha() for letter in line.text):
        return False
    if line.size >= HEADING_RATIO * style.size:
        return True
    if line.bold and line.size >= style.size:
        return line.text[-1] not in ".;," and len(line.text) < 110
    return numbering_depth(line.text) > 1 and looks_like_heading(line.text)


def _paragraph_block(
    lines: Sequence[Line], page: int, style: _BodyStyle, vocabulary: set[str]
) -> Block:
    text = lines[0].text
    for line in lines[1:]:
        text = _join(text, line.text, vocabulary)
    box = (
        min(line.box[0] for line in lines),
        lines[0].box[1],
        max(line.box[2] for line in lines),
        lines[-1].box[3],
    )
    if _is_heading(lines[0], style) and len(lines) <= 3:
        # The size stands for the level until the whole document's sizes are known.
        return Block("heading", text, page, box, level=round(lines[0].size * 10))
    mark = _LIST_MARK.match(text)
    if mark:
        is_numbered = mark[0][0].isalnum()
        return Block("list_item", text if is_numbered else text[mark.end() :], page, box)
    return Block("text", text, page, box)


def _join(left: str, right: str, vocabulary: set[str]) -> str:
    """Two lines as one text; a word cut at the line's end is mended."""
    broken = _BROKEN.search(left)
    follower = re.match(r"[^\W\d_]+", right)
    if broken is None or follower is None or not follower[0][0].islower():
        return f"{left} {right}"
    first, second = broken[1].lower(), follower[0].lower()
    is_compound = f"{first}-{second}" in vocabulary or (
        f"{first}{second}" not in vocabulary
        and (first in _KEPT_PREFIXES or second in _KEPT_SUFFIXES)
    )
    return left + right if is_compound else left[:-1] + right


def _join_over_break(before: list[Block], after: list[Block]) -> None:
    """Mend a sentence or a table that the page break cut."""
    if not before or not after:
        return
    last, first = before[-1], after[0]
    if last.kind == first.kind == "table" and len(last.rows[0]) == len(first.rows[0]):
        if first.rows[0] != last.rows[0]:
            rows = first.rows if any(first.rows[0]) else first.rows[1:]
            after[0] = Block("table", "", first.page, first.box, rows=(last.rows[0], *rows))
        return
    is_cut = last.kind in ("text", "list_item") and last.text[-1:] not in ".!?:;…»"
    if is_cut and first.kind == "text" and first.text[:1].islower():
        joined = _join(last.text, first.text, set())
        before[-1] = Block(last.kind, joined, last.page, last.box)
        after.pop(0)


def _with_ranked_levels(blocks: Sequence[Block]) -> list[Block]:
    """Heading levels from their sizes, numbered headings by their numbers below the title."""
    sizes = sorted({block.level for block in blocks if block.kind == "heading"}, reverse=True)
    rank = {size: position for position, size in enumerate(sizes, start=1)}
    numbered = [
        rank[block.level]
        for block in blocks
        if block.kind == "heading" and numbering_depth(block.text) == 1
    ]
    shift = min(numbered, default=1) - 1
    return [
        block
        if block.kind != "heading"
        else Block(
            "heading",
            block.text,
            block.page,
            block.box,
            level=shift + depth if (depth := numbering_depth(block.text)) else rank[block.level],
        )
        for block in blocks
    ]
