"""The outbox's changes in Twenty CRM: made once, never over a change that was not seen here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from core.context import Identity
from core.database import Database
from crm.changes import Value
from crm.proposals.errors import InvalidChange
from crm.proposals.execution import NOBODY
from crm.proposals.outbox import DueEffect, EffectNotMade, EffectRefused
from crm.proposals.values import Canonical
from ingest.clients.twenty import (
    Record,
    TwentyBusy,
    TwentyClient,
    TwentyError,
    TwentyKeyRefused,
)
from ingest.twenty.mapping import BY_OBJECT, MappedObject
from ingest.twenty.mirroring import mirror, note_sent
from ingest.twenty.storage import find_changed_at, find_theirs, mark_gone
from ingest.twenty.values import canonical_row, read_values, write_values

CONFLICT = (
    "Cette fiche a été modifiée dans Twenty entre-temps\u00a0: rien n’y a été écrit, et Voltaire a "
    "repris les valeurs de Twenty. Relisez la fiche et proposez à nouveau le changement s’il tient."
)
UNREADABLE = (
    "Cette fiche a dans Twenty des valeurs que Voltaire ne peut pas reprendre\u00a0: rien n’y a "
    "été écrit. Corrigez-les («\u00a0voltaire twenty status\u00a0» dit lesquelles), puis proposez "
    "à nouveau le changement."
)
GONE = (
    "Cette fiche a été supprimée dans Twenty\u00a0: rien n’y a été écrit. Restaurez-la dans "
    "Twenty, puis proposez à nouveau le changement."
)
NO_ROW = "Cette fiche n’existe plus dans Voltaire. Rien n’a été écrit dans Twenty."
NOT_THERE_YET = "La fiche n’est pas encore créée dans Twenty. Son changement suivra."
PARENT_UNKNOWN = (
    "La fiche dont celle-ci dépend n’est pas dans Twenty. Créez-la dans Twenty, ou attendez "
    "qu’elle y soit."
)


@dataclass(frozen=True)
class Write:
    """An effect in Twenty's terms: `body` is what to send, `ours` our ids of its parents."""

    effect: DueEffect
    mapped: MappedObject
    identity: Identity
    twenty_id: UUID
    columns: Collection[str]
    body: Record
    ours: Mapping[str, str | None]

    @property
    def is_new(self) -> bool:
        """Tell whether the record was created here."""
        return self.effect.payload["operation"] == "create"

    def preview(self, record: Record) -> Mapping[str, Value]:
        """The values to send as they will be read in a record of Twenty, once written."""
        values = read_values(self.mapped, {**record, **self.body}, self.ours)
        return {name: values[name] for name in self.columns}

    def is_in(self, record: Record) -> bool:
        """Tell whether a record of Twenty already holds the values to send."""
        try:
            held = read_values(self.mapped, record, self.ours)
            sent = self.preview(record)
        except InvalidChange:
            return False
        links = (f"{one.field}Id" for one in self.mapped.fields
                 if one.column in self.mapped.parents and one.column in self.columns)  # fmt: skip
        return all(held[name] == value for name, value in sent.items()) and all(
            self.body[link] == record.get(link) for link in links
        )


@dataclass(frozen=True)
class TwentyChange:
    """The effect `twenty`: creates, changes or puts in the bin one record."""

    database: Database
    client: TwentyClient
    kind: str = "twenty"

    async def send(self, effect: DueEffect) -> str:
        """Make the change, unless Twenty was changed meanwhile."""
        try:
            if effect.payload["operation"] == "remove":
                return await self._remove(effect)
            return await self._make(await self._read(effect))
        except (TwentyBusy, TwentyKeyRefused) as error:
            raise EffectNotMade(error.message) from error
        except TwentyError as error:
            if error.http_status < 500:
                raise EffectRefused(error.message) from error
            raise

    async def find_by_key(self, effect: DueEffect) -> str | None:
        """The record, when it already holds what had to be written; its mirror is completed."""
        if effect.payload["operation"] == "remove":
            return None
        write = await self._read(effect)
        record = await self._find(write)
        if record is None or not await self._is_done(write, record):
            return None
        return str(write.twenty_id)

    async def _remove(self, effect: DueEffect) -> str:
        """What is in the bin already stays there: done twice, it is done once."""
        mapped, twenty_id = BY_OBJECT[effect.payload["object"]], UUID(effect.payload["twenty_id"])
        await self.client.soft_delete(mapped.plural, str(twenty_id))
        await mark_gone(self.database, _identify(effect), mapped.object, twenty_id)
        return str(twenty_id)

    async def _make(self, write: Write) -> str:
        record, mapped = await self._find(write), write.mapped
        if record is not None and await self._is_done(write, record):
            return str(write.twenty_id)
        await self._check_there(write, record)
        await self._note_sent(write, record or {})
        if record is None:
            values = {"id": str(write.twenty_id), **write.body}
            record = await self.client.create_record(mapped.plural, mapped.singular, values)
        else:
            record = await self.client.update_record(
                mapped.plural, mapped.singular, str(write.twenty_id), write.body
            )
        await mirror(self.database, write.identity, mapped, record)
        return str(write.twenty_id)

    async def _is_done(self, write: Write, record: Record) -> bool:
        """Take the record as it is, then tell whether nothing is left to send.

        Raises EffectRefused where it was changed in Twenty since the change was executed: that
        change wins.
        """
        mapped, identity = write.mapped, write.identity
        outcome = await mirror(self.database, identity, mapped, record)
        if write.is_new:
            return True
        if outcome == "refused":
            raise EffectRefused(UNREADABLE)
        place = (self.database, identity, mapped.object, write.twenty_id)
        _, changed_at = await find_changed_at(*place)
        known_at = write.effect.payload["known_at"]
        if changed_at and (known_at is None or changed_at > dt.datetime.fromisoformat(known_at)):
            await mirror(self.database, identity, mapped, record, restored=write.columns)
            raise EffectRefused(CONFLICT)
        return write.is_in(record)

    async def _check_there(self, write: Write, record: Record | None) -> None:
        """Raises EffectNotMade while a record's creation is due, EffectRefused once it is gone."""
        if record is not None or write.is_new:
            return
        place = (self.database, write.identity, write.mapped.object, write.twenty_id)
        state, _ = await find_changed_at(*place)
        if state == "awaited":
            raise EffectNotMade(NOT_THERE_YET)
        await mark_gone(*place)
        raise EffectRefused(GONE)

    async def _note_sent(self, write: Write, record: Record) -> None:
        """Have what is written be known as our own, whoever reads it back first."""
        sent = write.preview(record)
        await note_sent(self.database, write.identity, write.mapped, write.twenty_id, sent)

    async def _find(self, write: Write) -> Record | None:
        mapped = write.mapped
        return await self.client.find_record(mapped.plural, mapped.singular, str(write.twenty_id))

    async def _read(self, effect: DueEffect) -> Write:
        """The record as it stands here: a change approved later is never written back.

        Raises EffectRefused without a row of ours, EffectNotMade without a parent there.
        """
        payload, identity = effect.payload, _identify(effect)
        mapped = BY_OBJECT[payload["object"]]
        query = f"SELECT * FROM {mapped.object} WHERE tenant_id = %s AND id = %s"
        is_new = payload["operation"] == "create"
        columns = [n for n in mapped.columns if is_new or n in payload["fields"]]
        async with self.database.transaction(identity, "sync_writer") as connection:
            place = (effect.tenant_id, UUID(payload["record"]))
            row = await (await connection.execute(query.encode(), place)).fetchone()
            if row is None:
                raise EffectRefused(NO_ROW)
            values = canonical_row(mapped, row)
            ours = {name: _text(values[name]) for name in mapped.parents}
            targets = {name: (mapped.parents[name], one) for name, one in ours.items()}
            theirs = await find_theirs(connection, effect.tenant_id, targets)
        if any(ours[name] and not theirs[name] for name in ours if name in columns):
            raise EffectNotMade(PARENT_UNKNOWN)
        body = write_values(mapped, values, columns, theirs)
        return Write(effect, mapped, identity, UUID(payload["twenty_id"]), columns, body, ours)


def _identify(effect: DueEffect) -> Identity:
    return Identity(effect.tenant_id, NOBODY, frozenset({"executor"}))


def _text(value: Canonical) -> str | None:
    return None if value is None else str(value)
