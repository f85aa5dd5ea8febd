"""Marks of the engine are never shown, wherever the stream cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.portfolio_assistant.streaming import MARK, MarkFilter

MARKS = ["[R1]", "[S12-3]", "[R1, S2-10]", "[R1;R2]", "[STATUT sans_reponse]", "[TABLEAU R12]"]
LONG_MARK = "[" + ", ".join(f"S{i}-{j}" for i in range(1, 9) for j in range(1, 9)) + "]"


def show(pieces: list[str]) -> str:
    marks = MarkFilter()
    return "".join([*(marks.feed(piece) for piece in pieces), marks.flush()])


@pytest.mark.parametrize("mark", [*MARKS, LONG_MARK])
@pytest.mark.parametrize("around", [("Avant ", " après."), ("Avant", ""), ("", "\nSuite")])
def test_a_mark_split_anywhere_is_never_shown(mark: str, around: tuple[str, str]) -> None:
    text = mark.join(around)
    expected = MARK.sub("", text)
    for first in range(len(text) + 1):
        assert show([text[:first], text[first:]]) == expected
    assert show(list(text)) == expected


PROSE = st.text(st.sampled_from("abcé ,.;\n«»-–\u00a0RS19TAB"), max_size=12)
PIECES = st.lists(st.one_of(PROSE, st.sampled_from([*MARKS, LONG_MARK])), max_size=8)


@given(PIECES, st.lists(st.integers(0, 400), max_size=12))
def test_any_cutting_shows_the_text_without_its_marks(pieces: list[str], cuts: list[int]) -> None:
    text = "".join(pieces)
    places = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [text[a:b] for a, b in pairwise(places)]
    shown = show(chunks)
    assert "[" not in shown
    assert shown.replace(" ", "").replace("\u00a0", "") == MARK.sub("", text).replace(
        " ", ""
    ).replace("\u00a0", "")


@given(st.text(max_size=200), st.integers(0, 200))
def test_what_is_shown_is_never_more_than_what_was_fed(text: str, cut: int) -> None:
    shown = show([text[:cut], text[cut:]])
    position = 0
    for char in shown:
        position = text.index(char, position) + 1


def test_ordinary_brackets_are_shown_at_once() -> None:
    marks = MarkFilter()
    assert marks.feed("Voir [l’annexe") == "Voir [l’annexe"
    assert marks.feed(" 2] et [À COMPLÉTER].") == " 2] et [À COMPLÉTER]."


def test_a_mark_that_never_ends_is_dropped_at_the_end() -> None:
    assert show(["Le délai est de dix jours", " [S1-"]) == "Le délai est de dix jours"
