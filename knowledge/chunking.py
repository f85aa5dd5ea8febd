"""From blocks to sections and passages of a few sentences, sized in tokens."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby

import tiktoken

from knowledge.models import (
    Block,
    Box,
    ChunkKind,
    DraftChunk,
    DraftSection,
    DraftSentence,
    DraftVersion,
    ParsedDocument,
)
from knowledge.sentences import split_sentences

ENCODING = "cl100k_base"
PATH_SEPARATOR = " › "
BULLET = "• "
NBSP = "\u00a0"
NARROW = (NBSP, "\u202f")
BLANK = " "
BREAKS = ("\n", f"\n{BULLET}")

_SOFT_CUT = re.compile(r"(?<=[;:])\s|(?<=,)\s|\s")


@dataclass(frozen=True)
class _Unit:
    """A sentence to place; `glue` is what separates it from the one before in the passage."""

    text: str
    glue: str
    page: int
    box: Box | None
    tokens: int


@dataclass
class _OpenSection:
    level: int
    heading: str
    path: str
    page: int
    blocks: list[Block]


def build_draft(
    parsed: ParsedDocument, title: str, *, target_tokens: int = 220, max_tokens: int = 320
) -> DraftVersion:
    """Cut `parsed` into sections by headings and into passages at sentence borders.

    `title` heads every section's path. Passages aim at `target_tokens` and stay within
    `max_tokens`; a sentence longer than that is cut between words. Each table row becomes one
    sentence that repeats its column headers.
    """
    opened = _open_sections(parsed, title)
    sections: list[DraftSection] = []
    for position, section in enumerate(opened):
        chunks = _cut_section(section, target_tokens, max_tokens)
        if not chunks and not _has_children(opened, position) and section.level > 0:
            heading = Block("text", section.heading, section.page)
            chunks = _cut_section(replace(section, blocks=[heading]), target_tokens, max_tokens)
        if chunks or section.level > 0:
            sections.append(DraftSection(section.level, section.heading, section.path, chunks))
    return DraftVersion(title, tuple(sections))


def count_tokens(text: str) -> int:
    """Length of `text` in tokens of a usual model vocabulary."""
    return len(_encoding().encode_ordinary(text))


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding(ENCODING)


def _open_sections(parsed: ParsedDocument, title: str) -> list[_OpenSection]:
    sections = [_OpenSection(0, title, title, 1, [])]
    trail: list[tuple[int, str]] = []
    blocks = _without_title(parsed, title)
    for block in blocks:
        if block.kind != "heading":
            sections[-1].blocks.append(block)
            continue
        heading = _one_line(block.text)
        while trail and trail[-1][0] >= block.level:
            trail.pop()
        trail.append((block.level, heading))
        path = PATH_SEPARATOR.join([title, *(text for _, text in trail)])
        sections.append(_OpenSection(len(trail), heading, path, block.page, []))
    return sections


def _without_title(parsed: ParsedDocument, title: str) -> Sequence[Block]:
    """The blocks without the opening heading that states the document's own title."""
    first = next((at for at, block in enumerate(parsed.blocks) if block.kind == "heading"), None)
    if first is None:
        return parsed.blocks
    stated = _fold(parsed.blocks[first].text)
    if stated in (_fold(title), _fold(parsed.title or "")) or stated.endswith(_fold(title)):
        return [*parsed.blocks[:first], *parsed.blocks[first + 1 :]]
    return parsed.blocks


def _has_children(sections: Sequence[_OpenSection], position: int) -> bool:
    return position + 1 < len(sections) and (
        sections[position + 1].level > sections[position].level
    )


def _cut_section(section: _OpenSection, target: int, limit: int) -> tuple[DraftChunk, ...]:
    chunks: list[DraftChunk] = []
    introduction: list[_Unit] = []
    for kind, run in _runs(section.blocks):
        units = [*introduction, *_units(run, limit)]
        introduction = []
        if kind == "text" and run[-1] is not section.blocks[-1] and _introduces(units):
            introduction = [units.pop()]
        chunks.extend(_to_chunk(kind, group) for group in _pack(units, target, limit))
    return tuple(chunks)


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[ChunkKind, list[Block]]]:
    """Consecutive paragraphs together, each table alone."""
    for is_table, run in groupby(blocks, key=lambda block: block.kind == "table"):
        if is_table:
            for table in run:
                yield "table", [table]
        else:
            yield "text", list(run)


def _introduces(units: Sequence[_Unit]) -> bool:
    return bool(units) and units[-1].text.endswith(":")


def _units(blocks: Sequence[Block], limit: int) -> list[_Unit]:
    units: list[_Unit] = []
    for block in blocks:
        pieces = _row_pieces(block) if block.kind == "table" else _text_pieces(block)
        for glue, text in pieces:
            units.extend(_fit(_unit(glue, text, block), limit))
    return units


def _unit(glue: str, text: str, block: Block) -> _Unit:
    return _Unit(text, glue, block.page, block.box, count_tokens(glue + text))


def _text_pieces(block: Block) -> Iterator[tuple[str, str]]:
    glue = "\n" + (BULLET if block.kind == "list_item" else "")
    end = 0
    for start, stop in split_sentences(block.text):
        yield (glue if end == 0 else block.text[end:start] or " "), block.text[start:stop]
        end = stop


def _row_pieces(block: Block) -> Iterator[tuple[str, str]]:
    header, *rows = block.rows
    if not rows:
        yield "\n", _row_text(("",) * len(header), header)
    for row in rows:
        text = _row_text(header, row)
        if text:
            yield "\n", text


def _row_text(header: Sequence[str], row: Sequence[str]) -> str:
    """« Étape : Confinement ; Majeure : 24 heures » for one row."""
    cells = [
        f"{_one_line(name)}{NBSP}: {_one_line(value)}" if name.strip() else _one_line(value)
        for name, value in zip(header, row, strict=True)
        if value.strip()
    ]
    return f"{NBSP}; ".join(cells)


def _fit(unit: _Unit, limit: int) -> list[_Unit]:
    """`unit` as it is, or cut between words into parts within `limit`."""
    if unit.tokens <= limit:
        return [unit]
    cut = _best_cut(unit.text)
    left, right = unit.text[:cut].rstrip(), unit.text[cut:].lstrip()
    if not left or not right:
        return [unit]
    parts = ((unit.glue, left), (" " if unit.text[cut - 1].isspace() else "", right))
    return [
        part
        for glue, text in parts
        for part in _fit(
            replace(unit, text=text, glue=glue, tokens=count_tokens(glue + text)), limit
        )
    ]


def _best_cut(text: str) -> int:
    """A place near the middle of `text`: after « ; », else a comma, else a blank, else there."""
    middle, margin = len(text) // 2, len(text) // 4
    places = [found.end() for found in _SOFT_CUT.finditer(text, middle - margin, middle + margin)]

    def cost(place: int) -> tuple[int, int]:
        rank = {";": 0, ":": 0, ",": 1}.get(text[place - 2], 2)
        return rank, abs(place - middle)

    return min(places, key=cost, default=middle)


def _pack(units: Sequence[_Unit], target: int, limit: int) -> Iterator[list[_Unit]]:
    """Groups of even size, near `target`, never over `limit`, not ending on « : »."""
    total = sum(unit.tokens for unit in units)
    if not units:
        return
    goal = total if total <= limit else total / math.ceil(total / target)
    group: list[_Unit] = []
    size = 0
    for unit in units:
        is_full = size + unit.tokens / 2 > goal and not _introduces(group)
        if group and (is_full or size + unit.tokens > limit):
            yield group
            group, size = [], 0
        group.append(unit)
        size += unit.tokens
    yield group


def _to_chunk(kind: ChunkKind, units: Sequence[_Unit]) -> DraftChunk:
    text = ""
    sentences: list[DraftSentence] = []
    for unit in units:
        text += unit.glue if text else unit.glue.lstrip()
        sentences.append(DraftSentence(len(text), len(text) + len(unit.text), unit.page, unit.box))
        text += unit.text
    return DraftChunk(kind, text, max(1, _count_joined(units, text)), tuple(sentences))


def _count_joined(units: Sequence[_Unit], text: str) -> int:
    """The tokens of `text`, which joins `units`: from theirs, where joining changes few.

    The first loses its glue: a line break is a token of its own, a blank is one with its word.
    """
    first, *others = units
    lost = [_count_lost(a.text, b.glue) for a, b in zip(units, others, strict=False)]
    if None in lost or first.glue not in (BLANK, *BREAKS):
        return count_tokens(text)
    opening = count_tokens(first.text) if first.glue == BLANK else first.tokens - 1
    return opening + sum(unit.tokens for unit in others) - sum(filter(None, lost))


def _count_lost(before: str, glue: str) -> int | None:
    """How many tokens go when what starts with `glue` is put after `before`; None: unknown.

    The vocabulary always cuts before a blank and, at the end of a line, after a word; the line
    break after a stop is one token with it.
    """
    if glue == BLANK or (glue in BREAKS and before[-1].isalnum()):
        return 0
    is_stop = before[-1] in ".:;" and (before[-2:-1].isalnum() or before[-2:-1] in NARROW)
    return 1 if glue in BREAKS and is_stop else None


def _one_line(text: str) -> str:
    return re.sub(r"[ \t]*\s*\n\s*", " ", text).strip()


def _fold(text: str) -> str:
    return re.sub(r"\W+", " ", text.casefold()).strip()
