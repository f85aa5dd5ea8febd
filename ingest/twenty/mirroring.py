"""One record of Twenty taken into the CRM, whichever way it was read and in whatever order.

Only what changed in Twenty since it was last seen is written: a value that Twenty never held
erases none of ours. What cannot be taken is noted for a person; the rest goes on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from core.context import Identity
from core.database import Connection, Database, StatementFailed
from core.errors import VoltaireError
from core.formats import NBSP
from crm.changes import Value
from ingest.twenty.mapping import MappedObject
from ingest.twenty.storage import find_parents
from ingest.twenty.values import Values, canonical_row, echo_values, read_values

Outcome = Literal["unchanged", "mirrored", "refused"]
NOTE = """
INSERT INTO twenty_records (tenant_id, object, twenty_id, state) VALUES (%s, %s, %s, 'refused')
ON CONFLICT DO NOTHING
"""
LOCK = """
SELECT record_id, state, outside_updated_at, seen, sent FROM twenty_records
WHERE tenant_id = %s AND object = %s AND twenty_id = %s FOR UPDATE
"""
WRITE = "SELECT mirror_row(%s, %s, %s, %s::jsonb)"
KEEP = """
UPDATE twenty_records SET state = 'mirrored', record_id = %(record)s, message = NULL,
    outside_updated_at = %(updated)s, seen = %(seen)s::jsonb, sent = '{}',
    changed_at = CASE WHEN %(is_news)s THEN %(updated)s ELSE changed_at END,
    noted_at = clock_timestamp()
WHERE tenant_id = %(tenant)s AND object = %(object)s AND twenty_id = %(id)s
"""
SEND = """
UPDATE twenty_records SET sent = %(sent)s::jsonb
WHERE tenant_id = %(tenant)s AND object = %(object)s AND twenty_id = %(id)s
"""
REFUSE = """
UPDATE twenty_records SET state = 'refused', message = %(message)s,
    noted_at = CASE WHEN message IS DISTINCT FROM %(message)s THEN clock_timestamp()
        ELSE noted_at END
WHERE tenant_id = %(tenant)s AND object = %(object)s AND twenty_id = %(id)s
"""
MISSING = f"Champ «{NBSP}{{label}}{NBSP}»{NBSP}: il est vide dans Twenty. Renseignez-le."
PARENT_MISSING = (
    f"Champ «{NBSP}{{label}}{NBSP}»{NBSP}: la fiche liée n’est pas dans Voltaire. Liez une fiche "
    "qui y est, ou corrigez celle-là d’abord."
)
DUPLICATE = (
    "Une autre fiche a déjà la même valeur ({labels}). Fusionnez-les ou corrigez l’une d’elles "
    "dans Twenty."
)
IMPOSSIBLE = "Ces valeurs ne vont pas ensemble (dates, code, longueur). Corrigez-les dans Twenty."


class Unmappable(VoltaireError):
    """A record of Twenty that cannot be one of ours; the message says what to correct there."""

    status = 422


@dataclass(frozen=True)
class Known:
    """What is remembered of a record: ours, and its `updatedAt` and values as last taken."""

    record_id: UUID | None
    state: str
    updated_at: dt.datetime | None
    seen: Mapping[str, str]
    sent: Mapping[str, str]


async def mirror(
    database: Database,
    identity: Identity,
    mapped: MappedObject,
    record: Mapping[str, Any],
    *,
    restored: Collection[str] = (),
) -> Outcome:
    """Take a record as Twenty gives it; one older than what is known changes nothing.

    `restored` columns take Twenty's value even where it did not change there: a change of ours
    was given up.
    """
    place = (identity.tenant_id, mapped.object, UUID(str(record["id"])))
    updated = dt.datetime.fromisoformat(str(record["updatedAt"]))
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(NOTE, place)
        row = await (await connection.execute(LOCK, place)).fetchone()
        assert row is not None  # noqa: S101 - just inserted
        known = Known(
            row["record_id"], row["state"], row["outside_updated_at"], row["seen"], row["sent"]
        )
        is_read = known.state == "mirrored" and known.updated_at is not None
        if is_read and not restored and known.updated_at and updated <= known.updated_at:
            return "unchanged"
        try:
            async with connection.transaction():
                await _take(connection, mapped, record, known, place, updated, restored)
        except VoltaireError as error:
            message = error.message
        except StatementFailed as error:
            if (error.sqlstate or "")[:2] not in {"22", "23"}:
                raise
            message = _explain(mapped, error)
        else:
            return "mirrored"
        await connection.execute(REFUSE, _named(place) | {"message": message})
    return "refused"


async def note_sent(
    database: Database,
    identity: Identity,
    mapped: MappedObject,
    twenty_id: UUID,
    values: Mapping[str, Value],
) -> None:
    """Note the values about to be written in Twenty, as they will be read back."""
    sent = json.dumps({name: _digest(value) for name, value in values.items()})
    place = _named((identity.tenant_id, mapped.object, twenty_id))
    async with database.transaction(identity, "sync_writer") as connection:
        await connection.execute(SEND, place | {"sent": sent})


async def _take(
    connection: Connection,
    mapped: MappedObject,
    record: Mapping[str, Any],
    known: Known,
    place: tuple[UUID, str, UUID],
    updated: dt.datetime,
    restored: Collection[str],
) -> None:
    """Raises Unmappable, InvalidChange or StatementFailed."""
    tenant_id, _, twenty_id = place
    targets = _list_targets(mapped, record)
    parents = await find_parents(connection, tenant_id, targets)
    lost = next((c for c, (_, one) in targets.items() if one and parents[c] is None), None)
    if lost is not None:
        raise Unmappable(PARENT_MISSING.format(label=mapped.columns[lost].label))
    values = read_values(mapped, record, parents)
    seen = {name: _digest(value) for name, value in values.items()}
    held = await _find_ours(connection, mapped, known.record_id, values)
    changed = {
        name: value
        for name, value in values.items()
        if name in restored or _is_changed(known, name, value)
    }
    if held is None:
        changed = {**mapped.defaults, **{k: v for k, v in changed.items() if v is not None}}
    _check_required(mapped, changed, is_new=held is None)
    ours = echo_values(mapped, canonical_row(mapped, held)) if held else {}
    news = {k: v for k, v in changed.items() if held is None or ours[k] != v}
    record_id = held["id"] if held else twenty_id
    if news:
        await connection.execute(WRITE, (mapped.object, record_id, twenty_id, json.dumps(news)))
    await connection.execute(
        KEEP,
        _named(place) | {"record": record_id, "updated": updated, "seen": json.dumps(seen),
                         "is_news": bool(news)},
    )  # fmt: skip


def _is_changed(known: Known, name: str, value: Any) -> bool:
    """Tell whether Twenty changed a value; one never seen counts where it says something."""
    digest = _digest(value)
    if digest == known.sent.get(name):
        return False
    return digest != known.seen[name] if name in known.seen else value is not None


def _list_targets(
    mapped: MappedObject, record: Mapping[str, Any]
) -> dict[str, tuple[str, str | None]]:
    fields = {one.column: one.field for one in mapped.fields}
    return {
        column: (target, record.get(f"{fields[column]}Id"))
        for column, target in mapped.parents.items()
    }


async def _find_ours(
    connection: Connection, mapped: MappedObject, record_id: UUID | None, values: Values
) -> Mapping[str, Any] | None:
    """Our row for this record: the linked one, else one alike that Twenty does not know yet.

    Raises Unmappable where another record has the same identity.
    """
    same = await _find_rows(connection, mapped, {n: values[n] for n in mapped.unique})
    others = [row for row in same if row["id"] != record_id]
    if len(others) > 1 or any(row["linked"] or record_id for row in others):
        labels = ", ".join(mapped.columns[name].label for name in mapped.unique)
        raise Unmappable(DUPLICATE.format(labels=labels))
    if record_id is not None:
        found = await _find_rows(connection, mapped, {"id": str(record_id)})
        return found[0] if found else None
    if others:
        return others[0]
    alike = await _find_rows(connection, mapped, {n: values[n] for n in mapped.alike})
    ours = [row for row in alike if not row["linked"] and not _is_another(mapped, row, values)]
    return ours[0] if len(ours) == len(alike) == 1 else None


def _is_another(mapped: MappedObject, row: Mapping[str, Any], values: Values) -> bool:
    """Tell whether a namesake's own identity shows that it is someone else."""
    return any(
        row[name] is not None and values[name] is not None and row[name] != values[name]
        for name in mapped.unique
    )


async def _find_rows(
    connection: Connection, mapped: MappedObject, wanted: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Our rows with these values (three at most), and whether they are linked; none for a blank."""
    if not wanted or None in wanted.values():
        return []
    conditions = " AND ".join(f"lower(o.{name}::text) = lower(%({name})s)" for name in wanted)
    query = (
        f"SELECT o.*, EXISTS (SELECT FROM twenty_records r WHERE r.tenant_id = o.tenant_id "
        f"AND r.object = '{mapped.object}' AND r.record_id = o.id) AS linked "
        f"FROM {mapped.object} o WHERE o.tenant_id = current_tenant_id() AND {conditions} LIMIT 3"
    )
    return await (await connection.execute(query.encode(), wanted)).fetchall()


def _check_required(
    mapped: MappedObject, changed: Values | Mapping[str, Any], *, is_new: bool
) -> None:
    for name in mapped.required:
        if (is_new or name in changed) and changed.get(name) is None:
            raise Unmappable(MISSING.format(label=mapped.columns[name].label))


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()[:24]


def _named(place: tuple[UUID, str, UUID]) -> dict[str, Any]:
    return dict(zip(("tenant", "object", "id"), place, strict=True))


def _explain(mapped: MappedObject, error: StatementFailed) -> str:
    if error.sqlstate != "23505":
        return IMPOSSIBLE
    labels = ", ".join(mapped.columns[name].label for name in mapped.unique)
    return DUPLICATE.format(labels=labels)
