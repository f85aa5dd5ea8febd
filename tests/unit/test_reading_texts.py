"""The texts the cross-encoder learns from: their form, and that no measure is learnt by heart."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from evals.case_files import (
    load_abstention_cases,
    load_calibration_cases,
    load_energy_cases,
    load_knowledge_cases,
    load_nearby_cases,
)
from evals.cross_encoder.measure import Read, measure
from evals.cross_encoder.texts import HELD, Asked, load_texts

WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    return " ".join(WORD.findall(text.lower().replace("’", "'")))


def test_every_text_has_sentences_and_questions_of_both_kinds() -> None:
    learnt, held = load_texts(), load_texts(HELD)
    assert (len(learnt) >= 300, len(held) >= 60) == (True, True)
    for text in (*learnt, *held):
        assert len(text.sentences) >= 4, text.title
        assert any(one.answers for one in text.asked), text.title
        assert any(not one.answers for one in text.asked), text.title


def test_no_question_of_a_measure_is_learnt() -> None:
    learnt = {plain(one.question) for text in load_texts() for one in text.asked}
    cases = (
        *load_knowledge_cases(), *load_calibration_cases(), *load_energy_cases(),
        *load_nearby_cases(), *load_abstention_cases(),
    )  # fmt: skip
    assert not {plain(case.question) for case in cases} & learnt
    assert not {text.title for text in load_texts(HELD)} & {text.title for text in load_texts()}


def test_figures_tell_the_first_sentence_and_what_is_left_unsaid() -> None:
    found = [
        Read(np.array([3.0, 1.0]), (0,)), Read(np.array([0.0, 2.0]), (0,)),
        Read(np.array([1.0, -1.0]), ()), Read(np.array([2.5, 0.0]), ()),
    ]  # fmt: skip
    figures = measure(found)
    assert (figures.answered, figures.unanswered, figures.first) == (2, 2, 0.5)
    assert figures.area == 0.75
    assert figures.silent == 0.5


def test_a_text_is_read_with_its_questions(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("# Titre\n1 Une.\n2 Deux.\n? Où ? = 1,2\n? Qui ? = 0\n")
    (text,) = load_texts(tmp_path)
    assert (text.title, list(text.sentences)) == ("Titre", ["Une.", "Deux."])
    assert list(text.asked) == [Asked("Où ?", (0, 1)), Asked("Qui ?", ())]


@pytest.mark.parametrize(
    "text",
    ["Sans titre", "# Titre\n2 Une.", "# Titre\n1 Une.\n? Où ? = 2", "# Titre\nune ligne"],
    ids=["no title", "wrong number", "no such sentence", "other line"],
)
def test_a_line_that_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(ValueError, match=r"a\.txt"):
        load_texts(tmp_path)
