"""What tells that found passages answer a question, and the fit that weighs it."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from evals.calibrate import MOST_REFUSED, choose_threshold, fit, predict, rate
from knowledge.answerability import (
    COEFFICIENTS,
    FEATURES,
    FoundText,
    estimate,
    list_missing,
    measure,
)
from knowledge.sentence_scores import Question

WEIGHTS = {"lettr": 3.0, "dénonci": 4.0, "denonci": 4.0, "part": 2.0, "jour": 1.0}
RULE = FoundText(
    "IN-04 Dénoncer un contrat › Alertes",
    ["La lettre de dénonciation part 30 jours avant la date limite.", "La preuve est classée."],
    20.0,
    0.7,
)
OTHER = FoundText("PR-01 Archives", ["Les pièces sont gardées dix ans."], 6.0, 0.3)


def ask(text: str) -> Question:
    return Question(text, WEIGHTS, {})


def test_words_that_stand_together_cover_the_question() -> None:
    near = measure(ask("Combien de jours avant part la lettre de dénonciation ?"), [RULE, OTHER])
    far = measure(ask("Quel antivirus équipe les postes ?"), [RULE, OTHER])
    assert near["sentence"] > 0.9
    assert near["typed"] == 1.0
    assert far["cover"] == 0.0
    assert far["unknown"] == 1.0
    assert set(near) == set(FEATURES)


def test_a_date_in_the_question_is_not_a_word_that_lacks() -> None:
    with_date = measure(ask("Au 1er mars 2025, quand part la lettre de dénonciation ?"), [RULE])
    without = measure(ask("quand part la lettre de dénonciation ?"), [RULE])
    assert with_date["cover"] == pytest.approx(without["cover"])


def test_a_misspelt_word_is_met_in_part() -> None:
    misspelt = measure(ask("letrte de dénonciatoin"), [RULE])
    assert 0.5 < misspelt["cover"] < 1.0
    assert list_missing(ask("letrte de dénonciatoin, antivirus"), [RULE]) == ["antivirus"]


def test_a_reference_found_or_not_counts_on_either_side() -> None:
    assert measure(ask("que dit IN-04 ?"), [RULE])["identifier"] == 1.0
    assert measure(ask("que dit IN-99 ?"), [RULE])["identifier"] == -1.0


def test_nothing_found_is_no_assurance() -> None:
    assert estimate(ask("la lettre"), []) == 0.0


def test_the_fit_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(1)
    features = random.normal(size=(400, 3))
    answers = (features[:, 0] + 0.1 * random.normal(size=400) > 0).astype(float)
    chances = predict(fit(features, answers), features)
    threshold = choose_threshold(chances, answers)
    answered, refused = rate(chances, answers, threshold)
    assert answered < 0.1
    assert refused <= MOST_REFUSED + 0.01


def test_the_written_coefficients_cover_every_feature() -> None:
    written = yaml.safe_load(COEFFICIENTS.read_text(encoding="utf-8"))
    assert set(written) == {"bias", "threshold", *FEATURES}
    assert 0 < written["threshold"] < 1
