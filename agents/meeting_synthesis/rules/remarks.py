"""Open points, dropped ideas and risks: sentences that say so, with what they are about."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.meeting_synthesis.models import Item
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import ALONE, DROPS, OPENS, RISKS
from agents.meeting_synthesis.rules.remark_wording import Kind, Remark, word_remark
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.statements import write_statement

LONG_ENOUGH = 4
NEAR_TURNS, SHORT_QUESTION = 2, 3
NOT_A_RISK = re.compile(
    r"\b(?:pas (?:de|d') ?(?:risque|souci|inquiet)|pas d'inquietude|sans (?:risque|penalite))\b"
)
NOT_A_DROP = re.compile(
    r"\bsi (?:on|vous|le|la) |\bon (?:ne|n')(?:en)? ?(?:sait|voit|a) (?:pas|rien)|\bon ne (?:fige|decide|tranche)|\bou\b.*\?$|\bje ne peux pas\b"
)
ANSWERED = re.compile(r"^(?:oui|non|si|c'est|il est|elle est|voila|exact)\b")
_OPENING = r"^(?:bon|donc|oui|non|ok|d'accord|et|mais)?[ ,]*"
POINTING = re.compile(_OPENING + r"(?:ca|c'est|cela|il|elle|on|je|la)\b")
OURS = re.compile(_OPENING + r"on\b")
TOPIC = re.compile(r"^(?:et |mais |alors )?(?:pour|concernant|quant|cote|sur|s'agissant) ")
MARKERS = frozenset(
    """
    suspen verifie verifier tranche trancher arbitre arbitrer decide decider decision choisi choisir statue
    fige arrete attend attente attendre verra reparle reparlera revient reflechir ouvert ouverte point reste
    sai sait confirmer definir regarde regarder element encore toujours instant moment reponse idee aucune
    clot clos ferme sujet oublie laisse ecarte abandonne enleve retire tard
    """.split()
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
    scene: Scene, taken: frozenset[int], fits: Callable[[Line], bool], kind: Kind
) -> list[Item]:
    remarks: list[Remark] = []
    for line in scene.lines:
        if line.place in taken or line.place in scene.barred or not fits(line):
            continue
        if line.is_question or ALONE.match(line.folded):
            continue
        subject = None if kind == "risk" else _find_subject(scene, line, kind)
        last = remarks[-1] if remarks else None
        if last is not None and _goes_with(last, line, subject):
            last.lines.append(line)
        elif line.length >= LONG_ENOUGH or subject:
            remarks.append(Remark([line], subject))
    return [_make(scene, remark, kind) for remark in remarks]


def _goes_with(last: Remark, line: Line, subject: Line | None) -> bool:
    """A sentence that only says again, or points at, what the last remark is about."""
    if line in last.all or (subject is not None and subject in last.all):
        return True
    if line.turn - last.lines[-1].turn > NEAR_TURNS:
        return False
    new = _matter(line).difference(*(each.words for each in last.all))
    return len(new) <= 1 or (bool(POINTING.match(line.folded)) and len(new) <= 2)


def _matter(line: Line) -> frozenset[str]:
    """What a sentence is about, without the words that say it is open or dropped."""
    return line.words - MARKERS


def _names_subject(scene: Scene, line: Line) -> bool:
    """«Et pour les garanties, on n’a pas tranché», «on attend la réponse d’Enedis»."""
    if TOPIC.match(line.folded) and len(_matter(line)) > 1:
        return True
    return bool(OURS.match(line.folded)) and write_statement(scene, line) is not None


def _find_subject(scene: Scene, line: Line, kind: Kind) -> Line | None:
    """The sentence that says what a short or pointing one is about: «C'est en suspens.»."""
    if kind == "open" and _names_subject(scene, line):
        return None
    if len(line.words) > 3 and not POINTING.match(line.folded):
        return None
    words = line.words
    for other in scene.before(line, 3):
        is_asked = kind == "open" and other.is_question and other.length >= SHORT_QUESTION
        if (len(other.words) < 3 and not is_asked) or other.place in scene.barred:
            continue
        if other.is_question or other.words & words or other.turn >= line.turn - 1:
            return other
    return None


def _make(scene: Scene, remark: Remark, kind: Kind) -> Item:
    lines = sorted(set(remark.all), key=lambda each: each.place)
    return Item(
        text=word_remark(scene, remark, kind),
        quotes=scene.quote_all(lines),
        topic=scene.topic(lines[0]),
    )
