"""The register of contradictions between documents, asked for and reviewed in the conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.designation import THE, reduce_request
from agents.portfolio_assistant.library import ORDER
from agents.triage.card import escape_words
from core.context import Context
from core.errors import InvalidInput, NotAllowed, NotFound
from core.formats import NBSP, count_noun, cut_list
from core.roles import KEEPERS
from core.words import fold
from crm.contradictions import (
    Contradiction,
    ReviewStatus,
    list_contradictions,
    review_contradiction,
)
from tools.contradictions import KINDS, NO_CONTRADICTION, STATUSES

ASKED = re.compile(
    r"^(?:quelles sont |(?:liste|montre|donne|affiche|ouvre)[rz]?(?:[ -](?:moi|nous))? |voir |"
    r"y a-t-il |est-ce qu'il y a )?"
    r"(?:la |les |le |des )?(?:liste des |registre des )?contradictions?"
    r"(?: (?:entre (?:les |nos |des )?documents|(?:des|de nos|dans les|dans nos) documents"
    r"|de la base(?: (?:documentaire|de connaissances?))?))?$"
)
REVIEW = re.compile(
    rf"^{ORDER}(?:je |j')?(?:(?P<confirms>confirm(?:e[zr]?|ons))|ecart(?:e[zr]?|ons)|"
    r"rejet(?:e[zr]|te|ons)|ignor(?:e[zr]?|ons)) (?:la |les |cette |ces )?contradiction(?P<all>s)?"
    r"(?: (?:n[°o] ?|numero )?(?P<number>[0-9a-f]{8})|"
    rf" (?:entre |de |sur )?{THE}(?P<one>[^\s,]+) (?:et|avec|/) {THE}(?P<other>[^\s,]+))?"
    r"(?:,? s'il (?:te|vous) plait)?$"
)
MOST = 30
NOT_SAID = (
    f"Dites laquelle, par exemple «{NBSP}Écartez la contradiction entre PR-08 et IN-04{NBSP}»."
)
NOT_HELD = (
    "Le registre ne tient pas cette contradiction entre documents que vous pouvez lire. "
    f"«{NBSP}Montrez les contradictions{NBSP}» donne celles qu’il tient."
)
# Elsewhere a key may speak for a person, who alone reviews.
OF_PEOPLE: frozenset[Surface] = frozenset({"chat", "cli"})
NOT_HERE = (
    "Une contradiction se confirme ou s’écarte dans la page de conversation, ou par "
    f"«{NBSP}voltaire contradictions{NBSP}»."
)
NO_LONGER_SAID = "Une réponse peut encore citer ces phrases, sans dire qu’elles se contredisent."


@dataclass(frozen=True)
class ReviewRequest:
    """What to conclude of a contradiction told by its number, or by the codes of its documents.

    With `is_of_all`, of every one between these two documents.
    """

    status: ReviewStatus
    number: str | None
    codes: frozenset[str]
    is_of_all: bool

    def names(self, one: Contradiction) -> bool:
        """Tell whether this is what is meant."""
        if self.number is not None:
            return str(one.id).startswith(self.number)
        return self.codes == frozenset(map(fold, (one.left_code, one.right_code)))


def are_contradictions_asked(question: str) -> bool:
    """Tell a request for the register from a question on documents."""
    return ASKED.search(reduce_request(question)) is not None


def find_review(question: str) -> ReviewRequest | None:
    """The review that a request asks for (« Écartez la contradiction entre PR-08 et IN-04 »)."""
    match = REVIEW.search(reduce_request(question))
    if match is None:
        return None
    return ReviewRequest(
        "confirmed" if match["confirms"] else "dismissed",
        match["number"],
        frozenset(filter(None, (match["one"], match["other"]))),
        match["all"] is not None,
    )


async def tell_contradictions(context: Context) -> str:
    """Those the user may read on both sides, but for those set aside, the surest first."""
    found = await list_contradictions(context.database, context.identity)
    standing = [one for one in found if one.status != "dismissed"]
    return _tell_all(context, standing) if standing else NO_CONTRADICTION


async def tell_review(context: Context, asked: ReviewRequest, surface: Surface) -> str:
    """Note what a person concludes; which may be meant where several are.

    Raises InvalidInput, NotFound and NotAllowed.
    """
    if surface not in OF_PEOPLE:
        raise NotAllowed(NOT_HERE)
    if asked.number is None and not asked.codes:
        raise InvalidInput(NOT_SAID)
    register = await list_contradictions(context.database, context.identity)
    found = [one for one in register if asked.names(one)]
    meant = [one for one in found if one.status != asked.status] or found
    if not meant:
        raise NotFound(NOT_HELD)
    if len(meant) > 1 and not asked.is_of_all:
        return _tell_all(context, meant)
    reviewed = [
        await review_contradiction(context.database, context.identity, one.id, asked.status)
        for one in meant
    ]
    state = STATUSES[asked.status]
    count = count_noun(len(reviewed), f"contradiction {state}", f"contradictions {state}s")
    after = [NO_LONGER_SAID] if asked.status == "dismissed" else []
    return "\n\n".join([f"**{count}**", "\n".join(map(_tell, reviewed)), *after])


def _tell_all(context: Context, found: Sequence[Contradiction]) -> str:
    """Contradictions, and to who may review them, how to."""
    count = count_noun(len(found), "contradiction possible", "contradictions possibles")
    lines = cut_list([_tell(one) for one in found], MOST)
    number = _number(found[0])
    how = (
        f"*Pour trancher{NBSP}: «{NBSP}Confirmez la contradiction {number}{NBSP}» ou "
        f"«{NBSP}Écartez la contradiction {number}{NBSP}».*"
    )
    parts = [f"**{count} entre documents**", "\n".join(lines)]
    return "\n\n".join([*parts, how] if context.identity.roles & KEEPERS else parts)


def _number(one: Contradiction) -> str:
    """The start of its identifier, enough to tell it from the others."""
    return str(one.id)[:8]


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
    state = f"{STATUSES[one.status]}, n°{NBSP}{_number(one)}"
    return f"- {KINDS[one.kind].capitalize()}{NBSP}: {values} ({state})\n{said}"
