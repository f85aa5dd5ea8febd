"""A document dropped alone: when it is asked about, and what is offered."""

from __future__ import annotations

from uuid import uuid4

import pytest

from chat.doubts import (
    ADD,
    ANALYSE,
    CANCEL,
    WHO_ADDS,
    asks_tender,
    list_choices,
    word_question,
)
from core.context import Identity


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Faut-il répondre ?", True),
        ("Voici l’appel d’offres de Brive", True),
        ("Analysez ce DCE", True),
        ("", False),
        ("Résumez ce document", False),
        ("Ao\u00fbt 2026", False),
    ],
)
def test_words_on_a_tender_spare_the_question(said: str, expected: bool) -> None:
    assert asks_tender(said) is expected


@pytest.mark.parametrize(
    ("role", "labels"),
    [("quality", [ANALYSE, ADD, CANCEL]), ("sales", [ANALYSE, CANCEL])],
)
def test_adding_to_the_documents_is_offered_to_who_may(role: str, labels: list[str]) -> None:
    identity = Identity(uuid4(), uuid4(), frozenset({"reader", role}))
    assert [label for _, label in list_choices(identity)] == labels


@pytest.mark.parametrize(("role", "is_told"), [("quality", False), ("sales", True)])
def test_who_may_not_add_documents_is_told_who_may(role: str, is_told: bool) -> None:
    identity = Identity(uuid4(), uuid4(), frozenset({"reader", role}))
    asked = word_question("Note interne.md", identity)
    assert "Note interne.md" in asked
    assert (WHO_ADDS in asked) is is_told
