"""What tells that found passages answer a question, and the fit that weighs it."""

from __future__ import annotations

import numpy as np
import pytest
import yaml

from evals.calibrate import choose_threshold, fit, predict, rate
from knowledge.answerability import (
    COEFFICIENTS,
    FEATURES,
    MOST_ODDS,
    UNMET,
    FoundText,
    Odds,
    estimate,
    grade,
    leave_day_out,
    list_missing,
    load_coefficients,
    measure,
    rank_sentences,
)
from knowledge.sentence_scores import Question

WEIGHTS = {"lettr": 3.0, "dénonci": 4.0, "denonci": 4.0, "part": 2.0, "jour": 1.0}
RULE = FoundText(
    "IN-04 Dénoncer un contrat › Alertes",
    ["La lettre de dénonciation part 30 jours avant la date limite.", "La preuve est classée."],
    [0.9, 0.3],
)
OTHER = FoundText("PR-01 Archives", ["Les pièces sont gardées dix ans."], [0.5])
NEAR = Odds(1.0, 1.0)


def ask(text: str) -> Question:
    return Question(text, WEIGHTS, {})


def test_words_that_stand_together_cover_the_question() -> None:
    asked = ask("Combien de jours avant part la lettre de dénonciation ?")
    near = measure(asked, [RULE, OTHER], NEAR)
    far = measure(ask("Quel antivirus équipe les postes ?"), [RULE, OTHER], NEAR)
    assert near["met"] > 0.9
    assert near["lacks_kind"] == 0.0
    assert far["met"] < 0.3
    assert set(near) == {*FEATURES, UNMET}


def test_a_date_in_the_question_is_not_a_word_that_lacks() -> None:
    asked = "quand part la lettre de dénonciation ?"
    with_date = measure(ask(f"Au 1er mars 2025, {asked}"), [RULE], NEAR)
    assert with_date["met"] == pytest.approx(measure(ask(asked), [RULE], NEAR)["met"])


def test_a_misspelt_word_is_met_in_part() -> None:
    misspelt = measure(ask("letrte de dénonciatoin"), [RULE], NEAR)
    assert 0.5 < misspelt["met"] < 1.0
    assert list_missing(ask("letrte de dénonciatoin, antivirus"), [RULE]) == ["antivirus"]


def test_the_sentence_quoted_first_must_give_what_is_asked() -> None:
    question = ask("Combien coûte la lettre de dénonciation ?")
    price = FoundText("EN-04 Tarifs", ["La lettre est facturée 300 € HT."], [1.2])
    assert measure(question, [RULE], NEAR)["lacks_amount"] == 1.0
    assert measure(question, [RULE, price], NEAR)["lacks_amount"] == 0.0
    asked = ask("Quand part la lettre ?")
    assert estimate(question, [RULE], NEAR) < estimate(asked, [RULE], NEAR)


def test_a_noun_of_the_question_that_the_sentence_leaves_aside_weakens_it() -> None:
    whole = measure(ask("Quand part la lettre de dénonciation ?"), [RULE], NEAR)
    aside = measure(ask("Quand part la lettre du stagiaire ?"), [RULE], NEAR)
    assert whole["weakest_noun"] == 1.0
    assert aside["weakest_noun"] < 0.5


def test_a_word_that_says_the_kind_need_not_stand_where_it_is_given() -> None:
    asked = ask("À quel prix la lettre ?")
    price = FoundText("EN-04 Tarifs", ["La lettre vaut 300 €."], [1.0])
    assert measure(asked, [price], NEAR)["weakest_noun"] == 1.0


def test_a_deed_that_no_sentence_tells_counts_where_the_question_is_about_it() -> None:
    untold = measure(ask("Comment détruire la lettre ?"), [RULE], NEAR)
    not_asked = measure(ask("Quand détruire la lettre ?"), [RULE], NEAR)
    assert untold["lacks_deed"] > 0.5
    assert not_asked["lacks_deed"] == 0.0


def test_things_asked_the_number_of_must_be_counted() -> None:
    counted = FoundText("PR-09 Audit", ["Il choisit cinq lettres au hasard."], [1.0])
    asked = ask("Combien de lettres choisit-il ?")
    assert measure(asked, [counted], NEAR)["uncounted"] == 0.0
    assert measure(asked, [RULE], NEAR)["uncounted"] == 1.0


def test_sentences_read_as_no_answer_lower_the_chance() -> None:
    asked = ask("Quand part la lettre ?")
    likely = estimate(asked, [RULE], Odds(2.0, 2.0))
    assert estimate(asked, [RULE], Odds(-4.0, -1.0)) < likely
    assert estimate(asked, [RULE], Odds()) < likely
    far = measure(asked, [RULE], Odds(-1_000.0, 1_000.0))
    assert (far["first_odds"], far["best_odds"]) == (-MOST_ODDS, MOST_ODDS)


def test_sentences_are_ranked_across_passages() -> None:
    ranked = rank_sentences([RULE, OTHER])
    assert [sentence.place for sentence in ranked] == [0, 2, 1]
    assert ranked[1].text == OTHER.sentences[0]


def test_the_day_a_question_is_asked_as_of_is_no_part_of_it() -> None:
    asked = "À la date du 9 septembre 2024, quand part la lettre ?"
    assert leave_day_out(asked) == "quand part la lettre ?"
    assert leave_day_out("Le 9 septembre 2024") == "Le 9 septembre 2024"


def test_nothing_found_is_no_assurance() -> None:
    assert estimate(ask("la lettre"), [], NEAR) == 0.0


def test_the_fit_separates_what_can_be_separated() -> None:
    random = np.random.default_rng(1)
    features = random.normal(size=(400, 3))
    answers = (features[:, 0] + 0.1 * random.normal(size=400) > 0).astype(float)
    chances = predict(fit(features, answers), features)
    threshold = choose_threshold(chances, answers, 0.05)
    answered, refused = rate(chances, answers, threshold)
    assert answered < 0.1
    assert refused <= 0.06


def test_the_written_coefficients_cover_every_feature() -> None:
    written = yaml.safe_load(COEFFICIENTS.read_text(encoding="utf-8"))
    assert set(written) == {"bias", "threshold", "sure", *FEATURES}
    assert 0 < written["threshold"] < written["sure"] < 1


def test_an_answer_goes_as_far_as_its_assurance_lets_it() -> None:
    written = load_coefficients()
    levels = [grade(chance) for chance in (0, written["threshold"], 1)]
    assert levels == ["weak", "unsure", "sure"]


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
        ("Quel est le taux de l’accise pour une SARL ?", []),
    ],
)
def test_a_detail_that_nothing_found_holds_leaves_no_chance(
    question: str, lacking: list[str]
) -> None:
    found = FoundText(
        "RG-02 Accises et TURPE 7",
        ["L’accise, de 2023 à 2025, a une valeur et un taux de 20 % chez Enedis, TURPE compris."],
        [1.0],
    )
    asked = Question(question, {"accis": 3.0, "taux": 1.0, "turp": 3.0, "valeur": 1.0}, {})
    assert list_missing(asked, [found])[: len(lacking)] == lacking
    assert measure(asked, [found], NEAR)[UNMET] == float(bool(lacking))
    assert (estimate(asked, [found], NEAR) == 0.0) == bool(lacking)


def test_a_label_and_its_number_are_met_across_a_hard_space() -> None:
    found = FoundText("AO-1 Points", ["Lot\u00a0: 2\u00a0; Segment\u00a0: C4."], [1.0])
    assert list_missing(Question("combien de C4 au lot 2 ?", {}, {}), [found])[:1] != ["lot 2"]


def test_a_verb_is_not_a_word_that_lacks() -> None:
    asked = ask("Que met le cabinet, que dit la lettre et faut-il un antivirus ?")
    assert list_missing(asked, [RULE]) == ["cabinet", "antivirus"]
