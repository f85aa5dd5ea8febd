"""What a question asks for and no record has: its reading says so."""

from __future__ import annotations

import datetime as dt

import pytest

from agents.portfolio_assistant.rules.interpretation import read_question

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
