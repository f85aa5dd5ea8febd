"""How long each kind of data is kept: what has outlived its period goes, day after day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import suppress
from typing import LiteralString

from core.context import Identity
from core.database import Database
from core.settings import Settings

APPLY = "SELECT apply_retention(%s, %s) AS affected"
FORGET_WORDS = "SELECT forget_unused_words() AS affected"
# What each kind with a period is called: one, several.
RETAINED: Mapping[str, tuple[str, str]] = {
    "conversations": ("conversation", "conversations"),
    "proofs": ("preuve de réponse", "preuves de réponse"),
    "raw_mails": ("message brut", "messages bruts"),
    "set_aside": ("message mis de côté", "messages mis de côté"),
    "questions": ("question ou avis", "questions ou avis"),
    "removed_files": ("ligne de fichier retiré", "lignes de fichiers retirés"),
}


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


class _Rehearsed(Exception):
    """Ends the transaction of a preview without keeping anything."""


async def apply_retention(
    database: Database, identity: Identity, periods: Mapping[str, int], now: dt.datetime
) -> dict[str, int]:
    """Remove what is older than its period; how many rows of each kind.

    The vectors of words that no document holds any more go as well.
    """
    return await _run(database, identity, periods, now, is_kept=True)


async def preview_retention(
    database: Database, identity: Identity, periods: Mapping[str, int], now: dt.datetime
) -> dict[str, int]:
    """What `apply_retention` would remove: the same acts, each undone."""
    return await _run(database, identity, periods, now, is_kept=False)


async def _run(
    database: Database,
    identity: Identity,
    periods: Mapping[str, int],
    now: dt.datetime,
    *,
    is_kept: bool,
) -> dict[str, int]:
    acts: dict[str, tuple[LiteralString, tuple[object, ...]]] = {
        kind: (APPLY, (kind, now - dt.timedelta(days=days))) for kind, days in periods.items()
    }
    acts["words"] = FORGET_WORDS, ()
    removed: dict[str, int] = {}
    for kind, (statement, values) in acts.items():
        with suppress(_Rehearsed):
            async with database.transaction(identity, "knowledge_writer") as connection:
                row = await (await connection.execute(statement, values)).fetchone()
                removed[kind] = row["affected"] if row else 0
                if not is_kept:
                    raise _Rehearsed
    return removed
