"""Effects outside the database: leased, sent once, looked for before any repetition.

The executor hands each due effect to its `Effect`. An answer that never came is doubtful: the
other side is asked for the effect's key before anything is sent again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from core.database import EXECUTOR, Database
from core.errors import VoltaireError

logger = logging.getLogger(__name__)

LEASE_S = 120
LIMIT_S = 90.0
"""An attempt ends before its lease: no second executor makes the effect meanwhile."""
MAX_ATTEMPTS = 12
FIRST_WAIT_S = 5
LONGEST_WAIT_S = 3600
NO_ANSWER = "Aucune réponse sûre de l’autre système."
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
    """Take due effects of the kinds known here and make them; how many were handled.

    They are leased one at a time: none waits behind another while its lease runs out.
    """
    by_kind = {effect.kind: effect for effect in effects}
    handled = 0
    while handled < most and by_kind and await _send_one(database, by_kind):
        handled += 1
    return handled


async def _send_one(database: Database, by_kind: Mapping[str, Effect]) -> bool:
    async with database.transaction(None, EXECUTOR) as connection:
        cursor = await connection.execute(LEASE, (list(by_kind), 1, LEASE_S))
        row = await cursor.fetchone()
    if row is None:
        return False
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
    return True


async def attempt(effect: Effect, due: DueEffect, *, is_doubtful: bool) -> Outcome:
    """Make one effect, unless it proves to have been made before."""
    try:
        async with asyncio.timeout(LIMIT_S):
            if is_doubtful and (found := await _look(effect, due)):
                return found
            return Outcome("done", await effect.send(due))
    except EffectNotMade as error:
        return Outcome("due", None, str(error))
    except EffectRefused as error:
        return Outcome("failed", None, str(error))
    except Exception as error:
        return _doubt(due, error)


async def _look(effect: Effect, due: DueEffect) -> Outcome | None:
    """What a doubtful effect proves to be; None once it is sure that it was not made."""
    try:
        found = await effect.find_by_key(due)
    except (EffectRefused, asyncio.CancelledError):
        raise
    except Exception as error:
        return _doubt(due, error)
    return None if found is None else Outcome("done", found)


def _doubt(due: DueEffect, error: Exception) -> Outcome:
    logger.warning("Effet %s douteux (%s)", due.key, error)
    is_told = isinstance(error, VoltaireError | EffectNotMade)
    return Outcome("doubtful", None, str(error) if is_told else NO_ANSWER)
