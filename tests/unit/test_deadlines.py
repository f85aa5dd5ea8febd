"""Deadlines said in a meeting."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.deadlines import find_deadlines

MONDAY, THURSDAY = dt.date(2026, 11, 9), dt.date(2026, 10, 15)


@pytest.mark.parametrize(
    ("day", "said", "expected", "raw"),
    [
        (MONDAY, "je vous l'envoie d'ici vendredi", "2026-11-13", "d'ici vendredi"),
        (MONDAY, "mercredi en huit si possible", "2026-11-18", "mercredi en huit"),
        (THURSDAY, "vendredi en huit", "2026-10-23", "vendredi en huit"),
        (THURSDAY, "lundi en quinze", "2026-10-26", "lundi en quinze"),
        (MONDAY, "sous quinzaine", "2026-11-23", "sous quinzaine"),
        (MONDAY, "sous huit jours", "2026-11-17", "sous huit jours"),
        (MONDAY, "fin de mois", "2026-11-30", "fin de mois"),
        (MONDAY, "fin de semaine prochaine", "2026-11-20", "fin de semaine prochaine"),
        (MONDAY, "pour la fin du mois prochain", "2026-12-31", "pour la fin du mois prochain"),
        (MONDAY, "d'ici le 5", "2026-12-05", "d'ici le 5"),
        (THURSDAY, "avant le quinze janvier", "2027-01-15", "avant le quinze janvier"),
        (MONDAY, "Donc mardi dix-sept.", "2026-11-17", "mardi dix-sept"),
        (MONDAY, "sous 48 heures", "2026-11-11", "sous 48 heures"),
        (MONDAY, "dans les trois jours ouvrés", "2026-11-12", "dans les trois jours ouvrés"),
        (MONDAY, "avant Noël", "2026-12-24", "avant Noël"),
        (MONDAY, "ce soir", "2026-11-09", "ce soir"),
    ],
)
def test_relative_days_run_from_the_meeting(
    day: dt.date, said: str, expected: str, raw: str
) -> None:
    found = find_deadlines(said, day)
    assert [(each.day.isoformat(), each.raw) for each in found] == [(expected, raw)]


@pytest.mark.parametrize(
    "said",
    ["assez vite", "dès que possible", "les clauses d'aujourd'hui", "le 40", "le cent pour cent"],
)
def test_a_wish_without_a_day_is_no_deadline(said: str) -> None:
    assert find_deadlines(said, MONDAY) == []


def test_the_end_of_a_validity_is_not_a_deadline() -> None:
    (found,) = find_deadlines("valable jusqu'au vingt-trois novembre inclus", MONDAY)
    assert (found.day, found.is_deadline) == (dt.date(2026, 11, 23), False)


@given(st.text(max_size=60))
def test_the_raw_words_are_those_of_the_text(text: str) -> None:
    for found in find_deadlines(text, MONDAY):
        assert text[found.start : found.end] == found.raw
