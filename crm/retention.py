"""How long each kind of data is kept: what has outlived its period goes, day after day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from core.context import Identity
from core.database import Database
from core.settings import Settings

APPLY = "SELECT apply_retention(%s, %s) AS affected"
FORGET_WORDS = "SELECT forget_unused_words() AS affected"


def read_periods(settings: Settings) -> dict[str, int]:
    """Days by kind of data; a kind kept without limit (0) is left out."""
    periods = {
        "conversations": settings.retention_conversations_days,
        "proofs": settings.retention_proofs_days,
        "raw_mails": settings.retention_raw_mails_days,
        "set_aside": settings.retention_set_aside_days,
        "questions": settings.retention_questions_days,
        "removed_files": settings.retention_removed_files_days,
    }
    return {kind: days for kind, days in periods.items() if days}


async def apply_retention(
    database: Database, identity: Identity, periods: Mapping[str, int], now: dt.datetime
) -> dict[str, int]:
    """Remove what is older than its period; how many rows of each kind.

    The vectors of words that no document holds any more go as well.
    """
    removed: dict[str, int] = {}
    for kind, days in periods.items():
        async with database.transaction(identity, "knowledge_writer") as connection:
            cursor = await connection.execute(APPLY, (kind, now - dt.timedelta(days=days)))
            row = await cursor.fetchone()
        removed[kind] = row["affected"] if row else 0
    async with database.transaction(identity, "knowledge_writer") as connection:
        row = await (await connection.execute(FORGET_WORDS)).fetchone()
    return removed | {"words": row["affected"] if row else 0}
