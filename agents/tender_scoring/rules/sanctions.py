"""Sentences that only say what failing costs: « À défaut, la candidature est éliminée ».

They are no requirement of their own: they make the one before them eliminatory.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.tender_scoring.rules.statements import Statement
from core.words import stem

OUT = re.compile(
    r"elimin\w+|ecarte\w*|rejet\w*|irregulier\w*|irrecevab\w*|irregularite|exclu\w*"
    r"|ne (?:sera|seront|sont|est|serait) pas (?:analys|examin|ouvert|lu|retenu|admis|recevable)\w*"
)
FAILING = re.compile(
    r"^\W*(?:a defaut|faute de|sinon|dans le cas contraire|en cas (?:d'absence|de manquement|contraire"
    r"|de non)|en l'absence|le non[- ]respect|le defaut|l'absence|l'omission|tout manquement"
    r"|toute (?:offre|candidature)|les (?:offres|candidatures|plis|candidats)|(?:une|la|l') ?(?:offre"
    r"|candidature) (?:qui|ne)|(?:ces|cette|ce|cet) )"
)
BACK = re.compile(
    r"^\W*(?:a defaut|faute de quoi|sinon\b|dans le cas contraire|en cas contraire)"
    r"|\b(?:ces|cette|cet|ce) (?P<noun>[a-z]{4,})|\bci-dessus\b|\bprecite\w*|\bcelles?-ci\b|\bceux-ci\b"
)
MANY = re.compile(r"\bces [a-z]{4,}")
OWN_LEVEL = re.compile(r"\d")


def is_sanction(statement: Statement) -> bool:
    """Tell a sentence that sends back to what comes before it, and only adds the exclusion."""
    plain = statement.plain
    return (
        OUT.search(plain) is not None
        and FAILING.match(plain) is not None
        and BACK.search(plain) is not None
        and OWN_LEVEL.search(plain) is None
    )


def find_sanctioned(statement: Statement, before: Sequence[Statement]) -> list[Statement]:
    """What a sanction is about among the statements `before` it, of its piece, in order.

    « Ces niveaux » are all those of the section; « cette déclaration » is the last sentence that
    says the word; else the sentence before, with its whole list where it ends one.
    """
    same = [s for s in before if s.unit.section == statement.unit.section
            and s.unit.kind != "heading" and not is_sanction(s)]  # fmt: skip
    if not same:
        return []
    if MANY.search(statement.plain):
        return same
    found = BACK.search(statement.plain)
    noun = stem(found["noun"]) if found and found["noun"] else None
    named = [s for s in same if noun and noun in map(stem, re.findall(r"[a-z]+", s.plain))]
    last = (named or same)[-1]
    if last.unit.kind != "item":
        return [last]
    return [s for s in same if s.unit.kind == "item" and s.unit.lead == last.unit.lead]
