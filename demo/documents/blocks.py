"""The Markdown of a source as a flat list of typed blocks that every format can lay out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from markdown_it import MarkdownIt
from markdown_it.token import Token

PAGE_BREAK = "\\newpage"


@dataclass(frozen=True)
class Span:
    """A run of text in one style."""

    text: str
    bold: bool = False
    italic: bool = False


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Heading:
    level: int
    spans: Spans


@dataclass(frozen=True)
class Paragraph:
    spans: Spans


@dataclass(frozen=True)
class ListItem:
    """One item; `number` is None in a bulleted list, `depth` is 0 at the outermost level."""

    depth: int
    number: int | None
    spans: Spans


@dataclass(frozen=True)
class Table:
    """A table with one header row; all rows have the header's width."""

    header: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]


@dataclass(frozen=True)
class PageBreak:
    pass


Block = Heading | Paragraph | ListItem | Table | PageBreak


def parse_blocks(body: str) -> list[Block]:
    """Blocks of a Markdown body: headings, paragraphs, lists, pipe tables, page breaks."""
    return list(_read(_markdown().parse(body)))


def render_html(body: str) -> str:
    """The same Markdown as an HTML fragment."""
    return str(_markdown().render(body))


def to_text(spans: Sequence[Span]) -> str:
    return "".join(span.text for span in spans)


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _read(tokens: Sequence[Token]) -> Iterator[Block]:
    lists: list[Iterator[int] | None] = []
    number: int | None = None
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token.type == "table_open":
            end = _find_close(tokens, position)
            yield _to_table(tokens[position:end])
            position = end
        elif token.type == "bullet_list_open":
            lists.append(None)
        elif token.type == "ordered_list_open":
            lists.append(count(int(token.attrGet("start") or 1)))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            numbers = lists[-1]
            number = None if numbers is None else next(numbers)
        elif token.type == "inline":
            yield _to_block(tokens[position - 1], token, len(lists), number)
        position += 1


def _find_close(tokens: Sequence[Token], start: int) -> int:
    return next(i for i in range(start, len(tokens)) if tokens[i].type == "table_close")


def _to_block(opening: Token, inline: Token, depth: int, number: int | None) -> Block:
    if inline.content == PAGE_BREAK:
        return PageBreak()
    spans = _to_spans(inline)
    if opening.type == "heading_open":
        return Heading(int(opening.tag[1]), spans)
    return ListItem(depth - 1, number, spans) if depth else Paragraph(spans)


def _to_spans(inline: Token) -> Spans:
    spans: list[Span] = []
    bold = italic = False
    for child in inline.children or []:
        if child.type in ("strong_open", "strong_close"):
            bold = child.type == "strong_open"
        elif child.type in ("em_open", "em_close"):
            italic = child.type == "em_open"
        elif child.type == "softbreak":
            spans.append(Span(" ", bold, italic))
        elif child.type == "hardbreak":
            spans.append(Span("\n", bold, italic))
        elif child.content:
            spans.append(Span(child.content, bold, italic))
    return tuple(spans)


def _to_table(tokens: Sequence[Token]) -> Table:
    rows: list[list[Spans]] = []
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            rows[-1].append(_to_spans(token))
    return Table(tuple(rows[0]), tuple(tuple(row) for row in rows[1:]))
