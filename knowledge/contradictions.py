"""Sentences of different documents that say different things of the same matter.

Two sentences disagree when they speak of the same subject, by their words and by their meaning,
and give values of one kind that have none in common, or opposite duties. Qualifiers that differ
on both sides (majeure/mineure, lot 1/lot 2, another day, another row of one table) make two
subjects, and a document that also holds the other's sentence, as a copy does, opposes it nothing.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations

from core.formats import flatten
from knowledge.embeddings import SentenceEmbedder
from knowledge.statements import (
    Claim,
    Kind,
    ReadStatement,
    Statement,
    are_opposed,
    read_statement,
)
from knowledge.synonyms import load_groups
from knowledge.terms import list_terms

PREFIX_CHARS = 5
SHARED_TERMS = 2
COMMON_SHARE = 0.05
FEWEST_COMMON = 25
LEAST_SCORE = 0.52
LEAST_WORDS = 0.34
CONTEXT_SHARE = 0.3
ALIKE = 0.4
MOST_ALIKE = 3
# A row that shares fewer columns with another may be of another table.
COLUMNS_OF_ONE_TABLE = 2

_OPPOSITES = tuple(
    frozenset(find for word in pair.split("/") for find in list_terms(word))
    for pair in (
        "majeure/mineure", "électricité/gaz", "hiver/été", "haute/basse", "client/fournisseur",
        "minimum/maximum", "ouverture/clôture", "base/pointe", "achat/vente", "public/privé",
        "ménages/professionnels", "transport/distribution", "réclamation/non-conformité",
        "correction/analyse", "pleines/creuses", "mensuel/annuel", "accusé/réponse",
        "questions/offres", "questions/candidatures", "visite/offres",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Disagreement:
    """Two statements and the values they oppose, as written."""

    left: Statement
    right: Statement
    kind: Kind
    left_value: str
    right_value: str
    score: float


def find_disagreements(
    statements: Sequence[Statement], embedder: SentenceEmbedder
) -> list[Disagreement]:
    """Every pair that disagrees, the surest first, each statement with its best opponents."""
    read = [one for statement in statements if (one := read_statement(statement)) is not None]
    read = _without_forms(read)
    weights = _weigh(read)
    said = list_said(statements)
    pairs = [
        (a, b)
        for a, b in _candidates(read)
        if _may_disagree(a, b) and not _repeats(a.statement, b.statement, said)
    ]
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


def list_said(statements: Iterable[Statement]) -> Mapping[str, AbstractSet[str]]:
    """The sentences of each document."""
    said: defaultdict[str, set[str]] = defaultdict(set)
    for one in statements:
        said[one.document].add(flatten(one.text))
    return dict(said)


def disagree(left: Statement, right: Statement, said: Mapping[str, AbstractSet[str]]) -> bool:
    """Tell whether two sentences, alone, are about one subject and say different things of it.

    `said` is what is known of their documents' sentences.
    """
    is_new = not _repeats(left, right, said)
    return is_new and _speak_alike(left, right) and oppose(left, right) is not None


def _repeats(left: Statement, right: Statement, said: Mapping[str, AbstractSet[str]]) -> bool:
    """Tell whether one of the two documents also holds the other's sentence, word for word."""
    return flatten(left.text) in said[right.document] or flatten(right.text) in said[left.document]


def _speak_alike(left: Statement, right: Statement) -> bool:
    """Tell whether most of the words of two sentences are shared."""
    a, b = read_statement(left), read_statement(right)
    if a is None or b is None:
        return False
    even = dict.fromkeys(a.terms | b.terms, 1.0)
    return _jaccard(a.terms, b.terms, even) >= ALIKE


def oppose(left: Statement, right: Statement) -> Disagreement | None:
    """The first values that two statements known to be about one subject oppose."""
    a, b = read_statement(left), read_statement(right)
    if a is None or b is None or not _may_disagree(a, b):
        return None
    return next(iter(_oppose(a, b, 1.0)), None)


def _without_forms(read: Sequence[ReadStatement]) -> list[ReadStatement]:
    """Leave out what many documents say of themselves in the same words («Prochaine revue»)."""
    documents: defaultdict[frozenset[str], set[str]] = defaultdict(set)
    for one in read:
        documents[one.terms].add(one.statement.document)
    return [one for one in read if len(documents[one.terms]) <= MOST_ALIKE]


def _weigh(read: Sequence[ReadStatement]) -> Mapping[str, float]:
    counts = Counter(term for one in read for term in one.terms | one.context)
    return {term: math.log(1 + len(read) / count) for term, count in counts.items()}


def _candidates(read: Sequence[ReadStatement]) -> Iterator[tuple[ReadStatement, ReadStatement]]:
    """Pairs of different documents of one scope that share a few terms that are not common."""
    common = max(FEWEST_COMMON, COMMON_SHARE * len(read))
    bearers: defaultdict[str, list[int]] = defaultdict(list)
    for place, one in enumerate(read):
        for start in {term[:PREFIX_CHARS] for term in _with_equivalents(one.terms)}:
            bearers[start].append(place)
    shared: Counter[tuple[int, int]] = Counter()
    for places in bearers.values():
        if len(places) <= common:
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


def _may_disagree(a: ReadStatement, b: ReadStatement) -> bool:
    if (a.labels and b.labels and a.labels != b.labels) or _are_other_rows(a.cells, b.cells):
        return False
    left, right = a.terms | a.context, b.terms | b.context
    for pair in _OPPOSITES:
        mine, theirs = pair & left, pair & right
        if mine and theirs and not mine & theirs:
            return False
    return True


def _are_other_rows(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Tell two rows under the same columns that their first cell tells apart."""
    if len(one.keys() & other.keys()) < COLUMNS_OF_ONE_TABLE:
        return False
    (column, key), (other_column, other_key) = next(iter(one.items())), next(iter(other.items()))
    return column == other_column and key != other_key


def _overlap(a: ReadStatement, b: ReadStatement, weights: Mapping[str, float]) -> float:
    """Share of the two sentences' weight that they have in common; contexts count for a part."""
    return (1 - CONTEXT_SHARE) * _jaccard(a.terms, b.terms, weights) + CONTEXT_SHARE * max(
        _jaccard(a.context, b.context, weights),
        _jaccard(a.terms | a.context, b.terms | b.context, weights),
    )


def _jaccard(one: frozenset[str], other: frozenset[str], weights: Mapping[str, float]) -> float:
    wide_one, wide_other = _with_equivalents(one), _with_equivalents(other)
    met = {t for t in one if _is_met(t, wide_other)} | {t for t in other if _is_met(t, wide_one)}
    whole = sum(weights.get(term, 0.0) for term in one | other)
    return sum(weights.get(term, 0.0) for term in met) / whole if whole else 0.0


def _is_met(term: str, others: frozenset[str]) -> bool:
    """Tell whether a term, or a word of its family, is among `others`."""
    if term in others:
        return True
    start = term[:PREFIX_CHARS]
    return len(term) >= PREFIX_CHARS and any(other.startswith(start) for other in others)


def _oppose(a: ReadStatement, b: ReadStatement, score: float) -> Iterator[Disagreement]:
    """The first kind of values on which the two have nothing in common."""
    left, right = _group(a.claims), _group(b.claims)
    other_days = _is_apart(left.get(("date", "date")), right.get(("date", "date")))
    amounts = {group for group in left.keys() & right.keys() if group[0] == "amount"}
    is_dated = any(_is_apart(left[group], right[group]) for group in amounts)
    for group in sorted(left.keys() & right.keys()):
        kind, mine, theirs = group[0], left[group], right[group]
        # Another amount on another day is another fact.
        if (is_dated if kind == "date" else other_days) or not _is_apart(mine, theirs):
            continue
        if kind == "duty" and not are_opposed(mine[0].value, theirs[0].value):
            continue
        yield Disagreement(
            a.statement, b.statement, kind, mine[0].written, theirs[0].written, score
        )
        return


def _group(claims: Sequence[Claim]) -> dict[tuple[Kind, str], list[Claim]]:
    found: dict[tuple[Kind, str], list[Claim]] = {}
    for claim in claims:
        found.setdefault((claim.kind, claim.unit), []).append(claim)
    return found


def _is_apart(mine: Sequence[Claim] | None, theirs: Sequence[Claim] | None) -> bool:
    """Tell whether both say something, and nothing alike."""
    if not mine or not theirs:
        return False
    return not {claim.value for claim in mine} & {claim.value for claim in theirs}
