"""Which item of the agenda each line falls under, and the sentences that tell most of it."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from agents.meeting_synthesis.models import AgendaPoint, Item
from agents.meeting_synthesis.rules.lines import Line, content_words
from agents.meeting_synthesis.rules.phrases import ALONE
from agents.meeting_synthesis.rules.quantities import read_quantities
from agents.meeting_synthesis.rules.scene import Scene
from agents.meeting_synthesis.rules.statements import tell_line
from core.words import fold

PASSES = re.compile(
    r"\b(?:point suivant|ensuite|maintenant|dernier point|premier point|deuxieme point|autre point|"
    r"passe(?:r|ons)? (?:a|au|aux)|point (?:un|deux|trois|quatre|cinq|\d)|on en vient|reste|"
    r"enfin|pour finir|divers)\b"
)
ANNOUNCES = re.compile(r"\bordre du jour\b|\bcompte rendu de la derniere\b")
COURTESY = re.compile(
    r"\bbonjour\b|\bau revoir\b|\bbonne (?:journee|soiree|fin)\b|\bmerci a tous\b|\bexcusez-moi\b|"
    r"\bmicro\b|\bmauvaise connexion\b|\bvous (?:m'|nous )entendez\b|\bon peut (?:y aller|commencer)\b"
)
ROOT = 6
PASS_BONUS = 1.0
STEP_COST = 1.0
SENTENCES = 4


def align_agenda(lines: Sequence[Line], agenda: Sequence[str]) -> list[int | None]:
    """The agenda item of each line: items follow in order, some may be skipped.

    The best path over (line, item), each line scored by the words it shares with the item.
    """
    if not agenda or not lines:
        return [None] * len(lines)
    weights = _weigh(lines, agenda)
    scores, back = [0.0] * (len(agenda) + 1), list[list[int]]()
    for line in lines:
        gains = [0.0, *(_gain(line, item, weights) for item in weights)]
        best, came = [0.0] * len(scores), [0] * len(scores)
        for here in range(len(scores)):
            step = STEP_COST - (PASS_BONUS if PASSES.search(line.folded) else 0.0)
            options = [
                (scores[before] - (step if before < here else 0.0), before)
                for before in range(here + 1)
            ]
            value, came[here] = max(options, key=lambda option: (option[0], -option[1]))
            best[here] = value + gains[here]
        scores = best
        back.append(came)
    return _walk_back(scores, back)


def _weigh(lines: Sequence[Line], agenda: Sequence[str]) -> list[dict[str, float]]:
    seen = Counter(word[:ROOT] for line in lines for word in line.words)
    return [
        {
            word[:ROOT]: 1 / math.sqrt(1 + seen[word[:ROOT]])
            for word in content_words(fold(item))
            if seen[word[:ROOT]] and not word[0].isdigit()
        }
        for item in agenda
    ]


def _gain(line: Line, item: dict[str, float], items: Sequence[dict[str, float]]) -> float:
    """What a line says for an item; a line that names most items announces the agenda."""
    roots = {word[:ROOT] for word in line.words}
    if ANNOUNCES.search(line.folded) or sum(bool(roots & other.keys()) for other in items) > 2:
        return 0.0
    shared = sum(weight for word, weight in item.items() if word in roots)
    others = max(
        (sum(w for word, w in other.items() if word in roots) for other in items
         if other is not item), default=0.0,
    )  # fmt: skip
    return 2 * shared - others


def _walk_back(scores: list[float], back: list[list[int]]) -> list[int | None]:
    here = max(range(len(scores)), key=lambda place: scores[place])
    topics: list[int | None] = []
    for came in reversed(back):
        topics.append(here - 1 if here else None)
        here = came[here]
    topics.reverse()
    return topics


def tell_points(scene: Scene, agenda: Sequence[str]) -> list[AgendaPoint]:
    """Each agenda item with the few sentences that say most: figures, names, long statements."""
    seen = Counter(word for line in scene.lines for word in line.words)
    points: list[AgendaPoint] = []
    for topic, title in enumerate(agenda):
        lines = [line for line in scene.lines if scene.topic(line) == topic]
        points.append(AgendaPoint(title=title, sentences=_choose(scene, lines, seen)))
    if not agenda:
        lines = [line for line in scene.lines if line.place not in scene.barred]
        chosen = _choose(scene, lines, seen, count=12)
        points.append(AgendaPoint(title="Échanges", sentences=chosen))
    return points


def _choose(
    scene: Scene, lines: Sequence[Line], seen: Counter[str], count: int = SENTENCES
) -> tuple[Item, ...]:
    fit = [
        line for line in lines
        if line.place not in scene.barred and not line.is_question
        and line.length >= 7 and not ALONE.match(line.folded)
    ]  # fmt: skip
    ranked = sorted(fit, key=lambda line: (-_tell(line, seen), line.place))[:count]
    return tuple(
        Item(text=tell_line(scene, line), quotes=scene.quote_all([line]), topic=scene.topic(line))
        for line in sorted(ranked, key=lambda line: line.place)
    )


def _tell(line: Line, seen: Counter[str]) -> float:
    figures = sum(1 for quantity in read_quantities(line) if quantity.unit)
    words = sum(min(seen[word], 4) for word in line.words)
    return 3.0 * min(figures, 3) + words / math.sqrt(1 + line.length)
