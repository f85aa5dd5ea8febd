"""Runs suites of evaluations on the demonstration firm and says whether they pass."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import yaml
from rich.console import Console

from core.errors import InvalidInput
from core.settings import default_data_dir
from crm.installation import Installation
from evals.case_files import TODAY
from evals.instance import open_evaluation
from evals.report import print_results, write_reports
from evals.suites import SUITES, SuiteResult

THRESHOLDS = Path(__file__).parent / "thresholds.yaml"


def run(
    suites: Sequence[str],
    *,
    report_dir: Path | None = None,
    limit: int | None = None,
    data_dir: Path | None = None,
) -> int:
    """Run `suites` (all of them when empty) and report; 0 when every threshold is reached.

    The instance is temporary unless `data_dir` is given; `limit` asks that many questions of
    each suite, evenly spaced. Raises InvalidInput for an unknown suite.
    """
    chosen = list(dict.fromkeys(suites)) or list(SUITES)
    if unknown := [name for name in chosen if name not in SUITES]:
        raise InvalidInput(
            f"Suite inconnue : {', '.join(unknown)}. Suites connues : {', '.join(SUITES)}."
        )
    with open_evaluation(TODAY, data_dir) as installation:
        results = asyncio.run(_run(installation, chosen, limit))
    written = write_reports(report_dir or default_data_dir() / "evals", results)
    console = Console()
    console.print(f"Rapports : {', '.join(map(str, written))}", soft_wrap=True)
    print_results(console, results)
    return 0 if all(result.is_passed for result in results) else 1


async def _run(
    installation: Installation, suites: Sequence[str], limit: int | None
) -> list[SuiteResult]:
    thresholds = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))
    try:
        return [
            await SUITES[suite](installation, thresholds.get(suite, {}), limit) for suite in suites
        ]
    finally:
        await installation.database.close()
