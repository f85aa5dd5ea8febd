"""What a question asks for and no record has: its reading says so."""

from __future__ import annotations

import datetime as dt

import pytest

from agents.portfolio_assistant.rules.interpretation import read_question
from agents.portfolio_assistant.rules.routing import choose_route
from agents.portfolio_assistant.rules.rule import answer_both

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    "question",
    [
        "Combien de salariés compte une entreprise locale de distribution ?",
        "Quel est l’âge moyen des compteurs de nos clients ?",
        "Quelle couleur ont les contrats de gaz ?",
        "Combien coûte la formation PPA avancé ?",
        "Quel est le prix moyen du kWh cumac ?",
        "Quelle est la durée maximale d’un contrat de gaz ?",
    ],
)
def test_a_noun_asked_for_that_nothing_is_named_by_is_beyond_the_records(question: str) -> None:
    assert read_question(question, (), (), TODAY).is_beyond


@pytest.mark.parametrize(
    "question",
    [
        "Combien de contrats de gaz arrivent à échéance ?",
        "Quelle est la puissance souscrite totale de nos sites ?",
        "Quels clients sont des hôpitaux ?",
        "Combien de temps reste-t-il avant l’échéance des contrats ?",
        "Combien coûte le contrat d’électricité ?",
        "Quel est le prix moyen du MWh PCS des contrats de gaz ?",
        "Quelle est la puissance maximale de nos sites ?",
        "Quel est le montant moyen de nos contrats ?",
    ],
)
def test_what_records_hold_is_not(question: str) -> None:
    assert not read_question(question, (), (), TODAY).is_beyond


def test_a_question_whose_very_object_no_record_has_is_not_for_the_records_alone() -> None:
    asked = "Combien de salariés compte une entreprise locale de distribution ?"
    reading = read_question(asked, [], [], dt.date(2026, 11, 29))
    assert reading.is_beyond and choose_route(reading) == "both"
    assert answer_both(reading, [], [], None) is None
