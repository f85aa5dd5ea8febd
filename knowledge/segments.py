"""A stretch of a firm's index in memory: the passages of some versions, as arrays.

A segment never changes: versions are added by another one, and segments are joined.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.packing import Codes, Floats, Hashes, PackedIndex

Places = NDArray[np.intp]


@dataclass(frozen=True)
class Segment:
    """Passages of some versions.

    `keys` and `models` have a row by version; `owners` gives each passage's version. `signatures`
    has shape (words, n) and `codes` (n, bytes), as wide as the widest of them. The passages of
    term i, and its counts there, stand at `starts[i]:starts[i + 1]`.
    """

    keys: NDArray[np.int32]
    models: tuple[str, ...]
    owners: NDArray[np.int32]
    chunk_ids: NDArray[np.int64]
    lengths: NDArray[np.uint16]
    title_lengths: NDArray[np.uint16]
    shared: Floats
    scales: Floats
    signatures: Hashes
    steps: Floats
    codes: Codes
    terms: Hashes
    starts: NDArray[np.int64]
    rows: NDArray[np.uint32]
    counts: NDArray[np.uint8]
    title_counts: NDArray[np.uint8]

    @property
    def size(self) -> int:
        """Passages held."""
        return len(self.chunk_ids)

    @cached_property
    def nbytes(self) -> int:
        """Memory held."""
        arrays = (value for value in vars(self).values() if isinstance(value, np.ndarray))
        return sum(array.nbytes for array in arrays)

    @cached_property
    def totals(self) -> tuple[int, int]:
        """Terms of the texts, and of the titles."""
        return int(self.lengths.sum()), int(self.title_lengths.sum())

    def list_keys(self, places: Places) -> NDArray[np.int32]:
        """The versions of the passages at `places`."""
        return self.keys[self.owners[places]]

    def find(self, term: int) -> slice:
        """Where the passages of a hashed term stand."""
        place = int(np.searchsorted(self.terms, np.uint64(term)))
        if place == len(self.terms) or int(self.terms[place]) != term:
            return slice(0, 0)
        return slice(int(self.starts[place]), int(self.starts[place + 1]))


def make_segment(versions: Sequence[tuple[int, str, PackedIndex]]) -> Segment:
    """The segment of versions given by key, embedding model and packed index."""
    packed = [index for _, _, index in versions]
    sizes = np.array([len(index.chunk_ids) for index in packed])
    offsets = np.cumsum(sizes) - sizes
    return _sort_postings(
        np.array([key for key, _, _ in versions], np.int32),
        tuple(model for _, model, _ in versions),
        np.repeat(np.arange(len(packed), dtype=np.int32), sizes),
        PackedIndex(
            np.concatenate([index.chunk_ids for index in packed]),
            np.concatenate([index.lengths for index in packed]),
            np.concatenate([index.title_lengths for index in packed]),
            np.concatenate([index.shared for index in packed]),
            np.concatenate([index.scales for index in packed]),
            _join_wide([index.signatures for index in packed]),
            np.concatenate([index.steps for index in packed]),
            _join_wide([index.codes for index in packed]),
            np.concatenate([index.terms for index in packed]),
            np.concatenate(
                [index.places + np.uint32(at) for index, at in zip(packed, offsets, strict=True)]
            ),
            np.concatenate([index.counts for index in packed]),
            np.concatenate([index.title_counts for index in packed]),
        ),
    )


def join_segments(segments: Sequence[Segment], kept: Mapping[int, str]) -> Segment:
    """One segment of what `segments` hold of the versions `kept`."""
    parts = [keep_versions(segment, kept) for segment in segments]
    versions = np.cumsum([0, *(len(part.keys) for part in parts)])
    passages = np.cumsum([0, *(part.size for part in parts)])
    return _sort_postings(
        np.concatenate([part.keys for part in parts]),
        tuple(model for part in parts for model in part.models),
        np.concatenate(
            [part.owners + np.int32(at) for part, at in zip(parts, versions, strict=False)]
        ),
        PackedIndex(
            np.concatenate([part.chunk_ids for part in parts]),
            np.concatenate([part.lengths for part in parts]),
            np.concatenate([part.title_lengths for part in parts]),
            np.concatenate([part.shared for part in parts]),
            np.concatenate([part.scales for part in parts]),
            _join_wide([part.signatures.T for part in parts]),
            np.concatenate([part.steps for part in parts]),
            _join_wide([part.codes for part in parts]),
            np.concatenate([np.repeat(part.terms, np.diff(part.starts)) for part in parts]),
            np.concatenate(
                [part.rows + np.uint32(at) for part, at in zip(parts, passages, strict=False)]
            ),
            np.concatenate([part.counts for part in parts]),
            np.concatenate([part.title_counts for part in parts]),
        ),
    )


def keep_versions(segment: Segment, kept: Mapping[int, str]) -> Segment:
    """What `segment` holds of the versions `kept`; itself when that is all."""
    held = np.array([int(key) in kept for key in segment.keys], bool)
    if held.all():
        return segment
    stays = held[segment.owners]
    standing = stays[segment.rows]
    terms = np.repeat(segment.terms, np.diff(segment.starts))[standing]
    places = np.cumsum(stays, dtype=np.int64) - 1
    unique, starts = np.unique(terms, return_index=True)
    return replace(
        segment,
        keys=segment.keys[held],
        models=tuple(m for m, held_one in zip(segment.models, held, strict=True) if held_one),
        owners=(np.cumsum(held) - 1).astype(np.int32)[segment.owners[stays]],
        chunk_ids=segment.chunk_ids[stays],
        lengths=segment.lengths[stays],
        title_lengths=segment.title_lengths[stays],
        shared=segment.shared[stays],
        scales=segment.scales[stays],
        signatures=segment.signatures[:, stays],
        steps=segment.steps[stays],
        codes=segment.codes[stays],
        terms=unique,
        starts=np.append(starts, len(terms)).astype(np.int64),
        rows=places[segment.rows[standing]].astype(np.uint32),
        counts=segment.counts[standing],
        title_counts=segment.title_counts[standing],
    )


def _sort_postings(
    keys: NDArray[np.int32],
    models: tuple[str, ...],
    owners: NDArray[np.int32],
    packed: PackedIndex,
) -> Segment:
    order = np.argsort(packed.terms, kind="stable")
    terms, starts = np.unique(packed.terms[order], return_index=True)
    return Segment(
        keys,
        models,
        owners,
        packed.chunk_ids.astype(np.int64),
        packed.lengths.astype(np.uint16),
        packed.title_lengths.astype(np.uint16),
        packed.shared.astype(np.float32),
        packed.scales.astype(np.float32),
        np.ascontiguousarray(packed.signatures.T.astype(np.uint64)),
        packed.steps.astype(np.float32),
        packed.codes,
        terms.astype(np.uint64),
        np.append(starts, len(order)).astype(np.int64),
        packed.places[order].astype(np.uint32),
        packed.counts[order],
        packed.title_counts[order],
    )


def _join_wide(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Rows one below another; those of a model of fewer dimensions are widened by zeros."""
    widest = max(part.shape[1] for part in parts)
    return np.concatenate([np.pad(part, ((0, 0), (0, widest - part.shape[1]))) for part in parts])
