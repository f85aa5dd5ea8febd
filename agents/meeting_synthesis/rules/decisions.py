"""Decisions: choices that someone put forward and someone else agreed to; the later one wins."""

from __future__ import annotations

import re
from decimal import Decimal

from agents.meeting_synthesis.models import Decision
from agents.meeting_synthesis.rules.choices import Choice
from agents.meeting_synthesis.rules.decision_wording import subject_of, word_choice
from agents.meeting_synthesis.rules.exchanges import list_choices
from agents.meeting_synthesis.rules.lines import Line
from agents.meeting_synthesis.rules.phrases import AGREES, CONDITION, OBJECTS, PROPOSES
from agents.meeting_synthesis.rules.scene import Scene
from core.numerals import find_numbers

HEARD_TURNS = 4
SAME_TOPIC = 0.34
REPLACES_TURNS = 30
REVISES = re.compile(
    r"^(?:ah|bon|non|attendez|attends|finalement|alors|ok|d'accord|plutot|en fait|oui, non|c'est vrai)\b"
)
RENOUNCES = re.compile(r"\bplutot que?\b|\bau lieu d[e']|\bet (?:non|pas)\b")
GO_AHEAD = re.compile(
    r"\bbonne idee\b|\b(?:faites|fais|allez|vas)(?:-y| donc|-le)\b|\bfoncez?\b|^(?:banco|vendu|adjuge|adopte)\b"
)
CLOSES = re.compile(r"^(?:voila|bon|bien|tres bien)\b")
SAYS_WHAT = re.compile(
    r"\bje trouve (?:ca|cela)\b|\bje m'incline\b|\bd'accord avec (?:ca|cela|toi|vous)\b|\brien a redire\b|\bca se defend\b"
)
OWN_AGREEMENT = re.compile(r"\bje (?:dis oui|valide|signe)\b|\bc'est (?:decide|acte|valide)\b")


def find_decisions(scene: Scene, taken: frozenset[int]) -> list[Decision]:
    """The choices of the meeting in order: in force, replaced, or merely mentioned.

    `taken` are the places of lines that belong to actions.
    """
    choices = _merge(list_choices(scene, taken))
    _add_details(scene, choices)
    for choice in choices:
        _hear(scene, choice)
    choices = [c for c in choices if c.is_firm or c.agreed or c.is_tentative or c.is_contested]
    _replace(choices)
    kept = [c for c in choices if _is_told(c)]
    ranks = {id(choice): rank for rank, choice in enumerate(kept)}
    replaced = {id(c.replaced_by): c for c in kept if c.replaced_by is not None}
    return [_make(scene, choice, ranks, replaced.get(id(choice))) for choice in kept]


def _add_details(scene: Scene, choices: list[Choice]) -> None:
    """«Le plafond ? – Vingt-sept euros.»: a figure asked about a choice belongs to it."""
    known = {line.place for choice in choices for line in choice.lines}
    for choice in choices:
        for line in scene.after(choice.lines[-1], 2):
            asked = scene.lines[line.place - 1]
            answers = asked.is_question and asked.speaker != line.speaker and line.length <= 6
            if answers and asked.words & choice.words and find_numbers(line.text):
                if line.place not in known:
                    choice.lines.append(line)
                break


def _merge(choices: list[Choice]) -> list[Choice]:
    """Join neighbouring statements of one choice; keep apart those that change its numbers."""
    merged: list[Choice] = []
    for choice in choices:
        last = merged[-1] if merged else None
        if last is not None and _is_same(last, choice):
            last.lines += [line for line in choice.lines if line not in last.lines]
            last.agreed += choice.agreed
            last.is_firm = last.is_firm or choice.is_firm
            last.is_tentative = last.is_tentative and choice.is_tentative
            continue
        merged.append(choice)
    return merged


def _is_same(last: Choice, choice: Choice) -> bool:
    if choice.first in last.agreed:
        return True
    near = choice.first.turn - last.lines[-1].turn <= 3
    if not near or (last.is_tentative and not choice.is_tentative):
        return False
    if choice.first.turn == last.lines[-1].turn and _follows(last, choice):
        return True
    shared = choice.numbers & last.numbers
    if choice.numbers and last.numbers and not shared:
        return False
    if (
        REVISES.match(choice.first.folded)
        and choice.numbers - last.numbers
        and last.numbers - choice.numbers
    ):
        return False
    common = choice.words & last.words
    smaller = min(len(choice.words), len(last.words)) or 1
    return len(common) / smaller >= 0.5 or bool(shared and common)


def _follows(last: Choice, choice: Choice) -> bool:
    """The next breath of the same speaker goes on with the same choice."""
    return choice.first.place == last.lines[-1].place + 1 and not last.is_tentative


def _hear(scene: Scene, choice: Choice) -> None:
    """Who agrees, who objects, what condition is set, in the turns that follow."""
    last = choice.lines[-1]
    for line in choice.lines:
        found = CONDITION.search(line.folded)
        if found:
            choice.condition = _as_said(line, found)
    _hear_own(scene, choice)
    for line in scene.after(last, HEARD_TURNS):
        if line.turn == last.turn and OWN_AGREEMENT.search(line.folded):
            choice.agreed.append(line)
        elif line.speaker != last.speaker and not _take_reply(scene, choice, line):
            return


def _take_reply(scene: Scene, choice: Choice, line: Line) -> bool:
    """Note what another says of the choice; False once they object to it."""
    near = line.turn <= choice.lines[-1].turn + 1
    if OBJECTS.search(line.folded) and (near or line.words & choice.words) and not choice.agreed:
        choice.is_contested = True
        return False
    agrees = AGREES.search(line.folded) and (near or not CLOSES.search(line.folded))
    if agrees and not line.is_question and not _talks_elsewhere(scene, choice, line):
        choice.agreed.append(line)
        if near and GO_AHEAD.search(line.folded):
            choice.is_tentative = False
        found = CONDITION.search(line.folded)
        choice.condition = choice.condition or (_as_said(line, found) if found else None)
    return True


def _hear_own(scene: Scene, choice: Choice) -> None:
    """«– Une case obligatoire ? – Oui. On met…»: the choice says yes to another's proposal."""
    same_turn = scene.before(choice.first, 0)
    said_yes = next((o for o in same_turn if re.match(r"^(?:oui|d'accord|ok)\b", o.folded)), None)
    earlier = [o for o in scene.before(choice.first, 1) if o.turn < choice.first.turn]
    if said_yes and earlier and (earlier[0].is_question or PROPOSES.search(earlier[0].folded)):
        choice.agreed.append(said_yes)


def _talks_elsewhere(scene: Scene, choice: Choice, line: Line) -> bool:
    """A «oui» that answers another question does not agree to this choice."""
    if line.turn <= choice.lines[-1].turn + 2 or line.words & choice.words:
        return False
    between = scene.lines[choice.lines[-1].place + 1 : line.place]
    return not SAYS_WHAT.search(line.folded) or any(other.is_question for other in between)


def _as_said(line: Line, found: re.Match[str]) -> str:
    text = " ".join(line.text.split())
    return (
        text[found.start() : found.end()].strip(" .,")
        if len(text) == len(line.folded)
        else found.group()
    )


def _replace(choices: list[Choice]) -> None:
    for place, later in enumerate(choices):
        if later.is_contested or not (later.agreed or later.is_firm):
            continue
        for earlier in reversed(choices[:place]):
            if earlier.replaced_by is None and _supersedes(later, earlier):
                earlier.replaced_by = later
                if not earlier.is_tentative:
                    break


def _supersedes(later: Choice, earlier: Choice) -> bool:
    """The same subject with other numbers or other terms, and soon after."""
    gap = later.first.turn - earlier.lines[-1].turn
    if gap > REPLACES_TURNS:
        return False
    if any(_renounces(line, earlier) for line in later.lines):
        return True
    revises = REVISES.match(later.first.folded) is not None
    changes = bool(later.numbers - earlier.numbers) or bool(earlier.numbers - later.numbers)
    subject = subject_of(later) & subject_of(earlier)
    smaller = min(len(subject_of(later)), len(subject_of(earlier)))
    if smaller == 0:
        return revises and changes and gap <= 4
    alike = len(subject) / smaller >= SAME_TOPIC
    if earlier.is_tentative and alike and not later.is_tentative and gap <= 12:
        return True
    return (
        (alike and changes and gap <= 12)
        or (alike and revises and gap <= 8)
        or (revises and changes and gap <= 3 and _is_elliptic(later))
    )


def _renounces(line: Line, earlier: Choice) -> bool:
    """«Deux ans plutôt que trois» after «trois ans»: the former value is named, its unit known."""
    found = RENOUNCES.search(line.folded)
    given_up = _list_values(line.folded[found.end() :])[:1] if found else []
    said = _list_values(line.folded)
    if not given_up or all(value == given_up[0][0] for value, _ in said):
        return False
    former = {(given_up[0][0], unit) for _, unit in said if unit}
    return any(former & set(_list_values(other.folded)) for other in earlier.lines)


def _list_values(folded: str) -> list[tuple[Decimal, str]]:
    """The numbers of a sentence in order, each with the word that follows it, if any."""
    return [
        (number.value, re.split(r"[^a-z]", folded[number.end :].lstrip(" "))[0].rstrip("s"))
        for number in find_numbers(folded)
    ]


def _is_elliptic(choice: Choice) -> bool:
    return len(subject_of(choice)) <= 2


def _is_told(choice: Choice) -> bool:
    """A bare wish that nobody took up is not worth a line, unless it was replaced or contested."""
    return (
        bool(choice.agreed)
        or choice.is_firm
        or choice.replaced_by is not None
        or (choice.is_contested and not choice.is_tentative)
    )


def _make(scene: Scene, choice: Choice, ranks: dict[int, int], former: Choice | None) -> Decision:
    replaced = choice.replaced_by
    is_agreed = (
        (choice.agreed or choice.is_firm) and not choice.is_contested and not choice.is_tentative
    )
    status = "replaced" if replaced else "in_force" if is_agreed else "mentioned"
    lines = [*choice.lines, *choice.agreed[:2]]
    return Decision(
        text=word_choice(scene, choice, status, former if _is_elliptic(choice) else None),
        quotes=scene.quote_all(lines),
        topic=scene.topic(choice.first),
        status=status,
        condition=choice.condition,
        replaced_by=ranks.get(id(replaced)) if replaced else None,
    )
