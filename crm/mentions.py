"""Which of the firm's clients, sites, suppliers, people, places and references a text names.

Names tolerate accents, case and slips; a name that fits several records is given with all of
them, so that the caller asks instead of guessing.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

from core.database import Connection
from core.french import french_words
from core.legal import find_legal_references
from core.numerals import TENS, UNITS
from core.words import Token, fold, is_close, stem, tokenize
from crm.objects import OBJECTS

LIST_NAMES = """
SELECT 'account' AS kind, id, name FROM accounts
UNION ALL SELECT 'site', id, name FROM sites
UNION ALL SELECT 'person', id, full_name FROM users
UNION ALL SELECT 'contact', id, name FROM contacts
UNION ALL SELECT 'competitor', id, name FROM competitors
UNION ALL SELECT 'ppa_project', id, name FROM ppa_projects
UNION ALL SELECT DISTINCT 'supplier', NULL::uuid, supplier FROM contracts
UNION ALL SELECT DISTINCT 'place', NULL::uuid, commune FROM sites WHERE commune IS NOT NULL
UNION ALL SELECT DISTINCT 'region', NULL::uuid, region FROM accounts WHERE region IS NOT NULL
UNION ALL SELECT DISTINCT 'grid_operator', NULL::uuid, grid_operator FROM delivery_points
"""
FIND_REFERENCES = """
SELECT 'contracts' AS object, id, reference AS name, ARRAY[reference] AS keys FROM contracts
WHERE upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'tenders', id, reference, ARRAY[reference, boamp_id] FROM tenders
WHERE upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
   OR upper(regexp_replace(boamp_id, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'non_conformities', id, reference, ARRAY[reference] FROM non_conformities
WHERE upper(regexp_replace(reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'delivery_points', id, code, ARRAY[code] FROM delivery_points
WHERE code = ANY(%(codes)s)
UNION ALL SELECT 'accounts', id, name, ARRAY[siret, siren] FROM accounts
WHERE siret = ANY(%(codes)s) OR siren = ANY(%(codes)s)
UNION ALL SELECT 'efficiency_opportunities', id, cee_sheet_code, ARRAY[cee_sheet_code]
FROM efficiency_opportunities
WHERE upper(regexp_replace(cee_sheet_code, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
UNION ALL SELECT 'grid_requests', id, operator_reference, ARRAY[operator_reference]
FROM grid_requests
WHERE upper(regexp_replace(operator_reference, '[^A-Za-z0-9]', '', 'g')) = ANY(%(codes)s)
"""
DIGITS = re.compile(r"(?<!\d)(?:\d[ .\u00a0\u202f]?){8,13}\d(?!\d)|\bGI ?\d{6}\b", re.I)
CODE = re.compile(r"\b(?=[A-Za-z]{1,8}[-_/ ]?[\w/-]*\d)[A-Za-z]{1,8}(?:[-_/][A-Za-z0-9]+)+\b")
SPACED_CODE = re.compile(
    r"\b[A-Za-z]{2,4} ?20\d{2}[ -]?\d{2,4}\b|\b[A-Za-z]{2,4}20\d{2}-?\d{2,4}\b"
)
DEMONYMS = {
    "breton": "Bretagne", "bretonne": "Bretagne", "normand": "Normandie",
    "normande": "Normandie", "francilien": "Île-de-France", "francilienne": "Île-de-France",
    "alsacien": "Grand Est", "lorrain": "Grand Est", "champenois": "Grand Est",
    "occitan": "Occitanie", "toulousain": "Occitanie", "ligerien": "Pays de la Loire",
    "vendeen": "Pays de la Loire", "nantais": "Pays de la Loire",
    "aquitain": "Nouvelle-Aquitaine", "bordelais": "Nouvelle-Aquitaine",
    "provencal": "Provence-Alpes-Côte d'Azur", "azureen": "Provence-Alpes-Côte d'Azur",
    "corse": "Corse", "bourguignon": "Bourgogne-Franche-Comté",
    "comtois": "Bourgogne-Franche-Comté", "picard": "Hauts-de-France",
    "nordiste": "Hauts-de-France", "auvergnat": "Auvergne-Rhône-Alpes",
    "rhonalpin": "Auvergne-Rhône-Alpes", "savoyard": "Auvergne-Rhône-Alpes",
}  # fmt: skip
HEAD = re.compile(
    r"\b(?:la |le |l')(?P<head>clinique|hopital|lycee|college|hotel|syndicat|ehpad|chu)\b"
)
OWN = re.compile(
    r"\b(?:mes|mon|ma)\b|\b(?:ai|dois|gere|suis|pilote)-je\b|"
    r"\bj'ai\b|\bje (?:gere|suis|dois|pilote|m'occupe)\b"
)
LINKING = frozenset(
    """
    a au aux d de des du en et l la le les un une sur sous pour par chez sa sas sarl scop eurl
    st ste
    """.split()
)
COMMON = frozenset(
    """
    commercial commerciale
    matin midi soir jour nuit demain hier lundi mardi mercredi jeudi vendredi samedi dimanche
    ville commune mairie groupe societe entreprise centre hopital lycee college ecole syndicat
    communaute agglomeration metropole departement region residence copropriete hotel usine site
    siege batiment energie energies electricite gaz conseil services industrie industries
    transport transports logistique nord sud est ouest france grand grande port parc zone
    atelier depot entrepot bureau bureaux magasin agence bancs clinique maison immobilier
    plateforme production direct total direction pays val mont saint sainte
    principal principale principaux principales
    """.split()
)
ACCEPTED_COVERAGE = 0.55
DISTINCTIVE_COVERAGE = 0.3
RARE = 4
FULL = 0.999


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


async def find_mentions(connection: Connection, text: str, asker: Named | None = None) -> Mentions:
    """Read the firm's names (those the transaction may see) and look for them in `text`.

    Each line is read on its own: no name runs from one into the next. With `asker`, «mes
    contrats» names that person, unless a client or a reference says which records are meant.
    """
    rows = await (await connection.execute(LIST_NAMES)).fetchall()
    named = [Named(row["kind"], row["name"], row["id"]) for row in rows]
    found: list[Mention] = []
    unknown: list[str] = []
    offset = 0
    for line in text.split("\n"):
        read = await _read_line(connection, line, named)
        if asker is not None:
            read = replace(read, found=(*read.found, *_match_asker(line, asker, read.found)))
        found += [replace(m, start=m.start + offset, end=m.end + offset) for m in read.found]
        unknown += read.unknown_codes
        offset += len(line) + 1
    return Mentions(tuple(found), tuple(dict.fromkeys(unknown)))


def _match_asker(text: str, asker: Named, others: Sequence[Mention]) -> list[Mention]:
    """The first person of a line that names nobody and nothing else in particular."""
    said = OWN.search(fold(text))
    settled = any(
        m.kind in ("account", "person") or m.kind.startswith("reference:") for m in others
    )
    if said is None or settled:
        return []
    start, end = said.span()
    return [Mention("asker", start, end, text[start:end], (asker,), 1.0)]


async def _read_line(connection: Connection, line: str, named: Sequence[Named]) -> Mentions:
    references, unknown, masked = await _find_references(connection, line)
    names = [*match_names(masked, named), *_match_demonyms(masked, named)]
    names += _match_heads(masked, named, names)
    return Mentions(tuple(sorted((*references, *names), key=lambda m: m.start)), unknown)


async def _find_references(
    connection: Connection, text: str
) -> tuple[list[Mention], tuple[str, ...], str]:
    spans = {
        m.span(): m.group()
        for pattern in (SPACED_CODE, CODE, DIGITS)
        for m in pattern.finditer(text)
    }
    codes = {span: _normalise_code(raw) for span, raw in spans.items()}
    if not codes:
        return [], (), text
    cursor = await connection.execute(FIND_REFERENCES, {"codes": list(set(codes.values()))})
    found: dict[str, list[Named]] = defaultdict(list)
    for row in await cursor.fetchall():
        for key in {_normalise_code(key) for key in row["keys"] if key} & set(codes.values()):
            found[key].append(Named(row["object"], row["name"], row["id"]))
    mentions: list[Mention] = []
    masked = text
    for (start, end), code in codes.items():
        if code in found:
            kind = found[code][0].kind
            mentions.append(
                Mention(f"reference:{kind}", start, end, text[start:end], tuple(found[code]), 1.0)
            )
            masked = masked[:start] + " " * (end - start) + masked[end:]
    legal = find_legal_references(text)
    unknown = tuple(
        spans[span] for span, code in codes.items()
        if code not in found and not any(start < span[1] and span[0] < end for start, end in legal)
    )  # fmt: skip
    return mentions, unknown, masked


def _normalise_code(raw: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", raw).upper()


def _match_demonyms(text: str, named: Sequence[Named]) -> list[Mention]:
    """«Les clients bretons» : the region behind the adjective, where the firm has clients."""
    regions = {name.name: name for name in named if name.kind == "region"}
    found: list[Mention] = []
    for token in tokenize(text):
        region = DEMONYMS.get(token.form.rstrip("es") if token.form not in DEMONYMS else token.form)
        region = region or DEMONYMS.get(stem(token.form))
        known = next((r for n, r in regions.items() if region and _same_name(n, region)), None)
        if known is not None:
            raw = text[token.start : token.end]
            found.append(Mention("region", token.start, token.end, raw, (known,), 1.0))
    return found


def _match_heads(text: str, named: Sequence[Named], names: Sequence[Mention]) -> list[Mention]:
    """«La clinique» : every client whose name begins so, when none is named further."""
    if any(name.kind == "account" for name in names):
        return []
    found: list[Mention] = []
    for match in HEAD.finditer(fold(text)):
        head = match["head"]
        alike = [n for n in named if n.kind == "account" and name_words(n.name)[:1] == (head,)]
        if alike:
            start, end = match.span("head")
            found.append(Mention("account", start, end, text[start:end], tuple(alike), 0.5))
    return found[:1]


def _same_name(left: str, right: str) -> bool:
    return name_words(left) == name_words(right)


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
            match
            for position, found in hits.items()
            if self._is_enough(kind, match := self._score(kind, position, found, tokens))
        ]
        return self._group(kind, scored, text)

    def _hits(self, kind: str, tokens: Sequence[Token]) -> Mapping[int, dict[int, str]]:
        """For each name met, the ranks of the question's words that belong to it."""
        hits: dict[int, dict[int, str]] = defaultdict(dict)
        vocabulary = self.words[kind]
        for rank, token in enumerate(tokens):
            for word in _close_words(token.form, vocabulary):
                for position in vocabulary[word]:
                    hits[position][rank] = word
        return hits

    def _weight(self, kind: str, word: str) -> float:
        weight = math.log(1 + self.counts[kind] / len(self.words[kind][word]))
        return weight * (0.25 if word in common_words() else 1.0)

    def _score(
        self, kind: str, position: int, found: Mapping[int, str], tokens: Sequence[Token]
    ) -> _Match:
        """The stretch of the question that covers most of a name."""
        parts = set(self.parts[position])
        total = sum(self._weight(kind, word) for word in parts) or 1.0
        best = _Match(position, 0.0, 0, 0, frozenset())
        for run in _runs(sorted(found)):
            words = frozenset(found[rank] for rank in run)
            coverage = sum(self._weight(kind, word) for word in words) / total
            if coverage > best.coverage:
                start, end = tokens[run[0]].start, tokens[run[-1]].end
                best = _Match(position, coverage, start, end, words)
        return best

    def _is_enough(self, kind: str, match: _Match) -> bool:
        telling = [w for w in match.words if w not in common_words() and len(w) > 2]
        if not telling and match.coverage < 0.95:
            return False
        if kind in ("supplier", "place", "region", "grid_operator", "competitor"):
            return match.coverage >= 0.7
        if kind in ("site", "contact"):
            return match.coverage >= 0.75 and len(telling) >= 1
        if match.coverage >= ACCEPTED_COVERAGE:
            return True
        rare = any(len(self.words[kind][w]) <= RARE and len(w) > 3 for w in telling)
        return rare and match.coverage >= DISTINCTIVE_COVERAGE

    def _group(self, kind: str, scored: Iterable[_Match], text: str) -> list[Mention]:
        """Names over the same stretch become one mention, unless one of them is told in full."""
        mentions: list[Mention] = []
        remaining = sorted(scored, key=lambda m: (-len(m.words), -round(m.coverage, 3)))
        while remaining:
            first = remaining[0]
            same = [m for m in remaining if m.start < first.end and first.start < m.end]
            alike = [m for m in same if m.words == first.words]
            full = [m for m in alike if m.coverage > FULL]
            best = sorted(full or alike, key=lambda m: -m.coverage)
            mentions.append(
                Mention(kind, first.start, first.end, text[first.start : first.end],
                        tuple(self.named[m.position] for m in best), best[0].coverage)
            )  # fmt: skip
            remaining = [m for m in remaining if m not in same]
        return mentions


@dataclass(frozen=True)
class _Match:
    """A name met in the question: its place in the index, how much of it, where."""

    position: int
    coverage: float
    start: int
    end: int
    words: frozenset[str]


def name_words(name: str) -> tuple[str, ...]:
    """The words of a name that tell it from others."""
    return tuple(t.form for t in tokenize(name) if t.form not in LINKING)


@lru_cache(maxsize=1)
def common_words() -> frozenset[str]:
    """Words of the trade: alone they name nobody."""
    words: set[str] = {*COMMON, *UNITS, *TENS}
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
    near = [word for word in vocabulary if word[0] == form[0] and is_close(form, word)]
    # « devis » is no « Denis » misspelt.
    return [] if near and form in french_words() else near


def _runs(ranks: Sequence[int]) -> list[list[int]]:
    """The runs of neighbouring ranks (a gap of one word is allowed)."""
    runs: list[list[int]] = []
    for rank in ranks:
        if runs and rank - runs[-1][-1] <= 2:
            runs[-1].append(rank)
        else:
            runs.append([rank])
    return runs
