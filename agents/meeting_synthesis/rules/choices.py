"""A choice put forward in a meeting, and whether a sentence can put one forward at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import (
    AGREES,
    CHOOSES,
    CONDITION,
    DECIDES,
    DROPS,
    LIMITS,
    OPENS,
    PAST,
)
from core.numerals import find_numbers

SUSPENDED = re.compile(
    r"\bune option\b|\bsi (?:elle|il|le|la|on|vous|ca)\b|\bdans ce cas\b|\bau cas ou\b|\ben attendant\b|\bhypotheses\b|\bavant d[e'] ?(?:trancher|avoir|decider)"
)
STATUS_QUO = re.compile(r"\bon (?:reste|en reste|demeure)\b")
GREETS = re.compile(r"\bbonjour\b|\bau revoir\b|\bbonne (?:journee|soiree)\b|\bmerci d'etre\b")
CLAUSES = re.compile(r" ?[,;:] ?|\bet\b|\bmais\b")


@dataclass
class Choice:
    """A choice put forward: its lines, who agreed, what it hangs on."""

    lines: list[Line]
    is_firm: bool
    agreed: list[Line] = field(default_factory=list[Line])
    condition: str | None = None
    is_contested: bool = False
    is_tentative: bool = False
    replaced_by: Choice | None = None
    asked: Line | None = None

    @property
    def first(self) -> Line:
        """Where it was put forward."""
        return self.lines[0]

    @property
    def words(self) -> frozenset[str]:
        """What it is about."""
        return frozenset().union(*(line.words for line in self.lines))

    @property
    def numbers(self) -> frozenset[str]:
        """The numbers it holds."""
        return frozenset(numbers_in(line.text for line in self.lines))


def puts_nothing_forward(line: Line) -> bool:
    """Past, refused, open or hanging sentences put nothing forward."""
    folded = line.folded
    hangs = SUSPENDED.search(folded) and not (CONDITION.search(folded) and AGREES.search(folded))
    if OPENS.search(folded) or hangs or STATUS_QUO.search(folded):
        return True
    if PAST.search(folded) and not DECIDES.search(folded):
        return True
    if GREETS.search(folded):
        return True
    if LIMITS.search(folded):
        return False
    return DROPS.search(folded) is not None and not _chooses_besides(folded)


def _chooses_besides(folded: str) -> bool:
    """«On prend vingt-sept, et vingt-huit on ne fait rien»: one clause chooses, another drops."""
    return any(
        (CHOOSES.search(clause) or DECIDES.search(clause)) and not DROPS.search(clause)
        for clause in CLAUSES.split(folded)
    )


def numbers_in(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(
        format(number.value.normalize(), "f") for text in texts for number in find_numbers(text)
    )
