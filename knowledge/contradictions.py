"""Sentences of different documents that say different things of the same matter.

Two sentences disagree when they speak of the same subject, by their words and by their meaning,
and give values of one kind that have none in common, or opposite duties. Qualifiers that differ
on both sides (majeure/mineure, lot 1/lot 2, another day) make two subjects.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from core.numerals import write_digits
from knowledge.embeddings import SentenceEmbedder
from knowledge.synonyms import load_groups
from knowledge.terms import fold_accents, list_terms

Kind = Literal["date", "amount", "duration", "duty"]

LEAST_TERMS = 3
SHARED_TERMS = 2
COMMON_SHARE = 0.05
FEWEST_COMMON = 25
LEAST_SCORE = 0.55
LEAST_WORDS = 0.34
CONTEXT_SHARE = 0.3
ALIKE = 0.4

_MONTHS: tuple[str, ...] = (
    "janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout", "septembre",
    "octobre", "novembre", "decembre",
)  # fmt: skip
_MONTH = "|".join(_MONTHS)
_NUMBER = r"(\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d+)(?:[,.](\d+))?"
_DATE = re.compile(
    rf"\b(\d{{1,2}})(?:er)? ({_MONTH})(?: (\d{{4}}))?|\b(\d{{1,2}})/(\d{{1,2}})/(\d{{4}})"
)
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
_LABELLED = re.compile(r"\b(?:lot|article|annexe|niveau|classe|phase|tranche|etape|c|t) ?(\d)\b")
_UNITS = {"minute": ("h", 1 / 60), "heure": ("h", 1.0), "jour": ("j", 1.0), "semaine": ("j", 7.0),
          "mois": ("mois", 1.0), "an": ("mois", 12.0), "annee": ("mois", 12.0)}  # fmt: skip
_OPPOSITES = tuple(
    frozenset(find for word in pair.split("/") for find in list_terms(word))
    for pair in (
        "majeure/mineure", "électricité/gaz", "hiver/été", "haute/basse", "client/fournisseur",
        "minimum/maximum", "ouverture/clôture", "base/pointe", "achat/vente", "public/privé",
        "ménages/professionnels", "transport/distribution", "réclamation/non-conformité",
        "correction/analyse", "pleines/creuses", "mensuel/annuel", "accusé/réponse",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """A sentence in force: `scope` is what it may disagree within (a tender file, the firm)."""

    key: str
    document: str
    scope: str
    context: str
    text: str


@dataclass(frozen=True)
class Disagreement:
    """Two statements and the values they oppose, as written."""

    left: Statement
    right: Statement
    kind: Kind
    left_value: str
    right_value: str
    score: float


@dataclass(frozen=True)
class _Claim:
    kind: Kind
    unit: str
    value: str
    written: str


@dataclass(frozen=True)
class _Read:
    statement: Statement
    terms: frozenset[str]
    context: frozenset[str]
    claims: tuple[_Claim, ...]
    labels: frozenset[str]


def find_disagreements(
    statements: Sequence[Statement], embedder: SentenceEmbedder
) -> list[Disagreement]:
    """Every pair that disagrees, the surest first, each statement with its best opponents."""
    read = [one for statement in statements if (one := _read(statement)) is not None]
    weights = _weigh(read)
    pairs = [(a, b) for a, b in _candidates(read, weights) if _may_disagree(a, b)]
    if not pairs:
        return []
    keys = list(dict.fromkeys(one.statement.text for pair in pairs for one in pair))
    vectors = dict(zip(keys, embedder.encode(keys), strict=True))
    found: list[Disagreement] = []
    for a, b in pairs:
        words = _overlap(a, b, weights)
        meaning = float(vectors[a.statement.text] @ vectors[b.statement.text])
        score = 0.5 * words + 0.5 * meaning
        if words >= LEAST_WORDS and score >= LEAST_SCORE:
            found += _oppose(a, b, score)
    return sorted(found, key=lambda one: -one.score)


def speak_alike(left: Statement, right: Statement) -> bool:
    """Tell whether two sentences, alone, are about one subject: most of their words are shared."""
    a, b = _read(left), _read(right)
    if a is None or b is None:
        return False
    even = dict.fromkeys(a.terms | b.terms, 1.0)
    return _jaccard(a.terms, b.terms, even) >= ALIKE


def oppose(left: Statement, right: Statement) -> Disagreement | None:
    """The first values that two statements known to be about one subject oppose."""
    a, b = _read(left), _read(right)
    if a is None or b is None or not _may_disagree(a, b):
        return None
    return next(iter(_oppose(a, b, 1.0)), None)


def _read(statement: Statement) -> _Read | None:
    text, _ = write_digits(statement.text)
    folded = fold_accents(text).lower().replace("’", "'")
    claims = tuple(_list_claims(folded))
    if not claims:
        return None
    bare = _AMOUNT.sub(" ", _DURATION.sub(" ", _DATE.sub(" ", folded)))
    terms = frozenset(list_terms(bare)) - _DUTY_TERMS
    if len(terms) < LEAST_TERMS:
        return None
    labels = frozenset(match.group().replace(" ", "") for match in _LABELLED.finditer(folded))
    return _Read(statement, terms, frozenset(list_terms(statement.context)), claims, labels)


def _list_claims(folded: str) -> Iterator[_Claim]:
    for match in _DATE.finditer(folded):
        yield _Claim("date", "date", _day(match), match.group())
    rest = _DATE.sub(" ", folded)
    for match in _DURATION.finditer(rest):
        unit, value = _duration(match)
        yield _Claim("duration", unit, value, match.group())
    for match in _AMOUNT.finditer(_DURATION.sub(" ", rest)):
        yield _Claim("amount", _amount_unit(match[3]), _value(match), match.group())
    duty = next((name for name, cue in _DUTIES if cue.search(folded)), None)
    if duty is not None:
        yield _Claim("duty", "duty", duty, duty)


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


def _weigh(read: Sequence[_Read]) -> Mapping[str, float]:
    counts = Counter(term for one in read for term in one.terms | one.context)
    return {term: math.log(1 + len(read) / count) for term, count in counts.items()}


def _candidates(
    read: Sequence[_Read], weights: Mapping[str, float]
) -> Iterator[tuple[_Read, _Read]]:
    """Pairs of different documents of one scope that share a few terms that are not common."""
    common = max(FEWEST_COMMON, COMMON_SHARE * len(read))
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(read):
        for term in _with_equivalents(one.terms):
            bearers[term].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for term, places in bearers.items():
        if len(places) <= common and term in weights:
            shared.update(combinations(places, 2))
    for (first, second), count in shared.items():
        a, b = read[first], read[second]
        if (
            count >= SHARED_TERMS
            and a.statement.document != b.statement.document
            and a.statement.scope == b.statement.scope
        ):
            yield a, b


def _with_equivalents(terms: frozenset[str]) -> frozenset[str]:
    return terms | {group for term in terms for group in _groups().get(term, ())}


def _groups() -> Mapping[str, frozenset[str]]:
    """For each term that alone is a phrase of the trade's list, the others of its group."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for group in load_groups():
        single = {phrase[0] for phrase in group if len(phrase) == 1}
        for term in single:
            found[term] |= single
    return {term: frozenset(others) for term, others in found.items()}


def _may_disagree(a: _Read, b: _Read) -> bool:
    if a.labels and b.labels and a.labels != b.labels:
        return False
    left, right = a.terms | a.context, b.terms | b.context
    for pair in _OPPOSITES:
        mine, theirs = pair & left, pair & right
        if mine and theirs and not mine & theirs:
            return False
    return True


def _overlap(a: _Read, b: _Read, weights: Mapping[str, float]) -> float:
    """Share of the two sentences' weight that they have in common; contexts count for a part."""
    return (1 - CONTEXT_SHARE) * _jaccard(a.terms, b.terms, weights) + CONTEXT_SHARE * max(
        _jaccard(a.context, b.context, weights),
        _jaccard(a.terms | a.context, b.terms | b.context, weights),
    )


def _jaccard(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    wide_one, wide_other = _with_equivalents(one), _with_equivalents(other)
    met = {t for t in one if t in wide_other} | {t for t in other if t in wide_one}
    whole = sum(weights.get(term, 0.0) for term in one | other)
    return sum(weights.get(term, 0.0) for term in met) / whole if whole else 0.0


def _oppose(a: _Read, b: _Read, score: float) -> Iterator[Disagreement]:
    """The first kind of values on which the two have nothing in common."""
    left, right = _group(a.claims), _group(b.claims)
    other_days = _is_apart(left.get(("date", "date")), right.get(("date", "date")))
    for group in sorted(left.keys() & right.keys()):
        kind, mine, theirs = group[0], left[group], right[group]
        if (kind != "date" and other_days) or not _is_apart(mine, theirs):
            continue
        if kind == "duty" and not _are_opposed(mine[0].value, theirs[0].value):
            continue
        yield Disagreement(
            a.statement, b.statement, kind, mine[0].written, theirs[0].written, score
        )
        return


def _group(claims: Sequence[_Claim]) -> dict[tuple[Kind, str], list[_Claim]]:
    found: dict[tuple[Kind, str], list[_Claim]] = {}
    for claim in claims:
        found.setdefault((claim.kind, claim.unit), []).append(claim)
    return found


def _is_apart(mine: Sequence[_Claim] | None, theirs: Sequence[_Claim] | None) -> bool:
    """Tell whether both say something, and nothing alike."""
    if not mine or not theirs:
        return False
    return not {claim.value for claim in mine} & {claim.value for claim in theirs}


def _are_opposed(one: str, other: str) -> bool:
    return (one, other) in _OPPOSED or (other, one) in _OPPOSED
