"""The passages of a tender file that a model is given: those that speak of what is sought.

A file may have hundreds of pages; what is sent of it is bounded by `MOST_CHARACTERS` (about
15,000 tokens), by `MOST_PASSAGES` for each statement sought, and by `MOST_SCANS` scanned pages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from agents.tender_scoring.answer import FactKey
from agents.tender_scoring.rules.criteria_words import TOPIC as CRITERIA
from agents.tender_scoring.rules.criteria_words import VALUE
from agents.tender_scoring.rules.statements import Reading, Statement
from agents.tender_scoring.topics import TOPICS
from core.engine.pages import cut_pages
from core.engine.protocol import PdfPages
from core.errors import InvalidInput
from core.prompts import Untrusted, fence
from ingest.tenders.dossier import ReadPiece
from ingest.tenders.kinds import LABELS

MOST_CHARACTERS = 36_000
LONGEST_PASSAGE = 1_200
MOST_PASSAGES = 3
MOST_DUTIES = 8
MOST_SCANS = 6
LEFT_OUT = frozenset({"delivery_points", "bpu", "dqe", "dpgf"})
DUTY = re.compile(r"\b(?:doit|doivent|devra|devront|s'engage|obligatoire|exige|requis|impose"
                  r"|must|shall)\b|a peine d")  # fmt: skip
MOMENT_OR_NUMBER = re.compile(r"\d")


@dataclass(frozen=True)
class Passage:
    """Neighbouring statements of a section, on one page; [start, end) of its piece's text."""

    piece: ReadPiece
    page: int | None
    section: str
    start: int
    end: int
    statements: tuple[Statement, ...]

    @property
    def text(self) -> str:
        """The words, exact."""
        return self.piece.text.text[self.start : self.end]

    @property
    def is_scan(self) -> bool:
        """Whether they were recognised from a picture."""
        return self.piece.text.find_place(self.start).is_ocr


@dataclass(frozen=True)
class Given:
    """What the model receives of the file; `pieces` are named by their marks, D1, D2…"""

    pieces: Mapping[str, ReadPiece]
    passages: tuple[Passage, ...]
    scans: tuple[PdfPages, ...] = ()

    def write(self) -> str:
        """The list of pieces, then the passages of each, fenced."""
        listed = "\n".join(
            f"{mark} : {LABELS[piece.kind]}, {piece.name}" for mark, piece in self.pieces.items()
        )
        parts = [fence(Untrusted("liste des pièces", listed))]
        for mark, piece in self.pieces.items():
            own = [p for p in self.passages if p.piece is piece]
            if own:
                text = "\n\n".join(f"{_write_page(p)} {p.section}\n{p.text}" for p in own)
                parts.append(fence(Untrusted(f"pièce {mark}", text)))
        return "\n".join(parts)


def _write_page(passage: Passage) -> str:
    return "[sans page]" if passage.page is None else f"[page {passage.page}]"


def choose_passages(reading: Reading, sought: Iterable[FactKey], *, seeks_criteria: bool) -> Given:
    """The passages that speak of what is sought, in the order of the file."""
    passages = list(_cut(reading))
    kept = _choose(passages, sought, seeks_criteria=seeks_criteria)
    pieces = {
        f"D{rank}": piece
        for rank, piece in enumerate((p for p in reading.dossier.used() if _is_given(p)), 1)
    }
    return Given(pieces, tuple(kept), tuple(_cut_scans(pieces, kept)))


def _is_given(piece: ReadPiece) -> bool:
    return piece.kind not in LEFT_OUT


def _cut(reading: Reading) -> Iterator[Passage]:
    """The file by passages, headings joined to what they head."""
    held = [s for s in reading.statements if _is_given(s.piece) and s.unit.kind != "heading"]
    for _, group in groupby(held, key=_place):
        yield from _cut_section(list(group))


def _place(statement: Statement) -> tuple[str, int | None, str]:
    unit = statement.unit
    return statement.piece.id, statement.piece.text.find_place(unit.start).page, unit.section


def _cut_section(statements: Sequence[Statement]) -> Iterator[Passage]:
    held: list[Statement] = []
    for statement in statements:
        grown = held and statement.unit.end - held[0].unit.start > LONGEST_PASSAGE
        if held and (grown or statement.unit.start < held[-1].unit.start):
            yield _make(held)
            held = []
        held.append(statement)
    if held:
        yield _make(held)


def _make(held: Sequence[Statement]) -> Passage:
    piece, first = held[0].piece, held[0].unit
    page = piece.text.find_place(first.start).page
    return Passage(piece, page, first.section, first.start, held[-1].unit.end, tuple(held))


def _choose(
    passages: Sequence[Passage], sought: Iterable[FactKey], *, seeks_criteria: bool
) -> list[Passage]:
    """The best of each statement sought, in turn, until the budget is spent."""
    ranked = [_rank(passages, key) for key in sought]
    if seeks_criteria:
        ranked.append([p for p in passages if _weighs(p)])
    ranked.append([p for p in passages if any(DUTY.search(s.plain) for s in p.statements)])
    limits = [MOST_PASSAGES] * (len(ranked) - 1) + [MOST_DUTIES]
    left, kept = MOST_CHARACTERS, dict[int, Passage]()
    for turn in range(MOST_DUTIES):
        for order, limit in zip(ranked, limits, strict=True):
            if turn >= min(limit, len(order)):
                continue
            passage = order[turn]
            cost = len(passage.text) + len(passage.section) + 12
            if id(passage) not in kept and cost <= left:
                kept[id(passage)] = passage
                left -= cost
    return [p for p in passages if id(p) in kept]


def _weighs(passage: Passage) -> bool:
    return any(
        VALUE.search(s.plain) and (CRITERIA.search(s.plain) or CRITERIA.search(s.where))
        for s in passage.statements
    )


def _rank(passages: Sequence[Passage], key: FactKey) -> list[Passage]:
    """Passages that speak of `key`, the most telling first; the order of trust breaks ties."""
    scored = [(_score(passage, key), passage) for passage in passages]
    telling = [each for each in scored if each[0] > 0]
    return [passage for _, passage in sorted(telling, key=lambda each: -each[0])]


def _score(passage: Passage, key: FactKey) -> float:
    topic = TOPICS[key]
    best = 0.0
    for statement in passage.statements:
        says = bool(topic.cue.search(statement.plain))
        under = bool(topic.cue.search(statement.where))
        if not says and not under:
            continue
        barred = topic.barred is not None and topic.barred.search(statement.plain)
        figure = 0.5 * bool(MOMENT_OR_NUMBER.search(statement.plain))
        best = max(best, 2.0 * says + 1.0 * under + figure - 1.5 * bool(barred))
    return best


def _cut_scans(pieces: Mapping[str, ReadPiece], kept: Sequence[Passage]) -> Iterator[PdfPages]:
    """The pictures of the scanned pages among what is kept, page by page."""
    left = MOST_SCANS
    for mark, piece in pieces.items():
        pages = sorted({p.page for p in kept if p.piece is piece and p.is_scan and p.page})
        for page in pages[:left]:
            left -= 1
            try:
                data = cut_pages(piece.source.disk.read_bytes(), page, page)
            except (InvalidInput, OSError):
                continue
            yield PdfPages(mark, f"pièce {mark}, page {page}", data, page)
