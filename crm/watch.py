"""Rows of the market watch: items, the notices behind them, runs, filters, requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from pydantic import BaseModel, ConfigDict

from core.context import Identity
from core.database import Connection, Database, Role
from core.errors import NotFound

WRITER: Role = "sync_writer"
Stored = Literal["added", "updated", "unchanged"]
UNKNOWN_ITEM = "Cet élément de veille n’existe pas. Rafraîchissez la liste."

FIND_NOTICE = """
SELECT market_watch_id, notice FROM watch_notices
WHERE tenant_id = %(tenant)s AND source = %(source)s AND notice_id = %(notice_id)s
"""
FIND_RELATED = """
SELECT market_watch_id FROM watch_notices
WHERE tenant_id = %(tenant)s AND (notice_id = ANY(%(related)s) OR fingerprint = %(fingerprint)s)
ORDER BY seen_at LIMIT 1
"""
FIND_ITEM_BY_REFERENCE = """
SELECT id FROM market_watch
WHERE tenant_id = %(tenant)s AND source = %(source)s
  AND source_reference = ANY(%(references)s) LIMIT 1
"""
INSERT_ITEM = """
INSERT INTO market_watch (id, tenant_id, source, source_reference, title, url, published_on,
    summary, relevance, status)
VALUES (%(item)s, %(tenant)s, %(source)s, %(notice_id)s, %(title)s, %(url)s, %(published_on)s,
    %(summary)s, %(relevance)s, 'new')
"""
UPDATE_ITEM = """
UPDATE market_watch SET summary = %(summary)s, relevance = %(relevance)s
WHERE tenant_id = %(tenant)s AND id = %(item)s
"""
UPSERT_NOTICE = """
INSERT INTO watch_notices (tenant_id, source, notice_id, market_watch_id, kind, fingerprint, buyer,
    departments, cpv_codes, energy, deadline, estimated_value_eur, notice, prescore, seen_at)
VALUES (%(tenant)s, %(source)s, %(notice_id)s, %(item)s, %(kind)s, %(fingerprint)s, %(buyer)s,
    %(departments)s, %(cpv_codes)s, %(energy)s, %(deadline)s, %(value)s, %(notice)s,
    %(prescore)s, clock_timestamp())
ON CONFLICT (tenant_id, source, notice_id) DO UPDATE SET
    kind = excluded.kind, buyer = excluded.buyer, departments = excluded.departments,
    cpv_codes = excluded.cpv_codes, energy = excluded.energy, deadline = excluded.deadline,
    estimated_value_eur = excluded.estimated_value_eur, notice = excluded.notice,
    prescore = excluded.prescore, seen_at = clock_timestamp()
"""
LIST_ITEMS = """
SELECT m.id, m.version, m.source, m.source_reference, m.title, m.url, m.published_on, m.summary,
    m.relevance, m.status, n.kind, n.buyer, n.departments, n.cpv_codes, n.energy, n.deadline,
    n.estimated_value_eur, n.prescore, r.requested_at IS NOT NULL AS is_wanted, r.arrived_at
FROM market_watch m
LEFT JOIN LATERAL (
    SELECT * FROM watch_notices w
    WHERE w.tenant_id = m.tenant_id AND w.market_watch_id = m.id
    ORDER BY w.seen_at DESC LIMIT 1
) n ON true
LEFT JOIN watch_requests r ON r.tenant_id = m.tenant_id AND r.market_watch_id = m.id
WHERE m.tenant_id = %(tenant)s
  AND (%(status)s::text IS NULL OR m.status = %(status)s)
  AND (%(source)s::text IS NULL OR m.source = %(source)s)
  AND (%(item)s::uuid IS NULL OR m.id = %(item)s)
  AND (%(before)s::timestamptz IS NULL OR n.deadline <= %(before)s)
  AND (%(words)s::text IS NULL OR m.title ILIKE %(words)s OR n.buyer ILIKE %(words)s)
ORDER BY m.relevance DESC NULLS LAST, m.published_on DESC, m.id
LIMIT %(limit)s
"""
LIST_STALE = """
SELECT m.id AS item, n.source, n.notice_id, n.notice, n.prescore
FROM market_watch m
JOIN LATERAL (
    SELECT * FROM watch_notices w
    WHERE w.tenant_id = m.tenant_id AND w.market_watch_id = m.id
    ORDER BY w.seen_at DESC LIMIT 1
) n ON true
WHERE m.tenant_id = %(tenant)s AND m.status IN ('new', 'kept')
  AND n.prescore ->> 'scored_on' < %(today)s
"""
RESCORE_ITEM = """
UPDATE market_watch SET relevance = %(relevance)s
WHERE tenant_id = %(tenant)s AND id = %(item)s AND relevance IS DISTINCT FROM %(relevance)s
"""
RESCORE_NOTICE = """
UPDATE watch_notices SET prescore = %(prescore)s
WHERE tenant_id = %(tenant)s AND source = %(source)s AND notice_id = %(notice_id)s
"""
LIST_NOTICES = """
SELECT source, notice_id, kind, seen_at, notice, prescore FROM watch_notices
WHERE tenant_id = %(tenant)s AND market_watch_id = %(item)s ORDER BY seen_at DESC
"""
CHART = """
SELECT date_trunc('week', n.deadline AT TIME ZONE 'Europe/Paris')::date AS week, m.status,
    count(*) AS items, sum(n.estimated_value_eur) AS value_eur,
    count(*) FILTER (WHERE n.estimated_value_eur IS NULL) AS without_value
FROM market_watch m
JOIN LATERAL (
    SELECT deadline, estimated_value_eur FROM watch_notices w
    WHERE w.tenant_id = m.tenant_id AND w.market_watch_id = m.id
    ORDER BY w.seen_at DESC LIMIT 1
) n ON true
WHERE m.tenant_id = %(tenant)s AND n.deadline >= %(after)s
GROUP BY 1, 2 ORDER BY 1, 2
"""
START_RUN = """
INSERT INTO watch_runs (id, tenant_id, started_at, since) VALUES (%s, %s, %s, %s)
"""
FINISH_RUN = """
UPDATE watch_runs SET finished_at = clock_timestamp(), seen = %(seen)s, added = %(added)s,
    updated = %(updated)s, set_aside = %(set_aside)s, unreadable = %(unreadable)s,
    failure = %(failure)s
WHERE tenant_id = %(tenant)s AND id = %(run)s
"""
LAST_RUN = """
SELECT * FROM watch_runs WHERE tenant_id = %s AND finished_at IS NOT NULL AND failure IS NULL
ORDER BY started_at DESC LIMIT 1
"""
LIST_RUNS = "SELECT * FROM watch_runs WHERE tenant_id = %s ORDER BY started_at DESC LIMIT %s"
GET_FILTERS = "SELECT * FROM watch_filters WHERE tenant_id = %s"
SET_FILTERS = """
INSERT INTO watch_filters (tenant_id, cpv_prefixes, keywords, excluded_words, regions,
    remote_regions, updated_by)
VALUES (%(tenant)s, %(cpv_prefixes)s, %(keywords)s, %(excluded_words)s, %(regions)s,
    %(remote_regions)s, %(user)s)
ON CONFLICT (tenant_id) DO UPDATE SET cpv_prefixes = excluded.cpv_prefixes,
    keywords = excluded.keywords, excluded_words = excluded.excluded_words,
    regions = excluded.regions, remote_regions = excluded.remote_regions,
    updated_by = excluded.updated_by, updated_at = now()
"""
REQUEST = """
INSERT INTO watch_requests (tenant_id, market_watch_id, requested_by) VALUES (%s, %s, %s)
ON CONFLICT DO NOTHING
"""
LIST_REQUESTS = """
SELECT r.market_watch_id, r.requested_by, m.source_reference, m.title,
    array(SELECT notice_id FROM watch_notices w
          WHERE w.tenant_id = r.tenant_id AND w.market_watch_id = r.market_watch_id) AS notice_ids
FROM watch_requests r JOIN market_watch m ON m.tenant_id = r.tenant_id AND m.id = r.market_watch_id
WHERE r.tenant_id = %s AND r.arrived_at IS NULL ORDER BY r.requested_at
"""
MARK_ARRIVED = """
UPDATE watch_requests SET arrived_at = clock_timestamp(), file_sha256 = %s
WHERE tenant_id = %s AND market_watch_id = %s
"""


class WatchNotice(BaseModel):
    """A notice to keep. `related` are the ids it corrects or cancels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: Literal["boamp", "ted"]
    notice_id: str
    kind: str
    fingerprint: str
    related: tuple[str, ...] = ()
    title: str
    url: str | None
    published_on: dt.date
    summary: str
    relevance: int
    buyer: str | None
    departments: tuple[str, ...]
    cpv_codes: tuple[str, ...]
    energy: str | None
    deadline: dt.datetime | None
    value: Decimal | None
    notice: dict[str, Any]
    prescore: dict[str, Any]


class RunCounts(BaseModel):
    """What a run of the watch met."""

    seen: int = 0
    added: int = 0
    updated: int = 0
    set_aside: int = 0
    unreadable: int = 0
    failure: str | None = None


async def store_notice(
    database: Database, identity: Identity, wanted: WatchNotice, *, is_relevant: bool = True
) -> Stored | None:
    """Keep a notice once: a correction joins the item of the notice it corrects.

    A notice that is not relevant by itself is kept only when its item is known already; None
    when it was not kept. The status of an item is never touched.
    """
    async with database.transaction(identity, WRITER) as connection:
        values = _values(identity, wanted)
        known = await (await connection.execute(FIND_NOTICE, values)).fetchone()
        if known and known["notice"] == wanted.notice:
            return "unchanged"
        item = known["market_watch_id"] if known else await _find_item(connection, values)
        if item is None and not is_relevant:
            return None
        values["item"] = item or uuid4()
        await connection.execute(UPDATE_ITEM if item else INSERT_ITEM, values)
        await connection.execute(UPSERT_NOTICE, values)
    return "updated" if item else "added"


async def _find_item(connection: Connection, values: Mapping[str, Any]) -> UUID | None:
    found = await (await connection.execute(FIND_RELATED, values)).fetchone()
    if found:
        return found["market_watch_id"]
    row = await (await connection.execute(FIND_ITEM_BY_REFERENCE, values)).fetchone()
    return row["id"] if row else None


def _values(identity: Identity, wanted: WatchNotice) -> dict[str, Any]:
    return {
        **wanted.model_dump(exclude={"notice", "prescore", "departments", "cpv_codes", "related"}),
        "tenant": identity.tenant_id,
        "related": list(wanted.related),
        "references": [wanted.notice_id, *wanted.related],
        "departments": list(wanted.departments),
        "cpv_codes": list(wanted.cpv_codes),
        "notice": Jsonb(wanted.notice),
        "prescore": Jsonb(wanted.prescore),
    }


async def list_stale(
    database: Database, identity: Identity, today: dt.date
) -> list[dict[str, Any]]:
    """The notices of open items that were scored before `today`."""
    values = {"tenant": identity.tenant_id, "today": today.isoformat()}
    async with database.transaction(identity, WRITER) as connection:
        return await (await connection.execute(LIST_STALE, values)).fetchall()


async def rescore(
    database: Database, identity: Identity, row: Mapping[str, Any], prescore: Mapping[str, Any]
) -> None:
    """Replace the pre-score of a row of `list_stale`."""
    values = {"tenant": identity.tenant_id, "item": row["item"], "source": row["source"],
              "notice_id": row["notice_id"], "relevance": prescore["points"],
              "prescore": Jsonb(dict(prescore))}  # fmt: skip
    async with database.transaction(identity, WRITER) as connection:
        await connection.execute(RESCORE_ITEM, values)
        await connection.execute(RESCORE_NOTICE, values)


async def list_items(
    database: Database,
    identity: Identity,
    *,
    status: str | None = None,
    source: str | None = None,
    before: dt.datetime | None = None,
    words: str | None = None,
    item: UUID | None = None,
    limit: int = 200,
) -> list[dict[str, Any]]:
    """The items of the watch, most relevant first, each with what its last notice says."""
    values = {"tenant": identity.tenant_id, "status": status, "source": source, "before": before,
              "words": f"%{_escape(words)}%" if words else None, "item": item,
              "limit": limit}  # fmt: skip
    async with database.transaction(identity) as connection:
        return await (await connection.execute(LIST_ITEMS, values)).fetchall()


async def get_item(
    database: Database, identity: Identity, item: UUID
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """An item and its notices, the last first. Raises NotFound."""
    found = await list_items(database, identity, item=item, limit=1)
    if not found:
        raise NotFound(UNKNOWN_ITEM)
    async with database.transaction(identity) as connection:
        values = {"tenant": identity.tenant_id, "item": item}
        notices = await (await connection.execute(LIST_NOTICES, values)).fetchall()
    return found[0], notices


async def chart_deadlines(
    database: Database, identity: Identity, after: dt.datetime
) -> list[dict[str, Any]]:
    """Items and their value by week of deadline and status."""
    async with database.transaction(identity) as connection:
        values = {"tenant": identity.tenant_id, "after": after}
        return await (await connection.execute(CHART, values)).fetchall()


async def start_run(
    database: Database, identity: Identity, started_at: dt.datetime, since: dt.date
) -> UUID:
    """Note that a run began; its id."""
    run = uuid4()
    async with database.transaction(identity, WRITER) as connection:
        await connection.execute(START_RUN, (run, identity.tenant_id, started_at, since))
    return run


async def finish_run(database: Database, identity: Identity, run: UUID, counts: RunCounts) -> None:
    """Note what a run met."""
    values = {**counts.model_dump(), "tenant": identity.tenant_id, "run": run}
    async with database.transaction(identity, WRITER) as connection:
        await connection.execute(FINISH_RUN, values)


async def find_last_run(database: Database, identity: Identity) -> dict[str, Any] | None:
    """The last run that went to its end."""
    async with database.transaction(identity) as connection:
        return await (await connection.execute(LAST_RUN, (identity.tenant_id,))).fetchone()


async def list_runs(
    database: Database, identity: Identity, limit: int = 20
) -> list[dict[str, Any]]:
    """The last runs."""
    async with database.transaction(identity) as connection:
        return await (await connection.execute(LIST_RUNS, (identity.tenant_id, limit))).fetchall()


async def find_filters(database: Database, identity: Identity) -> dict[str, Any] | None:
    """The firm's filters, None where it has set none."""
    async with database.transaction(identity) as connection:
        return await (await connection.execute(GET_FILTERS, (identity.tenant_id,))).fetchone()


async def set_filters(
    database: Database, identity: Identity, filters: Mapping[str, Sequence[str]]
) -> None:
    """Replace the firm's filters."""
    values = {**{name: list(value) for name, value in filters.items()},
              "tenant": identity.tenant_id, "user": identity.user_id}  # fmt: skip
    async with database.transaction(identity, WRITER) as connection:
        await connection.execute(SET_FILTERS, values)


async def request_scoring(database: Database, identity: Identity, item: UUID) -> None:
    """Ask that the tender file be scored when it arrives. Raises NotFound."""
    await get_item(database, identity, item)
    async with database.transaction(identity) as connection:
        await connection.execute(REQUEST, (identity.tenant_id, item, identity.user_id))


async def list_requests(database: Database, identity: Identity) -> list[dict[str, Any]]:
    """The items whose file is awaited, with the ids it may bear."""
    async with database.transaction(identity) as connection:
        return await (await connection.execute(LIST_REQUESTS, (identity.tenant_id,))).fetchall()


async def mark_arrived(database: Database, identity: Identity, item: UUID, sha256: str) -> None:
    """Note that the awaited file is there."""
    async with database.transaction(identity, WRITER) as connection:
        await connection.execute(MARK_ARRIVED, (sha256, identity.tenant_id, item))


def _escape(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
