"""Which of the firm's clients, sites, suppliers, people, places and references a text names.

Names tolerate accents, case and slips; a name that fits several records is given with all of
them, so that the caller asks instead of guessing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from core.database import Connection
from core.words import Token, fold, is_close, stem, tokenize
from crm.objects import OBJECTS

LIST_NAMES = """
SELECT 'account' AS kind, id, name FROM accounts
UNION ALL SELECT 'site', id, name FROM sites
UNION ALL SELECT 'person', id, full_name FROM users
UNION ALL SELECT 'contact', id, name FROM contacts
UNION ALL SELECT 'competitor', id, name FROM competitors
UNION ALL SELECT DISTINCT 'supplier', NULL::uuid, supplier FROM contracts
UNION ALL SELECT DISTINCT 'place', NULL::uuid, commune FROM sites WHERE commune IS NOT NULL
UNION ALL SELECT DISTINCT 'region', NULL::uuid, region FROM accounts WHERE region IS NOT NULL
UNION ALL SELECT DISTINCT 'grid_operator', NULL::uuid, grid_operator FROM delivery_points
"""
FIND_REFERENCES = """
SELECT 'contracts' AS object, id, reference AS name FROM contracts
WHERE upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'tenders', id, reference FROM tenders
WHERE upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
   OR upper(regexp_replace(boamp_id, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'non_conformities', id, reference FROM non_conformities
WHERE upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'delivery_points', id, code FROM delivery_points WHERE code = ANY(%(codes)s)
UNION ALL SELECT 'accounts', id, name FROM accounts
WHERE siret = ANY(%(codes)s) OR siren = ANY(%(codes)s)
UNION ALL SELECT 'grid_requests', id, operator_reference FROM grid_requests
WHERE upper(regexp_replace(operator_reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
"""
DIGITS = re.compile(r"(?<!\d)(?:\d[ .\u00a0\u202f]?){8,13}\d(?!\d)|\bGI ?\d{6}\b", re.I)
CODE = re.compile(r"\b(?=[A-Za-z]{1,8}[-_/ ]?[\w/-]*\d)[A-Za-z]{1,8}(?:[-_/][A-Za-z0-9]+)+\b")
LINKING = frozenset(
    """
    a au aux d de des du en et l la le les un une sur sous pour par chez sa sas sarl scop eurl
    st ste
    """.split()
)
COMMON = frozenset(
    """
    ville commune mairie groupe societe entreprise centre hopital lycee college ecole syndicat
    communaute agglomeration metropole departement region residence copropriete hotel usine site
    siege batiment energie energies electricite gaz conseil services industrie industries
    transport transports logistique nord sud est ouest france grand grande port parc zone
    atelier depot entrepot bureau bureaux magasin agence bancs clinique maison immobilier
    plateforme production direct total direction pays val mont saint sainte
    """.split()
)
ACCEPTED_COVERAGE = 0.55
DISTINCTIVE_COVERAGE = 0.3
TIE_MARGIN = 0.12
RARE = 4


@dataclass(frozen=True)
class Named:
    """A record, or a value that has no record of its own (a supplier, a region)."""

    kind: str
    name: str
    record_id: UUID | None


@dataclass(frozen=True)
class Mention:
    """A stretch of the text and what it may name, the best first; several mean « ask »."""

    kind: str
    start: int
    end: int
    text: str
    candidates: tuple[Named, ...]
    coverage: float


@dataclass(frozen=True)
class Mentions:
    """What a text names, and the codes it holds that nothing answers to."""

    found: tuple[Mention, ...]
    unknown_codes: tuple[str, ...]


async def find_mentions(connection: Connection, text: str) -> Mentions:
    """Read the firm's names (those the transaction may see) and look for them in `text`."""
    rows = await (await connection.execute(LIST_NAMES)).fetchall()
    named = [Named(row["kind"], row["name"], row["id"]) for row in rows]
    references, unknown, masked = await _find_references(connection, text)
    names = match_names(masked, named)
    return Mentions(tuple(sorted((*references, *names), key=lambda m: m.start)), unknown)


async def _find_references(
    connection: Connection, text: str
) -> tuple[list[Mention], tuple[str, ...], str]:
    spans = {m.span(): m.group() for pattern in (DIGITS, CODE) for m in pattern.finditer(text)}
    codes = {span: re.sub(r"[^A-Za-z0-9]", "", raw).upper() for span, raw in spans.items()}
    if not codes:
        return [], (), text
    cursor = await connection.execute(FIND_REFERENCES, {"codes": list(set(codes.values()))})
    found: dict[str, list[Named]] = defaultdict(list)
    for row in await cursor.fetchall():
        key = re.sub(r"[^A-Za-z0-9]", "", row["name"]).upper()
        target = key if key in codes.values() else next(iter(codes.values()))
        found[target].append(Named(row["object"], row["name"], row["id"]))
    mentions: list[Mention] = []
    masked = text
    for (start, end), code in codes.items():
        if code in found:
            kind = found[code][0].kind
            mentions.append(
                Mention(f"reference:{kind}", start, end, text[start:end], tuple(found[code]), 1.0)
            )
            masked = masked[:start] + " " * (end - start) + masked[end:]
    unknown = tuple(spans[s] for s, code in codes.items() if code not in found)
    return mentions, unknown, masked


def match_names(text: str, named: Sequence[Named]) -> list[Mention]:
    """The names of `named` that `text` holds, without overlaps, the fullest matches first."""
    tokens = [t for t in tokenize(text) if t.form not in LINKING]
    if not tokens:
        return []
    index = _NameIndex(named)
    mentions = [m for kind in index.kinds for m in index.match(kind, tokens, text)]
    mentions.sort(key=lambda m: (-_strength(m), m.start))
    kept: list[Mention] = []
    for mention in mentions:
        if all(mention.end <= k.start or mention.start >= k.end for k in kept):
            kept.append(mention)
    return kept


def _strength(mention: Mention) -> float:
    preference = {"account": 0.09, "supplier": 0.1, "person": 0.08, "region": 0.07, "place": 0.06,
                  "grid_operator": 0.085, "competitor": 0.05, "contact": 0.02}  # fmt: skip
    return round(mention.coverage, 1) + preference.get(mention.kind, 0.0) + (
        mention.end - mention.start) / 1000  # fmt: skip


class _NameIndex:
    """Names by the words they are made of, with the weight of each word."""

    def __init__(self, named: Sequence[Named]) -> None:
        self.words: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
        self.named = named
        self.parts: list[tuple[str, ...]] = []
        counts: dict[str, int] = defaultdict(int)
        for position, name in enumerate(named):
            parts = name_words(name.name)
            self.parts.append(parts)
            counts[name.kind] += 1
            for word in set(parts):
                self.words[name.kind][word].append(position)
        self.counts = counts
        self.kinds = tuple(counts)

    def match(self, kind: str, tokens: Sequence[Token], text: str) -> list[Mention]:
        hits = self._hits(kind, tokens)
        scored = [
            (coverage, start, end, position)
            for position, found in hits.items()
            for coverage, start, end in [self._score(kind, position, found, tokens)]
            if self._is_enough(kind, found, coverage)
        ]
        return self._group(kind, scored, text)

    def _hits(self, kind: str, tokens: Sequence[Token]) -> Mapping[int, dict[str, int]]:
        hits: dict[int, dict[str, int]] = defaultdict(dict)
        vocabulary = self.words[kind]
        for rank, token in enumerate(tokens):
            for word in _close_words(token.form, vocabulary):
                for position in vocabulary[word]:
                    hits[position].setdefault(word, rank)
        return hits

    def _weight(self, kind: str, word: str) -> float:
        weight = math.log(1 + self.counts[kind] / len(self.words[kind][word]))
        return weight * (0.25 if word in common_words() else 1.0)

    def _score(
        self, kind: str, position: int, found: Mapping[str, int], tokens: Sequence[Token]
    ) -> tuple[float, int, int]:
        ranks = _densest(sorted(set(found.values())))
        near = {word for word, rank in found.items() if rank in ranks}
        total = sum(self._weight(kind, word) for word in self.parts[position]) or 1.0
        coverage = sum(self._weight(kind, word) for word in near) / total
        return coverage, tokens[ranks[0]].start, tokens[ranks[-1]].end

    def _is_enough(self, kind: str, found: Mapping[str, int], coverage: float) -> bool:
        telling = [w for w in found if w not in common_words() and len(w) > 2]
        if not telling and coverage < 0.95:
            return False
        if kind in ("supplier", "place", "region", "grid_operator", "competitor"):
            return coverage >= 0.7
        if kind in ("site", "contact"):
            return coverage >= 0.75 and len(telling) >= 1
        if coverage >= ACCEPTED_COVERAGE:
            return True
        rare = any(len(self.words[kind][w]) <= RARE and len(w) > 3 for w in telling)
        return rare and coverage >= DISTINCTIVE_COVERAGE

    def _group(
        self, kind: str, scored: Iterable[tuple[float, int, int, int]], text: str
    ) -> list[Mention]:
        """Candidates over the same stretch become one mention; clear winners stand alone."""
        mentions: list[Mention] = []
        remaining = sorted(scored, key=lambda s: (-round(s[0], 3), s[1] - s[2]))
        while remaining:
            coverage, start, end, _ = remaining[0]
            same = [s for s in remaining if s[1] < end and start < s[2]]
            best = [s for s in same if s[0] >= coverage - TIE_MARGIN and s[2] - s[1] >= end - start]
            mentions.append(
                Mention(kind, start, end, text[start:end],
                        tuple(self.named[s[3]] for s in best), coverage)
            )  # fmt: skip
            remaining = [s for s in remaining if s not in same]
        return mentions


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others."""
    return tuple(t.form for t in tokenize(name) if t.form not in LINKING)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Words of the trade: alone they name nobody."""
    words: set[str] = set(COMMON)
    for declared in OBJECTS.values():
        for phrase in (declared.singular, declared.plural, *declared.words):
            words.update(t.form for t in tokenize(phrase))
        for field in declared.fields:
            for choice in field.choices:
                for phrase in (choice.label, *choice.words):
                    words.update(t.form for t in tokenize(phrase))
    return frozenset(words | {stem(word) for word in words})


def _close_words(form: str, vocabulary: Mapping[str, list[int]]) -> list[str]:
    if form in vocabulary:
        return [form]
    if len(form) < 5 or form in common_words() or stem(form) in common_words():
        return [form] if form in vocabulary else []
    return [word for word in vocabulary if word[0] == form[0] and is_close(form, word)]


def _densest(ranks: Sequence[int]) -> list[int]:
    """The longest run of neighbouring ranks (a gap of one word is allowed)."""
    runs: list[list[int]] = []
    for rank in ranks:
        if runs and rank - runs[-1][-1] <= 2:
            runs[-1].append(rank)
        else:
            runs.append([rank])
    return max(runs, key=len)


def folded_equal(left: str, right: str) -> bool:
    """Tell whether two names are the same but for case and accents."""
    return fold(left) == fold(right)
