"""Minutes on screen: Markdown whose sources are links to the words they rest on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from agents.meeting_synthesis.models import Quote
from agents.meeting_synthesis.output.document import Block, Bullets, Cell, Grid, Heading, Paragraph
from agents.meeting_synthesis.output.telling import tell_time

Linker = Callable[[Quote], str]
SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")
SHOWN = 3


def anchor(quote: Quote) -> str:
    """The name of a cue's line in the list of sources at the end."""
    return "#r-" + re.sub(r"[^\w-]", "-", quote.cue)


def write_markdown(blocks: Iterable[Block], link: Linker = anchor) -> str:
    """The minutes; with the default links, the words quoted follow at the end."""
    cited: dict[str, Quote] = {}
    lines: list[str] = []
    for block in blocks:
        lines += [*_write(block, link, cited), ""]
    if link is anchor and cited:
        lines += ["## Sources", "", *_list_sources(cited)]
    return "\n".join(lines).strip() + "\n"


def _write(block: Block, link: Linker, cited: dict[str, Quote]) -> Iterator[str]:
    match block:
        case Heading(level, text):
            yield f"{'#' * level} {escape(text)}"
        case Paragraph(cell):
            yield _cell(cell, link, cited)
        case Bullets(cells):
            for cell in cells:
                yield f"- {_cell(cell, link, cited)}"
        case Grid(header, rows):
            yield f"| {' | '.join(header)} |"
            yield f"|{' --- |' * len(header)}"
            for row in rows:
                yield f"| {' | '.join(_cell(cell, link, cited) for cell in row)} |"


def _cell(cell: Cell, link: Linker, cited: dict[str, Quote]) -> str:
    kept = list({quote.cue: quote for quote in cell.quotes}.values())
    for quote in kept:
        cited.setdefault(quote.cue, quote)
    links = " ".join(f"[{tell_time(quote)}]({link(quote)})" for quote in kept[:SHOWN])
    return f"{escape(cell.text)} {links}".strip()


def _list_sources(cited: dict[str, Quote]) -> Iterator[str]:
    for quote in sorted(cited.values(), key=lambda each: each.start):
        who = escape(quote.speaker or "voix inconnue")
        name = anchor(quote)[1:]
        yield f'- <a id="{name}"></a>{tell_time(quote)} {who} : « {escape(quote.text)} »'


def escape(text: str) -> str:
    """Words of a meeting cannot make markup, a link or an image."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))
