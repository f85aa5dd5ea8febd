"""Proposal → approval → commit, many at once: how many a second, and how long each takes.

`python -m evals.benchmarks.writes [changes] [writers]`, on a server of its own.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import replace
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
FREE = {"proposals_per_hour": 10**9, "approvals_per_hour": 10**9}
INSERT_TENANT = "INSERT INTO tenants (id, slug, name) VALUES (%s, 'bench', 'Cabinet')"
INSERT_USER = """
INSERT INTO users (id, tenant_id, email, full_name, roles)
VALUES (%s, %s, 'a@b.fr', 'A', ARRAY['director'])
"""
INSERT_ACCOUNT = """
INSERT INTO accounts (id, tenant_id, name, segment, status) VALUES (%s, %s, 'C', 'health', 'client')
"""
DONE = "SELECT count(*) AS done FROM proposals WHERE status = 'executed' AND tenant_id = %s"
LATENCIES = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY wait) AS median,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY wait) AS p95
FROM (SELECT extract(epoch FROM settled_at - created_at) * 1000 AS wait FROM proposals
    WHERE status = 'executed') AS waits
"""


def main(changes: int = 2000, writers: int = 8) -> None:
    """Run on a server of its own and print the figures."""
    secrets = Secrets(b"benchmark-only-not-a-secret-at-all!!")
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "postgres", secrets)
        with server.running():
            migrate(server.conninfo(), NAME, secrets)
            conninfo = server.conninfo(NAME)
            asyncio.run(measure(Database(conninfo, secrets), changes, writers))


async def measure(database: Database, changes: int, writers: int) -> None:
    """Create notes from `writers` users at a time while an executor commits them."""
    identity, account = _seed(database.base_conninfo)
    context = Context(identity, database, OfflineEngine({}), system_clock)
    policy = default_policy().model_copy(update=FREE)
    own = replace(database, may_execute=True, _pools={})
    executor = Executor(own, policy)
    started = time.perf_counter()
    work = asyncio.create_task(executor.run())
    share = changes // writers
    await asyncio.gather(*(_write(context, account, policy, share) for _ in range(writers)))
    while await _count(context) < share * writers:  # noqa: ASYNC110 - another process's rows
        await asyncio.sleep(0.01)
    elapsed = time.perf_counter() - started
    work.cancel()
    with psycopg.connect(database.base_conninfo) as connection:
        row = connection.execute(LATENCIES.encode()).fetchone() or (0, 0)
    chain = await verify_chain(context)
    sys.stdout.write(
        f"{share * writers} changes in {elapsed:.1f} s: {share * writers / elapsed:.0f} a second; "
        f"proposal to commit median {row[0]:.0f} ms, p95 {row[1]:.0f} ms; "
        f"chain of {chain.events}: {chain.fault or 'whole'}\n"
    )
    await own.close()
    await database.close()


async def _write(context: Context, account: UUID, policy: Policy, count: int) -> None:
    for _ in range(count):
        draft = ChangeDraft(
            "create", "notes", {"account_id": str(account), "body": "Essai"}, "Mesure",
            str(uuid4()), is_tainted=False,
        )  # fmt: skip
        made = await propose_one(context, draft, Origin("bench"), policy=policy)
        if made.proposal_id and made.digest:
            shown = digest_batch([(made.proposal_id, made.digest)])
            await approve(context, [Line(made.proposal_id, made.digest)], shown, policy=policy)


async def _count(context: Context) -> int:
    tenant = context.identity.tenant_id
    async with context.database.transaction(context.identity) as connection:
        row = await (await connection.execute(DONE, (tenant,))).fetchone()
    return row["done"] if row else 0


def _seed(conninfo: str) -> tuple[Identity, UUID]:
    tenant, user, account = uuid4(), uuid4(), uuid4()
    with psycopg.connect(conninfo) as connection:
        connection.execute(INSERT_TENANT.encode(), (tenant,))
        connection.execute(INSERT_USER.encode(), (user, tenant))
        connection.execute(INSERT_ACCOUNT.encode(), (account, tenant))
    return Identity(tenant, user, frozenset({"director"})), account


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
