"""Random people ask random questions: nothing they may not read comes back, and nothing is missed.

`python -m evals.leaks [pairs] [chunks]` (10,000 pairs over 40,000 chunks in two firms) loads a
synthetic corpus in a database of its own, where a role reads 10 %, 1 % or 0.1 % of its firm, and
writes `docs/measures/etancheite.md`. What may come back is judged from the tables as their owner
reads them, in code of its own. Exits with 1 on any leak, or a recall under 0.99.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from uuid import UUID, uuid4

import psycopg
from psycopg import conninfo

from core.context import Identity
from core.database import Database
from core.settings import PROJECT_ROOT, get_settings
from crm.installation import open_installation
from crm.migrations.runner import migrate
from evals.benchmarks.corpus import make_pool, make_questions
from evals.benchmarks.loading import load_corpus
from evals.tenants import drop_database
from knowledge.found import Passage
from knowledge.passage_embedder import get_passage_embedder
from knowledge.search import SearchDepths, SearchFilters, search

DATABASE = "voltaire_leaks"
REPORT = PROJECT_ROOT / "docs" / "measures" / "etancheite.md"
FIRMS, POOL_SIZE, LIMIT, TASKS = 2, 4_000, 10, 4
TODAY, LAST_YEAR = dt.date(2026, 6, 1), dt.date(2025, 6, 1)
EVERYTHING = SearchDepths(weighed=10_000_000)
LEAST_RECALL = 0.99
RECALL_PAIRS = 200
# One document in a thousand for the director alone, and so on; the rest is the administrator's.
SHARES: tuple[tuple[str, float], ...] = (("director", 0.001), ("quality", 0.01), ("sales", 0.1))
PEOPLE: tuple[frozenset[str], ...] = (
    frozenset({"reader"}), frozenset({"sales"}), frozenset({"quality"}), frozenset({"director"}),
    frozenset({"admin"}), frozenset({"sales", "quality"}),
)  # fmt: skip
STATUSES = (("in_force", 0.85), ("draft", 0.05), ("superseded", 0.08), ("withdrawn", 0.02))
ASKED_STATUSES = (("in_force",), ("draft",), ("superseded",), ("withdrawn",), ("in_review",))
# In the order in which they were made, whatever their random ids.
LIST_DOCUMENTS = """
SELECT v.document_id FROM document_versions v
JOIN chunks c ON c.tenant_id = v.tenant_id AND c.version_id = v.id
GROUP BY v.document_id ORDER BY min(c.id)
"""
SET_ACCESS = "UPDATE documents SET access = %s WHERE id = %s"
SET_VERSION = """
UPDATE document_versions SET status = %s, valid_from = %s, valid_to = %s WHERE document_id = %s
"""
LIST = """
SELECT v.id, v.tenant_id, d.access, v.status, v.valid_from, v.valid_to
FROM document_versions v JOIN documents d ON d.id = v.document_id
"""
Row = tuple[UUID, list[str], str, dt.date | None, dt.date | None]


@dataclass(frozen=True)
class Pair:
    """A person, what they ask, and what they ask to search in."""

    person: Identity
    question: str
    filters: SearchFilters


@dataclass
class Found:
    """What the pairs gave: passages seen, leaks told, and recall by roles."""

    pairs: int = 0
    passages: int = 0
    leaks: list[str] = field(default_factory=list[str])
    recalls: dict[str, float] = field(default_factory=dict[str, float])


def restrict(admin_conninfo: str, seed: int) -> dict[UUID, Row]:
    """Give every document random rights, status and dates; each version as its owner reads it."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible corpus
    names, weights = [name for name, _ in STATUSES], [weight for _, weight in STATUSES]
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        for (document_id,) in connection.execute(LIST_DOCUMENTS).fetchall():
            status = chance.choices(names, weights)[0]
            since = chance.choice((None, dt.date(2024, 1, 1), dt.date(2026, 1, 1)))
            until = chance.choice((None, dt.date(2025, 12, 31), dt.date(2028, 1, 1)))
            connection.execute(SET_ACCESS, ([_draw_reader(chance)], document_id))
            connection.execute(SET_VERSION, (status, since, until, document_id))
        return {row[0]: row[1:] for row in connection.execute(LIST).fetchall()}


def _draw_reader(chance: random.Random) -> str:
    drawn = chance.random()
    for role, share in SHARES:
        if drawn < share:
            return role
        drawn -= share
    return "admin"


def may_read(pair: Pair, row: Row) -> bool:
    """Tell whether a version may come back for a pair, by the rules as the documentation says."""
    tenant, access, status, since, until = row
    roles = pair.person.roles | {"all"}
    if tenant != pair.person.tenant_id or not roles & set(access):
        return False
    if status in ("draft", "in_review") and not roles & {"quality", "director", "admin"}:
        return False
    day = pair.filters.as_of or TODAY
    applies = (since is None or since <= day) and (until is None or day <= until)
    if pair.filters.as_of is not None:
        is_known = status == "in_force" or (
            status in ("superseded", "withdrawn") and until is not None
        )
        return is_known and applies
    return status in pair.filters.statuses and (applies or status != "in_force")


def draw_pairs(
    people: Sequence[Identity], questions: Sequence[str], count: int, seed: int
) -> list[Pair]:
    """`count` random pairs; one in three asks for drafts, former versions or another day."""
    chance = random.Random(seed)  # noqa: S311 - reproducible pairs
    pairs: list[Pair] = []
    for _ in range(count):
        filters = SearchFilters()
        drawn = chance.random()
        if drawn < 0.2:
            filters = SearchFilters(statuses=chance.choice(ASKED_STATUSES))
        elif drawn < 0.33:
            filters = SearchFilters(as_of=LAST_YEAR)
        pairs.append(Pair(chance.choice(people), chance.choice(questions), filters))
    return pairs


async def try_pairs(
    database: Database, pairs: Sequence[Pair], versions: Mapping[UUID, Row], found: Found
) -> None:
    """Search each pair, and note every passage that should not have come back."""
    queue = list(pairs)

    async def work() -> None:
        while queue:
            pair = queue.pop()
            for passage in await _search(database, pair):
                found.passages += 1
                if not may_read(pair, versions[passage.version_id]):
                    found.leaks.append(f"{sorted(pair.person.roles)} : {passage.version_id}")
            found.pairs += 1

    await asyncio.gather(*(work() for _ in range(TASKS)))


async def _search(
    database: Database, pair: Pair, depths: SearchDepths | None = None
) -> tuple[Passage, ...]:
    result = await search(
        database, pair.person, pair.question, today=TODAY, filters=pair.filters, limit=LIMIT,
        depths=depths or SearchDepths(),
    )  # fmt: skip
    return result.passages


async def measure_recall(
    database: Database, people: Sequence[Identity], questions: Sequence[str]
) -> float:
    """Part of the ten best that come back when every readable passage is weighed.

    The questions are asked by each of `people` in turn. 0 where nothing was readable: nothing was
    measured.
    """
    shares: list[float] = []
    for person, question in zip(cycle(people), questions, strict=False):
        pair = Pair(person, question, SearchFilters())
        wanted = {one.chunk_id for one in await _search(database, pair, EVERYTHING)}
        quick = {one.chunk_id for one in await _search(database, pair)}
        if wanted:
            shares.append(len(quick & wanted) / len(wanted))
    return sum(shares) / len(shares) if shares else 0.0


def format_report(found: Found, chunks: int, versions: Mapping[UUID, Row], spent_s: float) -> str:
    """The Markdown page of the measures."""
    total = len(versions)
    lines = [
        "# Étanchéité de la recherche",
        "",
        f"Commande\u00a0: `python -m evals.leaks {found.pairs} {chunks}` (`make leaks`). "
        f"{chunks} passages de {total} documents, dans {FIRMS} cabinets ; droits, statuts et dates "
        "tirés au sort. Chaque couple est une personne et une question au hasard ; un sur trois "
        "demande les brouillons, les versions remplacées ou retirées, ou ce qui valait un autre "
        "jour. Ce qui peut revenir est jugé depuis les tables, lues par leur propriétaire.",
        "",
        f"**{found.pairs} couples, {found.passages} passages rendus, {len(found.leaks)} fuite"
        f"{'s' if len(found.leaks) > 1 else ''}** ; {spent_s:.0f} s.",
        "",
        "| profil | part du cabinet qu’il peut lire | rappel@10 contre exact |",
        "| --- | ---: | ---: |",
    ]
    for role, share in SHARES[::-1]:
        readable = sum(role in row[1] for row in versions.values()) / total
        told = f"{100 * readable:.2f}".replace(".", ",")
        recall = f"{found.recalls[role]:.4f}".replace(".", ",")
        drawn = f"{100 * share:g}".replace(".", ",")
        lines.append(f"| {role} (tiré à {drawn} %) | {told} % | {recall} |")
    return "\n".join(lines) + "\n"


async def run(pairs: int, chunks: int) -> int:
    """Load, try and report; 1 on a leak or too low a recall."""
    with open_installation(get_settings()) as installation:
        admin = conninfo.make_conninfo(installation.admin_conninfo, dbname=DATABASE)
        drop_database(installation.admin_conninfo, DATABASE)
        migrate(installation.admin_conninfo, DATABASE, installation.secrets)
        database = Database(admin, installation.secrets)
        try:
            pool = make_pool(POOL_SIZE, get_passage_embedder())
            owners, _ = load_corpus(admin, pool, chunks, FIRMS, 0)
            versions = restrict(admin, seed=3)
            questions = make_questions(pool, 1_000)
            people = [
                Identity(owner.tenant_id, uuid4(), roles) for owner in owners for roles in PEOPLE
            ]
            found, started = Found(), time.perf_counter()
            await try_pairs(database, draw_pairs(people, questions, pairs, 5), versions, found)
            spent = time.perf_counter() - started
            for role, _ in SHARES:
                readers = [Identity(one.tenant_id, uuid4(), frozenset({role})) for one in owners]
                found.recalls[role] = await measure_recall(
                    database, readers, questions[:RECALL_PAIRS]
                )
        finally:
            await database.close()
            await installation.database.close()
            drop_database(installation.admin_conninfo, DATABASE)
    report = format_report(found, chunks, versions, spent)
    await asyncio.to_thread(REPORT.write_text, report, "utf-8")
    sys.stdout.write(report)
    return int(bool(found.leaks) or min(found.recalls.values()) < LEAST_RECALL)


def main(pairs: int = 10_000, chunks: int = 40_000) -> int:
    """The command line."""
    return asyncio.run(run(pairs, chunks))


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
