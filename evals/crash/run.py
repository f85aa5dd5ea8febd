"""Kill at seeded random points, let everything come back, and count what was lost or doubled."""

from __future__ import annotations

import asyncio
import random
import signal
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from argon2 import PasswordHasher

from core.context import Context, system_clock
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.offline import OfflineEngine
from core.settings import get_settings
from crm.installation import Installation, open_installation
from evals.attack.checker import Findings, check, open_check
from evals.attack.firms import Firm, create_firms
from evals.attack.witness import install_witness
from evals.crash.clients import CREDENTIAL, DIRECTOR, Client
from evals.crash.processes import Product

# The worker goes on receiving and sorting mail meanwhile: what it receives and what it keeps of
# its own work is no one's change. The attack, where no worker runs, watches these tables too.
WORKER_STATE = frozenset(
    "email_threads emails attachments mail_sources mail_messages mail_triage mail_drafts "
    "mail_poison mail_reviews".split()
)
VICTIMS = ("web", "worker", "executor", "database")
SHARES = (1, 1, 4, 1)
CLIENTS = 4
SETTLE_S = 180
PAUSE_S = (0.1, 2.5)
EXECUTED = "SELECT id FROM proposals WHERE status = 'executed'"
LEFT = (
    "SELECT (SELECT count(*) FROM proposals WHERE status = 'approved')"
    " + (SELECT count(*) FROM audit_unsealed)"
)


@dataclass(frozen=True)
class Result:
    """What was killed, what was acknowledged, and what is left of it."""

    kills: Counter[str]
    answers: Counter[str]
    acknowledged: int
    doubles: int
    lost: int
    findings: Findings
    seconds: float

    @property
    def last_line(self) -> str:
        """The line that the run ends with."""
        chain = "valid" if self.findings.chain_faults == 0 else "broken"
        return (
            f"{self.kills.total()} kills, {self.acknowledged} approvals, {self.lost} lost, "
            f"{self.findings.replayed} double, {self.findings.unauthorised} unauthorised, "
            f"chain {chain}"
        )

    def is_held(self, kills: int) -> bool:
        """Tell whether enough was killed and nothing was lost or doubled."""
        found = self.findings
        faults = self.lost + found.replayed + found.unauthorised + found.crossed
        return self.kills.total() >= kills and self.acknowledged > 0 and (
            faults + found.chain_faults == 0
        )  # fmt: skip


def crash(kills: int, seed: int = 1) -> Result:
    """Kill `kills` times while people approve, then check."""
    with tempfile.TemporaryDirectory(prefix="voltaire-crash-", ignore_cleanup_errors=True) as name:
        Path(name).chmod(0o711)
        settings = get_settings().model_copy(update={"data_dir": Path(name), "database_url": None})
        with open_installation(settings) as installation:
            firm = _prepare(installation)
            product = Product(
                installation, _free_port(), EmbeddedServer(settings.postgres_dir,
                                                           installation.secrets)
            )  # fmt: skip
            product.start()
            try:
                return asyncio.run(_run(installation, product, firm, kills, seed))
            finally:
                product.stop()


def report(result: Result) -> list[str]:
    """The counts, and the last line."""
    found = result.findings
    return [
        f"{result.seconds:.0f} s",
        *(f"  {count:>6}  kill -9 {name}" for name, count in sorted(result.kills.items())),
        *(f"  {count:>6}  answer {name}" for name, count in sorted(result.answers.items())),
        f"  {result.doubles:>6}  double clicks",
        f"{found.changes} rows written by {found.executed} executed proposals, "
        f"chain of {found.events} events",
        *found.details,
        "",
        result.last_line,
    ]


def _prepare(installation: Installation) -> Firm:
    firm = create_firms(installation.admin_conninfo, installation.settings.policies_dir)[0]
    install_witness(installation.admin_conninfo, WORKER_STATE)
    hasher = PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    with psycopg.connect(installation.admin_conninfo) as connection:
        connection.execute(
            "INSERT INTO security.passwords (user_id, password_hash) VALUES (%s, %s)",
            (firm.people[DIRECTOR].user_id, hasher.hash(CREDENTIAL)),
        )
    return firm


async def _run(
    installation: Installation, product: Product, firm: Firm, kills: int, seed: int
) -> Result:
    started = time.monotonic()
    database = Database(installation.admin_conninfo, installation.secrets)
    clients = [_make_client(database, firm, product, f"{seed}-{n}") for n in range(CLIENTS)]
    ended = asyncio.Event()
    work = [asyncio.create_task(client.work(ended)) for client in clients]
    try:
        await _wait_for_first(clients)
        killed = await _kill(product, kills, random.Random(seed))  # noqa: S311 - a seeded run
        ended.set()
        await asyncio.gather(*work)
    finally:
        for task in work:
            task.cancel()
        await database.close()
    await asyncio.to_thread(_wait_until_settled, installation.admin_conninfo)
    return _conclude(installation, clients, killed, time.monotonic() - started)


def _make_client(database: Database, firm: Firm, product: Product, seed: str) -> Client:
    context = Context(firm.people["nadia"], database, OfflineEngine({}), system_clock)
    chance = random.Random(seed)  # noqa: S311 - a seeded run
    return Client(f"http://127.0.0.1:{product.port}", firm, context, chance)


async def _wait_for_first(clients: Sequence[Client]) -> None:
    """The first kill comes once everything works."""
    deadline = time.monotonic() + SETTLE_S
    while not any(client.acknowledged for client in clients):
        if time.monotonic() > deadline:
            raise RuntimeError("the product did not start")
        await asyncio.sleep(0.1)


async def _kill(product: Product, kills: int, chance: random.Random) -> Counter[str]:
    """SIGKILL to one living process after another, at random points."""
    killed: Counter[str] = Counter()
    while killed.total() < kills:
        await asyncio.sleep(chance.uniform(*PAUSE_S))
        name = chance.choices(VICTIMS, SHARES)[0]
        victim = await asyncio.to_thread(product.find, name)
        if victim is not None:
            with suppress(psutil.NoSuchProcess):
                victim.send_signal(signal.SIGKILL)
                killed[name] += 1
    return killed


def _wait_until_settled(conninfo: str) -> None:
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:
        with suppress(psycopg.OperationalError), psycopg.connect(conninfo) as connection:
            row = connection.execute(LEFT).fetchone()
            if row is not None and row[0] == 0:
                return
        time.sleep(0.3)


def _conclude(
    installation: Installation, clients: Sequence[Client], kills: Counter[str], seconds: float
) -> Result:
    clicks = [click for client in clients for click in client.clicks]
    acknowledged = {known for client in clients for known in client.acknowledged}
    with psycopg.connect(installation.admin_conninfo) as connection:
        executed = {str(row[0]) for row in connection.execute(EXECUTED).fetchall()}
    with open_check(installation.admin_conninfo) as connection:
        findings = check(connection, clicks)
    answers: Counter[str] = Counter()
    for client in clients:
        answers.update(client.answers)
    return Result(
        kills, answers, len(acknowledged), sum(c.doubles for c in clients),
        len(acknowledged - executed), findings, seconds,
    )  # fmt: skip


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
