"""French lexical analysis: what is kept, folded, and the same for text and question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.terms import list_terms


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("L’été a-t-il été chaud ?", ["ete", "ete", "chaud"]),
        ("Qu'est-ce que l'électricité ?", ["electricit"]),
        ("quelles étaient les", []),
        ("cœur", ["coeur"]),
        ("36 kVA", ["36", "kva"]),
    ],
)
def test_stop_words_go_and_the_season_stays(text: str, terms: list[str]) -> None:
    assert list_terms(text) == terms


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("RÉSILIATION anticipée", "resiliation anticipee"),
        ("les contrats", "le contrat"),
        ("l’avenant", "l'avenant"),
        ("prix e\u0301leve\u0301", "prix élevé"),
        ("demi-heure", "demi heure"),
    ],
)
def test_spellings_of_one_word_give_one_term(left: str, right: str) -> None:
    assert list_terms(left) == list_terms(right)


@given(st.text())
def test_any_text_is_analysed_and_stays_short(text: str) -> None:
    assert all(0 < len(term) <= 40 for term in list_terms(text))
