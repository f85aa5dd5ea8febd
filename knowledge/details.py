"""The specific details of a question, and those that what was found for it does not hold.

A question may speak of a subject that is there, « l’accise », and ask for what is not, « en 2019 »,
« en Corse », « le TURPE 8 ». However near the passages are, they do not answer then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.identifiers import list_identifiers
from knowledge.terms import find_term, fold_accents, list_terms, split_words

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
_NOUN = re.compile(
    r"\b(?:le|la|les|un|une|des|du|de|quel|quelle|quels|quelles|au|aux|chez|notre|nos|combien de"
    r")\s+([^\W\d_]{4,})|\b(?:l|d)['’]([^\W\d_]{4,})"
)
_NO_NOUN = frozenset("temps jour jours mois fait faire quoi combien plus moins gros petit".split())


_SPELLED = "deux|trois|quatre|cinq|six|sept|huit|neuf|dix|douze"
_SPAN_UNIT = r"(?:jour|mois|ans?\b|annee|heure|semaine)"
_ROLES = (
    "directrice|directeur|responsable|commercial|analyste|president|client|fournisseur|titulaire|"
    "gestionnaire|acheteur|courtier|auditeur|pilote|redacteur|representant|etat|equipe|charge|"
    "conseil|cabinet|assureur"
)
# What a question asks for, and how a sentence that gives it reads: both without accents.
_ASKED = tuple(
    (re.compile(cue, re.IGNORECASE), re.compile(answer))
    for cue, answer in (
        (
            r"combien (?:coute|touche|rapporte)"
            r"|\b(?:prix|cout|montant|tarif|budget|cotait|cotation|prime)\b",
            r"(?i)\d[^;|]{0,12}(?:€|euro)|€[^;|]*\d",
        ),
        (r"\btaux\b|pourcentage|quelle part\b|\baccise\b", r"(?i)\d ?%|€/|pour cent"),
        (r"\bnumero\b|\bsiren\b|\bsiret\b", r"n° ?\w*\d|\d{3,}"),
        (
            r"^qui\b|\bqui (?:est|doit|peut|a|decide|pilote|tient|valide|gere|signe)\b|par qui",
            rf"\b(?i:{_ROLES})|\b[A-Z][a-z]+ [A-Z][a-z]+|\b[A-Z]{{3,}}\b",
        ),
        (r"combien d[e'’]|combien y a", rf"\d|\b(?i:{_SPELLED})\b"),
        (
            r"delai|duree|combien de temps|tous les combien|frequence|(?:bout de|sous) combien",
            rf"(?i)\d[^;|]{{0,14}}{_SPAN_UNIT}|\b(?:un|{_SPELLED}|vingt|trente)[a-z ]{{0,9}} "
            rf"{_SPAN_UNIT}|chaque|immediat",
        ),
    )
)


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
        if name.upper() not in _UNITS and not _LABELLED.fullmatch(fold_accents(name).lower())
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


def list_nouns(question: str) -> list[str]:
    """The terms that stand as nouns in a question, the first being most often what it asks for."""
    undated = _DAY.sub(" ", question.lower())
    words = (first or second for first, second in _NOUN.findall(undated))
    terms = (find_term(w) for word in words for w in split_words(word) if w not in _NO_NOUN)
    return list(dict.fromkeys(term for term in terms if term is not None))


def gives_asked(question: str, sentence: str) -> bool | None:
    """Tell whether a sentence gives what is asked: an amount, a rate, a person; None if unsaid."""
    asked = fold_accents(question)
    needs = next((answer for cue, answer in _ASKED if cue.search(asked)), None)
    return None if needs is None else needs.search(fold_accents(sentence)) is not None


def _write_label(word: str, number: str) -> str:
    return rf"\b{word}s?[ :-]*(?:\d{{1,2}}(?:, | et | a | ou ))*{number}\b"
