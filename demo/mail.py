"""E-mail threads with clients, their messages and attachments."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from demo.accounts import Client
from demo.book import Book, Row, make_id
from demo.content import load_content
from demo.slots import (
    Casting,
    cast_entries,
    fill_text,
    find_contract,
    find_point,
    first_contact,
    make_slots,
)

GAPS = (dt.timedelta(0), dt.timedelta(hours=3, minutes=17), dt.timedelta(hours=22, minutes=41))
"""Time from a thread's first message to each of its messages."""


@dataclass(frozen=True)
class Message:
    """One message of a thread, from the client (`in`) or to the client (`out`)."""

    rank: int
    direction: str
    body: str
    sent_at: dt.datetime


def write_threads(book: Book, clients: Sequence[Client], share: float) -> None:
    """Write the threads, and reusable ones for a `share` of further clients."""
    entries = load_content("threads")["threads"]
    for casting in cast_entries(book, clients, entries, "thread", share):
        if _is_tellable(book, casting):
            _write_thread(book, casting)


def _is_tellable(book: Book, casting: Casting) -> bool:
    if not casting.borrowed:
        return True
    energy = casting.entry["energy"]
    found = find_contract(book, casting.client, energy), find_point(book, casting.client, energy)
    return None not in found


def _write_thread(book: Book, casting: Casting) -> None:
    entry, client = casting.entry, casting.client
    owner_id = casting.person_id(book, "owner")
    slots = make_slots(book, client, entry["energy"], owner_id)
    subject = fill_text(entry["subject"], slots) or ""
    opened = book.at(book.day(-entry["age"]), 8 + entry["age"] % 4, 12)
    thread = book.add(
        "email_threads",
        casting.key,
        opened.date(),
        account_id=client.account["id"],
        subject=subject,
        last_message_at=opened + GAPS[len(entry["messages"]) - 1],
    )
    owner = next(p for p in book.people.values() if p["id"] == owner_id)
    emails = [
        _write_email(
            book,
            casting,
            thread,
            Message(rank, direction, fill_text(body, slots) or "", opened + GAPS[rank]),
            owner,
        )
        for rank, (direction, body) in enumerate(entry["messages"])
    ]
    for email, name, media_type in entry.get("attachments", ()):
        _write_attachment(book, emails[email], name, media_type)


def _write_email(book: Book, casting: Casting, thread: Row, message: Message, owner: Row) -> Row:
    contact = first_contact(book, casting.client)
    sender, recipient = (contact, owner) if message.direction == "in" else (owner, contact)
    key = f"{casting.key}/{message.rank}"
    message_id = make_id(book.tenant, "message", key)
    return book.add(
        "emails",
        key,
        message.sent_at.date(),
        thread_id=thread["id"],
        contact_id=contact["id"],
        internet_message_id=f"<{message_id.hex}@{sender['email'].split('@')[1]}>",
        direction=message.direction,
        from_address=sender["email"],
        to_addresses=[recipient["email"]],
        sent_at=message.sent_at,
        subject=f"RE: {thread['subject']}" if message.rank else thread["subject"],
        body_text=message.body,
    )


def _write_attachment(book: Book, email: Row, name: str, media_type: str) -> None:
    digest = hashlib.sha256(f"{email['id']}/{name}".encode()).hexdigest()
    book.add(
        "attachments",
        f"{email['id']}/{name}",
        email["sent_at"].date(),
        email_id=email["id"],
        file_name=name,
        media_type=media_type,
        size_bytes=20_000 + int(digest[:4], 16) * 9,
        sha256=digest,
    )
