"""LlamaIndex's PGVectorStore in hybrid mode, on the same data, embeddings and server."""

from __future__ import annotations

import asyncio
import time

import psycopg
from llama_index.core.schema import BaseNode, TextNode
from llama_index.core.vector_stores import MetadataFilter, MetadataFilters, VectorStoreQuery
from llama_index.core.vector_stores.types import VectorStoreQueryMode
from llama_index.vector_stores.postgres import PGVectorStore
from psycopg import conninfo
from sqlalchemy import URL

from evals.benchmarks.rivals.data import (
    AT_ONCE,
    LIMIT,
    Loaded,
    Question,
    RivalMeasure,
    find_percentiles,
)
from knowledge.passage_embedder import DIMENSIONS

BATCH = 500
NOTE = "HNSW m 16, ef 64 et 40 : le cabinet est filtré après le graphe ; plein texte français"
HNSW = {
    "hnsw_m": 16,
    "hnsw_ef_construction": 64,
    "hnsw_ef_search": 40,
    "hnsw_dist_method": "vector_cosine_ops",
}


async def measure_llamaindex(admin_conninfo: str, loaded: Loaded) -> RivalMeasure:
    """Load the store and measure it as the other rivals are."""
    store = open_store(admin_conninfo)
    started = time.perf_counter()
    for first in range(0, len(loaded.ids), BATCH):
        store.add(_list_nodes(loaded, slice(first, first + BATCH)))
    load_s = time.perf_counter() - started
    with psycopg.connect(admin_conninfo, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE data_rival")
    for question in loaded.warming:
        await store.aquery(_make_query(question, VectorStoreQueryMode.HYBRID))
    times: list[float] = []
    for question in loaded.asked:
        started = time.perf_counter()
        await store.aquery(_make_query(question, VectorStoreQueryMode.HYBRID))
        times.append((time.perf_counter() - started) * 1000)
    per_second = await _count_per_second(store, loaded)
    recall = await _measure_recall(store, loaded)
    await store.close()
    return RivalMeasure(
        "LlamaIndex PGVectorStore, hybride", len(loaded.ids), load_s, *find_percentiles(times),
        per_second, recall, NOTE,
    )  # fmt: skip


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
        indexed_metadata_keys={("tenant", "text")},
    )


def _list_nodes(loaded: Loaded, part: slice) -> list[BaseNode]:
    rows = zip(
        loaded.ids[part], loaded.tenants[part], loaded.texts[part], loaded.vectors[part],
        strict=True,
    )  # fmt: skip
    return [
        TextNode(id_=str(one), text=text, embedding=vector.tolist(), metadata={"tenant": tenant})
        for one, tenant, text, vector in rows
    ]


async def _count_per_second(store: PGVectorStore, loaded: Loaded) -> float:
    queue = list(loaded.asked)

    async def work() -> None:
        while queue:
            await store.aquery(_make_query(queue.pop(), VectorStoreQueryMode.HYBRID))

    started = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return len(loaded.asked) / (time.perf_counter() - started)


async def _measure_recall(store: PGVectorStore, loaded: Loaded) -> float:
    shares: list[float] = []
    for question in loaded.asked:
        found = await store.aquery(_make_query(question, VectorStoreQueryMode.DEFAULT))
        exact = loaded.list_nearest(question)
        shares.append(len({int(one) for one in found.ids or ()} & exact) / len(exact))
    return sum(shares) / len(shares)


def _make_query(question: Question, mode: VectorStoreQueryMode) -> VectorStoreQuery:
    """A query kept to one firm, as LlamaIndex's documentation shows."""
    return VectorStoreQuery(
        query_embedding=question.vector.tolist(),
        query_str=question.text,
        similarity_top_k=LIMIT,
        sparse_top_k=LIMIT,
        mode=mode,
        filters=MetadataFilters(filters=[MetadataFilter(key="tenant", value=question.tenant)]),
    )
