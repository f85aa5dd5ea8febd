"""Actions read as minutes do; what was only pointed at is quoted, and nothing is made up."""

from __future__ import annotations

import pytest

from tests.meetings import write


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (("A: La clause d'indexation reste floue.", "L: Je reviens vers vous là-dessus jeudi."),
         "Revenir sur ce point : « La clause d'indexation reste floue »."),
        (("A: On n'a toujours pas l'attestation d'assurance.", "P: Je m'en occupe pour vendredi."),
         "S’occuper de ce point : « On n'a toujours pas l'attestation d'assurance »."),
        (("L: Il faudra refaire le tableau des puissances.", "P: Je m'en charge pour vendredi."),
         "Refaire le tableau des puissances."),
        (("A: Le bordereau est chez la comptable, je la relance demain.",),
         "Relancer la comptable."),
        (("A: Vous avez votre grille de prix ?", "P: Oui, je vous l'envoie demain."),
         "Envoyer votre grille de prix."),
        (("L: Paul, il faudrait signer la convention avant lundi.", "P: D'accord."),
         "Signer la convention."),
        (("A: J'ai besoin des relevés de comptage pour mardi.", "P: D'accord, je m'en occupe."),
         "Fournir les relevés de comptage."),
        (("P: Je vous balance le fichier demain.",), "Envoyer le fichier."),
    ],
)  # fmt: skip
def test_an_action_is_an_infinitive_with_its_object(said: tuple[str, ...], told: str) -> None:
    (action,) = write(*said).actions
    assert action.text.replace("\u00a0", " ") == told.replace("'", "’")


def test_what_nothing_names_stays_quoted_as_said() -> None:
    (action,) = write("P: Je le fais vendredi.").actions
    assert action.text == "«\u00a0Je le fais vendredi\u00a0»."


def test_the_day_is_never_the_object() -> None:
    (action,) = write(
        "A: Le rapport est prêt ce midi.", "P: Parfait, je vous l'envoie ce soir."
    ).actions
    assert "midi" not in action.text and "rapport" in action.text
