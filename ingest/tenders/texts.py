"""A piece of a tender once read: its text, and the units that rules and quotes stand on."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Literal

from knowledge.models import Box

UnitKind = Literal["heading", "sentence", "item", "row"]


@dataclass(frozen=True)
class Cell:
    """A cell of a table: its text on one line, and where it stands in the piece's text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Unit:
    """A sentence, a list item, a heading or a table row of a piece.

    `text` is `source[start:end]` on one line. `section` is the heading it stands under; `lead`
    the sentence that introduces a list; `table` numbers the table a row belongs to (-1: none).
    """

    kind: UnitKind
    text: str
    start: int
    end: int
    section: str = ""
    lead: str = ""
    cells: tuple[Cell, ...] = ()
    table: int = -1


@dataclass(frozen=True)
class Place:
    """Where a stretch of the text begins: its page, or its `loc` in formats without pages."""

    start: int
    page: int | None = None
    loc: str | None = None
    is_ocr: bool = False
    box: Box | None = None


@dataclass(frozen=True)
class HiddenText:
    """Words no reader sees on the page: white, tiny or marked as hidden."""

    text: str
    how: str
    page: int | None = None
    loc: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: rows of cell texts; `hidden` when Excel does not show it."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    is_hidden: bool = False


@dataclass(frozen=True)
class PieceText:
    """The text of a piece, its units in reading order, and its places in order of `start`.

    `ocr_pages` were recognised from a picture; `unread_pages` are pictures that could not be.
    """

    text: str
    units: tuple[Unit, ...]
    places: tuple[Place, ...]
    pages: int | None = None
    ocr_pages: tuple[int, ...] = ()
    unread_pages: tuple[int, ...] = ()
    hidden: tuple[HiddenText, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    head: str = ""
    _starts: list[int] = field(default_factory=list[int], compare=False, repr=False)

    def find_place(self, position: int) -> Place:
        """The place that holds the character at `position`."""
        if not self._starts:
            self._starts.extend(place.start for place in self.places)
        at = bisect_right(self._starts, position) - 1
        return self.places[max(at, 0)] if self.places else Place(0)
