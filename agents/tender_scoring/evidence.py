"""The pieces of a tender file, and where a statement stands in them."""

from __future__ import annotations

import datetime as dt
import re
from typing import Literal

from pydantic import BaseModel, ConfigDict

from core.formats import NBSP
from core.spans import Span

PieceKind = Literal[
    "rc", "cctp", "ccap", "ccp", "ae", "bpu", "dqe", "dpgf", "delivery_points", "notice",
    "corrigendum", "annex", "other",
]  # fmt: skip
PieceStatus = Literal["used", "outdated", "unreadable", "foreign", "duplicate"]
Box = tuple[float, float, float, float]


PARAGRAPH = re.compile(r"§(\d+)")
CELL = re.compile(r"(.+)!([A-Z]{1,3}\d+)")


def write_loc(loc: str | None) -> str:
    """A place without page, as a reader says it: « §\u00a012 », « feuille PDL, cellule C2 »."""
    if loc is None:
        return ""
    if found := PARAGRAPH.fullmatch(loc):
        return f"§{NBSP}{found[1]}"
    if found := CELL.fullmatch(loc):
        return f"feuille {found[1]}, cellule{NBSP}{found[2]}"
    return loc


class Part(BaseModel):
    """A frozen part of an analysis, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Evidence(Part):
    """Where a statement stands: `span` is exact in the stored text of the piece `file`.

    `span.source_id` is the piece's id; `span.page` counts from 1, None where the format has no
    pages (DOCX, XLSX, a notice): `loc` then names the place («§12», «Synthèse!C2», «objet»).
    `box` is in PDF points from the top left of the page. `is_ocr`: read from a scanned page.
    `called` is what a reader is shown instead of a file's name that says nothing to them.
    """

    span: Span
    file: str
    loc: str | None = None
    is_ocr: bool = False
    box: Box | None = None
    called: str | None = None

    @property
    def quote(self) -> str:
        """The words themselves."""
        return self.span.quote

    @property
    def page(self) -> int | None:
        """The page, from 1."""
        return self.span.page

    @property
    def label(self) -> str:
        """The place in French: «RC.pdf, p. 4»."""
        name = self.called or self.file
        if self.page is not None:
            return f"{name}, p.{NBSP}{self.page}"
        place = write_loc(self.loc)
        return f"{name}, {place}" if place else name


class Piece(Part):
    """A file of the tender. `path` is its place in the archive, `name` its last part.

    `reason` says in French why a piece is not used; `replaced_by` is the id of the piece that
    makes this one outdated. `version` is as stated («version 2», «rectificatif du 9/12/2026»).
    """

    id: str
    name: str
    path: str
    kind: PieceKind
    label: str
    status: PieceStatus = "used"
    sha256: str
    size_bytes: int
    pages: int | None = None
    ocr_pages: tuple[int, ...] = ()
    version: str | None = None
    dated_on: dt.date | None = None
    replaced_by: str | None = None
    reason: str | None = None
