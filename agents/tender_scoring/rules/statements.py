"""The sentences of the pieces that count, folded for rules, and the evidence they make."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.tender_scoring.evidence import Evidence
from agents.tender_scoring.facts import Fact
from core.spans import Span
from core.words import fold
from ingest.tenders.dossier import Dossier, ReadPiece
from ingest.tenders.kinds import Kind
from ingest.tenders.texts import Unit

LOT_NUMBERS = re.compile(
    r"\blots?(?: numeros?)? ?(?:n ?[°o]s? ?)?(?P<first>\d{1,2})(?![\d,.]*\d* ?(?:%|€|mwh|kva))"
    r"(?P<rest>(?:(?: ?, ?| et | ou | a )(?:(?:du |au |le |pour le )?lots? )?(?:n ?[°o] ?)?\d{1,2}"
    r"(?!\d| ?(?:%|€|mwh|kva|h\b|\d{3})))*)"
)
EVERY_LOT = re.compile(r"\b(?:tous les|chaque|chacun des|ensemble des|les (?:deux|trois|quatre"
                       r"|cinq|six)) lots?\b")  # fmt: skip
ENGLISH = re.compile(r"\b(?:the|and|shall|tender|must|will|with|contract|for)\b")
FRENCH = re.compile(r"\b(?:le|la|les|des|est|sont|pour|dans|une|marche|du)\b")
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\s?[mgk]wh)")
LEAST_ENGLISH = 5


@dataclass(frozen=True)
class Statement:
    """A unit of a piece; `plain` is its folded text, `where` its folded section and lead."""

    piece: ReadPiece
    unit: Unit
    plain: str
    where: str

    @property
    def kind(self) -> Kind:
        """The kind of the piece."""
        return self.piece.kind

    @property
    def is_ocr(self) -> bool:
        """Tell whether the page was recognised from a picture."""
        return self.piece.text.find_place(self.unit.start).is_ocr

    def cite(self, start: int | None = None, end: int | None = None) -> Evidence:
        """Evidence of the unit, or of [start, end) of its text."""
        begin = self.unit.start + (start or 0)
        stop = self.unit.start + end if end is not None else self.unit.end
        return cite(self.piece, begin, stop)


def cite(piece: ReadPiece, start: int, end: int) -> Evidence:
    """Evidence of [start, end) of a piece's text."""
    source = piece.text.text
    while start < end and source[start].isspace():
        start += 1
    while end > start and source[end - 1].isspace():
        end -= 1
    place = piece.text.find_place(start)
    span = Span(piece.id, start, end, source[start:end], place.page)
    return Evidence(span=span, file=piece.name, loc=place.loc, is_ocr=place.is_ocr, box=place.box)


@dataclass(frozen=True)
class Reading:
    """Every statement of the dossier, in the order its pieces are trusted."""

    dossier: Dossier
    statements: tuple[Statement, ...]

    def of(self, *kinds: Kind) -> Iterator[Statement]:
        """The statements of pieces of `kinds`, in that order of kinds."""
        for kind in kinds:
            yield from (each for each in self.statements if each.kind == kind)

    def find(
        self, pattern: re.Pattern[str], kinds: Sequence[Kind]
    ) -> Iterator[tuple[Statement, re.Match[str]]]:
        """Statements of `kinds` where `pattern` is found."""
        for each in self.of(*kinds):
            if found := pattern.search(each.plain):
                yield each, found


def read_statements(dossier: Dossier) -> Reading:
    """The statements of the pieces used."""
    return Reading(dossier, tuple(s for piece in dossier.used() for s in list_statements(piece)))


def list_statements(piece: ReadPiece) -> Iterator[Statement]:
    """The statements of one piece, headings included.

    «12,500 MWh» in English is «12 500 MWh»: twelve thousand five hundred.
    """
    in_english = is_english(piece)
    for unit in piece.text.units:
        if piece.kind == "delivery_points" and unit.kind == "row":
            continue
        plain = fold(unit.text)
        if in_english:
            plain = THOUSANDS.sub(" ", plain)
        yield Statement(piece, unit, plain, fold(f"{unit.section} | {unit.lead}"))


def is_english(piece: ReadPiece) -> bool:
    """Tell a piece written in English by its commonest words."""
    plain = fold(piece.text.text[:6000])
    english = len(ENGLISH.findall(plain))
    return english >= LEAST_ENGLISH and english > 3 * len(FRENCH.findall(plain))


def list_lots(plain: str) -> tuple[int, ...]:
    """The lot numbers a folded text names: « lots n° 2 et n° 3 » → 2, 3; « lots 1 à 4 » → 1…4."""
    numbers: set[int] = set()
    for found in LOT_NUMBERS.finditer(plain):
        previous = int(found["first"])
        numbers.add(previous)
        for joint, digits in re.findall(r"(,| et | ou | a )\D*?(\d{1,2})", found["rest"]):
            value = int(digits)
            numbers.update(range(previous, value + 1) if joint == " a " else (value,))
            previous = value
    return tuple(sorted(number for number in numbers if 0 < number < 60))


def lots_of(statement: Statement) -> tuple[int, ...]:
    """The lots a statement is about: its own, else those of its lead or section."""
    if EVERY_LOT.search(statement.plain):
        return ()
    return list_lots(statement.plain) or list_lots(statement.where)


def make_fact(key: str, label: str, value: str, statement: Statement, **typed: object) -> Fact:
    """A fact proved by the whole statement."""
    evidence = (statement.cite(),)
    return Fact.model_validate(
        {"key": key, "label": label, "value": value, "evidence": evidence, **typed}
    )


def clip(text: str, limit: int = 220) -> str:
    """`text` on one line, shortened at a word."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rsplit(" ", 1)[0] + " …"
