"""The specific details of a question, and those that what was found for it does not hold.

A question may speak of a subject that is there, « l’accise », and ask for what is not, « en 2019 »,
« en Corse », « le TURPE 8 ». However near the passages are, they do not answer then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.identifiers import list_identifiers
from knowledge.terms import fold_accents, list_terms

_MONTH = "janvier|fevrier|mars|avril|mai|juin|juillet|aout|septembre|octobre|novembre|decembre"
_DAY = re.compile(
    rf"\b\d{{1,2}}(?:er)? (?:{_MONTH})(?: \d{{4}})?|\b\d{{1,2}}/\d{{1,2}}/\d{{2,4}}"
    rf"|\b(?:{_MONTH}) \d{{4}}"
)
# The word and the number of « TURPE 8 », « lot 2 », « CAL-31 »: no quantity follows.
_LABELLED = re.compile(
    r"\b(turpe|atrd|atrt|arenh|lot|ipe|cal|periode|phase|article|clause|niveau|option|tranche)"
    r"[ -]?(\d{1,2})\b(?![.,]\d|-\d)"
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_SPAN = re.compile(r"\b((?:19|20)\d\d)\b[^.\d]{1,12}\b((?:19|20)\d\d)\b")
_NAME = re.compile(r"(?<=[\s'’(])[A-ZÀ-Þ][\wÀ-ÿ-]*[\wÀ-ÿ]")
_UNITS = frozenset("KWH MWH GWH TWH KVA MVA KW MW GW KV HT TTC PCS PCI NC AO CR".split())
# The legal forms of companies: each is a kind of client, none is one of them.
_FORMS = frozenset("SARL SA SAS SASU EURL SCI SNC EI".split())


@dataclass(frozen=True)
class Detail:
    """A detail as typed, the folded texts any of which states it, and its lexical terms."""

    said: str
    pattern: re.Pattern[str] | None = None
    year: int | None = None
    terms: tuple[str, ...] = ()

    def is_met(self, text: str, equivalents: Mapping[str, Sequence[str]]) -> bool:
        """Tell whether `text`, title and section included, holds the detail."""
        folded = fold_accents(text).lower()
        if self.pattern is not None:
            return self.pattern.search(folded) is not None
        if self.year is not None:
            spans = ((int(a), int(b)) for a, b in _SPAN.findall(folded))
            return str(self.year) in folded or any(a <= self.year <= b for a, b in spans)
        asked = set(list_identifiers(self.said))
        if asked and asked <= set(list_identifiers(text)):
            return True
        held = set(list_terms(text))
        return all(
            t in held or any(set(list_terms(o)) <= held for o in equivalents.get(t, ()))
            for t in self.terms
        )


def list_details(question: str) -> list[Detail]:
    """What a question names: labels with their number, years alone, proper names and acronyms.

    A day or a month is none: it says as of when the question is asked.
    """
    folded = fold_accents(question).lower()
    undated = _DAY.sub(lambda day: " " * len(day[0]), folded)
    typed = question if len(question) == len(folded) else folded
    labels = [
        Detail(typed[slice(*match.span())], re.compile(_write_label(match[1], match[2])))
        for match in _LABELLED.finditer(undated)
    ]
    years = [Detail(year, year=int(year)) for year in _YEAR.findall(undated)]
    names = [
        Detail(name, terms=tuple(list_terms(name)))
        for name in _NAME.findall(question)
        if name.upper() not in _UNITS | _FORMS
        and not _LABELLED.fullmatch(fold_accents(name).lower())
    ]
    return [*labels, *years, *names]


def list_unmet(
    question: str,
    near: Sequence[str],
    texts: Sequence[str],
    known: Mapping[str, float],
    equivalents: Mapping[str, Sequence[str]],
) -> list[str]:
    """The details that lack: labels and years in the texts `near` the question, names in all.

    A name may stand in another passage of the same matter; a number or a year of one is its own.
    An acronym that some document holds, of positive weight in `known`, may be written out here.
    """
    return [
        detail.said
        for detail in list_details(question)
        if not (detail.said.isupper() and any(known.get(term) for term in detail.terms))
        and not any(detail.is_met(text, equivalents) for text in (texts if detail.terms else near))
    ]


def _write_label(word: str, number: str) -> str:
    return rf"\b{word}s?[\s:-]*(?:\d{{1,2}}(?:, | et | a | ou ))*{number}\b"
