"""Measures the cross-encoder on texts not learnt: `python -m evals.cross_encoder.measure`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.cross_encoder.texts import HELD, ReadingText, load_texts
from knowledge.close_reading import SentenceReader
from knowledge.cross_encoder import get_cross_encoder
from knowledge.indexing import place_text

THREADS = 2
REFUSED = 0.05


@dataclass(frozen=True)
class Read:
    """A question's odds, one by sentence of its text, and the sentences that answer."""

    odds: NDArray[np.floating]
    answers: tuple[int, ...]


@dataclass(frozen=True)
class Figures:
    """Shares, and numbers of questions with and without an answer.

    `first` is how often a sentence that answers has the best odds; `area` the chance that the best
    odds of a question with an answer are above those of one without; `silent` the share of the
    latter left under the odds that refuse one in twenty of the former.
    """

    answered: int
    unanswered: int
    first: float
    area: float
    silent: float


def read(texts: Sequence[ReadingText], reader: SentenceReader) -> list[Read]:
    """Every question of the texts, read with each of its sentences."""

    def read_text(text: ReadingText) -> list[Read]:
        titles = text.title.replace(" › ", ". ")
        placed = [place_text(titles, sentence) for sentence in text.sentences]
        return [Read(reader.score(one.question, placed), one.answers) for one in text.asked]

    with ThreadPoolExecutor(THREADS) as pool:
        return [one for own in pool.map(read_text, texts) for one in own]


def measure(found: Sequence[Read]) -> Figures:
    """The figures of questions read."""
    answered = [one for one in found if one.answers]
    best = np.array([one.odds.max() for one in answered])
    others = np.array([one.odds.max() for one in found if not one.answers])
    above = (best[:, None] > others).mean() + 0.5 * (best[:, None] == others).mean()
    return Figures(
        len(best),
        len(others),
        float(np.mean([int(one.odds.argmax()) in one.answers for one in answered])),
        float(above),
        float((others < np.quantile(best, REFUSED)).mean()),
    )


def main() -> None:
    """The command line."""
    figures = measure(read(load_texts(HELD), get_cross_encoder()))
    sys.stdout.write(
        f"{figures.answered} questions à réponse : la bonne phrase en tête, {figures.first:.1%}\n"
        f"{figures.unanswered} sans réponse : aire {figures.area:.3f} ; tues quand 5 % des autres "
        f"le sont, {figures.silent:.1%}\n"
    )


if __name__ == "__main__":
    main()
