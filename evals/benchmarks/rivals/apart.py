"""Rivals run in an environment of their own: `python apart.py NAME FOLDER` prints one measure.

Each is set as its documentation says for data kept apart by a field: the field indexed, the filter
applied before the nearest are looked for.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
os.environ["ANONYMIZED_TELEMETRY"] = "false"

from data import LIMIT, Loaded, Question, RivalMeasure, measure, read

BATCH = 5_000
QDRANT_CHUNKS = 20_000


def run_chroma(folder: Path, loaded: Loaded) -> RivalMeasure:
    """Chroma on disk, HNSW by cosine, the firm as metadata."""
    import chromadb
    from chromadb.config import Settings

    client = chromadb.PersistentClient(
        str(folder / "chroma"), settings=Settings(anonymized_telemetry=False)
    )
    started = time.perf_counter()
    collection = client.create_collection("passages", metadata={"hnsw:space": "cosine"})
    for first in range(0, len(loaded.ids), BATCH):
        part = slice(first, first + BATCH)
        collection.add(
            ids=[str(one) for one in loaded.ids[part]],
            embeddings=loaded.vectors[part].tolist(),
            documents=list(loaded.texts[part]),
            metadatas=[{"tenant": tenant} for tenant in loaded.tenants[part]],
        )
    load_s = time.perf_counter() - started

    def search(question: Question) -> Any:
        return collection.query(
            query_embeddings=[question.vector.tolist()],
            n_results=LIMIT,
            where={"tenant": question.tenant},
        )

    return measure(
        "Chroma", loaded, load_s, search,
        lambda question: {int(one) for one in search(question)["ids"][0]},
        "vecteurs seuls, HNSW aux réglages d’usine, sur disque",
    )  # fmt: skip


def run_lancedb(folder: Path, loaded: Loaded) -> RivalMeasure:
    """LanceDB hybrid: IVF_HNSW_SQ, full text in French, the firm indexed."""
    import lancedb
    import pyarrow as pa
    from lancedb.index import FTS, Bitmap, HnswSq

    started = time.perf_counter()
    flat = pa.FixedSizeListArray.from_arrays(
        pa.array(loaded.vectors.ravel()), loaded.vectors.shape[1]
    )
    rows = pa.table({"id": list(loaded.ids), "tenant": list(loaded.tenants),
                     "text": list(loaded.texts), "vector": flat})  # fmt: skip
    table = lancedb.connect(str(folder / "lancedb")).create_table("passages", rows)
    table.create_index("tenant", config=Bitmap())
    table.create_index("text", config=FTS(language="French"))
    table.create_index("vector", config=HnswSq(distance_type="cosine"))
    load_s = time.perf_counter() - started

    def search(question: Question) -> Any:
        asked = table.search(query_type="hybrid").vector(question.vector).text(question.text)
        return asked.where(f"tenant = '{question.tenant}'", prefilter=True).limit(LIMIT).to_list()

    def near(question: Question) -> set[int]:
        asked = table.search(question.vector, vector_column_name="vector")
        kept = asked.where(f"tenant = '{question.tenant}'", prefilter=True)
        return {row["id"] for row in kept.limit(LIMIT).to_list()}

    return measure(
        "LanceDB, hybride", loaded, load_s, search, near,
        "IVF_HNSW_SQ, plein texte français, cabinet indexé et filtré d’abord",
    )  # fmt: skip


def run_qdrant(folder: Path, loaded: Loaded) -> RivalMeasure:
    """Qdrant in local mode, which compares every vector: its server is not on PyPI."""
    from qdrant_client import QdrantClient, models

    loaded = loaded.keep(QDRANT_CHUNKS)
    client = QdrantClient(path=str(folder / "qdrant"))
    started = time.perf_counter()
    client.create_collection(
        "passages",
        vectors_config=models.VectorParams(
            size=loaded.vectors.shape[1], distance=models.Distance.COSINE
        ),
    )
    for first in range(0, len(loaded.ids), BATCH):
        part = slice(first, first + BATCH)
        client.upsert("passages", models.Batch(
            ids=list(loaded.ids[part]),
            vectors=loaded.vectors[part].tolist(),
            payloads=[{"tenant": tenant, "text": text} for tenant, text in
                      zip(loaded.tenants[part], loaded.texts[part], strict=True)],
        ))  # fmt: skip
    load_s = time.perf_counter() - started

    def search(question: Question) -> Any:
        own = models.FieldCondition(key="tenant", match=models.MatchValue(value=question.tenant))
        return client.query_points(
            "passages", query=question.vector.tolist(), limit=LIMIT,
            query_filter=models.Filter(must=[own]),
        ).points  # fmt: skip

    few = Loaded(loaded.ids, loaded.tenants, loaded.texts, loaded.vectors,
                 loaded.warming[:5], loaded.asked[:30])  # fmt: skip
    return measure(
        "Qdrant, mode local", few, load_s, search,
        lambda question: {int(point.id) for point in search(question)},
        "vecteurs seuls, sans serveur : comparaison exhaustive en Python, 30 questions",
    )  # fmt: skip


RUNNERS = {"chroma": run_chroma, "lancedb": run_lancedb, "qdrant": run_qdrant}

if __name__ == "__main__":
    name, place = sys.argv[1], Path(sys.argv[2])
    sys.stdout.write(RUNNERS[name](place, read(place)).to_json() + "\n")
