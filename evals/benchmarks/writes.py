"""Proposal → approval → commit, many at once: how many a second, and how long each takes.

`python -m evals.benchmarks.writes [changes] [writers] [rate]`, on a server of its own. Writers
share two processes and the executor has its own, as in production; quantities are counted. Each
run opens its connections and makes `WARM_UP` changes by each writer before it counts, and the
tables' statistics are gathered once, which the server does by itself within a minute.
First each writer begins a change as soon as the one before is approved: that gives the most that
passes in a second. Then changes begin at `rate` a second, whatever became of those before: that
gives how long one takes, from the start of its proposal to its transaction's commit.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import psycopg
import uvloop

from core.context import Context, Identity, system_clock
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.offline import OfflineEngine
from core.secrets import Secrets
from crm.changes import ChangeDraft
from crm.migrations.runner import migrate
from crm.proposals.approving import Line, approve
from crm.proposals.audit import verify_chain
from crm.proposals.canonical import Origin, digest_batch
from crm.proposals.execution import Executor
from crm.proposals.policy import Policy, default_policy
from crm.proposals.submission import propose_one

NAME = "bench"
PROCESSES = 2
WARM_UP = 40
SECRETS = Secrets(b"benchmark-only-not-a-secret-at-all!!")
# Out of reach, yet low enough that the hour's quantities are counted as in production.
LIMITS = {"proposals_per_hour": 99_999, "approvals_per_hour": 99_999}
INSERT_TENANT = "INSERT INTO tenants (id, slug, name) VALUES (%s, 'bench', 'Cabinet')"
INSERT_USER = """
INSERT INTO users (id, tenant_id, email, full_name, roles)
VALUES (%s, %s, %s, 'A', ARRAY['director'])
"""
INSERT_ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status) VALUES (%s, %s, 'C', 'health', 'client')
"""
MAX_RATE = 1e9
DONE = "SELECT count(*) FROM proposals WHERE status = 'executed'"
ONCE = """
SELECT (SELECT count(*) FROM notes WHERE body = 'Essai') AS notes,
    (SELECT count(DISTINCT record_id) FROM proposals) AS records,
    (SELECT count(*) FROM consumed_nonces) AS nonces
"""
LATENCIES = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY wait),
    percentile_cont(0.95) WITHIN GROUP (ORDER BY wait)
FROM (SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000
        - split_part(key, ':', 1)::float8 AS wait
    FROM proposals WHERE status = 'executed' ORDER BY ordinal DESC LIMIT %s) AS waits
"""
INSERT_NOTE = """
INSERT INTO notes (id, tenant_id, account_id, author_id, body, written_on)
VALUES (%s, %s, %s, %s, 'Sans garde', current_date)
"""


@dataclass(frozen=True)
class Bench:
    """The server measured, the firm's writers and the client they write about."""

    conninfo: str
    writers: tuple[Identity, ...]
    account: UUID


@dataclass(frozen=True)
class Share:
    """What one process of writers does: so many changes by each, begun at `rate` a second."""

    bench: Bench
    index: int
    changes: int
    rate: float


def main(changes: int = 2000, writers: int = 8, rate: int = 300) -> None:
    """Run on a server of its own and print the figures."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "postgres", SECRETS)
        with server.running():
            migrate(server.conninfo(), NAME, SECRETS)
            with psycopg.connect(server.conninfo(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        with server.running():
            measure(_seed(server.conninfo(NAME), writers), changes // writers, rate)


def measure(bench: Bench, changes: int, rate: int) -> None:
    """`changes` notes from each writer while an executor commits them; then without any guard."""
    spawn = multiprocessing.get_context("spawn")
    executor = spawn.Process(target=_execute, args=(bench.conninfo,), daemon=True)
    executor.start()
    try:
        with ProcessPoolExecutor(PROCESSES, spawn) as clients:
            _run(clients, bench, 0, MAX_RATE)
            with psycopg.connect(bench.conninfo, autocommit=True) as connection:
                connection.execute("ANALYZE")
            _report("as fast as they go", bench, changes, _run(clients, bench, changes, MAX_RATE))
            _report(f"{rate} a second", bench, changes, _run(clients, bench, changes, rate))
    finally:
        executor.terminate()
        executor.join()
    _check(bench, (3 * WARM_UP + 2 * changes) * len(bench.writers))


def _run(clients: ProcessPoolExecutor, bench: Bench, changes: int, rate: float) -> float:
    """Changes per second, from the first proposal that counts to the last commit."""
    before = _count_done(bench)
    shares = [Share(bench, index, changes, rate / PROCESSES) for index in range(PROCESSES)]
    started = min(clients.map(_write_some, shares))
    while _count_done(bench) < before + (WARM_UP + changes) * len(bench.writers):
        time.sleep(0.01)
    return changes * len(bench.writers) / (time.time() - started)


def _report(name: str, bench: Bench, changes: int, rate: float) -> None:
    last = changes * len(bench.writers)
    with psycopg.connect(bench.conninfo) as connection:
        median, p95 = connection.execute(LATENCIES.encode(), (last,)).fetchone() or (0, 0)
    sys.stdout.write(
        f"{name}: {rate:.0f} changes a second; proposal to commit median {median:.0f} ms, "
        f"p95 {p95:.0f} ms; load {os.getloadavg()[0]:.1f}\n"
    )


def _check(bench: Bench, expected: int) -> None:
    with psycopg.connect(bench.conninfo) as connection:
        notes, records, nonces = connection.execute(ONCE.encode()).fetchone() or (0, 0, 0)
    chain = asyncio.run(_verify(bench))
    sys.stdout.write(
        f"exactly once: {expected} approved, {notes} notes, {records} records, {nonces} nonces; "
        f"{chain}\n"
        f"without guards: {expected / _write_unguarded(bench, expected):.0f} a second on one "
        "connection\n"
    )


async def _verify(bench: Bench) -> str:
    database = Database(bench.conninfo, SECRETS)
    context = Context(bench.writers[0], database, OfflineEngine({}), system_clock)
    chain = await verify_chain(context)
    await database.close()
    return f"chain of {chain.events}: {chain.fault or 'whole'}"


def _execute(conninfo: str) -> None:
    database = Database(conninfo, SECRETS, may_execute=True)
    asyncio.run(Executor(database, _policy()).run())


def _write_some(share: Share) -> float:
    return uvloop.run(_write_together(share))


async def _write_together(share: Share) -> float:
    """The share's changes over one pool, warm before the first of them; when that one began."""
    database, engine = Database(share.bench.conninfo, SECRETS), OfflineEngine({})
    writers = share.bench.writers[share.index :: PROCESSES]
    contexts = [Context(writer, database, engine, system_clock) for writer in writers]
    await asyncio.gather(*(_warm(context, share.bench.account) for context in contexts))
    began, started = time.time(), time.perf_counter()
    tasks: list[asyncio.Task[None]] = []
    if share.rate >= MAX_RATE / PROCESSES:
        tasks = [
            asyncio.create_task(_write(c, share.bench.account, share.changes)) for c in contexts
        ]
    else:
        for number in range(share.changes * len(contexts)):
            await asyncio.sleep(max(0.0, started + number / share.rate - time.perf_counter()))
            context = contexts[number % len(contexts)]
            tasks.append(asyncio.create_task(_write(context, share.bench.account, 1)))
    await asyncio.gather(*tasks)
    await database.close()
    return began


async def _warm(context: Context, account: UUID) -> None:
    """Hold a connection of each role long enough for every writer to get its own; use them."""
    for role in ("assistant_read", "change_approver"):
        async with context.database.transaction(context.identity, role):
            await asyncio.sleep(0.05)
    await _write(context, account, WARM_UP)


async def _write(context: Context, account: UUID, count: int) -> None:
    policy = _policy()
    for _ in range(count):
        draft = ChangeDraft(
            "create", "notes", {"account_id": str(account), "body": "Essai"}, "Mesure",
            f"{time.time() * 1000:.3f}:{uuid4()}", is_tainted=False,
        )  # fmt: skip
        made = await propose_one(context, draft, Origin("bench"), policy=policy)
        if made.proposal_id and made.digest:
            shown = digest_batch([(made.proposal_id, made.digest)])
            await approve(context, [Line(made.proposal_id, made.digest)], shown, policy=policy)


def _write_unguarded(bench: Bench, count: int) -> float:
    """Seconds that as many direct inserts take, each in its own transaction."""
    writer, started = bench.writers[0], time.perf_counter()
    with psycopg.connect(bench.conninfo, autocommit=True) as connection:
        for _ in range(count):
            connection.execute(
                INSERT_NOTE.encode(), (uuid4(), writer.tenant_id, bench.account, writer.user_id)
            )
    return time.perf_counter() - started


def _count_done(bench: Bench) -> int:
    with psycopg.connect(bench.conninfo, autocommit=True) as connection:
        return (connection.execute(DONE.encode()).fetchone() or (0,))[0]


def _policy() -> Policy:
    return default_policy().model_copy(update=LIMITS)


def _seed(conninfo: str, writers: int) -> Bench:
    tenant, account = uuid4(), uuid4()
    people = tuple(Identity(tenant, uuid4(), frozenset({"director"})) for _ in range(writers))
    with psycopg.connect(conninfo) as connection:
        connection.execute(INSERT_TENANT.encode(), (tenant,))
        for person in people:
            email = f"{person.user_id}@bench.fr"
            connection.execute(INSERT_USER.encode(), (person.user_id, tenant, email))
        connection.execute(INSERT_ACCOUNT.encode(), (account, tenant))
    return Bench(conninfo, people, account)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
