"""The measures gate: on the authored threads, when they are there."""

from __future__ import annotations

import pytest
import yaml

from core.settings import get_settings
from evals.mail.measure import LABELS, find_missing, measure_mail
from evals.mail.tallies import Tallies
from evals.runner import THRESHOLDS


def test_every_gated_measure_has_a_label():
    gates = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))["email"]
    assert set(gates) <= set(LABELS)


def test_f1_counts_what_is_extra_and_lacking():
    tallies = Tallies()
    tallies.compare("a", "codes_f1", {"x", "y"}, {"y", "z"})
    assert tallies.value("codes_f1") == (0.5, 2)
    assert "en trop ['x'], manquants ['z']" in tallies.failures["a"]["codes_f1"]


def test_missing_data_are_named(tmp_path):  # type: ignore[no-untyped-def]
    assert "VOLTAIRE_EVAL_DATA" in find_missing(tmp_path)


def test_the_thresholds_are_reached():
    folder = get_settings().eval_data
    if missing := find_missing(folder):
        pytest.skip(missing)
    tallies = measure_mail(folder)
    gates = yaml.safe_load(THRESHOLDS.read_text(encoding="utf-8"))["email"]
    missed = {n: tallies.value(n) for n, gate in gates.items() if tallies.value(n)[0] < gate}
    assert not missed
