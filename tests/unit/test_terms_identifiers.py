"""References are recognised however they are written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import identifiers
from knowledge.identifiers import list_identifiers

PIECES = [
    " ", "  ", "\n", "\u00a0", "\u202f", "-", "/", ", ", ".", "_", "L", "L. ", "R*", "AO", "art",
    "PR-08", "GI", "12", "345", "332-2", "123 456 789", "732 829 320 00074", "1 234,5", "kVA",
    "mot", "²", "é",
]  # fmt: skip


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("AO-2026-014", "ao-2026-14"),
        ("AO-2026-014", "AO 2026-014"),
        ("PR-08", "PR08"),
        ("732 829 320 00074", "73282932000074"),
        ("SIREN 732\u00a0829\u00a0320", "732829320"),
        ("732 829 320 00074", "732 829 320"),
        ("prm 30001234567890", "30 001 234 567 890"),
        ("GI 123 456", "gi123456"),
        ("BAT-TH-116", "bat-th-116"),
        ("art. L. 332-2", "L332-2"),
        ("l’article R.123-4", "R. 123-4"),
        ("segment C5", "c5"),
        ("36\u00a0kVA", "36kva"),
        ("1\u202f250,50 MWh", "1250,5 MWh"),
        ("ISO 50001:2018", "iso-50001"),
    ],
)
def test_two_spellings_of_a_reference_meet(written: str, asked: str) -> None:
    assert set(list_identifiers(written)) & set(list_identifiers(asked))


@pytest.mark.parametrize(
    ("left", "right"),
    [("PR-08", "PR-80"), ("L. 332-2", "R. 332-2"), ("36 kVA", "36 kW"), ("C5", "C4"),
     ("AO-2026-014", "AO-2025-014")],
)  # fmt: skip
def test_different_references_do_not_meet(left: str, right: str) -> None:
    assert not set(list_identifiers(left)) & set(list_identifiers(right))


@pytest.mark.parametrize("text", ["", "Le contrat est signé.", "peut-être demain", "en 2026"])
def test_plain_prose_has_no_reference(text: str) -> None:
    assert list_identifiers(text) == []


@given(st.text())
def test_any_text_gives_distinct_references(text: str) -> None:
    found = list_identifiers(text)
    assert len(found) == len(set(found))


@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_words_far_from_any_digit_hold_no_reference(text: str) -> None:
    found = list_identifiers(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identifiers, "_keep_numbered", str)
        assert found == list_identifiers(text)


def test_a_year_and_a_number_are_one_reference_whatever_its_zeros() -> None:
    assert list_identifiers("Que dit 2019-1 ?") == list_identifiers("La délibération 2019-001")
    assert list_identifiers("en 3-4 jours, ou 10-2") == []
