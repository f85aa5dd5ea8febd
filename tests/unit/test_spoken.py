"""What is typed in a hurry, as search reads it."""

import pytest

from knowledge.spoken import write_out


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("depuis qd on est certifié ?", "depuis quand on est certifié ?"),
        ("il me faut cb d'heures ?", "il me faut combien d'heures ?"),
        ("une caisse à 90 balles, je garde ?", "une caisse à 90 €, je garde ?"),
        ("Un achat de 1,5k€, qui valide ?", "Un achat de 1,5k€, qui valide ?"),
        ("Bonjour, petite question : quel délai ?", "quel délai ?"),
        ("bon pour accord, que vérifier ?", "bon pour accord, que vérifier ?"),
        ("un câble de 10 mm", "un câble de 10 mm"),
        ("qd mm, on répond ?", "quand même, on répond ?"),
        ("Hello Watt est-il un concurrent ?", "Hello Watt est-il un concurrent ?"),
        ("Ben Martin a-t-il signé ?", "Ben Martin a-t-il signé ?"),
        (
            "Question ouverte au fournisseur : combien ?",
            "Question ouverte au fournisseur : combien ?",
        ),
        ("écrire à ts@x.fr", "écrire à ts@x.fr"),
        ("ca marche comment, le CA minimal ?", "ça marche comment, le CA minimal ?"),
        ("l'art. 3 j du contrat", "l'art. 3 j du contrat"),
        ("le client a 15 j pour répondre", "le client a 15 jours pour répondre"),
        ("Voilà, on a fini la mission", "on a fini la mission"),
        ("Petite question un peu gênante : je peux ?", "je peux ?"),
        ("que dit le DS du contrat ?", "que dit le DS du contrat ?"),
        ("Bon de commande : qui signe ?", "Bon de commande : qui signe ?"),
        ("Question de sécurité : qui appeler ?", "Question de sécurité : qui appeler ?"),
        ("Bon, dis-moi, question : on fait quoi ?", "on fait quoi ?"),
        ("Bonjour", "Bonjour"),
        ("Sous quel délai répond-on ?", "Sous quel délai répond-on ?"),
    ],
)
def test_short_forms_are_written_out(typed: str, written: str) -> None:
    assert write_out(typed) == written
