"""What a person has to do today: tasks due, deadlines of the week, tenders to decide."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from core.context import Context, Identity
from core.roles import KEEPERS

AHEAD_DAYS = 7
Kind = Literal["task", "contract_end", "contract_notice", "tender", "tender_decision"]
LIST_DUE = """
WITH mine AS (
    SELECT 'task' AS kind, t.title, '' AS reference, t.account_id, t.due_on AS day
    FROM tasks t
    WHERE t.tenant_id = %(tenant)s AND t.owner_id = %(user)s AND t.status = 'open'
      AND t.due_on <= %(until)s
    UNION ALL
    SELECT 'contract_end', c.supplier, c.reference, c.account_id, c.end_on
    FROM contracts c
    WHERE c.tenant_id = %(tenant)s AND (%(firm)s OR coalesce(c.owner_id, %(user)s) = %(user)s)
      AND c.status IN ('active', 'ending') AND c.end_on BETWEEN %(today)s AND %(until)s
    UNION ALL
    SELECT 'contract_notice', c.supplier, c.reference, c.account_id, c.notice_deadline_on
    FROM contracts c
    WHERE c.tenant_id = %(tenant)s AND (%(firm)s OR coalesce(c.owner_id, %(user)s) = %(user)s)
      AND c.status IN ('active', 'ending') AND c.notice_deadline_on BETWEEN %(today)s AND %(until)s
    UNION ALL
    SELECT CASE WHEN d.status = 'go' THEN 'tender' ELSE 'tender_decision' END,
           d.title, d.reference, d.account_id,
           (d.submission_deadline AT TIME ZONE 'Europe/Paris')::date
    FROM tenders d
    WHERE d.tenant_id = %(tenant)s AND (%(firm)s OR coalesce(d.owner_id, %(user)s) = %(user)s)
      AND d.status IN ('detected', 'qualifying', 'go')
      AND (d.submission_deadline AT TIME ZONE 'Europe/Paris')::date >= %(today)s
      AND (d.status <> 'go'
           OR (d.submission_deadline AT TIME ZONE 'Europe/Paris')::date <= %(until)s)
)
SELECT m.kind, m.title, m.reference, m.day, coalesce(a.name, '') AS account
FROM mine m
LEFT JOIN accounts a ON a.tenant_id = %(tenant)s AND a.id = m.account_id
ORDER BY m.day, m.kind, m.title LIMIT 200
"""


@dataclass(frozen=True)
class Due:
    """Something due on `day`; `reference` is the record's own, empty for a task."""

    kind: Kind
    title: str
    reference: str
    day: dt.date
    account: str


def sees_the_firm(identity: Identity) -> bool:
    """Those who sell have their own portfolio before them; the others, all that they may read."""
    return "sales" not in identity.roles or "director" in identity.roles


async def list_due(context: Context, today: dt.date) -> list[Due]:
    """What is due within the week, overdue tasks first, and every tender to decide.

    Tasks are the user's own; contracts and tenders are theirs or nobody's for those who sell.
    """
    identity = context.identity
    values = {
        "tenant": identity.tenant_id, "user": identity.user_id, "today": today,
        "until": today + dt.timedelta(days=AHEAD_DAYS), "firm": sees_the_firm(identity),
    }  # fmt: skip
    async with context.database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_DUE, values)).fetchall()
    return [Due(**row) for row in rows]


REVIEW_DAYS = 30
LIST_REVIEWS = """
SELECT d.code, coalesce(v.title, d.title) AS title, v.label, v.review_due_on,
    o.full_name AS owner_name
FROM document_versions v
JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
LEFT JOIN users o ON o.tenant_id = d.tenant_id AND o.id = d.owner_id
WHERE v.tenant_id = %(tenant)s AND v.status = 'in_force' AND v.review_due_on <= %(until)s
    AND coalesce(v.valid_to, 'infinity') >= %(today)s
    AND (d.owner_id = %(user)s OR (d.owner_id IS NULL AND %(keeps)s) OR %(all)s)
UNION ALL
SELECT '', a.title, a.document_version, a.review_due_on, o.full_name
FROM kb_articles a
LEFT JOIN users o ON o.tenant_id = a.tenant_id AND o.id = a.owner_id
WHERE a.tenant_id = %(tenant)s AND a.status = 'in_force' AND a.review_due_on <= %(until)s
    AND (a.owner_id = %(user)s OR (a.owner_id IS NULL AND %(keeps)s) OR %(all)s)
ORDER BY 4, 1, 2 LIMIT 200
"""
LIST_UNREAD = """
SELECT d.code, coalesce(v.title, d.title) AS title, v.label, v.valid_from
FROM document_versions v
JOIN documents d ON d.tenant_id = v.tenant_id AND d.id = v.document_id
WHERE v.tenant_id = %(tenant)s AND v.status = 'in_force'
    AND coalesce(v.valid_to, 'infinity') >= greatest(v.valid_from, %(today)s)
    AND ('all' = ANY (d.must_read) OR d.must_read && %(roles)s)
    AND NOT EXISTS (SELECT FROM document_readings r WHERE r.tenant_id = v.tenant_id
        AND r.version_id = v.id AND r.user_id = %(user)s AND r.sha256 = v.sha256)
ORDER BY d.code LIMIT 200
"""


@dataclass(frozen=True)
class Review:
    """A document whose review is due; `code` is empty for an article of the CRM."""

    code: str
    title: str
    label: str
    review_due_on: dt.date
    owner_name: str | None


@dataclass(frozen=True)
class Unread:
    """A version, in force or to come, that the user must read and has not."""

    code: str
    title: str
    label: str
    valid_from: dt.date | None


async def list_reviews_due(
    context: Context, today: dt.date, *, everyone: bool = False
) -> list[Review]:
    """Documents and articles to review within thirty days, overdue first.

    One's own, and those without owner for quality and direction; `everyone` takes all.
    """
    identity = context.identity
    values = {
        "tenant": identity.tenant_id, "user": identity.user_id, "today": today, "all": everyone,
        "until": today + dt.timedelta(days=REVIEW_DAYS),
        "keeps": bool(identity.roles & KEEPERS),
    }  # fmt: skip
    async with context.database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_REVIEWS, values)).fetchall()
    return [Review(**row) for row in rows]


async def list_unread(context: Context, today: dt.date) -> list[Unread]:
    """The versions, in force or to come, that the user must still acknowledge having read."""
    identity = context.identity
    values = {
        "tenant": identity.tenant_id, "user": identity.user_id, "today": today,
        "roles": sorted(identity.roles),
    }  # fmt: skip
    async with context.database.transaction(identity) as connection:
        rows = await (await connection.execute(LIST_UNREAD, values)).fetchall()
    return [Unread(**row) for row in rows]
