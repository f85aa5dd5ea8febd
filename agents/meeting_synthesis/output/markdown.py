"""Minutes on screen: Markdown whose sources are links to the words they rest on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.output.document import Block, Bullets, Cell, Grid, Heading, Paragraph
from agents.meeting_synthesis.output.telling import SHOWN, tell_time
from core.formats import NBSP

Linker = Callable[[Quote], str]
SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def write_markdown(blocks: Iterable[Block], link: Linker) -> str:
    """The minutes; `link` gives the address of the words that an item rests on."""
    lines: list[str] = []
    for block in blocks:
        lines += [*_write(block, link), ""]
    return "\n".join(lines).strip() + "\n"


def _write(block: Block, link: Linker) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {escape(text)}"
        case Paragraph(cell):
            yield _cell(cell, link)
        case Bullets(cells):
            for cell in cells:
                yield f"- {_cell(cell, link)}"
        case Grid(header, rows):
            yield f"| {' | '.join(header)} |"
            yield f"|{' --- |' * len(header)}"
            for row in rows:
                yield f"| {' | '.join(_cell(cell, link) for cell in row)} |"


def _cell(cell: Cell, link: Linker) -> str:
    kept = list({quote.cue: quote for quote in cell.quotes}.values())[:SHOWN]
    sources = [_source(quote, link, with_words=cell.is_reworded) for quote in kept]
    return f"{escape(cell.text)} {' '.join(sources)}".strip()


def _source(quote: Quote, link: Linker, *, with_words: bool) -> str:
    """The moment as a link, then the words to the letter where the text is not them."""
    words = f" *«{NBSP}{escape(quote.text)}{NBSP}»*" if with_words else ""
    return f"[{tell_time(quote)}]({link(quote)}){words}"


def escape(text: str) -> str:
    """Words of a meeting cannot make markup, a link or an image."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
