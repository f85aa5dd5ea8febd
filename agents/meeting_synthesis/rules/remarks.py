"""Open points, dropped ideas and risks: sentences that say so, with what they are about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from agents.meeting_synthesis.models import Item
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import ALONE, DROPS, OPENS, RISKS
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.wording import strip_opening

LONG_ENOUGH = 4
NOT_A_RISK = re.compile(
    r"\b(?:pas (?:de|d') ?(?:risque|souci|inquiet)|pas d'inquietude|sans (?:risque|penalite))\b"
)
NOT_A_DROP = re.compile(
    r"\bsi (?:on|vous|le|la) |\bon (?:ne|n')(?:en)? ?(?:sait|voit|a) (?:pas|rien)|\bon ne (?:fige|decide|tranche)|\bou\b.*\?$|\bje ne peux pas\b"
)
ANSWERED = re.compile(r"^(?:oui|non|si|c'est|il est|elle est|voila|exact)\b")
POINTING = re.compile(
    r"^(?:bon|donc|oui|non|ok|d'accord|et|mais)?[ ,]*(?:ca|c'est|cela|il|elle|on|je|la)\b"
)


def find_open_points(scene: Scene, taken: frozenset[int]) -> list[Item]:
    """What was left undecided or unknown."""
    return _collect(scene, taken, lambda line: OPENS.search(line.folded) is not None, "open")


def find_dropped(scene: Scene, taken: frozenset[int]) -> list[Item]:
    """Ideas put forward and set aside."""

    def is_dropped(line: Line) -> bool:
        drops = DROPS.search(NOT_A_DROP.sub(" ", line.folded)) is not None
        return drops and OPENS.search(line.folded) is None

    return _collect(scene, taken, is_dropped, "dropped")


def find_risks(scene: Scene, taken: frozenset[int]) -> list[Item]:
    """Warnings given, at most eight."""

    def is_risky(line: Line) -> bool:
        risky = RISKS.search(line.folded) is not None and NOT_A_RISK.search(line.folded) is None
        return risky and line.length > 5

    return _collect(scene, taken, is_risky, "risk")[:8]


def _collect(
    scene: Scene, taken: frozenset[int], fits: Callable[[Line], bool], kind: str
) -> list[Item]:
    groups: list[list[Line]] = []
    for line in scene.lines:
        if line.place in taken or line.place in scene.barred or not fits(line):
            continue
        if line.is_question or ALONE.match(line.folded):
            continue
        subject = [] if kind == "risk" else _find_subject(scene, line)
        if groups and (_goes_with(groups[-1], line) or set(subject) & set(groups[-1])):
            groups[-1] += [each for each in (*subject, line) if each not in groups[-1]]
        elif line.length >= LONG_ENOUGH or subject:
            groups.append([*subject, line])
    return [_make(scene, group) for group in groups]


def _goes_with(group: list[Line], line: Line) -> bool:
    last = group[-1]
    near = line.turn - last.turn <= 2
    words = frozenset().union(*(each.words for each in group))
    return near and (line.turn == last.turn or len(line.words - words) <= 2)


def _find_subject(scene: Scene, line: Line) -> list[Line]:
    """The sentence that says what a short or pointing one is about: «C'est en suspens.»."""
    if len(line.words) > 3 and not POINTING.match(line.folded):
        return []
    words = line.words
    for other in scene.before(line, 3):
        if len(other.words) < 3 or other.place in scene.barred:
            continue
        if other.is_question or other.words & words or other.turn >= line.turn - 1:
            return [other]
    return []


def _make(scene: Scene, group: Iterable[Line]) -> Item:
    lines = sorted(set(group), key=lambda each: each.place)
    told = lines if len(lines) <= 3 else [lines[0], *lines[-2:]]
    return Item(
        text=" ".join(strip_opening(line.text) for line in told),
        quotes=scene.quote_all(lines),
        topic=scene.topic(lines[0]),
    )
