"""What changes from one text to another, sentence by sentence."""

from __future__ import annotations

import pytest

from agents.portfolio_assistant.revisions import (
    find_labels,
    is_approval_asked,
    is_revision_asked,
)
from knowledge.version_changes import SentenceChange, Statement, list_changes, mark_words


def state(*texts: str, section: str = "Délais") -> list[Statement]:
    return [Statement(section, text) for text in texts]


def test_a_sentence_reworded_is_told_as_it_was_and_as_it_becomes() -> None:
    before = state("La réponse part sous dix jours ouvrés.", "Le registre est tenu.")
    after = state("La réponse part sous cinq jours ouvrés.", "Le registre est tenu.")
    assert list_changes(before, after) == [SentenceChange("Délais", before[0].text, after[0].text)]
    marked = [run for run in mark_words(before[0].text, after[0].text) if not run[2]]
    assert marked == [("dix", "cinq", False)]
    kept = "".join(
        old for old, _, _ in mark_words("10\u00a0% des jours.", "10\u00a0% des jours ouvrés.")
    )
    assert kept == "10\u00a0% des jours.", "blanks as they are written"


def test_sentences_new_or_removed_stand_alone() -> None:
    before = state("Le dossier est gardé trois ans.", "Un badge est remis au visiteur.")
    after = state("Le dossier est gardé trois ans.", "Toute plainte reçoit un numéro.")
    assert list_changes(before, after) == [
        SentenceChange("Délais", before[1].text, None),
        SentenceChange("Délais", None, after[1].text),
    ]


LONG = "Le registre des réclamations est tenu chaque jour par la responsable qualité."


def test_a_long_sentence_moved_whole_or_written_in_other_letters_does_not_change() -> None:
    before = [*state(LONG, "La qualité décide."), *state("Fin.", section="B")]
    after = [*state("LA QUALITÉ DÉCIDE."), *state("Fin.", LONG, section="B")]
    assert list_changes(before, after) == []


def test_the_label_of_each_version_in_its_own_pages_is_no_change() -> None:
    before = [Statement("", "RG-04 – v1.3 Page 1 / 1", "1.3")]
    assert list_changes(before, [Statement("", "RG-04 – v2.0 Page 1 / 1", "2.0")]) == []
    other = [Statement("", "Le modèle v1.3 est joint.", "2.0")]
    (change,) = list_changes(other, [Statement("", "Le modèle v1.4 est joint.", "3.0")])
    assert change.before == other[0].text, "the version of something else"


def test_short_sentences_that_change_places_change_what_they_say() -> None:
    gas, power = "Délai : dix jours.", "Délai : cinq jours."
    before = [*state(gas, section="Gaz"), *state(power, section="Électricité")]
    after = [*state(power, section="Gaz"), *state(gas, section="Électricité")]
    assert [(one.before, one.after) for one in list_changes(before, after)] == [
        (gas, power), (power, gas),
    ]  # fmt: skip
    renamed = [*state(gas, section="Gaz naturel"), *state(power, section="Électricité")]
    assert list_changes(before, renamed) == []
    same = [*state(power, section="Gaz"), *state(power, section="Électricité")]
    (change,) = list_changes(before, same)
    assert (change.before, change.after) == (gas, power)


def test_each_sentence_is_paired_with_the_one_it_rewords_most() -> None:
    before = state("Un avoir est émis sous huit jours.", "Un avoir est relancé chaque lundi matin.")
    after = state("Un avoir est relancé chaque mardi matin.", "Un avoir est émis sous dix jours.")
    found = {(one.before, one.after) for one in list_changes(before, after)}
    assert found == {(before[0].text, after[1].text), (before[1].text, after[0].text)}


def test_two_long_texts_with_nothing_in_common_are_not_compared_two_by_two() -> None:
    before = state(*(f"Ancienne phrase numéro {number} du texte." for number in range(400)))
    after = state(*(f"Ancienne phrase numéro {number} du texte." for number in range(400, 800)))
    found = list_changes(before, after)
    assert len(found) == 800 and all(None in (one.before, one.after) for one in found)


@pytest.mark.parametrize(
    "question",
    """
    Que change la version 3.1 de PR-08 ?
    Qu’est-ce qui a changé dans PR-08 ?
    Qu’est‑ce qui change entre la version 2 et la version 3.1 de la procédure PR-08 ?
    Quelles différences entre les versions 2 et 3 de PR-08 ?
    Quelle est la différence entre la v2 et la v3 de PR-08 ?
    Comparez PR-08 v2 et v3
    Pouvez-vous comparer les versions 1 et 2 de PR-08 ?
    Quelles modifications ont été apportées à PR-08 ?
    Qu’apporte la version 3 de PR-08 s’il vous plaît ?
    Quoi de neuf dans PR-QHSE-01 ?
    PR-08 : qu’est-ce qui change ?
    Que change la version 2 de « Charte achats » ?
    """.strip().splitlines(),
)
def test_a_request_for_what_a_version_changes_is_known(question: str) -> None:
    assert is_revision_asked(question.strip())


@pytest.mark.parametrize(
    ("question", "labels"),
    [
        ("En quoi la version 3 de PR-08 diffère-t-elle de la 2 ?", ["3", "2"]),
        ("Quelle différence entre la 2 et la 3.1 de PR-08 ?", ["2", "3.1"]),
        ("PR-08 v3 vs v2 : quoi de neuf ?", ["3", "2"]),
        ("Qu’est-ce qui change dans PR-08 ?", []),
    ],
)
def test_versions_are_named_with_or_without_the_word(question: str, labels: list[str]) -> None:
    assert find_labels(question) == labels


@pytest.mark.parametrize(
    "question",
    """
    Qu’est-ce qui change dans PR-08 pour les clients publics ?
    Quelles modifications de contrat PR-08 autorise-t-elle ?
    Qu’est-ce qui a changé dans PR-08 en 2025 ?
    Qu’est-ce qui a changé depuis hier ?
    Que change le TURPE 7 ?
    Qu’est-ce qui change dans PR-08 pour la 9001 ?
    Que modifie ISO-9001 ?
    Comparez CT-2024-0070 et 2023
    Modifiez PR-08
    Retirez la version 2 de PR-08
    """.strip().splitlines(),
)
def test_other_questions_and_orders_ask_for_no_comparison(question: str) -> None:
    assert not is_revision_asked(question.strip())


@pytest.mark.parametrize(
    ("question", "is_asked"),
    [
        ("Qui a approuvé la v2 de PR-08 ?", True),
        ("Qui a validé la dernière version de PR-08 ?", True),
        ("À quelle date PR-08 a-t-elle été approuvée ?", True),
        ("Quand est-ce que PR-08 a été approuvée ?", True),
        ("Date d’approbation de la procédure PR-08", True),
        ("Qui a signé la procédure PR-08 ?", True),
        ("Qui a signé AO-12 ?", False),
        ("Approuvez la version 2 de PR-08", False),
        ("Qui doit approuver PR-08 ?", False),
        ("Qui approuve les offres selon PR-02 ?", False),
    ],
)
def test_a_request_for_who_approved_is_told_from_an_order(question: str, is_asked: bool) -> None:
    assert is_approval_asked(question) is is_asked
