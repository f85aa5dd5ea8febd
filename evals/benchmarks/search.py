"""Speed, throughput and exactness of search at scale, beside other vector stores.

`python -m evals.benchmarks.search` loads synthetic corpora in databases of their own, measures
each, writes `docs/measures/search.md` and drops them. `--large` adds a million passages, which
takes some twenty minutes and 15 GB of disk.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import uvloop
from psycopg import conninfo

from core.context import Identity
from core.database import Database
from core.settings import PROJECT_ROOT, get_settings
from crm.installation import Installation, open_installation
from crm.migrations.runner import migrate
from evals.benchmarks.corpus import Pool, make_pool, make_questions
from evals.benchmarks.loading import LoadedChunk, load_corpus
from evals.benchmarks.rivals.data import (
    Loaded,
    Question,
    RivalMeasure,
    find_percentiles,
    save,
)
from evals.benchmarks.rivals.llamaindex import measure_llamaindex
from evals.benchmarks.search_report import Measure, format_report
from evals.tenants import drop_database
from knowledge.passage_embedder import get_passage_embedder
from knowledge.resident import count_held
from knowledge.search import SearchDepths, search

DATABASE = "voltaire_benchmark"
REPORT = PROJECT_ROOT / "docs" / "measures" / "search.md"
APART = Path(__file__).parent / "rivals" / "apart.py"
APART_PYTHON = PROJECT_ROOT / ".voltaire" / "bench" / "bin" / "python"
RIVALS_APART = ("lancedb", "chroma", "qdrant")
POOL_SIZE = 6_000
LIMIT = 10
TASKS = 8
EVERYTHING = SearchDepths(weighed=10_000_000)
RECALL_QUESTIONS = RIVAL_QUESTIONS = 200
TODAY = dt.date(2026, 1, 1)
WARMING_SEED, ASKED_SEED = 21, 22


@dataclass(frozen=True)
class Size:
    """How much a database holds, how many questions warm it, and what rivals are given of it."""

    chunks: int
    tenants: int
    warming: int
    rival_chunks: int = 0


SIZES = (Size(100_000, 10, 500, 100_000), Size(100_000, 1, 500))
LARGE = Size(1_000_000, 100, 3_000)
Asked = list[tuple[Identity, str]]


async def measure_product(
    database: Database, identities: Sequence[Identity], pool: Pool, size: Size, questions: int
) -> Measure:
    """Times of `search` on questions never asked before, once others have warmed it; its recall.

    Embedding and reranking are part of it. The first times are those of the warming questions.
    """
    held = count_held()
    first = await _time(
        database, _ask(identities, make_questions(pool, size.warming, WARMING_SEED))
    )
    fresh = make_questions(pool, 2 * questions, ASKED_SEED)
    p50_ms, p95_ms = find_percentiles(await _time(database, _ask(identities, fresh[:questions])))
    asked = _ask(identities, fresh[questions:])
    rate = await _count_per_second(database, asked)
    recall = await _measure_recall(database, asked[:RECALL_QUESTIONS])
    first_ms = statistics.median(first)
    held_mb = (count_held() - held) / 2**20
    return Measure(size.chunks, size.tenants, p50_ms, p95_ms, rate, first_ms, recall, held_mb)


def _ask(identities: Sequence[Identity], questions: Sequence[str]) -> Asked:
    return [
        (identities[place % len(identities)], question) for place, question in enumerate(questions)
    ]


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


async def measure_rivals(
    admin_conninfo: str, kept: Sequence[LoadedChunk], pool: Pool
) -> list[RivalMeasure]:
    """Every rival on the passages `kept`; those whose environment is absent are told and left."""
    tenants = sorted({str(one.tenant) for one in kept})

    def ask(count: int, seed: int) -> tuple[Question, ...]:
        texts = make_questions(pool, count, seed)
        vectors = [get_passage_embedder().encode_question(text) for text in texts]
        return tuple(
            Question(tenants[place % len(tenants)], text, vector)
            for place, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        )

    loaded = Loaded(
        tuple(one.chunk_id for one in kept),
        tuple(str(one.tenant) for one in kept),
        tuple(one.text for one in kept),
        np.array([one.vector for one in kept], np.float32),
        ask(RIVAL_QUESTIONS // 2, WARMING_SEED),
        ask(RIVAL_QUESTIONS, ASKED_SEED),
    )
    measures = [_measure_apart(loaded, name) for name in RIVALS_APART]
    return [
        await measure_llamaindex(admin_conninfo, loaded),
        *(one for one in measures if one is not None),
    ]


def _measure_apart(loaded: Loaded, name: str) -> RivalMeasure | None:
    if not APART_PYTHON.exists():
        sys.stderr.write(f"{name} n’est pas mesuré : lancez d’abord scripts/bench-env.\n")
        return None
    with tempfile.TemporaryDirectory() as place:
        save(Path(place), loaded)
        done = subprocess.run(  # noqa: S603 - our own script, in an environment we made
            [APART_PYTHON, APART, name, place], capture_output=True, text=True, check=False
        )
    if done.returncode:
        sys.stderr.write(f"{name} n’est pas mesuré :\n{done.stderr[-2000:]}\n")
        return None
    return RivalMeasure(**json.loads(done.stdout.splitlines()[-1]))


async def run(sizes: Sequence[Size], questions: int) -> tuple[list[Measure], list[RivalMeasure]]:
    """Load and measure each size, and the rivals where it keeps passages for them."""
    measures: list[Measure] = []
    rivals: list[RivalMeasure] = []
    with open_installation(get_settings()) as installation:
        pool = make_pool(POOL_SIZE, get_passage_embedder())
        for size in sizes:
            measured, others = await _run_size(installation, pool, size, questions)
            sys.stderr.write(f"{measured}\n")
            measures.append(measured)
            rivals += others
        await installation.database.close()
    return measures, rivals


async def _run_size(
    installation: Installation, pool: Pool, size: Size, questions: int
) -> tuple[Measure, list[RivalMeasure]]:
    admin = conninfo.make_conninfo(installation.admin_conninfo, dbname=DATABASE)
    drop_database(installation.admin_conninfo, DATABASE)
    migrate(installation.admin_conninfo, DATABASE, installation.secrets)
    database = Database(admin, installation.secrets)
    try:
        identities, kept = load_corpus(admin, pool, size.chunks, size.tenants, size.rival_chunks)
        measured = await measure_product(database, identities, pool, size, questions)
        rivals = await measure_rivals(admin, kept, pool) if kept else []
    finally:
        await database.close()
        drop_database(installation.admin_conninfo, DATABASE)
    return measured, rivals


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--large", action="store_true", help="un million de passages en plus")
    parser.add_argument("--chunks", type=int, help="une seule taille, pour essayer")
    parser.add_argument("--tenants", type=int, default=10)
    parser.add_argument("--questions", type=int, default=400)
    parser.add_argument("--output", type=Path, default=REPORT)
    options = parser.parse_args()
    sizes = (*SIZES, LARGE) if options.large else SIZES
    if options.chunks:
        sizes = (Size(options.chunks, options.tenants, options.questions, options.chunks),)
    report = format_report(*uvloop.run(run(sizes, options.questions)), options.questions)
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(report, encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
