"""Chaos: the same mails delivered calmly and under blows must end in the same state.

`python -m evals.chaos_mail [mails] [seed]`. The mails stand in a local double of Microsoft Graph.
Blows: deliveries out of order, a tenth late by a round, mails moved away and restored (they come
again), stale delta tokens, 429 and 503 answers, the worker killed (SIGKILL) at random moments,
and the database killed too. The state compared: threads as sets of message ids, what triage
found, links, reviews, proposals, drafts, and one draft per thread in the mailbox at most.
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
from typing import Any
from uuid import UUID, uuid4

import psutil
import psycopg
from kiota_abstractions.authentication import AuthenticationProvider

from agents.triage.pipeline import triage_source, triage_waiting
from agents.triage.placing import place_drafts
from core.context import Context, Identity, system_clock
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.offline import OfflineEngine
from core.errors import VoltaireError
from core.secrets import Secrets
from crm.migrations.runner import migrate
from evals.mail_generator import Generated, generate
from ingest.clients.graph import GraphMailbox
from ingest.mail.isolation import MailReader
from ingest.sources.graph import GraphSource
from tests.doubles.graph.app import TOKEN, Graph
from tests.doubles.graph.server import listening

SECRETS = Secrets(b"chaos-secret-of-at-least-thirty-two-bytes")
ROUNDS, LATE, MOVED, PAGE = 4, 0.1, 0.2, 50
USER = "equipe@cabinet.example"
STATE = """
SELECT string_agg(DISTINCT e.internet_message_id, ',' ORDER BY e.internet_message_id) AS ids,
    min(r.category), min(r.urgency), min(r.non_conformity), min(r.severity),
    bool_and(r.is_done), min(d.in_reply_to), min(d.body), min(d.state), min(a.name),
    count(DISTINCT e.contact_id), min(v.key), min(v.due_on), count(DISTINCT v.key)
FROM emails e
JOIN email_threads t ON t.tenant_id = e.tenant_id AND t.id = e.thread_id
LEFT JOIN accounts a ON a.tenant_id = t.tenant_id AND a.id = t.account_id
LEFT JOIN mail_triage r ON r.tenant_id = e.tenant_id AND r.thread_id = e.thread_id
LEFT JOIN mail_drafts d ON d.tenant_id = e.tenant_id AND d.thread_id = e.thread_id
LEFT JOIN mail_reviews v ON v.tenant_id = e.tenant_id AND v.thread_id = e.thread_id
WHERE e.tenant_id = %s GROUP BY e.thread_id ORDER BY 1
"""
PROPOSALS = """
SELECT p.key, p.object, p.operation, p.status, a.name FROM proposals p
LEFT JOIN accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
WHERE p.tenant_id = %s ORDER BY 1
"""
COUNTS = """
SELECT (SELECT count(*) FROM emails WHERE tenant_id = %(t)s) AS mails,
    (SELECT count(*) FROM email_threads WHERE tenant_id = %(t)s) AS threads,
    (SELECT count(*) FROM mail_drafts WHERE tenant_id = %(t)s) AS drafts,
    (SELECT count(*) FROM mail_reviews WHERE tenant_id = %(t)s) AS reviews,
    (SELECT count(*) FROM proposals WHERE tenant_id = %(t)s) AS proposals,
    (SELECT count(*) FROM mail_poison WHERE tenant_id = %(t)s AND state = 'open') AS aside
"""


class Bearer(AuthenticationProvider):
    """The double's token."""

    async def authenticate_request(self, request: Any, *_: Any, **__: Any) -> None:
        """Sign a request."""
        request.headers.try_add("Authorization", f"Bearer {TOKEN}")


def main(count: int, seed: int) -> int:
    """Run both deliveries; 0 when they end alike with one draft per thread at most."""
    folder = Path(tempfile.mkdtemp(prefix="voltaire-chaos-", dir="/var/tmp"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "postgres", SECRETS)
    mails = list(generate(count, seed))
    quiet, stormy = Graph(page_size=PAGE), Graph(page_size=PAGE)
    try:
        with ExitStack() as stack:
            stack.enter_context(server.running())
            migrate(server.conninfo(), "chaos", SECRETS)
            calm, rough = (_make_firm(server, name, count) for name in ("calme", "chaos"))
            address = stack.enter_context(listening(quiet.app())) + "/v1.0"
            for mail in mails:
                quiet.open(USER).deliver(mail.raw, conversation=mail.conversation)
            _work_here(server, calm, address)
            address = stack.enter_context(listening(stormy.app())) + "/v1.0"
            kills = _strike(server, stack, rough, stormy, address, mails, random.Random(seed))  # noqa: S311
            return _compare(server, (calm, quiet), (rough, stormy), kills)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _strike(
    server: EmbeddedServer, stack: ExitStack, firm: Identity, graph: Graph, address: str,
    mails: list[Generated], chance: random.Random,
) -> int:  # fmt: skip
    kills, left = 0, list(mails)
    for round_number in range(ROUNDS):
        is_last = round_number == ROUNDS - 1
        left = _deliver(graph, left, chance, is_last=is_last)
        graph.throttle = [chance.choice((429, 503)) for _ in range(4)]
        worker = multiprocessing.get_context("spawn").Process(
            target=_work_here, args=(server, firm, address)
        )
        worker.start()
        if is_last:
            worker.join()
            _work_here(server, firm, address)
            continue
        time.sleep(5 + chance.random() * 12)
        if worker.is_alive():
            kills += _kill_tree(worker.pid or 0)
        worker.join()
        if round_number == 1:
            kills += _kill_database(server)
            stack.enter_context(server.running())
    return kills


def _deliver(
    graph: Graph, left: list[Generated], chance: random.Random, *, is_last: bool
) -> list[Generated]:
    """Deliver most of what is left, shuffled; move some mails away and back; age the tokens."""
    box = graph.open(USER)
    chance.shuffle(left)
    late = [] if is_last else left[: int(len(left) * LATE)]
    for mail in left[len(late) :]:
        box.deliver(mail.raw, conversation=mail.conversation)
    for item in list(box.items.values()):
        if item.folder == "inbox" and chance.random() < MOVED:
            box.move(item, "archive")
            box.move(item, "inbox")
    if chance.random() < 0.5 or is_last:
        box.expire_tokens()
    return late


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
    psutil.wait_procs(family, timeout=10)
    return 1


def _kill_database(server: EmbeddedServer) -> int:
    pid = int((server.folder / "postmaster.pid").read_text().splitlines()[0])
    killed = _kill_tree(pid)
    time.sleep(1)
    return killed


def _make_firm(server: EmbeddedServer, slug: str, clients: int) -> Identity:
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
        for rank in range(1, clients + 1, 2):
            _add_client(connection, tenant, rank)
    return Identity(tenant, user, frozenset({"director"}), slug, "Équipe", email)


def _add_client(connection: psycopg.Connection[Any], tenant: UUID, rank: int) -> None:
    account, name = uuid4(), f"Client {rank}"
    connection.execute(
        "INSERT INTO accounts (id, tenant_id, name, segment, status)"
        " VALUES (%s, %s, %s, 'services', 'client')",
        (account, tenant, name),
    )
    connection.execute(
        "INSERT INTO contacts (id, tenant_id, account_id, name, email) VALUES (%s, %s, %s, %s, %s)",
        (uuid4(), tenant, account, name, f"contact@client{rank}.example"),
    )


def _work_here(server: EmbeddedServer, firm: Identity, address: str) -> None:
    asyncio.run(_work(server, firm, address))


async def _work(server: EmbeddedServer, firm: Identity, address: str) -> None:
    database, reader = Database(server.conninfo("chaos"), SECRETS), MailReader()
    context = Context(firm, database, OfflineEngine({}), system_clock)
    mailbox = GraphMailbox(USER, authentication=Bearer(), base_url=address)
    try:
        await triage_source(context, reader, GraphSource(mailbox, database, firm))
        await triage_waiting(context, reader, limit=100_000)
        while await place_drafts(context, mailbox):
            pass
    except VoltaireError as error:
        raise SystemExit(error.message) from None
    finally:
        reader.close()
        await mailbox.close()
        await database.close()


def _list_placed(graph: Graph) -> list[str]:
    """The conversation of each draft the mailbox holds."""
    items = graph.open(USER).items.values()
    return sorted(str(i.fields["conversationId"]) for i in items if i.folder == "drafts")


def _compare(
    server: EmbeddedServer, calm: tuple[Identity, Graph], rough: tuple[Identity, Graph], kills: int
) -> int:
    states: list[str] = []
    counts: list[tuple[int, ...]] = []
    placed = [_list_placed(graph) for _, graph in (calm, rough)]
    with psycopg.connect(server.conninfo("chaos")) as connection:
        for firm, _ in (calm, rough):
            rows = connection.execute(STATE, (firm.tenant_id,)).fetchall()
            proposed = connection.execute(PROPOSALS, (firm.tenant_id,)).fetchall()
            states.append(hashlib.sha256(repr((rows, proposed)).encode()).hexdigest())
            row = connection.execute(COUNTS, {"t": firm.tenant_id}).fetchone()
            counts.append(tuple(int(value) for value in row or ()))
    same = states[0] == states[1] and counts[0] == counts[1] and placed[0] == placed[1]
    is_one_each = len(placed[1]) == len(set(placed[1]))
    sys.stdout.write(
        "mails, threads, drafts, reviews, proposals, set aside: "
        f"calm {counts[0]}, chaos {counts[1]}; placed in the mailbox: {len(placed[0])}, "
        f"{len(placed[1])}; kills {kills}; same state: {same}; at most one draft per thread: "
        f"{is_one_each}\n"
    )
    return 0 if same and is_one_each and kills else 1


if __name__ == "__main__":
    sys.exit(main(*(int(value) for value in (sys.argv[1:] + ["200", "7"][len(sys.argv) - 1 :]))))
