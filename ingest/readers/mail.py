"""E-mails saved as EML: subject, correspondents, date and body."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from email.message import EmailMessage, MIMEPart
from email.utils import parsedate_to_datetime
from pathlib import Path

from ingest.readers.elements import clean_text
from ingest.readers.file_types import EMAIL, read_text
from ingest.readers.texts import html_blocks, plain_blocks
from knowledge.models import Block, ParsedDocument

NBSP = "\u00a0"
_LABELS = (("From", "De"), ("To", "À"), ("Cc", "Copie"))


def read_mail(path: Path) -> ParsedDocument:
    """Headers, then the plain body (else the HTML one), then the names of attachments."""
    message = _parse(path)
    subject = _header(message, "Subject")
    blocks = [Block("heading", subject, 1, level=1)] if subject else []
    blocks += [
        Block("list_item", f"{label}{NBSP}: {value}", 1)
        for name, label in _LABELS
        if (value := _header(message, name))
    ]
    sent = _sent_on(message)
    if sent:
        blocks.append(Block("list_item", f"Date{NBSP}: {sent}", 1))
    blocks += _body_blocks(message)
    names = [name for part in message.iter_attachments() if (name := part.get_filename())]
    blocks += [Block("list_item", f"Pièce jointe{NBSP}: {name}", 1) for name in names]
    return ParsedDocument(subject or None, EMAIL.media_type, 1, tuple(blocks))


def _parse(path: Path) -> EmailMessage:
    data = path.read_bytes()
    if b"\x00" in data[:200]:
        data = read_text(path).encode()
    return email.message_from_bytes(data, policy=email.policy.default)


def _header(message: EmailMessage, name: str) -> str:
    try:
        return clean_text(" ".join(str(message.get(name) or "").split()))
    except (ValueError, IndexError, AttributeError):
        return ""


def _sent_on(message: EmailMessage) -> str:
    try:
        sent = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError):
        return _header(message, "Date")
    return f"{sent:%d/%m/%Y} à {sent:%H} h {sent:%M}".replace(" h ", f"{NBSP}h{NBSP}")


def _body_blocks(message: EmailMessage) -> list[Block]:
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return []
    content = _content(part)
    if part.get_content_type() == "text/html":
        return [_demoted(block) for block in html_blocks(content)]
    return [_demoted(block) for block in plain_blocks(content)]


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, KeyError, UnicodeError):
        payload = part.get_payload(decode=True)
        return payload.decode("cp1252", "replace") if isinstance(payload, bytes) else str(payload)


def _demoted(block: Block) -> Block:
    return replace(block, level=block.level + 1) if block.kind == "heading" else block
