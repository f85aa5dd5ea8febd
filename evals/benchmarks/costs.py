"""What a day of the firm costs with our requests, beside the naive request.

`python -m evals.benchmarks.costs` plays the mix of `mix.yaml` on the demonstration firm, through
the Messages API double and its cache accounting, reads our cost in the ledger, replays every call
in its naive form, and writes `docs/measures/costs.md`. The model's part is played by a script: the
figures tell what is sent and paid, nothing of a model's quality. A use case joins with a task in
`cost_tasks.py`.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import yaml

from core.context import system_clock
from core.database import Database
from core.engine.anthropic import AnthropicEngine, read_options
from core.engine.caching import CacheWatch
from core.engine.gate import Gate
from core.engine.metering import Metering
from core.engine.protocol import Engine, Usage
from core.engine.routing import read_routing
from core.formats import format_number, format_quantity
from core.ledger.calls import Call, Ledger, Result
from core.ledger.prices import load_prices
from core.settings import PROJECT_ROOT, Settings
from crm.installation import Installation
from evals.benchmarks.cost_tasks import TASKS
from evals.benchmarks.day import Bench, Body, Task
from evals.case_files import TODAY
from evals.instance import open_evaluation, sign_in
from tests.doubles.messages_api import MessagesApi, Reply

MIX = Path(__file__).with_name("mix.yaml")
REPORT = PROJECT_ROOT / "docs" / "measures" / "costs.md"
BAR = Decimal("0.40")
NBSP = "\u00a0"


@dataclass
class Account:
    """Keeps what the metered engine writes down of each call."""

    results: list[Result] = field(default_factory=list[Result])

    def record(self, call: Call, result: Result) -> None:  # noqa: ARG002 - the recorder's form
        """Keep one."""
        self.results.append(result)

    @property
    def usages(self) -> list[tuple[str, Usage]]:
        """The model and the tokens of each call."""
        return [(result.model, result.usage) for result in self.results]


@dataclass(frozen=True)
class Line:
    """A use case's day: ours, and the naive cost by model."""

    use_case: str
    count: int
    usages: Sequence[tuple[str, Usage]]
    naive: Mapping[str, Decimal]
    naive_tokens: int

    @property
    def cost_eur(self) -> Decimal:
        """What our requests cost."""
        return sum((cost(model, [usage]) for model, usage in self.usages), start=Decimal(0))


def strip_cache(value: Any) -> Any:
    """The request without its breakpoints."""
    if isinstance(value, dict):
        return {k: strip_cache(v) for k, v in value.items() if k != "cache_control"}
    return [strip_cache(item) for item in value] if isinstance(value, list) else value


def replay(
    double: MessagesApi, calls: Sequence[tuple[Body, Reply]], bodies: Sequence[Body], model: str
) -> list[Usage]:
    """Send the naive requests to one model; the double counts their tokens."""
    replies = iter([reply for _, reply in calls])
    double.respond(lambda _: next(replies))
    headers = {
        "x-api-key": double.key,
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
    }
    usages: list[Usage] = []
    with httpx.Client(base_url=double.base_url, headers=headers, timeout=30) as client:
        for body in bodies:
            sent = {**strip_cache(body), "model": model, "stream": False}
            response = client.post("/v1/messages", json=sent)
            response.raise_for_status()
            counted = response.json()["usage"]
            usages.append(Usage(counted["input_tokens"], counted["output_tokens"]))
    return usages


async def measure(installation: Installation, share: float) -> tuple[Mapping[str, Any], list[Line]]:
    """Play the day, then its naive form."""
    mix = yaml.safe_load(MIX.read_text(encoding="utf-8"))
    lines: list[Line] = []
    with MessagesApi() as double:
        for task in TASKS:
            count = max(1, round(mix["tasks"][task.use_case] * share))
            lines.append(await _measure_task(installation, double, task, mix, count))
    return mix, lines


async def _measure_task(
    installation: Installation,
    double: MessagesApi,
    task: Task,
    mix: Mapping[str, Any],
    count: int,
) -> Line:
    database = Database(installation.admin_conninfo, installation.secrets)
    try:
        people = await sign_in(database)
        identity = next(person for person in people.values() if "director" in person.roles)
        account = Account()
        engine = build_metered(installation.settings, database, double, account)
        bench = Bench(database, identity, engine, double)
        await task.play(bench, mix, count)
    finally:
        await database.close()
    bodies = list(task.make_naive([body for body, _ in bench.calls]))
    naive = {m: replay(double, bench.calls, bodies, m) for m in mix["naive_models"]}
    return Line(
        task.use_case, count, account.usages, {m: cost(m, u) for m, u in naive.items()},
        sum(u.input_tokens for u in naive[mix["naive_models"][0]]),
    )  # fmt: skip


def build_metered(
    settings: Settings, database: Database, double: MessagesApi, account: Account
) -> Engine:
    """The engine of an installation whose model is the double, without any budget."""
    routing = read_routing(settings)
    engine = AnthropicEngine(
        double.key, double.base_url, routing.models, 30.0, 0, read_options(settings)
    )
    engine.cache = CacheWatch(double.now)
    ledger = Ledger(database, load_prices())
    gate = Gate(8, 8, 30.0)
    return Metering(engine, ledger, routing, double.base_url, gate, recorder=account)


def cost(model: str, usages: Sequence[Usage]) -> Decimal:
    """Euros for these calls at today's prices."""
    day = system_clock().date()
    return sum((load_prices().price(model, u, day).eur for u in usages), start=Decimal(0))


def format_report(mix: Mapping[str, Any], lines: Sequence[Line]) -> str:
    """The page."""
    models = mix["naive_models"]
    measured = {line.use_case for line in lines}
    ours = sum((line.cost_eur for line in lines), start=Decimal(0))
    naive = {m: sum((line.naive[m] for line in lines), start=Decimal(0)) for m in models}
    ratio = ours / naive[models[0]]
    verdict = "tenue" if ratio <= BAR else "manquée"
    header = ["usage", "par jour", "appels", "entrée", "cache écrit", "cache lu", "sortie",
              "notre coût", "entrée naïve", *(f"naïf, {m}" for m in models),
              *(f"rapport, {m}" for m in models)]  # fmt: skip
    parts = [
        "# Coût d’une journée",
        "Commande : `python -m evals.benchmarks.costs`. La journée est celle de "
        "`evals/benchmarks/mix.yaml`, les prix ceux de `core/ledger/prices.yaml`. Chaque appel "
        "passe par le serveur d’essai de la Messages API, qui compte les jetons à quatre octets "
        "l’un et tient le cache comme la vraie (préfixe exact, cinq minutes). Notre coût est celui "
        "que le moteur écrit dans ses lignes de coût ; la demande naïve rejoue les mêmes appels "
        "avec le fil entier, sans cache, à un seul modèle. Le modèle est un automate : ces "
        "chiffres disent ce qui est envoyé et payé, rien de la qualité.",
        f"Sur les usages mesurés, nos demandes coûtent {_percent(ratio)} de la demande naïve "
        f"({models[0]}) ; la barre de {_percent(BAR)} est {verdict}. Usages mesurés : "
        f"{len(measured)} sur {len(mix['tasks'])}. Face à une demande naïve au "
        f"modèle courant, le rapport est de {_percent(ours / naive[models[-1]])} ({models[-1]}).",
        "\n".join([
            "| " + " | ".join(header) + " |",
            "| --- |" + " ---: |" * (len(header) - 1),
            *(_write_line(line, models) for line in lines),
            *(f"| {name} | {count} | pas encore mesuré |" + " |" * (len(header) - 3)
              for name, count in mix["tasks"].items() if name not in measured),
        ]),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _write_line(line: Line, models: Sequence[str]) -> str:
    usages = [usage for _, usage in line.usages]
    numbers = (
        line.count,
        len(usages),
        sum(u.input_tokens for u in usages),
        sum(u.cache_write_tokens for u in usages),
        sum(u.cache_read_tokens for u in usages),
        sum(u.output_tokens for u in usages),
    )
    cells = [
        line.use_case,
        *(format_number(n) for n in numbers),
        _euros(line.cost_eur),
        format_number(line.naive_tokens),
        *(_euros(line.naive[m]) for m in models),
        *(_percent(line.cost_eur / line.naive[m]) for m in models),
    ]
    return "| " + " | ".join(cells) + " |"


def _euros(amount: Decimal) -> str:
    return format_quantity(amount, "€", 4)


def _percent(share: Decimal) -> str:
    return format_quantity(100 * share, "%", 1)


def main() -> int:
    """Measure, write the page; fails over the bar."""
    parser = argparse.ArgumentParser(description="Mesure le coût d’une journée.")
    parser.add_argument("--share", type=float, default=1.0, help="Part de la journée à jouer.")
    parser.add_argument("--report", type=Path, default=REPORT, help="Fichier à écrire.")
    parser.add_argument("--data-dir", type=Path, default=None, help="Démonstration déjà prête.")
    options = parser.parse_args()
    with open_evaluation(TODAY, options.data_dir) as installation:
        mix, lines = asyncio.run(measure(installation, options.share))
    report = format_report(mix, lines)
    options.report.write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    models = mix["naive_models"]
    ours = sum((line.cost_eur for line in lines), start=Decimal(0))
    return int(ours > BAR * sum((line.naive[models[0]] for line in lines), start=Decimal(0)))


if __name__ == "__main__":
    sys.exit(main())
