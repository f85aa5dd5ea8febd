"""Drafts that a person approved, where they go, and what people changed in drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from core.database import Connection

FIND_ANSWERED = """
SELECT e.thread_id, e.internet_message_id, coalesce(m.mailbox, '') AS mailbox, m.outside_id,
    coalesce(m.reference_ids, '{}') AS reference_ids, d.written_sha256,
    CASE WHEN d.mailbox = m.mailbox THEN d.outside_id END AS known_id
FROM emails e
LEFT JOIN mail_messages m ON m.tenant_id = e.tenant_id AND m.email_id = e.id
LEFT JOIN mail_drafts d ON d.tenant_id = e.tenant_id AND d.thread_id = e.thread_id
WHERE e.tenant_id = %s AND e.id = %s ORDER BY m.outside_id IS NULL, m.mailbox
"""
FIND_EMAIL = "SELECT id FROM emails WHERE tenant_id = %s AND internet_message_id = %s"
KEEP_APPROVED = """
INSERT INTO mail_drafts (tenant_id, thread_id, mailbox, in_reply_to, subject, body, to_addresses,
    cc_addresses, state, outside_id, written_sha256, placed_body)
VALUES (%(tenant)s, %(thread)s, %(mailbox)s, %(in_reply_to)s, %(subject)s, %(body)s, %(to)s,
    %(cc)s, 'approved', %(outside)s, %(sha256)s, %(body)s)
ON CONFLICT (tenant_id, thread_id) DO UPDATE SET mailbox = excluded.mailbox,
    in_reply_to = excluded.in_reply_to, subject = excluded.subject, body = excluded.body,
    to_addresses = excluded.to_addresses, cc_addresses = excluded.cc_addresses,
    state = excluded.state, outside_id = excluded.outside_id,
    written_sha256 = excluded.written_sha256, placed_body = excluded.placed_body,
    updated_at = clock_timestamp()
"""
FIND_PLACED = """
SELECT placed_body FROM mail_drafts
WHERE tenant_id = %s AND thread_id = %s AND in_reply_to = %s AND placed_body IS NOT NULL
"""
FINISH = """
UPDATE mail_drafts SET state = 'placed', outside_id = NULL
WHERE tenant_id = %s AND thread_id = %s AND in_reply_to = %s
    AND state IN ('placed', 'edited', 'approved')
"""
FIND_WAITING = """
SELECT id FROM proposals
WHERE tenant_id = %s AND starts_with(key, %s) AND key <> %s AND status = 'pending'
ORDER BY ordinal DESC LIMIT 1
"""
KEEP_EDIT = """
INSERT INTO mail_draft_edits (tenant_id, thread_id, drafted_sha256, user_id, place, distance,
    words, greeting, closing, language)
VALUES (%s, %s, %s, %s, %s, %s, %s, nullif(%s, ''), nullif(%s, ''), %s)
ON CONFLICT (tenant_id, thread_id, drafted_sha256, place) DO UPDATE SET
    user_id = excluded.user_id, distance = excluded.distance, words = excluded.words,
    greeting = excluded.greeting, closing = excluded.closing, language = excluded.language,
    edited_at = clock_timestamp()
"""
LIST_FORMS = """
SELECT coalesce(greeting, '') AS greeting, coalesce(closing, '') AS closing FROM mail_draft_edits
WHERE tenant_id = %s AND user_id = %s AND language = %s
ORDER BY edited_at DESC LIMIT %s
"""
FORGET_FORMS = """
UPDATE mail_draft_edits SET greeting = NULL, closing = NULL, language = NULL
WHERE tenant_id = %s AND user_id = %s
"""
LIST_EDITS = """
SELECT place, distance, words, edited_at FROM mail_draft_edits
WHERE tenant_id = %s AND thread_id = %s ORDER BY edited_at
"""
SUM_UP = """
SELECT
    (SELECT count(*) FROM mail_feedback WHERE tenant_id = %(t)s AND value = 1) AS liked,
    (SELECT count(*) FROM mail_feedback WHERE tenant_id = %(t)s AND value = -1) AS disliked,
    count(*) AS drafts_used,
    count(*) FILTER (WHERE distance = 0) AS drafts_unchanged,
    coalesce(sum(distance), 0) AS words_changed,
    coalesce(sum(words), 0) AS words_used,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY distance::float / greatest(words, 1))
        AS median_share_changed
FROM mail_draft_edits WHERE tenant_id = %(t)s
"""
Place = Literal["voltaire", "mailbox"]


@dataclass(frozen=True)
class Edit:
    """What a person changed in the draft named `drafted_sha256`: words of `words`.

    `greeting` and `closing` are the forms of courtesy they used, without any name.
    """

    thread_id: UUID
    drafted_sha256: str
    place: Place
    distance: int
    words: int
    user_id: UUID | None = None
    greeting: str = ""
    closing: str = ""
    language: str = "fr"


async def list_answered(
    connection: Connection, tenant_id: UUID, email_id: UUID
) -> list[dict[str, Any]]:
    """The mailboxes that hold an e-mail, with its name there and the thread's draft in them."""
    return await (await connection.execute(FIND_ANSWERED, (tenant_id, email_id))).fetchall()


async def find_email_id(
    connection: Connection, tenant_id: UUID, internet_message_id: str
) -> UUID | None:
    """The e-mail of this message id."""
    cursor = await connection.execute(FIND_EMAIL, (tenant_id, internet_message_id))
    row = await cursor.fetchone()
    return row["id"] if row else None


async def keep_approved(
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
    outside_id: str,
    written_sha256: str,
) -> None:
    """Note the approved draft that a mailbox now holds: triage leaves it alone."""
    await connection.execute(
        KEEP_APPROVED,
        {"tenant": tenant_id, "thread": thread_id, "mailbox": mailbox, "in_reply_to": in_reply_to,
         "subject": subject, "body": body, "to": list(to), "cc": list(cc), "outside": outside_id,
         "sha256": written_sha256},
    )  # fmt: skip


async def find_placed_body(
    connection: Connection, tenant_id: UUID, thread_id: UUID, in_reply_to: str
) -> str | None:
    """The draft put into the mailbox as an answer to that message, as Voltaire wrote it."""
    cursor = await connection.execute(FIND_PLACED, (tenant_id, thread_id, in_reply_to))
    row = await cursor.fetchone()
    return row["placed_body"] if row else None


async def finish_draft(
    connection: Connection, tenant_id: UUID, thread_id: UUID, in_reply_to: str
) -> None:
    """Its owner has answered that message: the thread's next draft owes nothing to this one."""
    await connection.execute(FINISH, (tenant_id, thread_id, in_reply_to))


def name_reply(thread_id: UUID, content: str) -> str:
    """The key of the proposal of a thread's reply, by the digest of its content."""
    return f"mail-draft:{thread_id}:{content}"


async def find_waiting_reply(
    connection: Connection, tenant_id: UUID, thread_id: UUID, key: str
) -> UUID | None:
    """A proposal of reply that still waits for the thread, other than the one under `key`."""
    cursor = await connection.execute(FIND_WAITING, (tenant_id, name_reply(thread_id, ""), key))
    row = await cursor.fetchone()
    return row["id"] if row else None


async def keep_edit(connection: Connection, tenant_id: UUID, edit: Edit) -> None:
    """Keep how far a draft was from what a person used; the latest measure counts."""
    await connection.execute(
        KEEP_EDIT,
        (tenant_id, edit.thread_id, edit.drafted_sha256, edit.user_id, edit.place, edit.distance,
         edit.words, edit.greeting, edit.closing, edit.language),
    )  # fmt: skip


async def list_forms(
    connection: Connection, tenant_id: UUID, user_id: UUID, language: str, most: int
) -> list[dict[str, Any]]:
    """The forms of courtesy of what a person used last in a language, the newest first."""
    cursor = await connection.execute(LIST_FORMS, (tenant_id, user_id, language, most))
    return await cursor.fetchall()


async def forget_forms(connection: Connection, tenant_id: UUID, user_id: UUID) -> None:
    """Forget the forms of courtesy of a person; how much they changed stays."""
    await connection.execute(FORGET_FORMS, (tenant_id, user_id))


async def list_edits(
    connection: Connection, tenant_id: UUID, thread_id: UUID
) -> list[dict[str, Any]]:
    """What people changed in the drafts of a thread, in order."""
    return await (await connection.execute(LIST_EDITS, (tenant_id, thread_id))).fetchall()


async def sum_up_feedback(connection: Connection, tenant_id: UUID) -> dict[str, Any]:
    """Opinions of triages, and how much of the drafts people used they changed (in words)."""
    row = await (await connection.execute(SUM_UP, {"t": tenant_id})).fetchone()
    return row or {}
