"""The embedder of passages behind LlamaIndex's interface."""

from __future__ import annotations

from llama_index.core.embeddings import BaseEmbedding

from knowledge.passage_embedder import MODEL_NAME, embed_question, get_passage_embedder


class LlamaIndexEmbedding(BaseEmbedding):
    """The process's embedder, as LlamaIndex's readers of vectors expect it."""

    model_name: str = MODEL_NAME
    embed_batch_size: int = 256

    def _get_text_embedding(self, text: str) -> list[float]:
        return get_passage_embedder().encode([text])[0].tolist()

    def _get_query_embedding(self, query: str) -> list[float]:
        return get_passage_embedder().encode_question(query).tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return get_passage_embedder().encode(texts).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return (await embed_question(get_passage_embedder(), query)).tolist()
