"""Weights learnt from those of multilingual-e5-small, kept in files of the project's own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.e5_file import Floats, ModelFile

_LAYER = re.compile(r"l(\d+)\.")


class LearntWeights:
    """The weights that `path` holds under the names of the model's file, which lends the others.

    A matrix is whole numbers with a scale by row. The layers are those up to the last learnt.
    """

    def __init__(self, file: ModelFile, path: Path) -> None:
        self._file = file
        with np.load(path) as kept:
            self._learnt = {name: kept[name] for name in kept.files}
        numbers = [int(match[1]) for name in self._learnt if (match := _LAYER.match(name))]
        self.sizes = replace(file.sizes, layers=max(numbers) + 1)

    def read_floats(self, name: str) -> Floats:
        """The tensor `name`, kept as floats: shape (n,)."""
        return self._learnt[name] if name in self._learnt else self._file.read_floats(name)

    def read_matrix(self, name: str, columns: int) -> Floats:
        """The matrix `name`, shape (rows, columns)."""
        if name not in self._learnt:
            return self._file.read_matrix(name, columns)
        return (self._learnt[name] * self._learnt[f"{name}.scales"][:, None]).reshape(-1, columns)
