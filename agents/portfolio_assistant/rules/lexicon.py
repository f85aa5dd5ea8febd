"""The French phrases that name objects, fields and values, from their declarations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agents.portfolio_assistant.rules.stopwords import GLUE
from core.words import Token, is_close, stem, tokenize
from crm.catalogue import BusinessObject
from crm.objects import OBJECTS

MeaningKind = Literal["object", "field", "choice"]
LONGEST = 7
FUZZY_FROM = 5
# Documents are asked for in words of their own, not as rows of the portfolio.
HIDDEN_OBJECTS = frozenset({"email_threads", "documents", "document_versions"})


@dataclass(frozen=True)
class Meaning:
    """What a phrase may stand for: an object, a field of it, or a value of a field."""

    kind: MeaningKind
    object: str
    field: str = ""
    value: str = ""


@dataclass(frozen=True)
class Phrase:
    """A recognised stretch of the question: tokens [first, last], and what it may mean."""

    first: int
    last: int
    text: str
    meanings: tuple[Meaning, ...]

    def meant(self, kind: MeaningKind) -> tuple[Meaning, ...]:
        """The meanings of one kind."""
        return tuple(m for m in self.meanings if m.kind == kind)


@lru_cache(maxsize=1)
def phrases() -> Mapping[tuple[str, ...], tuple[Meaning, ...]]:
    """Every declared phrase, as stems, with its meanings."""
    found: dict[tuple[str, ...], list[Meaning]] = defaultdict(list)
    for declared in OBJECTS.values():
        if declared.name not in HIDDEN_OBJECTS:
            _add_object(found, declared)
    return {key: tuple(dict.fromkeys(meanings)) for key, meanings in found.items() if key}


def _add_object(found: dict[tuple[str, ...], list[Meaning]], declared: BusinessObject) -> None:
    for phrase in (declared.singular, declared.plural, *declared.words):
        found[_key(phrase)].append(Meaning("object", declared.name))
    for field in declared.fields:
        for phrase in (field.label, *field.words):
            found[_key(phrase)].append(Meaning("field", declared.name, field.name))
        for choice in field.choices:
            for phrase in (choice.label, *choice.words):
                found[_key(phrase)].append(
                    Meaning("choice", declared.name, field.name, choice.value)
                )


def _key(phrase: str) -> tuple[str, ...]:
    return tuple(stem(token.form) for token in tokenize(phrase))


@lru_cache(maxsize=1)
def vocabulary() -> Mapping[str, frozenset[str]]:
    """The stems of all phrases, by first letter, for the reading of slips."""
    words: dict[str, set[str]] = defaultdict(set)
    for key in phrases():
        for word in key:
            words[word[0]].add(word)
    return {letter: frozenset(found) for letter, found in words.items()}


def correct(form: str, known_words: frozenset[str]) -> str:
    """The stem of a word, or that of the one declared word it is a slip of."""
    reduced = stem(form)
    near = vocabulary().get(reduced[0], frozenset())
    is_plain = form in GLUE or form in known_words
    if reduced in near or is_plain or len(reduced) < FUZZY_FROM:
        return reduced
    close = [word for word in near if len(word) >= FUZZY_FROM and is_close(reduced, word)]
    return close[0] if len(close) == 1 else reduced


def find_phrases(
    tokens: list[Token], taken: frozenset[int], known_words: frozenset[str]
) -> list[Phrase]:
    """The longest declared phrases of the question, left to right, outside `taken` tokens."""
    forms = [correct(token.form, known_words) for token in tokens]
    known = phrases()
    found: list[Phrase] = []
    position = 0
    while position < len(tokens):
        match = _longest(forms, position, taken, known)
        if match is None:
            position += 1
            continue
        last, meanings = match
        found.append(Phrase(position, last, " ".join(forms[position : last + 1]), meanings))
        position = last + 1
    return found


def _longest(
    forms: list[str],
    first: int,
    taken: frozenset[int],
    known: Mapping[tuple[str, ...], tuple[Meaning, ...]],
) -> tuple[int, tuple[Meaning, ...]] | None:
    for last in range(min(first + LONGEST, len(forms)) - 1, first - 1, -1):
        if taken.intersection(range(first, last + 1)):
            continue
        meanings = known.get(tuple(forms[first : last + 1]))
        if meanings is not None:
            return last, meanings
    return None
