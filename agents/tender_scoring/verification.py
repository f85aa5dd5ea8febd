"""What a model gave of a tender file, kept only where the file itself says it.

A quote must stand to the letter on the page named; on a scanned page, of which the text was
recognised, all but a few letters must, and every figure. Values are then read by code in the
words of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from agents.tender_scoring.answer import FactKey, GivenCriterion, GivenItem, GivenTender
from agents.tender_scoring.facts import Criterion, Fact, Requirement
from agents.tender_scoring.rules.anomalies import ORDER
from agents.tender_scoring.rules.clauses import ELIMINATORY
from agents.tender_scoring.rules.criteria_words import TOPIC, VALUE
from agents.tender_scoring.rules.quantities import parse_number
from agents.tender_scoring.rules.statements import Statement, clip, lots_of
from agents.tender_scoring.topics import TOPICS
from core.spans import find_span
from core.words import fold
from ingest.tenders.dossier import ReadPiece
from ingest.tenders.texts import Unit

SHORTEST_QUOTE = 6
LEAST_LIKENESS = 0.85
WORD = re.compile(r"\S+")
DIGITS = re.compile(r"\d+")


@dataclass
class Verified:
    """What holds, and how much did not. `facts` has several of a key where a file may."""

    facts: list[Fact] = field(default_factory=list[Fact])
    criteria: list[Criterion] = field(default_factory=list[Criterion])
    requirements: list[Requirement] = field(default_factory=list[Requirement])
    dropped: int = 0

    @property
    def count(self) -> int:
        """How many items hold."""
        return len(self.facts) + len(self.criteria) + len(self.requirements)


@dataclass(frozen=True)
class Verifier:
    """Checks an answer against the pieces that were named to the model."""

    pieces: Mapping[str, ReadPiece]
    statements: tuple[Statement, ...]
    sought: frozenset[FactKey]

    def verify(self, given: GivenTender) -> Verified:
        """Keep what is proved, count the rest."""
        kept = Verified()
        kept.facts = list(self._facts(given))
        kept.criteria = [c for each in given.criteria if (c := self._criterion(each))]
        kept.requirements = list(self._requirements(given))
        told = len(given.facts) + len(given.criteria) + len(given.requirements)
        kept.dropped = told - kept.count
        return kept

    def _facts(self, given: GivenTender) -> Iterator[Fact]:
        for each in given.facts:
            statement = self.find(each)
            if statement is None or each.key not in self.sought:
                continue
            fact = TOPICS[each.key].make(statement, each.value)
            if fact is not None:
                yield fact

    def _criterion(self, given: GivenCriterion) -> Criterion | None:
        """One weight in the quote, the name among its words, under a heading on criteria."""
        statement = self.find(given)
        if statement is None or not (
            TOPIC.search(statement.plain) or TOPIC.search(statement.where)
        ):
            return None
        weights = {parse_number(found["w"]) for found in VALUE.finditer(statement.plain)}
        name = " ".join(given.name.split())
        if len(weights) != 1 or len(name) < 3 or fold(name) not in statement.plain:
            return None
        return Criterion(
            name=name, weight=weights.pop(), lots=lots_of(statement), evidence=(statement.cite(),)
        )

    def _requirements(self, given: GivenTender) -> Iterator[Requirement]:
        for rank, each in enumerate(given.requirements, 1):
            statement = self.find(each)
            if statement is None:
                continue
            yield Requirement(
                key=f"modele-{rank}", text=clip(statement.unit.text, 400), category=each.category,
                lots=lots_of(statement), evidence=(statement.cite(),),
                is_eliminatory=bool(ELIMINATORY.search(statement.plain)),
            )  # fmt: skip

    def find(self, given: GivenItem) -> Statement | None:
        """The quote as a statement in its place; None where the file does not have it there, or
        where it stands in an order addressed to a machine."""
        piece = self.pieces.get(given.piece)
        if piece is None or len(given.quote.strip()) < SHORTEST_QUOTE:
            return None
        found = locate(piece, given.page, given.quote)
        if found is None:
            return None
        start, end = found
        around = [s for s in self.statements if s.piece.id == piece.id
                  and s.unit.start < end and start < s.unit.end]  # fmt: skip
        if ORDER.search(fold(piece.text.text[start:end])) or any(
            ORDER.search(s.plain) for s in around
        ):
            return None
        return _make_statement(piece, start, end, around)


def _make_statement(piece: ReadPiece, start: int, end: int, around: list[Statement]) -> Statement:
    text = re.sub(r"\s", " ", piece.text.text[start:end])
    if not around:
        return Statement(piece, Unit("sentence", text, start, end), fold(text), "")
    unit = replace(around[0].unit, kind="sentence", text=text, start=start, end=end, cells=())
    return Statement(piece, unit, fold(text), around[0].where)


def locate(piece: ReadPiece, page: int | None, quote: str) -> tuple[int, int] | None:
    """Where `quote` stands on `page` of a piece's text; None where it does not."""
    bounds = find_page(piece, page)
    if bounds is None:
        return None
    first, last = bounds
    text = piece.text.text[first:last]
    exact = find_span(piece.id, text, quote)
    if exact is not None:
        return first + exact.start, first + exact.end
    if not piece.text.find_place(first).is_ocr:
        return None
    near = find_alike(text, quote)
    return near and (first + near[0], first + near[1])


def find_page(piece: ReadPiece, page: int | None) -> tuple[int, int] | None:
    """[start, end) of a page in the text; of the whole where the format has no pages."""
    if piece.text.pages is None:
        return (0, len(piece.text.text)) if page is None else None
    starts = [place.start for place in piece.text.places if place.page == page]
    if page is None or not starts:
        return None
    following = [place.start for place in piece.text.places if (place.page or 0) > page]
    return min(starts), min(following, default=len(piece.text.text))


def find_alike(text: str, quote: str) -> tuple[int, int] | None:
    """The words of a recognised text that are those of `quote` but for a few letters, figures
    excepted."""
    words = list(WORD.finditer(text))
    count = len(quote.split())
    wanted, figures = fold(" ".join(quote.split())), DIGITS.findall(quote)
    best: tuple[float, int, int] | None = None
    for at in range(max(0, len(words) - count + 1)):
        start, end = words[at].start(), words[at + count - 1].end()
        read = " ".join(text[start:end].split())
        if DIGITS.findall(read) != figures:
            continue
        likeness = SequenceMatcher(None, fold(read), wanted, autojunk=False).ratio()
        if likeness >= LEAST_LIKENESS and (best is None or likeness > best[0]):
            best = (likeness, start, end)
    return best and (best[1], best[2])
