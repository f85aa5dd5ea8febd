"""The questions offered as buttons: with the name that was meant, or what follows for a client."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.formats import NBSP
from core.words import fold, tokenize
from tools.outputs import MentionItem

OFFERED, FOLLOWING = 4, 2
# What stands before a short name, and what a whole name takes instead: « du Goff » is « de
# Biscuiterie Le Goff », whose gender no record tells.
BEFORE = re.compile(
    r"(?:\b(?P<of>du|des|de (?:la|les?)|de l'|de|d')|\b(?P<to>au|aux|a (?:la|les?)|a l')|"
    r"\b(?P<the>le|la|les|l')) *$"
)
MUTE_H = ("hab", "her", "hop", "hor", "hot", "hui", "hum", "hydr", "hyp")


def suggest_questions(question: str, mentions: Sequence[MentionItem]) -> tuple[str, ...]:
    """The question again with each client it may mean, else what naturally follows for one."""
    clients = [m for m in mentions if m.kind == "account" and m.text in question]
    for mention in clients:
        if len(mention.candidates) > 1:
            names = [candidate.name for candidate in mention.candidates[:OFFERED]]
            return tuple(put_name(question, mention.text, name) for name in names)
    if len(clients) != 1:
        return ()
    name = clients[0].candidates[0].name
    options = (
        f"Faites le point sur {name}",
        f"Quels contrats {of_name(name)} sont en cours{NBSP}?",
        f"Quelles non-conformités sont ouvertes chez {name}{NBSP}?",
    )
    return tuple(option for option in options if option != question)[:FOLLOWING]


def put_name(question: str, said: str, name: str) -> str:
    """The question with the whole name in place of what was said, its article put right."""
    start = question.index(said)
    before, after = question[:start], question[start + len(said) :]
    found = BEFORE.search(fold(before))
    if found is None or _begins_alike(said, name):
        return f"{before}{name}{after}"
    kept = before[: found.start()]
    if found["of"]:
        return f"{kept}{of_name(name)}{after}"
    return f"{kept}à {name}{after}" if found["to"] else f"{kept}{name}{after}"


def of_name(name: str) -> str:
    """« de » or « d’ » before a name."""
    folded = fold(name)
    is_elided = folded[:1] in tuple("aeiou") or folded.startswith(MUTE_H)
    return f"d’{name}" if is_elided else f"de {name}"


def _begins_alike(said: str, name: str) -> bool:
    """« la biscuiterie » and « Biscuiterie Le Goff » share their noun, hence their article."""
    return [t.form for t in tokenize(said)[:1]] == [t.form for t in tokenize(name)[:1]]
