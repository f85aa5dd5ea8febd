"""The model that reads questions: six layers learnt to imitate the twelve that read passages.

It costs half, and its last layers are learnt to bring a question nearer to what answers it.
Passages keep the model's own twelve. How it was learnt: `scripts/question_model`,
docs/decisions/0018.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.e5_file import Floats, Sizes

FILE = Path(__file__).parent / "question_model.npz"
# The longest question it learnt from, in pieces of words.
LONGEST = 64


class QuestionModel:
    """The weights that `path` holds, under the names of the model's file.

    A matrix is whole numbers with a scale by row. `sizes` are those of the model it imitates, but
    for the number of layers.
    """

    def __init__(self, imitated: Sizes, path: Path = FILE) -> None:
        with np.load(path) as kept:
            self._weights = {name: kept[name] for name in kept.files}
        layers = {name.partition(".")[0] for name in self._weights if name[1].isdigit()}
        self.sizes = replace(imitated, layers=len(layers))

    def read_floats(self, name: str) -> Floats:
        """The tensor `name`, kept as floats: shape (n,)."""
        return self._weights[name]

    def read_matrix(self, name: str, columns: int) -> Floats:
        """The matrix `name`, shape (rows, columns)."""
        return (self._weights[name] * self._weights[f"{name}.scales"][:, None]).reshape(-1, columns)
