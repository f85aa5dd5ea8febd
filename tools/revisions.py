"""What a version of a document changes, for who may read both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from core.context import Context
from core.errors import InvalidInput
from core.formats import NBSP
from knowledge.control import ControlledVersion
from knowledge.version_changes import SentenceChange, compare_versions
from tools.library import APPLIED, get_version, list_versions


@dataclass(frozen=True)
class Revision:
    """Two versions of a document, and the sentences that differ, in reading order."""

    before: ControlledVersion
    after: ControlledVersion
    changes: Sequence[SentenceChange]


async def find_revision(context: Context, version_id: UUID, since: UUID | None = None) -> Revision:
    """What a version changes from another of its document, the one before it by default.

    Raises NotFound for a version not to be seen, InvalidInput when there is nothing to compare.
    """
    after = await get_version(context, version_id)
    versions = await list_versions(context, code=after.code)
    if since is None:
        before = find_previous(versions, after)
    else:
        before = next((one for one in versions if one.id == since), None)
    if before is None:
        told = f"Aucune version de {after.code} avant la version {after.label}"
        raise InvalidInput(f"{told} que vous puissiez lire{NBSP}: il n’y a rien à comparer.")
    async with context.database.transaction(context.identity) as connection:
        changes = await compare_versions(
            connection, context.identity.tenant_id, before.id, after.id
        )
    return Revision(before, after, changes)


def find_previous(
    versions: Sequence[ControlledVersion], version: ControlledVersion
) -> ControlledVersion | None:
    """The version that `version` follows: the one in force for a draft, else the one before it.

    `versions` come newest first.
    """
    if version.standing not in APPLIED:
        held = next((one for one in versions if one.standing == "in_force"), None)
        if held is not None:
            return held
    places = [one.id for one in versions]
    later = versions[places.index(version.id) + 1 :] if version.id in places else ()
    return next((one for one in later if one.standing in APPLIED), None)


def count_changes(changes: Sequence[SentenceChange]) -> tuple[int, int, int]:
    """How many sentences are reworded, new, and removed."""
    new = sum(one.before is None for one in changes)
    removed = sum(one.after is None for one in changes)
    return len(changes) - new - removed, new, removed
