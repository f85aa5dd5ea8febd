"""Ranges and labels: which line of a rule is of the case a question puts."""

from math import inf

import pytest

from knowledge.cases import Range, fit_case, list_quantities, list_ranges
from knowledge.sentence_scores import Question


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("De 1 000 € à 10 000 €", Range("€", 1_000, 10_000)),
        ("une consommation comprise entre 300 et 5 000 MWh par an", Range("mwh", 300, 5_000)),
        ("plus de 36 kVA", Range("kva", 36, inf, has_low=False)),
        ("à partir de 216 000 € HT", Range("€", 216_000, inf)),
        ("36 kVA ou moins", Range("kva", -inf, 36)),
        ("n’excède pas 5 %", Range("%", -inf, 5)),
        ("d’une valeur supérieure à 50 €", Range("€", 50, inf, has_low=False)),
        ("plus de 36 kVA et jusqu’à 250 kVA", Range("kva", 36, 250, has_low=False)),
        ("moins de 2 millions d’euros de recettes", Range("€", -inf, 2e6, has_high=False)),
        ("au-delà de 1,5 GWh", Range("mwh", 1_500, inf, has_low=False)),
        ("300 MWh et plus", Range("mwh", 300, inf)),
        ("90 000 € HT et plus", Range("€", 90_000, inf)),
        ("moins de 15.000 €", Range("€", -inf, 15_000, has_high=False)),
        ("de 500 kWh à 5 GWh", Range("mwh", 0.5, 5_000)),
        ("entre 10 000 € et 40 000 € HT", Range("€", 10_000, 40_000)),
        ("la marge ne doit pas dépasser 5 %", Range("%", -inf, 5)),
        ("sans excéder 5 %", Range("%", -inf, 5)),
        ("pas plus de 5 %", Range("%", -inf, 5)),
        ("elle n’est pas supérieure à 5 %", Range("%", -inf, 5)),
        ("Puissance : 70 à 290 kW", Range("kw", 70, 290)),
        ("Volume (MWh/an) : 2 000 – 10 000 ; Prix : 3", Range("mwh", 2_000, 10_000)),
        ("Volume minimal (MWh) : 100 000 ; Cible (€/MWh) : 1", Range("mwh", 100_000, inf)),
        ("Minimum (MWh) : 2 000 ; Maximum (MWh) : 10 000", Range("mwh", 2_000, 10_000)),
    ],
)
def test_a_range_is_read_with_its_bounds_and_unit(text: str, wanted: Range) -> None:
    assert list_ranges(text) == (wanted,)


@pytest.mark.parametrize(
    "text",
    [
        "26,58 €/MWh au 1er février 2026",
        "plus de 30 € par MWh",
        "un point de 60 kVA",
        "le PRM 50012345678901",
        "12 mois",
        "la TVA passe le 1er août 2025 à 20 %",
        "les lots 1 et 5 000 €",
        "Volume (MWh) : 5 000 ; Prix : 3",
    ],
)
def test_a_value_alone_is_no_range(text: str) -> None:
    assert list_ranges(text) == ()


@pytest.mark.parametrize(
    ("question", "text", "fit"),
    [
        ("Combien de temps garde-t-on un dossier gagné ?", "Dossiers non gagnés : 3 ans", -1),
        ("Combien de temps garde-t-on un dossier non gagné ?", "Dossiers gagnés : 10 ans", -1),
        ("Combien de temps garde-t-on un dossier gagné ?", "Gagnés ou non gagnés : 3 ans", 0),
        ("Combien de temps garde-t-on un dossier non gagné ?", "Dossiers non gagnés : 3 ans", 0),
        ("Qui traite une non-conformité ?", "La non-conformité est traitée par son pilote.", 0),
    ],
)
def test_what_is_said_of_the_contrary_is_another_case(question: str, text: str, fit: int) -> None:
    assert fit_case(question, text) == fit


def test_two_ranges_of_two_units_stay_apart() -> None:
    found = list_ranges("moins de 10 agents et moins de 2 millions d’euros")
    assert [(one.unit, one.high) for one in found] == [("people", 10), ("€", 2e6)]


def test_a_quantity_of_a_question_is_a_value_or_what_is_beyond_one() -> None:
    assert list_quantities("un site gaz qui consomme 1,2 GWh ?") == (Range("mwh", 1_200, 1_200),)
    assert list_quantities("et au-dessus de 250 kVA ?") == (Range("kva", 250, inf, has_low=False),)
    asked = "un achat entre 10 000 € et 40 000 €"
    assert list_quantities(asked) == (Range("€", 10_000, 40_000),)
    assert list_quantities("quel est le prix de l’accise en 2026 ?") == ()


@pytest.mark.parametrize(
    ("question", "text", "fit"),
    [
        ("Combien de devis pour 15 000 € ?", "Montant : Plus de 10 000 € ; Règle : Trois devis", 1),
        ("Combien de devis pour 15 000 € ?", "Montant : De 1 000 € à 10 000 € ; Règle : Deux", -1),
        ("Combien de devis pour 10 000 € ?", "Plus de 10 000 €", -1),
        ("Combien de devis pour 10 000 € ?", "De 1 000 € à 10 000 €", 1),
        ("Un point de plus de 250 kVA", "les points de plus de 36 kVA", 1),
        ("Un point de plus de 36 kVA", "les points de plus de 250 kVA", 0),
        ("Un point de 60 kVA", "Le prix est de 20 000 € au plus", 0),
        ("Un point de 60 kVA", "Trois devis sont demandés.", 0),
        ("Que devient un fournisseur classé D ?", "Classe : D ; Suite : Déréférencé", 1),
        ("Que devient un fournisseur classé D ?", "Classe : A ; Suite : Consulté", -1),
        ("Que faire à l’alerte 3 ?", "Alerte : 3 ; Action : Lettre prête à signer", 1),
        ("Que faire à l’alerte 3 ?", "Alerte : 1 ; Action : Proposer une stratégie", -1),
        ("Que prévoient le lot 2 et le lot 3 ?", "Lot : 3 ; Objet : Gaz", 1),
        ("Que prévoient le lot 2 et le lot 3 ?", "Lot : 4 ; Objet : Gaz", -1),
        ("Combien de devis entre 10 000 € et 40 000 € ?", "De 1 000 € à 10 000 €", 0),
        ("Combien de devis entre 15 000 € et 40 000 € ?", "De 1 000 € à 10 000 €", -1),
        ("Combien de devis entre 15 000 € et 40 000 € ?", "Plus de 10 000 €", 1),
        ("Que prévoit la classe d’un fournisseur ?", "Classe : A ; Suite : Consulté", 0),
        ("La classe a-t-elle changé ?", "Classe : B ; Suite : Consulté", 0),
        ("La classe a changé ?", "Classe : B ; Suite : Consulté", 0),
        ("Que vaut la classe A ?", "Classe : B ; Suite : Consulté", -1),
        ("que devient un fournisseur classé d", "Classe : D ; Suite : Déréférencé", 1),
    ],
)
def test_a_line_is_of_the_case_of_another_or_of_none(question: str, text: str, fit: int) -> None:
    assert fit_case(question, text) == fit


def test_a_text_without_a_case_has_that_of_its_titles() -> None:
    asked, text = "Quel délai pour un client de 24 kVA ?", "Le délai est d’un mois."
    assert fit_case(asked, text, "Contrats › Clients de 36 kVA ou moins") == 1
    assert fit_case(asked, text, "Contrats › Clients de plus de 36 kVA") == -1
    assert fit_case(asked, "De 12 à 36 kVA, il est d’un mois.", "Clients de plus de 36 kVA") == 1
    assert fit_case(asked, "La hausse est de 5 % au plus.", "Clients de plus de 36 kVA") == -1


def test_a_line_of_the_case_that_answers_nothing_gains_nothing() -> None:
    asked = Question("Combien de jours pour un achat de 15 000 € ?", {}, {})
    assert asked.fit_case("Plus de 10 000 € : un achat encadré.", "") == 0
    assert asked.fit_case("Plus de 10 000 € : 30 jours.", "") == 1
    assert asked.fit_case("Moins de 10 000 € : un achat direct.", "") == -1
