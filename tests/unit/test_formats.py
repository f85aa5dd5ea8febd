"""French typography, exact to the space."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.formats import (
    PARIS,
    count_noun,
    end_sentence,
    format_date,
    format_instant,
    format_long_date,
    format_money,
    format_number,
    format_quantity,
    join_words,
    of,
    with_article,
)


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0, None, "0"),
        (Decimal("0.00"), None, "0"),
        (999, None, "999"),
        (1234, None, "1\u202f234"),
        (Decimal("1234567.50"), None, "1\u202f234\u202f567,5"),
        (Decimal("-1234.5"), None, "-1\u202f234,5"),
        (Decimal("1E+3"), None, "1\u202f000"),
        (0.1, None, "0,1"),
        (Decimal("12.3"), 2, "12,30"),
        (Decimal("1999.999"), 0, "2\u202f000"),
    ],
)
def test_numbers_take_a_decimal_comma_and_narrow_spaces(
    value: Decimal | int | float, decimals: int | None, text: str
) -> None:
    assert format_number(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1234, "€", "1\u202f234\u00a0€"),
        (Decimal("1234.5"), "€", "1\u202f234,50\u00a0€"),
        (Decimal("84.25"), "€/MWh", "84,25\u00a0€/MWh"),
        (Decimal("100.00"), "€", "100\u00a0€"),
    ],
)
def test_money_keeps_two_decimals_or_none(value: Decimal | int, unit: str, text: str) -> None:
    assert format_money(value, unit) == text


def test_a_unit_never_parts_from_its_number() -> None:
    assert format_quantity(Decimal("18420.5"), "MWh") == "18\u202f420,5\u00a0MWh"
    assert format_quantity(3, "") == "3"


def test_dates_and_hours_are_french() -> None:
    assert format_date(dt.date(2027, 2, 3)) == "03/02/2027"
    assert format_long_date(dt.date(2027, 2, 1)) == "1er\u00a0février 2027"
    assert format_long_date(dt.date(2027, 8, 14)) == "14\u00a0août 2027"
    assert format_instant(dt.datetime(2027, 2, 3, 14, 30, tzinfo=PARIS)) == (
        "03/02/2027 à 14\u00a0h\u00a030"
    )
    assert format_instant(dt.datetime(2027, 2, 3, 9, 0, tzinfo=PARIS)) == "03/02/2027 à 9\u00a0h"


def test_instants_are_told_in_paris_across_midnight_and_summer_time() -> None:
    assert format_instant(dt.datetime(2026, 12, 31, 23, 5, tzinfo=dt.UTC)) == (
        "01/01/2027 à 0\u00a0h\u00a005"
    )
    assert format_instant(dt.datetime(2027, 7, 1, 12, 0, tzinfo=dt.UTC)) == (
        "01/07/2027 à 14\u00a0h"
    )


def test_lists_elisions_and_counts() -> None:
    assert join_words([]) == ""
    assert join_words(["gaz"]) == "gaz"
    assert join_words(["a", "b", "c"]) == "a, b et c"
    assert join_words(["a", "b"], "ou") == "a ou b"
    assert of("Évreux") == "d’Évreux"
    assert of("Lyon") == "de Lyon"
    assert of("les communes") == "des communes"
    bodies = {"Syndicat d’énergie": "du Syndicat d’énergie", "Ville de Lyon": "de la Ville de Lyon",
              "Office public": "de l’Office public", "École du Bois": "de l’École du Bois",
              "SIEEV": "de SIEEV", "Est Ensemble": "d’Est Ensemble"}  # fmt: skip
    assert {name: of(with_article(name)) for name in bodies} == bodies
    assert count_noun(0, "contrat", "contrats") == "0\u00a0contrat"
    assert count_noun(1, "contrat", "contrats") == "1\u00a0contrat"
    assert count_noun(1200, "contrat", "contrats") == "1\u202f200\u00a0contrats"


@given(st.decimals(-10_000_000, 10_000_000, places=3))
def test_a_number_reads_back_as_itself(value: Decimal) -> None:
    text = format_number(value)
    assert Decimal(text.replace("\u202f", "").replace(",", ".")) == value
    assert not set(text) & set(" .")


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("Modifier le site Gymnase", "Modifier le site Gymnase."),
        ("Créer l’article : Que dit PR-08 ?", "Créer l’article : Que dit PR-08 ?"),
        ("Créer la tâche : Rappeler…", "Créer la tâche : Rappeler…"),
    ],
)
def test_a_sentence_takes_no_second_full_stop(text: str, ended: str) -> None:
    assert end_sentence(text) == ended
