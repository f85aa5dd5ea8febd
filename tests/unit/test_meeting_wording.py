"""Decisions and open points read as written French; what cannot be rewritten is quoted, by whom."""

from __future__ import annotations

import datetime as dt

import pytest

from agents.meeting_synthesis.rules.conjugation import find_infinitive
from agents.meeting_synthesis.rules.wording import clean
from agents.meeting_synthesis.rules.written_numbers import write_days, write_numbers
from core.words import BLANK
from tests.meetings import write

THURSDAY = dt.date(2026, 10, 15)


def _plain(text: str) -> str:
    return BLANK.sub(" ", text).replace("’", "'")


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("L: On retient l'offre d'Engie à soixante-douze euros du mégawattheure.", "A: D'accord."),
         "Il est décidé de retenir l'offre d'Engie à 72 €/MWh."),
        (("P: La clause de révision, on la supprime.", "A: Ça me va."),
         "Il est décidé de supprimer la clause de révision."),
        (("L: Nous validons le scénario haut et on garde la réserve de cent mille euros.",
          "A: D'accord."),
         "Il est décidé de valider le scénario haut et de garder la réserve de 100 000 €."),
        (("L: Pour le site de Brest, on passe en tarif fixe.", "A: D'accord."),
         "Pour le site de Brest, il est décidé de passer en tarif fixe."),
        (("P: Je propose de reporter la consultation au quinze mars.", "A: D'accord."),
         "ROUX Paul propose de reporter la consultation au 15 mars 2027. Proposition acceptée."),
        (("P: L'audit, je propose de le décaler en avril.", "A: D'accord."),
         "ROUX Paul propose de décaler l'audit en avril. Proposition acceptée."),
        (("L: La durée ?", "A: Trois ans ferme.", "L: D'accord, trois ans."),
         "MARTIN Léa : « La durée ? » – BERGER Anne : « 3 ans ferme »."),
        (("L: Donc trois ans ferme, sans tacite reconduction du contrat.", "A: D'accord."),
         "3 ans ferme, sans tacite reconduction du contrat."),
        (("L: On ne prend que la moitié du volume.", "A: D'accord."),
         "MARTIN Léa : « On ne prend que la moitié du volume »."),
        (("A: Le fournisseur nous les facture, donc on part sur cent pour cent d'origine garantie.",
          "L: D'accord."),
         "BERGER Anne : « Le fournisseur nous les facture, donc on part sur 100 % d'origine "
         "garantie »."),
    ],
)  # fmt: skip
def test_a_decision_is_written_or_quoted(said: tuple[str, ...], told: str) -> None:
    (decision,) = write(*said).decisions
    assert _plain(decision.text) == told
    assert all("«" not in quote.text for quote in decision.quotes)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("L: On n'a pas encore tranché sur la durée du préavis.",),
         "Il n'a pas encore été tranché sur la durée du préavis."),
        (("L: On attend la réponse d'Enedis sur le raccordement.",),
         "En attente : la réponse d'Enedis sur le raccordement."),
        (("A: On ne sait pas si la chaufferie sera livrée en mars.",),
         "Reste à savoir si la chaufferie sera livrée en mars."),
        (("L: Est-ce que le compteur est changé ?", "A: Je ne sais pas, il faut que je demande."),
         "MARTIN Léa : « Est-ce que le compteur est changé ? » – "
         "BERGER Anne : « Je ne sais pas, il faut que je demande »."),
        (("A: La clause de sortie est à soixante jours.", "L: Il faut vérifier."),
         "À vérifier : la clause de sortie est à 60 jours."),
        (("A: Le solde, on le verra au prochain comité, je ne m'engage pas.",),
         "BERGER Anne : « Le solde, on le verra au prochain comité, je ne m'engage pas »."),
    ],
)  # fmt: skip
def test_an_open_point_is_written_or_quoted(said: tuple[str, ...], told: str) -> None:
    (point,) = write(*said).open_points
    assert _plain(point.text) == told


@pytest.mark.parametrize(
    ("said", "quoted"),
    [
        ("C'est trop cher, euh, quoi.", "C'est trop cher."),
        ("Je je préfère chiffrer avant de décider quoi que ce soit.",
         "Je préfère chiffrer avant de décider quoi que ce soit."),
        ("Le compteur, c'est le trois zéro zéro, euh, sept sept.",
         "Le compteur, c'est le trois zéro zéro, sept sept."),
        ("Non, laissez tomber l'indexé.", "Non, laissez tomber l'indexé."),
        ("Apporte-le, le plan.", "Apporte-le, le plan."),
        ("Tu vois avec Enedis si vous voulez signer.",
         "Tu vois avec Enedis si vous voulez signer."),
        ("Du coup, on, on attend, tu vois, très très longtemps.",
         "On attend, très très longtemps."),
    ],
)  # fmt: skip
def test_only_hesitations_are_taken_out_of_words_quoted(said: str, quoted: str) -> None:
    assert clean(said) == quoted


def test_a_quote_keeps_the_no_it_opens_with() -> None:
    (dropped,) = write(
        "P: On aurait pu aussi basculer le site de Vannes en indexé, mais c'est risqué.",
        "A: Non, laissez tomber l'indexé, je n'en veux pas.",
    ).dropped
    assert "« Non, laissez tomber l'indexé, je n'en veux pas »" in _plain(dropped.text)


def test_two_subjects_are_two_open_points() -> None:
    points = write(
        "P: Le raccordement de l'usine, c'est pour quand ?", "A: On attend toujours Enedis.",
        "L: Et pour les garanties d'origine, on n'a pas tranché.",
    ).open_points  # fmt: skip
    assert ["garanties" in point.text for point in points] == [False, True]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("neuf virgule huit centimes du kilowattheure", "9,8 c€/kWh"),
        ("33,50 euros", "33,50 €"),
        ("cinquante-neuf euros quatre-vingts", "59,80 €"),
        ("41 mille gigawattheures", "41 000 GWh"),
        ("entre dix et quatorze heures trente", "entre 10 et 14 h 30"),
        ("quarante pour cent de l'été vingt-sept", "40 % de l'été 2027"),
        ("un plafond à vingt-sept", "un plafond à 27"),
        ("pour vingt-huit sites", "pour 28 sites"),
        ("en vingt-sept jours", "en 27 jours"),
        ("article huit point trois de l'iso cinquante mille et un", "article 8.3 de l'iso 50001"),
        ("lot un et lot deux, en trois fois", "lot 1 et lot 2, en trois fois"),
        ("le contrat C-2024-0153 du 30001234567890", "le contrat C-2024-0153 du 30001234567890"),
        ("le premier janvier", "le 1er janvier 2027"),
        ("le vendredi quatorze mai au plus tard", "le vendredi 14 mai 2027 au plus tard"),
        ("vendredi en huit", "vendredi en huit (23/10/2026)"),
        ("toute réclamation sous vingt-quatre heures", "toute réclamation sous 24 h"),
    ],
)  # fmt: skip
def test_numbers_and_days_are_written_as_minutes_do(said: str, told: str) -> None:
    assert _plain(write_days(write_numbers(said, THURSDAY), THURSDAY)) == told


def test_without_the_meeting_s_day_no_year_is_made_out() -> None:
    assert write_days(write_numbers("l'été vingt-sept, le quatorze mai", None), None) == (
        "l'été 27, le 14 mai"
    )


@pytest.mark.parametrize(
    ("form", "infinitive"),
    [("retient", "retenir"), ("couvre", "couvrir"), ("intègre", "intégrer"), ("paie", None),
     ("envoie", "envoyer"), ("choisissons", "choisir"), ("engageons", "engager"), ("est", None),
     ("ajoutera", "ajouter"), ("exclut", "exclure"), ("nivelle", None)],
)  # fmt: skip
def test_an_unknown_form_has_no_infinitive(form: str, infinitive: str | None) -> None:
    assert find_infinitive(form) == infinitive
