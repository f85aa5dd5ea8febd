"""The suite `tenders`: whole tender files judged by rules, and real pieces read without a fall."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from agents.tender_scoring.analysis import Means, analyse_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.models import TenderAnalysis
from core.settings import get_settings
from crm.installation import Installation
from evals.scorers import Score
from evals.suites import ENGINE, CaseResult, Figure, SuiteResult, thin
from evals.tenders.cases import TenderCase, flatten, load_cases
from evals.tenders.scoring import Check, check_analysis
from ingest.tenders.dossier import read_dossier
from ingest.tenders.intake import unpack

RUNS = 4
LABELS = {
    "fields": "faits justes, à la bonne page",
    "criteria": "critères et poids",
    "subcriteria": "sous-critères et points",
    "lots": "lots (numéro, intitulé, énergie, segment, volume, sites, valeur, durée)",
    "contradictions": "contradictions plantées trouvées",
    "contradictions_sure": "contradictions trouvées qui en sont",
    "gates": "conditions d’accès",
    "verdicts": "verdicts",
    "pieces": "pièces manquantes, illisibles, étrangères, anomalies",
    "points": "points de livraison",
    "injections": "consignes cachées signalées et sans effet",
    "same_runs": "quatre passages identiques",
    "real_files": "vraies pièces lues sans chute",
    "real_articles": "articles du sommaire retrouvés",
}
ENTRY = re.compile(
    r"^\s*((?:article\s+)?\d{1,2}(?:\.\d{1,2})*\.?)\s+(\S.{4,90}?)[ .…_]{4,}\d{1,3}$", re.I
)


async def run_tenders(
    _: Installation, thresholds: Mapping[str, float], limit: int | None
) -> SuiteResult:
    """Judge the tender files by rules; real pieces are read where the data folder holds them."""
    started = time.monotonic()
    data = get_settings().eval_data
    with TemporaryDirectory(prefix="voltaire-eval-dce-") as name:
        cases = thin(list(load_cases(Path(name), data)), limit)
        results = [_measure(case) for case in cases]
    pieces = sorted((data / "dce-fr-btp").rglob("*.pdf"))
    results += [_read_real(path) for path in thin(pieces, limit)]
    figures = tuple(
        figure
        for key, bar in thresholds.items()
        if (figure := _figure(results, key, bar)).count or not key.startswith("real_")
    )
    details = (
        ""
        if pieces
        else ("Sans les données (VOLTAIRE_EVAL_DATA), seuls les dossiers du projet sont mesurés.")
    )
    return SuiteResult("tenders", ENGINE, figures, tuple(results), details=details,
                       seconds=time.monotonic() - started)  # fmt: skip


def _measure(case: TenderCase) -> CaseResult:
    started = time.monotonic()
    means = Means(case.profile, load_grid(), case.now)
    try:
        checks = list(_checks(case, means))
    except Exception as error:  # an evaluation measures failures: one ends no run
        checks = [Check(key, f"erreur {type(error).__name__} {error}", False) for key in LABELS]
    purpose = case.truth.get("purpose", "dossier de consultation")
    return _result(case.id, purpose, checks, time.monotonic() - started)


def _checks(case: TenderCase, means: Means) -> Iterator[Check]:
    runs = [analyse_files(case.sources, means) for _ in range(RUNS)]
    yield from check_analysis(case, runs[0])
    digests = {run.digest for run in runs}
    yield Check("same_runs", "empreintes", len(digests) == 1, ", ".join(sorted(digests)))
    if case.bare:
        same = _judged(analyse_files(case.bare, means)) == _judged(runs[0])
        yield Check("injections", "sans effet", same)


def _judged(analysis: TenderAnalysis) -> tuple[object, ...]:
    """What an order must not change: scores, verdicts, gates, lots, criteria."""
    gates = [(v.lot, v.verdict, v.score, g.key, g.status)
             for v in analysis.lot_verdicts for g in v.gates]  # fmt: skip
    criteria = [(c.name, c.weight, c.lots) for c in analysis.criteria]
    return analysis.verdict, analysis.score, gates, criteria, [lot.title for lot in analysis.lots]


def _read_real(path: Path) -> CaseResult:
    """A real piece: read, not refused, and the articles its own table of contents lists found."""
    started = time.monotonic()
    with TemporaryDirectory() as workspace:
        piece = read_dossier(unpack([path], Path(workspace))).pieces[0]
    checks = [Check("real_files", "lue", piece.status == "used", piece.reason or "")]
    headings = {_title(u.text) for u in piece.text.units if u.kind == "heading"}
    for line in piece.text.text.splitlines():
        if entry := ENTRY.match(line):
            title = _title(f"{entry[1]} {entry[2]}")
            checks.append(Check("real_articles", line.strip()[:80], title in headings))
    return _result(path.stem, "vraie pièce de marché", checks, time.monotonic() - started)


def _title(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", flatten(text))


def _result(name: str, purpose: str, checks: Sequence[Check], seconds: float) -> CaseResult:
    wrong = [check for check in checks if not check.is_right]
    got = "\n".join(f"{c.figure} : {c.place} — lu : {c.got}" for c in wrong) or "tout juste"
    scores = {
        f"{check.figure}#{rank}": Score(check.is_right, f"{check.place} — {check.got}")
        for rank, check in enumerate(checks)
    }
    return CaseResult(name, purpose, (name,), (), "la vérité du dossier", got, scores, seconds)


def _figure(cases: Sequence[CaseResult], key: str, bar: float) -> Figure:
    values = [float(score.is_right) for case in cases for name, score in case.scores.items()
              if name.split("#")[0] == key]  # fmt: skip
    return Figure(LABELS[key], sum(values) / len(values) if values else 0.0, len(values), bar)
