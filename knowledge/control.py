"""Documented information under control: which version holds, until when, who reads it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from core.database import Connection
from core.errors import NotFound
from core.roles import SUPERVISORS

Standing = Literal[
    "draft", "in_review", "scheduled", "in_force", "expired", "superseded", "withdrawn"
]
STANDINGS: dict[Standing, str] = {
    "draft": "brouillon",
    "in_review": "en relecture",
    "scheduled": "approuvée, à venir",
    "in_force": "en vigueur",
    "expired": "échue",
    "superseded": "remplacée",
    "withdrawn": "retirée",
}
UNKNOWN_VERSION = "Cette version de document n’existe pas ou ne vous est pas accessible."

# A version in force applies between its dates only. As of a day, what applied then.
LIST = """
SELECT v.id, v.document_id, d.code, coalesce(v.title, d.title) AS title, d.kind, d.standards,
    d.clause, v.label,
    CASE
        WHEN v.status = 'in_force' AND v.valid_from > %(day)s THEN 'scheduled'
        WHEN v.status = 'in_force' AND v.valid_to < %(day)s THEN 'expired'
        ELSE v.status
    END AS standing,
    v.valid_from, v.valid_to, v.text_changed_on, v.review_due_on, d.owner_id,
    o.full_name AS owner_name,
    d.access, d.must_read, v.source_path, v.sha256, v.page_count,
    approved.decided_at, approved.names AS approved_by,
    due.readers AS readers_due, due.done AS readers_done
FROM document_versions v
JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
LEFT JOIN users o ON o.tenant_id = d.tenant_id AND o.id = d.owner_id
LEFT JOIN LATERAL (
    SELECT string_agg(DISTINCT u.full_name, ', ') AS names, max(a.decided_at) AS decided_at
    FROM proposals p
    JOIN approvals a ON a.tenant_id = p.tenant_id AND a.proposal_id = p.id
    JOIN users u ON u.tenant_id = a.tenant_id AND u.id = a.approver_id
    WHERE p.tenant_id = v.tenant_id AND p.object = 'document_versions' AND p.record_id = v.id
        AND p.status = 'executed'
        AND p.canonical::jsonb #>> '{fields,status,after}' = 'in_force'
) approved ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS readers, count(*) FILTER (WHERE EXISTS (
        SELECT FROM document_readings r WHERE r.tenant_id = v.tenant_id AND r.version_id = v.id
            AND r.user_id = u.id AND r.sha256 = v.sha256)) AS done
    FROM users u
    WHERE u.tenant_id = v.tenant_id AND u.is_active
        AND (u.id = current_user_id() OR current_roles() && %(supervisors)s)
        AND ('all' = ANY (d.must_read) OR u.roles && d.must_read)
        AND ('all' = ANY (d.access) OR u.roles && d.access)
) due ON true
WHERE v.tenant_id = %(tenant)s
    AND (%(id)s::uuid IS NULL OR v.id = %(id)s)
    AND (%(code)s::text IS NULL OR upper(d.code) = upper(%(code)s))
    AND CASE
        WHEN %(in_history)s THEN (v.status = 'in_force'
                OR v.status IN ('superseded', 'withdrawn') AND v.valid_to IS NOT NULL)
            AND coalesce(v.valid_from, '-infinity') <= %(day)s
            AND coalesce(v.valid_to, 'infinity') >= %(day)s
        ELSE true
    END
ORDER BY d.code, v.valid_from DESC NULLS LAST, v.created_at DESC
"""
LIST_READERS = """
SELECT u.id AS user_id, u.full_name, u.roles, r.read_at
FROM document_versions v
JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
JOIN users u ON u.tenant_id = v.tenant_id
LEFT JOIN document_readings r ON r.tenant_id = v.tenant_id AND r.version_id = v.id
    AND r.user_id = u.id AND r.sha256 = v.sha256
WHERE v.tenant_id = %(tenant)s AND v.id = %(id)s
    AND (r.read_at IS NOT NULL OR (u.is_active
        AND ('all' = ANY (d.must_read) OR u.roles && d.must_read)
        AND ('all' = ANY (d.access) OR u.roles && d.access)))
ORDER BY r.read_at NULLS FIRST, u.full_name
"""
ACKNOWLEDGE = """
INSERT INTO document_readings (tenant_id, version_id, user_id, code, label, sha256)
SELECT v.tenant_id, v.id, %(user)s, d.code, v.label, v.sha256
FROM document_versions v JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
WHERE v.tenant_id = %(tenant)s AND v.id = %(id)s
ON CONFLICT DO NOTHING
"""
GET_READING = """
SELECT r.read_at FROM document_readings r
JOIN document_versions v ON v.tenant_id = r.tenant_id AND v.id = r.version_id
    AND v.sha256 = r.sha256
WHERE r.tenant_id = %(tenant)s AND r.version_id = %(id)s AND r.user_id = %(user)s
"""


@dataclass(frozen=True)
class ControlledVersion:
    """A version as an auditor looks at it, for the reader who asks.

    `text_changed_on` is the day its file last changed without its number, what it said before being
    lost; `approved_by` names who approved here that it comes into force, whatever became of it
    since; `readers_due` and `readers_done` count those who must have read this very text (a simple
    reader counts alone, since they see nobody else's reading).
    """

    id: UUID
    document_id: UUID
    code: str
    title: str
    kind: str
    standards: Sequence[str]
    clause: str | None
    label: str
    standing: Standing
    valid_from: dt.date | None
    valid_to: dt.date | None
    text_changed_on: dt.date | None
    review_due_on: dt.date | None
    owner_id: UUID | None
    owner_name: str | None
    access: Sequence[str]
    must_read: Sequence[str]
    source_path: str
    sha256: str
    page_count: int
    decided_at: dt.datetime | None
    approved_by: str | None
    readers_due: int
    readers_done: int


@dataclass(frozen=True)
class Reading:
    """Who must read a version, or has: `read_at` is None until they say so."""

    user_id: UUID
    full_name: str
    roles: Sequence[str]
    read_at: dt.datetime | None


async def list_controlled(
    connection: Connection,
    tenant_id: UUID,
    day: dt.date,
    *,
    in_history: bool = False,
    code: str | None = None,
) -> list[ControlledVersion]:
    """Every version the reader may see, as it stands on `day`, by code then newest first.

    `in_history` keeps only what applied on that day, whatever became of it since.
    """
    values = {
        "tenant": tenant_id, "day": day, "id": None, "code": code, "in_history": in_history,
        "supervisors": sorted(SUPERVISORS),
    }  # fmt: skip
    return [ControlledVersion(**row) async for row in await connection.execute(LIST, values)]


async def get_controlled(
    connection: Connection, tenant_id: UUID, version_id: UUID, day: dt.date
) -> ControlledVersion:
    """One version; raises NotFound."""
    values = {
        "tenant": tenant_id, "day": day, "id": version_id, "code": None, "in_history": False,
        "supervisors": sorted(SUPERVISORS),
    }  # fmt: skip
    row = await (await connection.execute(LIST, values)).fetchone()
    if row is None:
        raise NotFound(UNKNOWN_VERSION)
    return ControlledVersion(**row)


async def list_readings(connection: Connection, tenant_id: UUID, version_id: UUID) -> list[Reading]:
    """Who must read a version, those who have not first."""
    values = {"tenant": tenant_id, "id": version_id}
    return [Reading(**row) async for row in await connection.execute(LIST_READERS, values)]


async def acknowledge(
    connection: Connection, tenant_id: UUID, user_id: UUID, version_id: UUID
) -> dt.datetime:
    """Note that the user has read a version; the instant of the first time they said so.

    Raises NotFound when they may not see it.
    """
    values = {"tenant": tenant_id, "user": user_id, "id": version_id}
    await connection.execute(ACKNOWLEDGE, values)
    row = await (await connection.execute(GET_READING, values)).fetchone()
    if row is None:
        raise NotFound(UNKNOWN_VERSION)
    return row["read_at"]
