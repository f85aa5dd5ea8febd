"""Numbers said in French."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.numerals import find_numbers, write_digits


@pytest.mark.parametrize(
    ("said", "values"),
    [
        ("soixante-douze euros du mégawattheure", ["72"]),
        ("quatre-vingt-dix-neuf", ["99"]),
        ("soixante et onze", ["71"]),
        ("deux mille vingt-sept", ["2027"]),
        ("quarante et un mille mégawattheures", ["41000"]),
        ("41 mille gigawattheures", ["41000"]),
        ("2,9 millions d'euros", ["2900000"]),
        ("neuf virgule zéro huit", ["9.08"]),
        ("soixante-deux et demi", ["62.5"]),
        ("un lot et deux sites", ["2"]),
        ("mille deux cent cinquante kilowatts", ["1250"]),
        ("cinquante-neuf euros quatre-vingts", ["59", "80"]),
        ("soixante, vingt-cinq, quinze", ["60", "25", "15"]),
        ("septante-deux", ["72"]),
        ("R² de 0,83", ["0.83"]),
    ],
)
def test_numbers_are_read_as_they_are_said(said: str, values: list[str]) -> None:
    assert [number.value for number in find_numbers(said)] == [Decimal(v) for v in values]


@given(st.text(max_size=80))
def test_any_text_is_read_and_places_stay_within_it(text: str) -> None:
    written, places = write_digits(text)
    assert len(written) == len(places)
    assert all(0 <= place < len(text) for place in places)
    for number in find_numbers(text):
        assert 0 <= number.start < number.end <= len(text)
