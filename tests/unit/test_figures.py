"""The ledger of figures: what the evidence holds stays, what it does not is struck out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.portfolio_assistant.figures import TO_COMPLETE, list_figures, strike_unproved
from core.formats import format_date, format_long_date, format_number


@pytest.mark.parametrize(
    "written", ["1 234,5", "1\u202f234,5", "1\u00a0234,50", "1234.5", "1234,50", "1.234,5"]
)
def test_one_number_is_proved_however_it_is_written(written: str) -> None:
    for evidence in ("1 234,5 MWh", "1234.5"):
        assert strike_unproved(f"Soit {written} MWh.", [evidence]) == (f"Soit {written} MWh.", 0)


@pytest.mark.parametrize("written", ["03/02/2027", "3 février 2027", "2027-02-03", "3 fevr 2027"])
def test_one_date_is_proved_in_any_notation(written: str) -> None:
    for evidence in ("2027-02-03", "03/02/2027", "3\u00a0février 2027"):
        assert strike_unproved(f"Échéance le {written}.", [evidence])[1] == 0


def test_the_number_of_a_delivery_point_is_proved_with_or_without_its_letters() -> None:
    answer = "Aucun point 10000000012345."
    assert strike_unproved(answer, ["Et le PDL10000000012345 ?"]) == (answer, 0)
    assert strike_unproved("Aucun point 10000000012346.", ["le PDL10000000012345"])[1] == 1


def test_a_date_proves_its_year_and_its_day_without_the_year() -> None:
    assert strike_unproved("Le 31 mars, en 2027.", ["31/03/2027"])[1] == 0
    assert strike_unproved("Le 30 mars, en 2028.", ["31/03/2027"])[1] == 2


@pytest.mark.parametrize(
    ("text", "struck"),
    [
        ("Il y a 42 contrats.", "Il y a [À COMPLÉTER] contrats."),
        ("Soit 1 235,5 MWh.", "Soit [À COMPLÉTER] MWh."),
        ("Le 4 février 2027.", "Le [À COMPLÉTER]."),
        ("_42_ et **43**", "_[À COMPLÉTER]_ et **[À COMPLÉTER]**"),
        ("12.345.678 €", "[À COMPLÉTER] €"),
        ("42MWh", "[À COMPLÉTER]MWh"),
        ("EUR42000", "[À COMPLÉTER]"),
        ("(42)", "([À COMPLÉTER])"),
    ],
)
def test_an_invented_number_is_struck_out_whole(text: str, struck: str) -> None:
    assert strike_unproved(text, ["1 234,5 MWh au 03/02/2027"]) == (struck, struck.count("["))


@pytest.mark.parametrize(
    "code", ["CT-2099-0001", "CT-2026-0005", "_CT-2026-0005_", "AO-2026-014", "GI123456"]
)
def test_an_invented_code_is_struck_out_whole_even_when_its_parts_are_known(code: str) -> None:
    evidence = ["CT-2026-0004", "5", "2026", "1", "14", "AO-2026-0149", "GI1234567"]
    text, struck = strike_unproved(f"Le contrat {code} finit bientôt.", evidence)
    assert struck == 1
    assert text.replace("_", "") == f"Le contrat {TO_COMPLETE} finit bientôt."


@pytest.mark.parametrize(
    "written", ["CT-2026-0004", "ct-2026-0004", "CT_2026_0004", "PR-08/CT-2026-0004"]
)
def test_a_code_of_the_evidence_stays(written: str) -> None:
    assert strike_unproved(f"Voir {written}.", ["Contrat CT-2026-0004", "PR-08"])[1] == 0


def test_a_code_does_not_prove_a_count() -> None:
    assert strike_unproved("Vous avez 4 contrats.", ["CT-2026-0004"])[1] == 1


def test_the_prm_is_a_number_to_prove_like_any_other() -> None:
    assert strike_unproved("PRM 30001234567890", ["30001234567890"])[1] == 0
    assert strike_unproved("PRM 30001234567891", ["30001234567890"])[1] == 1


def test_list_numbers_and_plain_words_with_hyphens_are_no_figures() -> None:
    text = "1. Peut-être\n2) Après-demain\n  3. Rendez-vous, art.L, s’il-vous-plaît"
    assert strike_unproved(text, []) == (text, 0)


def test_a_segment_or_quarter_of_one_digit_is_left_to_its_words() -> None:
    text = "Les points C5 et T4."
    assert strike_unproved(text, []) == (text, 0)


def test_two_numbers_side_by_side_in_the_evidence_prove_each_alone() -> None:
    assert {"36", "250"} <= list_figures("36 250")
    assert strike_unproved("Soit 8.2.1 du manuel", ["§ 8.2.1"])[1] == 0
    assert strike_unproved("Soit 8.2.2 du manuel", ["§ 8.2.1"])[1] == 1


@given(st.decimals(0, 10_000_000, places=2), st.decimals(0, 10_000_000, places=2))
def test_a_number_stays_if_and_only_if_the_evidence_holds_it(said: Decimal, true: Decimal) -> None:
    shown, struck = strike_unproved(f"Total : {format_number(said)} €", [str(true)])
    assert struck == (said != true)
    assert (TO_COMPLETE in shown) == (said != true)


@given(st.dates(dt.date(2000, 1, 1)), st.dates(dt.date(2000, 1, 1)))
def test_a_date_stays_if_and_only_if_the_evidence_holds_it(said: dt.date, true: dt.date) -> None:
    for write in (format_date, format_long_date, str):
        assert strike_unproved(f"Le {write(said)}.", [format_date(true)])[1] == (said != true)


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_text_proves_itself_and_nothing_is_lost_but_what_is_struck(text: str, other: str) -> None:
    assert strike_unproved(text, [text, other]) == (text, 0)
    shown, struck = strike_unproved(text, [])
    position = 0
    for piece in shown.split(TO_COMPLETE) if struck else [shown]:
        position = text.index(piece, position) + len(piece)
