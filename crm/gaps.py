"""Questions that the knowledge base did not answer: counted, owned, settled."""

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
from crm.articles import ArticleStatus
from crm.proposals.store import Status

GapStatus = Literal["open", "drafted", "closed", "dismissed"]
UNKNOWN_GAP = "Cette question sans réponse n’existe pas, ou vous ne pouvez pas la voir."
NOT_KEEPER = (
    "Votre rôle permet de lire ces questions. La qualité ou la direction les attribue et les règle."
)
UNKNOWN_OWNER = "Ce responsable n’est pas un utilisateur du cabinet."

RECORD = "SELECT record_gap(%s, %s, %s, %s, %s)"
COLUMNS = """
SELECT g.id, g.question, g.missing, g.nearest, g.asked_by, a.full_name AS asked_by_name,
    g.first_asked_at, g.last_asked_at, g.repeats, g.owner_id, o.full_name AS owner_name, g.status,
    g.proposal_id, last.status AS proposal_status, k.id AS article_id,
    k.status AS article_status
FROM knowledge_gaps g
JOIN users a ON a.tenant_id = g.tenant_id AND a.id = g.asked_by
LEFT JOIN users o ON o.tenant_id = g.tenant_id AND o.id = g.owner_id
LEFT JOIN LATERAL (
    WITH RECURSIVE corrected AS (
        SELECT p.status, p.record_id, p.successor_id FROM proposals p
        WHERE p.tenant_id = g.tenant_id AND p.id = g.proposal_id
        UNION ALL
        SELECT p.status, p.record_id, p.successor_id FROM proposals p
        JOIN corrected c ON p.tenant_id = g.tenant_id AND p.id = c.successor_id
    )
    SELECT status, record_id FROM corrected WHERE successor_id IS NULL LIMIT 1
) last ON true
LEFT JOIN kb_articles k ON k.tenant_id = g.tenant_id AND k.id = last.record_id
WHERE g.tenant_id = %(tenant)s
"""
LIST = f"""{COLUMNS} AND (%(status)s::text IS NULL OR g.status = %(status)s)
    AND (NOT %(waiting)s OR g.status IN ('open', 'drafted'))
ORDER BY g.repeats DESC, g.last_asked_at DESC, g.id LIMIT %(limit)s
"""
GET = f"{COLUMNS} AND g.id = %(id)s"
HAS_USER = "SELECT 1 FROM users WHERE tenant_id = %s AND id = %s"
UPDATE = """
UPDATE knowledge_gaps SET status = coalesce(%(status)s, status),
    owner_id = coalesce(%(owner)s, owner_id), proposal_id = coalesce(%(proposal)s, proposal_id)
WHERE tenant_id = %(tenant)s AND id = %(id)s
"""


@dataclass(frozen=True)
class Gap:
    """A question without answer; `nearest` are titles of documents that came close.

    `proposal_status` is that of the article's proposal, as last corrected, for who may see it;
    the article is there once it is carried out.
    """

    id: UUID
    question: str
    missing: Sequence[str]
    nearest: Sequence[str]
    asked_by: UUID
    asked_by_name: str
    first_asked_at: dt.datetime
    last_asked_at: dt.datetime
    repeats: int
    owner_id: UUID | None
    owner_name: str | None
    status: GapStatus
    proposal_id: UUID | None
    proposal_status: Status | None
    article_id: UUID | None
    article_status: ArticleStatus | None


async def record_gap(
    connection: Connection,
    question: str,
    terms: Sequence[str],
    missing: Sequence[str],
    nearest: Sequence[str],
) -> None:
    """Note a question, or count it once more where the same `terms` were asked before."""
    print_of = hashlib.sha256(" ".join(sorted(set(terms))).encode()).hexdigest()
    await connection.execute(RECORD, (uuid4(), print_of, question, list(missing), list(nearest)))


async def list_gaps(
    database: Database,
    identity: Identity,
    status: GapStatus | None = None,
    limit: int = 100,
    *,
    waiting: bool = False,
) -> list[Gap]:
    """The questions that `identity` may see, the most asked first; `waiting`: still to settle."""
    parameters = {"tenant": identity.tenant_id, "status": status, "limit": limit,
                  "waiting": waiting}  # fmt: skip
    async with database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST, parameters)).fetchall()
    return [Gap(**row) for row in rows]


async def get_gap(database: Database, identity: Identity, gap_id: UUID) -> Gap:
    """One question; raises NotFound."""
    async with database.transaction(identity) as connection:
        cursor = await connection.execute(GET, {"tenant": identity.tenant_id, "id": gap_id})
        row = await cursor.fetchone()
    if row is None:
        raise NotFound(UNKNOWN_GAP)
    return Gap(**row)


async def update_gap(
    database: Database,
    identity: Identity,
    gap_id: UUID,
    *,
    status: GapStatus | None = None,
    owner_id: UUID | None = None,
    proposal_id: UUID | None = None,
) -> Gap:
    """Change what is given; raises NotAllowed (not a keeper) and NotFound (gap or owner)."""
    if not identity.roles & KEEPERS:
        raise NotAllowed(NOT_KEEPER)
    await get_gap(database, identity, gap_id)
    parameters = {"tenant": identity.tenant_id, "id": gap_id, "status": status,
                  "owner": owner_id, "proposal": proposal_id}  # fmt: skip
    async with database.transaction(identity) as connection:
        if owner_id is not None:
            cursor = await connection.execute(HAS_USER, (identity.tenant_id, owner_id))
            if await cursor.fetchone() is None:
                raise NotFound(UNKNOWN_OWNER)
        await connection.execute(UPDATE, parameters)
    return await get_gap(database, identity, gap_id)
