"""How decisions read: one sentence of the written kind, or the words of one speaker, quoted.

Words of two speakers are never run together: a question and its answer, a statement and what
another adds to it, stand side by side, each with its speaker.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.meeting_synthesis.models import DecisionStatus
from agents.meeting_synthesis.rules.choices import Choice
from agents.meeting_synthesis.rules.lines import Line, content_words
from agents.meeting_synthesis.rules.phrases import ACTS, CHOOSES, DECIDES, PROPOSES, STATES
from agents.meeting_synthesis.rules.quantities import read_quantities
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.statements import (
    ADOPTED,
    PLANNED,
    PUT_FORWARD,
    cut_tags,
    lower_first,
    quote_line,
    tell_exchange,
    write_choice,
)
from agents.meeting_synthesis.rules.written_numbers import MONTH
from core.dates import WEEKDAYS
from core.formats import MONTHS, NBSP
from core.numerals import find_numbers
from core.words import fold

ADDED, BEFORE, FORMERLY = "Précision", "À la suite de", "Auparavant"
NAMED = re.compile(
    r"^(?:et |alors )?(?:avec )?(?:(?:le|la|les|un|une|pour le|pour la) |l')(?P<thing>[a-z]+) ?\?$"
)
SHORT_ANSWER, BARE, MOST_ADDED, MUCH_MORE = 3, 2, 2, 3
_UNTOLD = frozenset(map(fold, (*WEEKDAYS, *MONTHS, *"mois an ans jour euro semaine".split())))
LEADS: dict[DecisionStatus, str] = {
    "in_force": ADOPTED, "replaced": PLANNED, "mentioned": PUT_FORWARD,
}  # fmt: skip


def word_choice(scene: Scene, choice: Choice, status: DecisionStatus, former: Choice | None) -> str:
    """The choice from the sentence that tells the most of it, then the figures others add.

    `former` is the choice that a terse one replaces.
    """
    main = max(choice.lines, key=_weigh)
    written = write_choice(scene, main, LEADS[status])
    for line in sorted(choice.lines, key=_weigh, reverse=True):
        if written is None and _tells_as_much(line, main):
            main, written = line, write_choice(scene, line, LEADS[status])
    breath = _list_breath(choice, main)
    pair = _find_pair(scene, choice, breath, is_written=written is not None)
    if pair is not None:
        told, breath = tell_exchange(scene, *pair), list(pair)
    else:
        recalled = _recall_matter(scene, breath, is_quoted=not written)
        told = _tell(scene, breath, status) + (_recall_former(scene, former) or recalled)
    extra = [_tell_added(scene, line) for line in _list_added(choice, breath)]
    return " ".join([told, *extra])


def _recall_former(scene: Scene, former: Choice | None) -> str:
    """What an elliptic decision replaces: «Le 14 mai» says nothing alone."""
    if former is None:
        return ""
    fullest = max(former.lines, key=_weigh)
    written = write_choice(scene, fullest, PLANNED)
    if written is None:
        return f" {FORMERLY}{NBSP}: {quote_line(scene, fullest)}"
    return f" {FORMERLY}{NBSP}: {lower_first(written.text)}"


def subject_of(choice: Choice) -> frozenset[str]:
    """The words of a choice without its numbers and numerals."""
    words: set[str] = set()
    for line in choice.lines:
        text = line.text
        for number in reversed(find_numbers(text)):
            text = f"{text[: number.start]} {text[number.end :]}"
        words |= set(content_words(" ".join(fold(text).split())))
    return frozenset(word for word in words if not word[0].isdigit())


def _weigh(line: Line) -> tuple[bool, int, int]:
    """A sentence that chooses first, then how much it says besides figures, the earliest first."""
    chooses = any(p.search(line.folded) for p in (CHOOSES, DECIDES, PROPOSES))
    chooses = chooses or any(m["verb"] not in STATES for m in ACTS.finditer(line.folded))
    return chooses, len(_matter(line)), -line.place


def _matter(line: Line) -> frozenset[str]:
    """What a sentence is about: figures, units, days, and words of assent left out."""
    bare = replace(line, text=cut_tags(line.text))
    return subject_of(Choice([bare], False)) - _UNTOLD


def _list_breath(choice: Choice, main: Line) -> list[Line]:
    """The sentence with those its speaker says just before or after, of the same choice."""
    return [
        line for line in choice.lines
        if line is main or (line.turn == main.turn and abs(line.place - main.place) == 1)
    ]  # fmt: skip


def _find_pair(
    scene: Scene, choice: Choice, breath: Sequence[Line], *, is_written: bool
) -> tuple[Line, Line] | None:
    """A question and its answer, where the answer says little by itself: «Trois ans ferme.»"""
    main, matter = breath[0], frozenset().union(*(_matter(line) for line in breath))
    if main.is_question and not is_written:
        replies = (line for line in (*choice.lines, *choice.agreed) if line.place > main.place)
        reply = next((line for line in replies if line.speaker != main.speaker), None)
        return (main, reply) if reply else None
    asked = _find_question(scene, choice, main, matter)
    if len(matter) > SHORT_ANSWER or asked is None or matter & _matter(asked):
        return None
    answers = (line for line in choice.lines if line.speaker != asked.speaker)
    return asked, next((line for line in answers if line.place > asked.place), main)


def _find_question(scene: Scene, choice: Choice, main: Line, matter: frozenset[str]) -> Line | None:
    if choice.asked is not None:
        return choice.asked
    among = [line for line in choice.lines if line.place < main.place]
    near = among if len(matter) > BARE else [*among, *scene.before(main, 1)]
    return next((o for o in near if o.is_question and o.words and o.speaker != main.speaker), None)


def _recall_matter(scene: Scene, breath: Sequence[Line], *, is_quoted: bool) -> str:
    """«On dénonce.» says nothing alone: what was said just before goes with it."""
    enough = BARE if is_quoted and not _figures(breath) else 1
    if len(frozenset().union(*(_matter(line) for line in breath))) > enough:
        return ""
    near = [line for line in scene.before(breath[0], 3) if _matter(line)]
    words, figures = breath[0].words, _figures(breath)
    akin = [line for line in near if line.words & words or _figures([line]) & figures]
    told = max(akin or near, key=lambda line: len(_matter(line)), default=None)
    return f" {BEFORE}{NBSP}: {quote_line(scene, told)}" if told else ""


def _tell(scene: Scene, breath: Sequence[Line], status: DecisionStatus) -> str:
    """Each sentence rewritten, else all of them quoted: they are of one speaker."""
    written = [write_choice(scene, line, LEADS[status]) for line in breath]
    kept = [statement for statement in written if statement is not None]
    if len(kept) < len(written):
        return quote_line(scene, *breath)
    told = " ".join(statement.text for statement in kept)
    is_wish = any(statement.is_wish for statement in kept) and status == "in_force"
    return f"{told} Proposition acceptée." if is_wish else told


def _tells_as_much(line: Line, main: Line) -> bool:
    """A shorter sentence stands for the fullest only if it says the same things of the same."""
    kept = _figures([main]) <= _figures([line])
    return kept and (len(line.words & main.words) >= 2 or bool(_figures([main])))


def _list_added(choice: Choice, told: Sequence[Line]) -> list[Line]:
    """The sentences that give figures, months or a matter not yet told, at most two."""
    known, added = list(told), list[Line]()
    for line in choice.lines:
        more = _matter(line).difference(*map(_matter, known))
        new = _figures([line]) - _figures(known) or _months(line) - _months(*known)
        new = new or (len(more) >= MUCH_MORE and line.speaker != told[0].speaker)
        if line not in known and new and len(added) < MOST_ADDED:
            known.append(line)
            added.append(line)
    return sorted(added, key=lambda line: line.place)


def _tell_added(scene: Scene, line: Line) -> str:
    asked = scene.lines[line.place - 1] if line.place else None
    if asked is None or not asked.is_question or asked.speaker == line.speaker:
        return f"{ADDED}{NBSP}: {quote_line(scene, line)}"
    named, figure = NAMED.match(asked.folded), write_choice(scene, line, PUT_FORWARD)
    if named is not None and figure is not None and not _matter(line):
        thing = " ".join(asked.text.split())[named.start("thing") : named.end("thing")]
        return f"{thing[0].upper()}{thing[1:]}{NBSP}: {lower_first(figure.text)}"
    return f"{ADDED}{NBSP}: {tell_exchange(scene, asked, line)}"


def _months(*lines: Line) -> frozenset[str]:
    return frozenset(month for line in lines for month in MONTH.findall(line.folded))


def _figures(lines: Sequence[Line]) -> frozenset[tuple[object, str]]:
    """Values with the unit they are said in."""
    return frozenset((q.value, q.unit) for line in lines for q in read_quantities(line))
