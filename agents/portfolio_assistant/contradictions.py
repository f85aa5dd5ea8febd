"""The register of contradictions between documents, asked for in the conversation."""

from __future__ import annotations

import re

from agents.triage.card import escape_words
from core.context import Context
from core.formats import NBSP, count_noun, cut_list
from core.words import fold
from crm.contradictions import Contradiction, list_contradictions
from tools.contradictions import KINDS, NO_CONTRADICTION, STATUSES

ASKED = re.compile(
    r"^(?:quelles sont |(?:liste|montre|donne|affiche|ouvre)[rz]?(?:[ -](?:moi|nous))? |voir |"
    r"y a-t-il |est-ce qu'il y a )?"
    r"(?:la |les |le |des )?(?:liste des |registre des )?contradictions?"
    r"(?: (?:entre (?:les |nos |des )?documents|(?:des|de nos|dans les|dans nos) documents"
    r"|de la base(?: (?:documentaire|de connaissances?))?))?$"
)
MOST = 30


def are_contradictions_asked(question: str) -> bool:
    """Tell a request for the register from a question on documents."""
    return ASKED.search(" ".join(fold(question).split()).strip(" ?!.")) is not None


async def tell_contradictions(context: Context) -> str:
    """Those the user may read on both sides, but for those set aside, the surest first."""
    found = await list_contradictions(context.database, context.identity)
    standing = [one for one in found if one.status != "dismissed"]
    if not standing:
        return NO_CONTRADICTION
    count = count_noun(len(standing), "contradiction possible", "contradictions possibles")
    lines = cut_list([_tell(one) for one in standing], MOST)
    return "\n\n".join([f"**{count} entre documents**", "\n".join(lines)])


def _tell(one: Contradiction) -> str:
    sides = (
        (one.left_code, one.left_version, one.left_sentence),
        (one.right_code, one.right_version, one.right_sentence),
    )
    values = f"{escape_words(one.left_value)} ou {escape_words(one.right_value)}"
    said = "\n".join(
        f"    - {escape_words(code)} v{escape_words(version)}{NBSP}: "
        f"«{NBSP}{escape_words(sentence)}{NBSP}»"
        for code, version, sentence in sides
    )
    return f"- {KINDS[one.kind].capitalize()}{NBSP}: {values} ({STATUSES[one.status]})\n{said}"
