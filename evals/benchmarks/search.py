"""Speed, throughput and exactness of search at scale, beside LlamaIndex's PGVectorStore.

`python -m evals.benchmarks.search --chunks 100000 --tenants 10` loads a synthetic corpus in a
database of its own, measures, writes `docs/measures/search.md` and drops the database.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import math
import os
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import conninfo

from core.context import Identity
from core.database import Database
from core.settings import PROJECT_ROOT, get_settings
from crm.installation import open_installation
from crm.migrations.runner import migrate
from evals.benchmarks.corpus import make_pool, make_questions
from evals.benchmarks.loading import LoadedChunk, load_corpus
from evals.benchmarks.rival import count_per_second, load_store, open_store, time_queries
from evals.tenants import drop_database
from knowledge.embeddings import get_embedder
from knowledge.search import SearchDepths, search

DATABASE = "voltaire_benchmark"
REPORT = PROJECT_ROOT / "docs" / "measures" / "search.md"
POOL_SIZE = 6_000
LIMIT = 10
TASKS = 8
EVERYTHING = SearchDepths(weighed=10_000_000)
TODAY = dt.date(2026, 1, 1)


@dataclass(frozen=True)
class Measure:
    """One system: how much it held, its times in milliseconds, its throughput, its exactness."""

    system: str
    chunks: int
    p50_ms: float
    p95_ms: float
    per_second: float
    first_p50_ms: float | None
    recall_at_10: float | None


Asked = list[tuple[Identity, str]]


async def measure_product(
    database: Database, identities: Sequence[Identity], questions: Sequence[str], chunks: int
) -> Measure:
    """Times of `search`, embedding and reranking included, and recall@10 against every chunk.

    Each question is asked once before it is timed; the first time is kept apart.
    """
    asked = [
        (identities[place % len(identities)], question) for place, question in enumerate(questions)
    ]
    first = await _time(database, asked)
    p50_ms, p95_ms = _percentiles(await _time(database, asked))
    rate = await _count_per_second(database, asked)
    recall = await _measure_recall(database, asked)
    return Measure("Voltaire", chunks, p50_ms, p95_ms, rate, statistics.median(first), recall)


async def _time(database: Database, asked: Asked) -> list[float]:
    return [
        (await search(database, identity, question, today=TODAY, limit=LIMIT)).duration_ms
        for identity, question in asked
    ]


async def _measure_recall(database: Database, asked: Asked) -> float:
    shares: list[float] = []
    for identity, question in asked:
        quick = await search(database, identity, question, today=TODAY, limit=LIMIT)
        whole = await search(
            database, identity, question, today=TODAY, limit=LIMIT, depths=EVERYTHING
        )
        wanted = {passage.chunk_id for passage in whole.passages}
        found = {passage.chunk_id for passage in quick.passages}
        shares.append(len(found & wanted) / len(wanted) if wanted else 1.0)
    return statistics.fmean(shares)


async def _count_per_second(database: Database, asked: Asked) -> float:
    queue = list(asked)

    async def work() -> None:
        while queue:
            identity, question = queue.pop()
            await search(database, identity, question, today=TODAY, limit=LIMIT)

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(TASKS)))
    return len(asked) / (time.perf_counter() - started)


async def measure_rival(
    admin_conninfo: str, kept: Sequence[LoadedChunk], questions: Sequence[str]
) -> Measure:
    """Times of PGVectorStore's hybrid query on `kept`, embedding included, one tenant a query."""
    store = open_store(admin_conninfo)
    load_store(store, kept)
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE data_rival")
    tenants = sorted({str(loaded.tenant) for loaded in kept})
    started = time.perf_counter()
    vectors = get_embedder().encode(questions)
    embedding_ms = (time.perf_counter() - started) * 1000 / len(questions)
    asked = [
        (tenants[place % len(tenants)], question, vectors[place].tolist())
        for place, question in enumerate(questions)
    ]
    await time_queries(store, asked[:20], LIMIT)
    times = [spent + embedding_ms for spent in await time_queries(store, asked, LIMIT)]
    rate = await count_per_second(store, asked, LIMIT, TASKS)
    await store.close()
    p50_ms, p95_ms = _percentiles(times)
    return Measure("LlamaIndex PGVectorStore, hybride", len(kept), p50_ms, p95_ms, rate, None, None)


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[math.ceil(0.95 * len(ordered)) - 1]


def format_report(measures: Sequence[Measure], tenants: int, questions: int) -> str:
    """The Markdown page of the measures."""
    load = os.getloadavg()[0]
    lines = [
        "# Recherche : vitesse et exactitude à l’échelle",
        "",
        f"Commande : `python -m evals.benchmarks.search`. {os.cpu_count()} cœurs, charge moyenne "
        f"de la machine {load:.1f} en fin de mesure, {tenants} cabinets, {questions} questions "
        "posées chacune dans un cabinet. Temps de bout en bout, plongement de la question et "
        "reclassement compris, une question à la fois, chacune déjà posée une fois (« première "
        f"fois » : avant cela) ; débit avec {TASKS} questions à la fois.",
        "",
        "Rappel@10 : part des dix passages que donne la même recette quand les mots et les "
        "vecteurs de phrases de tous les passages du cabinet sont comparés, sans présélection ; "
        f"le reclassement y porte aussi sur les {SearchDepths().reranked} meilleurs.",
        "",
        "Corpus synthétique ; les vecteurs des phrases viennent du vrai modèle, bruités, et celui "
        "d’un passage est la moyenne de ses phrases. Les deux systèmes ont les mêmes textes et "
        "les mêmes vecteurs de passage ; le nombre de passages que chacun porte est indiqué.",
        "",
        "| système | passages | p50 (ms) | p95 (ms) | p50 première fois (ms) "
        "| questions/s | rappel@10 contre exact |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in measures:
        first = "–" if one.first_p50_ms is None else f"{one.first_p50_ms:.1f}"
        recall = "–" if one.recall_at_10 is None else f"{one.recall_at_10:.4f}"
        lines.append(
            f"| {one.system} | {one.chunks} | {one.p50_ms:.1f} | {one.p95_ms:.1f} | {first} "
            f"| {one.per_second:.0f} | {recall} |"
        )
    return "\n".join(lines) + "\n"


async def run(chunks: int, tenants: int, rival_chunks: int, questions: int) -> list[Measure]:
    """Load and measure both systems."""
    with open_installation(get_settings()) as installation:
        admin = conninfo.make_conninfo(installation.admin_conninfo, dbname=DATABASE)
        drop_database(installation.admin_conninfo, DATABASE)
        migrate(installation.admin_conninfo, DATABASE, installation.secrets)
        database = Database(admin, installation.secrets)
        try:
            pool = make_pool(POOL_SIZE, get_embedder())
            asked = make_questions(pool, questions)
            identities, kept = load_corpus(admin, pool, chunks, tenants, rival_chunks)
            measures = [await measure_product(database, identities, asked, chunks)]
            if kept:
                measures.append(await measure_rival(admin, kept, asked))
        finally:
            await database.close()
            await installation.database.close()
            drop_database(installation.admin_conninfo, DATABASE)
    return measures


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--tenants", type=int, default=10)
    parser.add_argument("--rival-chunks", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--output", type=Path, default=REPORT)
    options = parser.parse_args()
    measures = asyncio.run(
        run(options.chunks, options.tenants, options.rival_chunks, options.questions)
    )
    options.output.parent.mkdir(parents=True, exist_ok=True)
    report = format_report(measures, options.tenants, options.questions)
    options.output.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
