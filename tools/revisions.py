"""What a version of a document changes, for who may read both."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.context import Context
from core.errors import InvalidInput
from core.formats import NBSP, of
from knowledge.control import ControlledVersion
from knowledge.version_changes import SentenceChange, compare_versions
from tools.library import APPLIED, get_version, list_versions

WAITING = frozenset({"draft", "in_review", "scheduled"})


@dataclass(frozen=True)
class Revision:
    """Two versions of a document, and the sentences that differ, in reading order."""

    before: ControlledVersion
    after: ControlledVersion
    changes: Sequence[SentenceChange]


async def find_revision(context: Context, version_id: UUID, since: UUID | None = None) -> Revision:
    """What a version changes from another of its document, the one it follows by default.

    Raises NotFound for a version not to be seen, InvalidInput when there is nothing to compare.
    """
    after = await get_version(context, version_id)
    if since is None:
        before = find_previous(await list_versions(context, code=after.code), after)
    else:
        before = await get_version(context, since)
    if before is None:
        raise InvalidInput(
            f"Vous ne pouvez lire aucune version {of(after.code)} antérieure à la version "
            f"{after.label}{NBSP}: il n’y a rien à comparer."
        )
    if before.document_id != after.document_id or before.id == after.id:
        raise InvalidInput(f"Donnez deux versions différentes {of(after.code)} à comparer.")
    async with context.database.transaction(context.identity) as connection:
        changes = await compare_versions(connection, context.identity.tenant_id, before, after)
    return Revision(before, after, changes)


def find_previous(
    versions: Sequence[ControlledVersion], version: ControlledVersion
) -> ControlledVersion | None:
    """The version that `version` follows: for one that waits, the one in force first."""
    ordered = order_versions(versions)
    place = next((at for at, one in enumerate(ordered) if one.id == version.id), 0)
    earlier = [one for one in ordered[:place] if one.standing in APPLIED]
    held = [one for one in earlier if one.standing == "in_force"]
    return next(iter(held[-1:] or earlier[-1:]), None)


def order_versions(versions: Sequence[ControlledVersion]) -> list[ControlledVersion]:
    """Oldest first: what applied, what applies, what waits; then by date and label."""

    def rank(one: ControlledVersion) -> tuple[int, dt.date, list[int]]:
        stage = 2 if one.standing in WAITING else 1 if one.standing == "in_force" else 0
        label = [int(number) for number in re.findall(r"\d+", one.label)]
        return stage, one.valid_from or dt.date.min, label

    return sorted(versions, key=rank)


def count_changes(changes: Sequence[SentenceChange]) -> tuple[int, int, int]:
    """How many sentences are reworded, new, and removed."""
    new = sum(one.before is None for one in changes)
    removed = sum(one.after is None for one in changes)
    return len(changes) - new - removed, new, removed
