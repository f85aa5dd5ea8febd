"""Arrays of numbers and half-precision vectors in PostgreSQL's binary form, all at once.

Text takes twenty times as long to write and to read, and the libraries' own adapters go number by
number and vector by vector.
"""

from __future__ import annotations

import struct
from functools import lru_cache

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

# The number types of PostgreSQL that are sent, with their identifiers, the same everywhere.
_NUMBERS = {
    "int64": (">i8", 20), "int32": (">i4", 23), "int16": (">i2", 21), "float32": (">f4", 700),
}  # fmt: skip
_ONE_DIMENSION, _NO_NULL, _FIRST = 1, 0, 1


class BinaryValue(bytes):
    """A parameter already in binary form, its type given by the statement: `%b::halfvec`."""


class _BinaryValueDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: BinaryValue) -> bytes:
        return obj


psycopg.adapters.register_dumper(BinaryValue, _BinaryValueDumper)


def encode_vector(vector: NDArray[np.floating]) -> BinaryValue:
    """A `halfvec` from a vector of shape (dimensions,)."""
    return BinaryValue(_fill(vector[None]).tobytes())


def encode_vectors(vectors: NDArray[np.floating], oid: int) -> BinaryValue:
    """A `halfvec[]` from vectors of shape (n, dimensions); `oid` is `halfvec` in the database."""
    filled = _fill(vectors)
    elements = np.empty(len(vectors), np.dtype([("size", ">i4"), ("vector", filled.dtype)]))
    elements["size"] = filled.dtype.itemsize
    elements["vector"] = filled
    return _join(elements, oid)


def encode_numbers(numbers: NDArray[np.number]) -> BinaryValue:
    """A `bigint[]`, `int[]`, `smallint[]` or `real[]` from numbers of shape (n,)."""
    kind, oid = _NUMBERS[numbers.dtype.name]
    elements = np.empty(len(numbers), np.dtype([("size", ">i4"), ("value", kind)]))
    elements["size"] = numbers.dtype.itemsize
    elements["value"] = numbers
    return _join(elements, oid)


def _join(elements: NDArray[np.void], oid: int) -> BinaryValue:
    shape = (_ONE_DIMENSION, _NO_NULL, oid, len(elements), _FIRST)
    return BinaryValue(struct.pack(">iiIii", *shape) + elements.tobytes())


def _fill(vectors: NDArray[np.floating]) -> NDArray[np.void]:
    dimensions = vectors.shape[1]
    filled = np.zeros(len(vectors), _type(dimensions))
    filled["dimensions"] = dimensions
    filled["values"] = vectors
    return filled


@lru_cache(maxsize=8)
def _type(dimensions: int) -> np.dtype[np.void]:
    return np.dtype([("dimensions", ">i2"), ("unused", ">i2"), ("values", ">f2", dimensions)])
