"""Effects outside the database: leased, sent once, looked for before any repetition.

The executor hands each due effect to its `Effect`. An answer that never came is doubtful: the
other side is asked for the effect's key before anything is sent again.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from core.database import EXECUTOR, Database

logger = logging.getLogger(__name__)

LEASE_S = 120
MAX_ATTEMPTS = 12
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 3600
LEASE = "SELECT * FROM lease_effects(%s, %s, %s)"
SETTLE = "SELECT settle_effect(%s, %s, %s, %s, %s, %s) AS done"


class EffectNotMade(Exception):
    """Surely not done, and worth trying again later (refused for now, other side down)."""


class EffectRefused(Exception):
    """Surely not done, and never will be: the message says why, in French."""


@dataclass(frozen=True)
class DueEffect:
    """What has to be done: `payload` is the committed change, `key` its lasting name."""

    id: UUID
    tenant_id: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]


class Effect(Protocol):
    """A way to act outside. Whatever `send` raises but the two errors above is doubtful."""

    @property
    def kind(self) -> str:
        """The kind of effect it makes («mail_draft»)."""
        ...

    async def send(self, effect: DueEffect) -> str:
        """Make the effect under its key; the other side's id for it."""
        ...

    async def find_by_key(self, effect: DueEffect) -> str | None:
        """The other side's id of an effect already made under this key; None when there is none."""
        ...


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended."""

    state: str
    outside_id: str | None = None
    message: str | None = None


async def send_due(database: Database, effects: Sequence[Effect], most: int = 10) -> int:
    """Take due effects of the kinds known here and make them; how many were handled."""
    by_kind = {effect.kind: effect for effect in effects}
    if not by_kind:
        return 0
    async with database.transaction(None, EXECUTOR) as connection:
        cursor = await connection.execute(LEASE, (list(by_kind), most, LEASE_S))
        rows = await cursor.fetchall()
    for row in rows:
        due = DueEffect(row["id"], row["tenant_id"], row["kind"], row["key"], row["payload"])
        outcome = await attempt(by_kind[row["kind"]], due, is_doubtful=row["state"] == "doubtful")
        if outcome.state in ("due", "doubtful") and row["attempts"] >= MAX_ATTEMPTS:
            outcome = Outcome("failed", None, "À reprendre à la main : " + (outcome.message or ""))
        wait = min(FIRST_WAIT_S * 2 ** row["attempts"], LONGEST_WAIT_S)
        async with database.transaction(None, EXECUTOR) as connection:
            await connection.execute(
                SETTLE,
                (due.id, row["lease"], outcome.state, outcome.outside_id, outcome.message, wait),
            )
    return len(rows)


async def attempt(effect: Effect, due: DueEffect, *, is_doubtful: bool) -> Outcome:
    """Make one effect, unless it proves to have been made before."""
    try:
        if is_doubtful:
            found = await effect.find_by_key(due)
            if found is not None:
                return Outcome("done", found)
    except Exception as error:
        logger.warning("Effet %s : vérification impossible (%s)", due.key, error)
        return Outcome("doubtful", None, "L’autre système ne répond pas.")
    try:
        return Outcome("done", await effect.send(due))
    except EffectNotMade as error:
        return Outcome("due", None, str(error))
    except EffectRefused as error:
        return Outcome("failed", None, str(error))
    except Exception as error:
        logger.warning("Effet %s douteux (%s)", due.key, error)
        return Outcome("doubtful", None, "Aucune réponse sûre de l’autre système.")
