"""Contradictions: two people state different things of the same matter, close to each other."""

from __future__ import annotations

import re

from agents.meeting_synthesis.models import Contradiction
from agents.meeting_synthesis.rules.figures import find_doubt
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.quantities import Quantity, read_quantities
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.statements import quote_line
from core.dates import MONTH_NUMBERS

REACH_TURNS = 5
OPPOSES = re.compile(
    r"\b(?:moi|nous),? (?:j'ai|j'avais|je (?:vois|lis|croyais|pensais)|c'est|on a|on avait|dans|sur)\b|"
    r"\bmoi je (?:vois|lis|croyais|pensais|suis a|trouve)\b|"
    r"\bj'avais (?:note|compris|budgete|en tete|plutot)|\bj'ai (?:note|budgete|vu) |\bje croyais\b|"
    r"\bje pensais (?:que|a)|\bdans (?:mon|le|notre|la) (?:tableau|fichier|base|dossier|budget|rapport|"
    r"planning|logiciel|contrat)\b|\bsur (?:le|mon|ma) (?:contrat|facture|planning|tableau|bon)\b|"
    r"\bc'est (?:marque|ecrit|indique)\b|, pas (?:\d|[a-z]+)|^non,? |\ben realite\b|"
    r"\bparce que moi\b|\bde (?:notre|mon) cote (?:on|j'|nous|c'est)|\bd'apres (?:notre|mon|nos|mes|le|la)\b|\bj'en (?:compte|ai|vois)\b|\bon en compte\b|\bla mienne\b|\bchez nous\b|\bon ne (?:vous|t') ?a pas\b|\bn'a bouge que\b|"
    r"\bdans (?:votre|ton|son|notre|leur) (?:mail|courriel|courrier|offre|devis|proposition|message|contrat|facture|tableau)\b|"
    r"\bvous (?:parliez|disiez|aviez (?:dit|ecrit|annonce|parle)|ecriviez|annonciez)\b|\btu (?:disais|avais (?:dit|ecrit|parle)|parlais)\b|"
    r"\bsauf que\b|\bcontrairement\b|\bau contraire\b"
)
YIELDS = re.compile(
    r"\bc'est peut-etre moi\b|\bpardon\b|\bj'ai mal (?:entendu|note|lu|compris)\b|\bah oui\b|"
    r"\bautant pour moi\b|\bau temps pour moi\b|\bje me suis trompe|\bvous avez raison\b|\btu as raison\b|"
    r"^(?:ok|d'accord|exact)\b|\bc'est ca\b|\bje corrige\b"
)
MONTH = re.compile(r"\b(" + "|".join(m for m in MONTH_NUMBERS if len(m) > 3) + r"|mars|juin|mai)\b")
DENIED = re.compile(r"^(?:sauf que|mais non|c'est faux|pas du tout)\b")
DURATIONS = ("months", "years")
BELIEVES = re.compile(
    r"\bj'avais (?:note|compris|cru)|\bje croyais\b|\bil me semblait\b|\bj'etais reste"
)


def find_contradictions(scene: Scene) -> list[Contradiction]:
    """Each contradiction once, both statements quoted."""
    found: list[tuple[frozenset[int], Contradiction]] = []
    for line in scene.lines:
        if line.place in scene.barred:
            continue
        other = _find_opposite(scene, line) or _find_doubted(scene, line)
        if other is None:
            continue
        places = frozenset({line.place, other.place})
        if any(_overlaps(places, known) for known, _ in found):
            continue
        found.append((places, _make(scene, other, line)))
    return [contradiction for _, contradiction in found]


def _overlaps(places: frozenset[int], known: frozenset[int]) -> bool:
    return min(abs(a - b) for a in places for b in known) <= 2


def _find_opposite(scene: Scene, line: Line) -> Line | None:
    """The earlier statement that `line` goes against."""
    folded = line.folded
    if not OPPOSES.search(folded):
        return None
    for other in scene.before(line, REACH_TURNS):
        if other.speaker == line.speaker or other.place in scene.barred:
            continue
        if other.is_question and not read_quantities(other):
            continue
        if _values_differ(line, other) or _months_differ(line, other):
            return other
        if DENIED.search(folded) and line.words & other.words and line.turn - other.turn <= 1:
            return other
        if (
            folded.startswith("non")
            and BELIEVES.search(other.folded)
            and line.turn - other.turn <= 1
        ):
            return other
    return None


def _find_doubted(scene: Scene, line: Line) -> Line | None:
    """The statement whose figure `line` asks again and does not believe."""
    for other in scene.before(line, 1):
        if any(find_doubt(scene, quantity) is line for quantity in read_quantities(other)):
            return other
    return None


def _values_differ(line: Line, other: Line) -> bool:
    mine, theirs = _values(line), _values(other)
    if not mine or not theirs:
        return False
    for quantity in mine:
        for said in theirs:
            if _is_same_matter(quantity, said) and quantity.value != said.value:
                return quantity.value not in {q.value for q in theirs}
    return False


def _values(line: Line) -> list[Quantity]:
    """Quantities that can oppose: years and lone small numbers say too little."""
    return [
        q for q in read_quantities(line)
        if (q.value > 3 or q.kind in DURATIONS) and not (q.unit in ("", "jours", "h") and 2000 <= q.value < 2100)
    ]  # fmt: skip


def _is_same_matter(left: Quantity, right: Quantity) -> bool:
    if left.kind and right.kind and left.kind != right.kind:
        return {left.kind, right.kind} == {"money", "price"} and _within(left, right)
    if left.kind and left.kind == right.kind:
        return _within(left, right)
    ratio = max(left.said, right.said) / min(left.said, right.said)
    return ratio <= 2


def _within(left: Quantity, right: Quantity) -> bool:
    """Values of one matter are of one size; further apart they are about two things."""
    small, large = sorted((left.value, right.value))
    return small > 0 and large / small <= 4


def _months_differ(line: Line, other: Line) -> bool:
    mine, theirs = set(MONTH.findall(line.folded)), set(MONTH.findall(other.folded))
    return bool(mine and theirs and not mine & theirs and line.turn - other.turn <= 2)


def _make(scene: Scene, first: Line, second: Line) -> Contradiction:
    settled = any(
        YIELDS.search(line.folded) and line.speaker in (first.speaker, second.speaker)
        for line in scene.after(second, 2)[:4]
    )
    told = f"{quote_line(scene, first).rstrip('.')}\u00a0; {quote_line(scene, second)}"
    return Contradiction(
        text=told, quotes=scene.quote_all((first, second, *_list_repeats(scene, first, second))), topic=scene.topic(second),
        is_settled=settled,
    )  # fmt: skip


def _list_repeats(scene: Scene, first: Line, second: Line) -> list[Line]:
    """Where one of the two is said again, or doubted, by those two soon after."""
    values = {q.value for line in (first, second) for q in _values(line)}
    values |= {q.said for line in (first, second) for q in _values(line)}
    found: list[Line] = []
    for line in scene.after(first, 4):
        same = line.speaker in (first.speaker, second.speaker) and line is not second
        if same and {q.said for q in read_quantities(line)} & values:
            found.append(line)
    return found[:3]
