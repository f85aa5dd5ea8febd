"""Indexing again what is not, or is by another model, from the stored passages: no file is read."""

from __future__ import annotations

from collections.abc import Callable

from core.context import Identity
from core.database import Database
from ingest.preparation import Workshop
from knowledge.documents import lock_knowledge
from knowledge.indexing import write_index
from knowledge.passage_embedder import get_passage_embedder
from knowledge.reindexing import list_stale, read_text

Progress = Callable[[int, int, str], None]
STILL_THERE = """
SELECT FROM document_versions v WHERE v.tenant_id = %s AND v.id = %s AND NOT v.is_withheld
    AND (SELECT coalesce(array_agg(c.id ORDER BY c.ordinal), '{}') FROM chunks c
        WHERE c.tenant_id = v.tenant_id AND c.version_id = v.id) = %s::bigint[]
"""


async def reindex(
    database: Database, identity: Identity, *, progress: Progress | None = None
) -> int:
    """Index every version that lacks an index of the present model; how many were.

    Each is written in a transaction of its own, so that what a stop interrupts goes on later, and
    stays found by its former index until then. One that changed meanwhile is left to whoever
    changed it.
    """
    stale = await list_stale(database, identity, get_passage_embedder().model_name)
    done = 0
    async with Workshop(1) as workshop:
        for place, version in enumerate(stale):
            if progress is not None:
                progress(place, len(stale), version.code)
            text = await read_text(database, identity, version)
            prepared = await workshop.index(text.draft, version.code)
            ids = list(text.chunk_ids)
            async with database.transaction(identity, "knowledge_writer") as connection:
                await lock_knowledge(connection, identity.tenant_id)
                held = (identity.tenant_id, version.id, ids)
                if await (await connection.execute(STILL_THERE, held)).fetchone() is None:
                    continue
                await write_index(connection, identity.tenant_id, version.id, ids, prepared)
            done += 1
    if progress is not None and stale:
        progress(len(stale), len(stale), stale[-1].code)
    return done
