"""Proposal → approval → commit, many at once: how many a second, and how long each takes.

`python -m evals.benchmarks.writes [changes] [writers]`, on a server of its own. Writers share two
processes and the executor has its own, as in production; the hour's quantities are counted. A time
runs from the start of a proposal, in its writer's process, to its transaction's commit.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

import psycopg

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
    FROM proposals WHERE status = 'executed' ORDER BY ordinal OFFSET %s) AS waits
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


def main(changes: int = 2000, writers: int = 8) -> None:
    """Run on a server of its own and print the figures."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "postgres", SECRETS)
        with server.running():
            migrate(server.conninfo(), NAME, SECRETS)
            with psycopg.connect(server.conninfo(), autocommit=True) as connection:
                connection.execute("ALTER SYSTEM SET track_commit_timestamp = on")
        with server.running():
            measure(_seed(server.conninfo(NAME), writers), changes // writers)


def measure(bench: Bench, share: int) -> None:
    """`share` notes from each writer while an executor commits them; then without any guard."""
    spawn = multiprocessing.get_context("spawn")
    executor = spawn.Process(target=_execute, args=(bench.conninfo,), daemon=True)
    executor.start()
    try:
        with ProcessPoolExecutor(PROCESSES, spawn) as clients:
            list(clients.map(_write_some, [(bench, i, 1) for i in range(PROCESSES)]))
            warm = len(bench.writers)
            _wait_for(bench, warm)
            started = time.perf_counter()
            list(clients.map(_write_some, [(bench, i, share) for i in range(PROCESSES)]))
            _wait_for(bench, warm + share * len(bench.writers))
            elapsed = time.perf_counter() - started
    finally:
        executor.terminate()
        executor.join()
    _report(bench, share * len(bench.writers), elapsed)


def _report(bench: Bench, count: int, elapsed: float) -> None:
    warm = len(bench.writers)
    with psycopg.connect(bench.conninfo) as connection:
        median, p95 = connection.execute(LATENCIES.encode(), (warm,)).fetchone() or (0, 0)
        notes, records, nonces = connection.execute(ONCE.encode()).fetchone() or (0, 0, 0)
    chain = asyncio.run(_verify(bench))
    expected = count + warm
    sys.stdout.write(
        f"{count} changes in {elapsed:.1f} s: {count / elapsed:.0f} a second; "
        f"proposal to commit median {median:.0f} ms, p95 {p95:.0f} ms; "
        f"load {os.getloadavg()[0]:.1f}\n"
        f"exactly once: {expected} approved, {notes} notes, {records} records, {nonces} nonces; "
        f"{chain}\n"
        f"without guards: {count / _write_unguarded(bench, count):.0f} a second on one connection\n"
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


def _write_some(task: tuple[Bench, int, int]) -> None:
    bench, index, share = task
    asyncio.run(_write_together(bench, bench.writers[index::PROCESSES], share))


async def _write_together(bench: Bench, writers: Sequence[Identity], share: int) -> None:
    database = Database(bench.conninfo, SECRETS)
    engine = OfflineEngine({})
    contexts = [Context(writer, database, engine, system_clock) for writer in writers]
    await asyncio.gather(*(_write(context, bench.account, share) for context in contexts))
    await database.close()


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


def _wait_for(bench: Bench, count: int) -> None:
    with psycopg.connect(bench.conninfo, autocommit=True) as connection:
        while (connection.execute(DONE.encode()).fetchone() or (0,))[0] < count:
            time.sleep(0.01)


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
