"""What changes from one text to another, sentence by sentence."""

from __future__ import annotations

import pytest

from agents.portfolio_assistant.revisions import is_revision_asked
from knowledge.version_changes import SentenceChange, Statement, list_changes, mark_words


def state(*texts: str, section: str = "Délais") -> list[Statement]:
    return [Statement(section, text) for text in texts]


def test_a_sentence_reworded_is_told_as_it_was_and_as_it_becomes() -> None:
    before = state("La réponse part sous dix jours ouvrés.", "Le registre est tenu.")
    after = state("La réponse part sous cinq jours ouvrés.", "Le registre est tenu.")
    assert list_changes(before, after) == [SentenceChange("Délais", before[0].text, after[0].text)]
    marked = [run for run in mark_words(before[0].text, after[0].text) if not run[2]]
    assert marked == [("dix", "cinq", False)]


def test_sentences_new_or_removed_stand_alone() -> None:
    before = state("Le dossier est gardé trois ans.", "Un badge est remis au visiteur.")
    after = state("Le dossier est gardé trois ans.", "Toute plainte reçoit un numéro.")
    assert list_changes(before, after) == [
        SentenceChange("Délais", before[1].text, None),
        SentenceChange("Délais", None, after[1].text),
    ]


def test_a_sentence_moved_whole_or_written_in_other_letters_does_not_change() -> None:
    before = [*state("Le registre est tenu.", "La qualité décide."), *state("Fin.", section="B")]
    after = [*state("LA QUALITÉ DÉCIDE.", "Fin."), *state("Le registre  est tenu.", section="B")]
    assert list_changes(before, after) == []


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
    ("question", "is_asked"),
    [
        ("Que change la version 3.1 de PR-08 ?", True),
        ("Qu’est-ce qui a changé dans PR-08 ?", True),
        ("Qu'est-ce qui change entre la version 2 et la version 3.1 de la procédure PR-08 ?", True),
        ("Quelles différences entre les versions 2 et 3 de PR-08 ?", True),
        ("Comparez PR-08 v2 et v3", True),
        ("Quelles sont les modifications apportées à PR-08 ?", True),
        ("Qu’est-ce qui change dans PR-08 pour les clients publics ?", False),
        ("Quelles modifications de contrat PR-08 autorise-t-elle ?", False),
        ("Qu’est-ce qui a changé depuis hier ?", False),
        ("Que change le TURPE 7 ?", False),
    ],
)
def test_a_request_for_what_a_version_changes_is_told_from_a_question_on_it(
    question: str, is_asked: bool
) -> None:
    assert is_revision_asked(question) is is_asked
