"""The few sentences that open the minutes, made from what they hold."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.meeting_synthesis.models import Item, Minutes
from agents.meeting_synthesis.rules.decision_wording import ADDED, BEFORE, FORMERLY
from agents.meeting_synthesis.rules.statements import ADOPTED, lower_first
from core.formats import NBSP, count_noun, join_words

TOLD, QUOTED = 4, 2
COMPLETED = re.compile(rf" (?:{ADDED}|{BEFORE}|{FORMERLY}){NBSP}: .*$")
LEAD = re.compile(rf"^{ADOPTED} (?:de |d’|que |qu’)")


def write_summary(minutes: Minutes) -> str:
    """Counts first, then the main decisions, then what stays open."""
    in_force = [decision for decision in minutes.decisions if decision.status == "in_force"]
    counts = join_words(
        [
            count_noun(len(in_force), "décision", "décisions"),
            count_noun(len(minutes.actions), "action", "actions"),
            count_noun(len(minutes.open_points), "point ouvert", "points ouverts"),
        ]
    )
    parts = [f"{counts}."]
    if in_force:
        parts.append(_tell("Décidé", in_force))
    if minutes.open_points:
        parts.append(_tell("Reste ouvert", minutes.open_points))
    to_check = len(minutes.numbers) + sum(not c.is_settled for c in minutes.contradictions)
    if to_check:
        parts.append(f"À vérifier{NBSP}: {count_noun(to_check, 'élément', 'éléments')}.")
    return " ".join(parts)


def _tell(label: str, items: Sequence[Item]) -> str:
    """The first of them, those that are written rather than quoted where there are some."""
    texts = [_shorten(item.text) for item in items]
    written = [text for text in texts if "«" not in text]
    told = (written or texts)[: TOLD if written else QUOTED]
    more = len(items) - len(told)
    rest = f"{NBSP}; et {more} de plus" if more > 0 else ""
    return f"{label}{NBSP}: {f'{NBSP}; '.join(told)}{rest}."


def _shorten(text: str) -> str:
    """An item without the lead that the label already gives, nor what only completes it."""
    return lower_first(COMPLETED.sub("", LEAD.sub("", text)).rstrip("."))
