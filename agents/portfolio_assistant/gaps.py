"""The queue of questions without answer, asked for in the conversation."""

from __future__ import annotations

import re

from agents.triage.card import escape_words
from core.context import Context
from core.formats import NBSP, count_noun, cut_list, format_instant
from core.words import fold
from crm.gaps import Gap, list_gaps
from tools.gaps import NO_GAP, STATUSES

ASKED = re.compile(
    r"^(?:quelles sont |(?:liste|montre|donne|affiche|ouvre)[rz]?(?:[ -](?:moi|nous))? |voir )?"
    r"(?:la |les |des )?(?:liste des |file des )?"
    r"(?:lacunes?|questions? (?:restees? )?sans reponses?)"
    r"(?: (?:des documents|de la base(?: (?:documentaire|de connaissances?))?))?$"
)
SETTLED = frozenset({"closed", "dismissed"})
MOST = 30


def are_gaps_asked(question: str) -> bool:
    """Tell a request for the queue from a question on documents."""
    return ASKED.search(" ".join(fold(question).split()).strip(" ?!.")) is not None


async def tell_gaps(context: Context) -> str:
    """The questions still to be settled that the user may see, the most asked first."""
    found = await list_gaps(context.database, context.identity)
    waiting = [gap for gap in found if gap.status not in SETTLED]
    if not waiting:
        return NO_GAP
    count = count_noun(len(waiting), "question sans réponse", "questions sans réponse")
    lines = cut_list([_tell_gap(gap) for gap in waiting], MOST)
    return "\n\n".join([f"**{count}**", "\n".join(lines)])


def _tell_gap(gap: Gap) -> str:
    times = count_noun(gap.repeats, "fois", "fois")
    parts = [
        f"«{NBSP}{escape_words(gap.question)}{NBSP}», posée {times}, la dernière le "
        f"{format_instant(gap.last_asked_at)}",
        f"posée d’abord par {escape_words(gap.asked_by_name)}",
        escape_words(gap.owner_name) if gap.owner_name else "sans responsable",
        STATUSES[gap.status],
    ]
    if gap.missing:
        parts.append("absent des documents" + f"{NBSP}: {escape_words(', '.join(gap.missing))}")
    return "- " + f"{NBSP}; ".join(parts)
