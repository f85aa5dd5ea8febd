"""How open points, dropped ideas and warnings read: a written sentence, or words quoted as said.

One remark tells one subject. Two speakers stand side by side, as question and answer or as a
statement and what another says of it, never as one sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.statements import (
    lower_first,
    quote_line,
    tell_exchange,
    tell_line,
    write_statement,
)
from core.formats import NBSP

Kind = Literal["open", "dropped", "risk"]
POINTER_WORDS = 2
ASKS = re.compile(r"\b(?:qui|quand|combien|comment)\b")
STATES_OF_OPEN = (
    (re.compile(r"\bsuspens\b"), "En suspens"),
    (re.compile(r"\bverifi"), "À vérifier"),
    (re.compile(r"\b(?:tranch|arbitr|decid|decision|choisi|statu|fige|arrete)"), "Non tranché"),
    (re.compile(r"\b(?:attend|attente)\b"), "En attente"),
    (re.compile(r"\b(?:verra|reparle|reparlera|reviendra|revient|plus tard|reflechi)"), "À revoir"),
    (re.compile(r"\b(?:ouvert|ouverte)\b"), "Laissé ouvert"),
    (re.compile(r"\b(?:sai[st] pas|en sais rien|aucune idee|inconnu)"), "Sans réponse à ce stade"),
    (re.compile(r"\bmanque\b"), "Élément manquant"),
)


@dataclass
class Remark:
    """The sentences that say it, and the one that says what it is about where they do not."""

    lines: list[Line]
    subject: Line | None = None

    @property
    def all(self) -> list[Line]:
        """Every sentence, the subject first."""
        return [*([self.subject] if self.subject else []), *self.lines]


def word_remark(scene: Scene, remark: Remark, kind: Kind) -> str:
    """The remark as minutes tell it."""
    first, subject = remark.lines[0], remark.subject
    if subject is None:
        return _find_own(scene, remark, kind) or tell_line(scene, first)
    if subject.speaker == first.speaker and first.place - subject.place == 1:
        return _tell_together(scene, subject, first)
    if subject.is_question:
        return tell_exchange(scene, subject, first)
    own = _find_own(scene, remark, kind)
    if own is not None:
        return own
    is_pointer = kind == "open" and len(first.words) <= POINTER_WORDS
    is_pointer = is_pointer and not ASKS.search(first.folded)
    state = _find_state(first) if is_pointer else None
    if state is not None:
        return f"{state}{NBSP}: {lower_first(tell_line(scene, subject))}"
    return tell_exchange(scene, subject, first)


def _find_own(scene: Scene, remark: Remark, kind: Kind) -> str | None:
    """The first sentence that can be rewritten and names what stays open."""
    for line in remark.lines if kind == "open" else ():
        written = write_statement(scene, line) if len(line.words) >= POINTER_WORDS else None
        if written is not None:
            return written.text
    return None


def _tell_together(scene: Scene, subject: Line, line: Line) -> str:
    """Two sentences that one speaker says on end."""
    written = [write_statement(scene, each) for each in (subject, line)]
    kept = [each.text for each in written if each is not None]
    return " ".join(kept) if len(kept) == len(written) else quote_line(scene, subject, line)


def _find_state(line: Line) -> str | None:
    """Why it is open, in two words, from the sentence that says so."""
    return next((label for pattern, label in STATES_OF_OPEN if pattern.search(line.folded)), None)
