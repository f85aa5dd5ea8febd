"""A tender file of 300 pages judged by rules: time and peak memory, without recognition or model.

`python -m evals.benchmarks.tenders [pages]` writes docs/measures/tenders.md.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from agents.tender_scoring.analysis import Means, analyse_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.profile import load_profile
from core.context import PARIS
from core.formats import format_number
from evals.tenders.cases import OWN
from evals.tenders.pieces import print_piece

REPORT = Path(__file__).parents[2] / "docs" / "measures" / "tenders.md"
TIME_LIMIT_S, MEMORY_LIMIT_MB = 60, 700
SHARES = {"RC.pdf": 0.1, "CCAP.pdf": 0.2, "CCTP.pdf": 0.7}
BLOCKS_PER_PAGE = 16
POINTS = "%points lot={lot} energy=gas count=1000 total=9850 unit=kwh segments=T1,T2 operator=GRDF"


@dataclass(frozen=True)
class Measured:
    """One run: pages read, seconds on the clock and of processor, peak resident memory."""

    pages: int
    points: int
    seconds: float
    processor_s: float
    memory_mb: float
    load: float

    @property
    def is_held(self) -> bool:
        """Tell whether both limits are kept, time in seconds of processor."""
        return self.processor_s < TIME_LIMIT_S and self.memory_mb < MEMORY_LIMIT_MB


def write_file(folder: Path, pages: int) -> Path:
    """A tender file of about `pages` pages and 2 000 delivery points, from our own pieces."""
    target = folder / "dce.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, share in SHARES.items():
            lines = list(_fill(name, round(pages * share)))
            archive.writestr(name, print_piece(name, lines, {"footer": "page {page}"}))
        header = (OWN / "gaz-plateau" / "Annexe_CCTP_liste_PCE.xlsx.txt").read_text("utf-8")
        rows = [*header.splitlines()[:2], *(POINTS.format(lot=lot) for lot in (1, 2))]
        archive.writestr("Annexe_PCE.xlsx", print_piece("Annexe_PCE.xlsx", rows, {}))
    return target


def _fill(name: str, pages: int) -> Iterator[str]:
    """The piece itself, then clauses of every file of ours until there are enough pages."""
    stem = name.removesuffix(".pdf")
    own = next(iter(sorted((OWN / "gaz-plateau").glob(f"{stem}.*.txt"))))
    first = [line for line in own.read_text("utf-8").splitlines() if line != "==="]
    yield from first
    clauses = [
        line
        for path in sorted(OWN.glob("*/CC*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if line.strip() and not line.startswith(("# ", "~", "==="))
    ]
    for page, _ in enumerate(range(pages - 1), 2):
        yield "==="
        yield f"## Chapitre {page} – Prescriptions particulières"
        start = page * BLOCKS_PER_PAGE % len(clauses)
        for line in islice(cycle(clauses), start, start + BLOCKS_PER_PAGE):
            yield line.replace("## ", "### ") if line.startswith("## ") else line


def measure(pages: int) -> Measured:
    """Judge the file once, in this process, which does nothing else."""
    means = Means(load_profile(), load_grid(), dt.datetime(2026, 11, 22, 9, tzinfo=PARIS))
    with tempfile.TemporaryDirectory(prefix="voltaire-bench-dce-") as name:
        path = write_file(Path(name), pages)
        started, spent = time.perf_counter(), time.process_time()
        analysis = analyse_files([path, OWN / "gaz-plateau" / "avis.json"], means)
        seconds, processor = time.perf_counter() - started, time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    read = sum(piece.pages or 0 for piece in analysis.pieces)
    return Measured(read, len(analysis.energy.points), seconds, processor, peak, os.getloadavg()[0])


def write_report(found: Measured) -> str:
    """The page of the documentation."""
    rows = (
        ("pages lues", f"{found.pages}", "300"),
        ("points de livraison lus", format_number(found.points), ""),
        ("durée", f"{format_number(round(found.seconds, 1))} s", ""),
        (
            "temps de processeur (un cœur)",
            f"{format_number(round(found.processor_s, 1))} s",
            f"{TIME_LIMIT_S} s",
        ),
        ("mémoire, au plus haut", f"{found.memory_mb:.0f} Mo", f"{MEMORY_LIMIT_MB} Mo"),
        ("charge moyenne de la machine", format_number(round(found.load, 1)), ""),
    )
    table = "\n".join(f"| {name} | {value} | {bar} |" for name, value, bar in rows)
    told = "tenues" if found.is_held else "manquées"
    return (
        "# Lecture d’un dossier de consultation de 300 pages\n\n"
        "Commande : `python -m evals.benchmarks.tenders` (`make bench`), "
        f"{os.cpu_count()} cœurs. Règlement, CCAP et CCTP en PDF, annexe de 2 000 points de "
        "livraison ; de l’archive au verdict, sans reconnaissance de caractères ni modèle. La "
        "mémoire comprend la fabrication du dossier. La limite de temps porte sur le temps de "
        "processeur : la durée dépend de ce que fait la machine par ailleurs.\n\n"
        f"Limites {told}.\n\n| mesure | valeur | limite |\n| --- | ---: | ---: |\n{table}\n"
    )


def main(pages: int) -> None:
    """Measure and write the report; the exit code is 1 when a limit is missed."""
    found = measure(pages)
    text = write_report(found)
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    if not found.is_held:
        raise SystemExit(1)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
