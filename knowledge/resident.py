"""The firms' indexes this process holds in memory, brought up to date as they are asked for.

A version's packed index never changes under its key, so that nothing held goes stale: what can
change is which versions there are and who may find them, and the database tells when it did.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from uuid import UUID
from weakref import WeakKeyDictionary

import numpy as np

from core.context import Identity
from core.database import Connection, Database
from core.settings import get_settings
from knowledge.embeddings import get_embedder
from knowledge.firm_index import FirmIndex, Scope
from knowledge.packing import unpack
from knowledge.segments import Segment, make_segment
from knowledge.words import get_word_vectors

SCOPES = 64
STATE = "SELECT search_state()::text AS state"
LIST = "SELECT key, model, chunk_count FROM index_versions WHERE tenant_id = %s"
READ = """
SELECT version_key, content FROM packed_indexes WHERE tenant_id = %s AND version_key = ANY (%s)
"""
READ_WORDS = """
SELECT string_agg(int8send(v.hash) || v.signature, '') AS words
FROM word_vectors v WHERE v.tenant_id = %s AND v.model = %s
"""
SCOPE = """
SELECT state::text, keys FROM search_scope(
    wanted_kinds => %(kinds)s::text[], wanted_standards => %(standards)s::text[],
    wanted_codes => %(codes)s::text[], wanted_statuses => %(statuses)s::text[],
    valid_on => %(valid_on)s, in_history => %(in_history)s
)
"""

ScopeKey = tuple[object, ...]
FirmKey = tuple[str, object]


@dataclass
class Held:
    """A firm's index as of `state`, and the scopes worked out since."""

    index: FirmIndex
    state: str | None
    scopes: OrderedDict[ScopeKey, Scope] = field(default_factory=OrderedDict[ScopeKey, Scope])


_HELD: OrderedDict[FirmKey, Held] = OrderedDict()
_LOCKS: WeakKeyDictionary[asyncio.AbstractEventLoop, defaultdict[FirmKey, asyncio.Lock]] = (
    WeakKeyDictionary()
)


async def hold(database: Database, identity: Identity, stale: Held | None = None) -> Held:
    """The index of the identity's firm.

    It is read anew where none is held, or where the one held is `stale`.
    """
    key = (database.base_conninfo, identity.tenant_id)
    held = _HELD.get(key)
    if held is not None and held is not stale:
        _HELD.move_to_end(key)
        return held
    locks = _LOCKS.setdefault(asyncio.get_running_loop(), defaultdict(asyncio.Lock))
    async with locks[key]:
        newer = _HELD.get(key)
        if newer is None or newer is held:
            newer = await _read(database, identity, held.index if held else FirmIndex())
            _HELD[key] = newer
        _HELD.move_to_end(key)
        _make_room()
    return newer


async def find_scope(
    database: Database,
    identity: Identity,
    held: Held,
    filters: dict[str, object],
    model: str,
) -> Scope:
    """What `identity` may find by `filters`, its question embedded by `model`."""
    asked = (identity.roles, model, *(_freeze(value) for value in filters.values()))
    scope = held.scopes.get(asked)
    if scope is not None:
        held.scopes.move_to_end(asked)
        return scope
    async with database.transaction(identity) as connection:
        row = await (await connection.execute(SCOPE, filters, binary=True)).fetchone()
    keys: list[int] = row["keys"] if row else []
    scope = held.index.restrict(np.array(keys, np.int32), model)
    if row and row["state"] == held.state:
        held.scopes[asked] = scope
        while len(held.scopes) > SCOPES:
            held.scopes.popitem(last=False)
    return scope


def _freeze(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


async def _read(database: Database, identity: Identity, known: FirmIndex) -> Held:
    tenant = identity.tenant_id
    async with database.transaction(identity, "knowledge_writer") as connection:
        told = await (await connection.execute(STATE)).fetchone()
        rows = await (await connection.execute(LIST, (tenant,))).fetchall()
        present = {int(row["key"]): str(row["model"]) for row in rows}
        chunks = {int(row["key"]): int(row["chunk_count"]) for row in rows}
        missing = sorted(present.keys() - known.keys)
        found = (
            await (await connection.execute(READ, (tenant, missing), binary=True)).fetchall()
            if missing
            else []
        )
        if not known.segments:
            await _read_words(connection, tenant)

    def build() -> FirmIndex:
        versions = [
            (key, present[key], unpack(row["content"], chunks[key]))
            for row in found
            if (key := int(row["version_key"])) in present
        ]
        added: list[Segment] = [make_segment(versions)] if versions else []
        return known.update(present, added)

    return Held(await asyncio.to_thread(build), told["state"] if told else None)


async def _read_words(connection: Connection, tenant: UUID) -> None:
    """Bring the firm's words to memory; those of later documents are read as they are met."""
    model = get_embedder().model_name
    cursor = await connection.execute(READ_WORDS, (tenant, model), binary=True)
    row = await cursor.fetchone()
    if row and row["words"]:
        get_word_vectors(model).add_rows(row["words"])


def count_held() -> int:
    """Bytes of all the indexes held."""
    return sum(held.index.nbytes for held in _HELD.values())


def _make_room() -> None:
    """Let go of the indexes longest unasked for, beyond the memory of the settings."""
    most = get_settings().search_memory_mb * 2**20
    total = count_held()
    while total > most and len(_HELD) > 1:
        _, gone = _HELD.popitem(last=False)
        total -= gone.index.nbytes
