"""A run of the watch: read what was published, keep what is of the trade, once."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter

from core.context import Clock, Identity
from core.database import Database
from core.errors import VoltaireError
from core.formats import PARIS, format_date, format_instant, format_money, join_words
from core.words import fold
from crm.watch import (
    RunCounts,
    WatchNotice,
    find_filters,
    find_last_run,
    finish_run,
    list_stale,
    rescore,
    start_run,
    store_notice,
)
from ingest.clients.boamp import BoampClient, compose_where
from ingest.notices.boamp import read_boamp
from ingest.notices.errors import NoticeUnreadable
from ingest.notices.notice import Notice
from ingest.watch.filters import Match, WatchFilters, match_notice
from ingest.watch.prescore import PreScore, prescore
from ingest.watch.regions import list_departments

logger = logging.getLogger(__name__)
FIRST_LOOK_DAYS = 30
OVERLAP_DAYS = 2
"""Notices are sometimes published late in the day, or a day late: the last days are read again."""
KEPT_APART = ("correction", "cancellation", "award", "modification")
NOTICE = TypeAdapter(Notice)
SCORE = TypeAdapter(PreScore)
KINDS = {
    "correction": "Avis rectifié", "cancellation": "Consultation annulée",
    "award": "Marché attribué", "modification": "Marché modifié",
    "information": "Avis d’information",
}  # fmt: skip
ENERGIES = {"electricity": "électricité", "gas": "gaz", "both": "électricité et gaz"}


async def get_filters(database: Database, identity: Identity) -> WatchFilters:
    """The firm's filters, the trade's own where it has set none."""
    row = await find_filters(database, identity)
    if row is None:
        return WatchFilters()
    names = ("cpv_prefixes", "keywords", "excluded_words", "regions", "remote_regions")
    return WatchFilters(**{name: tuple(row[name]) for name in names})


async def watch(
    database: Database, identity: Identity, client: BoampClient, clock: Clock
) -> RunCounts:
    """Read the BOAMP since the last run; what was kept. A failure is told in the counts."""
    now = clock().astimezone(PARIS)
    filters = await get_filters(database, identity)
    since = await _find_since(database, identity, now.date())
    run = await start_run(database, identity, now, since)
    counts = RunCounts()
    try:
        records = client.list_records(_compose(filters, since))
        await _take_all(database, identity, records, filters, now, counts)
        await refresh_scores(database, identity, filters, now)
    except VoltaireError as error:
        counts.failure = error.message
        logger.warning("Veille interrompue : %s", error.message)
    await finish_run(database, identity, run, counts)
    return counts


async def take_notice(
    database: Database, identity: Identity, notice: Notice, filters: WatchFilters, now: dt.datetime
) -> str:
    """Keep one notice, wherever it came from: «added», «updated», «unchanged» or «set_aside»."""
    match = match_notice(notice, filters)
    if notice.id is None or (not match.is_kept and notice.kind not in KEPT_APART):
        return "set_aside"
    score = prescore(notice, match, filters, now)
    wanted = describe(notice, match, score, now)
    is_new = match.is_kept and notice.kind not in KEPT_APART
    stored = await store_notice(database, identity, wanted, is_relevant=is_new)
    return stored or "set_aside"


def describe(notice: Notice, match: Match, score: PreScore, now: dt.datetime) -> WatchNotice:
    """What is kept of a notice."""
    told = [lot.value for lot in notice.lots if lot.value is not None]
    value = notice.value if notice.value is not None else sum(told, Decimal(0)) if told else None
    energies = {lot.energy for lot in notice.lots if lot.energy}
    return WatchNotice(
        source=notice.source,
        notice_id=notice.id or "",
        kind=notice.kind,
        fingerprint=compute_fingerprint(notice),
        related=notice.refers_to,
        title=(notice.title or "Avis sans objet")[:500],
        url=notice.url,
        published_on=notice.published_on or now.date(),
        summary=summarise(notice, score),
        relevance=score.points,
        buyer=notice.buyer,
        departments=notice.departments,
        cpv_codes=notice.all_cpv,
        energy=None if not energies else energies.pop() if len(energies) == 1 else "both",
        deadline=notice.deadline.earliest if notice.deadline else None,
        value=value,
        notice=NOTICE.dump_python(notice, mode="json"),
        prescore=write_prescore(score, match, now),
    )


def write_prescore(score: PreScore, match: Match, now: dt.datetime) -> dict[str, Any]:
    """The pre-score as it is kept, with the day it holds for."""
    day = now.astimezone(PARIS).date().isoformat()
    return {**SCORE.dump_python(score, mode="json"), "match": asdict(match), "scored_on": day}


async def refresh_scores(
    database: Database, identity: Identity, filters: WatchFilters, now: dt.datetime
) -> int:
    """Score again what is still open: days go by, filters change. How many were scored."""
    stale = await list_stale(database, identity, now.astimezone(PARIS).date())
    for row in stale:
        notice = NOTICE.validate_python(row["notice"])
        match = match_notice(notice, filters)
        score = prescore(notice, match, filters, now)
        await rescore(database, identity, row, write_prescore(score, match, now))
    return len(stale)


def compute_fingerprint(notice: Notice) -> str:
    """What the same consultation has in common in the BOAMP and in TED: buyer and title."""
    words = fold(f"{notice.buyer or notice.id}|{notice.title or notice.id}")
    return hashlib.sha256(" ".join(words.split()).encode()).hexdigest()[:32]


def summarise(notice: Notice, score: PreScore) -> str:
    """One or two sentences: the kind of notice, buyer, energy, lots, deadline, value."""
    energies = sorted({ENERGIES[lot.energy] for lot in notice.lots if lot.energy})
    parts = [
        KINDS.get(notice.kind, ""),
        notice.buyer or "Acheteur non indiqué",
        join_words(energies) if energies else "",
        f"{len(notice.lots)} lots" if len(notice.lots) > 1 else "",
        format_money(notice.value) if notice.value is not None and notice.value > 1 else "",
    ]
    told = " · ".join(part for part in parts if part)
    moment = notice.deadline
    if moment is None:
        return f"{told}. Date limite non indiquée."
    when = format_instant(moment.instant) if moment.instant else format_date(moment.on)
    return f"{told}. Remise avant le {when}." + (f" {score.blocked}" if score.blocked else "")


async def _take_all(
    database: Database,
    identity: Identity,
    records: AsyncIterator[dict[str, Any]],
    filters: WatchFilters,
    now: dt.datetime,
    counts: RunCounts,
) -> None:
    """Oldest first, so that a correction finds the notice it corrects."""
    gathered = [record async for record in records]
    for record in reversed(gathered):
        counts.seen += 1
        try:
            notice = read_boamp(record)
        except NoticeUnreadable:
            counts.unreadable += 1
            notice = _without_form(record)
        outcome = await take_notice(database, identity, notice, filters, now)
        if outcome != "unchanged":
            setattr(counts, outcome, getattr(counts, outcome) + 1)


def _without_form(record: Mapping[str, Any]) -> Notice:
    """What the record says by itself when the form inside cannot be read."""
    notice = read_boamp({name: value for name, value in record.items() if name != "donnees"})
    return replace(notice, doubts=(*notice.doubts, "Le formulaire de l’avis n’a pas pu être lu."))


async def _find_since(database: Database, identity: Identity, today: dt.date) -> dt.date:
    last = await find_last_run(database, identity)
    if last is None:
        return today - dt.timedelta(days=FIRST_LOOK_DAYS)
    return last["started_at"].astimezone(PARIS).date() - dt.timedelta(days=OVERLAP_DAYS)


def _compose(filters: WatchFilters, since: dt.date) -> str:
    """Whole CPV codes are searched for; a prefix is checked once the notice is read."""
    codes = [prefix.ljust(8, "0") for prefix in filters.cpv_prefixes]
    departments = list_departments((*filters.regions, *filters.remote_regions))
    return compose_where(since, words=filters.keywords, codes=codes, departments=departments)
