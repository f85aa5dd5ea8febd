"""Passages read a second: the product's ingestion beside LlamaIndex's default pipeline.

`python -m evals.benchmarks.ingestion [--folder DIR]` writes a folder of Markdown documents (or
takes one), reads it both ways in databases of their own, with embedding and without, and writes
`docs/measures/ingestion.md`. « Without » means a stand-in whose vectors cost nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
from psycopg import conninfo

from core.database import Database
from core.formats import format_number
from core.settings import PROJECT_ROOT, get_settings
from crm.installation import Installation, open_installation
from crm.migrations.runner import migrate
from evals.benchmarks.corpus import make_sentence
from evals.tenants import create_tenant, drop_database
from ingest.folder import ingest_folder
from ingest.preparation import Workshop
from knowledge.embeddings import DIMENSIONS as WORD_DIMENSIONS
from knowledge.embeddings import get_embedder
from knowledge.passage_embedder import DIMENSIONS, E5Embedder, Vectors, get_passage_embedder

DATABASE = "voltaire_ingestion"
REPORT = PROJECT_ROOT / "docs" / "measures" / "ingestion.md"
FREE = "evals.benchmarks.ingestion:FreeEmbedder"
WORKERS = 2
BATCH = 500
# One file in so many is read with embedding, which takes thirty times as long.
EMBEDDED_PART = 4


class FreeEmbedder(E5Embedder):
    """Vectors that cost nothing and mean nothing; in its process, those of words too."""

    model_name = "free"

    def __init__(self) -> None:
        super().__init__()
        get_embedder().encode_related = lambda texts: _spread(len(texts), WORD_DIMENSIONS)

    def encode(self, texts: Sequence[str]) -> Vectors:
        """The same vector for each text."""
        return _spread(len(texts), DIMENSIONS)


def _spread(count: int, dimensions: int) -> Vectors:
    return np.full((count, dimensions), dimensions**-0.5, np.float32)


@dataclass(frozen=True)
class Measure:
    """One reading: megabytes read, files, passages made, seconds, failures."""

    system: str
    embedding: str
    megabytes: float
    files: int
    passages: int
    seconds: float
    failures: int


def write_documents(folder: Path, count: int, seed: int = 5, prefix: str = "PR") -> None:
    """`count` Markdown documents of five to forty sections, as a firm's procedures are."""
    chance = random.Random(seed)  # noqa: S311 - a reproducible corpus
    for number in range(count):
        lines = [f"# Procédure {number}", ""]
        for section in range(1, chance.randint(5, 40)):
            lines += [f"## {section}. {make_sentence(chance)[:40]}", ""]
            for _ in range(chance.randint(1, 3)):
                sentences = [make_sentence(chance) for _ in range(chance.randint(3, 7))]
                lines += [" ".join(sentences), ""]
        (folder / f"{prefix}-{number:04}.md").write_text("\n".join(lines), encoding="utf-8")


async def read_product(installation: Installation, folder: Path, embedder: str | None) -> Measure:
    """`ingest_folder` in a firm of its own; the processes are started before the clock."""
    admin = conninfo.make_conninfo(installation.admin_conninfo, dbname=DATABASE)
    drop_database(installation.admin_conninfo, DATABASE)
    migrate(installation.admin_conninfo, DATABASE, installation.secrets)
    with psycopg.connect(admin, autocommit=True) as connection:
        identity = create_tenant(connection)
    _set_embedder(embedder)
    database = Database(admin, installation.secrets)
    with tempfile.TemporaryDirectory() as place:
        warming = Path(place)
        write_documents(warming, 2 * WORKERS, seed=1, prefix="WARM")
        async with Workshop(WORKERS) as workshop:
            await ingest_folder(database, identity, warming, workers=WORKERS, workshop=workshop)
            with psycopg.connect(admin, autocommit=True) as connection:
                before = _count(connection, "chunks")
                started = time.perf_counter()
                report = await ingest_folder(
                    database, identity, folder, workers=WORKERS, workshop=workshop
                )
                seconds = time.perf_counter() - started
                passages = _count(connection, "chunks") - before
    await database.close()
    drop_database(installation.admin_conninfo, DATABASE)
    told = "aucun" if embedder else get_passage_embedder().model_name
    files, failures = len(report.indexed), len(report.failures)
    return Measure("Voltaire", told, _weigh(folder), files, passages, seconds, failures)


def read_llamaindex(installation: Installation, folder: Path, *, is_embedded: bool) -> Measure:
    """SimpleDirectoryReader, SentenceSplitter and PGVectorStore, as its documentation shows."""
    from llama_index.core import MockEmbedding, SimpleDirectoryReader
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter

    from evals.benchmarks.rivals.llamaindex import open_store
    from knowledge.llamaindex import LlamaIndexEmbedding

    _set_embedder(None)
    drop_database(installation.admin_conninfo, DATABASE)
    migrate(installation.admin_conninfo, DATABASE, installation.secrets)
    admin = conninfo.make_conninfo(installation.admin_conninfo, dbname=DATABASE)
    embedding = LlamaIndexEmbedding() if is_embedded else MockEmbedding(embed_dim=DIMENSIONS)
    get_passage_embedder().encode(["échauffement"])
    store = open_store(admin)
    pipeline = IngestionPipeline(
        transformations=[SentenceSplitter(), embedding], vector_store=store
    )
    started = time.perf_counter()
    documents = SimpleDirectoryReader(str(folder), recursive=True).load_data()
    nodes = pipeline.run(documents=documents, num_workers=WORKERS if not is_embedded else None)
    seconds = time.perf_counter() - started
    asyncio.run(store.close())
    drop_database(installation.admin_conninfo, DATABASE)
    files = len({document.metadata["file_path"] for document in documents})
    told = get_passage_embedder().model_name if is_embedded else "aucun"
    return Measure("LlamaIndex", told, _weigh(folder), files, len(nodes), seconds, 0)


def _set_embedder(path: str | None) -> None:
    """For this process and those it starts."""
    if path is None:
        os.environ.pop("VOLTAIRE_EMBEDDER", None)
    else:
        os.environ["VOLTAIRE_EMBEDDER"] = path
    get_settings.cache_clear()
    get_passage_embedder.cache_clear()


def _count(connection: psycopg.Connection[tuple[int]], table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
    return row[0] if row else 0


def _weigh(folder: Path) -> float:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20


def format_report(measures: Sequence[Measure], source: str) -> str:
    """The Markdown page of the measures."""
    lines = [
        "# Lecture de documents : passages par seconde",
        "",
        f"Commande : `python -m evals.benchmarks.ingestion`. {os.cpu_count()} cœurs, {WORKERS} "
        f"processus de lecture déjà démarrés ; {source}, {_write(measures[0].megabytes, 1)} Mo, "
        "dont un quart est lu avec plongement. Temps de bout en bout : lecture, découpage, index "
        "et écriture dans une base neuve. "
        "« Aucun » plongement : un modèle factice dont les vecteurs ne coûtent rien. Les deux "
        "découpent à leur façon (Voltaire en passages d’une section, avec leurs phrases, leurs "
        "mots et un vecteur par passage ; LlamaIndex en blocs de 1 024 tokens, dont le modèle ne "
        "lit que la première moitié) : le débit en Mo de texte les compare mieux que celui en "
        "passages.",
        "",
        "| système | plongement | fichiers | passages | secondes | passages/s | Mo/s | échecs |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [
        f"| {one.system} | {one.embedding} | {one.files} | {format_number(one.passages)} "
        f"| {_write(one.seconds, 1)} | {one.passages / one.seconds:.0f} "
        f"| {_write(one.megabytes / one.seconds, 2)} | {one.failures} |"
        for one in measures
    ]
    return "\n".join(lines) + "\n"


def _write(value: float, digits: int) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def run(folder: Path, source: str) -> str:
    """Read `folder` each way; the report."""
    with open_installation(get_settings()) as installation, tempfile.TemporaryDirectory() as place:
        few = Path(place)
        for file in sorted(file for file in folder.rglob("*") if file.is_file())[::EMBEDDED_PART]:
            shutil.copy(file, few / file.name)
        measures = [
            asyncio.run(read_product(installation, folder, FREE)),
            read_llamaindex(installation, folder, is_embedded=False),
            asyncio.run(read_product(installation, few, None)),
            read_llamaindex(installation, few, is_embedded=True),
        ]
    return format_report(measures, source)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=400)
    parser.add_argument("--folder", type=Path, help="un dossier à lire, au lieu d’en écrire un")
    parser.add_argument("--output", type=Path, default=REPORT)
    options = parser.parse_args()
    if options.folder:
        report = run(options.folder, f"dossier {options.folder.name}")
    else:
        with tempfile.TemporaryDirectory() as place:
            write_documents(Path(place), options.documents)
            report = run(Path(place), f"{options.documents} documents Markdown synthétiques")
    options.output.write_text(report, encoding="utf-8")
    sys.stdout.write(report)


if __name__ == "__main__":
    main()
