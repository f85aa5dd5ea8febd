"""The last layers as a question reads them: learnt to bring it nearer to what answers it.

Passages keep the model's own: their vectors do not change with what questions learn. How they were
learnt: `scripts/question_model`, docs/decisions/0018.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from knowledge.e5_file import Floats, ModelFile

FILE = Path(__file__).parent / "question_layers.npz"


class QuestionLayers:
    """The model's weights, but for those that `path` holds.

    There, a matrix is whole numbers with a scale by row; names are those of the model's file, and
    `first` is the number of the first layer learnt.
    """

    def __init__(self, file: ModelFile, path: Path = FILE) -> None:
        self._file = file
        with np.load(path) as kept:
            self._learnt = {name: kept[name] for name in kept.files}
        self.sizes = file.sizes
        self.first = min(int(name[1:].partition(".")[0]) for name in self._learnt)

    def read_floats(self, name: str) -> Floats:
        """The tensor `name`, kept as floats: shape (n,)."""
        return self._learnt[name] if name in self._learnt else self._file.read_floats(name)

    def read_matrix(self, name: str, columns: int) -> Floats:
        """The matrix `name`, shape (rows, columns)."""
        if name not in self._learnt:
            return self._file.read_matrix(name, columns)
        return self._learnt[name] * self._learnt[f"{name}.scales"][:, None]
