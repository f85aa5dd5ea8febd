"""The trade's synonyms: other words for what a question says, from a maintained list."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

import yaml

from knowledge.terms import list_terms

SYNONYMS = Path(__file__).with_name("synonyms.yaml")

Phrase = tuple[str, ...]


@lru_cache(maxsize=1)
def load_groups() -> tuple[tuple[Phrase, ...], ...]:
    """The groups, each phrase as indexed terms."""
    groups: list[list[str]] = yaml.safe_load(SYNONYMS.read_text(encoding="utf-8"))
    return tuple(tuple(tuple(list_terms(phrase)) for phrase in group) for group in groups)


@lru_cache(maxsize=1)
def _groups_by_term() -> dict[str, tuple[int, ...]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, group in enumerate(load_groups()):
        for term in {term for phrase in group for term in phrase}:
            found[term].append(number)
    return {term: tuple(numbers) for term, numbers in found.items()}


def find_equivalents(terms: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """For each term of the question that belongs to a known phrase, the terms said instead."""
    found: dict[str, tuple[str, ...]] = {}
    by_term = _groups_by_term()
    concerned = {number for term in terms for number in by_term.get(term, ())}
    for group in (load_groups()[number] for number in sorted(concerned)):
        present = [phrase for phrase in group if _holds(terms, phrase)]
        others = tuple(
            dict.fromkeys(t for phrase in group if phrase not in present for t in phrase)
        )
        for phrase in present:
            for term in phrase:
                found[term] = tuple(dict.fromkeys((*found.get(term, ()), *others)))
    return found


def _holds(terms: tuple[str, ...], phrase: Phrase) -> bool:
    size = len(phrase)
    return size > 0 and any(
        terms[start : start + size] == phrase for start in range(len(terms) - size + 1)
    )
