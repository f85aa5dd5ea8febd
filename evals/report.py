"""What an evaluation leaves behind: a table on screen, a Markdown and a JSON report."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from evals.case_files import TODAY
from evals.suites import CaseResult, Figure, SuiteResult


def print_results(console: Console, results: Sequence[SuiteResult]) -> None:
    """Show every figure against its threshold; the last line holds them all."""
    table = Table(title=f"Évaluations au {TODAY:%d/%m/%Y}")
    for heading in ("suite", "moteur", "mesure", "valeur", "seuil", "cas", ""):
        table.add_column(heading)
    for result in results:
        for figure in result.figures:
            mark = "[green]atteint[/]" if figure.is_reached else "[red]MANQUÉ[/]"
            table.add_row(
                result.name, result.engine, figure.label, _percent(figure.value),
                _percent(figure.threshold), str(figure.count), mark,
            )  # fmt: skip
    console.print(table)
    console.print(summarise(results), soft_wrap=True, highlight=False, markup=False)


def summarise(results: Sequence[SuiteResult]) -> str:
    """The figures of every suite on one line."""
    return " | ".join(
        f"{result.name} ({result.engine}) : " + ", ".join(map(_tell, result.figures))
        for result in results
    )


def write_reports(folder: Path, results: Sequence[SuiteResult]) -> list[Path]:
    """Write `<suite>.md` and `<suite>.json` in `folder`; the paths written."""
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for result in results:
        markdown, data = folder / f"{result.name}.md", folder / f"{result.name}.json"
        markdown.write_text("\n".join(_markdown(result)) + "\n", encoding="utf-8")
        data.write_text(
            json.dumps(_as_data(result), ensure_ascii=False, indent=2) + "\n", encoding="utf-8"
        )
        written += [markdown, data]
    return written


def _as_data(result: SuiteResult) -> dict[str, object]:
    return {
        **dataclasses.asdict(result),
        "asked_on": TODAY.isoformat(),
        "is_passed": result.is_passed,
    }


def _markdown(result: SuiteResult) -> Iterator[str]:
    yield f"# Évaluation « {result.name} »\n"
    yield f"Moteur : **{result.engine}**. Questions posées au {TODAY:%d/%m/%Y}, en "
    yield f"{result.seconds:.0f} s.\n"
    yield "| mesure | valeur | seuil | cas | |"
    yield "| --- | --- | --- | --- | --- |"
    for figure in result.figures:
        mark = "atteint" if figure.is_reached else "**manqué**"
        yield (
            f"| {figure.label} | {_percent(figure.value)} | {_percent(figure.threshold)} "
            f"| {figure.count} | {mark} |"
        )
    if result.details:
        yield f"\n{result.details}"
    failed = [case for case in result.cases if case.failures]
    if result.cases:
        yield f"\n## Échecs ({len(failed)} cas sur {len(result.cases)})\n"
    for case in failed:
        yield from _failure(case)


def _failure(case: CaseResult) -> Iterator[str]:
    yield f"### {case.id} – {case.purpose}\n"
    yield f"- Question : {' → '.join(case.questions)}"
    for name, reason in case.failures.items():
        yield f"- {name} : {reason}"
    yield f"- Attendu : {case.expected[:600]}"
    yield "- Obtenu :\n"
    yield from (f"  > {line}" for line in case.got[:1200].splitlines())
    yield ""


def _tell(figure: Figure) -> str:
    return f"{figure.label} {_percent(figure.value)} (seuil {_percent(figure.threshold)})"


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %".replace(".", ",").replace(" %", "\u00a0%")
