"""What a sentence states: its subject, and the dates, amounts, durations and duties it gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from core.formats import NBSP
from core.numerals import write_digits
from core.words import fold
from knowledge.terms import list_terms

Kind = Literal["date", "amount", "duration", "duty"]

LEAST_TERMS = 2

_MONTHS: tuple[str, ...] = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_NUMBER = r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[,.](\d+))?"
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:er)? ({_MONTH})(?: (\d{{4}}))?|\b(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})"
)
_ONE = re.compile(r"\bune? (?=(?:an|année|mois|semaine|jour|heure)\b)", re.IGNORECASE)
_DURATION = re.compile(
    rf"{_NUMBER}[ \u00a0\u202f](minutes?|heures? ouvrees?|heures?|jours? ouvres?|"
    r"jours? calendaires?|jours?|semaines?|mois|annees?|ans?)\b"
)
_AMOUNT = re.compile(
    rf"{_NUMBER}[ \u00a0\u202f]?(%|pour cent|€/mwh|€/kva|€/kwh|€|euros?|kva|mwh|gwh|twh|kwh|mw|kw|"
    r"points?|pages?|devis)(?!\w)"
)
_DUTIES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("forbidden", re.compile(
        r"\bne (?:peut|peuvent|doit|doivent) (?:pas|jamais|en aucun cas)|\binterdit|\bjamais\b|"
        r"\bn'est (?:pas|jamais) (?:admis|autoris|permis|possible)|\bexclu\w* de\b")),
    ("free", re.compile(
        r"\bn'est pas (?:obligatoire|necessaire|exige|requis|tenu)|\bfacultati|\bsans obligation|"
        r"\bn'a pas (?:a|besoin)\b|\bn'est pas tenu|\bdispens")),
    ("due", re.compile(
        r"\bobligatoire|\bdoit\b|\bdoivent\b|\bil faut\b|\best exige|\best requis|\bimperativ|"
        r"\best tenu\w* de")),
    ("allowed", re.compile(r"\bpeut\b|\bpeuvent\b|\bautoris|\badmis|\bpermis")),
)  # fmt: skip
_OPPOSED = frozenset({("forbidden", "allowed"), ("forbidden", "due"), ("free", "due")})
_DUTY_TERMS = frozenset(
    list_terms(
        "obligatoire facultatif interdit autorisé admis permis nécessaire exigé requis tenu jamais "
        "impérativement obligation dispensé possible aucun cas"
    )
)
# What tells a limit or a length rather than a subject.
_FILLERS = frozenset(
    list_terms(
        "moins plus tard maximum minimum calendaire ouvré dépasser dépasse limité limitée limite "
        "durée délai date valeur vaut compter compte fixé fixée s’élève égal suivre suivent terme "
        "maximal maximale minimal minimale tient tenir tenu accorder accordée obtenir obtient "
        "atteint atteindre peser pèse réserver réserve partir part dès début bout après avant "
        "annuel supérieur inférieur delà jusqu chaque toute terminer termine terminée tiers"
    )
)
_LABELLED = re.compile(r"\b(?:lot|article|annexe|niveau|classe|phase|tranche|etape|c|t) ?(\d)\b")
_UNITS = {"minute": ("h", 1 / 60), "heure": ("h", 1.0), "jour": ("j", 1.0), "semaine": ("j", 7.0),
          "mois": ("mois", 1.0), "an": ("mois", 12.0), "annee": ("mois", 12.0)}  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A sentence in force: `scope` is what it may disagree within (a tender file, the firm)."""

    key: str
    document: str
    scope: str
    context: str
    text: str


@dataclass(frozen=True)
class Claim:
    """A value of a sentence: `value` is comparable within a kind and unit."""

    kind: Kind
    unit: str
    value: str
    written: str


@dataclass(frozen=True)
class ReadStatement:
    """A statement once read: terms of its subject and context, claims, numbered labels.

    `cells` are those of a table's row by column, in order; a sentence has none.
    """

    statement: Statement
    terms: frozenset[str]
    context: frozenset[str]
    claims: tuple[Claim, ...]
    labels: frozenset[str]
    cells: Mapping[str, str]


def read_statement(statement: Statement) -> ReadStatement | None:
    """What a sentence states; None without a value or a subject."""
    stated = _ONE.sub("1 ", statement.text)
    folded, places = write_digits(stated)

    def show(match: re.Match[str]) -> str:
        first = places[match.start() - 1] + 1 if match.start() else 0
        return stated[first : places[match.end() - 1] + 1]

    claims = tuple(_list_claims(folded, show))
    if not claims:
        return None
    bare = _AMOUNT.sub(" ", _DURATION.sub(" ", _DATE.sub(" ", folded)))
    terms = frozenset(list_terms(bare)) - _DUTY_TERMS - _FILLERS
    if len(terms) < LEAST_TERMS:
        return None
    labels = frozenset(match.group().replace(" ", "") for match in _LABELLED.finditer(folded))
    context = frozenset(list_terms(statement.context))
    return ReadStatement(statement, terms, context, claims, labels, _read_cells(statement.text))


def _read_cells(text: str) -> Mapping[str, str]:
    """« Étape : Confinement ; Majeure : 24 heures » by column, folded."""
    cells = (cell.partition(f"{NBSP}: ") for cell in text.split(f"{NBSP}; "))
    return {fold(label): fold(value) for label, mark, value in cells if mark}


def _list_claims(folded: str, show: Callable[[re.Match[str]], str]) -> Iterator[Claim]:
    """The claims of a folded sentence; `show` gives what a match is written as in the sentence."""
    for match in _DATE.finditer(folded):
        yield Claim("date", "date", _day(match), show(match))
    rest = _DATE.sub(_blank, folded)
    for match in _DURATION.finditer(rest):
        unit, value = _duration(match)
        yield Claim("duration", unit, value, show(match))
    for match in _AMOUNT.finditer(_DURATION.sub(_blank, rest)):
        yield Claim("amount", _amount_unit(match[3]), _value(match), show(match))
    for name, cue in _DUTIES:
        if match := cue.search(folded):
            yield Claim("duty", "duty", name, show(match))
            return


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _day(match: re.Match[str]) -> str:
    if match[4]:
        return f"{int(match[4])}/{int(match[5])}/{match[6]}"
    month = _MONTHS.index(match[2]) + 1
    return f"{int(match[1])}/{month}/{match[3] or ''}"


def _value(match: re.Match[str]) -> str:
    whole = re.sub(r"\D", "", match[1])
    return f"{float(f'{whole}.{match[2] or 0}'):g}"


def _duration(match: re.Match[str]) -> tuple[str, str]:
    words = match[3].split()
    name = words[0] if words[0] == "mois" else words[0].rstrip("s")
    unit, factor = _UNITS[name]
    if len(words) > 1 and words[1].startswith("ouvre"):
        unit += " ouvre"
    return "duration", f"{float(_value(match)) * factor:g} {unit}"


def _amount_unit(written: str) -> str:
    plain = {"pour cent": "%", "euro": "€", "euros": "€"}.get(written, written)
    return plain.rstrip("s") if plain.isalpha() else plain


def are_opposed(one: str, other: str) -> bool:
    """Tell whether two duties exclude each other."""
    return (one, other) in _OPPOSED or (other, one) in _OPPOSED
