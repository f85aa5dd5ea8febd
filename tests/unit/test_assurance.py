"""What a search is worth: its words, and the odds of its sentences."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest

from knowledge.answerability import SURE_ODDS, UNREAD_ODDS
from knowledge.assurance import judge, measure_result
from knowledge.found import Passage, SearchResult, Sentence
from knowledge.sentence_scores import Question

NOBODY = UUID(int=0)
ASKED = "Quand part la lettre de dénonciation ?"
WEIGHTS = {"part": 2.0, "lettr": 3.0, "denonci": 4.0}
SAID = "La lettre de dénonciation part 30 jours avant la date limite."


def make_result(
    texts: Sequence[str], odds: Sequence[float | None] = (), asked: str = ASKED
) -> SearchResult:
    """Sentences by decreasing scores, and the odds of the first ones."""
    given = [*odds, *[None] * len(texts)]
    sentences = tuple(
        Sentence(n, 0, len(text), text, 1, None, 1 - n / 10, given[n])
        for n, text in enumerate(texts)
    )
    passage = Passage(
        1, NOBODY, NOBODY, "IN-04", "Dénoncer", "1", "in_force", None, None, "Dénoncer › Envoi",
        "text", " ".join(texts), 1.0, 1.0, 0.1, sentences,
    )  # fmt: skip
    passages = (passage,) if texts else ()
    vector = np.zeros(64, np.float32)
    return SearchResult(asked, passages, Question(asked, WEIGHTS, {}), vector, 1.0)


def test_the_odds_of_the_best_scored_sentence_and_the_best_odds_are_weighed() -> None:
    texts = [SAID, "Deux.", "Trois.", "Quatre."]
    measured = measure_result(make_result(texts, [-1.0, 2.0, 1.0]))
    assert measured["first_odds"] == pytest.approx(-1.0 / SURE_ODDS)
    assert measured["best_odds"] == pytest.approx(2.0 / SURE_ODDS)
    unread = measure_result(make_result(texts))
    assert unread["first_odds"] == unread["best_odds"] == UNREAD_ODDS / SURE_ODDS


def test_a_sentence_read_as_an_answer_makes_it_surer() -> None:
    assert judge(make_result([SAID], [3.0])).chance > judge(make_result([SAID], [-3.0])).chance


def test_what_no_passage_holds_is_told() -> None:
    judged = judge(make_result([SAID], [-5.0], "Quel antivirus équipe les postes ?"))
    assert judged.is_weak
    assert judged.missing == ("antivirus", "postes")


def test_nothing_found_gives_no_assurance() -> None:
    judged = judge(make_result([]))
    assert (judged.chance, judged.is_weak) == (0.0, True)
