"""Minutes as a plain tree of headings, paragraphs, lists and tables, before any format."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from agents.meeting_synthesis.models import Item, Minutes, Quote
from agents.meeting_synthesis.output.layouts import Layout, Section
from agents.meeting_synthesis.output.telling import (
    STATUS,
    tell_coverage,
    tell_date,
    tell_decision,
    tell_due,
    tell_invitation,
    tell_next_meeting,
    tell_origin,
    tell_owner,
)
from core.formats import NBSP


@dataclass(frozen=True)
class Cell:
    """A text and the words it rests on; `is_reworded` where those words stand beside it."""

    text: str
    quotes: tuple[Quote, ...] = ()
    is_reworded: bool = False


@dataclass(frozen=True)
class Heading:
    """A section's title; level 1 is that of the document."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    cell: Cell


@dataclass(frozen=True)
class Bullets:
    """A list."""

    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Grid:
    """A table with its header row."""

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


QUOTES = re.compile(rf"(?:[^.«]*:{NBSP})?«")
"""A text that is nothing but words said, with or without their speaker."""
Block = Heading | Paragraph | Bullets | Grid


def compose(minutes: Minutes, layout: Layout) -> list[Block]:
    """The blocks of the minutes in the order of the layout; empty sections are left out, but
    decisions and actions, whose absence is said."""
    named = minutes.client.partition(" (")[0]
    client = f" – {minutes.client}" if named and named not in minutes.title else ""
    blocks: list[Block] = [
        Heading(1, f"{layout.heading}{NBSP}: {minutes.title}{client}"),
        Paragraph(Cell(f"{layout.label}. {tell_date(minutes)}. {tell_invitation(minutes)}")),
        Paragraph(Cell(f"{tell_coverage(minutes)} {tell_origin(minutes)}")),
    ]
    for section in layout.sections:
        body = list(_BODIES[section](minutes))
        if body:
            blocks += [Heading(2, layout.title(section)), *body]
    return blocks


def _tell_summary(minutes: Minutes) -> Iterator[Block]:
    yield Paragraph(Cell(minutes.summary))


def _tell_attendance(minutes: Minutes) -> Iterator[Block]:
    rows = tuple(
        (Cell(person.name), Cell(person.organisation or ("Externe" if person.is_external else "")),
         Cell(person.role), Cell(STATUS[person.status]))
        for person in minutes.attendance
    )  # fmt: skip
    if rows:
        yield Grid(("Nom", "Organisation", "Fonction", "Présence"), rows)


def _tell_points(minutes: Minutes) -> Iterator[Block]:
    for number, point in enumerate(minutes.points, 1):
        yield Heading(3, f"{number}. {point.title}")
        if point.sentences:
            yield _bullets(point.sentences)
        else:
            yield Paragraph(Cell("Point non abordé, ou non reconnu dans la transcription."))


def _tell_decisions(minutes: Minutes) -> Iterator[Block]:
    kept = [decision for decision in minutes.decisions if decision.status == "in_force"]
    if not kept:
        yield Paragraph(Cell("Aucune décision avec accord exprimé n’a été relevée."))
        return
    rows = tuple(
        (Cell(f"D{number}"), _reworded(tell_decision(decision), decision))
        for number, decision in enumerate(kept, 1)
    )
    yield Grid(("N°", "Décision et source"), rows)


def _tell_replaced(minutes: Minutes) -> Iterator[Block]:
    in_force = [decision for decision in minutes.decisions if decision.status == "in_force"]
    cells: list[Cell] = []
    for decision in minutes.decisions:
        if decision.status == "mentioned":
            cells.append(_reworded(f"Évoqué, sans accord{NBSP}: {decision.text}", decision))
        elif decision.status == "replaced":
            later = minutes.decisions[decision.replaced_by or 0]
            rank = in_force.index(later) + 1 if later in in_force else None
            by = f"par D{rank}" if rank else f"par «{NBSP}{later.text.rstrip('.')}{NBSP}»"
            cells.append(_reworded(f"Remplacé {by}{NBSP}: {decision.text}", decision))
    if cells:
        yield Bullets(tuple(cells))


def _tell_actions(minutes: Minutes) -> Iterator[Block]:
    if not minutes.actions:
        yield Paragraph(Cell("Aucune action n’a été relevée."))
        return
    rows = tuple(
        (Cell(f"A{number}"), _reworded(action.text, action), Cell(tell_owner(action)),
         Cell(tell_due(action)))
        for number, action in enumerate(minutes.actions, 1)
    )  # fmt: skip
    yield Grid(("N°", "Action et source", "Responsable", "Échéance"), rows)


def _list(name: str) -> Callable[[Minutes], Iterator[Block]]:
    def tell(minutes: Minutes) -> Iterator[Block]:
        items: Sequence[Item] = getattr(minutes, name)
        if items:
            yield _bullets(items)

    return tell


def _tell_contradictions(minutes: Minutes) -> Iterator[Block]:
    cells = tuple(
        Cell(f"{item.text} {'Levé en séance.' if item.is_settled else 'À vérifier.'}", item.quotes)
        for item in minutes.contradictions
    )
    if cells:
        yield Bullets(cells)


def _tell_next(minutes: Minutes) -> Iterator[Block]:
    meeting = minutes.next_meeting
    told = tell_next_meeting(minutes)
    yield Paragraph(Cell(told, meeting.quotes) if meeting else Cell("Date non fixée."))


def _bullets(items: Sequence[Item]) -> Bullets:
    return Bullets(tuple(_reworded(item.text, item) for item in items))


def _reworded(text: str, item: Item) -> Cell:
    """A text of the minutes' own; one that quotes needs its words no second time."""
    return Cell(text, item.quotes, is_reworded=not QUOTES.match(item.text))


_BODIES: dict[Section, Callable[[Minutes], Iterator[Block]]] = {
    "summary": _tell_summary,
    "attendance": _tell_attendance,
    "points": _tell_points,
    "decisions": _tell_decisions,
    "replaced": _tell_replaced,
    "actions": _tell_actions,
    "open_points": _list("open_points"),
    "dropped": _list("dropped"),
    "contradictions": _tell_contradictions,
    "numbers": _list("numbers"),
    "risks": _list("risks"),
    "names": _list("names"),
    "next_meeting": _tell_next,
    "anomalies": _list("anomalies"),
}
