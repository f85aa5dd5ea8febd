"""Reading Twenty: what changed since the last time, everything, or what was announced.

Announcements may be lost: the regular reading by `updatedAt` finds the changes, the full one finds
the deletions, which no list tells.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from core.context import Identity
from core.database import Database
from core.errors import ConfigurationError, VoltaireError
from ingest.clients.twenty import TwentyClient
from ingest.twenty.mapping import BY_OBJECT, MAPPED, MappedObject
from ingest.twenty.mirroring import mirror
from ingest.twenty.storage import (
    find_link,
    keep_cursor,
    list_arrivals,
    list_ids,
    mark_gone,
    note_run,
    settle_arrival,
)

logger = logging.getLogger(__name__)
OVERLAP = dt.timedelta(minutes=2)
"""A change committed late bears an earlier `updatedAt`: what was just read is read again."""
MOST_AGAIN = 200
NOT_SET_UP = (
    "La synchronisation avec Twenty n’est pas ouverte. Lancez d’abord «\u00a0voltaire twenty "
    "setup\u00a0»."
)


@dataclass
class Counts:
    """What a reading met."""

    read: int = 0
    mirrored: int = 0
    refused: int = 0
    gone: int = 0


@dataclass(frozen=True)
class Reading:
    """One firm's Twenty, read with `client`."""

    database: Database
    identity: Identity
    client: TwentyClient
    counts: Counts = field(default_factory=Counts)

    async def sync(self, *, full: bool = False) -> Counts:
        """Read what changed since the last time, or everything. Raises VoltaireError.

        How it ended is noted for the status; what was read before a failure stays.
        """
        link = await find_link(self.database, self.identity)
        if link is None or not link.is_enabled:
            raise ConfigurationError(NOT_SET_UP)
        try:
            for mapped in MAPPED:
                await self._sync_object(mapped, link.cursors.get(mapped.object), full=full)
        except VoltaireError as error:
            await note_run(self.database, self.identity, error.message, is_full=full)
            raise
        await note_run(self.database, self.identity, None, is_full=full)
        return self.counts

    async def read_announced(self) -> Counts:
        """Read again the records that were announced. Raises VoltaireError."""
        ranks = {mapped.object: rank for rank, mapped in enumerate(MAPPED)}
        arrivals = await list_arrivals(self.database, self.identity)
        for arrival in sorted(arrivals, key=lambda a: ranks[a.object]):
            await self._read_one(BY_OBJECT[arrival.object], arrival.twenty_id)
            await settle_arrival(self.database, self.identity, arrival)
        return self.counts

    async def _sync_object(self, mapped: MappedObject, cursor: str | None, *, full: bool) -> None:
        since = None if full or cursor is None else dt.datetime.fromisoformat(cursor) - OVERLAP
        condition = f'updatedAt[gte]:"{_stamp(since)}"' if since else None
        met: set[UUID] = set()
        async for page in self.client.list_pages(mapped.plural, condition):
            met |= {UUID(str(record["id"])) for record in page.records}
            await self._take(mapped, page.records)
        if condition is None:
            known = await list_ids(
                self.database, self.identity, mapped.object, "mirrored", "refused"
            )
            for twenty_id in (one for one in known if one not in met):
                await self._read_one(mapped, twenty_id)
        else:
            await self._take_refused_again(mapped, met)

    async def _take(self, mapped: MappedObject, records: Sequence[Mapping[str, Any]]) -> None:
        for record in records:
            outcome = await mirror(self.database, self.identity, mapped, record)
            self.counts.read += 1
            self.counts.mirrored += outcome == "mirrored"
            self.counts.refused += outcome == "refused"
        if records:
            last = _stamp(dt.datetime.fromisoformat(str(records[-1]["updatedAt"])))
            await keep_cursor(self.database, self.identity, mapped.object, last)

    async def _take_refused_again(self, mapped: MappedObject, met: set[UUID]) -> None:
        """What was refused may hang on a record that has come, or been corrected, since."""
        refused = await list_ids(self.database, self.identity, mapped.object, "refused")
        waiting = [str(one) for one in refused if one not in met][:MOST_AGAIN]
        if not waiting:
            return
        listed = ",".join(f'"{one}"' for one in waiting)
        async for page in self.client.list_pages(mapped.plural, f"id[in]:[{listed}]"):
            for record in page.records:
                outcome = await mirror(self.database, self.identity, mapped, record)
                self.counts.mirrored += outcome == "mirrored"

    async def _read_one(self, mapped: MappedObject, twenty_id: UUID) -> None:
        record = await self.client.find_record(mapped.plural, mapped.singular, str(twenty_id))
        if record is not None:
            outcome = await mirror(self.database, self.identity, mapped, record)
            self.counts.read += 1
            self.counts.mirrored += outcome == "mirrored"
            self.counts.refused += outcome == "refused"
        elif await mark_gone(self.database, self.identity, mapped.object, twenty_id):
            self.counts.gone += 1


def _stamp(instant: dt.datetime) -> str:
    """An instant as Twenty writes them; two of them compare as their texts do."""
    return instant.astimezone(dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
