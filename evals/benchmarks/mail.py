"""Mail triage from end to end: mails a second, time per mail, memory.

`python -m evals.benchmarks.mail [mails]` (300 by default; 50 000 shows that memory stays flat).
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg

from agents.triage.graph import triage_thread
from agents.triage.intake import take_in
from agents.triage.pipeline import warm_up
from core.context import Context, Identity, system_clock
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.offline import OfflineEngine
from core.secrets import Secrets
from crm.migrations.runner import migrate
from evals.mail_generator import generate
from ingest.mail.isolation import MailReader

SECRETS = Secrets(b"bench-secret-of-at-least-thirty-two-bytes")


def main(count: int) -> int:
    """Measure on an empty firm of its own; 1 when memory grew with the mails."""
    with tempfile.TemporaryDirectory(prefix="voltaire-mail-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        server = EmbeddedServer(folder / "postgres", SECRETS)
        with server.running():
            migrate(server.conninfo(), "bench", SECRETS)
            return 0 if asyncio.run(_measure(server, count)) else 1


async def _measure(server: EmbeddedServer, count: int) -> bool:
    database, reader = Database(server.conninfo("bench"), SECRETS), MailReader()
    context = Context(_make_firm(server), database, OfflineEngine({}), system_clock)
    times: list[float] = []
    memory: list[int] = []
    try:
        await warm_up(reader)
        started = time.perf_counter()
        for rank, mail in enumerate(generate(count, 1)):
            begun = time.perf_counter()
            taken = await take_in(context, reader, mail.raw, mailbox="banc", name=str(rank))
            if taken.thread_id is not None:
                await triage_thread(context, reader, taken.thread_id)
            times.append(time.perf_counter() - begun)
            if rank % max(1, count // 10) == 0:
                memory.append(_resident())
        elapsed = time.perf_counter() - started
    finally:
        reader.close()
        await database.close()
    times.sort()
    sys.stdout.write(
        f"{count} mails: {count / elapsed:.1f} a second; "
        f"p50 {times[len(times) // 2] * 1e3:.0f} ms, "
        f"p95 {times[int(len(times) * 0.95)] * 1e3:.0f} ms a mail; memory, MB: "
        f"{[size // 1_000_000 for size in memory]}; flat: {is_flat(memory)}\n"
    )
    return is_flat(memory)


def is_flat(memory: list[int]) -> bool:
    """Tell whether the last readings are at most 10 % above those of the first half.

    The first reading is left out: modules, vectors and caches are still being loaded then.
    """
    settled = memory[1:]
    if len(settled) < 4:
        return True
    half, last = settled[: len(settled) // 2], settled[-len(settled) // 3 :]
    return sum(last) / len(last) <= 1.1 * sum(half) / len(half)


def _resident() -> int:
    """Memory of this process and its readers, in bytes."""
    own = psutil.Process()
    return sum(one.memory_info().rss for one in (own, *own.children(recursive=True)))


def _make_firm(server: EmbeddedServer) -> Identity:
    tenant, user = uuid4(), uuid4()
    with psycopg.connect(server.conninfo("bench"), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO tenants (id, slug, name) VALUES (%s, 'banc', 'Banc')", (tenant,)
        )
        connection.execute(
            "INSERT INTO users (id, tenant_id, email, full_name, roles)"
            " VALUES (%s, %s, 'equipe@cabinet.example', 'Équipe', '{director}')",
            (user, tenant),
        )
    return Identity(tenant, user, frozenset({"director"}), "Banc", "Équipe")


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
