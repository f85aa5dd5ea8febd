"""One version's index as bytes: what the database keeps and what a search holds in memory.

Words are kept as 64-bit hashes: short, of one size, and not to be read back.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

HASH_BYTES = 8
LAYOUT = 3
MOST_COUNT = 255
MOST_LENGTH = 65_535
REFERENCE = "#"
"""What stands before a reference, so that it is not taken for a word."""

# Bits of one word of a signature.
WORD_BITS = 64
# A number of a vector is kept on four bits, two to a byte: as one of the levels from 0 to 15, whose
# middle is nought. A level is about a third of the spread of the numbers, which loses the least.
LEVELS = 16
CODES_BY_WORD = WORD_BITS // 2
MIDDLE = (LEVELS - 1) / 2
LEVEL_SHARE = 0.335

Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]
Halves = NDArray[np.float16]
Codes = NDArray[np.uint8]

_HEAD = struct.Struct("<HH")
# Name and type of each array, in their order: a row by passage (but for signatures), then by term.
_PASSAGES = (
    ("chunk_ids", "<i8"), ("lengths", "<u2"), ("title_lengths", "<u2"), ("shared", "<f2"),
    ("scales", "<f2"), ("signatures", "<u8"), ("steps", "<f2"), ("codes", "u1"),
)  # fmt: skip
_POSTINGS = (("terms", "<u8"), ("places", "<u4"), ("counts", "u1"), ("title_counts", "u1"))


@dataclass(frozen=True)
class PackedIndex:
    """What n passages hold, as arrays.

    `chunk_ids`, `lengths` and `title_lengths` have shape (n,). `shared` (n,) is the inner product
    of each passage's vector with what all vectors share. Of what is left of it, `signatures`
    (n, dimensions / 64) holds the signs, each standing for `scales` (n,), and `codes`
    (n, dimensions / 2) the levels, a step between two being `steps` (n,). The others have a row by
    term and passage where it stands: the term's hash, the passage's place, its count in the text
    and in the titles above it. References are terms too (`REFERENCE`), with a count of one.
    """

    chunk_ids: NDArray[np.int64]
    lengths: NDArray[np.uint16]
    title_lengths: NDArray[np.uint16]
    shared: NDArray[np.floating]
    scales: NDArray[np.floating]
    signatures: Hashes
    steps: NDArray[np.floating]
    codes: Codes
    terms: Hashes
    places: NDArray[np.uint32]
    counts: NDArray[np.uint8]
    title_counts: NDArray[np.uint8]

    def to_bytes(self) -> bytes:
        """The arrays one after another after the width of signatures, little end first."""
        head = _HEAD.pack(LAYOUT, self.signatures.shape[1])
        return head + b"".join(
            np.ascontiguousarray(getattr(self, name), dtype=kind).tobytes()
            for name, kind in (*_PASSAGES, *_POSTINGS)
        )


def unpack(content: bytes, chunks: int) -> PackedIndex:
    """The arrays of `chunks` passages. Raises ValueError on a content of another size or layout."""
    layout, words = _HEAD.unpack_from(content)
    if layout != LAYOUT:
        raise ValueError(f"layout {layout} is not that of this version, {LAYOUT}")
    widths = {"signatures": words, "codes": words * CODES_BY_WORD}
    rows = {name: chunks * widths.get(name, 1) for name, _ in _PASSAGES}
    start = _HEAD.size + sum(rows[name] * np.dtype(kind).itemsize for name, kind in _PASSAGES)
    postings, left = divmod(len(content) - start, sum(np.dtype(k).itemsize for _, k in _POSTINGS))
    if left or postings < 0:
        raise ValueError(f"{len(content)} bytes are no index of {chunks} passages")
    read: dict[str, NDArray[Any]] = {}
    start = _HEAD.size
    for name, kind in (*_PASSAGES, *_POSTINGS):
        read[name] = np.frombuffer(content, kind, rows.get(name, postings), start)
        start += read[name].nbytes
    wide = {name: read[name].reshape(chunks, width) for name, width in widths.items()}
    return PackedIndex(**read | wide)


@dataclass(frozen=True)
class PassageTerms:
    """A passage's terms and their counts, those of the titles above it, and its references."""

    terms: Mapping[str, int]
    titles: Mapping[str, int]
    references: Iterable[str]


def pack(
    chunk_ids: Sequence[int],
    passages: Sequence[PassageTerms],
    vectors: NDArray[np.floating],
    centre: Floats,
) -> PackedIndex:
    """The packed index of passages stored as `chunk_ids`.

    `vectors` gives theirs, shape (len(passages), dimensions), and `centre` what all vectors of
    the model share, shape (dimensions,).
    """
    terms: list[int] = []
    counts: list[int] = []
    title_counts: list[int] = []
    held: list[int] = []
    for passage in passages:
        words = passage.terms.keys() | passage.titles.keys()
        references = [REFERENCE + reference for reference in passage.references]
        terms += map(hash_term, (*words, *references))
        counts += (*map(passage.terms.get, words, repeat(0)), *repeat(1, len(references)))
        title_counts += (*map(passage.titles.get, words, repeat(0)), *repeat(0, len(references)))
        held.append(len(words) + len(references))
    own = vectors.astype(np.float32)
    shared = own @ centre
    left = (own - np.outer(shared / (centre @ centre), centre)).astype(np.float32)
    return PackedIndex(
        np.array(chunk_ids, np.int64),
        _bound([sum(passage.terms.values()) for passage in passages], MOST_LENGTH, np.uint16),
        _bound([sum(passage.titles.values()) for passage in passages], MOST_LENGTH, np.uint16),
        shared.astype(np.float16),
        _scale_signs(left).astype(np.float16),
        sign_vectors(left),
        *_code_vectors(left),
        np.array(terms, np.uint64),
        np.repeat(np.arange(len(held), dtype=np.uint32), held),
        _bound(counts, MOST_COUNT, np.uint8),
        _bound(title_counts, MOST_COUNT, np.uint8),
    )


def _code_vectors(vectors: Floats) -> tuple[Halves, Codes]:
    """The step of each vector, shape (n,), and its levels (n, dimensions / 2).

    A byte holds a number of the vector's first half and, above it, the one at the same place of its
    second half.
    """
    spread = np.sqrt(np.einsum("ij,ij->i", vectors, vectors) / max(vectors.shape[1], 1))
    steps = (spread * LEVEL_SHARE).astype(np.float16)
    scaled = vectors / np.where(steps == 0, 1, steps)[:, None]
    levels = np.clip(np.rint(scaled + MIDDLE), 0, LEVELS - 1).astype(np.uint8)
    low, high = np.split(levels, 2, axis=1)
    return steps, np.bitwise_or(low, high << 4, dtype=np.uint8)


def _scale_signs(vectors: Floats) -> Floats:
    """What a sign stands for in each vector, so that its signs scaled come nearest to it."""
    sums = np.abs(vectors).sum(axis=-1)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    return squares / np.where(sums == 0, 1, sums)


def _bound(values: Sequence[int], most: int, kind: type[Any]) -> NDArray[Any]:
    return np.minimum(np.array(values, np.int64), most).astype(kind)


@lru_cache(maxsize=50_000)
def hash_term(term: str) -> int:
    """A term as 64 bits, the same on every machine."""
    digest = hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=HASH_BYTES).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True)
class AskedVector:
    """A question's vector: `along` times what all share, and the `rest`, shape (dimensions,).

    `signs`, shape (words, 1), are those of the rest, `size` the mean of its numbers without them.
    """

    along: float
    rest: Floats
    signs: Hashes
    size: float


def ask_vector(vector: Floats, centre: Floats) -> AskedVector:
    """The form of `vector`, shape (dimensions,), that those of passages are compared with."""
    along = float(vector @ centre / (centre @ centre))
    rest = (vector - along * centre).astype(np.float32)
    return AskedVector(along, rest, sign_vectors(rest)[:, None], float(np.abs(rest).mean()))


def guess_likeness(
    asked: AskedVector, shared: Floats, scales: Floats, signatures: Hashes
) -> Floats:
    """Roughly the likeness of the question to n passages, shape (n,).

    `signatures` has shape (words, n), or more rows where others are wider. Differences come out
    smaller than they are; the error is about 0.013 for the vectors of the default model.
    """
    words = len(asked.signs)
    differing = _count_bits(signatures[:words] ^ asked.signs)
    agreeing = (words * WORD_BITS - 2 * differing) * np.float32(asked.size)
    return (np.float32(asked.along) * shared + agreeing * scales).astype(np.float32, copy=False)


def estimate_likeness(asked: AskedVector, shared: Floats, steps: Floats, codes: Codes) -> Floats:
    """The likeness of the question to n passages, shape (n,), with an error of about 0.001.

    `codes` has shape (n, dimensions / 2), or more columns where others are wider.
    """
    half = len(asked.rest) // 2
    own = codes[:, :half]
    low = (own & LEVELS - 1).astype(np.float32) @ asked.rest[:half]
    high = (own >> 4).astype(np.float32) @ asked.rest[half:]
    rest = low + high - np.float32(MIDDLE * asked.rest.sum())
    return (np.float32(asked.along) * shared + rest * steps).astype(np.float32, copy=False)


def _count_bits(signatures: Hashes) -> Floats:
    """The bits set in each column of `signatures`, shape (words, n)."""
    counts = np.add.reduce(np.bitwise_count(signatures), axis=0, dtype=np.uint16)
    return counts.astype(np.float32)


def sign_vectors(vectors: NDArray[np.floating]) -> Hashes:
    """The signs of `vectors`, shape (…, dimensions), as bits: shape (…, dimensions / 64)."""
    return np.packbits(vectors > 0, axis=-1).view(np.uint64)
