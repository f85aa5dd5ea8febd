"""What reading a document yields: blocks, then a draft of sections, chunks and sentences."""

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "text", "list_item", "table"]
ChunkKind = Literal["text", "table"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Block:
    """One piece of a page, in reading order.

    `page` counts from 1. `box` is (x0, top, x1, bottom) in PDF points from the top left of the
    page, None where the format has no layout. `level` is the depth of a heading (1 = top).
    `rows` holds a table's cells, the header first; its `text` may be empty.
    """

    kind: BlockKind
    text: str
    page: int
    box: Box | None = None
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class ParsedDocument:
    """A file once read: its title if it states one, and its blocks.

    `ocr_pages` lists the pages read by character recognition; `notice` is a French remark for
    whoever watches the ingestion.
    """

    title: str | None
    media_type: str
    page_count: int
    blocks: tuple[Block, ...]
    ocr_pages: tuple[int, ...] = ()
    notice: str | None = None


@dataclass(frozen=True)
class DraftSentence:
    """The span [start, end) of its chunk's text, in characters, and where it stands."""

    start: int
    end: int
    page: int
    box: Box | None


@dataclass(frozen=True)
class DraftChunk:
    """A passage of one section, cut at sentence borders."""

    kind: ChunkKind
    text: str
    token_count: int
    sentences: tuple[DraftSentence, ...]


@dataclass(frozen=True)
class DraftSection:
    """A heading and its passages; `path` reads « Titre › 4. Déroulement › 4.2 Délais »."""

    level: int
    heading: str
    path: str
    chunks: tuple[DraftChunk, ...]


@dataclass(frozen=True)
class DraftVersion:
    """A document version ready to be indexed and stored."""

    title: str
    sections: tuple[DraftSection, ...]
