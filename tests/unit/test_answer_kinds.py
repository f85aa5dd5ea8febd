"""The kind of answer a question wants, and the sentences that give it."""

from __future__ import annotations

import pytest

from knowledge.answer_kinds import (
    asks_how,
    asks_whether,
    asks_which,
    counts,
    find_counted,
    find_kind,
    gives,
    list_kind_terms,
)


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
        ("Quel taux de charge ?", "Il est supérieur à 0,60.", True),
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
    assert find_counted("Combien de clients ont répondu ?") == "client"
    assert find_counted("En combien de jours ?") is None


def test_a_thing_is_counted_where_a_number_stands_just_before_it() -> None:
    assert counts("agreg", "Consulter trois agrégateurs au moins.")
    assert counts("fluid", "Elle contient 3,2 kg de fluide.")
    assert not counts("oper", "Un opérateur agréé vend la veille.")
    assert not counts("agreg", "Trois ans après, on consulte les agrégateurs.")


@pytest.mark.parametrize(
    ("question", "forms"),
    [
        ("Quelles offres vise la directrice ?", (True, False, False)),
        ("Que dit l’accord ?", (False, False, False)),
        ("Comment vendre une garantie ?", (False, True, False)),
        ("La garantie peut-elle être vendue ?", (False, False, True)),
        ("Est-ce que la garantie se vend ?", (False, False, True)),
        ("Qu’est-ce que la garantie ?", (False, False, False)),
    ],
)
def test_the_form_of_a_question_is_told(question: str, forms: tuple[bool, bool, bool]) -> None:
    assert (asks_which(question), asks_how(question), asks_whether(question)) == forms


def test_the_words_that_say_the_kind_are_told_apart() -> None:
    question = "À quel prix s’achète le mégawattheure ?"
    kind = find_kind(question)
    assert kind is not None
    assert list_kind_terms(kind, question) == {"prix"}
