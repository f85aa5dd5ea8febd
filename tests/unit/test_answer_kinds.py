"""The kind of answer a question wants, and the sentences that give it."""

from __future__ import annotations

import pytest

from knowledge.answer_kinds import asks_count, asks_which, find_kind, gives


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Quel est le délai de réponse ?", "length"),
        ("Au bout de combien de temps relance-t-on ?", "length"),
        ("Au 1er mars 2024, quand vérifiait-on l’efficacité ?", "date"),
        ("Quelle tolérance quand on contrôle une facture ?", "figure"),
        ("Combien coûte un raccordement ?", "amount"),
        ("prix du SP95", "amount"),
        ("Le prix compte pour combien ?", "figure"),
        ("Pourquoi les prix ont-ils monté ?", None),
        ("Peut-on changer de prix ?", None),
        ("Quel taux de garanties d’origine ?", "rate"),
        ("Qui valide l’offre ?", "person"),
        ("Où se tient la réunion ?", "place"),
        ("Que dit l’accord ?", None),
    ],
)
def test_the_kind_is_that_of_what_the_question_asks(question: str, kind: str | None) -> None:
    found = find_kind(question)
    assert (found.name if found else None) == kind


@pytest.mark.parametrize(
    ("question", "sentence", "is_given"),
    [
        ("Combien coûte un raccordement ?", "Le raccordement se fait en HTA.", False),
        ("Combien coûte un raccordement ?", "Il est facturé 300\u202f€ HT.", True),
        ("Qui est le banquier ?", "Le compte est ouvert à Nantes.", False),
        ("Qui valide l’offre ?", "La directrice valide l’offre.", True),
        ("Quel taux de succès ?", "Il atteint 38\u00a0%.", True),
        ("Quel délai ?", "La réponse est donnée en dix jours ouvrés.", True),
        ("Quel délai ?", "La réponse est donnée par écrit.", False),
        ("Quelle valeur au-dessus de 250 kVA ?", "Elle vaut pour plus de 250 kVA.", False),
    ],
)
def test_a_sentence_gives_an_answer_of_the_kind(
    question: str, sentence: str, is_given: bool
) -> None:
    kind = find_kind(question)
    assert kind is not None
    assert gives(kind, question, sentence) is is_given


def test_a_count_is_of_things_not_of_days() -> None:
    assert asks_count("Combien de clients ont répondu ?")
    assert not asks_count("En combien de jours ?")
    assert asks_which("Quelles offres vise la directrice ?")
    assert not asks_which("Que dit l’accord ?")
