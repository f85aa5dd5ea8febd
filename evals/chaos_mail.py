"""Chaos: the same mails delivered calmly and under blows must end in the same state.

`python -m evals.chaos_mail [mails] [seed]`. Blows: each mail up to three times, out of order, a
tenth dropped from every round but the last, the worker killed (SIGKILL) at random moments, and
the database killed too. The state compared: threads as sets of message ids, what triage found,
one draft per thread.
"""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

import psutil
import psycopg

from agents.triage.pipeline import triage_source, triage_waiting
from core.context import Context, Identity, system_clock
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.offline import OfflineEngine
from core.errors import VoltaireError
from core.secrets import Secrets
from crm.migrations.runner import migrate
from evals.mail_generator import generate
from ingest.mail.isolation import MailReader
from ingest.sources.files import FolderSource

SECRETS = Secrets(b"chaos-secret-of-at-least-thirty-two-bytes")
ROUNDS, DROPPED = 4, 0.1
STATE = """
SELECT string_agg(DISTINCT e.internet_message_id, ',' ORDER BY e.internet_message_id) AS ids,
    min(r.category), min(r.urgency), min(r.non_conformity), min(r.severity),
    bool_and(r.is_done), min(d.in_reply_to), min(d.body)
FROM emails e
LEFT JOIN mail_triage r ON r.tenant_id = e.tenant_id AND r.thread_id = e.thread_id
LEFT JOIN mail_drafts d ON d.tenant_id = e.tenant_id AND d.thread_id = e.thread_id
WHERE e.tenant_id = %s GROUP BY e.thread_id ORDER BY 1
"""
COUNTS = """
SELECT (SELECT count(*) FROM emails WHERE tenant_id = %(t)s) AS mails,
    (SELECT count(*) FROM email_threads WHERE tenant_id = %(t)s) AS threads,
    (SELECT count(*) FROM mail_drafts WHERE tenant_id = %(t)s) AS drafts,
    (SELECT count(*) FROM mail_poison WHERE tenant_id = %(t)s AND state = 'open') AS aside
"""


def main(count: int, seed: int) -> int:
    """Run both deliveries; 0 when they end alike with one draft per thread at most."""
    folder = Path(tempfile.mkdtemp(prefix="voltaire-chaos-", dir="/var/tmp"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "postgres", SECRETS)
    mails = [mail.raw for mail in generate(count, seed)]
    try:
        with ExitStack() as stack:
            stack.enter_context(server.running())
            migrate(server.conninfo(), "chaos", SECRETS)
            calm, rough = (_make_firm(server, name) for name in ("calme", "chaos"))
            _deliver(server, calm, _lay_out(folder / "calm", mails))
            kills = _strike(server, stack, rough, folder, mails, random.Random(seed))  # noqa: S311
            return _compare(server, calm, rough, kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _strike(
    server: EmbeddedServer, stack: ExitStack, firm: Identity, folder: Path, mails: list[bytes],
    chance: random.Random,
) -> int:  # fmt: skip
    kills = 0
    for round_number in range(ROUNDS):
        is_last = round_number == ROUNDS - 1
        kept = [m for m in mails if is_last or chance.random() > DROPPED]
        twice = kept + [m for m in kept if chance.random() < 0.4]
        chance.shuffle(twice)
        place = _lay_out(folder / f"round{round_number}", twice)
        worker = multiprocessing.get_context("spawn").Process(
            target=_deliver, args=(server, firm, place)
        )
        worker.start()
        if is_last:
            worker.join()
            if worker.exitcode != 0:
                _deliver(server, firm, place)
            continue
        time.sleep(4 + chance.random() * 6)
        kills += _kill_tree(worker.pid or 0)
        worker.join()
        if round_number == 1:
            kills += _kill_database(server)
            stack.enter_context(server.running())
    return kills


def _kill_tree(pid: int) -> int:
    """SIGKILL to a worker of ours and its children; 0 when it had ended by itself."""
    try:
        parent = psutil.Process(pid)
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    return 1


def _kill_database(server: EmbeddedServer) -> int:
    pid = int((server.folder / "postmaster.pid").read_text().splitlines()[0])
    killed = _kill_tree(pid)
    time.sleep(1)
    return killed


def _lay_out(folder: Path, mails: list[bytes]) -> Path:
    folder.mkdir()
    for rank, raw in enumerate(mails):
        (folder / f"{rank:06}.eml").write_bytes(raw)
    return folder


def _make_firm(server: EmbeddedServer, slug: str) -> Identity:
    tenant, user = uuid4(), uuid4()
    email = f"{slug}@cabinet.example" if slug == "calme" else f"{slug}.b@cabinet.example"
    with psycopg.connect(server.conninfo("chaos"), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO tenants (id, slug, name) VALUES (%s, %s, %s)", (tenant, slug, slug)
        )
        connection.execute(
            "INSERT INTO users (id, tenant_id, email, full_name, roles)"
            " VALUES (%s, %s, %s, 'Équipe', '{director}')",
            (user, tenant, email),
        )
    return Identity(tenant, user, frozenset({"director"}), slug, "Équipe", email)


def _deliver(server: EmbeddedServer, firm: Identity, folder: Path) -> None:
    asyncio.run(_work(server, firm, folder))


async def _work(server: EmbeddedServer, firm: Identity, folder: Path) -> None:
    database, reader = Database(server.conninfo("chaos"), SECRETS), MailReader()
    context = Context(firm, database, OfflineEngine({}), system_clock)
    try:
        source = _Named(folder)
        await triage_source(context, reader, source)
        await triage_waiting(context, reader, limit=100_000)
    except VoltaireError as error:
        raise SystemExit(error.message) from None
    finally:
        reader.close()
        await database.close()


class _Named(FolderSource):
    """The folder of each round is the same mailbox."""

    @property
    def mailbox(self) -> str:
        return "equipe@cabinet.example"


def _compare(server: EmbeddedServer, calm: Identity, rough: Identity, kills: int) -> int:
    states: list[str] = []
    counts: list[tuple[int, ...]] = []
    with psycopg.connect(server.conninfo("chaos")) as connection:
        for firm in (calm, rough):
            rows = connection.execute(STATE, (firm.tenant_id,)).fetchall()
            states.append(hashlib.sha256(repr(rows).encode()).hexdigest())
            row = connection.execute(COUNTS, {"t": firm.tenant_id}).fetchone()
            counts.append(tuple(int(value) for value in row or ()))
    same = states[0] == states[1] and counts[0] == counts[1]
    drafts_ok = counts[1][2] <= counts[1][1]
    sys.stdout.write(
        f"mails, threads, drafts, set aside: calm {counts[0]}, chaos {counts[1]}; "
        f"kills {kills}; same state: {same}; at most one draft per thread: {drafts_ok}\n"
    )
    return 0 if same and drafts_ok and kills else 1


if __name__ == "__main__":
    sys.exit(main(*(int(value) for value in (sys.argv[1:] + ["200", "7"][len(sys.argv) - 1 :]))))
