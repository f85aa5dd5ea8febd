"""The model that reads a question and a sentence together: what it is given, what it tells."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from knowledge.cross_encoder import (
    LONGEST_SENTENCE,
    MARKS,
    cut_pair,
    cut_text,
    get_cross_encoder,
)
from knowledge.e5 import QUESTION_MODEL, open_file, open_words
from knowledge.learnt_weights import LearntWeights

RULE = "Frais de déplacement. Repas. Un repas du midi est remboursé dans la limite de 19 €."
BESIDE = "Frais de déplacement. Repas. Les justificatifs des repas sont remis avant le 5 du mois."


def test_an_answer_stands_above_what_only_comes_near() -> None:
    reader = get_cross_encoder()
    answer, near = reader.score("Combien me rembourse-t-on pour un déjeuner ?", [RULE, BESIDE])
    assert answer > near
    unanswered = reader.score("Qui valide les frais de repas ?", [RULE, BESIDE])
    assert unanswered.max() < answer


def test_pieces_are_marked_by_the_terms_that_both_texts_hold() -> None:
    asked, (told,) = cut_pair("Qui rembourse le repas ?", ["Les repas sont remboursés."])
    marked = dict(zip(asked.terms, asked.mark(told, 0), strict=True))
    assert marked == {None: 0, "rembours": 2, "rep": 2}
    alone = dict(zip(told.terms, told.mark(cut_text("Qui ?", 0, 9), MARKS), strict=True))
    assert alone == {None: MARKS, "rep": MARKS + 1, "rembours": MARKS + 1}


def test_a_long_text_is_cut_and_still_closed() -> None:
    words = open_words()
    cut = cut_text("énergie " * 900, words.first, LONGEST_SENTENCE)
    assert len(cut.numbers) == len(cut.terms) == LONGEST_SENTENCE + 2
    assert (cut.numbers[0], cut.numbers[-1]) == (words.first, words.last)
    assert np.isfinite(get_cross_encoder().score("énergie " * 900, ["énergie " * 900, ""])).all()


def test_threads_read_alike() -> None:
    reader = get_cross_encoder()
    texts = [RULE, BESIDE] * 6
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda text: float(reader.score("Quel plafond ?", [text])[0]), texts))
    assert read == pytest.approx(reader.score("Quel plafond ?", texts).tolist(), abs=1e-6)


def test_only_the_layers_below_the_first_learnt_are_lent() -> None:
    own = LearntWeights(open_file(), QUESTION_MODEL)
    with pytest.raises(KeyError):
        own.read_floats("l7.aln.w")
