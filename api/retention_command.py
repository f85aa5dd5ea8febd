"""The command `voltaire retention`: what has outlived its period, removed at once if asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import partial

from api.offline import run_here
from core.context import Identity
from core.errors import NotAllowed
from core.formats import NBSP, count_noun
from core.roles import SUPERVISORS
from core.settings import Settings
from crm.installation import Installation
from crm.retention import RETAINED, apply_retention, preview_retention, read_periods

WORDS = "mot qu’aucun document ne contient plus", "mots qu’aucun document ne contient plus"
NOT_KEEPER = (
    "Les durées de conservation sont réservées à la qualité, à la direction et à l’administration. "
    "Demandez-le à l’une d’elles."
)
NOTHING = "Rien n’a dépassé sa durée de conservation."


def retention_here(settings: Settings, user: str | None, *, applies: bool) -> list[str]:
    """The lines that tell what would be removed, or was. Raises NotAllowed."""
    return run_here(settings, user, partial(_retain, applies=applies))


async def _retain(installation: Installation, identity: Identity, *, applies: bool) -> list[str]:
    if not identity.roles & SUPERVISORS:
        raise NotAllowed(NOT_KEEPER)
    periods = read_periods(installation.settings)
    act = apply_retention if applies else preview_retention
    counts = await act(installation.database, identity, periods, dt.datetime.now(dt.UTC))
    return tell_retention(counts, periods, applies=applies)


def tell_retention(
    counts: Mapping[str, int], periods: Mapping[str, int], *, applies: bool
) -> list[str]:
    """A line by kind of data to remove, with its period, then what happens next."""
    if not any(counts.values()):
        return [NOTHING]
    lines = [
        f"- {count_noun(count, *RETAINED.get(kind, WORDS))}{_tell_period(kind, periods)}"
        for kind, count in counts.items()
        if count
    ]
    if applies:
        return [f"Retiré de la base{NBSP}:", *lines]
    how = (
        f"Rien n’a été retiré. «{NBSP}voltaire retention --apply{NBSP}» le fait maintenant{NBSP}; "
        "sinon, le service le fera cette nuit."
    )
    return [f"À retirer de la base{NBSP}:", *lines, how]


def _tell_period(kind: str, periods: Mapping[str, int]) -> str:
    if kind not in periods:
        return ""
    return f" (au-delà de {count_noun(periods[kind], 'jour', 'jours')})"
