"""Messages as they came, stored once per mailbox, gathered into threads whatever their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID, uuid4

from core.database import Connection

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('mail' || %s::text, 8))"
FIND_STORED = """
SELECT m.id, m.outside_id, e.thread_id FROM mail_messages m
JOIN emails e ON e.tenant_id = m.tenant_id AND e.id = m.email_id
WHERE m.tenant_id = %s AND m.mailbox = %s AND m.internet_message_id = %s
"""
MOVE_STORED = "UPDATE mail_messages SET outside_id = %s WHERE tenant_id = %s AND id = %s"
FIND_EMAIL = """
SELECT id, thread_id FROM emails WHERE tenant_id = %s AND internet_message_id = %s
"""
RELATED = """
SELECT e.thread_id FROM emails e
WHERE e.tenant_id = %(tenant)s AND e.internet_message_id = ANY(%(named)s)
UNION
SELECT e.thread_id FROM mail_messages m
JOIN emails e ON e.tenant_id = m.tenant_id AND e.id = m.email_id
WHERE m.tenant_id = %(tenant)s AND m.reference_ids && %(all)s
"""
INSERT_THREAD = """
INSERT INTO email_threads (id, tenant_id, subject, last_message_at) VALUES (%s, %s, %s, %s)
"""
JOIN_THREADS = "UPDATE emails SET thread_id = %s WHERE tenant_id = %s AND thread_id = ANY(%s)"
DROP_THREADS = "DELETE FROM email_threads WHERE tenant_id = %s AND id = ANY(%s)"
INSERT_EMAIL = """
INSERT INTO emails (id, tenant_id, thread_id, internet_message_id, direction, from_address,
    to_addresses, sent_at, subject, body_text)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
INSERT_ATTACHMENT = """
INSERT INTO attachments (id, tenant_id, email_id, file_name, media_type, size_bytes, sha256)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""
INSERT_RAW = """
INSERT INTO mail_messages (id, tenant_id, mailbox, internet_message_id, outside_id, email_id,
    reference_ids, content) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""
REFRESH_THREAD = """
UPDATE email_threads t SET last_message_at = f.last, subject = f.subject
FROM (SELECT max(sent_at) AS last, (array_agg(subject ORDER BY sent_at, internet_message_id))[1]
        AS subject FROM emails WHERE tenant_id = %(tenant)s AND thread_id = %(thread)s) f
WHERE t.tenant_id = %(tenant)s AND t.id = %(thread)s
"""
LIST_THREAD = """
SELECT e.internet_message_id, e.from_address, e.to_addresses, e.sent_at, e.subject, e.body_text,
    m.content, m.mailbox
FROM emails e
LEFT JOIN LATERAL (SELECT content, mailbox FROM mail_messages m
    WHERE m.tenant_id = e.tenant_id AND m.email_id = e.id ORDER BY mailbox LIMIT 1) m ON true
WHERE e.tenant_id = %s AND e.thread_id = %s ORDER BY e.sent_at, e.internet_message_id
"""
OWN_DOMAINS = "SELECT DISTINCT split_part(email, '@', 2) AS domain FROM users WHERE tenant_id = %s"
UNTRIAGED = """
SELECT t.id FROM email_threads t
LEFT JOIN mail_triage r ON r.tenant_id = t.tenant_id AND r.thread_id = t.id
WHERE t.tenant_id = %s AND r.is_done IS NOT true
    AND EXISTS (SELECT FROM emails e WHERE e.tenant_id = t.tenant_id AND e.thread_id = t.id)
    AND NOT EXISTS (SELECT FROM mail_poison p
        WHERE p.tenant_id = t.tenant_id AND p.thread_id = t.id AND p.state = 'open')
ORDER BY t.last_message_at DESC NULLS LAST LIMIT %s
"""


@dataclass(frozen=True)
class AttachmentRow:
    """An attachment as it is listed; its bytes stay in the raw message."""

    file_name: str
    media_type: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class NewMessage:
    """A parsed message to store; `reference_ids` names the messages it answers, root first."""

    mailbox: str
    internet_message_id: str
    outside_id: str | None
    reference_ids: tuple[str, ...]
    direction: str
    from_address: str
    to_addresses: tuple[str, ...]
    sent_at: dt.datetime
    subject: str
    body_text: str
    content: bytes
    attachments: tuple[AttachmentRow, ...] = ()


@dataclass(frozen=True)
class Stored:
    """Where a message is. `is_new` is False when the mailbox held it already."""

    thread_id: UUID
    is_new: bool


async def store_message(connection: Connection, tenant_id: UUID, new: NewMessage) -> Stored:
    """Store `new` once, in the thread of the messages it names or that name it.

    Two threads that it shows to be one are joined, so that any order of arrival ends alike.
    """
    await connection.execute(LOCK, (tenant_id,))
    found = await _one(connection, FIND_STORED, tenant_id, new.mailbox, new.internet_message_id)
    if found is not None:
        if new.outside_id and found["outside_id"] != new.outside_id:
            await connection.execute(MOVE_STORED, (new.outside_id, tenant_id, found["id"]))
        return Stored(found["thread_id"], False)
    email = await _one(connection, FIND_EMAIL, tenant_id, new.internet_message_id)
    thread_id = await _gather(connection, tenant_id, new, email["thread_id"] if email else None)
    email_id = email["id"] if email else await _insert_email(connection, tenant_id, thread_id, new)
    await connection.execute(
        INSERT_RAW,
        (uuid4(), tenant_id, new.mailbox, new.internet_message_id, new.outside_id, email_id,
         list(new.reference_ids), new.content),
    )  # fmt: skip
    await connection.execute(REFRESH_THREAD, {"tenant": tenant_id, "thread": thread_id})
    return Stored(thread_id, True)


async def _gather(
    connection: Connection, tenant_id: UUID, new: NewMessage, own: UUID | None
) -> UUID:
    named = list(new.reference_ids)
    parameters = {"tenant": tenant_id, "named": named, "all": [*named, new.internet_message_id]}
    cursor = await connection.execute(RELATED, parameters)
    threads = {row["thread_id"] for row in await cursor.fetchall()} | ({own} if own else set())
    if not threads:
        thread_id = uuid4()
        await connection.execute(INSERT_THREAD, (thread_id, tenant_id, new.subject, new.sent_at))
        return thread_id
    kept, *others = sorted(threads, key=str)
    if others:
        await connection.execute(JOIN_THREADS, (kept, tenant_id, others))
        await connection.execute(DROP_THREADS, (tenant_id, others))
    return kept


async def _insert_email(
    connection: Connection, tenant_id: UUID, thread_id: UUID, new: NewMessage
) -> UUID:
    email_id = uuid4()
    await connection.execute(
        INSERT_EMAIL,
        (email_id, tenant_id, thread_id, new.internet_message_id, new.direction, new.from_address,
         list(new.to_addresses), new.sent_at, new.subject, new.body_text),
    )  # fmt: skip
    for file in new.attachments:
        await connection.execute(
            INSERT_ATTACHMENT,
            (uuid4(), tenant_id, email_id, file.file_name, file.media_type, file.size_bytes,
             file.sha256),
        )  # fmt: skip
    return email_id


async def list_thread(
    connection: Connection, tenant_id: UUID, thread_id: UUID
) -> Sequence[dict[str, Any]]:
    """The messages of a thread, oldest first; `content` is None where only the text is held."""
    return await (await connection.execute(LIST_THREAD, (tenant_id, thread_id))).fetchall()


async def list_own_domains(connection: Connection, tenant_id: UUID) -> frozenset[str]:
    """The mail domains of the firm's users."""
    cursor = await connection.execute(OWN_DOMAINS, (tenant_id,))
    return frozenset(row["domain"] for row in await cursor.fetchall())


async def list_untriaged(connection: Connection, tenant_id: UUID, limit: int) -> list[UUID]:
    """Threads whose triage is not done and that are not set aside, the latest first."""
    cursor = await connection.execute(UNTRIAGED, (tenant_id, limit))
    return [row["id"] for row in await cursor.fetchall()]


async def _one(connection: Connection, query: LiteralString, *values: Any) -> dict[str, Any] | None:
    return await (await connection.execute(query, values)).fetchone()
