"""What the preparing scripts share: lists of numbers and the model's weights as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.e5_file import Floats, ModelFile


def pack(lists: Sequence[Sequence[int]]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Lists of numbers end to end, and the length of each."""
    flat = np.array([number for one in lists for number in one], np.int32)
    return flat, np.array([len(one) for one in lists], np.int32)


def list_weights(file: ModelFile) -> dict[str, Floats]:
    """The weights of the model's norms and layers, by name."""
    width, inner = file.sizes.width, file.sizes.inner
    kept = {f"emb.ln.{end}": file.read_floats(f"emb.ln.{end}") for end in "wb"}
    for layer in range(file.sizes.layers):
        for part in ("q", "k", "v", "ao", "fi", "fo"):
            name = f"l{layer}.{part}"
            kept[f"{name}.w"] = file.read_matrix(f"{name}.w", inner if part == "fo" else width)
            kept[f"{name}.b"] = file.read_floats(f"{name}.b")
        for part in ("aln", "oln"):
            for end in "wb":
                kept[f"l{layer}.{part}.{end}"] = file.read_floats(f"l{layer}.{part}.{end}")
    return kept
