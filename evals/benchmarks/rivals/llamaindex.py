"""LlamaIndex's PGVectorStore in hybrid mode, on the same data, embeddings and server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from llama_index.core.schema import TextNode
from llama_index.core.vector_stores import MetadataFilter, MetadataFilters, VectorStoreQuery
from llama_index.core.vector_stores.types import VectorStoreQueryMode
from llama_index.vector_stores.postgres import PGVectorStore
from psycopg import conninfo
from sqlalchemy import URL

from evals.benchmarks.loading import LoadedChunk
from knowledge.embeddings import DIMENSIONS

BATCH = 500
HNSW = {
    "hnsw_m": 16,
    "hnsw_ef_construction": 64,
    "hnsw_ef_search": 40,
    "hnsw_dist_method": "vector_cosine_ops",
}


def open_store(admin_conninfo: str) -> PGVectorStore:
    """A store in its own tables of the benchmark's database, with French text search."""
    parts = conninfo.conninfo_to_dict(admin_conninfo)

    def url(driver: str) -> str:
        address = URL.create(
            f"postgresql+{driver}",
            username=str(parts["user"]),
            password=str(parts["password"]),
            database=str(parts["dbname"]),
            query={"host": str(parts["host"]), "port": str(parts["port"])},
        )
        return address.render_as_string(hide_password=False)

    return PGVectorStore(
        connection_string=url("psycopg2"),
        async_connection_string=url("asyncpg"),
        table_name="rival",
        hybrid_search=True,
        text_search_config="french",
        embed_dim=DIMENSIONS,
        hnsw_kwargs=HNSW,
    )


def load_store(store: PGVectorStore, chunks: Sequence[LoadedChunk]) -> float:
    """Add `chunks` with their passage vectors; seconds taken."""
    started = time.perf_counter()
    for first in range(0, len(chunks), BATCH):
        store.add([_node(loaded) for loaded in chunks[first : first + BATCH]])
    return time.perf_counter() - started


def _node(loaded: LoadedChunk) -> TextNode:
    return TextNode(
        id_=str(loaded.chunk_id),
        text=loaded.chunk.text,
        embedding=loaded.chunk.passage.tolist(),
        metadata={"tenant": str(loaded.tenant)},
    )


async def time_queries(
    store: PGVectorStore, asked: Sequence[tuple[str, str, list[float]]], limit: int
) -> list[float]:
    """Milliseconds of each hybrid query (tenant, text, vector), one after another."""
    times: list[float] = []
    for tenant, text, vector in asked:
        started = time.perf_counter()
        await store.aquery(make_query(tenant, text, vector, limit))
        times.append((time.perf_counter() - started) * 1000)
    return times


async def count_per_second(
    store: PGVectorStore, asked: Sequence[tuple[str, str, list[float]]], limit: int, tasks: int
) -> float:
    """Queries answered a second by `tasks` at a time."""
    queue = list(asked)

    async def work() -> None:
        while queue:
            await store.aquery(make_query(*queue.pop(), limit))

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(tasks)))
    return len(asked) / (time.perf_counter() - started)


def make_query(tenant: str, text: str, vector: list[float], limit: int) -> VectorStoreQuery:
    """A hybrid query kept to one tenant, as LlamaIndex's documentation shows."""
    return VectorStoreQuery(
        query_embedding=vector,
        query_str=text,
        similarity_top_k=limit,
        sparse_top_k=limit,
        mode=VectorStoreQueryMode.HYBRID,
        filters=MetadataFilters(filters=[MetadataFilter(key="tenant", value=tenant)]),
    )
