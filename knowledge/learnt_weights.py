"""Weights learnt from those of multilingual-e5-small, kept in files of the project's own."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.e5_file import Floats, ModelFile

_LAYER = re.compile(r"l(\d+)\.")


class LearntWeights:
    """The weights that `path` holds under the names of the model's file.

    That file lends the layers below the first learnt one, and the norm of words. A matrix is whole
    numbers with a scale by row. Raises KeyError for a weight that neither has to give.
    """

    def __init__(self, file: ModelFile, path: Path) -> None:
        self._file = file
        with np.load(path) as kept:
            self._learnt = {name: kept[name] for name in kept.files}
        numbers = [int(match[1]) for name in self._learnt if (match := _LAYER.match(name))]
        self.sizes = replace(file.sizes, layers=max(numbers) + 1)
        self._first = min(numbers)

    def read_floats(self, name: str) -> Floats:
        """The tensor `name`, kept as floats: shape (n,)."""
        return self._file.read_floats(name) if self._is_lent(name) else self._learnt[name]

    def read_matrix(self, name: str, columns: int) -> Floats:
        """The matrix `name`, shape (rows, columns)."""
        if self._is_lent(name):
            return self._file.read_matrix(name, columns)
        return (self._learnt[name] * self._learnt[f"{name}.scales"][:, None]).reshape(-1, columns)

    def _is_lent(self, name: str) -> bool:
        match = _LAYER.match(name)
        return int(match[1]) < self._first if match else name not in self._learnt
