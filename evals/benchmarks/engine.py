"""What the engine costs over a bare call of the SDK, both against the same local server.

`python -m evals.benchmarks.engine` starts the double of the Messages API in a process of its own,
alternates bare and wrapped calls in one run, then sends many at once, and writes
`docs/measures/engine.md`. The engine is the product's whole one: its accounts are kept in a
PostgreSQL of the benchmark's own, with budgets to check.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import psutil
import psycopg
import uvloop

from agents.portfolio_assistant.prompt import load_prompt
from core.context import Identity
from core.database import Database
from core.embedded import EmbeddedServer
from core.engine.anthropic import AnthropicEngine
from core.engine.gate import Gate
from core.engine.metering import Metering
from core.engine.protocol import Completed, Engine, Message, Request, Text, TextDelta, ToolSpec
from core.engine.routing import TIERS, Routing
from core.ledger.calls import Ledger
from core.ledger.prices import load_prices
from core.secrets import Secrets
from core.settings import PROJECT_ROOT
from crm.migrations.runner import migrate

REPORT = PROJECT_ROOT / "docs" / "measures" / "engine.md"
ANSWER = (
    "Le contrat d’électricité de la Fromagerie du Vercors arrive à échéance le 31 décembre 2026. "
    "Le préavis de résiliation est de trois mois ; il faut donc écrire avant le 30 septembre. "
)
MODEL = "claude-haiku-5-5"
WARM_UP = 10
MOST_OVERHEAD_MS = 5.0
MOST_CONCURRENT_OVERHEAD_MS = 150.0

SECRETS = Secrets(b"benchmark-only-not-a-secret-at-all!!")
LIMITS = {"tenant_day": "1000", "user_month": "1000", "use_case_day": "1000"}
INSERT_TENANT = "INSERT INTO tenants (id, slug, name) VALUES (%s, 'bench', 'Cabinet')"
INSERT_USER = """
INSERT INTO users (id, tenant_id, email, full_name, roles)
VALUES (%s, %s, 'a@bench.example', 'A', ARRAY['sales'])
"""
Call = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Alone:
    """Milliseconds of calls made one after the other, bare and wrapped in turn.

    `bare_cpu` and `wrapped_cpu`: processor milliseconds of this process, which a busy machine
    does not lengthen.
    """

    bare: list[float] = field(default_factory=list[float])
    wrapped: list[float] = field(default_factory=list[float])
    bare_cpu: list[float] = field(default_factory=list[float])
    wrapped_cpu: list[float] = field(default_factory=list[float])

    @property
    def overhead(self) -> float:
        """The median of the differences between neighbours."""
        pairs = zip(self.wrapped, self.bare, strict=True)
        return statistics.median(wrapped - bare for wrapped, bare in pairs)


@dataclass(frozen=True)
class Together:
    """Milliseconds of calls made at once, all rounds together, and how many failed."""

    streams: int
    bare: list[float]
    wrapped: list[float]
    failures: int

    @property
    def overhead(self) -> float:
        """Difference between the 95th percentiles."""
        return find_p95(self.wrapped) - find_p95(self.bare)


def make_engine(base_url: str, key: str) -> AnthropicEngine:
    """The engine as the product opens it, all its tiers on one model."""
    return AnthropicEngine(key, base_url, dict.fromkeys(TIERS, MODEL), 60.0, 2)


@contextmanager
def running_accounts() -> Generator[tuple[Database, Identity]]:
    """A database of the benchmark's own, and the user in whose name calls are made."""
    identity = Identity(uuid4(), uuid4(), frozenset({"sales"}))
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedServer(Path(folder) / "postgres", SECRETS)
        with server.running():
            migrate(server.conninfo(), "bench", SECRETS)
            with psycopg.connect(server.conninfo("bench")) as connection:
                connection.execute(INSERT_TENANT.encode(), (identity.tenant_id,))
                connection.execute(INSERT_USER.encode(), (identity.user_id, identity.tenant_id))
            yield Database(server.conninfo("bench"), SECRETS), identity


def meter(engine: AnthropicEngine, database: Database, identity: Identity, places: int) -> Engine:
    """`engine` with its accounts, budgets, places and breaker, in the name of `identity`."""
    models: Mapping[str, str] = dict.fromkeys(TIERS, MODEL)
    metering = Metering(
        engine,
        Ledger(database, load_prices(), LIMITS),
        Routing(models),
        server="double",
        gate=Gate(places, places, 60.0),
    )
    return metering.bind(identity)


def build_request() -> Request:
    """A question to the assistant, with its prompt and as many tools."""
    prompt = load_prompt()
    schema = {"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]}
    tools = tuple(ToolSpec(f"tool_{i}", "Cherche dans le portefeuille.", schema) for i in range(12))
    return Request(
        use_case="portfolio_assistant",
        tier="fast",
        system=prompt.text,
        messages=(Message("user", (Text("Quand finit le contrat de la fromagerie ?"),)),),
        tools=tools,
        today=dt.date(2026, 11, 26),
        max_tokens=500,
        prompt_sha256=prompt.sha256,
    )


@contextmanager
def running_double(pace_s: float = 0.0) -> Generator[tuple[str, str]]:
    """The address and the key of the double, in another process."""
    command = [sys.executable, "-m", "tests.doubles.messages_api", "--text", ANSWER]
    child = subprocess.Popen(  # noqa: S603 - our own command
        [*command, "--pace", str(pace_s)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        if child.stdout is None or child.stdin is None:
            raise RuntimeError("the double has no pipes")
        base_url, key = child.stdout.readline().split()
        yield base_url, key
    finally:
        child.communicate()


async def call_wrapped(engine: Engine, request: Request) -> None:
    """One turn through the engine, read to its end. Raises what the engine raises."""
    text, completed = "", False
    async for event in engine.stream(request):
        text += event.text if isinstance(event, TextDelta) else ""
        completed = completed or isinstance(event, Completed)
    check(text if completed else "")


async def call_bare(bare: AnthropicEngine, request: Request) -> None:
    """The same turn by the SDK alone; only its arguments are ours."""
    text = ""
    async with bare.client.messages.stream(**bare.build(request)) as stream:
        async for event in stream:
            text += event.text if event.type == "text" else ""
    check(text)


def check(text: str) -> None:
    if text != ANSWER:
        raise ValueError("the answer is not the one the double gave")


async def time_call(call: Call) -> float:
    """Milliseconds of one call."""
    began = time.perf_counter()
    await call()
    return (time.perf_counter() - began) * 1000


async def measure_alone(bare: Call, wrapped: Call, pairs: int) -> Alone:
    """Calls by pairs; which goes first alternates, so that neither profits from the other."""
    for _ in range(WARM_UP):
        await bare()
        await wrapped()
    found = Alone()
    for index in range(pairs):
        turns = [
            (bare, found.bare, found.bare_cpu),
            (wrapped, found.wrapped, found.wrapped_cpu),
        ]
        for call, times, cpu in turns if index % 2 else reversed(turns):
            spent = time.process_time()
            times.append(await time_call(call))
            cpu.append((time.process_time() - spent) * 1000)
    return found


async def measure_together(bare: Call, wrapped: Call, streams: int, rounds: int) -> Together:
    """Rounds of simultaneous calls, bare and wrapped in turn."""
    times: dict[bool, list[float]] = {False: [], True: []}
    failures = 0
    for index in range(rounds):
        for is_wrapped in (False, True) if index % 2 else (True, False):
            call = wrapped if is_wrapped else bare
            results = await asyncio.gather(
                *(time_call(call) for _ in range(streams)), return_exceptions=True
            )
            done = [r for r in results if isinstance(r, float)]
            times[is_wrapped] += done
            failures += len(results) - len(done)
    return Together(streams, times[False], times[True], failures)


def find_p95(values: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(values, n=20)[-1]


async def measure(
    database: Database, identity: Identity, pairs: int, streams: int, rounds: int
) -> tuple[Alone, Together]:
    """Both measures, each on a double of its own."""
    request = build_request()
    with running_double() as (base_url, key):
        bare = make_engine(base_url, key)
        engine = meter(make_engine(base_url, key), database, identity, streams)
        alone = await measure_alone(
            lambda: call_bare(bare, request), lambda: call_wrapped(engine, request), pairs
        )
        await bare.aclose()
    with running_double(pace_s=0.02) as (base_url, key):
        bare = make_engine(base_url, key)
        engine = meter(make_engine(base_url, key), database, identity, streams)
        together = await measure_together(
            lambda: call_bare(bare, request), lambda: call_wrapped(engine, request), streams, rounds
        )
        await bare.aclose()
    await database.close()
    return alone, together


def format_report(alone: Alone, together: Together) -> str:
    """The Markdown page of the measures."""
    n, many = len(alone.bare), together.streams
    rows = [
        (
            f"Un appel à la fois, médiane de {n}",
            _ms(statistics.median(alone.bare)),
            _ms(statistics.median(alone.wrapped)),
            _ms(alone.overhead),
            _ms(MOST_OVERHEAD_MS),
        ),
        (
            "Un appel à la fois, temps processeur médian",
            _ms(statistics.median(alone.bare_cpu)),
            _ms(statistics.median(alone.wrapped_cpu)),
            _ms(statistics.median(alone.wrapped_cpu) - statistics.median(alone.bare_cpu)),
            "",
        ),
        (
            f"{many} flux à la fois, 95ᵉ centile de {len(together.bare)}",
            _ms(find_p95(together.bare)),
            _ms(find_p95(together.wrapped)),
            _ms(together.overhead),
            _ms(MOST_CONCURRENT_OVERHEAD_MS),
        ),
    ]
    return "\n".join(
        [
            "# Surcoût du moteur sur un appel nu du SDK",
            "",
            "Commande\u00a0: `python -m evals.benchmarks.engine`. Le moteur est celui du produit, "
            "comptes et budgets compris, dans une base PostgreSQL à lui. Le même serveur local (la "
            "doublure de la Messages API, dans un autre processus) répond aux deux, en "
            "alternance, dans le même essai. Un appel va de la demande à la fin du flux.",
            "",
            f"{psutil.cpu_count()} cœurs, charge moyenne de la machine "
            f"{_decimal(psutil.getloadavg()[0], 1)}\u00a0; échecs sur les flux simultanés\u00a0: "
            f"{together.failures}.",
            "",
            "| mesure | SDK nu | moteur | surcoût | limite |",
            "| --- | ---: | ---: | ---: | ---: |",
            *(f"| {' | '.join(row)} |" for row in rows),
            "",
            "Le surcoût d’un appel à la fois est la médiane des différences par paire\u00a0; celui "
            "des flux simultanés, la différence des centiles. La doublure attend 20\u00a0ms avant "
            "chaque événement des flux simultanés.",
            "",
        ]
    )


def _ms(value: float) -> str:
    return f"{_decimal(value, 1)}\u00a0ms"


def _decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def main() -> int:
    """Measure, write the page; 1 when a limit is passed or a call failed."""
    parser = argparse.ArgumentParser(description="Mesure le surcoût du moteur.")
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--report", type=Path, default=REPORT, help="Fichier à écrire.")
    options = parser.parse_args()
    with running_accounts() as (database, identity):
        alone, together = uvloop.run(
            measure(database, identity, options.pairs, options.streams, options.rounds)
        )
    report = format_report(alone, together)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    is_light = alone.overhead <= MOST_OVERHEAD_MS
    holds = together.overhead <= MOST_CONCURRENT_OVERHEAD_MS and not together.failures
    return 0 if is_light and holds else 1


if __name__ == "__main__":
    sys.exit(main())
