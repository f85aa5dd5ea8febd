"""One version's index as bytes: what the database keeps and what a search holds in memory.

Words are kept as 64-bit hashes: short, of one size, and not to be read back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.embeddings import DIMENSIONS, Vectors

HASH_BYTES = 8
SIGNATURE_WORDS = DIMENSIONS // 64
MOST_COUNT = 255
MOST_LENGTH = 65_535
REFERENCE = "#"
"""What stands before a reference, so that it is not taken for a word."""

# Bits to which a question's vector is rounded.
PLANES = 4
_EVEN, _ONES = np.uint64(0x00FF00FF00FF00FF), np.uint64(0x0001000100010001)

Hashes = NDArray[np.uint64]
Floats = NDArray[np.float32]

# Name, type and width of each array, in their order: a row by passage, by sentence, by term.
_PASSAGES: tuple[tuple[str, str, int], ...] = (
    ("chunk_ids", "<i8", 1), ("lengths", "<u2", 1), ("title_lengths", "<u2", 1),
    ("signatures", "<u8", SIGNATURE_WORDS), ("sentence_counts", "<u2", 1),
)  # fmt: skip
_SENTENCES: tuple[tuple[str, str, int], ...] = (
    ("signs", "<u8", SIGNATURE_WORDS), ("scales", "<f2", 1),
)  # fmt: skip
_POSTINGS: tuple[tuple[str, str, int], ...] = (
    ("terms", "<u8", 1), ("places", "<u4", 1), ("counts", "u1", 1), ("title_counts", "u1", 1),
)  # fmt: skip


@dataclass(frozen=True)
class PackedIndex:
    """What n passages hold, as arrays.

    `chunk_ids`, `lengths`, `title_lengths` and `sentence_counts` have shape (n,), `signatures`
    (n, 8): the signs of each passage's vector. `signs` (m, 8) and `scales` (m,) have a row by
    sentence, in the order of the passages: the signs of its vector, and what one sign stands for.
    The others have a row by term and passage where it stands: the term's hash, the passage's
    place, its count in the text and in the titles above it. References are terms too
    (`REFERENCE`), with a count of one.
    """

    chunk_ids: NDArray[np.int64]
    lengths: NDArray[np.uint16]
    title_lengths: NDArray[np.uint16]
    signatures: Hashes
    sentence_counts: NDArray[np.uint16]
    signs: Hashes
    scales: NDArray[np.float16]
    terms: Hashes
    places: NDArray[np.uint32]
    counts: NDArray[np.uint8]
    title_counts: NDArray[np.uint8]

    def to_bytes(self) -> bytes:
        """The arrays one after another, little end first."""
        return b"".join(
            np.ascontiguousarray(getattr(self, name), dtype=kind).tobytes()
            for name, kind, _ in (*_PASSAGES, *_SENTENCES, *_POSTINGS)
        )


def unpack(content: bytes, chunks: int) -> PackedIndex:
    """The arrays of `chunks` passages. Raises ValueError on a content of another size."""
    passages, start = _read(content, 0, chunks, _PASSAGES)
    sentences, start = _read(content, start, int(passages["sentence_counts"].sum()), _SENTENCES)
    width = sum(np.dtype(kind).itemsize for _, kind, _ in _POSTINGS)
    count, left = divmod(len(content) - start, width)
    if left or count < 0:
        raise ValueError(f"{len(content)} bytes are no index of {chunks} passages")
    postings, _ = _read(content, start, count, _POSTINGS)
    return PackedIndex(**passages, **sentences, **postings)


def _read(
    content: bytes, start: int, rows: int, layout: Sequence[tuple[str, str, int]]
) -> tuple[dict[str, NDArray[Any]], int]:
    read: dict[str, NDArray[Any]] = {}
    for name, kind, width in layout:
        array = np.frombuffer(content, dtype=kind, count=rows * width, offset=start)
        read[name] = array.reshape(rows, width) if width > 1 else array
        start += array.nbytes
    return read, start


@dataclass(frozen=True)
class PassageTerms:
    """A passage's terms and their counts, those of the titles above it, and its references."""

    terms: Mapping[str, int]
    titles: Mapping[str, int]
    references: Iterable[str]


def pack(
    chunk_ids: Sequence[int],
    passages: Sequence[PassageTerms],
    vectors: Sequence[NDArray[np.floating]],
) -> PackedIndex:
    """The packed index of passages stored as `chunk_ids`.

    `vectors` gives each passage's, shape (sentences + 1, 512): its sentences', then its own.
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
    sizes = np.array([len(own) for own in vectors], np.intp)
    every = np.concatenate([*vectors, np.zeros((0, DIMENSIONS), np.float32)]).astype(np.float32)
    signs, scales = sign_vectors(every), _scale_signs(every)
    whole = np.zeros(len(every), bool)
    whole[np.cumsum(sizes) - 1] = True
    return PackedIndex(
        np.array(chunk_ids, np.int64),
        _bound([sum(passage.terms.values()) for passage in passages], MOST_LENGTH, np.uint16),
        _bound([sum(passage.titles.values()) for passage in passages], MOST_LENGTH, np.uint16),
        signs[whole],
        (sizes - 1).astype(np.uint16),
        signs[~whole],
        scales[~whole],
        np.array(terms, np.uint64),
        np.repeat(np.arange(len(held), dtype=np.uint32), held),
        _bound(counts, MOST_COUNT, np.uint8),
        _bound(title_counts, MOST_COUNT, np.uint8),
    )


def _scale_signs(vectors: Vectors) -> NDArray[np.float16]:
    """What a sign stands for in each vector, so that its signs scaled come nearest to it."""
    sums = np.abs(vectors).sum(axis=-1)
    squares = np.einsum("ij,ij->i", vectors, vectors)
    return (squares / np.where(sums == 0, 1, sums)).astype(np.float16)


def _bound(values: Sequence[int], most: int, kind: type[Any]) -> NDArray[Any]:
    return np.minimum(np.array(values, np.int64), most).astype(kind)


@lru_cache(maxsize=50_000)
def hash_term(term: str) -> int:
    """A term as 64 bits, the same on every machine."""
    digest = hashlib.blake2b(term.encode("utf-8", "replace"), digest_size=HASH_BYTES).digest()
    return int.from_bytes(digest, "little")


@dataclass(frozen=True)
class AskedVector:
    """A question's vector as sums of bits: `low + step × Σ 2ᵏ plane k`, and its signs.

    `signs` has shape (8,), `planes` (PLANES, 8).
    """

    signs: Hashes
    planes: Hashes
    low: float
    step: float
    total: float


def ask_vector(vector: Vectors) -> AskedVector:
    """The form of `vector`, shape (512,), that signs are compared with."""
    low = float(vector.min(initial=0.0))
    step = (float(vector.max(initial=0.0)) - low) / (2**PLANES - 1) or 1.0
    levels = np.rint((vector - low) / step).astype(np.uint8)
    planes = np.stack([np.packbits(levels >> plane & 1).view(np.uint64) for plane in range(PLANES)])
    return AskedVector(sign_vectors(vector), planes, low, step, float(vector.sum()))


def estimate_likeness(asked: AskedVector, signs: Hashes, scales: NDArray[np.float16]) -> Floats:
    """About the inner product of the question's vector with each of those of `signs`, shape (m,).

    The error is about 0.025 for a unit vector.
    """
    levels = np.zeros(len(signs), np.uint64)
    for plane, bits in enumerate(asked.planes):
        levels += _count_bits(signs & bits) << np.uint64(plane)
    held = _count_bits(signs) * np.float32(asked.low) + levels * np.float32(asked.step)
    return ((2 * held - asked.total) * scales).astype(np.float32)


def _count_bits(rows: Hashes) -> Hashes:
    """The bits set in each row of eight words."""
    counts = np.bitwise_count(rows).view(np.uint64)[:, 0]
    # Eight counts of at most 64 lie in one number: pairs are added, then the four pairs at once.
    pairs = (counts & _EVEN) + (counts >> np.uint64(8) & _EVEN)
    return pairs * _ONES >> np.uint64(48)


def sign_vectors(vectors: Vectors) -> Hashes:
    """The signs of `vectors`, shape (n, 512), as bits: shape (n, 8)."""
    return np.packbits(vectors > 0, axis=-1).view(np.uint64)
