"""How long Voltaire takes to start and to answer, and how much memory it holds.

`python -m evals.benchmarks.startup` runs `voltaire serve` twice on a temporary data folder and
writes `docs/measures/startup.md`. The environment is installed beforehand.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from core.settings import PROJECT_ROOT

REPORT = PROJECT_ROOT / "docs" / "measures" / "startup.md"
QUESTION = "Quels contrats se terminent dans les 90 jours ?"
START_LIMIT_S = 900
STOP_LIMIT_S = 30
REST_S = 20
REPEATS = 5
POLL_S = 0.05
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Start:
    """One start: wall seconds to ready, processor seconds of the process tree by then."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True)
class Memory:
    """What the process tree holds, in bytes; PSS counts a page shared by n processes for 1/n."""

    rss: int
    pss: int
    processes: int


@dataclass(frozen=True)
class Measures:
    """Seconds but for `memory`; the first answer counts from the very first start."""

    first: Start
    first_answer_s: float
    second: Start
    ask_s: float
    memory: Memory


class StartFailed(Exception):
    """The instance ended, or took too long, before it was ready."""


def measure(data_dir: Path) -> Measures:
    """Start, ask, stop, start again and ask, all on the empty folder `data_dir`."""
    with running(data_dir) as (process, first):
        first_answer_s = first.wall_s + time_ask(data_dir)
    with running(data_dir) as (process, second):
        ask_s = statistics.median(time_ask(data_dir) for _ in range(REPEATS))
        time.sleep(REST_S)
        memory = weigh(list_processes(data_dir, process))
    return Measures(first, first_answer_s, second, ask_s, memory)


@contextmanager
def running(
    data_dir: Path, settings: Sequence[str] = ()
) -> Generator[tuple[psutil.Process, Start]]:
    """A ready instance with its start's cost, stopped at the end as Ctrl-C does.

    `settings` are « NAME=value », besides the data folder.
    """
    began = time.perf_counter()
    command = ["/usr/bin/env", *settings, *_command(data_dir, "serve", "--port", "0")]
    child = subprocess.Popen(command, cwd=PROJECT_ROOT)  # noqa: S603 - our own command
    try:
        process = psutil.Process(child.pid)
        note = data_dir / "run" / "instance.json"
        while not note.exists():
            if child.poll() is not None or time.perf_counter() - began > START_LIMIT_S:
                raise StartFailed("voltaire serve n’est pas devenu prêt")
            time.sleep(POLL_S)
        wall_s = time.perf_counter() - began
        yield process, Start(wall_s, count_cpu(list_processes(data_dir, process)))
    finally:
        child.send_signal(signal.SIGINT)
        child.wait(STOP_LIMIT_S)


def time_ask(data_dir: Path) -> float:
    """Wall seconds of one `voltaire ask`, process included."""
    began = time.perf_counter()
    command = _command(data_dir, "ask", QUESTION)
    subprocess.run(command, cwd=PROJECT_ROOT, check=True, capture_output=True)  # noqa: S603 - idem
    return time.perf_counter() - began


def count_cpu(processes: Sequence[psutil.Process]) -> float:
    """Processor seconds of `processes`, their ended children included."""
    times = [each.cpu_times() for each in processes]
    return sum(t.user + t.system + t.children_user + t.children_system for t in times)


def weigh(processes: Sequence[psutil.Process]) -> Memory:
    """The memory of `processes` together."""
    held = [each.memory_full_info() for each in processes]
    return Memory(sum(m.rss for m in held), sum(m.pss for m in held), len(held))


def list_processes(data_dir: Path, process: psutil.Process) -> list[psutil.Process]:
    """`process` and its children, then those of the database, which stand apart."""
    stated = (data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]
    parents = (process, psutil.Process(int(stated)))
    return [each for parent in parents for each in (parent, *parent.children(recursive=True))]


def format_report(measures: Measures) -> str:
    """The Markdown page of the measures."""
    first, second, memory = measures.first, measures.second, measures.memory
    rows = (
        ("Premier démarrage, prêt", _seconds(first.wall_s), "", _seconds(first.cpu_s)),
        ("Premier démarrage, première réponse", _seconds(measures.first_answer_s), "90\u00a0s", ""),
        ("Second démarrage, prêt", _seconds(second.wall_s), "8\u00a0s", _seconds(second.cpu_s)),
        (f"`voltaire ask`, médiane de {REPEATS}", _seconds(measures.ask_s), "1\u00a0s", ""),
        ("Mémoire au repos, PSS", _size(memory.pss), "1\u202f500\u00a0Mo", ""),
        ("Mémoire au repos, somme des RSS", _size(memory.rss), "1\u202f500\u00a0Mo", ""),
    )
    lines = [
        "# Démarrage, réponse et mémoire",
        "",
        "Commande\u00a0: `python -m evals.benchmarks.startup`, sur un dossier de données vide, "
        f"l’environnement étant installé. {psutil.cpu_count()} cœurs, charge moyenne de la machine "
        f"{_decimal(psutil.getloadavg()[1], 1)} pendant la mesure.",
        "",
        "| mesure | durée ou taille | limite | temps processeur |",
        "| --- | ---: | ---: | ---: |",
        *(f"| {' | '.join(row)} |" for row in rows),
        "",
        f"{memory.processes} processus, ceux de la base compris. La PSS partage entre eux les "
        "pages qu’ils ont en commun.",
        "",
    ]
    return "\n".join(lines)


def _command(data_dir: Path, *arguments: str) -> Sequence[str]:
    settings = f"VOLTAIRE_DATA_DIR={data_dir}"
    return ["/usr/bin/env", settings, sys.executable, "-m", "api.cli", *arguments]


def _seconds(value: float) -> str:
    return f"{_decimal(value, 1 if value >= 10 else 2)}\u00a0s"


def _decimal(value: float, places: int) -> str:
    return f"{value:.{places}f}".replace(".", ",")


def _size(value: int) -> str:
    return f"{value / MEGABYTE:.0f}\u00a0Mo"


def main() -> None:
    """Measure on a temporary folder, print the page and write it."""
    parser = argparse.ArgumentParser(description="Mesure le démarrage, la réponse et la mémoire.")
    parser.add_argument("--report", type=Path, default=REPORT, help="Fichier à écrire.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voltaire-") as folder:
        Path(folder).chmod(0o755)  # the database runs under an account of its own
        report = format_report(measure(Path(folder) / "data"))
    options.report.parent.mkdir(parents=True, exist_ok=True)
    options.report.write_text(report, encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
