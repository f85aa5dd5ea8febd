"""What the register says of one document: its versions, its owner, its standards and clause."""

from __future__ import annotations

import re

from agents.portfolio_assistant.conversations import Surface
from agents.portfolio_assistant.designation import (
    find_named,
    is_of_document_alone,
    reduce_request,
)
from core.context import Context
from core.formats import NBSP
from knowledge.control import ControlledVersion

HISTORY = re.compile(r"\b(?:historique|versions)\b")
HISTORY_WORDS = re.compile(
    r"\b(?:historique|versions|combien|nombre|existent|existantes?|eu|connait)\b"
)
OWNER = re.compile(
    r"\b(?:responsables?|proprietaires?|pilotes?|tient|gere|suit|occupe|appartient|charge)\b"
)
STANDARDS = re.compile(r"\b(?:clauses?|normes?|referentiels?)\b")
STANDARDS_WORDS = re.compile(
    r"\b(?:clauses?|normes?|referentiels?|iso|iec|\d{4,5}(?:[-:]\d+)*|couv\w+|correspond\w*|"
    r"repond\w*|concern\w*|vise\w*|rattach\w*|appliqu\w*|relev\w*)\b"
)


def is_history_asked(question: str) -> bool:
    """Tell a request for the versions of a document (« Combien de versions de PR-08 ? »)."""
    return _asks_alone(question, HISTORY, HISTORY_WORDS)


def is_owner_asked(question: str) -> bool:
    """Tell a request for who answers for a document (« Qui est responsable de PR-08 ? »)."""
    return _asks_alone(question, OWNER, OWNER)


def are_standards_asked(question: str) -> bool:
    """Tell a request for what a document answers to (« Quelle clause couvre PR-08 ? »)."""
    return _asks_alone(question, STANDARDS, STANDARDS_WORDS)


def _asks_alone(question: str, subject: re.Pattern[str], words: re.Pattern[str]) -> bool:
    """Tell whether a request says `subject` of a document, and `words` at most around it."""
    asked = reduce_request(question)
    is_said = subject.search(asked) is not None
    return is_said and is_of_document_alone(question, words.sub(" ", asked))


async def tell_owner(context: Context, question: str, _: Surface) -> str:
    """Who answers for a document."""
    version = await find_named(context, question)
    owner = version.owner_name
    told = f"responsable, {owner}" if owner else "aucun responsable n’est indiqué au registre"
    return f"{_name(version)}{NBSP}: {told}."


async def tell_standards(context: Context, question: str, _: Surface) -> str:
    """The standards and the clause that a document answers to."""
    version = await find_named(context, question)
    standards = ", ".join(version.standards) or "aucune norme n’est indiquée au registre"
    clause = f", clause {version.clause}" if version.clause else ""
    if version.standards and not version.clause:
        clause = f"{NBSP}; aucune clause n’est indiquée au registre"
    return f"{_name(version)}{NBSP}: {standards}{clause}."


def _name(version: ControlledVersion) -> str:
    return f"**{version.code}**, version {version.label} – {version.title}"
