"""French expressions of time, resolved against fixed days."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import add_months, find_period, month_bounds

NOVEMBER = dt.date(2026, 11, 22)  # a Sunday
NEW_YEAR = dt.date(2027, 1, 1)
LEAP_EVE = dt.date(2028, 1, 31)

EXPRESSIONS = [
    (NOVEMBER, "dans les 90 jours", "2026-11-22", "2027-02-20"),
    (NOVEMBER, "dans les 3 prochains mois", "2026-11-22", "2027-02-22"),
    (NOVEMBER, "sous quinze jours", "2026-11-22", "2026-12-07"),
    (NOVEMBER, "d’ici 6 mois", "2026-11-22", "2027-05-22"),
    (NOVEMBER, "d’ici quatre-vingt-dix jours", "2026-11-22", "2027-02-20"),
    (NOVEMBER, "à moins de 30 jours", "2026-11-22", "2026-12-22"),
    (NOVEMBER, "les trois prochains mois", "2026-11-22", "2027-02-22"),
    (NOVEMBER, "dans plus de 3 mois", "2027-02-23", None),
    (NOVEMBER, "dans plus d’un an", "2027-11-23", None),
    (NOVEMBER, "il y a plus de 6 mois", None, "2026-05-22"),
    (NOVEMBER, "il y a plus d’un an", None, "2025-11-22"),
    (NOVEMBER, "il y a moins de 3 mois", "2026-08-22", "2026-11-22"),
    (NOVEMBER, "plus vieux que 2 ans", None, "2024-11-22"),
    (NOVEMBER, "les 30 derniers jours", "2026-10-23", "2026-11-22"),
    (NOVEMBER, "au cours des 12 derniers mois", "2025-11-22", "2026-11-22"),
    (NOVEMBER, "depuis 3 mois", "2026-08-22", "2026-11-22"),
    (NOVEMBER, "au T1 2027", "2027-01-01", "2027-03-31"),
    (NOVEMBER, "T4", "2026-10-01", "2026-12-31"),
    (NOVEMBER, "avant T2 2027", None, "2027-03-31"),
    (NOVEMBER, "après le T2 2027", "2027-07-01", None),
    (NOVEMBER, "au premier trimestre 2027", "2027-01-01", "2027-03-31"),
    (NOVEMBER, "au dernier trimestre", "2026-10-01", "2026-12-31"),
    (NOVEMBER, "1er trimestre de l’année prochaine", "2027-01-01", "2027-03-31"),
    (NOVEMBER, "au deuxième semestre 2027", "2027-07-01", "2027-12-31"),
    (NOVEMBER, "le trimestre prochain", "2027-01-01", "2027-03-31"),
    (NOVEMBER, "au trimestre dernier", "2026-07-01", "2026-09-30"),
    (NOVEMBER, "en janvier 2027", "2027-01-01", "2027-01-31"),
    (NOVEMBER, "en mars prochain", "2027-03-01", "2027-03-31"),
    (NOVEMBER, "en mars dernier", "2026-03-01", "2026-03-31"),
    (NOVEMBER, "d’ici fin mars", "2026-11-22", "2027-03-31"),
    (NOVEMBER, "fin février 2028", "2028-02-21", "2028-02-29"),
    (NOVEMBER, "mi-décembre 2026", "2026-12-11", "2026-12-20"),
    (NOVEMBER, "entre janvier et mars 2027", "2027-01-01", "2027-03-31"),
    (NOVEMBER, "entre novembre et février 2027", "2026-11-01", "2027-02-28"),
    (NOVEMBER, "de décembre à janvier", "2026-12-01", "2027-01-31"),
    (NOVEMBER, "entre le 01/01/2027 et le 31/03/2027", "2027-01-01", "2027-03-31"),
    (NOVEMBER, "du 2026-12-01 au 2026-12-31", "2026-12-01", "2026-12-31"),
    (NOVEMBER, "entre le 1er et le 15 décembre 2026", "2026-12-01", "2026-12-15"),
    (NOVEMBER, "du 15 décembre au 15 janvier", "2026-12-15", "2027-01-15"),
    (NOVEMBER, "du 15 décembre au 15 janvier 2027", "2026-12-15", "2027-01-15"),
    (NOVEMBER, "avant le 1er janvier 2027", None, "2026-12-31"),
    (NOVEMBER, "avant le 31 mars", None, "2027-03-30"),
    (NOVEMBER, "d’ici le 31 mars", "2026-11-22", "2027-03-31"),
    (NOVEMBER, "jusqu’au 30 juin 2027", None, "2027-06-30"),
    (NOVEMBER, "après le 31/12/2026", "2027-01-01", None),
    (NOVEMBER, "à partir du 1er janvier 2027", "2027-01-01", None),
    (NOVEMBER, "le 15/02/27", "2027-02-15", "2027-02-15"),
    (NOVEMBER, "le premier janvier 2027", "2027-01-01", "2027-01-01"),
    (NOVEMBER, "le 29 février 2028", "2028-02-29", "2028-02-29"),
    (NOVEMBER, "2027-02-15", "2027-02-15", "2027-02-15"),
    (NOVEMBER, "en 2027", "2027-01-01", "2027-12-31"),
    (NOVEMBER, "avant 2028", None, "2027-12-31"),
    (NOVEMBER, "depuis 2025", "2025-01-01", None),
    (NOVEMBER, "d’ici la fin de l’année", "2026-11-22", "2026-12-31"),
    (NOVEMBER, "d’ici la fin du mois", "2026-11-22", "2026-11-30"),
    (NOVEMBER, "l’année prochaine", "2027-01-01", "2027-12-31"),
    (NOVEMBER, "l’an dernier", "2025-01-01", "2025-12-31"),
    (NOVEMBER, "le mois prochain", "2026-12-01", "2026-12-31"),
    (NOVEMBER, "cette semaine", "2026-11-16", "2026-11-22"),
    (NOVEMBER, "la semaine prochaine", "2026-11-23", "2026-11-29"),
    (NOVEMBER, "aujourd’hui", "2026-11-22", "2026-11-22"),
    (NOVEMBER, "avant-hier", "2026-11-20", "2026-11-20"),
    (NEW_YEAR, "hier", "2026-12-31", "2026-12-31"),
    (NEW_YEAR, "le mois dernier", "2026-12-01", "2026-12-31"),
    (NEW_YEAR, "le trimestre dernier", "2026-10-01", "2026-12-31"),
    (NEW_YEAR, "cette semaine", "2026-12-28", "2027-01-03"),
    (NEW_YEAR, "en décembre dernier", "2026-12-01", "2026-12-31"),
    (NEW_YEAR, "en janvier prochain", "2028-01-01", "2028-01-31"),
    (NEW_YEAR, "d’ici fin mars", "2027-01-01", "2027-03-31"),
    (LEAP_EVE, "d’ici un mois", "2028-01-31", "2028-02-29"),
    (LEAP_EVE, "le mois prochain", "2028-02-01", "2028-02-29"),
    (LEAP_EVE, "dans un an", "2028-01-31", "2029-01-31"),
]


@pytest.mark.parametrize(("today", "text", "start", "end"), EXPRESSIONS)
def test_an_expression_of_time_gives_its_days(
    today: dt.date, text: str, start: str | None, end: str | None
) -> None:
    period = find_period(f"Quels contrats se terminent {text} ?", today)
    assert period is not None
    assert (period.start and period.start.isoformat(), period.end and period.end.isoformat()) == (
        start,
        end,
    )


@pytest.mark.parametrize(
    "text",
    [
        "le 31/02/2027",
        "le 30 février 2027",
        "avant le 29/02/2027",
        "le 32 décembre 2026",
        "2027-13-45",
        "le 12 mai 0000",
        "dans 9999999 jours",
        "dans 99999999999999 mois",
        "il y a plus de 99999 ans",
    ],
)
def test_days_that_no_calendar_has_are_no_period(text: str) -> None:
    assert find_period(text, NOVEMBER) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Quels sont les clients industriels ?",
        "la hiérarchie de la marseillaise",
        "un prix de 12.5 €/MWh",
        "le contrat CT-2027-0004",
        "contrats à plus de 50 000 €",
        "appelez Paul Dupond au 06 11 22 33 44",
        "rappeler le 02-12-11-10-26",
        "joignable au +33 6 12 11 10 26",
        "joignable au +33 (0)6 12 11 10 26",
    ],
)
def test_text_without_time_gives_no_period(text: str) -> None:
    assert find_period(text, NOVEMBER) is None


def test_a_day_followed_by_an_hour_is_no_telephone_number() -> None:
    period = find_period("le 02-03-2027 14 h 30", NOVEMBER)
    assert period is not None and period.start == dt.date(2027, 3, 2)


def test_the_span_covers_the_expression_as_typed() -> None:
    text = "Échéances d’ici fin mars, secteur santé"
    period = find_period(text, NOVEMBER)
    assert period is not None
    assert text[slice(*period.span)] == "d’ici fin mars"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("au T1 2027", "entre le 01/01/2027 et le 31/03/2027"),
        ("hier", "le 21/11/2026"),
        ("avant 2028", "jusqu’au 31/12/2027"),
        ("depuis 2025", "à partir du 01/01/2025"),
    ],
)
def test_a_period_is_told_in_french(text: str, label: str) -> None:
    period = find_period(text, NOVEMBER)
    assert period is not None
    assert period.label == label


WORDS = st.sampled_from(
    "le du au entre et dans d’ici fin début mi avant après depuis il y a plus moins de 0 1 2 12 31 "
    "29 99 2027 0000 99999999999 / - . 1er premier dernier prochain mois an jours trimestre "
    "semestre t1 s2 février mars décembre aujourd’hui cette année ٣ ²".split(" ")
)


@given(
    st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=10).map(" ".join)),
    st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)),
)
def test_no_text_breaks_the_reading_nor_gives_a_period_backwards(text: str, today: dt.date) -> None:
    period = find_period(text, today)
    if period is not None:
        assert period.start is not None or period.end is not None
        if period.start and period.end:
            assert period.start <= period.end
        first, last = period.span
        assert 0 <= first < last <= len(text)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1)), st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month_and_keeps_the_day_when_it_exists(
    day: dt.date, months: int
) -> None:
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    last = month_bounds(moved.year, moved.month)[1].day
    assert moved.day == min(day.day, last)


def test_an_end_already_past_gives_a_period_without_beginning() -> None:
    period = find_period("d'ici T1", dt.date(2000, 4, 1))
    assert period is not None
    assert (period.start, period.end) == (None, dt.date(2000, 3, 31))
