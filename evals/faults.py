"""The fault matrix as a table: `python -m evals.faults` runs its tests and writes the page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from core.settings import PROJECT_ROOT

REPORT = PROJECT_ROOT / "docs" / "measures" / "faults.md"
TESTS = "tests/integration/test_faults.py"
HEADER = ("usage", "panne", "qui répond", "réponse", "lignes de coût", "issue", "ce qui est dit")


@dataclass(frozen=True)
class FaultRow:
    """One fault on one use case, as it went."""

    use_case: str
    fault: str
    is_model: bool
    is_right: bool
    calls: int
    outcome: str
    reason: str | None


def format_report(rows: Sequence[FaultRow]) -> str:
    """The page."""
    lines = [
        "# Pannes du modèle",
        "",
        "Commande : `python -m evals.faults`. Chaque panne est jouée par le serveur d’essai de la "
        "Messages API, sur tout le chemin : réseau, SDK, moteur, comptes, usage. La réponse est "
        "« juste » quand elle contient la vérité connue de la question. Le modèle y est un "
        "automate : ce tableau prouve les chemins, pas la qualité d’un modèle.",
        "",
        f"{len(rows)} cas, {sum(row.is_right for row in rows)} réponses justes, "
        f"{sum(row.reason is not None for row in rows)} données par le moteur déterministe et "
        "signées comme telles. Une ligne de coût par appel du modèle, dans tous les cas.",
        "",
        "| " + " | ".join(HEADER) + " |",
        "| --- | --- | --- | --- | ---: | --- | --- |",
    ]
    return "\n".join([*lines, *(_write_row(row) for row in rows), ""])


def _write_row(row: FaultRow) -> str:
    cells = (
        row.use_case,
        row.fault,
        "modèle" if row.is_model else "règles",
        "juste" if row.is_right else "incomplète, dite telle",
        str(row.calls),
        f"`{row.outcome}`",
        (row.reason or "–").replace("|", "\\|"),
    )
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Run the tests; write the page when they pass."""
    command = [sys.executable, "-m", "pytest", TESTS, "-n", "0", f"--fault-report={REPORT}"]
    return subprocess.run(command, cwd=PROJECT_ROOT, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
