"""What triage found in each thread: one row, one entry per step, and the lists made of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from core.database import Connection

BEGIN = """
INSERT INTO mail_triage (tenant_id, thread_id, messages_key, mailbox, last_message_at)
VALUES (%(tenant)s, %(thread)s, %(key)s, %(mailbox)s, %(last)s)
ON CONFLICT (tenant_id, thread_id) DO UPDATE SET
    steps = CASE WHEN mail_triage.messages_key = excluded.messages_key AND NOT %(again)s
        THEN mail_triage.steps ELSE '{}' END,
    is_done = mail_triage.is_done AND mail_triage.messages_key = excluded.messages_key
        AND NOT %(again)s,
    messages_key = excluded.messages_key, mailbox = excluded.mailbox,
    last_message_at = excluded.last_message_at, updated_at = clock_timestamp()
RETURNING steps, is_done
"""
SAVE_STEPS = """
UPDATE mail_triage SET steps = steps || %(steps)s,
    account_id = coalesce(%(account_id)s, account_id), category = coalesce(%(category)s, category),
    urgency = coalesce(%(urgency)s, urgency),
    non_conformity = coalesce(%(non_conformity)s, non_conformity),
    severity = CASE WHEN %(non_conformity)s::text IS NULL THEN severity ELSE %(severity)s END,
    is_done = is_done OR %(is_done)s, updated_at = clock_timestamp()
WHERE tenant_id = %(tenant)s AND thread_id = %(thread)s AND messages_key = %(key)s
"""
ATTACH = """
UPDATE email_threads SET account_id = %s WHERE tenant_id = %s AND id = %s AND account_id IS NULL
"""
ATTACH_CONTACT = """
UPDATE emails SET contact_id = %s
WHERE tenant_id = %s AND thread_id = %s AND lower(from_address) = %s AND contact_id IS NULL
"""
LIST = """
SELECT r.thread_id, t.subject, r.account_id, a.name AS account, r.category, r.urgency,
    r.non_conformity, r.severity, r.last_message_at, d.state AS draft, r.is_done,
    r.steps #>> '{summarise,next_action}' AS next_action
FROM mail_triage r
JOIN email_threads t ON t.tenant_id = r.tenant_id AND t.id = r.thread_id
LEFT JOIN accounts a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
LEFT JOIN mail_drafts d ON d.tenant_id = r.tenant_id AND d.thread_id = r.thread_id
WHERE r.tenant_id = %(tenant)s AND r.last_message_at >= %(since)s
    AND (%(until)s::timestamptz IS NULL OR r.last_message_at < %(until)s)
    AND (%(categories)s::text[] IS NULL OR r.category = ANY(%(categories)s))
    AND (%(accounts)s::uuid[] IS NULL OR r.account_id = ANY(%(accounts)s))
    AND (%(urgency)s::int IS NULL OR r.urgency >= %(urgency)s)
    AND (NOT %(has_draft)s OR d.state IN ('ready', 'placed'))
    AND (NOT %(is_complaint)s OR r.category = 'non_conformite'
        OR r.non_conformity IN ('oui', 'incertain')
        OR coalesce((r.steps #>> '{detect,is_complaint}')::boolean, false))
ORDER BY r.urgency DESC NULLS LAST, r.last_message_at DESC, r.thread_id LIMIT %(limit)s
"""
LIST_NAMED = """
SELECT r.thread_id, t.subject, r.account_id, a.name AS account, r.last_message_at,
    d.state AS draft, array(
        SELECT DISTINCT lower(e.from_address) FROM emails e
        WHERE e.tenant_id = r.tenant_id AND e.thread_id = r.thread_id) AS senders, array(
        SELECT DISTINCT e.contact_id FROM emails e
        WHERE e.tenant_id = r.tenant_id AND e.thread_id = r.thread_id
            AND e.contact_id IS NOT NULL) AS contacts
FROM mail_triage r
JOIN email_threads t ON t.tenant_id = r.tenant_id AND t.id = r.thread_id
LEFT JOIN accounts a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
LEFT JOIN mail_drafts d ON d.tenant_id = r.tenant_id AND d.thread_id = r.thread_id
WHERE r.tenant_id = %s ORDER BY r.last_message_at DESC, r.thread_id LIMIT %s
"""
GET = """
SELECT r.*, t.subject, a.name AS account FROM mail_triage r
JOIN email_threads t ON t.tenant_id = r.tenant_id AND t.id = r.thread_id
LEFT JOIN accounts a ON a.tenant_id = r.tenant_id AND a.id = r.account_id
WHERE r.tenant_id = %s AND r.thread_id = %s
"""
FIND_BY_MESSAGE = """
WITH held AS (
    SELECT thread_id FROM emails
    WHERE tenant_id = %(tenant)s AND internet_message_id = ANY(%(names)s)
    UNION
    SELECT e.thread_id FROM mail_messages m
    JOIN emails e ON e.tenant_id = m.tenant_id AND e.id = m.email_id
    WHERE m.tenant_id = %(tenant)s AND m.reference_ids && %(references)s
)
SELECT r.thread_id, r.is_done FROM mail_triage r JOIN held USING (thread_id)
WHERE r.tenant_id = %(tenant)s ORDER BY r.last_message_at DESC LIMIT 1
"""
FEEDBACK = """
INSERT INTO mail_feedback (tenant_id, thread_id, user_id, value, comment)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, thread_id, user_id) DO UPDATE
SET value = excluded.value, comment = excluded.comment, given_at = clock_timestamp()
"""


@dataclass(frozen=True)
class ThreadFilter:
    """Which threads are wanted; what is not given lets everything through.

    `until` is excluded; `is_complaint` keeps those where somebody complains of something.
    """

    until: dt.datetime | None = None
    categories: tuple[str, ...] = ()
    accounts: tuple[UUID, ...] = ()
    urgency: int | None = None
    has_draft: bool = False
    is_complaint: bool = False


COLUMNS = ("account_id", "category", "urgency", "non_conformity", "severity")


async def begin_triage(
    connection: Connection,
    tenant_id: UUID,
    thread_id: UUID,
    *,
    key: str,
    mailbox: str,
    last_message_at: dt.datetime,
    again: bool = False,
) -> tuple[dict[str, Any], bool]:
    """The results already there for this set of messages, and whether they are complete."""
    parameters = {"tenant": tenant_id, "thread": thread_id, "key": key, "mailbox": mailbox,
                  "last": last_message_at, "again": again}  # fmt: skip
    row = await (await connection.execute(BEGIN, parameters)).fetchone()
    return (row["steps"], row["is_done"]) if row else ({}, False)


async def save_steps(
    connection: Connection,
    tenant_id: UUID,
    thread_id: UUID,
    key: str,
    results: Mapping[str, Any],
    *,
    columns: Mapping[str, Any] | None = None,
    is_done: bool = False,
) -> bool:
    """Keep the results of steps; False when the thread has changed since it was read."""
    values = dict.fromkeys(COLUMNS) | dict(columns or {})
    parameters = {"tenant": tenant_id, "thread": thread_id, "key": key, "is_done": is_done,
                  "steps": Jsonb(dict(results)), **values}  # fmt: skip
    return (await connection.execute(SAVE_STEPS, parameters)).rowcount > 0


async def attach_thread(
    connection: Connection, tenant_id: UUID, thread_id: UUID, account_id: UUID
) -> None:
    """Attach the thread to its client, where none was."""
    await connection.execute(ATTACH, (account_id, tenant_id, thread_id))


async def attach_sender(
    connection: Connection, tenant_id: UUID, thread_id: UUID, contact_id: UUID, email: str
) -> None:
    """Attach the messages of a sender to their contact, where none was."""
    await connection.execute(ATTACH_CONTACT, (contact_id, tenant_id, thread_id, email.lower()))


async def list_triaged(
    connection: Connection,
    tenant_id: UUID,
    since: dt.datetime,
    limit: int,
    wanted: ThreadFilter | None = None,
) -> list[dict[str, Any]]:
    """Threads with news since `since` that `wanted` lets through, the urgent ones first."""
    chosen = wanted or ThreadFilter()
    values: dict[str, Any] = {
        **asdict(chosen), "tenant": tenant_id, "since": since, "limit": limit,
        "categories": list(chosen.categories) or None, "accounts": list(chosen.accounts) or None,
    }  # fmt: skip
    return await (await connection.execute(LIST, values)).fetchall()


async def list_named_threads(
    connection: Connection, tenant_id: UUID, limit: int
) -> list[dict[str, Any]]:
    """Threads with what one calls them by (subject, client, senders), the latest first."""
    return await (await connection.execute(LIST_NAMED, (tenant_id, limit))).fetchall()


async def find_triage(
    connection: Connection, tenant_id: UUID, thread_id: UUID
) -> dict[str, Any] | None:
    """All that triage found in a thread."""
    return await (await connection.execute(GET, (tenant_id, thread_id))).fetchone()


async def find_triaged_thread(
    connection: Connection, tenant_id: UUID, internet_message_id: str, reference: str
) -> dict[str, Any] | None:
    """The thread that holds a message, with or without its angle brackets, or a reference."""
    bare = internet_message_id.strip().strip("<>")
    names = [bare, f"<{bare}>"] if bare else []
    values = {"tenant": tenant_id, "names": names, "references": [reference] if reference else []}
    return await (await connection.execute(FIND_BY_MESSAGE, values)).fetchone()


async def save_feedback(
    connection: Connection,
    tenant_id: UUID,
    thread_id: UUID,
    user_id: UUID,
    value: int,
    comment: str | None,
) -> None:
    """Keep what a person thinks of a triage; the latest opinion counts."""
    await connection.execute(FEEDBACK, (tenant_id, thread_id, user_id, value, comment))
