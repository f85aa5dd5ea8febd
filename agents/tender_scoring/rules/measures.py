"""The same thing counted, or measured in percent, in two pieces that do not agree."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from agents.tender_scoring.findings import Contradiction
from agents.tender_scoring.rules.naming import Naming
from agents.tender_scoring.rules.quantities import NUMBER, list_percents, parse_number
from agents.tender_scoring.rules.statements import Reading, Statement, clip, list_lots
from core.formats import NBSP, format_number
from core.words import stem

COUNTED = re.compile(
    rf"(?P<n>{NUMBER}) (?P<noun>[a-z]{{5,}}(?: (?:de |d'|du )?[a-z]{{4,}}){{0,3}}) par (?P<per>[a-z]+)"
)
COMMON = frozenset(
    "jours jour mois annee annees heures heure euros lots lot articles points candidats titulaires"
    " pages semaines ans membres communes pour cent millions kva exercices dernieres derniers"
    " annexes offres phases".split()
)
LARGEST_COUNT, SHOWN_CHARS = 500, 160
LEAST_SHARED, LEAST_WORDS = 0.33, 4
VALUE_TOPIC = re.compile(r"critere|ponder|tva\b|penalit|avance|retenue|plafon")


@dataclass(frozen=True)
class Measure:
    """A number of a statement; `subject` is what it counts, as written there."""

    statement: Statement
    value: Decimal
    unit: str
    words: frozenset[str]
    subject: str = ""


def list_counts(reading: Reading, naming: Naming) -> Iterator[Contradiction]:
    """« Six réunions physiques par an » against « Quatre réunions physiques par an »."""
    measures = [m for s in _prose(reading) for m in _counted(s)]
    for one, two in combinations(measures, 2):
        if _may_differ(one, two) and one.unit == two.unit:
            sides = one.statement.cite(), two.statement.cite()
            text = (
                f"{one.subject[:1].upper()}{one.subject[1:]}{NBSP}: {naming.name(sides[0])} en "
                f"prévoit {format_number(one.value)}, {naming.name(sides[1])} "
                f"en prévoit {format_number(two.value)}."
            )
            label = f"Quantité{NBSP}: {one.subject}"
            yield Contradiction(field="quantity", label=label, text=text, sides=sides)


def list_percentages(reading: Reading, naming: Naming) -> Iterator[Contradiction]:
    """The same percentage said twice: the two sentences that share the most rare words."""
    statements = _prose(reading)
    documents = Counter(word for s in statements for word in _words(s.plain))
    measures = [
        Measure(s, q.value, "%", _words(s.plain))
        for s in statements
        for q in list_percents(s.plain)
        if s.kind in ("ccap", "cctp", "ccp", "ae") and not VALUE_TOPIC.search(s.plain + s.where)
    ]
    pairs = [
        (shared, one, two)
        for one, two in combinations(measures, 2)
        if _may_differ(one, two)
        and (shared := _likeness(one, two, documents, len(statements))) >= LEAST_SHARED
    ]
    if pairs:
        _, one, two = max(pairs, key=lambda pair: pair[0])
        sides = one.statement.cite(), two.statement.cite()
        told = [
            f"{naming.name(side)} donne {format_number(m.value)}{NBSP}% "
            f"(«{NBSP}{clip(m.statement.unit.text, SHOWN_CHARS)}{NBSP}»)"
            for side, m in zip(sides, (one, two), strict=True)
        ]
        yield Contradiction(
            field="percentage", label="Pourcentages différents sur un même point", sides=sides,
            text=f"Deux pourcentages pour un même point{NBSP}: {told[0]}, {told[1]}.",
        )  # fmt: skip


def lots_apart(one: Statement, two: Statement) -> bool:
    """Tell whether two statements name lots, and none in common."""
    a, b = set(list_lots(one.plain)), set(list_lots(two.plain))
    return bool(a and b and not a & b)


def _may_differ(one: Measure, two: Measure) -> bool:
    return (
        one.statement.piece is not two.statement.piece
        and one.value != two.value
        and not lots_apart(one.statement, two.statement)
    )


def _prose(reading: Reading) -> list[Statement]:
    return [s for s in reading.of("rc", "ccp", "ccap", "cctp", "ae")
            if s.unit.kind in ("sentence", "item")]  # fmt: skip


def _counted(statement: Statement) -> Iterator[Measure]:
    for found in COUNTED.finditer(statement.plain):
        value = parse_number(found["n"])
        words = [word for word in re.split(r" (?:de |d'|du )?", found["noun"]) if len(word) > 3]
        if value is None or value > LARGEST_COUNT or words[0] in COMMON or len(words) < 2:
            continue
        subject = statement.unit.text[found.start("noun") : found.end("per")]
        unit = " ".join(map(stem, words[:2]))
        yield Measure(statement, value, unit, frozenset(words), subject)


def _words(plain: str) -> frozenset[str]:
    return frozenset(stem(word) for word in re.findall(r"[a-z]{5,}", plain))


def _likeness(one: Measure, two: Measure, documents: Counter[str], count: int) -> float:
    """The share of the rare words of the shorter sentence that both say; 0 under four words."""

    def weigh(words: frozenset[str]) -> float:
        return sum(math.log(1 + count / documents[word]) for word in words)

    shared = one.words & two.words
    if len(shared) < LEAST_WORDS:
        return 0.0
    return weigh(shared) / min(weigh(one.words), weigh(two.words))
