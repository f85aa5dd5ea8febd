"""Minutes for a terminal: plain text, its sources as times, the words they stand for at the end."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.output.document import Block, Bullets, Cell, Grid, Heading, Paragraph
from agents.meeting_synthesis.output.telling import tell_time
from core.formats import NBSP

WIDTH = 96
TIMES_SHOWN = 3
RULES = {1: "=", 2: "-"}
NUMBER = "N°"


def write_plain(blocks: Iterable[Block]) -> str:
    """The minutes; each source is told as «[00:05:16]», and the replies cited follow."""
    cited: dict[str, Quote] = {}
    lines: list[str] = []
    for block in blocks:
        lines += [*_write(block, cited), ""]
    if cited:
        lines += [*_head("Sources", 2), *_list_sources(cited.values())]
    return "\n".join(lines).strip() + "\n"


def _write(block: Block, cited: dict[str, Quote]) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield from _head(text, level)
        case Paragraph(cell):
            yield from _wrap(_tell(cell, cited), "")
        case Bullets(cells):
            for cell in cells:
                yield from _wrap(_tell(cell, cited), "- ")
        case Grid():
            for row in block.rows:
                yield from _write_row(block.header, row, cited)


def _write_row(
    header: tuple[str, ...], row: tuple[Cell, ...], cited: dict[str, Quote]
) -> Iterator[str]:
    if header[0] != NUMBER:
        told = [_tell(cell, cited) for cell in row if cell.text]
        yield from _wrap(f"{told[0]} ({', '.join(told[1:])})", "- ")
        return
    yield from _wrap(_tell(row[1], cited), f"{row[0].text}. ")
    for label, cell in zip(header[2:], row[2:], strict=True):
        yield from _wrap(f"{label}{NBSP}: {_tell(cell, cited)}", "    ")


def _head(text: str, level: int) -> Iterator[str]:
    yield text
    if level in RULES:
        yield RULES[level] * min(len(text), WIDTH)


def _tell(cell: Cell, cited: dict[str, Quote]) -> str:
    kept = list({quote.cue: quote for quote in cell.quotes}.values())
    for quote in kept:
        cited.setdefault(quote.cue, quote)
    times = " ".join(f"[{tell_time(quote)}]" for quote in kept[:TIMES_SHOWN])
    return f"{cell.text} {times}".strip()


def _wrap(text: str, mark: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=mark, subsequent_indent=" " * len(mark),
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def _list_sources(cited: Iterable[Quote]) -> Iterator[str]:
    for quote in sorted(cited, key=lambda each: each.start):
        who = quote.speaker or "voix inconnue"
        said = " ".join(quote.text.split())
        yield from _wrap(f"{who}{NBSP}: «{NBSP}{said}{NBSP}»", f"[{tell_time(quote)}] ")
