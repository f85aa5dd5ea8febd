"""The card with numbered passages: each number opens the piece at the very words it cites."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.models import TenderAnalysis
from agents.tender_scoring.outputs.card import escape, write_card
from agents.tender_scoring.outputs.wording import PLACES_SHOWN, quote_of
from core.errors import NotFound

MARKUP = re.compile(r"[\\`*_\[\]<>#|~]+")
MOST_CHARS = 240
UNKNOWN = "Cette analyse n’a pas de passage numéro {number}."


@dataclass(frozen=True)
class Place:
    """A passage that the card cites. `number` is from 1."""

    number: int
    evidence: Evidence

    @property
    def piece(self) -> str:
        """The id of the piece."""
        return self.evidence.span.source_id

    @property
    def page(self) -> int | None:
        """The page, from 1; None where the format has none."""
        return self.evidence.page

    @property
    def mark(self) -> str:
        """What stands in the text: «[3]»."""
        return f"[{self.number}]"

    @property
    def name(self) -> str:
        """The full name: «[3] RC.pdf, p. 4», without a sign that Markdown would take up."""
        return f"{self.mark} {MARKUP.sub(' ', self.evidence.label).strip()}"


@dataclass
class Numbering:
    """Gives each passage its number, in the order in which the card meets them."""

    _found: dict[tuple[str, int, str], Evidence] = field(
        default_factory=dict[tuple[str, int, str], Evidence]
    )

    def cite(self, evidence: Sequence[Evidence]) -> str:
        """«[1] [2]»: the numbers of the first passages."""
        marks: dict[str, None] = {}
        for one in evidence[:PLACES_SHOWN]:
            key = (one.span.source_id, one.span.start, one.quote)
            self._found.setdefault(key, one)
            marks[f"[{list(self._found).index(key) + 1}]"] = None
        return " ".join(marks)

    @property
    def places(self) -> tuple[Place, ...]:
        """The passages met so far."""
        return tuple(Place(n, held) for n, held in enumerate(self._found.values(), 1))


def write_numbered_card(analysis: TenderAnalysis) -> tuple[str, tuple[Place, ...]]:
    """The card whose statements bear the numbers of their passages, listed below it."""
    numbering = Numbering()
    text = write_card(analysis, numbering.cite)
    places = numbering.places
    lines = [f"- {place.name} — {escape(quote_of(place.evidence, MOST_CHARS))}" for place in places]
    sources = "\n".join(["**Sources**", "", *lines]) if lines else ""
    return f"{text}\n\n{sources}".rstrip(), places


def get_place(analysis: TenderAnalysis, number: int) -> Place:
    """The place of this number on the card. Raises NotFound."""
    _, places = write_numbered_card(analysis)
    if not 1 <= number <= len(places):
        raise NotFound(UNKNOWN.format(number=number))
    return places[number - 1]


def describe_place(place: Place) -> str:
    """The words cited, in Markdown, for pieces that open in no page."""
    one = place.evidence
    parts = [f"**{escape(one.label)}**"]
    if one.is_ocr:
        parts.append("_Page numérisée, lue par reconnaissance de caractères._")
    return "\n\n".join([*parts, f"> {escape(' '.join(one.quote.split()))}"])
