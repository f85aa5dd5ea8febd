"""Many people at once on one instance: reads of the API and streamed answers.

`python -m evals.benchmarks.users [people] [seconds]` starts `voltaire serve` on a temporary data
folder with the demonstration firm, signs `people` sessions in (200 by default), and has each of
them act every `PAUSE_S` seconds on average for `seconds` (120 by default): four times in five a
read, else a question whose answer is streamed. The firm's accounts are shared, so the allowance
per user is lifted. Those who act share the processors with the instance.
"""

from __future__ import annotations

import asyncio
import json
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from core.addresses import API
from core.settings import PROJECT_ROOT
from demo.people import demo_logins
from evals.benchmarks.startup import MEGABYTE, list_processes, running, weigh

REPORT = PROJECT_ROOT / "docs" / "measures" / "users.md"
FIRM = "alize"
UNLIMITED = ("VOLTAIRE_RATE_USER_PER_MINUTE=0", "VOLTAIRE_RATE_SIGN_IN_PER_MINUTE=0")
PAUSE_S = 10.0
READS_PER_QUESTION = 4
READ_LIMIT_S = 1.0
FIRST_LIMIT_S = 1.5
TIMEOUT_S = 60.0
SIGN_INS_AT_ONCE = 4
READS = (
    "/morning", "/conversations", "/proposals", "/portfolio/search?query=lyon", "/mail/threads",
    "/mail/reviews", "/tenders", "/watch", "/minutes",
)  # fmt: skip
QUESTIONS = (
    "Quels contrats se terminent dans les 90 jours ?",
    "Combien de sites avons-nous par région ?",
    "Quelles non-conformités majeures sont ouvertes ?",
    "Quels appels d’offres sont à rendre ce mois-ci ?",
    "Quel volume annuel avons-nous en gaz ?",
    "Comment traiter une réclamation client ?",
    "Quel est le délai de clôture d’une action corrective ?",
)


@dataclass
class Seen:
    """What the people saw: seconds of each kind, and every answer that was not one."""

    reads: list[float] = field(default_factory=list[float])
    firsts: list[float] = field(default_factory=list[float])
    answers: list[float] = field(default_factory=list[float])
    faults: Counter[str] = field(default_factory=Counter[str])


async def act_together(address: str, people: int, seconds: float) -> Seen:
    """Sign everybody in, then let them act until the time is over."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=people)
    seen = Seen()
    async with httpx.AsyncClient(base_url=address + API, timeout=TIMEOUT_S, limits=limits) as web:
        gate = asyncio.Semaphore(SIGN_INS_AT_ONCE)
        logins = [login for login in demo_logins() if login.tenant == FIRM]
        tokens = await asyncio.gather(
            *(_sign_in(web, gate, logins[n % len(logins)].email, logins[n % len(logins)].password)
              for n in range(people))
        )  # fmt: skip
        ends = time.monotonic() + seconds
        async with asyncio.TaskGroup() as group:
            for number, token in enumerate(tokens):
                group.create_task(_live(web, token, random.Random(number), ends, seen))  # noqa: S311
    return seen


async def _sign_in(
    web: httpx.AsyncClient, gate: asyncio.Semaphore, email: str, password: str
) -> str:
    async with gate:
        answer = await web.post("/login", json={"email": email, "password": password})
    answer.raise_for_status()
    return str(answer.json()["access_token"])


async def _live(
    web: httpx.AsyncClient, token: str, chance: random.Random, ends: float, seen: Seen
) -> None:
    """One person: a pause, a read or a question, and so on."""
    headers = {"authorization": f"Bearer {token}"}
    await asyncio.sleep(chance.uniform(0, PAUSE_S))
    while time.monotonic() < ends:
        try:
            if chance.randrange(READS_PER_QUESTION + 1):
                await _read(web, headers, chance.choice(READS), seen)
            else:
                await _ask(web, headers, chance.choice(QUESTIONS), seen)
        except httpx.HTTPError as error:
            seen.faults[type(error).__name__] += 1
        await asyncio.sleep(chance.uniform(0.5 * PAUSE_S, 1.5 * PAUSE_S))


async def _read(web: httpx.AsyncClient, headers: dict[str, str], path: str, seen: Seen) -> None:
    began = time.perf_counter()
    answer = await web.get(path, headers=headers)
    seen.reads.append(time.perf_counter() - began)
    if answer.is_error:
        seen.faults[f"{answer.status_code} {path}"] += 1


async def _ask(web: httpx.AsyncClient, headers: dict[str, str], question: str, seen: Seen) -> None:
    """A streamed answer; its first words count, not the steps before them."""
    began, first, last = time.perf_counter(), None, ""
    async with web.stream("POST", "/ask", json={"question": question}, headers=headers) as answer:
        async for line in answer.aiter_lines():
            if not line.startswith("data: "):
                continue
            last = str(json.loads(line.removeprefix("data: ")).get("type"))
            if first is None and last == "text_delta":
                first = time.perf_counter() - began
    if last != "answer":
        seen.faults[f"{answer.status_code} {last} {question}"] += 1
        return
    took = time.perf_counter() - began
    seen.firsts.append(took if first is None else first)
    seen.answers.append(took)


def format_report(people: int, seconds: float, seen: Seen, pss: int) -> str:
    """The Markdown page of the measures."""
    acts = len(seen.reads) + len(seen.answers)
    faults = ", ".join(f"{count} × {name}" for name, count in seen.faults.most_common()) or "aucune"
    rows = (
        ("Lectures", _row(seen.reads), f"{_seconds(READ_LIMIT_S)}"),
        ("Questions, premiers mots", _row(seen.firsts), f"{_seconds(FIRST_LIMIT_S)}"),
        ("Questions, réponse entière", _row(seen.answers), ""),
    )
    load = f"{psutil.getloadavg()[0]:.1f}".replace(".", ",")
    lines = [
        "# Deux cents personnes à la fois",
        "",
        f"Commande\u00a0: `python -m evals.benchmarks.users {people} {seconds:.0f}`. "
        f"{people} sessions sur une instance et {psutil.cpu_count()} cœurs, que les personnes "
        f"simulées partagent avec elle. Chacune agit toutes les {PAUSE_S:.0f}\u00a0s en moyenne, "
        "quatre fois sur cinq une lecture, sinon une question dont la réponse arrive au fil de "
        f"l’eau, moteur déterministe. Charge moyenne à la fin\u00a0: {load}.",
        "",
        "| mesure | nombre | médiane | 95ᵉ centile | maximum | limite du 95ᵉ centile |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(f"| {name} | {figures} | {limit} |" for name, figures, limit in rows),
        "",
        f"{acts / seconds:.1f} actions par seconde. Erreurs\u00a0: {faults}. Mémoire de "
        f"l’instance à la fin, base comprise (PSS)\u00a0: {pss / MEGABYTE:.0f}\u00a0Mo.".replace(
            ".", ",", 1
        ),
        "",
    ]
    return "\n".join(lines)


def _row(times: Sequence[float]) -> str:
    """How many, the median, the 95th centile and the longest of these seconds."""
    if len(times) < 2:
        return f"{len(times)} | – | – | –"
    p95 = statistics.quantiles(times, n=20)[-1]
    middle = statistics.median(times)
    return f"{len(times)} | {_seconds(middle)} | {_seconds(p95)} | {_seconds(max(times))}"


def _seconds(value: float) -> str:
    return f"{value:.2f}".replace(".", ",") + "\u00a0s"


def main(people: int = 200, seconds: float = 120) -> int:
    """Measure, print the page and write it; 1 when somebody got no answer."""
    with tempfile.TemporaryDirectory(prefix="voltaire-") as folder:
        Path(folder).chmod(0o755)  # the database runs under an account of its own
        data = Path(folder) / "data"
        with running(data, UNLIMITED) as (process, _):
            address = json.loads((data / "run" / "instance.json").read_text())["address"]
            seen = asyncio.run(act_together(address, people, seconds))
            memory = weigh(list_processes(data, process))
    report = format_report(people, seconds, seen, memory.pss)
    REPORT.write_text(report, encoding="utf-8")
    sys.stdout.write(report)
    return 1 if seen.faults else 0


if __name__ == "__main__":
    sys.exit(main(*(int(value) for value in sys.argv[1:])))
