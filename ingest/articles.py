"""The firm's articles, read into the knowledge base once somebody has put them in force."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from core.context import Identity
from core.database import Database
from core.roles import KEEPERS
from crm.articles import ARTICLES, Article, list_articles, name_text
from crm.gaps import list_gaps, update_gap
from ingest.folder import Holding, ingest_source
from ingest.listing import Listing
from ingest.placing import LONGEST_CODE, LONGEST_LABEL
from ingest.register import Entry, Register
from ingest.report import IngestionReport
from ingest.storage import SourceFile
from knowledge.ingestion_runs import was_read

MOST_GAPS = 1_000


async def ingest_articles(
    database: Database, identity: Identity, *, today: dt.date, workers: int = 1
) -> IngestionReport | None:
    """Bring the knowledge base to the articles in force, or that were; None where none ever was.

    The questions that an article in force was written for are then settled.
    """
    async with database.transaction(identity) as connection:
        articles = await list_articles(
            connection, identity.tenant_id, ("in_force", "superseded", "withdrawn")
        )
    if not articles and not await was_read(database, identity, ARTICLES):
        return None
    with TemporaryDirectory() as folder:

        async def hold() -> Holding:
            return await asyncio.to_thread(_lay_out, Path(folder), articles)

        report = await ingest_source(database, identity, ARTICLES, hold, workers=workers)
    unread = {remark.path for remark in report.failures}
    read = [one for one in articles if name_text(one.id) not in unread]
    await _settle_gaps(database, identity, {one.id for one in read if one.applies(today)})
    return report


def _lay_out(folder: Path, articles: Sequence[Article]) -> Holding:
    files: list[SourceFile] = []
    entries: dict[str, Entry] = {}
    for one in articles:
        path, location = name_text(one.id), folder / f"{one.id}.txt"
        location.write_text(one.body, encoding="utf-8")
        files.append(SourceFile(ARTICLES, path, location, location.stat().st_size))
        entries[path] = _enter(one, path)
    return Holding(ARTICLES, Listing(tuple(files), {}), Register(entries))


def _enter(article: Article, path: str) -> Entry:
    """An article has no code: as with a file that has none, its title stands for it."""
    return Entry(
        file=path,
        code=article.title[:LONGEST_CODE],
        title=article.title,
        version=article.label[:LONGEST_LABEL],
        status=article.status,
        kind=article.kind,
        standards=(article.standard,) if article.standard else (),
        clause=article.clause,
        valid_from=article.valid_from,
        valid_to=article.valid_to,
        review_due_on=article.review_due_on,
        owner=article.owner,
    )


async def _settle_gaps(database: Database, identity: Identity, answering: set[UUID]) -> None:
    if not identity.roles & KEEPERS:
        return
    for gap in await list_gaps(database, identity, "drafted", MOST_GAPS):
        if gap.article_id in answering:
            await update_gap(database, identity, gap.id, status="closed")
