"""A mail message as every source gives it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class MailAddress:
    """`email` is lower-case; `name` is empty when the header gives none."""

    email: str
    name: str = ""


@dataclass(frozen=True)
class MailAttachment:
    """A part that is no body; `content` is decoded."""

    file_name: str
    media_type: str
    content: bytes = field(repr=False)
    is_inline: bool = False


@dataclass(frozen=True)
class MailMessage:
    """A parsed message. `text` and `html` are the bodies as sent, decoded, line ends LF.

    `internet_message_id` is never empty: a message without one gets a name made of its SHA-256.
    `headers` holds, by lower-case name, those that classification needs (auto-submitted,
    precedence, list-id, return-path…). `sent_at` is aware.
    """

    internet_message_id: str
    subject: str
    sender: MailAddress
    sent_at: dt.datetime
    to: tuple[MailAddress, ...] = ()
    cc: tuple[MailAddress, ...] = ()
    reply_to: tuple[MailAddress, ...] = ()
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    conversation_id: str | None = None
    text: str | None = None
    html: str | None = None
    attachments: tuple[MailAttachment, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
