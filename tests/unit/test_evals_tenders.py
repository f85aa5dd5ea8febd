"""The suite `tenders`: its truths stand in its pieces, and its scoring can fail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from agents.tender_scoring.analysis import Means, analyse_files
from agents.tender_scoring.grid import load_grid
from agents.tender_scoring.models import TenderAnalysis
from evals.tenders.cases import OWN, TenderCase, flatten, load_cases
from evals.tenders.scoring import check_analysis
from ingest.tenders.dossier import read_dossier
from ingest.tenders.intake import unpack

NAMES = sorted(path.parent.name for path in OWN.glob("*/truth.yaml"))


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TenderCase]:
    workspace = tmp_path_factory.mktemp("dce")
    return {case.id: case for case in load_cases(workspace, workspace / "absent")}


@pytest.fixture(scope="module")
def analysis(cases: dict[str, TenderCase]) -> TenderAnalysis:
    case = cases["gaz-plateau"]
    return analyse_files(case.sources, Means(case.profile, load_grid(), case.now))


def list_quotes(truth: Any) -> Iterator[tuple[str, str]]:
    """Every expected quote of a truth, with its file."""
    if isinstance(truth, Mapping):
        if "quote" in truth:
            yield truth["file"], truth["quote"]
        for value in truth.values():
            yield from list_quotes(value)
    elif isinstance(truth, list):
        for value in truth:
            yield from list_quotes(value)


@pytest.mark.parametrize("name", NAMES)
def test_expected_quotes_stand_in_their_piece(
    name: str, cases: dict[str, TenderCase], tmp_path: Path
) -> None:
    case = cases[name]
    dossier = read_dossier(unpack(case.sources, tmp_path))
    texts = {p.name: flatten(p.text.text).replace(" |", "") for p in dossier.pieces}
    texts |= {n.name: flatten(n.disk.read_text(encoding="utf-8")) for n in dossier.notices}
    hidden = " ".join(flatten(h.text) for p in dossier.pieces for h in p.text.hidden)
    lacking = [q for f, q in list_quotes(case.truth) if flatten(q) not in texts[f] + hidden]
    assert not lacking


@pytest.mark.parametrize("name", NAMES)
def test_own_files_keep_gates_and_verdict(name: str, cases: dict[str, TenderCase]) -> None:
    case = cases[name]
    found = analyse_files(case.sources, Means(case.profile, load_grid(), case.now))
    wrong = [c for c in check_analysis(case, found)
             if not c.is_right and c.figure in ("gates", "verdicts", "injections")]  # fmt: skip
    assert not wrong


def count_right(case: TenderCase, found: TenderAnalysis, figure: str) -> int:
    return sum(c.is_right for c in check_analysis(case, found) if c.figure == figure)


def test_a_right_value_on_a_wrong_page_is_not_right(
    cases: dict[str, TenderCase], analysis: TenderAnalysis
) -> None:
    deadline = analysis.facts.deadline
    assert deadline is not None
    proof = deadline.evidence[0]
    moved = proof.model_copy(update={"span": proof.span.__class__(
        proof.span.source_id, proof.span.start, proof.span.end, proof.span.quote, 3)})  # fmt: skip
    later = deadline.instant + dt.timedelta(hours=1) if deadline.instant else None
    case = cases["gaz-plateau"]
    held = count_right(case, analysis, "fields")
    for wrong in ({"evidence": (moved,)}, {"instant": later}):
        facts = analysis.facts.model_copy(update={"deadline": deadline.model_copy(update=wrong)})
        spoilt = analysis.model_copy(update={"facts": facts})
        assert count_right(case, spoilt, "fields") == held - 1


def test_an_invented_criterion_and_a_false_verdict_cost(
    cases: dict[str, TenderCase], analysis: TenderAnalysis
) -> None:
    case = cases["gaz-plateau"]
    extra = analysis.criteria[0].model_copy(update={"name": "Délai", "weight": Decimal(7)})
    spoilt = analysis.model_copy(
        update={"criteria": (*analysis.criteria, extra), "verdict": "GO", "contradictions": ()}
    )
    wrong = {c.figure for c in check_analysis(case, spoilt) if not c.is_right}
    assert {"criteria", "verdicts", "contradictions"} <= wrong
