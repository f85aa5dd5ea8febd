"""The queue of questions without answer, asked for in the conversation."""

from __future__ import annotations

import re

from agents.triage.card import escape_words
from core.context import Context
from core.formats import NBSP, count_noun, cut_list, format_instant
from core.words import fold
from tools.gaps import NO_GAP, FoundAnswer, WaitingGap, list_waiting, tell_status

ASKED = re.compile(
    r"^(?:quelles sont |quelles (?=questions)|voir |"
    r"(?:liste|montre|donne|affiche|ouvre)[rz]?(?:[ -](?:moi|nous))? )?"
    r"(?:la |les |des )?(?:liste des |file des )?"
    r"(?:lacunes?|questions? (?:(?:sont |qui sont )?restees? )?sans reponses?)"
    r"(?: (?:des documents|de la base(?: (?:documentaire|de connaissances?))?))?$"
)
MOST = 30


def are_gaps_asked(question: str) -> bool:
    """Tell a request for the queue from a question on documents."""
    return ASKED.search(" ".join(fold(question).split()).strip(" ?!.")) is not None


async def tell_gaps(context: Context) -> str:
    """The questions still to be settled that the user may see, the most asked first."""
    waiting = await list_waiting(context)
    if not waiting:
        return NO_GAP
    lines = cut_list(["- " + tell_gap(one) for one in waiting], MOST)
    return "\n\n".join([write_count(len(waiting)), "\n".join(lines)])


def write_count(total: int) -> str:
    """How many questions wait."""
    return f"**{count_noun(total, 'question sans réponse', 'questions sans réponse')}**"


def tell_gap(waiting: WaitingGap) -> str:
    """A question of the queue on one line of Markdown, and what now seems to answer it."""
    gap, answer = waiting.gap, waiting.answer
    times = count_noun(gap.repeats, "fois", "fois")
    parts = [
        f"«{NBSP}{escape_words(gap.question)}{NBSP}», posée {times}, la dernière le "
        f"{format_instant(gap.last_asked_at)}",
        f"posée d’abord par {escape_words(gap.asked_by_name)}",
        escape_words(gap.owner_name) if gap.owner_name else "sans responsable",
        tell_status(gap),
    ]
    if answer is not None:
        parts.append(
            f"un document semble désormais y répondre, à vérifier{NBSP}: {tell_answer(answer)}"
        )
    elif gap.missing:
        parts.append(f"absent des documents{NBSP}: {escape_words(', '.join(gap.missing))}")
    return f"{NBSP}; ".join(parts)


def tell_answer(answer: FoundAnswer) -> str:
    """The sentence and its place, in Markdown."""
    place = f"{answer.document}, «{NBSP}{answer.section}{NBSP}», p.{NBSP}{answer.page}"
    return f"«{NBSP}{escape_words(answer.text)}{NBSP}» ({escape_words(place)})"
