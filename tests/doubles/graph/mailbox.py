"""The mailboxes behind the double: messages, their two kinds of id, folders, change log."""

from __future__ import annotations

import email
import email.policy
import itertools
from dataclasses import dataclass, field
from typing import Any

FOLDERS = ("inbox", "sentitems", "archive", "deleteditems", "drafts")


@dataclass
class Item:
    """A message. Its moving id changes with its folder, its immutable id never does."""

    immutable: str
    moving: str
    folder: str
    raw: bytes
    fields: dict[str, Any]
    extended: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Mailbox:
    """The messages of one user and the log that delta queries read."""

    user: str
    items: dict[str, Item] = field(default_factory=dict[str, Item])
    log: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])
    epoch: int = 0
    _count: Any = field(default_factory=lambda: itertools.count(1))

    def deliver(self, raw: bytes, folder: str = "inbox", conversation: str | None = None) -> Item:
        """A mail arrives."""
        parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
        return self.add(
            raw, folder,
            {
                "internetMessageId": parsed["message-id"],
                "subject": str(parsed["subject"] or ""),
                "conversationId": conversation or f"conv-{next(self._count)}",
                "isDraft": False, "categories": [],
                "from": {"emailAddress": {"address": str(parsed["from"])}},
                "body": {"contentType": "text", "content": ""},
                "toRecipients": [], "ccRecipients": [],
            },
        )  # fmt: skip

    def add(self, raw: bytes, folder: str, fields: dict[str, Any]) -> Item:
        number = next(self._count)
        item = Item(f"IMM{number:05}", f"MOV{number:05}-{folder}", folder, raw, fields)
        self.items[item.immutable] = item
        self.log.append((folder, "changed", item.immutable))
        return item

    def move(self, item: Item, folder: str) -> None:
        """To another folder: gone there, created here, with another moving id."""
        self.log.append((item.folder, "removed", item.immutable))
        item.folder, item.moving = folder, f"MOV{next(self._count):05}-{folder}"
        self.log.append((folder, "changed", item.immutable))

    def find(self, message_id: str) -> Item | None:
        """By either id; a moving id of the past finds nothing."""
        found = self.items.get(message_id)
        moving = (item for item in self.items.values() if item.moving == message_id)
        return found or next(moving, None)

    def expire_tokens(self) -> None:
        """Every delta token given so far becomes stale."""
        self.epoch += 1
