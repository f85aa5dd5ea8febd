"""The card with numbered places: each number opens the piece at its page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import escape, write_card
from core.errors import NotFound
from core.formats import NBSP

MARKUP = re.compile(r"[\\`*_\[\]<>#|~]+")
MOST_CHARS, PLACES_SHOWN = 160, 3
UNKNOWN = "Cette analyse n’a pas de passage numéro {number}."


@dataclass(frozen=True)
class Place:
    """A page (or another place) of a piece, with the words cited there. `number` is from 1."""

    number: int
    evidence: tuple[Evidence, ...]

    @property
    def piece(self) -> str:
        """The id of the piece."""
        return self.evidence[0].span.source_id

    @property
    def page(self) -> int | None:
        """The page, from 1; None where the format has none."""
        return self.evidence[0].page

    @property
    def mark(self) -> str:
        """What stands in the text: «[3]»."""
        return f"[{self.number}]"

    @property
    def name(self) -> str:
        """The full name: «[3] RC.pdf, p. 4», without a sign that Markdown would take up."""
        return f"{self.mark} {MARKUP.sub(' ', self.evidence[0].label).strip()}"


@dataclass
class Numbering:
    """Gives each place its number, in the order in which the card meets them."""

    _found: dict[tuple[str, int | None, str | None], list[Evidence]] = field(
        default_factory=dict[tuple[str, int | None, str | None], list[Evidence]]
    )

    def cite(self, evidence: Sequence[Evidence]) -> str:
        """«[1] [2]»: the numbers of the first places."""
        marks: list[str] = []
        for one in evidence:
            key = (one.span.source_id, one.page, None if one.page else one.loc)
            quotes = self._found.setdefault(key, [])
            if all(one.quote != held.quote for held in quotes):
                quotes.append(one)
            mark = f"[{list(self._found).index(key) + 1}]"
            if mark not in marks:
                marks.append(mark)
            if len(marks) == PLACES_SHOWN:
                break
        return " ".join(marks)

    @property
    def places(self) -> tuple[Place, ...]:
        """The places met so far."""
        return tuple(Place(n, tuple(held)) for n, held in enumerate(self._found.values(), 1))


def write_numbered_card(analysis: TenderAnalysis) -> tuple[str, tuple[Place, ...]]:
    """The card whose statements bear the numbers of their places, listed below it."""
    numbering = Numbering()
    text = write_card(analysis, numbering.cite)
    places = numbering.places
    lines = [f"- {place.name} — «{NBSP}{_shorten(place)}{NBSP}»" for place in places]
    sources = "\n".join(["**Sources**", "", *lines]) if lines else ""
    return f"{text}\n\n{sources}".rstrip(), places


def get_place(analysis: TenderAnalysis, number: int) -> Place:
    """The place of this number on the card. Raises NotFound."""
    _, places = write_numbered_card(analysis)
    if not 1 <= number <= len(places):
        raise NotFound(UNKNOWN.format(number=number))
    return places[number - 1]


def describe_place(place: Place) -> str:
    """The words cited at a place, in Markdown, for pieces that open in no page."""
    head = f"**{escape(place.evidence[0].label)}**"
    ocr = ["_Page numérisée, lue par reconnaissance de caractères._"
           for _ in place.evidence[:1] if place.evidence[0].is_ocr]  # fmt: skip
    quotes = ["> " + escape(" ".join(one.quote.split())) for one in place.evidence]
    return "\n\n".join([head, *ocr, *quotes])


def _shorten(place: Place) -> str:
    quote = " ".join(place.evidence[0].quote.split())
    if len(quote) > MOST_CHARS:
        quote = quote[:MOST_CHARS].rsplit(" ", 1)[0] + "…"
    return escape(quote)
