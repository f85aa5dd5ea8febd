"""What the replies of a person teach of their forms of courtesy, and nothing else."""

from __future__ import annotations

import pytest

from agents.reply_draft.models import Style
from agents.reply_draft.style import Forms, greet, learn, read_forms

DRAFTED = "Bonjour Sophie Martin,\n\nNous avons bien reçu votre message.\n\nBien cordialement,\nZoé"


@pytest.mark.parametrize(
    ("used", "greeting", "closing"),
    [
        (DRAFTED, "Bonjour {name},", "Bien cordialement,"),
        ("Bonjour Sophie,\n\nC’est noté.\n\nBien à vous,\nZoé", "Bonjour {first},", "Bien à vous,"),
        ("Bonjour,\nOui.\nCordialement", "Bonjour,", "Cordialement"),
        ("Madame, Monsieur,\nOui.\nCordialement", "Madame, Monsieur,", "Cordialement"),
        ("Bonjour Madame,\nOui.", "", ""),
        ("Chère Sophie,\nOui.\nMerci Sophie", "", ""),
        ("Bonjour Paul,\nOui.\nMerci de rappeler le 06 12 34 56 78", "", ""),
        ("Votre contrat finit demain.\nBonne journée,", "", "Bonne journée,"),
        ("", "", ""),
    ],
)
def test_only_forms_of_courtesy_are_read_and_names_give_way_to_their_place(
    used: str, greeting: str, closing: str
) -> None:
    assert read_forms(DRAFTED, used) == Forms(greeting, closing)


def test_a_form_is_learnt_from_three_replies_and_the_usual_one_is_none() -> None:
    own, usual = Forms("Bonjour {first},", "Bien à vous,"), Forms("Bonjour {name},", "Merci,")
    assert learn([own, usual, own, usual, own], "fr") == Style("Bonjour {first},", "Bien à vous,")
    assert learn([own, usual, own, usual, usual], "fr") == Style("", "Merci,")
    assert learn([], "fr") == Style()


@pytest.mark.parametrize(
    ("form", "recipient", "told"),
    [
        ("Bonjour {first},", "Sophie Martin", "Bonjour Sophie,"),
        ("Bonjour {name},", "Sophie Martin", "Bonjour Sophie Martin,"),
        ("Bonjour {first},", "", "Bonjour,"),
        ("Madame, Monsieur,", "Sophie Martin", "Madame, Monsieur,"),
    ],
)
def test_a_form_greets_whom_it_answers(form: str, recipient: str, told: str) -> None:
    assert greet(form, recipient) == told
