"""A question and a sentence read together: what is asked, not what is spoken of."""

from __future__ import annotations

import numpy as np
import pytest

from knowledge.cross_encoder import LONGEST, get_cross_encoder

TITLES = "Piscine municipale. Abonnements. "
SENTENCES = [
    f"{TITLES}L’abonnement annuel coûte 210 € et se règle au guichet.",
    f"{TITLES}Le bassin ferme à 19 h 45 en semaine, à 18 h le dimanche.",
    f"{TITLES}Les moins de huit ans se baignent avec un adulte.",
]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("Quel est le prix d’un abonnement pour l’année ?", 0),
        ("À quelle heure doit-on quitter l’eau le dimanche ?", 1),
        ("Mon fils de six ans peut-il nager seul ?", 2),
    ],
)
def test_the_sentence_that_gives_what_is_asked_has_the_best_odds(question: str, place: int) -> None:
    assert int(np.argmax(get_cross_encoder().score(question, SENTENCES))) == place


@pytest.mark.parametrize(
    ("answered", "unanswered"),
    [
        ("Combien coûte l’abonnement annuel ?", "Combien de personnes ont un abonnement annuel ?"),
        ("À quelle heure ferme le bassin ?", "Quelle est la température du bassin ?"),
    ],
)
def test_what_is_spoken_of_but_not_told_has_worse_odds(answered: str, unanswered: str) -> None:
    reader = get_cross_encoder()
    assert reader.score(answered, SENTENCES).max() > 1 + reader.score(unanswered, SENTENCES).max()


def test_a_sentence_has_its_odds_whatever_stands_beside_it() -> None:
    reader = get_cross_encoder()
    question = "Quel est le prix ?"
    alone = [reader.score(question, [sentence])[0] for sentence in SENTENCES]
    assert reader.score(question, SENTENCES).tolist() == alone
    assert reader.score(question, []).shape == (0,)


def test_long_texts_are_cut() -> None:
    reader = get_cross_encoder()
    question = "Quel prix ? " * LONGEST
    long = "Le bassin est ouvert. " * LONGEST
    scores = reader.score(question, [long, long + "Le prix est de 210 €.", ""])
    assert np.isfinite(scores).all()
    assert scores[0] == scores[1]
