"""The register of contradictions between documents: written at ingestion, reviewed by people."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID, uuid4

from core.context import Identity
from core.database import Connection, Database
from core.errors import NotAllowed, NotFound
from core.roles import KEEPERS

ReviewStatus = Literal["proposed", "confirmed", "dismissed"]
ContradictionKind = Literal["date", "amount", "duration", "duty"]
UNKNOWN_CONTRADICTION = "Cette contradiction n’existe pas ou plus. Rafraîchissez la liste."
NOT_REVIEWER = "Votre rôle permet de lire ce registre. La qualité ou la direction le relit."

LIST = """
SELECT c.id, c.kind, ld.code AS left_code, coalesce(lv.title, ld.title) AS left_title,
    lv.label AS left_version, c.left_sentence, c.left_value, rd.code AS right_code,
    coalesce(rv.title, rd.title) AS right_title,
    rv.label AS right_version, c.right_sentence, c.right_value, c.score, c.status, c.found_at
FROM contradictions c
JOIN document_versions lv ON lv.tenant_id = c.tenant_id AND lv.id = c.left_version_id
JOIN documents ld ON ld.tenant_id = lv.tenant_id AND ld.id = lv.document_id
JOIN document_versions rv ON rv.tenant_id = c.tenant_id AND rv.id = c.right_version_id
JOIN documents rd ON rd.tenant_id = rv.tenant_id AND rd.id = rv.document_id
WHERE c.tenant_id = %(tenant)s AND (%(status)s::text IS NULL OR c.status = %(status)s)
    AND (%(id)s::uuid IS NULL OR c.id = %(id)s)
ORDER BY c.score DESC, c.found_at DESC, c.id LIMIT %(limit)s
"""
REVIEW = """
UPDATE contradictions SET status = %s, reviewed_by = %s, reviewed_at = now()
WHERE tenant_id = %s AND id = %s
"""
LIST_REVIEWED = """
SELECT left_version_id, left_sentence, right_version_id, right_sentence, status
FROM contradictions
WHERE tenant_id = %(tenant)s AND status <> 'proposed'
    AND left_version_id = ANY (%(versions)s) AND right_version_id = ANY (%(versions)s)
"""
INSERT = """
INSERT INTO contradictions (id, tenant_id, fingerprint, kind, left_version_id, left_sentence,
    left_value, right_version_id, right_sentence, right_value, score)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, fingerprint) DO NOTHING
"""
REMOVE_STALE = """
DELETE FROM contradictions
WHERE tenant_id = %s AND status = 'proposed' AND fingerprint <> ALL (%s)
"""


@dataclass(frozen=True)
class Contradiction:
    """Two sentences in force that disagree, with where each stands."""

    id: UUID
    kind: ContradictionKind
    left_code: str
    left_title: str
    left_version: str
    left_sentence: str
    left_value: str
    right_code: str
    right_title: str
    right_version: str
    right_sentence: str
    right_value: str
    score: float
    status: ReviewStatus
    found_at: dt.datetime


@dataclass(frozen=True)
class ReviewedPair:
    """Two sentences, each of a version, and what a person concluded of them."""

    left_version_id: UUID
    left_sentence: str
    right_version_id: UUID
    right_sentence: str
    status: ReviewStatus


@dataclass(frozen=True)
class FoundContradiction:
    """One to be kept; the left side is the one whose version and sentence come first."""

    kind: ContradictionKind
    left_version_id: UUID
    left_sentence: str
    left_value: str
    right_version_id: UUID
    right_sentence: str
    right_value: str
    score: float

    @property
    def fingerprint(self) -> str:
        """The same whenever the same sentences of the same versions are found again."""
        sides = (
            f"{self.left_version_id}\n{self.left_sentence}",
            f"{self.right_version_id}\n{self.right_sentence}",
        )
        return hashlib.sha256("\n".join((self.kind, *sorted(sides))).encode()).hexdigest()


async def save_contradictions(
    connection: Connection, tenant_id: UUID, found: Sequence[FoundContradiction]
) -> None:
    """Make the register say `found`: what was reviewed stays so, what is gone and was not, goes.

    Runs in the caller's transaction, which acts as `knowledge_writer` for the tenant.
    """
    prints = [one.fingerprint for one in found]
    await connection.execute(REMOVE_STALE, (tenant_id, prints))
    for one, key in zip(found, prints, strict=True):
        await connection.execute(
            INSERT,
            (uuid4(), tenant_id, key, one.kind, one.left_version_id, one.left_sentence,
             one.left_value, one.right_version_id, one.right_sentence, one.right_value, one.score),
        )  # fmt: skip


async def list_contradictions(
    database: Database, identity: Identity, status: ReviewStatus | None = None, limit: int = 1_000
) -> list[Contradiction]:
    """Those between documents that `identity` may read, the surest first."""
    return await _list(database, identity, status, None, limit)


async def list_reviewed(
    database: Database, identity: Identity, version_ids: Sequence[UUID]
) -> list[ReviewedPair]:
    """What people concluded of the sentences of some versions."""
    parameters = {"tenant": identity.tenant_id, "versions": list(version_ids)}
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_REVIEWED, parameters)).fetchall()
    return [ReviewedPair(**row) for row in rows]


async def review_contradiction(
    database: Database, identity: Identity, contradiction_id: UUID, status: ReviewStatus
) -> Contradiction:
    """Note what a person concludes. Raises NotAllowed and NotFound."""
    if not identity.roles & KEEPERS:
        raise NotAllowed(NOT_REVIEWER)
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(
            REVIEW, (status, identity.user_id, identity.tenant_id, contradiction_id)
        )
        if cursor.rowcount == 0:
            raise NotFound(UNKNOWN_CONTRADICTION)
    return (await _list(database, identity, None, contradiction_id, 1))[0]


async def _list(
    database: Database,
    identity: Identity,
    status: ReviewStatus | None,
    contradiction_id: UUID | None,
    limit: int,
) -> list[Contradiction]:
    parameters = {"tenant": identity.tenant_id, "status": status, "id": contradiction_id,
                  "limit": limit}  # fmt: skip
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST, parameters)).fetchall()
    return [Contradiction(**row) for row in rows]
