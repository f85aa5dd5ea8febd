"""What a run concludes and leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from core.errors import InvalidInput
from evals.energy import LABELS as ENERGY_LABELS
from evals.mail.measure import LABELS as MAIL_LABELS
from evals.mail.wordings import LABELS as WORDING_LABELS
from evals.meetings.run import LABELS as MEETING_LABELS
from evals.report import summarise, write_reports
from evals.runner import THRESHOLDS, run
from evals.scorers import Score
from evals.suites import LABELS, SUITES, CaseResult, Figure, SuiteResult, thin
from evals.tenders.files import LABELS as TENDER_LABELS
from evals.tenders.ted import LABELS as NOTICE_LABELS


def _result(value: float, *, count: int = 10) -> SuiteResult:
    case = CaseResult(
        "pf-1", "Échéances", ("Quand ?",), ("dates",), "07/12/2026", "[answered] 08/12/2026",
        {"answered_right": Score(False, "il manque 1 sur 1")}, 0.1,
    )  # fmt: skip
    figure = Figure("réponses justes", value, count, 0.9)
    return SuiteResult("portfolio", "moteur déterministe", (figure,), (case,))


def test_a_suite_fails_below_its_threshold():
    assert _result(0.9).is_passed
    assert not _result(0.899).is_passed


def test_nothing_measured_passes_nothing():
    assert not _result(1.0, count=0).is_passed
    assert not SuiteResult("portfolio", "moteur déterministe", ()).is_passed


def test_the_last_line_names_the_engine_and_the_figures():
    assert summarise([_result(0.655)]) == (
        "portfolio (moteur déterministe) : réponses justes 65,5\u00a0% (seuil 90,0\u00a0%)"
    )


def test_reports_hold_each_failure_with_what_was_expected_and_got(tmp_path: Path):
    markdown, data = write_reports(tmp_path, [_result(0.5)])
    text = markdown.read_text(encoding="utf-8")
    assert all(part in text for part in ("Quand ?", "07/12/2026", "08/12/2026", "il manque"))
    assert "moteur déterministe" in text
    assert json.loads(data.read_text(encoding="utf-8"))["is_passed"] is False


def test_thresholds_name_known_scores_of_known_suites():
    known = {
        "meetings": MEETING_LABELS,
        "email": MAIL_LABELS,
        "wordings": WORDING_LABELS,
        "tenders": TENDER_LABELS,
        "notices": NOTICE_LABELS,
        "energy": ENERGY_LABELS,
        "abstention": ENERGY_LABELS,
        "nearby": ENERGY_LABELS,
        "everyday": ENERGY_LABELS,
        "contradictions": ("found", "left_alone"),
    }
    declared = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))
    assert set(declared) <= set(SUITES)
    for suite, scores in declared.items():
        assert set(scores) <= set(known.get(suite, LABELS)), suite
    assert set(declared["meetings"]) == set(MEETING_LABELS)


def test_a_limit_keeps_evenly_spaced_cases():
    assert thin(list(range(10)), 3) == [0, 3, 6]
    assert thin(list(range(3)), None) == [0, 1, 2]


def test_an_unknown_suite_is_refused_before_anything_starts():
    with pytest.raises(InvalidInput, match="Suites connues : portfolio"):
        run(["poetry"])
