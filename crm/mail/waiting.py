"""What waits for a person: mails set aside, uncertain non-conformities, drafts of replies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from core.database import Connection

SET_ASIDE = """
INSERT INTO mail_poison (id, tenant_id, mailbox, name, step, message, content, thread_id)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, id) DO UPDATE SET attempts = mail_poison.attempts + 1, state = 'open',
    step = excluded.step, message = excluded.message, seen_at = clock_timestamp()
"""
LIST_POISON = """
SELECT id, mailbox, name, step, message, attempts, state, seen_at, thread_id,
    octet_length(content) AS size_bytes
FROM mail_poison WHERE tenant_id = %s AND state = 'open' ORDER BY seen_at DESC LIMIT %s
"""
FIND_POISON = "SELECT * FROM mail_poison WHERE tenant_id = %s AND id = %s AND state = 'open'"
REPLAYED = "UPDATE mail_poison SET state = 'replayed' WHERE tenant_id = %s AND id = %s"
OPEN_REVIEW = """
INSERT INTO mail_reviews (tenant_id, key, thread_id, due_on, reasons) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, key) DO UPDATE SET thread_id = excluded.thread_id,
    reasons = excluded.reasons WHERE mail_reviews.decision IS NULL
"""
CLOSE_REVIEWS = """
DELETE FROM mail_reviews
WHERE tenant_id = %s AND thread_id = %s AND decision IS NULL AND key IS DISTINCT FROM %s
"""
LIST_REVIEWS = """
SELECT v.key, v.thread_id, v.due_on, v.reasons, t.subject, a.name AS account
FROM mail_reviews v
JOIN email_threads t ON t.tenant_id = v.tenant_id AND t.id = v.thread_id
LEFT JOIN accounts a ON a.tenant_id = t.tenant_id AND a.id = t.account_id
WHERE v.tenant_id = %s AND v.decision IS NULL ORDER BY v.due_on, v.key
"""
FIND_REVIEW = """
SELECT thread_id FROM mail_reviews WHERE tenant_id = %s AND key = %s AND decision IS NULL
"""
DECIDE = """
UPDATE mail_reviews SET decision = %s, decided_by = %s, decided_at = clock_timestamp()
WHERE tenant_id = %s AND key = %s AND decision IS NULL RETURNING thread_id
"""
WRITE_DRAFT = """
INSERT INTO mail_drafts (tenant_id, thread_id, mailbox, in_reply_to, subject, body, to_addresses,
    cc_addresses) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (tenant_id, thread_id) DO UPDATE SET mailbox = excluded.mailbox,
    in_reply_to = excluded.in_reply_to, subject = excluded.subject, body = excluded.body,
    to_addresses = excluded.to_addresses, cc_addresses = excluded.cc_addresses, state = 'ready',
    updated_at = clock_timestamp()
WHERE mail_drafts.state NOT IN ('edited', 'approved')
    AND (mail_drafts.body, mail_drafts.in_reply_to)
        IS DISTINCT FROM (excluded.body, excluded.in_reply_to)
"""
WITHDRAW_DRAFT = """
DELETE FROM mail_drafts
WHERE tenant_id = %s AND thread_id = %s AND state = 'ready' AND outside_id IS NULL
"""
FIND_DRAFT = "SELECT * FROM mail_drafts WHERE tenant_id = %s AND thread_id = %s"
LIST_READY = """
SELECT d.*, m.outside_id AS answered_id FROM mail_drafts d
JOIN mail_messages m ON m.tenant_id = d.tenant_id AND m.mailbox = d.mailbox
    AND m.internet_message_id = d.in_reply_to
WHERE d.tenant_id = %s AND d.mailbox = %s AND d.state = 'ready' AND m.outside_id IS NOT NULL
ORDER BY d.updated_at LIMIT 100
"""
PLACE_DRAFT = """
UPDATE mail_drafts SET state = %(state)s, outside_id = %(outside)s, written_sha256 = %(sha256)s,
    placed_body = CASE WHEN %(state)s = 'placed' THEN body ELSE placed_body END
WHERE tenant_id = %(tenant)s AND thread_id = %(thread)s
"""


@dataclass(frozen=True)
class SetAside:
    """A mail, or a thread, that triage could not go through with; `step` is where it stopped."""

    id: UUID
    mailbox: str
    name: str
    step: str
    message: str
    content: bytes | None = None
    thread_id: UUID | None = None


async def set_aside(connection: Connection, tenant_id: UUID, poison: SetAside) -> None:
    """Keep what failed where a person sees it; the same failure again counts an attempt."""
    await connection.execute(
        SET_ASIDE,
        (poison.id, tenant_id, poison.mailbox, poison.name[:300], poison.step,
         poison.message[:2000], poison.content, poison.thread_id),
    )  # fmt: skip


async def list_poison(connection: Connection, tenant_id: UUID, limit: int) -> list[dict[str, Any]]:
    """What is set aside, the latest first."""
    return await (await connection.execute(LIST_POISON, (tenant_id, limit))).fetchall()


async def find_poison(
    connection: Connection, tenant_id: UUID, poison_id: UUID
) -> dict[str, Any] | None:
    """One thing set aside, with its bytes."""
    return await (await connection.execute(FIND_POISON, (tenant_id, poison_id))).fetchone()


async def mark_replayed(connection: Connection, tenant_id: UUID, poison_id: UUID) -> None:
    """Take it off the list."""
    await connection.execute(REPLAYED, (tenant_id, poison_id))


async def keep_review(
    connection: Connection,
    tenant_id: UUID,
    thread_id: UUID,
    key: str | None,
    due_on: dt.date | None,
    reasons: Sequence[str],
) -> None:
    """The one open review of a thread, or none when `key` is None; decided ones stay."""
    await connection.execute(CLOSE_REVIEWS, (tenant_id, thread_id, key))
    if key is not None and due_on is not None:
        await connection.execute(OPEN_REVIEW, (tenant_id, key, thread_id, due_on, list(reasons)))


async def list_reviews(connection: Connection, tenant_id: UUID) -> list[dict[str, Any]]:
    """Uncertain non-conformities to decide, the most pressing first."""
    return await (await connection.execute(LIST_REVIEWS, (tenant_id,))).fetchall()


async def find_review(connection: Connection, tenant_id: UUID, key: str) -> UUID | None:
    """The thread of an open review."""
    row = await (await connection.execute(FIND_REVIEW, (tenant_id, key))).fetchone()
    return row["thread_id"] if row else None


async def decide_review(
    connection: Connection, tenant_id: UUID, key: str, user_id: UUID, decision: str
) -> UUID | None:
    """The thread of the review now decided; None when it was not open."""
    cursor = await connection.execute(DECIDE, (decision, user_id, tenant_id, key))
    row = await cursor.fetchone()
    return row["thread_id"] if row else None


async def write_draft(
    connection: Connection,
    tenant_id: UUID,
    thread_id: UUID,
    *,
    mailbox: str,
    in_reply_to: str,
    subject: str,
    body: str,
    to: Sequence[str],
    cc: Sequence[str],
) -> None:
    """The thread's only draft; one that a person edited or approved stays as it is."""
    await connection.execute(
        WRITE_DRAFT,
        (tenant_id, thread_id, mailbox, in_reply_to, subject, body, list(to), list(cc)),
    )


async def withdraw_draft(connection: Connection, tenant_id: UUID, thread_id: UUID) -> None:
    """Drop a draft that no mailbox holds yet: no reply is due any more."""
    await connection.execute(WITHDRAW_DRAFT, (tenant_id, thread_id))


async def find_draft(
    connection: Connection, tenant_id: UUID, thread_id: UUID
) -> dict[str, Any] | None:
    """The thread's draft."""
    return await (await connection.execute(FIND_DRAFT, (tenant_id, thread_id))).fetchone()


async def list_ready_drafts(
    connection: Connection, tenant_id: UUID, mailbox: str
) -> list[dict[str, Any]]:
    """Drafts to place in a mailbox, with the outside id of the message they answer."""
    return await (await connection.execute(LIST_READY, (tenant_id, mailbox))).fetchall()


async def mark_placed(
    connection: Connection,
    tenant_id: UUID,
    thread_id: UUID,
    *,
    state: str,
    outside_id: str,
    written_sha256: str | None,
) -> None:
    """Note the draft the mailbox holds, and the body written there last."""
    parameters = {"state": state, "outside": outside_id, "sha256": written_sha256,
                  "tenant": tenant_id, "thread": thread_id}  # fmt: skip
    await connection.execute(PLACE_DRAFT, parameters)
