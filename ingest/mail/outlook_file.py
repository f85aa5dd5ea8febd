"""Mails saved by Outlook as `.msg` (MS-OXMSG)."""

from __future__ import annotations

import datetime as dt
import hashlib

from oxmsg import Message

from ingest.mail.addresses import read_addresses
from ingest.mail.errors import UnreadableMail
from ingest.mail.headers import KEPT_HEADERS, read_date, read_ids
from ingest.mail.message import MailAddress, MailAttachment, MailMessage
from ingest.mail.thread import UNDATED

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED_CLASS = "smime"


def read_outlook_file(raw: bytes) -> MailMessage:
    """The message of a `.msg` file. Raises UnreadableMail when it is damaged or encrypted."""
    try:
        found = Message.load(raw)
        if ENCRYPTED_CLASS in (found.message_class or "").lower():
            raise UnreadableMail(
                "Ce courriel Outlook est chiffré. Demandez à l’expéditeur un envoi en clair."
            )
        return _convert(found, raw)
    except UnreadableMail:
        raise
    except Exception as error:  # the library raises whatever the damage leads it to
        raise UnreadableMail(
            "Ce fichier Outlook (.msg) est endommagé. Réenregistrez le courriel depuis Outlook."
        ) from error


def _convert(found: Message, raw: bytes) -> MailMessage:
    headers = {name.lower(): str(value) for name, value in found.message_headers.items()}
    sent_at = read_date(headers.get("date", "")) or found.sent_date or UNDATED
    if sent_at.tzinfo is None:
        sent_at = sent_at.replace(tzinfo=dt.UTC)
    ids = read_ids(headers.get("message-id", ""))
    return MailMessage(
        internet_message_id=ids[0] if ids else f"<{hashlib.sha256(raw).hexdigest()}@voltaire>",
        subject=found.subject or "",
        sender=_first(read_addresses(headers.get("from", "") or found.sender or "")),
        sent_at=sent_at,
        to=_recipients(found, headers),
        cc=read_addresses(headers.get("cc", "")),
        reply_to=read_addresses(headers.get("reply-to", "")),
        in_reply_to=next(iter(read_ids(headers.get("in-reply-to", ""))), None),
        references=read_ids(headers.get("references", "")),
        text=_lines(found.body),
        html=_lines(found.html_body),
        attachments=tuple(
            MailAttachment(
                attachment.file_name or "piece-jointe",
                attachment.mime_type or "application/octet-stream",
                attachment.file_bytes or b"",
            )
            for attachment in found.attachments
            if attachment.attached_by_value
        ),
        headers={name: value for name, value in headers.items() if name in KEPT_HEADERS},
    )


def _recipients(found: Message, headers: dict[str, str]) -> tuple[MailAddress, ...]:
    named = read_addresses(headers.get("to", ""))
    if named:
        return named
    return tuple(
        MailAddress(recipient.email_address.lower(), recipient.name or "")
        for recipient in found.recipients
        if recipient.email_address
    )


def _first(addresses: tuple[MailAddress, ...]) -> MailAddress:
    return addresses[0] if addresses else MailAddress("")


def _lines(body: str | None) -> str | None:
    return body.replace("\r\n", "\n").replace("\r", "\n") if body else None
