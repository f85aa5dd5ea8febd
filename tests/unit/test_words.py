"""French words reduced for comparison."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.words import fold, is_close, stem, stems, tokenize

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@given(st.text())
def test_folding_keeps_the_length_so_that_spans_hold(text: str) -> None:
    assert len(fold(text)) == len(text)


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Énergie À Nîmes", "energie a nimes"),
        ("L’Haÿ-les-Roses", "l'hay-les-roses"),
        ("1\u202f234\u00a0€", "1 234 €"),
        ("Cœur – ÇA", "cour - ca"),
        ("ŒUVRES", "ouvres"),
    ],
)
def test_case_accents_apostrophes_and_spaces_are_levelled(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_tokens_carry_their_span_in_the_text_as_typed() -> None:
    text = "Hôpital d’Évreux : 12,5 €/MWh"
    tokens = tokenize(text)
    assert [t.form for t in tokens] == ["hopital", "d", "evreux", "12,5", "€", "/", "mwh"]
    assert [text[t.start : t.end] for t in tokens] == [
        "Hôpital", "d", "Évreux", "12,5", "€", "/", "MWh",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("plural", "singular"),
    [("contrats", "contrat"), ("hôpitaux", "hôpital"), ("régionaux", "régional")],
)
def test_plural_and_singular_meet(plural: str, singular: str) -> None:
    assert stems(plural) == stems(singular)


@pytest.mark.parametrize("word", ["gaz", "avis", "virus", "process", "pas", "eau"])
def test_words_that_only_look_plural_are_left_alone(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize(
    ("left", "right", "close"),
    [
        ("engie", "engei", True),
        ("dupont", "dupond", True),
        ("strasbourg", "strasbuorg", True),
        ("strasbourg", "starsbourgs", True),
        ("gaz", "gare", False),
        ("paris", "baris", False),
        ("industrie", "institution", False),
        ("20261", "20262", False),
    ],
)
def test_a_slip_is_forgiven_and_another_word_is_not(left: str, right: str, close: bool) -> None:
    assert is_close(left, right) is close
    assert is_close(right, left) is close


@given(st.text(LETTERS, min_size=5, max_size=14), st.data())
def test_one_missing_letter_after_the_first_is_a_slip(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 1))
    shorter = word[:place] + word[place + 1 :]
    assert is_close(word, shorter) is (len(shorter) >= 5)


@given(st.text(LETTERS, min_size=1, max_size=12), st.text(LETTERS, min_size=1, max_size=12))
def test_closeness_is_symmetric_and_reflexive(left: str, right: str) -> None:
    assert is_close(left, left)
    assert is_close(left, right) == is_close(right, left)
