"""The embedder behind LlamaIndex's interface."""

from __future__ import annotations

from llama_index.core.embeddings import BaseEmbedding

from knowledge.embeddings import MODEL_NAME, get_embedder


class LlamaIndexEmbedding(BaseEmbedding):
    """The process's embedder, as LlamaIndex's readers of vectors expect it."""

    model_name: str = MODEL_NAME
    embed_batch_size: int = 256

    def _get_text_embedding(self, text: str) -> list[float]:
        return get_embedder().encode([text])[0].tolist()

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._get_text_embedding(query)

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return get_embedder().encode(texts).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return (await get_embedder().aencode([query]))[0].tolist()
