"""What is typed in a hurry, as search reads it."""

import pytest

from knowledge.spoken import write_out


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("depuis qd on est certifié ?", "depuis quand on est certifié ?"),
        ("il me faut cb d'heures ?", "il me faut combien d'heures ?"),
        ("une caisse à 90 balles, je garde ?", "une caisse à 90 €, je garde ?"),
        ("un geste de 3k€", "un geste de 3 000 €"),
        ("le client a 15 j pour répondre", "le client a 15 jours pour répondre"),
        ("Voilà, on a fini la mission", "on a fini la mission"),
        ("Petite question un peu gênante : je peux ?", "je peux ?"),
        ("que dit le DS du contrat ?", "que dit le DS du contrat ?"),
        ("Bonjour", "Bonjour"),
        ("Sous quel délai répond-on ?", "Sous quel délai répond-on ?"),
    ],
)
def test_short_forms_are_written_out(typed: str, written: str) -> None:
    assert write_out(typed) == written
