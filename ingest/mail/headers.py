"""Headers of a mail, read whatever their state."""

from __future__ import annotations

import datetime as dt
import re
from email.message import Message
from email.utils import parsedate_to_datetime

from ingest.mail.charsets import decode_words

KEPT_HEADERS = frozenset(
    """
    auto-submitted precedence list-id list-unsubscribe list-post return-path x-autoreply
    x-autorespond x-auto-response-suppress x-mailer user-agent importance x-priority
    content-language x-failed-recipients thread-topic thread-index feedback-id x-mailgun-sid
    """.split()
)
MESSAGE_ID = re.compile(r"<[^<>\s]+>")
ISO_DATE = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)?(?:Z|[+-]\d{2}:?\d{2})?"
)


def raw_header(message: Message, name: str) -> str:
    """The first header of that name as it came, surrogates for its raw bytes; empty if absent."""
    wanted = name.lower()
    return next((str(v) for n, v in message.raw_items() if n.lower() == wanted), "")


def read_header(message: Message, name: str) -> str:
    """The text of a header; empty if absent."""
    return decode_words(raw_header(message, name))


def read_date(value: str) -> dt.datetime | None:
    """An RFC 5322 or ISO 8601 date, aware (UTC when it names no zone); None when unreadable."""
    value = value.strip()
    try:
        found = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        iso = ISO_DATE.search(value)
        try:
            found = dt.datetime.fromisoformat(iso.group()) if iso else None
        except ValueError:
            found = None
    if found is None or not 1970 <= found.year <= 2200:
        return None
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


def read_sent_date(message: Message) -> dt.datetime | None:
    """When the message says it was sent, else when the last server says it took it."""
    for name in ("date", "resent-date", "x-original-date"):
        if found := read_date(read_header(message, name)):
            return found
    for name, value in message.raw_items():
        if name.lower() == "received" and (
            found := read_date(decode_words(str(value)).rpartition(";")[2])
        ):
            return found
    return None


def read_ids(value: str) -> tuple[str, ...]:
    """The message ids of a header, in order, each once."""
    return tuple(dict.fromkeys(MESSAGE_ID.findall(value)))
