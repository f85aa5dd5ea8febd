"""What tells that found passages answer a question, and the fit that weighs it."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from evals.calibrate import MOST_REFUSED, choose_threshold, fit, predict, rate
from knowledge.answerability import (
    COEFFICIENTS,
    FEATURES,
    UNMET,
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
)
OTHER = FoundText("PR-01 Archives", ["Les pièces sont gardées dix ans."], 6.0)


def ask(text: str) -> Question:
    return Question(text, WEIGHTS, {})


def test_words_that_stand_together_cover_the_question() -> None:
    near = measure(ask("Combien de jours avant part la lettre de dénonciation ?"), [RULE, OTHER])
    far = measure(ask("Quel antivirus équipe les postes ?"), [RULE, OTHER])
    assert near["met"] > 0.9
    assert near["gives_length"] == 1.0
    assert far["met"] < 0.3
    assert set(near) == {*FEATURES, UNMET}


def test_a_date_in_the_question_is_not_a_word_that_lacks() -> None:
    with_date = measure(ask("Au 1er mars 2025, quand part la lettre de dénonciation ?"), [RULE])
    without = measure(ask("quand part la lettre de dénonciation ?"), [RULE])
    assert with_date["met"] == pytest.approx(without["met"])


def test_a_misspelt_word_is_met_in_part() -> None:
    misspelt = measure(ask("letrte de dénonciatoin"), [RULE])
    assert 0.5 < misspelt["met"] < 1.0
    assert list_missing(ask("letrte de dénonciatoin, antivirus"), [RULE]) == ["antivirus"]


def test_a_sentence_of_the_subject_that_does_not_give_what_is_asked_leaves_a_gap() -> None:
    question = ask("Combien coûte la lettre de dénonciation ?")
    price = FoundText("EN-04 Tarifs", ["La lettre est facturée 300 € HT."], 8.0)
    assert measure(question, [RULE])["amount_gap"] == 1.0
    assert 0.0 < measure(question, [RULE, price])["amount_gap"] < 1.0
    assert estimate(question, [RULE]) < estimate(ask("Quand part la lettre ?"), [RULE])


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


@pytest.mark.parametrize(
    ("question", "lacking"),
    [
        ("Quelle sera la valeur du TURPE 8 ?", ["TURPE 8"]),
        ("Quelle est la valeur du TURPE 7 ?", []),
        ("Quel était le taux de l’accise en 2022 ?", ["2022"]),
        ("Quel était le taux de l’accise en 2024 ?", []),
        ("Quel était le taux de l’accise au 12 mai 2022 ?", []),
        ("Quel est le taux de l’accise en Corse ?", ["Corse"]),
        ("Quel est le taux de l’accise chez Enedis ?", []),
    ],
)
def test_a_detail_that_nothing_found_holds_leaves_no_chance(
    question: str, lacking: list[str]
) -> None:
    found = FoundText(
        "RG-02 Accises et TURPE 7",
        ["L’accise, de 2023 à 2025, a une valeur et un taux de 20 % chez Enedis, TURPE compris."],
        20.0,
    )
    asked = Question(question, {"accis": 3.0, "taux": 1.0, "turp": 3.0, "valeur": 1.0}, {})
    assert list_missing(asked, [found])[: len(lacking)] == lacking
    assert measure(asked, [found])[UNMET] == float(bool(lacking))
    assert (estimate(asked, [found]) == 0.0) == bool(lacking)


def test_a_label_and_its_number_are_met_across_a_hard_space() -> None:
    found = FoundText("AO-1 Points", ["Lot\u00a0: 2\u00a0; Segment\u00a0: C4."], 20.0)
    assert list_missing(Question("combien de C4 au lot 2 ?", {}, {}), [found])[:1] != ["lot 2"]


def test_a_verb_is_not_a_word_that_lacks() -> None:
    asked = ask("Que met le cabinet, que dit la lettre et faut-il un antivirus ?")
    assert list_missing(asked, [RULE]) == ["cabinet", "antivirus"]
